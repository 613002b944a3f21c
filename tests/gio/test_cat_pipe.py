#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_cat_pipe.py: srudp-cat with standard input and output, with commands and
# with datagrams, and how it ends

import hashlib
import os
import sys
import tempfile
import time
from subprocess import DEVNULL, PIPE

import cat_support

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from ports import free_ports  # noqa: E402

MEGABYTE = 1000 * 1000


class Bytes(cat_support.CatTest):
    def test_both_sides_hear_each_other(self):
        there = self.listen(stdin=PIPE)
        here = self.start(there.address, stdin=PIPE)
        there.process.stdin.write(b'from there')
        there.process.stdin.close()
        self.assertEqual(here.process.stdout.read(10), b'from there')
        here.process.stdin.write(b'from here')
        here.process.stdin.close()
        self.assertEqual(there.process.stdout.read(), b'from here')
        self.assertEqual((here.status(), there.status()), (0, 0))

    def test_a_line_arrives_before_the_next_is_typed(self):
        there = self.listen(stdin=PIPE)
        here = self.start(there.address, stdin=PIPE)
        for speaker, listener in ((here, there), (there, here)) * 3:
            speaker.process.stdin.write(b'well?\n')
            speaker.process.stdin.flush()
            self.assertEqual(listener.process.stdout.readline(), b'well?\n')

    def test_both_may_open_at_once(self):
        first, second = free_ports(2)
        one = self.start('--port', f'127.0.0.1:{first}', f'127.0.0.1:{second}', stdin=PIPE)
        time.sleep(0.3)
        two = self.start('--port', f'127.0.0.1:{second}', f'127.0.0.1:{first}', stdin=PIPE)
        one.process.stdin.write(b'one')
        one.process.stdin.close()
        self.assertEqual(two.talk(b'two'), (b'one', 0))
        self.assertEqual(one.process.stdout.read(), b'two')
        self.assertEqual(one.status(), 0)

    def test_fifty_megabytes_are_the_same_there(self):
        data = os.urandom(50 * MEGABYTE)
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            there = self.listen()
            here = self.start(there.address, stdin=file)
            received, status = there.talk()
        self.assertEqual((status, here.status()), (0, 0))
        self.assertEqual(hashlib.sha256(received).digest(), hashlib.sha256(data).digest())


class Commands(cat_support.CatTest):
    def test_a_command_answers_after_the_end_of_input(self):
        there = self.listen('--exec', 'wc -c')
        here = self.start(there.address, stdin=PIPE)
        output, status = here.talk(bytes(3 * MEGABYTE))
        self.assertEqual((output.strip(), status, there.status()), (b'3000000', 0, 0))

    def test_more_comes_back_than_fits_into_any_buffer(self):
        there = self.listen('--exec', 'cat')
        here = self.start(there.address, stdin=PIPE)
        data = os.urandom(10 * MEGABYTE)
        output, status = here.talk(data)
        self.assertTrue(output == data)
        self.assertEqual((status, there.status()), (0, 0))

    def test_a_command_that_reads_nothing_ends_the_connection(self):
        there = self.listen('--exec', 'echo enough')
        here = self.start(there.address, stdin=PIPE)
        self.assertEqual(here.process.stdout.read(), b'enough\n')
        self.assertEqual((here.status(), there.status()), (0, 0))

    def test_what_comes_after_the_end_of_a_command_is_sent(self):
        there = self.listen('--exec', '(sleep 0.3; echo late) & exit 0')
        here = self.start(there.address, stdin=PIPE)
        self.assertEqual(here.process.stdout.read(), b'late\n')
        self.assertEqual((here.status(), there.status()), (0, 0))

    def test_a_command_knows_its_peer(self):
        there = self.listen('--exec', 'echo $SRUDP_PEER_KEY $SRUDP_PEER_ADDRESS')
        here = self.start('--port', '127.0.0.1:0', there.address)
        self.assertEqual(here.process.stdout.read().decode().split(), [here.key, here.address])

    def test_a_command_that_fails_is_told(self):
        there = self.listen('--exec', 'exit 3')
        self.assertEqual(self.start(there.address).status(), 0)
        self.assertEqual(there.status(), 8)

    def test_a_command_is_hung_up_when_its_peer_breaks_off(self):
        there = self.listen('--exec', "trap 'echo hung up >&2; exit' HUP; echo; "
                                      'while true; do sleep 0.1; done')
        here = self.start(there.address, stdin=PIPE)
        here.process.stdout.readline()
        here.process.stdout.close()
        here.interrupt()
        here.status()
        there.await_line('hung up')
        self.assertEqual(there.status(), 0)

    def test_a_command_is_hung_up_with_its_side(self):
        there = self.listen('--exec', "trap 'echo hung up >&2; exit' HUP; echo; "
                                      'while true; do sleep 0.1; done')
        here = self.start(there.address, stdin=PIPE)
        here.process.stdout.readline()
        there.process.send_signal(15)
        there.await_line('hung up')
        self.assertEqual((there.status(), here.status()), (128 + 15, 0))

    def test_many_peers_are_served_at_once(self):
        there = self.listen('--keep', '--exec', 'cat')
        peers = [self.start(there.address, stdin=PIPE) for _ in range(5)]
        for number, peer in enumerate(peers):
            peer.process.stdin.write(b'%d\n' % number)
            peer.process.stdin.flush()
        for number, peer in enumerate(peers):
            self.assertEqual(peer.process.stdout.readline(), b'%d\n' % number)
        for peer in peers:
            self.assertEqual(peer.talk(), (b'', 0))
        there.interrupt()
        self.assertEqual(there.status(), 130)


