# SPDX-License-Identifier: MIT
#
# test_openings.py: peers that are near, late, or hard to find
#
# usage: test_openings.py [--full]
#
# They know each other by invitations made through STUN.

import functools
import sys
import time

from cases import Failure, main, run_cases
from lab import Lab
from pair import Pair, between, seconds

MOBILE_RATE = 125_000  # bytes a second: 1 Mbit/s
# Either of two may be late. Seconds to connect: of those that need neither guesses
# nor a spray, those that need guesses, and those that need a spray.
LATE = (('cone', 'cone', 2), ('cone-remap', 'cgnat', 2), ('cgnat', 'cone-remap', 2),
        ('symmetric', 'restricted', 2), ('restricted', 'symmetric', 2),
        ('firewall', 'cone', 2), ('cone', 'firewall', 2),
        ('symmetric-seq', 'cone', 5), ('cone', 'symmetric-seq', 5),
        ('symmetric-seq', 'symmetric-seq', 5),
        ('firewall', 'symmetric', 20), ('symmetric', 'firewall', 20),
        ('cone', 'cgnat-symmetric', 20), ('cgnat-symmetric', 'cone', 20))


def opens(make_sites, within, skew=0, settle=0, **options):
    with Lab() as lab:
        sites = make_sites(lab)
        time.sleep(settle)
        with Pair(*sites, invite=True, stun=lab.start_stun(), send=65536, skew=skew,
                  **options) as pair:
            took = pair.open(within)
            where = pair.peers[0].said('opened')['remote']
            pair.finish(20)
    return f'{seconds(took)}, to {where}'


def two(one, other, **options):
    return lambda lab: (lab.add(one, **options), lab.add(other, **options))


def housemates(mode, **options):
    """Both hosts are behind the same router."""
    def make(lab):
        home = lab.add(mode, shared=True, **options)
        return home, home.add_housemate()
    return make


def lossy(percent):
    def make(lab):
        sites = lab.add('cone'), lab.add('cone-remap')
        for site in sites:
            site.lose(percent)
        return sites
    return make


def moves(mode, change, within, **options):
    """Something happens to the first host's networks under a transfer from it."""
    with Lab() as lab:
        home = lab.add('cone', **options)
        phone = lab.add('cgnat', host=home)
        away = lab.add(mode, **options)
        sending = [{'send': 12 * MOBILE_RATE, 'rate': MOBILE_RATE}, {'send': 0}]
        with Pair(home, away, invite=True, stun=lab.start_stun(), options=sending) as pair:
            pair.open(2)
            time.sleep(3)
            change(home, phone)
            gap = pair.finish(40)
    if gap > within * 1e6:
        raise Failure(f'a gap of {seconds(gap)}\n{pair}')
    return f'1 Mbit/s goes on, exact, longest gap {seconds(gap)}'


def moves_within_ipv6():
    """Both networks of the first host, and that of the peer, have firewalls."""
    with Lab() as lab:
        home = lab.add('blocked', ipv6='firewall')
        lab.add('blocked', ipv6='firewall', host=home)
        away = lab.add('blocked', ipv6='firewall')
        sending = [{'send': 12 * MOBILE_RATE, 'rate': MOBILE_RATE}, {'send': 0}]
        with Pair(home, away, invite=True, options=sending) as pair:
            pair.open(2)
            time.sleep(3)
            home.unplug()
            gap = pair.finish(40)
            remote = pair.peers[1].said('closed')['remote']
    if gap > 5e6:
        raise Failure(f'a gap of {seconds(gap)}\n{pair}')
    return f'1 Mbit/s goes on, exact, longest gap {seconds(gap)}, from {remote}'


