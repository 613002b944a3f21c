# SPDX-License-Identifier: MIT
#
# targets.py: what is to be reached, beside what was

from figures import cpu_per_gb, figures, gbit, get, median
from instructions import KEPT

CONDITIONS = ('i', 'ii', 'iii', 'iv', 'v')
SECURE_UDP = ('ngtcp2 CUBIC', 'ngtcp2 BBR2', 'SRT, AES')


class Targets:
    """One row for each; a section that was not asked for has none."""

    def __init__(self, results):
        self.results = results
        self.rows = []

    def value(self, section, name, figure):
        return median(figures(self.results.get(section, {}), name, figure))

    def add(self, section, what, value, target, form='{:.2f}', at_least=True):
        if section not in self.results:
            return
        wanted = f'{"≥" if at_least else "≤"} {form.format(target)}'
        if value is None:
            self.rows.append([what, '–', wanted, 'not measured'])
            return
        met = value >= target if at_least else value <= target
        self.rows.append([what, form.format(value), wanted, 'met' if met else 'MISSED'])

    def ratio(self, what, section, figure, ours, other, target, at_least=True):
        one, another = (self.value(section, name, figure) for name in (ours, other))
        known = one is not None and another
        self.add(section, what, one / another if known else None, target, at_least=at_least)

    def throughput(self):
        for section in ('loopback', 'veth'):
            self.ratio(f'{section}: to the ceiling, AES', section, gbit, 'srudp',
                       'ceiling, AES', 0.70)
            self.ratio(f'{section}: to the ceiling, ChaCha20', section, gbit,
                       'srudp, ChaCha20', 'ceiling, ChaCha20', 0.70)
        for ours, other, target in (('srudp', 'ngtcp2 CUBIC', 1.45),
                                    ('srudp', 'libnice reliable', 2.5),
                                    ('srudp', 'TLS 1.3, AES, async', 0.6),
                                    ('srudp', 'TLS 1.3, AES, sync', 0.45),
                                    ('srudp, ChaCha20', 'TLS 1.3, ChaCha20', 1.4)):
            self.ratio(f'loopback: to {other}', 'loopback', gbit, ours, other, target)
        self.ratio('loopback: processor time to ngtcp2', 'loopback', cpu_per_gb, 'srudp',
                   'ngtcp2 CUBIC', 0.7, at_least=False)
        self.add('loopback', 'loopback: CPU-s/GB, both ends, AES',
                 self.value('loopback', 'srudp', cpu_per_gb), 1.8, at_least=False)

    def most(self, section, what, name, figure, target, form='{:.2f}'):
        self.add(section, what, self.value(section, name, figure), target, form, False)

    def latency(self):
        self.most('ping', 'ping of 64 bytes, median, µs', 'srudp', get('ping_us'), 60, '{:.0f}')
        self.most('ping', 'ping of 64 bytes, 99 %, µs', 'srudp', get('ping_p99_us'), 250,
                  '{:.0f}')
        self.most('setup', 'set-up, both open, median, ms', 'srudp, both open',
                  get('setup_us', 1000), 1.5)
        self.most('setup', 'set-up, both open, 99 %, ms', 'srudp, both open',
                  get('setup_p99_us', 1000), 5)
        self.ratio('set-up to TLS 1.3', 'setup', get('setup_us'), 'srudp',
                   'TLS 1.3, AES, sync', 0.1, at_least=False)
        self.add('setup', 'handshakes accepted per CPU-s of the responder',
                 self.value('setup', 'srudp, accepting', lambda r: r['accepted'] / r['cpu']),
                 3000, '{:.0f}')

    def memory(self):
        self.most('idle', 'idle connection, KiB', 'srudp', get('bytes_per_connection', 1024),
                  16, '{:.1f}')
        self.most('crowd', '10,000 idle connections, MB', 'srudp',
                  get('bytes_per_connection', 100), 200, '{:.0f}')
        self.most('crowd', '10,000 idle connections, % of a core', 'srudp',
                  lambda r: 100 * r['idle_cpu_seconds'] / r['idle_seconds'], 3, '{:.1f}')

    def engine(self):
        self.most('engine', 'engine: instructions per packet, without the cipher', 'srudp',
                  get('instructions_per_packet'), 2500, '{:.0f}')
        self.most('engine', f'engine: to the {KEPT} that are kept', 'srudp',
                  get('instructions_per_packet', KEPT), 1.03)

    def lossy(self):
        rows = self.results.get('lossy', {})
        ours = rows.get('srudp', {})
        for condition, target in zip(CONDITIONS, (87, 92, 90, 85, 92)):
            share = ours.get(condition)
            peers = [rows[name][condition] for name in SECURE_UDP
                     if condition in rows.get(name, {})]
            bbr = rows.get('TCP BBR', {}).get(condition)
            self.add('lossy', f'({condition}): share of the link, %', share, target, '{:.1f}')
            self.add('lossy', f'({condition}): points above the best secure UDP peer',
                     share - max(peers) if share is not None and peers else None, -1,
                     '{:.1f}')
            self.add('lossy', f'({condition}): to TCP BBR',
                     share / bbr if share is not None and bbr else None, 0.97)

    def fairness(self):
        for controller in ('CUBIC', 'BBR'):
            row = self.results.get('fairness', {}).get(f'beside TCP {controller}', {})
            self.add('fairness', f'beside TCP {controller}: share at least',
                     row.get('share'), 0.2)
            self.add('fairness', f'beside TCP {controller}: share at most',
                     row.get('share'), 0.8, at_least=False)

    def all(self):
        self.throughput()
        self.latency()
        self.memory()
        self.engine()
        self.lossy()
        self.fairness()
        return self.rows
