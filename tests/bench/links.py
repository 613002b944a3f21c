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
from pairs import Failure, Ngtcp2, Place, Process, Transport  # noqa: E402

SECONDS = 20


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
    return windowed(transport, place)


def windowed(transport, place, seconds=SECONDS):
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
    link = None
    try:
        link = Link(emulator(bench), f'{condition}{index}', options)
        result = measure_window(bench, transport, link.place, f'{condition}-{index}')
        rows.setdefault(transport.name, {})[condition] = share(result, rate)
    except Failure as failure:
        print(f'  ({condition}) {transport.name}: {failure}', file=sys.stderr)
    finally:
        if link:
            link.close()


def measure_conditions(bench):
    """Several lines at once, each with namespaces of its own: together they
    stay far below what the machine carries."""
    files = bench.make_file(400_000_000)
    rows = {}
    for condition, (words, rate, _) in CONDITIONS.items():
        waiting = list(enumerate(slow_transports(bench, files)))
        at_once = 5 if rate <= 20 else 3
        while waiting:
            batch, waiting = waiting[:at_once], waiting[at_once:]
            threads = [threading.Thread(target=measure_one, args=(
                bench, condition, index, transport, files, rows))
                for index, transport in batch]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        print(f'({condition}) {words}: done', file=sys.stderr)
    return rows


def measure_fairness(bench):
    """Beside one TCP connection, over one line, from the fifth second on."""
    rows = {}
    for controller in ('cubic', 'bbr'):
        link = Link(emulator(bench), f'f{controller[0]}', ['--rate=100', '--delay=25'])
        try:
            rows[f'beside TCP {controller.upper()}'] = beside(bench, link.place, controller)
        finally:
            link.close()
    return rows


def beside(bench, place, controller):
    results = {}

    def run(name, transport):
        results[name] = windowed(transport, place, 40)['bytes']

    ours = Transport('srudp', bench.program('streams'), '--transport', 'srudp')
    tcp = Transport('tcp', bench.program('streams'), '--transport', 'tcp',
                    '--variant', controller)
    threads = [threading.Thread(target=run, args=pair)
               for pair in (('srudp', ours), ('tcp', tcp))]
    for thread in threads:
        thread.start()
        time.sleep(0.5)
    for thread in threads:
        thread.join()
    return {'share': results['srudp'] / (results['srudp'] + results['tcp']),
            'link': 100 * 8 * sum(results.values()) / 40 / 100e6}
