#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# passphrase.py: connects two people who have agreed on some words
#
# usage: passphrase.py HOST[:PORT] [LOCAL-PORT] <WORDS
#
# The words come from standard input, for others can read a command line.

import sys

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import GLib, Srudp


def main(peer, local_port=12345):
    endpoint = Srudp.Endpoint.new_for_port(int(local_port))
    endpoint.set_passphrase(sys.stdin.readline().rstrip('\n'))
    with endpoint.connect_to_host(peer, 12345, None):
        print('both know it')


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit('usage: passphrase.py HOST[:PORT] [LOCAL-PORT] <WORDS')
    try:
        main(*sys.argv[1:])
    except GLib.Error as error:
        if not error.matches(Srudp.error_quark(), Srudp.Error.PASSPHRASE):
            raise
        print('they differ')
