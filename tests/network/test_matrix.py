# SPDX-License-Identifier: MIT
#
# test_matrix.py: each kind of NAT with each, both sides knowing the other's address

import functools
import itertools
import sys

from cases import Failure, main, run_cases
from lab import Lab
from pair import Pair, TIMED_OUT, UNREACHABLE, seconds

RUNS = 3
WITHIN_SECONDS = 2
TRANSFER_BYTES = 256 * 1024
HOPELESS_TIMEOUT_MS = 3000

KNOWABLE = ('open', 'firewall', 'full-cone', 'restricted', 'cone', 'cone-remap')
# Their packets come from a port that nobody can name beforehand, ...
UNKNOWABLE = ('symmetric', 'symmetric-seq')
# ... which is enough for those that let any port of a known address in.
LENIENT = ('open', 'full-cone', 'restricted')


def connects(one, other):
    took = []
    for _ in range(RUNS):
        with Pair(one, other, send=TRANSFER_BYTES) as pair:
            took.append(pair.open(WITHIN_SECONDS))
            pair.finish(20)
    return f'{RUNS} of {RUNS}, slowest {seconds(max(took))}'


def ends_with_a_word(one, other):
    with Pair(one, other, open_timeout=HOPELESS_TIMEOUT_MS) as pair:
        pair.go()
        for peer in pair.peers:
            failed = peer.expect('failed', HOPELESS_TIMEOUT_MS / 1000 + 5)
            opening = peer.said('opening')
            took_us = int(failed['at']) - int(opening['at'])
            if failed['error'] not in (UNREACHABLE, TIMED_OUT):
                raise Failure(f'another error\n{pair}')
            if took_us > (HOPELESS_TIMEOUT_MS + 1000) * 1000:
                raise Failure(f'took {seconds(took_us)}\n{pair}')
            if int(failed['cpu']) - int(opening['cpu']) > took_us / 20:
                raise Failure(f'used more than 5 % of a CPU meanwhile\n{pair}')
    return f'no way without its port, told after {seconds(took_us)}'


def cells():
    """(mode, mode, what is to be expected of them)"""
    for one, other in itertools.combinations_with_replacement(KNOWABLE, 2):
        yield one, other, connects
    for one, other in itertools.product(KNOWABLE, UNKNOWABLE):
        yield one, other, connects if one in LENIENT else ends_with_a_word
    for one, other in itertools.combinations_with_replacement(UNKNOWABLE, 2):
        yield one, other, ends_with_a_word
    yield 'blocked', 'open', ends_with_a_word
    yield 'blocked', 'cone', ends_with_a_word


def table(results):
    """The measured cells as the matrix they are."""
    modes = (*KNOWABLE, *UNKNOWABLE)
    width = max(map(len, modes)) + 2
    print('#', ' ' * width, *(mode.ljust(width) for mode in modes))
    for one in modes:
        row = (results.get((one, other), '') for other in modes)
        print('#', one.ljust(width), *(cell.ljust(width) for cell in row))


def test():
    results = {}

    def measured(one, other, expectation, sites):
        results[one, other] = 'FAILED'
        text = expectation(sites[0][one], sites[1][other])
        results[one, other] = text.split()[-2] + ' s' if expectation is connects else 'no'
        return text

    with Lab() as lab:
        modes = (*KNOWABLE, *UNKNOWABLE, 'blocked')
        sites = [{mode: lab.add(mode) for mode in modes} for _ in range(2)]
        cases = [(f'{one} × {other}',
                  functools.partial(measured, one, other, expectation, sites))
                 for one, other, expectation in cells()]
        good = run_cases(cases)
    table(results)
    return good


if __name__ == '__main__':
    sys.exit(main(test))
