# SPDX-License-Identifier: MIT
#
# links.py: networks to measure on, and the measurements on bad ones

import contextlib
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'network'))

import namespaces  # noqa: E402
from pairs import FAILURES, Absent, Failure, Ngtcp2, Place, Process, Transport  # noqa: E402

SECONDS = 20
BESIDE_SECONDS = 40
# Lines that run at the same time together carry no more than this: two
# processors do that with room to spare, so that no line waits for another.
MBIT_AT_ONCE = 320


@contextlib.contextmanager
def two_namespaces(label):
    ends = [namespaces.Namespace(f'{label}{side}') for side in 'ab']
    try:
        yield ends
    finally:
        for end in ends:
            end.delete()


@contextlib.contextmanager
def veth_pair():
    """A cable with the usual MTU of 1,500."""
    with two_namespaces('veth') as (a, b):
        namespaces.link(a, 'eth0', b, 'eth0')
        a.address('eth0', '10.7.0.1/24')
        b.address('eth0', '10.7.0.2/24')
        yield Place('10.7.0.2', '10.7.0.1', a.name, b.name)


class Link:
    """A slow line between two namespaces, by the emulator."""

    def __init__(self, emulator, label, options):
        names = [f'sb{os.getpid() % 100000}{label}{side}' for side in 'ab']
        self.stack = contextlib.ExitStack()
        a, b = self.stack.enter_context(two_namespaces(label))
        self.emulator = Process([emulator, *options, *names])
        # A line keeps its time whatever its ends do.
        os.setpriority(os.PRIO_PROCESS, self.emulator.process.pid, -15)
        self.emulator.wait_until_ready()
        for end, name, address in ((a, names[0], '10.8.0.1'), (b, names[1], '10.8.0.2')):
            namespaces.run('ip', 'link', 'set', name, 'netns', end.name)
            end.address(name, f'{address}/24')
            end.ip('link', 'set', name, 'mtu', '1500')
            end.ip('link', 'set', name, 'up')
        self.place = Place('10.8.0.2', '10.8.0.1', a.name, b.name)

    def close(self):
        self.emulator.end()
        self.stack.close()


CONDITIONS = {
    'i': ('20 Mbit/s, 280 ms, 0.15 % lost', 20, ['--rate=20', '--delay=140', '--loss=0.15']),
    'ii': ('100 Mbit/s, 50 ms', 100, ['--rate=100', '--delay=25']),
    'iii': ('100 Mbit/s, 50 ms, 1 % lost', 100, ['--rate=100', '--delay=25', '--loss=1']),
    'iv': ('10 Mbit/s, 100 ms, 5 % lost', 10, ['--rate=10', '--delay=50', '--loss=5']),
    'v': ('100 Mbit/s, 20 ms, half a BDP of queue', 100,
          ['--rate=100', '--delay=10', '--queue=125000']),
}


def slow_transports(bench, files):
    for transport in bench.fast_transports():
        if 'ceiling' in transport.name or 'TLS' in transport.name or 'ChaCha' in transport.name:
            continue
        if isinstance(transport, Ngtcp2):
            for controller in ('cubic', 'bbr2'):
                yield Ngtcp2(f'ngtcp2 {controller.upper()}', files, bench.key,
                             bench.certificate, f'--cc={controller}')
        else:
            yield transport


def measure_window(bench, transport, place, label):
    if isinstance(transport, Ngtcp2):
        target = os.path.join(bench.scratch, 'got-' + label)
        os.makedirs(target, exist_ok=True)
        return transport.measure_window(place, SECONDS, target)
    if isinstance(transport, Absent):
        transport.measure()
    return windowed(transport, place, SECONDS)


def windowed(transport, place, seconds):
    """The receiver ends when its window is over; the sender is then alone."""
    port = ['--port', place.next_port(), *transport.options]
    server = Process([transport.program, 'server', 'transfer', '--address', place.address, *port,
                      '--window', seconds], place.server, None,
                     {**transport.environment, 'BENCH_OWN_ADDRESS': place.address})
    client = None
    try:
        server.wait_until_ready()
        time.sleep(0.05)
        client = Process([transport.program, 'client', 'transfer', '--address', place.address,
                          *port, '--seconds', seconds + 5], place.client, None,
                         {**transport.environment, 'BENCH_OWN_ADDRESS': place.own})
        return server.wait(seconds + 20)
    finally:
        server.end()
        if client:
            client.end()


def share(result, rate_mbit):
    return 100 * result['bytes'] * 8 / result['seconds'] / (rate_mbit * 1e6)


def emulator(bench):
    return os.path.join(bench.programs, '..', 'network', 'link-emulator')


def measure_one(bench, condition, index, transport, files, rows):
    _, rate, options = CONDITIONS[condition]
    link = Link(emulator(bench), f'{condition}{index}', options)
    try:
        result = measure_window(bench, transport, link.place, f'{condition}-{index}')
        rows[transport.name][condition] = share(result, rate)
    finally:
        link.close()


class Pool:
    """Lines that run at once, each with namespaces of its own."""

    def __init__(self, note):
        self.note = note
        self.changed = threading.Condition()
        self.free = MBIT_AT_ONCE
        self.threads = []

    def run(self, rate, name, job, *args):
        with self.changed:
            self.changed.wait_for(lambda: self.free >= rate)
            self.free -= rate
        thread = threading.Thread(target=self.work, args=(rate, name, job, args))
        self.threads.append(thread)
        thread.start()

    def work(self, rate, name, job, args):
        try:
            job(*args)
            self.note(name, None)
        except FAILURES as failure:
            self.note(name, failure)
        finally:
            with self.changed:
                self.free += rate
                self.changed.notify_all()

    def join(self):
        for thread in self.threads:
            thread.join()


def measure_conditions(bench, note):
    """One line for each transport and condition, the fastest first: so few
    are left alone at the end."""
    files = bench.make_file(400_000_000)
    transports = list(slow_transports(bench, files))
    rows = {transport.name: {} for transport in transports}
    pool = Pool(note)
    for condition in sorted(CONDITIONS, key=lambda c: -CONDITIONS[c][1]):
        for index, transport in enumerate(transports):
            pool.run(CONDITIONS[condition][1], f'{transport.name} ({condition})', measure_one,
                     bench, condition, index, transport, files, rows)
    pool.join()
    return rows


def measure_fairness(bench, note):
    """Beside one TCP connection, over one line."""
    rows = {'beside TCP CUBIC': {}, 'beside TCP BBR': {}}
    pool = Pool(note)
    for name, row in rows.items():
        pool.run(100, name, beside, bench, name.split()[-1].lower(), row)
    pool.join()
    return rows


def beside(bench, controller, row):
    results, failures = {}, []

    def run(name, transport):
        try:
            results[name] = windowed(transport, link.place, BESIDE_SECONDS)['bytes']
        except Failure as failure:
            failures.append(failure)

    ours = Transport('srudp', bench.program('streams'), '--transport', 'srudp')
    tcp = Transport('tcp', bench.program('streams'), '--transport', 'tcp',
                    '--variant', controller)
    link = Link(emulator(bench), f'f{controller[0]}', ['--rate=100', '--delay=25'])
    threads = [threading.Thread(target=run, args=pair)
               for pair in (('srudp', ours), ('tcp', tcp))]
    try:
        for thread in threads:
            thread.start()
            time.sleep(0.5)
        for thread in threads:
            thread.join()
    finally:
        link.close()
    if failures:
        raise failures[0]
    total = sum(results.values())
    row.update(share=results['srudp'] / total,
               link=share({'bytes': total, 'seconds': BESIDE_SECONDS}, 100))
