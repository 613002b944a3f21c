#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# streams.py: sends several things at once, none of which waits for another
#
# usage: streams.py HOST[:PORT] LOCAL-PORT WORD…

import sys
import threading

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp


def send(connection, words):
    for word in words:
        with connection.open_stream(None) as stream:
            stream.sendall(word.encode())
    # The first stream tells how many others there are.
    connection.sendall(b'%d\n' % len(words))


def receive(connection):
    for _ in range(int(connection.makefile('r').readline())):
        with connection.accept_stream(None) as stream:
            print(stream.makefile('r').read(), flush=True)


def main(peer, local_port, *words):
    endpoint = Srudp.Endpoint.new_for_port(int(local_port))
    with endpoint.connect_to_host(peer, 12345, None) as connection:
        sender = threading.Thread(target=send, args=[connection, words])
        sender.start()
        receive(connection)
        sender.join()


if __name__ == '__main__':
    if len(sys.argv) < 4:
        sys.exit('usage: streams.py HOST[:PORT] LOCAL-PORT WORD…')
    main(*sys.argv[1:])
