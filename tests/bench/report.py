# SPDX-License-Identifier: MIT
#
# report.py: the figures as tables, beside what they are to be, and as a chart

import os
import re
import statistics
import subprocess

from chart import draw


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def figures(rows, name, figure):
    return [figure(result) for result in rows.get(name, [])]


def gbit(result):
    return result['bytes'] * 8 / result['seconds'] / 1e9


def cpu_per_gb(result):
    return result['cpu_seconds'] / (result['bytes'] / 1e9)


def get(key, scale=1):
    return lambda result: result[key] / scale if key in result else None


def spread(values, form):
    values = [value for value in values if value is not None]
    if not values:
        return '–'
    middle = form.format(statistics.median(values))
    return f'{middle} ({form.format(min(values))}–{form.format(max(values))})'


def table(title, head, rows):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    lines = [f'{title}', '']
    for row in [head, ['-' * width for width in widths], *rows]:
        lines.append('| ' + ' | '.join(str(cell).ljust(width)
                                       for cell, width in zip(row, widths)) + ' |')
    return '\n'.join(lines) + '\n'


# --- Instructions ----------------------------------------------------------------

# What a cipher costs is libsodium's affair, not the engine's.
CIPHER_FUNCTIONS = ('srudp_aead_seal', 'srudp_aead_open', 'srudp_header_mask')


def count_instructions(program, scratch, megabytes=20):
    output = os.path.join(scratch, 'callgrind.out')
    run = subprocess.run(
        ['valgrind', '--tool=callgrind', '--collect-atstart=no',
         f'--callgrind-out-file={output}', program, str(megabytes)],
        capture_output=True, text=True, check=True)
    packets = int(re.search(r'"packets": (\d+)', run.stdout).group(1))
    listing = subprocess.run(
        ['callgrind_annotate', '--inclusive=yes', '--threshold=100', output],
        capture_output=True, text=True, check=True).stdout
    total = instructions(listing, 'PROGRAM TOTALS')
    # The compiler marks a copy that it has made to measure: name.constprop.0
    cipher = sum(instructions(listing, fr':{name}(\.\w+)* ') for name in CIPHER_FUNCTIONS)
    return {'packets': packets, 'instructions_per_packet': (total - cipher) / packets,
            'cipher_instructions_per_packet': cipher / packets}


def instructions(listing, pattern):
    for line in listing.splitlines():
        if re.search(pattern, line):
            return int(line.split()[0].replace(',', ''))
    raise LookupError(pattern)


# --- Tables ------------------------------------------------------------------------

def throughput_table(title, rows):
    lines = [[name, spread([gbit(r) for r in results], '{:.2f}'),
              spread([cpu_per_gb(r) for r in results], '{:.2f}'),
              spread([get('setup_us', 1000)(r) for r in results], '{:.2f}')]
             for name, results in rows.items()]
    return table(title, ['transport', 'Gbit/s', 'CPU-s/GB, both ends', 'set-up, ms'], lines)


def times_table(title, rows, what):
    lines = [[name, spread([get(f'{what}_us')(r) for r in results], '{:.0f}'),
              spread([get(f'{what}_p99_us')(r) for r in results], '{:.0f}')]
             for name, results in rows.items() if results and f'{what}_us' in results[0]]
    return table(title, ['transport', 'median, µs', '99 %, µs'], lines)


def idle_table(title, rows):
    lines = [[name, spread([get('bytes_per_connection', 1024)(r) for r in results], '{:.1f}')]
             for name, results in rows.items()]
    return table(title, ['transport', 'KiB per connection'], lines)


def lossy_table(title, rows):
    conditions = ['i', 'ii', 'iii', 'iv', 'v']
    lines = [[name, *(f'{shares[c]:.1f}' if c in shares else '–' for c in conditions)]
             for name, shares in rows.items()]
    return table(title, ['transport', *(f'({c})' for c in conditions)], lines)


# --- What is to be reached ------------------------------------------------------------

