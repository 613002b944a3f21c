#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# chat.py: sends what is typed, line by line, and shows what the other types
#
# usage: chat.py HOST[:PORT] [LOCAL-PORT]
#
# Start it on both machines, in any order; each names the other.

import sys
import threading

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp


def send(connection):
    for line in sys.stdin:
        connection.sendall(line.encode())
    # That was all from here; the other may go on.
    connection.get_output_stream().close(None)


def main(peer, local_port=12345):
    endpoint = Srudp.Endpoint.new_for_port(int(local_port))
    with endpoint.connect_to_host(peer, 12345, None) as connection:
        print('connected, Ctrl+D ends; compare:', connection.dup_safety_number(), flush=True)
        sender = threading.Thread(target=send, args=[connection])
        sender.start()
        for line in connection:
            print('>', line.decode().rstrip('\n'), flush=True)
        print('the other has ended', flush=True)
        sender.join()


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit('usage: chat.py HOST[:PORT] [LOCAL-PORT]')
    main(*sys.argv[1:])
