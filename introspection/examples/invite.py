#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# invite.py: prints an invitation, or follows one
#
# usage: invite.py make | follow INVITATION
#
# The line that it prints goes to the other side by mail or chat.

import sys

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp


def make():
    endpoint = Srudp.Endpoint.new_for_port(0)
    print(endpoint.create_invitation(None).to_string(), flush=True)
    with endpoint.accept(None) as connection:
        connection.sendall(b'welcome\n')
        print(connection.dup_safety_number())


def follow(text):
    # The invitation says who has to answer: nobody else gets through.
    invitation = Srudp.Invitation.parse(text)
    endpoint = Srudp.Endpoint.new_for_port(0)
    with endpoint.connect_to(invitation, None) as connection:
        print(connection.makefile('r').readline(), end='')
        print(connection.dup_safety_number())


if __name__ == '__main__':
    if sys.argv[1:] == ['make']:
        make()
    elif sys.argv[1:2] == ['follow'] and len(sys.argv) == 3:
        follow(sys.argv[2])
    else:
        sys.exit('usage: invite.py make | follow INVITATION')
