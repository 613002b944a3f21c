#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_trace.py: what SRUDP_QLOG leaves behind is what qvis can open
#
# usage: test_trace.py PROGRAM

import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

KNOWN_EVENTS = {
    'connectivity:connection_closed', 'connectivity:connection_started',
    'connectivity:connection_state_updated', 'connectivity:mtu_updated',
    'connectivity:path_updated', 'loglevel:warning', 'recovery:congestion_state_updated',
    'recovery:metrics_updated', 'recovery:packet_lost', 'security:key_updated',
    'transport:packet_dropped', 'transport:packet_received', 'transport:packet_sent',
    'transport:parameters_set',
}
EXPECTED_EVENTS = KNOWN_EVENTS - {'loglevel:warning', 'security:key_updated'}
TRANSFER_BYTES = 500000


def read_sequence(path):
    """RFC 7464: each text stands between a record separator and a line feed."""
    data = path.read_bytes()
    assert data.startswith(b'\x1e'), path
    texts = data[1:].split(b'\x1e')
    assert all(text.endswith(b'\n') for text in texts), path
    return [json.loads(text.decode('utf-8')) for text in texts]


class Trace:
    def __init__(self, path):
        self.header, *self.events = read_sequence(path)
        self.by_name = collections.defaultdict(list)
        for event in self.events:
            self.by_name[event['name']].append(event['data'])

    def numbers(self, name):
        return [data['header']['packet_number'] for data in self.by_name[name]]

    def frames(self, name, frame_type):
        return [frame for data in self.by_name[name] for frame in data['frames']
                if frame['frame_type'] == frame_type]


class TraceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PROGRAM], check=True, stdout=subprocess.DEVNULL,
                           env=dict(os.environ, SRUDP_QLOG=folder))
            cls.traces = {path.name: Trace(path) for path in pathlib.Path(folder).iterdir()}

    def get(self, role):
        found = [trace for name, trace in self.traces.items() if name.endswith(f'_{role}.sqlog')]
        self.assertEqual(len(found), 1, f'{role} in {sorted(self.traces)}')
        return found[0]

    def test_both_ends_have_the_same_name(self):
        names = {name.split('_')[0] for name in self.traces if not name.endswith('_opening.sqlog')}
        self.assertEqual(len(names), 1)
        for role in ('client', 'server'):
            self.assertEqual({self.get(role).header['trace']['common_fields']['ODCID']}, names)

    def test_header(self):
        for role, vantage in (('client', 'client'), ('server', 'server'), ('opening', 'unknown')):
            header = self.get(role).header
            self.assertEqual(header['qlog_version'], '0.3')
            self.assertEqual(header['qlog_format'], 'JSON-SEQ')
            self.assertEqual(header['trace']['vantage_point']['type'], vantage)
            self.assertEqual(header['trace']['common_fields']['time_format'], 'relative')
            self.assertIsInstance(header['trace']['common_fields']['reference_time'], float)

    def test_events_are_well_formed_and_in_order(self):
        for trace in self.traces.values():
            self.assertGreater(len(trace.events), 0)
            last = 0
            for event in trace.events:
                self.assertEqual(set(event), {'time', 'name', 'data'})
                self.assertIn(event['name'], KNOWN_EVENTS)
                self.assertGreaterEqual(event['time'], last)
                last = event['time']

    def test_everything_that_happens_is_told(self):
        seen = set(self.get('client').by_name) | set(self.get('server').by_name)
        self.assertEqual(EXPECTED_EVENTS - seen, set())
        self.assertNotIn('loglevel:warning', seen)

    def test_packets_that_arrive_were_sent(self):
        client, server = self.get('client'), self.get('server')
        for sender, receiver in ((client, server), (server, client)):
            sent = sender.numbers('transport:packet_sent')
            received = receiver.numbers('transport:packet_received')
            self.assertEqual(sent, sorted(set(sent)))
            self.assertEqual(len(received), len(set(received)))
            self.assertLessEqual(set(received), set(sent))
            self.assertGreater(len(received), 0.8 * len(sent))
            self.assertLessEqual(set(sender.numbers('recovery:packet_lost')), set(sent))

    def test_frames_tell_of_the_whole_stream(self):
        for sender, receiver in (('client', 'server'), ('server', 'client')):
            got = bytearray(TRANSFER_BYTES)
            frames = self.get(receiver).frames('transport:packet_received', 'stream')
            for frame in frames:
                end = frame['offset'] + frame['length']
                got[frame['offset']:end] = b'x' * frame['length']
            self.assertEqual(got.count(b'x'), TRANSFER_BYTES)
            self.assertEqual(len(got), TRANSFER_BYTES)
            self.assertTrue(any(frame.get('fin') for frame in frames))
            for kind in ('ack', 'connection_close'):
                self.assertTrue(self.get(sender).frames('transport:packet_sent', kind), kind)
        self.assertTrue(self.get('server').frames('transport:packet_received', 'datagram'))

    def test_acknowledged_packets_were_sent(self):
        sent = set(self.get('client').numbers('transport:packet_sent'))
        for frame in self.get('server').frames('transport:packet_sent', 'ack'):
            for first, last in frame['acked_ranges']:
                self.assertLessEqual(first, last)
                self.assertIn(last, sent)

    def test_metrics_are_plausible(self):
        for role in ('client', 'server'):
            metrics = self.get(role).by_name['recovery:metrics_updated']
            for key, low, high in (('smoothed_rtt', 30, 500), ('min_rtt', 30, 60),
                                   ('congestion_window', 2000, 10 ** 7)):
                values = [data[key] for data in metrics if key in data]
                self.assertTrue(values, key)
                self.assertTrue(all(low <= value <= high for value in values), (key, values))

    def test_states(self):
        def states(role):
            return [data['new']
                    for data in self.get(role).by_name['connectivity:connection_state_updated']]
        self.assertEqual(states('opening'), ['attempted', 'closed'])
        self.assertEqual(states('client')[0], 'attempted')
        self.assertEqual(states('server')[0], 'handshake_confirmed')
        for role in ('client', 'server'):
            self.assertIn('handshake_confirmed', states(role))
            self.assertEqual(states(role)[-1], 'closed')
        closed = self.get('opening').by_name['connectivity:connection_closed']
        self.assertEqual([data['trigger'] for data in closed], ['handshake_timeout'])


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
