# SPDX-License-Identifier: MIT
#
# test_rendezvous.py: what STUN servers tell of each kind of NAT, and peers that
# need only one invitation since a third one introduces them
#
# usage: test_rendezvous.py [MODE [MODE]]
#
# With modes, only the meeting of these, the host first.

import functools
import os
import queue
import re
import sys
import threading
import time

from cases import Failure, main, run_cases
from lab import Lab
from nat import MODES

CAT = os.environ['SRUDP_CAT']
INVITATION = r'(srudp:[0-9a-z]+)$'
START_SECONDS = 20
PROBE_SECONDS = 3

NO_NAT = 'There is no NAT'
EASY = 'Most peers can be connected'
HARD = 'gives each peer another port'
BLOCKED = 'No STUN server has answered'
WORDS = {
    'open': NO_NAT, 'firewall': NO_NAT, 'full-cone': EASY, 'restricted': EASY, 'cone': EASY,
    'cone-remap': EASY, 'symmetric': HARD, 'symmetric-seq': HARD, 'cgnat': EASY,
    'cgnat-symmetric': HARD, 'blocked': BLOCKED,
}
assert set(WORDS) == set(MODES)

# Host and guest, and within how many seconds since the guest began.
MEETINGS = (
    ('cone', 'cone', 3), ('firewall', 'cone-remap', 3), ('cone-remap', 'cone', 3),
    ('restricted', 'symmetric', 3), ('symmetric', 'full-cone', 3), ('cgnat', 'cone', 3),
    ('symmetric-seq', 'cone', 6), ('cone-remap', 'symmetric-seq', 6),
)
# Those that look for a port by chance: it may fail once in ten times.
BY_CHANCE = (('symmetric', 'cone-remap', 20), ('cone', 'cgnat-symmetric', 20))


class Cat:
    """srudp-cat on a host, and what it says."""

    def __init__(self, site, *arguments):
        self._lines = queue.Queue()
        self._heard = []
        self._process = site.start('env', 'LC_ALL=C', CAT, '--verbose', '--port',
                                   site.new_port(), *arguments)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip('\n'))
        self._lines.put(None)

    def expect(self, pattern, within=START_SECONDS):
        until = time.monotonic() + within
        while True:
            try:
                line = self._lines.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                raise Failure(f'no {pattern!r} within {within} s in:\n{self}') from None
            if line is None:
                raise Failure(f'ended without {pattern!r}:\n{self}')
            self._heard.append(line)
            match = re.search(pattern, line)
            if match:
                return match[match.re.groups]

    def say(self, text):
        self._process.stdin.write(text)
        self._process.stdin.close()

    def __str__(self):
        return '\n'.join(f'  {line}' for line in self._heard)


def asking(servers):
    return [word for server in servers for word in ('--stun', server)]


def named(mode):
    """Each kind of NAT is named, or that nothing gets through, in time."""
    with Lab() as lab:
        site = lab.add(mode)
        servers = lab.start_stun()
        began = time.monotonic()
        cat = Cat(site, *asking(servers), '--timeout', 0.1, f'{servers[0].split(":")[0]}:9')
        words = cat.expect(f'({re.escape(WORDS[mode])})', START_SECONDS)
        took = time.monotonic() - began
    if took > PROBE_SECONDS + 0.5:  # of which a program takes some to start
        raise Failure(f'took {took:.1f} s')
    return f'“{words}” after {took:.2f} s'


def meet(host_mode, guest_mode, within):
    with Lab() as lab:
        servers = asking(lab.start_stun())
        introducer = Cat(lab.add('open'), '--introducer', '--invite').expect(INVITATION)
        host = Cat(lab.add(host_mode), '--invite', '--via', introducer, *servers)
        invitation = host.expect(INVITATION)
        guest_site = lab.add(guest_mode)
        time.sleep(1)
        guest = Cat(guest_site, *servers, '--timeout', within + 5, invitation)
        began = time.monotonic()
        guest.expect('Connected with', within + 10)
        took = time.monotonic() - began
        guest.say('one was enough\n')
        host.expect('one was enough')
    if took > within:
        raise Failure(f'took {took:.1f} s')
    return f'after {took:.2f} s'


def meet_by_chance(host_mode, guest_mode, within):
    try:
        return meet(host_mode, guest_mode, within)
    except Failure as failure:
        first = str(failure).splitlines()[0]
    return f'{meet(host_mode, guest_mode, within)}, once {first}'


def run(*modes):
    cases = [(f'{mode} is named', functools.partial(named, mode)) for mode in MODES
             if not modes]
    cases += [(f'{host} invites {guest}', functools.partial(meet, host, guest, within))
              for host, guest, within in MEETINGS if not modes or modes[:2] == (host, guest)]
    cases += [(f'{host} invites {guest} by chance',
               functools.partial(meet_by_chance, host, guest, within))
              for host, guest, within in BY_CHANCE if not modes or modes[:2] == (host, guest)]
    return run_cases(cases, at_once=3)


if __name__ == '__main__':
    sys.exit(main(functools.partial(run, *sys.argv[1:]), 'turnserver'))