class Targets:
    def __init__(self, results):
        self.results = results
        self.rows = []

    def value(self, section, name, figure):
        return median(figures(self.results.get(section, {}), name, figure))

    def add(self, what, value, target, form='{:.2f}', at_least=True):
        if value is None:
            return
        met = value >= target if at_least else value <= target
        sign = '≥' if at_least else '≤'
        self.rows.append([what, form.format(value), f'{sign} {form.format(target)}',
                          'met' if met else 'MISSED'])

    def ratio(self, what, section, figure, ours, other, target, at_least=True):
        one, another = (self.value(section, name, figure) for name in (ours, other))
        if one is not None and another:
            self.add(what, one / another, target, at_least=at_least)

    def throughput(self):
        for section in ('loopback', 'veth'):
            self.ratio(f'{section}: to the ceiling, AES', section, gbit, 'srudp',
                       'ceiling, AES', 0.70)
            self.ratio(f'{section}: to the ceiling, ChaCha20', section, gbit,
                       'srudp, ChaCha20', 'ceiling, ChaCha20', 0.70)
        for section, name, other, target in (
                ('loopback', 'srudp', 'ngtcp2 CUBIC', 1.45),
                ('loopback', 'srudp', 'libnice reliable', 2.5),
                ('loopback', 'srudp', 'TLS 1.3, AES, async', 0.6),
                ('loopback', 'srudp', 'TLS 1.3, AES, sync', 0.45),
                ('loopback', 'srudp, ChaCha20', 'TLS 1.3, ChaCha20', 1.4)):
            self.ratio(f'{section}: to {other}', section, gbit, name, other, target)
        self.ratio('loopback: processor time to ngtcp2', 'loopback', cpu_per_gb, 'srudp',
                   'ngtcp2 CUBIC', 0.7, at_least=False)
        self.add('loopback: CPU-s/GB, both ends, AES',
                 self.value('loopback', 'srudp', cpu_per_gb), 1.8, at_least=False)

    def latency(self):
        self.add('ping of 64 bytes, median, µs', self.value('ping', 'srudp', get('ping_us')),
                 60, '{:.0f}', False)
        self.add('ping of 64 bytes, 99 %, µs',
                 self.value('ping', 'srudp', get('ping_p99_us')), 250, '{:.0f}', False)
        self.add('set-up, both open, median, ms',
                 self.value('setup', 'srudp, both open', get('setup_us', 1000)), 1.5,
                 at_least=False)
        self.add('set-up, both open, 99 %, ms',
                 self.value('setup', 'srudp, both open', get('setup_p99_us', 1000)), 5,
                 at_least=False)
        self.ratio('set-up to TLS 1.3', 'setup', get('setup_us'), 'srudp',
                   'TLS 1.3, AES, sync', 0.1, at_least=False)
        self.add('handshakes accepted per CPU-s of the responder',
                 self.value('setup', 'srudp, accepting', lambda r: r['accepted'] / r['cpu']),
                 3000, '{:.0f}')

    def memory(self):
        self.add('idle connection, KiB',
                 self.value('idle', 'srudp', get('bytes_per_connection', 1024)), 16, '{:.1f}',
                 False)
        self.add('10,000 idle connections, MB',
                 self.value('crowd', 'srudp', get('bytes_per_connection', 100)), 200, '{:.0f}',
                 False)
        self.add('engine: instructions per packet, without the cipher',
                 self.value('engine', 'srudp', get('instructions_per_packet')), 2500, '{:.0f}',
                 False)

    def lossy(self):
        ours = self.results.get('lossy', {}).get('srudp', {})
        for condition, target in (('i', 87), ('ii', 92), ('iii', 90), ('iv', 85), ('v', 92)):
            self.add(f'share of the link, ({condition}), %', ours.get(condition), target, '{:.1f}')
        for name, row in self.results.get('fairness', {}).items():
            self.add(f'{name}: share at least', row['share'], 0.2)
            self.add(f'{name}: share at most', row['share'], 0.8, at_least=False)

    def all(self):
        self.throughput()
        self.latency()
        self.memory()
        self.lossy()
        return self.rows


def tables(results):
    if 'loopback' in results:
        yield throughput_table('One stream over loopback', results['loopback'])
    if 'veth' in results:
        yield throughput_table('One stream between namespaces, MTU 1,500', results['veth'])
    if 'ping' in results:
        yield times_table('64 bytes there and back over loopback', results['ping'], 'ping')
    if 'setup' in results:
        yield times_table('Set-up over loopback', results['setup'], 'setup')
    if 'idle' in results:
        yield idle_table('Memory of an idle connection, one end', results['idle'])
    if 'lossy' in results:
        yield lossy_table('Share of the link over 20 s, start included, %', results['lossy'])
    yield table('What is to be reached', ['what', 'reached', 'target', ''],
                Targets(results).all())


def write(results, folder):
    text = '\n'.join(tables(results))
    print(text)
    with open(os.path.join(folder, 'bench.txt'), 'w') as file:
        file.write(text)
    if 'loopback' in results:
        bars = {name: median([gbit(r) for r in rows])
                for name, rows in results['loopback'].items() if 'ceiling' not in name}
        draw(os.path.join(folder, 'bench-loopback.svg'), 'One stream over loopback, Gbit/s',
             bars, 'srudp')
    if 'lossy' in results:
        bars = {name: shares.get('iii', 0) for name, shares in results['lossy'].items()}
        draw(os.path.join(folder, 'bench-lossy.svg'),
             'Share of a link of 100 Mbit/s, 50 ms, that loses 1 % (%)', bars, 'srudp')
