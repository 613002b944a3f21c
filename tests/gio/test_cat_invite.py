#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_cat_invite.py: srudp-cat prints invitations, and follows them

import socket
import struct
import threading
from subprocess import PIPE

import cat_support

INVITATION = r'(?m)^(srudp:[0-9a-z]+)$'


class StunServer:
    """Sees everybody at 192.0.2.7, at the port that they really have."""

    def __init__(self, address, shift=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.shift = shift
        self.name = '%s:%d' % self.socket.getsockname()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            request, sender = self.socket.recvfrom(1000)
            cookie, = struct.unpack_from('>I', request, 4)
            seen, = struct.unpack('>I', socket.inet_aton('192.0.2.7'))
            port = sender[1] + self.shift ^ cookie >> 16
            self.socket.sendto(struct.pack('>HH', 0x0101, 12) + request[4:20] + struct.pack(
                '>HHHHI', 0x0020, 8, 1, port, seen ^ cookie), sender)


class Invitations(cat_support.CatTest):
    def invite(self, *arguments, **keywords):
        cat = self.start('--invite', *arguments, **keywords)
        return cat, cat.await_line(INVITATION)[1]

    def test_an_invitation_is_enough(self):
        there, invitation = self.invite('--port', '127.0.0.1:0')
        here = self.start(invitation, stdin=PIPE)
        self.assertEqual(here.talk(b'thanks'), (b'', 0))
        self.assertEqual(there.talk(), (b'thanks', 0))

    def test_it_may_be_pasted_in_any_way(self):
        there, invitation = self.invite('--port', '127.0.0.1:0')
        middle = len(invitation) // 2
        pasted = f' “{invitation[:middle].upper()}\n {invitation[middle:]}” '
        here = self.start(pasted, stdin=PIPE)
        self.assertEqual(here.talk(b'thanks'), (b'', 0))
        self.assertEqual(there.talk(), (b'thanks', 0))

    def test_both_have_invitations(self):
        key = self.folder() + '/key'
        old, invitation = self.invite('--listen', '127.0.0.1:0', '--identity', key)
        port = old.address
        old.interrupt()
        old.status()
        here, other = self.invite('--port', '127.0.0.1:0', invitation, stdin=PIPE)
        there = self.start('--port', port, '--identity', key, other)
        self.assertEqual(here.talk(b'both'), (b'', 0))
        self.assertEqual(there.talk(), (b'both', 0))

    def test_many_follow_one_invitation(self):
        there, invitation = self.invite('--port', '127.0.0.1:0', '--keep', '--exec', 'cat')
        for text in (b'one', b'two'):
            self.assertEqual(self.start(invitation, stdin=PIPE).talk(text), (text, 0))
        there.interrupt()
        self.assertEqual(there.status(), 130)

    def test_an_introducer_lets_one_in(self):
        middle, introducer = self.invite('--introducer', '--port', '127.0.0.1:0')
        there, invitation = self.invite('--port', '127.0.0.2:0', '--via', introducer)
        here = self.start('--port', '127.0.0.3:0', invitation, stdin=PIPE)
        self.assertEqual(here.talk(b'thanks'), (b'', 0))
        self.assertEqual(there.talk(), (b'thanks', 0))
        middle.interrupt()
        self.assertEqual(middle.status(), 130)

    def test_servers_say_what_to_print(self):
        one, two = StunServer('127.0.0.1'), StunServer('127.0.0.2')
        _, without = self.invite('--listen', '0.0.0.0:0')
        _, invitation = self.invite('--listen', '0.0.0.0:0', '--stun', one.name,
                                    '--stun', two.name)
        self.assertGreater(len(invitation), len(without))

    def test_what_kind_of_nat_it_is(self):
        one, two = StunServer('127.0.0.1'), StunServer('127.0.0.2', shift=7)
        cat = self.start('--stun', one.name, '--stun', two.name, '--timeout', '0.1',
                         '--port', '0.0.0.0:0', '127.0.0.1:9')
        cat.await_line('each peer another port; one was 192.0.2.7:')

    def test_what_cannot_be(self):
        _, invitation = self.invite('--port', '127.0.0.1:0')
        other = self.listen().key
        for arguments in ([invitation[:-1]], ['--via', invitation, '--listen', '0'],
                          ['--port-mapping', '--listen', '0'],
                          ['--introducer', invitation], ['--peer', other, invitation],
                          ['--listen', '0', invitation], ['--invite', '--stun', 'here:x'],
                          ['--invite', '--keep', '--exec', 'cat', invitation]):
            with self.subTest(arguments):
                self.assertEqual(self.start(*arguments).status(), 2)


if __name__ == '__main__':
    cat_support.main()
