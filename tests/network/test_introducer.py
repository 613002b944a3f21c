# SPDX-License-Identifier: MIT
#
# test_introducer.py: peers that need only one invitation since a third one
# introduces them
#
# usage: test_introducer.py [--full] [MODE [MODE]]
#
# The host has connected to the introducer; the guest knows the host's
# invitation, and the host nothing of the guest. A sample of the cells, or
# --full: each of those that can meet at all, either of the two as the host.
# With modes, only the cells of these.

import argparse
import functools
import re
import sys
import time

from cases import Failure, main, run_cases
from cat import INVITATION, Cat, asking
from lab import Lab
from nat import MODES
from pace import CLOCK
from table import Bounds, cells, often_enough, print_table

# Since the guest's program was started, which asks STUN servers first.
CLASSES = {'Y': Bounds(3, 3, 3), 'P': Bounds(6, 3, 3), 'S': Bounds(20, 9, 10)}
# The host's mode first.
SAMPLE = (
    ('cone', 'cone'), ('firewall', 'cone-remap'), ('cone-remap', 'cone'), ('cgnat', 'cone'),
    ('restricted', 'symmetric'), ('symmetric', 'full-cone'), ('symmetric-seq', 'cone'),
    ('cone-remap', 'symmetric-seq'), ('symmetric-seq', 'symmetric-seq'),
    ('symmetric', 'cone-remap'), ('cone', 'cgnat-symmetric'),
)


def meet(host_mode, guest_mode, within):
    """How long it took and how many packets."""
    with Lab() as lab:
        servers = asking(lab.start_stun())
        introducer = Cat(lab.add('open'), '--introducer', '--invite').expect(INVITATION)
        sites = lab.add(host_mode), lab.add(guest_mode)
        host = Cat(sites[0], '--invite', '--via', introducer, *servers)
        invitation = host.expect(INVITATION)
        before = sum(site.packets_sent() for site in sites)
        began = time.monotonic()
        guest = Cat(sites[1], *servers, '--timeout', within + 5, invitation)
        took = CLOCK.between(began, guest.time_of('Connected with', within + 10)[0])
        packets = sum(site.packets_sent() for site in sites) - before
        guest.say('one was enough\n')
        try:
            host.expect('one was enough')
        except Failure as failure:
            raise Failure(f'{failure}\n{guest}') from None
    if took > within:
        raise Failure(f'took {took:.1f} s\n{guest}\n{host}')
    return took, packets


def measure(results, host_mode, guest_mode, kind, full):
    """One of the two ways round of a cell."""
    results[host_mode, guest_mode] = f'{kind} FAILED'
    bounds = CLASSES[kind] if full else CLASSES[kind].once()
    text = often_enough(lambda: meet(host_mode, guest_mode, bounds.within), bounds)
    slowest = re.search(r'slowest (\S+)', text)[1]
    results[host_mode, guest_mode] = f'{kind} {slowest}'
    return text


def both_ways_round(chosen):
    for one, other, kind in chosen:
        yield one, other, kind
        if one != other:
            yield other, one, kind


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--at-once', type=int, default=4)
    parser.add_argument('modes', nargs='*', choices=[*MODES, []], default=[])
    return parser.parse_args(arguments)


def test(options):
    results = {}
    chosen = [(host, guest, kind)
              for host, guest, kind in both_ways_round(cells(set(options.modes), 'YPS'))
              if options.full or options.modes or (host, guest) in SAMPLE]
    cases = [(f'{host} invites {guest} ({kind})',
              functools.partial(measure, results, host, guest, kind, options.full))
             for host, guest, kind in chosen]
    # The slow ones first, so that they overlap.
    cases.sort(key=lambda case: 'SPY'.index(case[0][-2]))
    good = run_cases(cases, at_once=options.at_once)
    print('# Hosts are rows, guests are columns.')
    print_table(results)
    return good


if __name__ == '__main__':
    sys.exit(main(functools.partial(test, parse(sys.argv[1:])), 'turnserver'))
