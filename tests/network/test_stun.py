# SPDX-License-Identifier: MIT
#
# test_stun.py: what STUN servers tell of each kind of NAT
#
# usage: test_stun.py [MODE…]

import functools
import re
import sys
import time

from cases import Failure, main, run_cases
from cat import Cat, asking
from lab import Lab
from nat import MODES

PROBE_SECONDS = 3
# What a program may take to start, on a machine that has other things to do.
START_SECONDS = 2

NO_NAT = 'There is no NAT'
EASY = 'Most peers can be connected'
HARD = 'gives each peer another port'
SILENCE = 'No STUN server has answered'
WORDS = {
    'open': NO_NAT, 'firewall': NO_NAT, 'full-cone': EASY, 'restricted': EASY, 'cone': EASY,
    'cone-remap': EASY, 'symmetric': HARD, 'symmetric-seq': HARD, 'cgnat': EASY,
    'cgnat-symmetric': HARD, 'blocked': SILENCE,
}
assert set(WORDS) == set(MODES)


def told(site, servers, words):
    """The time from the program's first word to those that are expected."""
    cat = Cat(site, *asking(servers), '--timeout', 0.1, '192.0.2.1:9')
    began = cat.time_of('This side is')[0]
    at, said = cat.time_of(f'({re.escape(words)})', PROBE_SECONDS + START_SECONDS)
    if at - began > PROBE_SECONDS:
        raise Failure(f'took {at - began:.1f} s')
    return f'“{said}” after {at - began:.2f} s'


def named(mode):
    """Each kind of NAT is named, or that nothing gets through, in time."""
    with Lab() as lab:
        return told(lab.add(mode), lab.start_stun(), WORDS[mode])


def without(server):
    with Lab() as lab:
        return told(lab.add('cone'), [server], SILENCE)


def run(*modes):
    cases = [(f'{mode} is named', functools.partial(named, mode)) for mode in modes or MODES]
    if not modes:
        cases += [
            ('a server that is silent', functools.partial(without, '203.0.113.250:3478')),
            ('a server whose port is closed', functools.partial(without, '192.0.2.1:3478')),
            ('a server whose name leads nowhere', functools.partial(without, 'stun.invalid')),
        ]
    return run_cases(cases, at_once=3)


if __name__ == '__main__':
    sys.exit(main(functools.partial(run, *sys.argv[1:]), 'turnserver'))
