# SPDX-License-Identifier: MIT
#
# test_addresses.py: the addresses and the marks that packets carry
#
# usage: test_addresses.py PEER-PROGRAM
#
# Two computers and two cables between them. The one that is called has several
# addresses, two of them on the same interface.

import collections
import sys
import unittest

import namespaces

PORT = 4000
MEBIBYTE = 1024 * 1024
ECT0 = 2

peer_program = sys.argv.pop(1)
skip = namespaces.reason_to_skip()


def host_of(address):
    return address.rsplit(':', 1)[0].strip('[]')


@unittest.skipIf(skip, skip)
class Addresses(unittest.TestCase):
    def setUp(self):
        self.caller = self.make_namespace('caller')
        self.called = self.make_namespace('called')
        for number, prefix4, prefix6 in (0, '10.79.0', 'fd79:0'), (1, '10.79.1', 'fd79:1'):
            namespaces.link(self.caller, f'caller{number}', self.called, f'called{number}')
            self.caller.address(f'caller{number}', f'{prefix4}.1/24')
            self.caller.address(f'caller{number}', f'{prefix6}::1/64')
            for last in 2, 3:
                self.called.address(f'called{number}', f'{prefix4}.{last}/24')
                self.called.address(f'called{number}', f'{prefix6}::{last}/64')

    def make_namespace(self, label):
        namespace = namespaces.Namespace(label)
        self.addCleanup(namespace.delete)
        return namespace

    def call(self, host, size=MEBIBYTE):
        """What both ends say of themselves, in order: (word, value) pairs."""
        listener = self.called.start(peer_program, 'listen', PORT)
        self.assertEqual(listener.stdout.readline(), 'ready\n')
        caller = self.caller.start(peer_program, 'connect', host, PORT, size)
        outputs = []
        for process in caller, listener:
            text, _ = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 0, text)
            outputs.append([line.split() for line in text.splitlines()])
        self.assertEqual(outputs[0].pop(), ['bytes', str(size)])
        return outputs

    def check_answers_from(self, address, interface='caller0'):
        sniffer = self.caller.sniff(interface)
        said_by_caller, said_by_called = self.call(address)
        packets = sniffer.stop()
        remotes = {host_of(value) for word, value in said_by_caller if word == 'remote'}
        locals_ = {host_of(value) for word, value in said_by_called if word == 'local'}
        self.assertEqual(remotes, {address})
        self.assertEqual(locals_, {address})
        # Nobody translates addresses on the way: what one says of itself is what
        # the other sees, port included, and never that it might be anywhere.
        for word, other in (('local', 'remote'), ('remote', 'local')):
            self.assertEqual({value for key, value in said_by_caller if key == word},
                             {value for key, value in said_by_called if key == other})
        callers = {host_of(value) for word, value in said_by_called if word == 'remote'}
        self.check_sources(packets, callers, address)

    def check_sources(self, packets, callers, address):
        """Once connected, both also try each other's other addresses, to find a
        better path. Each try is answered from where it was sent to."""
        tried = {destination for source, destination, _ in packets if source in callers}
        answers = collections.Counter()
        for (source, destination, _), count in packets.items():
            if destination in callers:
                answers[source] += count
        self.assertLessEqual(set(answers), tried)
        self.assertGreater(answers[address], 0.7 * answers.total(), answers)

    def test_answers_come_from_the_address_that_was_called(self):
        for address in ('10.79.0.2', '10.79.0.3', '10.79.1.3', 'fd79:0::2', 'fd79:0::3'):
            with self.subTest(address=address):
                self.check_answers_from(
                    address.replace('fd79:0::', 'fd79::'),
                    'caller1' if address.startswith('10.79.1') else 'caller0')

    def test_the_address_of_another_interface(self):
        # The system would answer through the cable, but from the address of it.
        self.caller.ip('route', 'add', '10.99.0.0/24', 'via', '10.79.0.2')
        self.called.address('lo', '10.99.0.7/32')
        self.check_answers_from('10.99.0.7')

    def test_link_local(self):
        self.called.address('called0', 'fe80::79/64')
        self.caller.address('caller0', 'fe80::78/64')
        said_by_caller, said_by_called = self.call('fe80::79%caller0')
        # An address of this kind is told with the number of its interface.
        for said, word, host in ((said_by_caller, 'remote', 'fe80::79%'),
                                 (said_by_called, 'local', 'fe80::79%'),
                                 (said_by_called, 'remote', 'fe80::')):
            for told in [value for key, value in said if key == word]:
                self.assertRegex(host_of(told), f'^{host}.*[0-9]$')

    def check_marks(self, address):
        sniffer = self.called.sniff('called0')
        self.call(address, 4 * MEBIBYTE)
        packets = sniffer.stop()
        for side in 'caller', 'called':
            marked = total = 0
            for (source, destination, mark), count in packets.items():
                if address == (source if side == 'called' else destination):
                    total += count
                    marked += count if mark == ECT0 else 0
            print(f'{side}: {marked} of {total} packets are marked ECT(0)')
            # Those of the handshake and tries of other paths aren't: they are
            # not acknowledged.
            self.assertGreater(marked, 0.5 * total)

    def test_packets_are_marked_for_ecn(self):
        for address in '10.79.0.2', 'fd79::2':
            with self.subTest(address=address):
                self.check_marks(address)


if __name__ == '__main__':
    unittest.main()
