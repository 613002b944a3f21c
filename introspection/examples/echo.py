#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# echo.py: a server that sends back what it gets, and a client for it
#
# usage: echo.py serve [PORT [COUNT]]
#        echo.py call HOST[:PORT] TEXT…
#
# With a COUNT the server ends after so many connections.

import itertools
import sys
import threading

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp


def answer(connection):
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def serve(port=12345, count=None):
    endpoint = Srudp.Endpoint.new_for_port(int(port))
    endpoint.set_accept_incoming(True)
    print('ready', flush=True)
    for connection in itertools.islice(endpoint, count and int(count)):
        threading.Thread(target=answer, args=[connection]).start()


def call(peer, *words):
    endpoint = Srudp.Endpoint.new_for_port(0)
    with endpoint.connect_to_host(peer, 12345, None) as connection:
        connection.sendall(' '.join(words).encode())
        # That was all; the server sees the end, and the answer still comes.
        connection.get_output_stream().close(None)
        print(connection.makefile('r').read())


if __name__ == '__main__':
    if sys.argv[1:2] == ['serve']:
        serve(*sys.argv[2:])
    elif sys.argv[1:2] == ['call'] and len(sys.argv) > 3:
        call(*sys.argv[2:])
    else:
        sys.exit('usage: echo.py serve [PORT [COUNT]] | call HOST[:PORT] TEXT…')
