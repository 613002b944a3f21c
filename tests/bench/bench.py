#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# bench.py: measures this transport beside its peers, in turn, in one run
#
# usage: bench.py PROGRAMS-FOLDER RESULT-FOLDER [--repetitions N] [--publish]
#                 [SECTION…]
#        bench.py PROGRAMS-FOLDER RESULT-FOLDER --publish-again

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import links
import report
from instructions import count_instructions
from pairs import FAILURES, Absent, Ngtcp2, Place, Process, Transport

# One cipher of TLS 1.3, by GnuTLS.
PRIORITY = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+'


# Whoever fails so often is not tried again: one that hangs would cost minutes.
FAILURES_MAX = 2
# Memory hardly differs from time to time, and connections take long to make.
IDLE_REPETITIONS = 3


class Bench:
    def __init__(self, programs, scratch, repetitions):
        self.programs, self.scratch, self.repetitions = programs, scratch, repetitions
        self.key = os.path.join(scratch, 'key.pem')
        self.certificate = os.path.join(scratch, 'certificate.pem')
        self.started = time.monotonic()
        self.results = {}
        self.failures = {}
        self.make_certificate()

    def tell(self, words):
        seconds = int(time.monotonic() - self.started)
        print(f'{seconds // 60:2}:{seconds % 60:02}  {words}', file=sys.stderr, flush=True)

    def note(self, section, name, failure):
        """The first reason is the one that the row tells."""
        if failure is None:
            self.tell(f'{section}: {name}')
            return
        self.tell(f'{section}: {name}: {failure}')
        words = str(failure).split(': ')[-1]
        self.failures.setdefault(section, {}).setdefault(name, words)

    def make_certificate(self):
        try:
            subprocess.run(
                ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                 '-subj', '/CN=bench', '-keyout', self.key, '-out', self.certificate],
                check=True, capture_output=True)
        except FAILURES as failure:
            self.tell(f'no certificate, so no TLS: {failure}')
            return
        both = os.path.join(self.scratch, 'both.pem')
        with open(both, 'w') as out:
            for name in (self.key, self.certificate):
                with open(name) as part:
                    out.write(part.read())
        os.environ['BENCH_CERTIFICATE'] = both

    def program(self, name):
        return os.path.join(self.programs, 'bench-' + name)

    def make_file(self, n_bytes):
        folder = os.path.join(self.scratch, 'files')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, 'file'), 'wb') as file:
            file.truncate(n_bytes)
        return folder

    def streams(self, name, *options, environment=None, encrypted=True,
                modes=('transfer', 'ping', 'setup', 'idle')):
        return Transport(name, self.program('streams'), *options, environment=environment,
                         encrypted=encrypted, modes=modes)

    def fast_transports(self):
        aes = {'G_TLS_GNUTLS_PRIORITY': PRIORITY + 'AES-256-GCM'}
        chacha = {'G_TLS_GNUTLS_PRIORITY': PRIORITY + 'CHACHA20-POLY1305'}
        ours = {'SRUDP_CIPHER': 'chacha20-poly1305'}
        yield Transport('ceiling, AES', self.program('ceiling'), '--variant', 'aes')
        yield Transport('ceiling, ChaCha20', self.program('ceiling'), '--variant', 'chacha20')
        yield self.streams('srudp', '--transport', 'srudp')
        yield self.streams('srudp, ChaCha20', '--transport', 'srudp', environment=ours,
                           modes=('transfer',))
        yield self.streams('TLS 1.3, AES, sync', '--transport', 'tls', environment=aes)
        yield self.streams('TLS 1.3, AES, async', '--transport', 'tls', '--async',
                           environment=aes, modes=('transfer',))
        yield self.streams('TLS 1.3, ChaCha20', '--transport', 'tls', environment=chacha,
                           modes=('transfer',))
        yield self.streams('TCP CUBIC', '--transport', 'tcp', '--variant', 'cubic',
                           encrypted=False)
        yield self.streams('TCP BBR', '--transport', 'tcp', '--variant', 'bbr',
                           encrypted=False, modes=('transfer',))
        if not os.path.exists('/usr/sbin/gtlsserver'):
            yield Absent('ngtcp2 CUBIC', encrypted=True)
        else:
            yield Ngtcp2('ngtcp2 CUBIC', self.make_file(500_000_000), self.key,
                         self.certificate, '--cc=cubic')
        for name, label, options in (('nice', 'libnice reliable', ()),
                                     ('enet', 'ENet', ()),
                                     ('srt', 'SRT', ()),
                                     ('srt', 'SRT, AES', ('--variant', 'aes')),
                                     ('usrsctp', 'usrsctp', ())):
            modes = ('transfer', 'ping') if name == 'nice' else ('transfer',)
            if not os.path.exists(self.program(name)):
                yield Absent(label, modes, 'AES' in label)
            else:
                yield Transport(label, self.program(name), *options, modes=modes,
                                encrypted='AES' in label)

    def repeat(self, section, measurements, repetitions=None):
        """Every one once, then every one again: a slow minute of the machine
        is everybody's."""
        rows = {name: [] for name, _ in measurements}
        n_failed = dict.fromkeys(rows, 0)
        repetitions = min(repetitions or self.repetitions, self.repetitions)
        self.results[section] = rows
        for repetition in range(repetitions):
            for name, measure in measurements:
                if n_failed[name] >= FAILURES_MAX:
                    continue
                try:
                    rows[name].append(measure())
                except FAILURES as failure:
                    n_failed[name] += 1
                    self.note(section, name, failure)
            self.tell(f'{section}: {repetition + 1} of {repetitions}')

    def throughput(self, section, place):
        self.repeat(section, [
            (t.name, lambda t=t: t.measure(place, 'transfer', client_options=('--seconds', 1.5)))
            for t in self.fast_transports()])

    def loopback(self):
        self.throughput('loopback', Place())

    def veth(self):
        with links.veth_pair() as place:
            self.throughput('veth', place)

    def ping(self):
        place = Place()
        self.repeat('ping', [
            (t.name, lambda t=t: t.measure(place, 'ping', client_options=('--count', 5000)))
            for t in self.fast_transports() if 'ping' in t.modes])

    def setup(self):
        place = Place()
        counts = ('--count', 50)
        rows = [(t.name, lambda t=t: t.measure(place, 'setup', client_options=counts,
                                               server_options=counts))
                for t in self.fast_transports() if 'setup' in t.modes]
        rows.append(('srudp, both open', self.open_both))
        rows.append(('srudp, accepting', self.accept_many))
        self.repeat('setup', rows)

    def open_both(self):
        return Process([self.program('open'), 'client', 'setup', '--count', 100]).wait(60)

    def accept_many(self):
        transport = Transport('accept', self.program('accept'), '--count', 3000)
        return transport.measure(Place(), 'setup')

    def idle(self):
        place = Place()
        options = ('--count', 200, '--seconds', 0.1)
        self.repeat('idle', [
            (t.name, lambda t=t: t.measure(place, 'idle', timeout=60, client_options=options,
                                           server_options=options))
            for t in self.fast_transports() if 'idle' in t.modes], IDLE_REPETITIONS)

    def crowd(self):
        """Ten thousand connections that do nothing, on one endpoint."""
        options = ('--count', 10000, '--settle', 10, '--seconds', 15)
        transport = self.streams('srudp', '--transport', 'srudp')
        self.repeat('crowd', [('srudp', lambda: transport.measure(
            Place(), 'idle', timeout=240, client_options=options, server_options=options))], 1)

    def engine(self):
        self.repeat('engine', [('srudp', lambda: count_instructions(
            self.program('engine'), self.scratch))], 1)

    def lossy(self):
        self.results['lossy'] = links.measure_conditions(
            self, lambda name, failure: self.note('lossy', name, failure))

    def fairness(self):
        self.results['fairness'] = links.measure_fairness(
            self, lambda name, failure: self.note('fairness', name, failure))

    def run(self, sections):
        for section in sections:
            if section in NEED_ROOT and os.geteuid() != 0:
                self.tell(f'{section}: left out, only root can make a network namespace')
                continue
            try:
                getattr(self, section)()
            except FAILURES as failure:
                self.note(section, 'all', failure)
        self.results['failures'] = self.failures
        self.tell('done')
        return self.results


TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SECTIONS = ['loopback', 'veth', 'ping', 'setup', 'idle', 'crowd', 'engine', 'lossy', 'fairness']
NEED_ROOT = {'veth', 'lossy', 'fairness'}


def measure(programs, repetitions, sections):
    scratch = tempfile.mkdtemp(prefix='srudp-bench-', dir='/dev/shm')
    try:
        return Bench(os.path.abspath(programs), scratch, repetitions).run(sections)
    finally:
        shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('programs')
    parser.add_argument('results')
    parser.add_argument('sections', nargs='*', metavar='SECTION')
    parser.add_argument('--repetitions', type=int, default=5)
    parser.add_argument('--publish', action='store_true',
                        help='write tables and charts into README.md and docs/')
    parser.add_argument('--publish-again', action='store_true',
                        help='the same with the figures of the last time')
    options = parser.parse_intermixed_args()
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f'no such section: {", ".join(unknown)} (there are {", ".join(SECTIONS)})')

    if options.publish_again:
        with open(os.path.join(options.results, 'bench.json')) as file:
            results = json.load(file)
    else:
        results = measure(options.programs, options.repetitions, options.sections or SECTIONS)
        report.write(results, options.results)
    if options.publish or options.publish_again:
        report.publish(results, TOP)


if __name__ == '__main__':
    main()
