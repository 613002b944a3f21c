#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// hello.js: says hello every three seconds, and shows it on the other side
//
// usage: hello.js send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
//
// Start one to send and one to receive, in any order; each names the other.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');

function sleep(seconds) {
    return new Promise(resolve => {
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, seconds * 1000, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

async function send(connection, count, seconds) {
    const output = connection.get_output_stream();

    for (let sent = 0; count === 0 || sent < count; sent++) {
        const line = `hello ${(GLib.get_real_time() / 1e6).toFixed(3)}\n`;

        await output.write_bytes_async(new TextEncoder().encode(line),
            GLib.PRIORITY_DEFAULT, null);
        await sleep(seconds);
    }
}

async function receive(connection) {
    const input = new Gio.DataInputStream({base_stream: connection.get_input_stream()});

    for (;;) {
        const [line] = await input.read_line_async(GLib.PRIORITY_DEFAULT, null);

        if (line === null)
            return;
        print(line);
    }
}

async function main(mode, peer, localPort = 12345, count = 0, seconds = 3) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(localPort));
    const connection = await endpoint.connect_to_host_async(peer, 12345, null);

    print(connection);
    if (mode === 'send')
        await send(connection, Number(count), Number(seconds));
    else
        await receive(connection);
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
    print('closed');
}

if (ARGV.length < 2 || !['send', 'receive'].includes(ARGV[0])) {
    printerr('usage: hello.js send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]');
    System.exit(2);
}
await main(...ARGV);
