#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// chat.js: sends what is typed, line by line, and shows what the other types
//
// usage: chat.js HOST[:PORT] [LOCAL-PORT]
//
// Start it on both machines, in any order; each names the other.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');
Gio._promisify(Gio.OutputStream.prototype, 'splice_async', 'splice_finish');

// What is typed goes out as it is. That was all from here when it ends; the
// other may go on.
async function send(connection) {
    await connection.get_output_stream().splice_async(Gio.UnixInputStream.new(0, false),
        Gio.OutputStreamSpliceFlags.CLOSE_TARGET, GLib.PRIORITY_DEFAULT, null);
}

async function show(connection) {
    const lines = new Gio.DataInputStream({base_stream: connection.get_input_stream()});

    for (;;) {
        const [line] = await lines.read_line_async(GLib.PRIORITY_DEFAULT, null);

        if (line === null)
            break;
        print(`> ${line}`);
    }
    print('the other has ended');
}

async function main(peer, localPort = 12345) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(localPort));
    const connection = await endpoint.connect_to_host_async(peer, 12345, null);

    print(`connected, Ctrl+D ends; compare: ${connection.dup_safety_number()}`);
    await Promise.all([send(connection), show(connection)]);
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

if (ARGV.length < 1) {
    printerr('usage: chat.js HOST[:PORT] [LOCAL-PORT]');
    System.exit(2);
}
await main(...ARGV);
