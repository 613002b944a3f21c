#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# hello.py: says hello every three seconds, and shows it on the other side
#
# usage: hello.py send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
#
# Start one to send and one to receive, in any order; each names the other.

import sys
import time

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp


def send(connection, count, seconds):
    sent = 0
    while count == 0 or sent < count:
        connection.sendall(b'hello %.3f\n' % time.time())
        sent += 1
        time.sleep(seconds)


def receive(connection):
    for line in connection:
        print(line.decode().rstrip(), flush=True)


def main(mode, peer, local_port=12345, count=0, seconds=3):
    endpoint = Srudp.Endpoint.new_for_port(int(local_port))
    with endpoint.connect_to_host(peer, 12345, None) as connection:
        print(connection, flush=True)
        if mode == 'send':
            send(connection, int(count), float(seconds))
        else:
            receive(connection)
    print('closed')


if __name__ == '__main__':
    if len(sys.argv) < 3 or sys.argv[1] not in ('send', 'receive'):
        sys.exit('usage: hello.py send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]')
    main(*sys.argv[1:])
