#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: MIT
//
// invite.js: prints an invitation, or follows one
//
// usage: invite.js make | follow INVITATION
//
// The line that it prints goes to the other side by mail or chat.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Srudp from 'gi://Srudp?version=1.0';
import System from 'system';

Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');
Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');

async function make() {
    const endpoint = Srudp.Endpoint.new_for_port(0);
    const invitation = await endpoint.create_invitation_async(null);

    print(invitation.to_string());
    const connection = await endpoint.accept_async(null);

    await connection.get_output_stream().write_bytes_async(
        new TextEncoder().encode('welcome\n'), GLib.PRIORITY_DEFAULT, null);
    print(connection.dup_safety_number());
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

async function follow(text) {
    // The invitation says who has to answer: nobody else gets through.
    const invitation = Srudp.Invitation.parse(text);
    const endpoint = Srudp.Endpoint.new_for_port(0);
    const connection = await endpoint.connect_to_async(invitation, null);
    const lines = new Gio.DataInputStream({base_stream: connection.get_input_stream()});
    const [line] = await lines.read_line_async(GLib.PRIORITY_DEFAULT, null);

    print(line);
    print(connection.dup_safety_number());
    await connection.close_async(GLib.PRIORITY_DEFAULT, null);
}

if (ARGV.length === 1 && ARGV[0] === 'make') {
    await make();
} else if (ARGV.length === 2 && ARGV[0] === 'follow') {
    await follow(ARGV[1]);
} else {
    printerr('usage: invite.js make | follow INVITATION');
    System.exit(2);
}