def moves_in_silence(mode):
    """Nobody says anything while it changes its network, nor has a main loop to
    hear of it; then the other one speaks."""
    with Lab() as lab:
        home = lab.add('cone')
        lab.add('cgnat', host=home)
        away = lab.add(mode)
        silent = [{'send': 0}, {'send': 1, 'hold': 11_000}]
        with Pair(home, away, invite=True, stun=lab.start_stun(), options=silent) as pair:
            pair.open(2)
            # Better paths are looked for no longer, a keepalive is not due yet.
            time.sleep(8)
            home.unplug()
            pair.finish(30)
            took = between(pair.peers[1].said('writing')['at'],
                           pair.peers[0].said('first')['at'])
    if took > 2e6:
        raise Failure(f'arrived after {seconds(took)}\n{pair}')
    return f'arrives after {seconds(took)}'


def down_and_up(home, phone):
    phone.unplug()
    home.unplug()
    time.sleep(2)
    home.plug()


def to_the_phone(home, phone):
    home.unplug()


def to_ipv6(home, phone):
    phone.unplug()
    home.lose_ipv4()


def test(arguments):
    # The bridge between housemates needs a second until it forwards.
    near = functools.partial(opens, within=2, settle=1.2)
    cases = [
        ('the same router', functools.partial(near, housemates('cone'))),
        ('the same router, hosts isolated, hairpin',
         functools.partial(near, housemates('cone-remap', isolated=True, hairpin=True))),
        ('the same router, hairpin', functools.partial(near, housemates('cone', hairpin=True))),
        ('the same router, symmetric', functools.partial(near, housemates('symmetric'))),
        ('the same carrier', functools.partial(near, housemates('cgnat'))),
        ('a long line', functools.partial(opens, two('cone', 'cone-remap', delay_ms=70), 2)),
        ('routers that refuse by ICMP',
         functools.partial(opens, two('cone', 'cone-remap', router_input='reject'), 2)),
        # Hop two is past the router that opens, and short of the one that would
        # answer for a host it does not know yet.
        ('routers that answer for themselves, openers that end early',
         functools.partial(opens, two('cone', 'cone-remap', router_input='accept'), 3,
                           skew=0.5, opener_ttl=2)),
        ('30 addresses where nobody is, as many as an invitation holds',
         functools.partial(opens, two('cone', 'cone-remap'), 3, dead=30)),
        # Of the 33rd the peers learn while they try the others.
        ('32 addresses where nobody is, and then another one',
         functools.partial(opens, two('cone', 'cone-remap'), 3, dead=32, live_after=500)),
        ('IPv6 with firewalls, whatever the NAT',
         functools.partial(opens, two('symmetric', 'cgnat-symmetric', ipv6='firewall'), 2)),
        ('10 % loss on both links', functools.partial(opens, lossy(10), 5)),
        ('30 % loss on both links', functools.partial(opens, lossy(30), 10)),
        ('the second is 10 s late',
         functools.partial(opens, two('cone', 'cone-remap'), 2, skew=10, open_timeout=120_000)),
        ('the network is away for 2 s', functools.partial(moves, 'cone-remap', down_and_up, 5)),
        ('from one network to another', functools.partial(moves, 'full-cone', to_the_phone, 3)),
        # The peer was told before from where it would be, and opens its router.
        ('from one network to another, a strict router at the other end',
         functools.partial(moves, 'cone', to_the_phone, 5)),
        ('from one IPv6 network to another, firewalls', moves_within_ipv6),
        ('from one network to another in silence',
         functools.partial(moves_in_silence, 'full-cone')),
        ('from IPv4 to IPv6, firewalls',
         functools.partial(moves, 'cone-remap', to_ipv6, 3, ipv6='firewall')),
    ]
    if '--full' in arguments:
        cases += [(f'the second is 60 s late ({one} × {other})',
                   functools.partial(opens, two(one, other), within, skew=60,
                                     open_timeout=120_000))
                  for one, other, within in LATE]
    # Those that are late do nothing but wait.
    return run_cases(cases, at_once=12 if '--full' in arguments else 6)


if __name__ == '__main__':
    sys.exit(main(functools.partial(test, sys.argv[1:]), 'turnserver'))
