# SPDX-License-Identifier: MIT
#
# test_stun.py: what STUN servers tell of each kind of NAT
#
# usage: test_stun.py [MODE…]

import functools
import re
import struct
import sys
import threading
import time

from cases import Failure, main, run_cases
from cat import Cat, INVITATION, asking
from lab import Lab, STUN_ADDRESSES, STUN_PORT
from nat import MODES
from pace import CLOCK

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
    took = CLOCK.between(began, at)
    if took > PROBE_SECONDS:
        raise Failure(f'took {took:.1f} s')
    return f'“{said}” after {took:.2f} s'


def named(mode):
    """Each kind of NAT is named, or that nothing gets through, in time."""
    with Lab() as lab:
        return told(lab.add(mode), lab.start_stun(), WORDS[mode])


def without(server):
    with Lab() as lab:
        return told(lab.add('cone'), [server], SILENCE)


class Clerk:
    """A STUN server that notes when it is asked, and from which port."""

    def __init__(self, lab, address):
        self.name = f'{address}:{STUN_PORT}'
        self.asked = []
        self._socket = lab.socket(lab.internet)
        self._socket.bind((address, STUN_PORT))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            request, (address, port) = self._socket.recvfrom(1500)
            if len(request) < 20:
                return
            self.asked.append((time.monotonic(), port))
            number = int.from_bytes(bytes(map(int, address.split('.'))), 'big')
            # RFC 8489, section 14.2: XOR-MAPPED-ADDRESS alone.
            self._socket.sendto(
                struct.pack('!HHI12s', 0x101, 12, 0x2112A442, request[8:20])
                + struct.pack('!HHBBHI', 0x20, 8, 0, 1, port ^ 0x2112, number ^ 0x2112A442),
                (address, port))

    def stop(self):
        self._socket.sendto(b'stop', self._socket.getsockname())


def without_repetitions(asked):
    """The last one of several within a few seconds."""
    return [this for this, later in zip(asked, asked[1:] + [(float('inf'), 0)])
            if later[0] - this[0] > 3]


def kept_alive():
    """What an invitation names is asked for every 13 to 15 s, and more often once the
    router has forgotten it in between."""
    with Lab() as lab:
        clerks = [Clerk(lab, address) for address in STUN_ADDRESSES]
        site = lab.add('symmetric', udp_timeout=12)
        Cat(site, '--invite', *asking(clerk.name for clerk in clerks)).expect(INVITATION)
        time.sleep(15 + 3 * 10 + 2)
        asked = max((clerk.asked for clerk in clerks), key=len)
        for clerk in clerks:
            clerk.stop()
    times, ports = zip(*without_repetitions(asked))
    waits = [later - earlier for earlier, later in zip(times, times[1:])]
    text = ', '.join(f'{wait:.1f}' for wait in waits)
    if len(waits) < 3 or waits[0] < 12 or max(waits[1:]) > 12:
        raise Failure(f'asked after {text} s')
    if ports[1] == ports[0] or len(set(ports[1:])) != 1:
        raise Failure(f'seen at {ports}, asked after {text} s')
    return f'asked after {text} s, the same port from then on'


def run(*modes):
    cases = [(f'{mode} is named', functools.partial(named, mode)) for mode in modes or MODES]
    if not modes:
        cases += [
            ('a mapping that is forgotten after 12 s is kept alive', kept_alive),
            ('a server that is silent', functools.partial(without, '203.0.113.250:3478')),
            ('a server whose port is closed', functools.partial(without, '192.0.2.1:3478')),
            ('a server whose name leads nowhere', functools.partial(without, 'stun.invalid')),
        ]
    return run_cases(cases, at_once=3)


if __name__ == '__main__':
    sys.exit(main(functools.partial(run, *sys.argv[1:]), 'turnserver'))
