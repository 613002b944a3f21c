#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_engine_capture.py: what is rare on a wire opens by docs/protocol.md alone
#
# usage: test_engine_capture.py MAKE-CAPTURE
#
# A connection asks for cookies, refuses a wrong passphrase, updates its keys and
# agrees on fresh ones: far sooner than between two programs.

import os
import subprocess
import sys
import tempfile
import unittest

import decoder
import handshake

MAKE_CAPTURE = sys.argv.pop()
HELLO, MESSAGE_2, MESSAGE_3, COOKIE, REJECT = range(0xc1, 0xc6)
WRONG_PASSPHRASE = 2


class EngineCapture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ('capture', 'keys', 'secrets')]
            subprocess.run([MAKE_CAPTURE, *paths], check=True)
            with open(paths[0], 'rb') as file:
                cls.datagrams = list(decoder.read_pcap(file))
            with open(paths[1], encoding='ascii') as file:
                cls.sessions = decoder.read_key_log(file)
            with open(paths[2], encoding='ascii') as file:
                cls.secrets = {handshake.public(bytes.fromhex(line)): bytes.fromhex(line)
                               for line in file}

    def get_all(self, first):
        return [packet for packet in self.datagrams if packet[0] == first]

    def get_hello(self, receiver):
        """What the side with this connection id opened with."""
        for packet in self.get_all(HELLO):
            hello = decoder.read_hello(packet)
            if hello['fields']['id'] == receiver:
                return hello
        self.fail('no HELLO')

    def test_packets(self):
        shares = set()
        for kind, content in decoder.decode(self.datagrams, self.sessions):
            if kind == 'packet':
                self.assertIsNotNone(content, 'one packet can not be opened')
                shares |= {(content[1], fields[0]) for frame, fields in content[3]
                           if frame == decoder.KEY_SHARE}
        [session] = [s for s in self.sessions if s.there.largest > 0]
        # Two fresh exchanges and more plain updates than that.
        self.assertLessEqual({(there, n) for there in (True, False) for n in (1, 2)}, shares)
        self.assertGreater(session.there.phase, 4)
        self.assertEqual(session.there.phase, session.back.phase)

    def test_cookies(self):
        asked = self.get_all(COOKIE)
        self.assertGreaterEqual(len(asked), 2)
        for packet in asked:
            hello = self.get_hello(packet[1:9])
            cookie = decoder.open_cookie(packet, hello)
            brought = [again for again in self.get_all(HELLO) if again[384:400] == cookie]
            self.assertGreater(len(brought), 0)

    def test_reject(self):
        packet = self.get_all(REJECT)[0]
        hello = self.get_hello(packet[1:9])
        noise = hello['noise']
        message_2 = next(p for p in self.get_all(MESSAGE_2) if p[1:9] == packet[1:9])
        message_3 = self.get_all(MESSAGE_3)[0]
        answer = handshake.read_message_2(message_2, noise, self.secrets[hello['e']])
        handshake.read_first_half(message_3, noise, self.secrets[answer['e']])
        self.assertEqual(handshake.open_reject(packet, noise.chaining_key, message_3),
                         WRONG_PASSPHRASE)


if __name__ == '__main__':
    unittest.main()
