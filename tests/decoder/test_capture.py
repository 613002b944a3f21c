#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_capture.py: a capture of real connections opens by docs/protocol.md alone

import io
import os
import socket
import stat
import struct
import sys
from subprocess import PIPE

import decoder

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gio'))
import cat_support  # noqa: E402

# More than a window's worth of packets, and not the same twice.
TEXT = b''.join(b'%07d\n' % i for i in range(40_000))


def read_stream(packets, there):
    """What one side wrote to the main stream: offset 0 on, without gaps."""
    pieces, text = {}, b''
    for _, from_initiator, _, frames in packets:
        for kind, fields in frames:
            if 0x08 <= kind <= 0x0f and from_initiator == there and fields[0] == 0:
                offset = fields[1] if kind & 4 else 0
                pieces.setdefault(offset, []).append(fields[-1])
    for offset, data in sorted((o, d) for o, all_of_it in pieces.items() for d in all_of_it):
        if offset > len(text):
            raise decoder.Malformed('a gap')
        text += data[len(text) - offset:]
    return text


class RecordingRelay(cat_support.RoughRelay):
    """Writes what passes as raw IPv4 packets."""

    def __init__(self, address, seed):
        super().__init__(address, seed)
        self.pcap = io.BytesIO()
        self.pcap.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 1 << 16, 101))

    def note(self, data, sender, receiver):
        size = 28 + len(data)
        header = struct.pack('>BxHHxxBBxx4s4sHHHxx', 0x45, size, 0, 64, 17,
                             *(socket.inet_aton(end[0]) for end in (sender, receiver)),
                             sender[1], receiver[1], size - 20)
        self.pcap.write(struct.pack('<IIII', 0, 0, size, size) + header + data)


class Captures(cat_support.CatTest):
    def setUp(self):
        self.key_log = self.folder() + '/keys'
        self.set_variable('SRUDP_KEYLOG', self.key_log)

    def set_variable(self, name, value):
        cat_support.ENVIRONMENT[name] = value
        self.addCleanup(cat_support.ENVIRONMENT.pop, name)

    def record(self, *arguments):
        there = self.listen(*arguments, stdin=PIPE)
        relay = RecordingRelay(there.address, 1)
        relay.start()
        here = self.start(*arguments, relay.address, stdin=PIPE)
        here.process.stdin.write(TEXT)
        here.process.stdin.close()
        here.process.stdin = None
        self.assertEqual(there.talk(b'thanks'), (TEXT, 0))
        self.assertEqual(here.talk(), (b'thanks', 0))
        relay.close()
        relay.pcap.seek(0)
        with open(self.key_log, encoding='ascii') as file:
            return list(decoder.read_pcap(relay.pcap)), list(file)

    def expect_all(self, datagrams, lines):
        decoded = decoder.decode(datagrams, decoder.read_key_log(lines))
        kinds, packets = set(), []
        for kind, content in decoded:
            kinds.add(kind)
            if kind == 'packet':
                self.assertIsNotNone(content, 'one packet can not be opened')
                packets.append(content)
        self.assertLessEqual({'HELLO', 'message 2', 'message 3', 'packet'}, kinds)
        frames = {frame[0] for packet in packets for frame in packet[3]}
        # ACK, NEW_CONNECTION_ID, CLOSE, HANDSHAKE_DONE
        self.assertLessEqual({0x18, 0x1d, 0x1e}, frames)
        self.assertTrue(frames & {0x02, 0x03})
        self.assertEqual(read_stream(packets, True), TEXT)
        self.assertEqual(read_stream(packets, False), b'thanks')

    def test_whatever_the_processor_likes(self):
        self.expect_all(*self.record())
        self.assertEqual(stat.S_IMODE(os.stat(self.key_log).st_mode), 0o600)

    def test_chacha(self):
        self.set_variable('SRUDP_CIPHER', 'ChaCha20-Poly1305')
        self.expect_all(*self.record())

    def test_nothing_opens_with_other_keys(self):
        datagrams, lines = self.record()
        words = lines[0].split()
        words[4:] = reversed(words[4:])
        opened = [content for kind, content in
                  decoder.decode(datagrams, decoder.read_key_log([' '.join(words)]))
                  if kind == 'packet']
        self.assertGreater(len(opened), 50)
        self.assertEqual(set(opened), {None})


if __name__ == '__main__':
    cat_support.main()
