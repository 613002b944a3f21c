# SPDX-License-Identifier: MIT
#
# test_matrix.py: each kind of NAT with each, the peers knowing invitations
#
# usage: test_matrix.py [--full] [--loss PERCENT | --ipv6] [MODE [MODE]]
#
# Each cell has an internet of its own, where both sides ask STUN servers and
# make invitations before either of them opens. Once each, or --full: as often
# as it takes to be sure. With --loss the links of both sides lose so many of
# the packets from the beginning on; with --ipv6 there is IPv6 behind firewalls,
# and every two can meet. With modes, only the cells of these.

import argparse
import functools
import re
import sys

from cases import Failure, main, run_cases
from lab import Lab
from nat import MODES
from pair import Pair, TIMED_OUT, UNREACHABLE, between, seconds
from table import Bounds, CLASSES, cells, often_enough, print_table

TRANSFER_BYTES = 64 * 1024
HOPELESS_TIMEOUT_MS = 6000
CPU_SHARE = 0.05

# Of packets lost in each of the two links, percent.
LOSSY = {10: Bounds(5, 5, 5), 30: Bounds(10, 5, 5)}
LOSSY_TRANSFER_BYTES = 16 * 1024
LOSSY_TRANSFER_SECONDS = 60
# In a quick run.
LOSSY_SAMPLE = (('firewall', 'cgnat'), ('full-cone', 'symmetric'), ('restricted', 'symmetric-seq'),
                ('cone-remap', 'cone-remap'), ('open', 'cgnat-symmetric'))

# What a peer is told where nothing helps: that of the network that it is in,
# or of both. Whose NAT is hard is known of both sides; of one that lets no UDP
# through nothing is known on the other side.
BLOCKED = 'block UDP'
BOTH_HARD = 'of both sides give each partner another port'
OWN_HARD = 'network here gives each partner another port'
SILENT = 'Nothing was heard from the peer'
HARD = ('symmetric', 'symmetric-seq', 'cgnat-symmetric')


def connects(pair_of, within, loss=0):
    """How many seconds it took and how many packets, in a network of their own."""
    size, patience = TRANSFER_BYTES, 20
    with Lab() as lab:
        sites = pair_of(lab)
        if loss:
            size, patience = LOSSY_TRANSFER_BYTES, LOSSY_TRANSFER_SECONDS
            for site in sites:
                site.lose(loss)
        with Pair(*sites, invite=True, stun=lab.start_stun(), send=size) as pair:
            before = sum(site.packets_sent() for site in sites)
            took = pair.open(within)
            packets = sum(site.packets_sent() for site in sites) - before
            pair.finish(patience)
    return took / 1e6, packets


def expected_words(own, others):
    if own == 'blocked':
        return BLOCKED
    if own in HARD:
        return BOTH_HARD if others in HARD else OWN_HARD
    return SILENT


def ends_with_a_word(pair_of, modes):
    with Lab() as lab:
        with Pair(*pair_of(lab), invite=True, stun=lab.start_stun(),
                  open_timeout=HOPELESS_TIMEOUT_MS) as pair:
            pair.go()
            for peer, own, others in zip(pair.peers, modes, reversed(modes)):
                check_failure(pair, peer, expected_words(own, others))
    return 'told: ' + '; '.join(dict.fromkeys(map(expected_words, modes, reversed(modes))))


def check_failure(pair, peer, words):
    failed = peer.expect('failed', HOPELESS_TIMEOUT_MS / 1000 + 5)
    opening = peer.said('opening')
    took_us = between(opening['at'], failed['at'])
    if failed['error'] not in (UNREACHABLE, TIMED_OUT):
        raise Failure(f'another error\n{pair}')
    if words not in failed['words']:
        raise Failure(f'not told “{words}” at {peer.site.mode}\n{pair}')
    if took_us > (HOPELESS_TIMEOUT_MS + 1000) * 1000:
        raise Failure(f'took {seconds(took_us)}\n{pair}')
    share = ((int(failed['cpu']) - int(opening['cpu']))
             / (int(failed['at']) - int(opening['at'])))
    if share > CPU_SHARE:
        raise Failure(f'used {share:.0%} of a CPU meanwhile\n{pair}')


def measure(results, one, other, kind, options):
    """A cell; with IPv6 each is one of the easy ones."""
    def pair_of(lab):
        site_options = {'ipv6': 'firewall'} if options.ipv6 else {}
        return lab.add(one, **site_options), lab.add(other, **site_options)

    results[one, other] = f'{kind} FAILED'
    if kind == '-' and not options.ipv6:
        text = ends_with_a_word(pair_of, (one, other))
        results[one, other] = '-'
        return text
    bounds = (LOSSY[options.loss] if options.loss
              else CLASSES['Y' if options.ipv6 else kind])
    text = often_enough(lambda: connects(pair_of, bounds.within, options.loss),
                        bounds if options.full else bounds.once())
    slowest = re.search(r'slowest (\S+)', text)[1]
    results[one, other] = f'{kind} {slowest}'
    return text


def cases_of(results, options, chosen, what=''):
    cases = [(f'{one} × {other} ({kind}{what})',
              functools.partial(measure, results, one, other, kind, options))
             for one, other, kind in chosen]
    # The slow ones first, so that they overlap.
    return sorted(cases, key=lambda case: 'S-PY'.index(case[0].partition('(')[2][0]))


def samples(options):
    """Some under conditions that have matrices of their own."""
    for loss in LOSSY:
        lossy = argparse.Namespace(**{**vars(options), 'loss': loss})
        yield from cases_of({}, lossy, [(one, other, 'Y') for one, other in LOSSY_SAMPLE],
                            f', {loss} % loss')
    ipv6 = argparse.Namespace(**{**vars(options), 'ipv6': True})
    yield from cases_of({}, ipv6, [('blocked', 'blocked', '-'), ('symmetric', 'blocked', '-')],
                        ', IPv6 with firewalls')


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--loss', type=int, choices=LOSSY, default=0)
    parser.add_argument('--ipv6', action='store_true')
    parser.add_argument('--at-once', type=int, default=8)
    parser.add_argument('modes', nargs='*', choices=[*MODES, []], default=[])
    return parser.parse_args(arguments)


def test(options):
    results = {}
    chosen = cells(set(options.modes), 'Y' if options.loss else 'YPS-')
    cases = cases_of(results, options, chosen)
    if not (options.modes or options.loss or options.ipv6 or options.full):
        cases += samples(options)
    good = run_cases(cases, at_once=options.at_once)
    print_table(results)
    return good


if __name__ == '__main__':
    sys.exit(main(functools.partial(test, parse(sys.argv[1:])), 'turnserver'))
