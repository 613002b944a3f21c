#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// streams.js: sends several things at once, none of which waits for another
//
// usage: streams.js HOST[:PORT] LOCAL-PORT WORD…

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

Gio._promisify(Gio.OutputStream.prototype, 'splice_async', 'splice_finish');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');
Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');

async function write(stream, text) {
    await stream.get_output_stream().write_bytes_async(new TextEncoder().encode(text),
        GLib.PRIORITY_DEFAULT, null);
}

async function send(connection, words) {
    for (const word of words) {
        const stream = await connection.open_stream_async(null);

        await write(stream, word);
        await stream.close_async(GLib.PRIORITY_DEFAULT, null);
    }
    // The first stream tells how many others there are.
    await write(connection, `${words.length}\n`);
}

async function receive(connection) {
    const lines = new Gio.DataInputStream({base_stream: connection.get_input_stream()});
    const [line] = await lines.read_line_async(GLib.PRIORITY_DEFAULT, null);

    for (let left = Number(line); left > 0; left--) {
        const stream = await connection.accept_stream_async(null);
        const received = Gio.MemoryOutputStream.new_resizable();

        await received.splice_async(stream.get_input_stream(),
            Gio.OutputStreamSpliceFlags.CLOSE_TARGET, GLib.PRIORITY_DEFAULT, null);
        print(new TextDecoder().decode(received.steal_as_bytes().toArray()));
        await stream.close_async(GLib.PRIORITY_DEFAULT, null);
    }
}

async function main(peer, localPort, ...words) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(localPort));
    const connection = await endpoint.connect_to_host_async(peer, 12345, null);

    await Promise.all([send(connection, words), receive(connection)]);
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

if (ARGV.length < 3) {
    printerr('usage: streams.js HOST[:PORT] LOCAL-PORT WORD…');
    System.exit(2);
}
await main(...ARGV);
