# SPDX-License-Identifier: MIT
#
# test_conditions.py: bad lines, late partners and routers that change their mind

import functools
import sys
import time

from cases import Failure, main, run_cases
from lab import Lab
from pair import Pair, Peer, between, seconds

RATE_BYTES = 125_000  # 1 Mbit/s
LONGEST_GAP_US = 3_000_000


def pair_of(lab, one, other):
    return lab.add(one), lab.add(other)


# --- Opening -----------------------------------------------------------------

def loss(percent, within, transfer_bytes, runs=3):
    """Each packet passes two links, either of which loses it."""
    took = []
    with Lab() as lab:
        sites = pair_of(lab, 'cone', 'cone')
        for site in sites:
            site.lose(percent)
        for _ in range(runs):
            with Pair(*sites, send=transfer_bytes) as pair:
                took.append(pair.open(within))
                pair.finish(60)
    return f'{runs} of {runs}, slowest {seconds(max(took))}'


def skew(wait):
    with Lab() as lab, Pair(*pair_of(lab, 'cone', 'cone'), skew=wait, send=65536) as pair:
        took = pair.open(2)
        pair.finish(20)
    return f'{seconds(took)} after the later one began'


def asked_address():
    """A caller behind a port-restricted NAT hears only from where it called."""
    with Lab() as lab:
        caller, called = pair_of(lab, 'cone', 'open')
        address = called.add_address()
        port = called.new_port()
        callee = Peer(called, port=port, accept=True, send=1000)
        callee.expect('ready', 20)
        callee.go()
        one = Peer(caller, port=caller.new_port(), to=f'{address}:{port}', send=1000)
        one.expect('ready', 20)
        one.go()
        remote = one.expect('opened', 2)['remote']
        if remote != f'{address}:{port}':
            raise Failure(f'answered from {remote}, asked on {address}:{port}')
        one.expect('closed', 10)
        callee.expect('closed', 10)
    return f'asked on and answered from {remote}'


# --- Silence -----------------------------------------------------------------

def spoken_after(pair, speaker):
    """How long the first byte of the speaker was on its way, in µs."""
    took = between(pair.peers[speaker].said('writing')['at'],
                   pair.peers[1 - speaker].said('first')['at'])
    if took > 2_000_000:
        raise Failure(f'arrived after {seconds(took)}\n{pair}')
    return took


def silence(udp_timeout, wait, speaker):
    """Routers forget after so long; one side speaks after a longer silence."""
    options = [{'send': 1, 'hold': 0}, {'send': 1, 'hold': 0}]
    options[speaker]['hold'] = wait * 1000
    with Lab() as lab:
        sites = [lab.add('cone', udp_timeout=udp_timeout) for _ in range(2)]
        with Pair(*sites, options=options) as pair:
            pair.open(2)
            pair.finish(wait + 20)
            took = spoken_after(pair, speaker)
    return f'arrives after {seconds(took)}'


# --- Talking -----------------------------------------------------------------

def narrow(mtu):
    """The line takes smaller packets than both ends think, and nobody says so."""
    with Lab() as lab:
        sites = pair_of(lab, 'cone', 'cone')
        sites[1].narrow(mtu)
        with Pair(*sites, send=2_000_000) as pair:
            pair.open(2)
            gap = pair.finish(30)
            found = max(int(peer.said('closed')['mtu']) for peer in pair.peers)
            if found > mtu:
                raise Failure(f'an MTU of {found} was found\n{pair}')
    return f'2 MB both ways, longest gap {seconds(gap)}, MTU found {found}'


def change(modes, sender, what):
    """The first site's router changes under a transfer from one of the two."""
    options = [{'send': 0}, {'send': 0}]
    options[sender] = {'send': 8 * RATE_BYTES, 'rate': RATE_BYTES}
    with Lab() as lab:
        sites = pair_of(lab, *modes)
        with Pair(*sites, options=options) as pair:
            pair.open(2)
            time.sleep(3)
            getattr(sites[0], what)()
            gap = pair.finish(60)
            if gap > LONGEST_GAP_US:
                raise Failure(f'a gap of {seconds(gap)}\n{pair}')
    return f'1 Mbit/s goes on, longest gap {seconds(gap)}'


def aging(modes, age, senders, lifetimes=6):
    """The first site's router takes each mapping away after so long: once this was
    found out, there is another one before."""
    learned = age * (lifetimes - 1.5)
    rate = {'send': int(age * lifetimes * RATE_BYTES), 'rate': RATE_BYTES}
    options = [{'gap_after': int(learned * 1000), **(rate if index in senders else {'send': 0})}
               for index in range(2)]
    with Lab() as lab:
        sites = pair_of(lab, *modes)
        sites[0].limit_age(age)
        with Pair(*sites, options=options) as pair:
            pair.open(2)
            gap = pair.finish(60 + age * lifetimes)
            own_end = pair.peers[0].said('closed')['local']
            if gap > LONGEST_GAP_US or own_end == f'{sites[0].address}:{pair.peers[0].port}':
                raise Failure(f'a gap of {seconds(gap)}, in the end at {own_end}\n{pair}')
    return f'moves ahead of it, longest gap {seconds(gap)}'


CHANGES = (
    ('mapping lost', 'flush', ('cone', 'cone')),
    ('mapping lost', 'flush', ('cone', 'open')),
    ('another port', 'rebind_port', ('cone', 'open')),
    ('another port', 'rebind_port', ('cone-remap', 'full-cone')),
    ('another port', 'rebind_port', ('cone', 'restricted')),
    ('another address', 'rebind_address', ('cone', 'open')),
    ('another address', 'rebind_address', ('cone', 'full-cone')),
)


def change_cases():
    for name, what, modes in CHANGES:
        for sender, place in enumerate(('behind it', 'beyond')):
            yield (f'{name} ({modes[0]} × {modes[1]}), sender {place}',
                   functools.partial(change, modes, sender, what))


def test():
    return run_cases([
        ('10 % loss on both links', functools.partial(loss, 10, 5, 65536)),
        ('30 % loss on both links', functools.partial(loss, 30, 10, 16384)),
        ('one is 5 s late', functools.partial(skew, 5)),
        ('an endpoint answers from the address asked on', asked_address),
        ('an MTU of 1280 on the way that nobody tells of', functools.partial(narrow, 1280)),
        ('25 s of silence, forgotten after 18 s', functools.partial(silence, 18, 25, 0)),
        ('a mapping lasts 11 s, other ports',
         functools.partial(aging, ('symmetric', 'open'), 11, (0, 1))),
        *change_cases(),
    ], at_once=6)


if __name__ == '__main__':
    sys.exit(main(test))
