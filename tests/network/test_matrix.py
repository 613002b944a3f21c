# SPDX-License-Identifier: MIT
#
# test_matrix.py: each kind of NAT with each, the peers knowing invitations
#
# usage: test_matrix.py [--full] [MODE [MODE]]
#
# Each cell has an internet of its own, where both sides ask STUN servers and
# make invitations before either of them opens. Once each, or --full: as often
# as it takes to be sure. With modes, only the cells of these.

import functools
import re
import sys

from cases import Failure, main, run_cases
from lab import Lab
from nat import MODES
from pair import Pair, TIMED_OUT, UNREACHABLE, seconds

TRANSFER_BYTES = 64 * 1024

# Yes; by Predicting the next port; by Spraying many; or not at all. The peers
# of the last kind are told so.
ORDER = ('open', 'firewall', 'full-cone', 'restricted', 'cone', 'cone-remap',
         'symmetric', 'symmetric-seq', 'cgnat', 'cgnat-symmetric', 'blocked')
TABLE = {
    'open':            'YYYYYYYYYY-',
    'firewall':        ' YYYYYSPYS-',
    'full-cone':       '  YYYYYYYY-',
    'restricted':      '   YYYYYYY-',
    'cone':            '    YYSPYS-',
    'cone-remap':      '     YSPYS-',
    'symmetric':       '      --S--',
    'symmetric-seq':   '       PP--',
    'cgnat':           '        YS-',
    'cgnat-symmetric': '         --',
    'blocked':         '          -',
}
# Of each class: within how many seconds, and in how many of how many runs.
CLASSES = {'Y': (2, 5, 5), 'P': (5, 5, 5), 'S': (20, 9, 10)}
MOST_PACKETS = 3000
HOPELESS_TIMEOUT_MS = 6000
CPU_SHARE = 0.05
# In a quick run. Chance has a say in S: one run in ten may miss, so the quick
# run has a second try.
QUICK = {'Y': (1, 1), 'P': (1, 1), 'S': (1, 2)}

assert set(ORDER) == set(MODES)


def connects(pair_of, within):
    """How long it took and how many packets, in a network of their own."""
    with Lab() as lab:
        sites = pair_of(lab)
        with Pair(*sites, invite=True, stun=lab.start_stun(), send=TRANSFER_BYTES,
                  open_timeout=within * 1000) as pair:
            before = sum(site.packets_sent() for site in sites)
            took = pair.open(within)
            packets = sum(site.packets_sent() for site in sites) - before
            pair.finish(20)
    return took, packets


def often_enough(pair_of, within, least, runs):
    took, packets, failures = [], [], []
    for _ in range(runs):
        try:
            one_took, one_packets = connects(pair_of, within)
        except Failure as failure:
            failures.append(str(failure))
            if len(failures) > runs - least:
                raise Failure('\n'.join(failures)) from None
            continue
        took.append(one_took)
        packets.append(one_packets)
    if max(packets) > MOST_PACKETS:
        raise Failure(f'{max(packets)} packets')
    return (f'{len(took)} of {runs}, slowest {seconds(max(took))}, '
            f'at most {max(packets)} packets')


def ends_with_a_word(pair_of):
    with Lab() as lab:
        with Pair(*pair_of(lab), invite=True, stun=lab.start_stun(),
                  open_timeout=HOPELESS_TIMEOUT_MS) as pair:
            pair.go()
            words = [check_failure(pair, peer) for peer in pair.peers]
    return 'told: ' + '; '.join(dict.fromkeys(words))


def check_failure(pair, peer):
    failed = peer.expect('failed', HOPELESS_TIMEOUT_MS / 1000 + 5)
    opening = peer.said('opening')
    took_us = int(failed['at']) - int(opening['at'])
    if failed['error'] not in (UNREACHABLE, TIMED_OUT):
        raise Failure(f'another error\n{pair}')
    if took_us > (HOPELESS_TIMEOUT_MS + 1000) * 1000:
        raise Failure(f'took {seconds(took_us)}\n{pair}')
    share = (int(failed['cpu']) - int(opening['cpu'])) / took_us
    if share > CPU_SHARE:
        raise Failure(f'used {share:.0%} of a CPU meanwhile\n{pair}')
    return failed['words'].strip('"')


def cells(wanted):
    """(mode, mode, class)"""
    for row, one in enumerate(ORDER):
        for column, other in enumerate(ORDER):
            kind = TABLE[one][column]
            if column >= row and wanted <= {one, other}:
                yield one, other, kind


def print_table(results):
    """The measured cells as the matrix they are."""
    width = max(map(len, ORDER)) + 1
    print('#', ' ' * width, *(mode.ljust(width) for mode in ORDER))
    for one in ORDER:
        row = (results.get((one, other), '') for other in ORDER)
        print('#', one.ljust(width), *(cell.ljust(width) for cell in row))


def measure(results, one, other, kind, full):
    def pair_of(lab):
        return lab.add(one), lab.add(other)

    results[one, other] = f'{kind} FAILED'
    if kind == '-':
        text = ends_with_a_word(pair_of)
        results[one, other] = '-'
        return text
    within, least, runs = CLASSES[kind]
    text = often_enough(pair_of, within, *((least, runs) if full else QUICK[kind]))
    slowest = re.search(r'slowest (\S+)', text)[1]
    results[one, other] = f'{kind} {slowest}'
    return text


def over_ipv6():
    """Firewalls on both sides, and nothing at all over IPv4."""
    def pair_of(lab):
        return tuple(lab.add('blocked', ipv6='firewall') for _ in range(2))

    return often_enough(pair_of, 2, 1, 1)


def test(arguments):
    full = '--full' in arguments
    wanted = {argument for argument in arguments if argument in MODES}
    results = {}
    cases = [(f'{one} × {other} ({kind})',
              functools.partial(measure, results, one, other, kind, full))
             for one, other, kind in cells(wanted)]
    # The slow ones first, so that they overlap.
    cases.sort(key=lambda case: 'S-PY'.index(case[0][-2]))
    if not wanted:
        cases.append(('blocked × blocked, IPv6 with firewalls', over_ipv6))
    good = run_cases(cases, at_once=8)
    print_table(results)
    return good


if __name__ == '__main__':
    sys.exit(main(functools.partial(test, sys.argv[1:]), 'turnserver'))
