#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# datagrams.py: two sides tell each other the time, when it gets through
#
# usage: datagrams.py HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
#
# Datagrams may get lost; each is sent once a second and ends up here or not.

import sys
import time

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import GLib, Srudp

USAGE = 'usage: datagrams.py HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]'


def received(connection, datagram):
    sent = float(datagram.get_data())
    print(f'{len(datagram.get_data())} bytes, {(time.time() - sent) * 1000:.1f} ms on the way',
          flush=True)


def main(peer, local_port=12345, count=0, seconds=1):
    endpoint = Srudp.Endpoint.new_for_port(int(local_port))
    connection = endpoint.connect_to_host(peer, 12345, None)
    connection.connect('datagram-received', received)
    loop = GLib.MainLoop()
    sent = 0

    def send():
        nonlocal sent
        if sent == int(count) > 0:
            loop.quit()
            return GLib.SOURCE_REMOVE
        try:
            connection.send_datagram(b'%.6f' % time.time())
        except GLib.Error as error:
            print(error.message)
            loop.quit()
            return GLib.SOURCE_REMOVE
        sent += 1
        return GLib.SOURCE_CONTINUE

    GLib.timeout_add(int(float(seconds) * 1000), send)
    loop.run()
    connection.close(None)


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(USAGE)
    main(*sys.argv[1:])
