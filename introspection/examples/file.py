#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# file.py: sends a file, or receives it, and shows how far it is
#
# usage: file.py send|receive FILE HOST[:PORT] [LOCAL-PORT]
#
# Start one to send and one to receive, in any order; each names the other.

import os
import sys

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp

CHUNK_BYTES = 65536


class Progress:
    """Tells of each tenth that is done."""

    def __init__(self, size):
        self.size = size
        self.tenths = 0

    def show(self, done):
        tenths = done * 10 // self.size if self.size else 10
        if tenths > self.tenths:
            self.tenths = tenths
            print(f'{tenths * 10} %', flush=True)


def send(connection, path):
    with open(path, 'rb') as file:
        progress = Progress(os.path.getsize(path))
        connection.sendall(b'%d\n' % progress.size)
        written = 0
        while chunk := file.read(CHUNK_BYTES):
            connection.sendall(chunk)
            written += len(chunk)
            # Written is not arrived: count what the peer has acknowledged.
            waiting = connection.dup_stats().get_unacknowledged_bytes()
            progress.show(max(0, written - waiting))
    connection.wait_delivered(None)
    progress.show(progress.size)


def receive(connection, path):
    stream = connection.makefile('rb')
    progress = Progress(int(stream.readline()))
    with open(path, 'wb') as file:
        done = 0
        while chunk := stream.read1(CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            progress.show(done)
    if done != progress.size:
        sys.exit(f'file.py: {done} of {progress.size} bytes arrived')
    progress.show(done)


def main(mode, path, peer, local_port=12345):
    endpoint = Srudp.Endpoint.new_for_port(int(local_port))
    with endpoint.connect_to_host(peer, 12345, None) as connection:
        if mode == 'send':
            send(connection, path)
        else:
            receive(connection, path)


if __name__ == '__main__':
    if len(sys.argv) < 4 or sys.argv[1] not in ('send', 'receive'):
        sys.exit('usage: file.py send|receive FILE HOST[:PORT] [LOCAL-PORT]')
    main(*sys.argv[1:])
