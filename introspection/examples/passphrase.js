#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// passphrase.js: connects two people who have agreed on some words
//
// usage: passphrase.js HOST[:PORT] [LOCAL-PORT] <WORDS
//
// The words come from standard input, for others can read a command line.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

function readWords() {
    const input = Gio.UnixInputStream.new(0, false);
    const [line] = new Gio.DataInputStream({base_stream: input}).read_line_utf8(null);

    return line ?? '';
}

async function main(peer, localPort = 12345) {
    const endpoint = Srudp.Endpoint.new_for_port(Number(localPort));

    endpoint.set_passphrase(readWords());
    try {
        const connection = await endpoint.connect_to_host_async(peer, 12345, null);

        print('both know it');
        await connection.close_async(GLib.PRIORITY_DEFAULT, null);
    } catch (error) {
        if (!error.matches?.(Srudp.Error, Srudp.Error.PASSPHRASE))
            throw error;
        print('they differ');
    }
}

if (ARGV.length < 1) {
    printerr('usage: passphrase.js HOST[:PORT] [LOCAL-PORT] <WORDS');
    System.exit(2);
}
await main(...ARGV);
