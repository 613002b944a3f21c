#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// file.js: sends a file, or receives it, and shows how far it is
//
// usage: file.js send|receive FILE HOST[:PORT] [LOCAL-PORT]
//
// Start one to send and one to receive, in any order; each names the other.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');
Gio._promisify(Gio.File.prototype, 'read_async', 'read_finish');
Gio._promisify(Gio.File.prototype, 'replace_async', 'replace_finish');
Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async', 'read_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'close_async', 'close_finish');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');

const CHUNK_BYTES = 65536;

// Tells of each tenth that is done.
class Progress {
    constructor(size) {
        this.size = size;
        this._tenths = 0;
    }

    show(done) {
        const tenths = this.size > 0 ? Math.floor(done * 10 / this.size) : 10;

        if (tenths > this._tenths) {
            this._tenths = tenths;
            print(`${tenths * 10} %`);
        }
    }
}

async function* chunks(input) {
    for (;;) {
        const bytes = await input.read_bytes_async(CHUNK_BYTES, GLib.PRIORITY_DEFAULT, null);

        if (bytes.get_size() === 0)
            return;
        yield bytes;
    }
}

async function writeAll(output, bytes) {
    for (let done = 0; done < bytes.get_size();) {
        const rest = bytes.new_from_bytes(done, bytes.get_size() - done);

        done += await output.write_bytes_async(rest, GLib.PRIORITY_DEFAULT, null);
    }
}

async function send(connection, path) {
    const input = await Gio.File.new_for_path(path).read_async(GLib.PRIORITY_DEFAULT, null);
    const progress = new Progress(input.query_info('standard::size', null).get_size());
    const output = connection.get_output_stream();
    let written = 0;

    await writeAll(output, new GLib.Bytes(new TextEncoder().encode(`${progress.size}\n`)));
    for await (const bytes of chunks(input)) {
        await writeAll(output, bytes);
        written += bytes.get_size();
        // Written is not arrived: count what the peer has acknowledged.
        progress.show(written - connection.dup_stats().get_unacknowledged_bytes());
    }
    await connection.wait_delivered_async(null);
    progress.show(progress.size);
}

async function receive(connection, path) {
    const input = new Gio.DataInputStream({base_stream: connection.get_input_stream()});
    const [line] = await input.read_line_async(GLib.PRIORITY_DEFAULT, null);
    const progress = new Progress(Number(line));
    const output = await Gio.File.new_for_path(path).replace_async(null, false,
        Gio.FileCreateFlags.NONE, GLib.PRIORITY_DEFAULT, null);
    let done = 0;

    for await (const bytes of chunks(input)) {
        await writeAll(output, bytes);
        done += bytes.get_size();
        progress.show(done);
    }
    await output.close_async(GLib.PRIORITY_DEFAULT, null);
    if (done !== progress.size)
        throw new Error(`${done} of ${progress.size} bytes arrived`);
    progress.show(done);
}

async function main(mode, path, peer, localPort = 12345) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(localPort));
    const connection = await endpoint.connect_to_host_async(peer, 12345, null);

    await (mode === 'send' ? send : receive)(connection, path);
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

if (ARGV.length < 3 || !['send', 'receive'].includes(ARGV[0])) {
    printerr('usage: file.js send|receive FILE HOST[:PORT] [LOCAL-PORT]');
    System.exit(2);
}
await main(...ARGV);