class Datagrams(cat_support.CatTest):
    def test_lines_go_both_ways(self):
        there = self.listen('--datagram', stdin=PIPE)
        here = self.start('--datagram', there.address, stdin=PIPE)
        lines = [b'%d\n' % number for number in range(200)]
        there.process.stdin.write(b'good evening\nno newline')
        there.process.stdin.close()
        output, status = here.talk(b''.join(lines))
        self.assertEqual(sorted([b'good evening\n', b'no newline']),
                         sorted(output.splitlines(keepends=True)))
        arrived = there.process.stdout.read().splitlines(keepends=True)
        self.assertEqual(sorted(arrived), sorted(lines))
        self.assertEqual((status, there.status()), (0, 0))

    def test_a_long_line_is_cut(self):
        there = self.listen('--datagram')
        here = self.start('--datagram', there.address, stdin=PIPE)
        self.assertEqual(here.talk(b'x' * 5000), (b'', 0))
        self.assertEqual(there.talk(), (b'x' * 5000, 0))


class Endings(cat_support.CatTest):
    def test_nobody_reads_the_output(self):
        reading, writing = os.pipe()
        there = self.listen(stdout=writing, stdin=PIPE)
        os.close(writing)
        here = self.start(there.address, stdin=open('/dev/zero', 'rb'))
        os.read(reading, 10)
        os.close(reading)
        self.assertEqual((there.status(), here.status()), (7, 6))

    def test_an_interrupt_delivers_what_was_read(self):
        there = self.listen()
        here = self.start(there.address, stdin=PIPE)
        here.process.stdin.write(b'so far')
        here.process.stdin.flush()
        self.assertEqual(there.process.stdout.read(6), b'so far')
        here.interrupt()
        self.assertEqual((here.status(), there.status()), (130, 0))

    def test_an_interrupt_ends_the_waiting_for_a_peer(self):
        for cat in (self.listen(), self.start('127.0.0.1:9')):
            with self.subTest(cat.process.args):
                cat.await_line('This side is')
                cat.interrupt()
                self.assertEqual(cat.status(), 130)

    def test_half_a_file_is_not_taken_for_a_whole(self):
        folder = os.open('/', os.O_RDONLY)  # reading it fails
        self.addCleanup(os.close, folder)
        receivers = [self.listen(stdin=PIPE) for _ in range(5)]
        senders = [self.start(there.address, stdin=folder) for there in receivers]
        self.assertEqual([here.status() for here in senders], [1] * 5)
        self.assertEqual([there.status() for there in receivers], [6] * 5)

    def test_the_output_cannot_be_written(self):
        with open('/dev/full', 'wb') as full:
            there = self.listen(stdout=full)
            here = self.start(there.address, stdin=PIPE)
            here.process.stdin.write(b'too much')
            here.process.stdin.flush()
            self.assertEqual(there.status(), 1)

    def test_a_peer_that_is_gone_ends_the_reading_of_input(self):
        there = self.listen(stdin=DEVNULL)
        here = self.start(there.address, stdin=PIPE)
        here.await_line('Connected with')
        there.interrupt()
        self.assertEqual((there.status(), here.status()), (130, 0))


class Stats(cat_support.CatTest):
    def test_the_last_line_tells_all(self):
        with tempfile.TemporaryFile() as file:
            file.write(bytes(2 * MEGABYTE))
            file.seek(0)
            there = self.listen('--stats')
            here = self.start('--stats', there.address, stdin=file)
            there.talk()
            here.status()
        self.assertRegex(here.errors(), r'100 % \[#{20}\].* sent 2\.0.MB at .*RTT .* ms, loss .* %')
        self.assertRegex(there.errors(), r'sent 0 bytes at .* received 2\.0.MB at ')


if __name__ == '__main__':
    cat_support.main()
