#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_cat_death.py: the peer of a srudp-cat is killed; it learns of that when
# the idle timeout is over

import contextlib
import socket
import threading
from subprocess import PIPE

import cat_support


class Death(cat_support.CatTest):
    def expect_broken(self, cat, peer):
        peer.process.kill()
        self.assertEqual(cat.status(), 6)
        self.assertRegex(cat.errors(), 'Nothing was heard from the peer for too long')

    def test_of_a_peer_that_was_silent(self):
        there = self.listen(stdin=PIPE)
        here = self.start(there.address, stdin=PIPE)
        here.await_line('Connected with')
        self.expect_broken(here, there)

    def test_a_command_is_hung_up(self):
        there = self.listen('--exec', "trap 'echo hung up >&2; exit' HUP; echo; "
                                      'while true; do sleep 0.1; done')
        here = self.start(there.address, stdin=PIPE)
        here.process.stdout.readline()
        self.expect_broken(there, here)
        there.await_line('hung up')

    def test_a_tcp_client_is_reset(self):
        server = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(server.close)
        accepted = []
        thread = threading.Thread(target=lambda: accepted.append(server.accept()[0]))
        thread.start()
        there = self.listen('--to', '%s:%d' % server.getsockname())
        here = self.start('--forward', '0', there.address)
        here.await_line('Connected with')
        client = socket.create_connection(here.tcp_address, cat_support.PATIENCE_S)
        self.addCleanup(client.close)
        thread.join(cat_support.PATIENCE_S)
        self.addCleanup(accepted[0].close)
        accepted[0].sendall(b'half of ')
        self.assertEqual(client.recv(100), b'half of ')
        self.expect_broken(here, there)
        with contextlib.closing(client), self.assertRaises(ConnectionResetError):
            client.recv(100)


if __name__ == '__main__':
    cat_support.main()
