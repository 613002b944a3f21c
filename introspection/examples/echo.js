#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// echo.js: a server that sends back what it gets, and a client for it
//
// usage: echo.js serve [PORT [COUNT]]
//        echo.js call HOST[:PORT] TEXT…
//
// With a COUNT the server ends after so many connections.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

Gio._promisify(Gio.OutputStream.prototype, 'splice_async', 'splice_finish');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'close_async', 'close_finish');

// Until the other side has no more to say.
async function answer(connection) {
    await connection.get_output_stream().splice_async(connection.get_input_stream(),
        Gio.OutputStreamSpliceFlags.CLOSE_TARGET, GLib.PRIORITY_DEFAULT, null);
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

async function serve(port = 12345, count = Infinity) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(port));
    const answers = [];

    endpoint.accept_incoming = true;
    print('ready');
    for await (const connection of endpoint) {
        answers.push(answer(connection));
        if (answers.length >= Number(count))
            break;
    }
    await Promise.all(answers);
}

async function call(peer, ...words) {
    const endpoint = Srudp.Endpoint.new_for_port(0);
    const connection = await endpoint.connect_to_host_async(peer, 12345, null);
    const output = connection.get_output_stream();
    const answered = Gio.MemoryOutputStream.new_resizable();

    await output.write_bytes_async(new TextEncoder().encode(words.join(' ')),
        GLib.PRIORITY_DEFAULT, null);
    // That was all; the server sees the end, and the answer still comes.
    await output.close_async(GLib.PRIORITY_DEFAULT, null);
    await answered.splice_async(connection.get_input_stream(),
        Gio.OutputStreamSpliceFlags.CLOSE_TARGET, GLib.PRIORITY_DEFAULT, null);
    print(new TextDecoder().decode(answered.steal_as_bytes().toArray()));
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

const [mode, ...rest] = ARGV;

if (mode === 'serve') {
    await serve(...rest);
} else if (mode === 'call' && rest.length > 1) {
    await call(...rest);
} else {
    printerr('usage: echo.js serve [PORT [COUNT]] | call HOST[:PORT] TEXT…');
    System.exit(2);
}
