# SPDX-License-Identifier: MIT
#
# report.py: the figures as tables, beside what they are to be, and as charts

import json
import os

from chart import draw
from figures import cpu_per_gb, gbit, get, median, spread
from targets import CONDITIONS, Targets


def table(title, head, rows):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    lines = [f'**{title}**', '']
    for row in [head, ['-' * width for width in widths], *rows]:
        lines.append('| ' + ' | '.join(str(cell).ljust(width)
                                       for cell, width in zip(row, widths)) + ' |')
    return '\n'.join(lines) + '\n'


def lines_of(rows, failures, *columns):
    """A row without figures says why."""
    for name, results in rows.items():
        if results:
            yield [name, *(spread([figure(r) for r in results], form)
                           for figure, form in columns)]
        else:
            yield [f'{name}: {failures.get(name, "failed")}', *('–' for _ in columns)]


def throughput_table(title, rows, failures):
    return table(title, ['transport', 'Gbit/s', 'CPU-s/GB, both ends', 'set-up, ms'], [
        *lines_of(rows, failures, (gbit, '{:.2f}'), (cpu_per_gb, '{:.2f}'),
                  (get('setup_us', 1000), '{:.2f}'))])


def times_table(title, rows, failures, what):
    rows = {name: results for name, results in rows.items()
            if not results or f'{what}_us' in results[0]}
    return table(title, ['transport', 'median, µs', '99 %, µs'], [
        *lines_of(rows, failures, (get(f'{what}_us'), '{:.0f}'),
                  (get(f'{what}_p99_us'), '{:.0f}'))])


def idle_table(title, rows, failures):
    return table(title, ['transport', 'KiB per connection'], [
        *lines_of(rows, failures, (get('bytes_per_connection', 1024), '{:.1f}'))])


def crowd_table(title, rows, failures):
    return table(title, ['transport', 'KiB per connection', 'wake-ups a second', '% of a core'], [
        *lines_of(rows, failures, (get('bytes_per_connection', 1024), '{:.1f}'),
                  (lambda r: r['idle_wakeups'] / r['idle_seconds'], '{:.0f}'),
                  (lambda r: 100 * r['idle_cpu_seconds'] / r['idle_seconds'], '{:.1f}'))])


def engine_table(title, rows, failures):
    text = table(title, ['', 'without the cipher', 'cipher and header mask'], [
        *lines_of(rows, failures, (get('instructions_per_packet'), '{:.0f}'),
                  (get('cipher_instructions_per_packet'), '{:.0f}'))])
    functions = [[name, f'{count:.0f}'] for result in rows['srudp']
                 for name, count in result['functions']]
    return text + '\n' + table('The functions with most of them', ['function', 'per packet'],
                               functions)


def lossy_table(title, rows, failures):
    lines = [[name, *(f'{shares[c]:.1f}' if c in shares else '–' for c in CONDITIONS)]
             for name, shares in rows.items()]
    text = table(title, ['transport', *(f'({c})' for c in CONDITIONS)], lines)
    return text + ''.join(f'\n{name}: {why}\n' for name, why in failures.items())


def fairness_table(title, rows, failures):
    lines = [[name, f'{100 * row["share"]:.0f}', f'{row["link"]:.0f}'] if row
             else [f'{name}: {failures.get(name, "failed")}', '–', '–']
             for name, row in rows.items()]
    return table(title, ['srudp', '% of what both got', '% of the link that both got'], lines)


TABLES = {
    'loopback': (throughput_table, 'One stream over loopback'),
    'veth': (throughput_table, 'One stream between namespaces, MTU 1,500'),
    'ping': (times_table, '64 bytes there and back over loopback', 'ping'),
    'setup': (times_table, 'Set-up over loopback', 'setup'),
    'idle': (idle_table, 'Two hundred idle connections, one end'),
    'crowd': (crowd_table, 'Ten thousand idle connections, one end'),
    'engine': (engine_table, 'Instructions per packet, both ends of the engine'),
    'lossy': (lossy_table, 'Share of the link over 20 s, start included, %'),
    'fairness': (fairness_table, 'Two connections on one line of 100 Mbit/s, 50 ms, for 40 s'),
}


def tables(results):
    failures = results.get('failures', {})
    for section, (make, title, *more) in TABLES.items():
        if section in results:
            yield make(title, results[section], failures.get(section, {}), *more)
    yield table('What is to be reached', ['what', 'reached', 'target', ''],
                Targets(results).all())


def charts(results):
    """File name, title and bars."""
    if 'loopback' in results:
        yield 'bench-loopback.svg', 'One stream over loopback, Gbit/s', {
            name: median([gbit(r) for r in rows])
            for name, rows in results['loopback'].items() if 'ceiling' not in name}
    if 'lossy' in results:
        yield 'bench-lossy.svg', 'Share of a link of 100 Mbit/s, 50 ms, that loses 1 % (%)', {
            name: shares.get('iii') for name, shares in results['lossy'].items()}


def write(results, folder):
    os.makedirs(folder, exist_ok=True)
    text = '\n'.join(tables(results))
    print(text)
    with open(os.path.join(folder, 'bench.txt'), 'w') as file:
        file.write(text)
    with open(os.path.join(folder, 'bench.json'), 'w') as file:
        json.dump(results, file, indent=1)
    draw_charts(results, folder)


def draw_charts(results, folder):
    for name, title, bars in charts(results):
        draw(os.path.join(folder, name), title, bars, 'srudp')


# --- In the documentation -------------------------------------------------------------

README_ROWS = {
    'srudp': 'srudp-glib, AES-256-GCM',
    'srudp, ChaCha20': 'srudp-glib, ChaCha20-Poly1305',
    'ngtcp2 CUBIC': 'ngtcp2 (QUIC)',
    'SRT, AES': 'SRT, AES',
    'libnice reliable': 'libnice reliable, in the clear',
    'TLS 1.3, AES, sync': 'TLS 1.3 over TCP, GIO, AES, blocking',
    'TLS 1.3, AES, async': 'the same, asynchronous',
    'TLS 1.3, ChaCha20': 'the same, ChaCha20-Poly1305, blocking',
    'ceiling, AES': 'UDP and AES, nothing else',
}


def summary(results):
    lines = ['| | Gbit/s | CPU-s/GB |', '| --- | --- | --- |']
    for name, words in README_ROWS.items():
        rows = results['loopback'].get(name)
        if rows:
            lines.append(f'| {words} | {median(map(gbit, rows)):.1f} '
                         f'| {median(map(cpu_per_gb, rows)):.2f} |')
    lines.append('')
    lines += [f'![{title}](docs/images/{name})' for name, title, _ in charts(results)]
    return '\n'.join(lines) + '\n'


def publish(results, top):
    """Where the documentation keeps the figures: between two marks."""
    draw_charts(results, os.path.join(top, 'docs', 'images'))
    replace(os.path.join(top, 'docs', 'performance.md'), '\n'.join(tables(results)))
    if 'loopback' in results:
        replace(os.path.join(top, 'README.md'), summary(results))


def replace(path, text):
    begin, end = '<!-- bench begin -->\n', '<!-- bench end -->\n'
    with open(path) as file:
        before, rest = file.read().split(begin)
    after = rest.split(end)[1]
    with open(path, 'w') as file:
        file.write(f'{before}{begin}\n{text}\n{end}{after}')
