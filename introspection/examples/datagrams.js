#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// datagrams.js: two sides tell each other the time, when it gets through
//
// usage: datagrams.js HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
//
// Datagrams may get lost; each is sent once a second and ends up here or not.

import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

const now = () => GLib.get_real_time() / 1e6;

function received(connection, datagram) {
    const data = datagram.toArray();
    const sent = Number(new TextDecoder().decode(data));

    print(`${data.length} bytes, ${((now() - sent) * 1000).toFixed(1)} ms on the way`);
}

function sleep(seconds) {
    return new Promise(resolve => {
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, seconds * 1000, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

async function send(connection, count, seconds) {
    for (let sent = 0; count === 0 || sent < count; sent++) {
        connection.send_datagram(new TextEncoder().encode(now().toFixed(6)));
        await sleep(seconds);
    }
}

async function main(peer, localPort = 12345, count = 0, seconds = 1) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(localPort));
    const connection = await endpoint.connect_to_host_async(peer, 12345, null);

    connection.connect('datagram-received', received);
    try {
        await send(connection, Number(count), Number(seconds));
    } catch (error) {
        print(error.message);
    }
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

if (ARGV.length < 1) {
    printerr('usage: datagrams.js HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]');
    System.exit(2);
}
await main(...ARGV);
