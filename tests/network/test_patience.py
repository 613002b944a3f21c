# SPDX-License-Identifier: MIT
#
# test_patience.py: long silences, late partners, mappings that don't last

import functools
import sys
import threading

from cases import Failure, main, run_cases
from lab import Lab
from pair import Pair, seconds
from test_conditions import LONGEST_GAP_US, RATE_BYTES, loss, pair_of, skew

UDP_TIMEOUT_SECONDS = 20


def silence(wait, speaker):
    """Routers forget after 20 s; one side speaks after a longer silence."""
    options = [{'send': 1, 'hold': 0}, {'send': 1, 'hold': 0}]
    options[speaker]['hold'] = wait * 1000
    with Lab() as lab:
        sites = [lab.add('cone', udp_timeout=UDP_TIMEOUT_SECONDS) for _ in range(2)]
        with Pair(*sites, options=options) as pair:
            pair.open(2)
            pair.finish(wait + 20)
            took = (int(pair.peers[1 - speaker].said('first')['at'])
                    - int(pair.peers[speaker].said('writing')['at']))
            if took > 2_000_000:
                raise Failure(f'arrived after {seconds(took)}\n{pair}')
    return f'arrives after {seconds(took)}'


def forgetful(every, times):
    """The mapping is lost again and again under a transfer both ways."""
    length = every * (times + 1)
    with Lab() as lab:
        sites = pair_of(lab, 'cone', 'cone')
        with Pair(*sites, send=length * RATE_BYTES, rate=RATE_BYTES) as pair:
            pair.open(2)
            done = threading.Event()

            def forget():
                for _ in range(times):
                    if done.wait(every):
                        return
                    sites[0].flush()

            thread = threading.Thread(target=forget)
            thread.start()
            try:
                gap = pair.finish(length + 30)
            finally:
                done.set()
                thread.join()
            if gap > LONGEST_GAP_US:
                raise Failure(f'a gap of {seconds(gap)}\n{pair}')
    return f'{times} times, longest gap {seconds(gap)}'


def test():
    return run_cases([
        ('45 s of silence', functools.partial(silence, 45, 0)),
        ('90 s of silence', functools.partial(silence, 90, 1)),
        ('a mapping lost every 50 s', functools.partial(forgetful, 50, 2)),
        ('one is 25 s late', functools.partial(skew, 25)),
        ('10 % loss on both links', functools.partial(loss, 10, 5, 65536, runs=10)),
        ('30 % loss on both links', functools.partial(loss, 30, 10, 16384, runs=10)),
    ], at_once=6)


if __name__ == '__main__':
    sys.exit(main(test))
