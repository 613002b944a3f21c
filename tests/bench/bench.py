#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# bench.py: measures this transport beside its peers, in turn, in one run
#
# usage: bench.py PROGRAMS-FOLDER RESULT-FOLDER [--repetitions N] [SECTION…]

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import links
import report
from pairs import Failure, Ngtcp2, Place, Process, Transport

# One cipher of TLS 1.3, by GnuTLS.
PRIORITY = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+'


class Bench:
    def __init__(self, programs, scratch, repetitions):
        self.programs, self.scratch, self.repetitions = programs, scratch, repetitions
        self.key = os.path.join(scratch, 'key.pem')
        self.certificate = os.path.join(scratch, 'certificate.pem')
        self.results = {}
        self.make_certificate()

    def make_certificate(self):
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
             '-subj', '/CN=bench', '-keyout', self.key, '-out', self.certificate],
            check=True, capture_output=True)
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
        if os.path.exists('/usr/sbin/gtlsserver'):
            yield Ngtcp2('ngtcp2 CUBIC', self.make_file(500_000_000), self.key,
                         self.certificate, '--cc=cubic')
        for name, label, options in (('nice', 'libnice reliable', ()),
                                     ('enet', 'ENet', ()),
                                     ('srt', 'SRT', ()),
                                     ('srt', 'SRT, AES', ('--variant', 'aes')),
                                     ('usrsctp', 'usrsctp', ())):
            if os.path.exists(self.program(name)):
                modes = ('transfer', 'ping') if name == 'nice' else ('transfer',)
                yield Transport(label, self.program(name), *options, modes=modes,
                                encrypted='AES' in label)

    def repeat(self, section, measurements):
        """Every one once, then every one again: a slow minute of the machine
        is everybody's."""
        rows = {name: [] for name, _ in measurements}
        for repetition in range(self.repetitions):
            for name, measure in measurements:
                try:
                    rows[name].append(measure())
                except Failure as failure:
                    print(f'  {name}: {failure}', file=sys.stderr)
            print(f'{section}: {repetition + 1} of {self.repetitions}', file=sys.stderr)
        self.results[section] = rows

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
        self.repeat('idle', [
            (t.name, lambda t=t: t.measure(place, 'idle', timeout=60,
                                           client_options=('--count', 200, '--seconds', 2),
                                           server_options=('--count', 200, '--seconds', 1)))
            for t in self.fast_transports() if 'idle' in t.modes])

    def crowd(self):
        """Ten thousand connections that do nothing, on one endpoint."""
        options = ('--count', 10000, '--seconds', 10)
        transport = self.streams('srudp', '--transport', 'srudp')
        self.results['crowd'] = {'srudp': [transport.measure(
            Place(), 'idle', timeout=120, client_options=options, server_options=options)]}

    def engine(self):
        self.results['engine'] = {'srudp': [report.count_instructions(
            self.program('engine'), self.scratch)]}

    def lossy(self):
        self.results['lossy'] = links.measure_conditions(self)

    def fairness(self):
        self.results['fairness'] = links.measure_fairness(self)


SECTIONS = ['loopback', 'veth', 'ping', 'setup', 'idle', 'crowd', 'engine', 'lossy', 'fairness']
NEED_ROOT = {'veth', 'lossy', 'fairness'}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('programs')
    parser.add_argument('results')
    parser.add_argument('sections', nargs='*', metavar='SECTION')
    parser.add_argument('--repetitions', type=int, default=5)
    options = parser.parse_intermixed_args()
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f'no such section: {", ".join(unknown)} (there are {", ".join(SECTIONS)})')

    scratch = tempfile.mkdtemp(prefix='srudp-bench-', dir='/dev/shm')
    try:
        bench = Bench(os.path.abspath(options.programs), scratch, options.repetitions)
        for section in options.sections or SECTIONS:
            if section in NEED_ROOT and os.geteuid() != 0:
                print(f'{section}: left out, only root can make a network namespace',
                      file=sys.stderr)
                continue
            getattr(bench, section)()
    finally:
        shutil.rmtree(scratch)

    os.makedirs(options.results, exist_ok=True)
    with open(os.path.join(options.results, 'bench.json'), 'w') as file:
        json.dump(bench.results, file, indent=1)
    report.write(bench.results, options.results)


if __name__ == '__main__':
    main()
