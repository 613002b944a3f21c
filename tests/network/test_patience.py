# SPDX-License-Identifier: MIT
#
# test_patience.py: long silences, late partners, mappings that don't last

import functools
import sys
import threading
import time

from cases import Failure, main, run_cases
from lab import Lab
from pair import Pair, TIMED_OUT, seconds
from test_conditions import (LONGEST_GAP_US, RATE_BYTES, aging, loss, pair_of, silence, skew,
                             spoken_after)
from test_openings import MOBILE_RATE

# What an application asks for that would rather sleep.
SLEEPY = {'keepalive': 120_000, 'idle': 180_000}


def long_silence(mode, udp_timeout, wait):
    """Routers forget after so long; how often to speak is found out."""
    options = [{'send': 1}, {'send': 1, 'hold': wait * 1000}]
    with Lab() as lab:
        sites = [lab.add(mode, udp_timeout=udp_timeout) for _ in range(2)]
        with Pair(*sites, options=options, **SLEEPY) as pair:
            pair.open(2)
            pair.finish(wait + 60)
            took = spoken_after(pair, 1)
            packets = max(int(peer.said('closed')['packets']) for peer in pair.peers)
    return f'arrives after {seconds(took)}, {packets} packets'


def ends_with_its_mapping(modes, age):
    """The first site's NAT gives another port, which nobody can know before, and the
    other's lets in only what it has sent to: neither hears the other again. What that one
    has sent to while it guessed must be forgotten by then."""
    rate = {'send': 60 * RATE_BYTES, 'rate': RATE_BYTES}
    with Lab() as lab:
        sites = lab.add(modes[0]), lab.add(modes[1], udp_timeout=age // 3)
        with Pair(*sites, invite=True, stun=lab.start_stun(), **rate) as pair:
            pair.open(20)
            sites[0].limit_age(age)
            for peer in pair.peers:
                failed = peer.expect('failed', age + 40)
                if failed['error'] != TIMED_OUT:
                    raise Failure(f'another error\n{pair}')
    return 'both are told that nothing was heard'


def aging_in_silence(modes, age, wait):
    """The first site's router takes each mapping away after so long, and nothing goes
    through but keepalives; then the other side speaks."""
    options = [{'send': 0}, {'send': 1, 'hold': wait * 1000}]
    with Lab() as lab:
        sites = pair_of(lab, *modes)
        sites[0].limit_age(age)
        with Pair(*sites, options=options) as pair:
            pair.open(2)
            pair.finish(wait + 60)
            took = spoken_after(pair, 1)
            own_end = pair.peers[0].said('closed')['local']
            if own_end == f'{sites[0].address}:{pair.peers[0].port}':
                raise Failure(f'in the end at {own_end}\n{pair}')
    return f'moves ahead of it, what is said arrives after {seconds(took)}'


def moves_late(sender):
    """What the peer's router had let in is forgotten when the first host changes its
    network: the peer has to find out by itself where it is."""
    options = [{'send': 0}, {'send': 0}]
    options[sender] = {'send': 25 * MOBILE_RATE, 'rate': MOBILE_RATE}
    with Lab() as lab:
        home = lab.add('cone')
        lab.add('cgnat', host=home)
        away = lab.add('cone', udp_timeout=5)
        with Pair(home, away, invite=True, stun=lab.start_stun(), options=options) as pair:
            pair.open(2)
            time.sleep(17)
            home.unplug()
            gap = pair.finish(60)
    if gap > 5e6:
        raise Failure(f'a gap of {seconds(gap)}\n{pair}')
    return f'1 Mbit/s goes on, exact, longest gap {seconds(gap)}'


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
        ('45 s of silence', functools.partial(silence, 20, 45, 0)),
        ('90 s of silence', functools.partial(silence, 20, 90, 1)),
        ('280 s of silence, sleepy, forgotten after 45 s',
         functools.partial(long_silence, 'cone', 45, 280)),
        ('280 s of silence, sleepy, other ports',
         functools.partial(long_silence, 'cone-remap', 45, 280)),
        ('another network, forgotten by the peer, sender there',
         functools.partial(moves_late, 0)),
        ('another network, forgotten by the peer, sender beyond',
         functools.partial(moves_late, 1)),
        ('a mapping lost every 50 s', functools.partial(forgetful, 50, 2)),
        ('a mapping lasts 50 s, other ports',
         functools.partial(aging, ('symmetric', 'open'), 50, (0, 1), 5)),
        ('a mapping lasts 50 s, the same port, sender beyond',
         functools.partial(aging, ('cone', 'cone'), 50, (1,))),
        *((f'a mapping lasts 15 s, {" × ".join(modes)}',
           functools.partial(aging, modes, 15, (0, 1)))
          for modes in (('symmetric', 'full-cone'), ('symmetric', 'restricted'),
                        ('symmetric-seq', 'restricted'), ('cgnat-symmetric', 'restricted'))),
        ('a mapping lasts 15 s, symmetric-seq × cone, which is too hard',
         functools.partial(ends_with_its_mapping, ('symmetric-seq', 'cone'), 15)),
        ('a mapping lasts 38 s, other ports, 280 s of silence',
         functools.partial(aging_in_silence, ('symmetric', 'open'), 38, 280)),
        ('a mapping lasts 38 s, the same port, 280 s of silence',
         functools.partial(aging_in_silence, ('cone', 'cone'), 38, 280)),
        ('one is 25 s late', functools.partial(skew, 25)),
        ('10 % loss on both links', functools.partial(loss, 10, 5, 65536, runs=10)),
        ('30 % loss on both links', functools.partial(loss, 30, 10, 16384, runs=10)),
    ], at_once=20)


if __name__ == '__main__':
    sys.exit(main(test, 'turnserver'))
