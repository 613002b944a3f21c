# SPDX-License-Identifier: MIT
#
# test_lab.py: that the routers of the lab do what their names say

import functools
import socket
import sys
import time

from cases import Failure, main, run_cases
from lab import Lab
from nat import MODES

WAIT_SECONDS = 0.3
# A new bridge needs a second until it forwards.
BRIDGE_SECONDS = 1.2

# What a packet that nobody asked for needs to have in common with one that
# went out before: nothing, the address, or address and port. RFC 4787,
# section 5, calls them endpoint-independent, address-dependent and
# address-and-port-dependent filtering.
LETS_IN = {
    'open': {'anyone', 'another port', 'asked'},
    'firewall': {'asked'},
    'full-cone': {'anyone', 'another port', 'asked'},
    'restricted': {'another port', 'asked'},
    'cone': {'asked'},
    'cone-remap': {'asked'},
    'symmetric': {'asked'},
    'symmetric-seq': {'asked'},
    'cgnat': {'asked'},
    'cgnat-symmetric': {'asked'},
    'blocked': set(),
}
KEEPS_PORT = {'open', 'firewall', 'full-cone', 'restricted', 'cone'}


def bind(lab, site, address, port, family=socket.AF_INET):
    one = lab.socket(site.host, family)
    one.bind((address, port))
    one.settimeout(WAIT_SECONDS)
    return one


def heard(one):
    try:
        return one.recvfrom(100)
    except socket.timeout:
        return None, None


def check(what, is_so):
    if not is_so:
        raise Failure(what)


def passes(sender, address, receiver):
    """Whether a packet arrives; none comes late to be taken for another."""
    sender.sendto(b'in', address)
    return heard(receiver)[0] == b'in'


def filtering(mode):
    with Lab() as lab:
        home, asked, stranger = lab.add(mode), lab.add('open'), lab.add('open')
        port = home.new_port()
        inner = bind(lab, home, home.address, port)
        servers = {'asked': bind(lab, asked, asked.address, 7000),
                   'another port': bind(lab, asked, asked.address, 7001),
                   'anyone': bind(lab, stranger, stranger.address, 7000)}
        known = home.public(port)
        # What came too early must not have spoilt what goes out later.
        passes(servers['asked'], known, inner)

        inner.sendto(b'out', (asked.address, 7000))
        data, seen = heard(servers['asked'])
        if mode == 'blocked':
            check('blocked, but something went out', data is None)
            return 'nothing goes out'
        check('nothing went out', data == b'out')
        if 'symmetric' not in mode:
            check(f'seen as {seen}, not as {known}', seen == known)
        check(f'the port is kept: {seen[1] == port}', (seen[1] == port) == (mode in KEEPS_PORT))

        let_in = {name for name, one in servers.items() if passes(one, seen, inner)}
        check(f'lets in {let_in}', let_in == LETS_IN[mode])
    return f'port {port} seen as {seen[1]}; lets in: {", ".join(sorted(let_in))}'


def mapping(mode):
    """Whether the port depends on whom the host talks to."""
    with Lab() as lab:
        home, one, other = lab.add(mode), lab.add('open'), lab.add('open')
        inner = bind(lab, home, home.address, home.new_port())
        seen = []
        for site, number in (one, 7000), (one, 7001), (other, 7000):
            server = bind(lab, site, site.address, number)
            inner.sendto(b'out', (site.address, number))
            seen.append(heard(server)[1])
        check('nothing went out', None not in seen)
        ports = [port for _, port in seen]
        if mode == 'symmetric-seq':
            check(f'not one after the other: {ports}', ports[1:] == [ports[0] + 1, ports[0] + 2])
        elif 'symmetric' in mode:
            check(f'a port comes twice, or in order: {ports}',
                  len(set(ports)) == 3 and ports != list(range(ports[0], ports[0] + 3)))
        else:
            check(f'the port changes: {ports}', len(set(ports)) == 1)
    return f'seen as {ports}'


def changes():
    """What flush and the two rebinds do to a mapping that is in use."""
    with Lab() as lab:
        home, away = lab.add('cone'), lab.add('open')
        port = home.new_port()
        inner = bind(lab, home, home.address, port)
        server = bind(lab, away, away.address, 7000)

        def seen():
            inner.sendto(b'out', (away.address, 7000))
            return heard(server)[1]

        first = seen()
        check('an answer does not come in', passes(server, first, inner))
        home.flush()
        check('the mapping is still there', not passes(server, first, inner))
        check('not the same mapping as before', seen() == first)
        home.rebind_port()
        second = seen()
        check(f'not another port: {second}', second == home.public(port) and second != first)
        home.rebind_address()
        third = seen()
        check(f'not another address: {third}', third == home.public(port)
              and third[0] != second[0])
    return f'{first}, {second}, {third}'


def timeouts():
    with Lab() as lab:
        home, away = lab.add('cone', udp_timeout=2), lab.add('open')
        inner = bind(lab, home, home.address, home.new_port())
        server = bind(lab, away, away.address, 7000)
        inner.sendto(b'out', (away.address, 7000))
        seen = heard(server)[1]
        check('an answer does not come in', passes(server, seen, inner))
        time.sleep(4)
        check('the mapping outlives its timeout', not passes(server, seen, inner))


def housemates(hairpin, isolated):
    """Two hosts behind one router: which addresses of each other's do they reach?"""
    ways = set()
    for mode in ('cone', 'cone-remap'):
        with Lab() as lab:
            home = lab.add(mode, hairpin=hairpin, shared=True, isolated=isolated)
            mate = home.add_housemate()
            inner = [bind(lab, site, site.address, site.new_port()) for site in (home, mate)]
            time.sleep(BRIDGE_SECONDS)
            private = mate.address, inner[1].getsockname()[1]
            public = mate.public(private[1])
            for name, address in ('private', private), ('public', public):
                inner[0].sendto(b'in', address)
                data, seen = heard(inner[1])
                if data is None:
                    continue
                ways.add(name)
                own = inner[0].getsockname()
                check(f'{name}: comes from {seen}',
                      seen == (own if name == 'private' else home.public(own[1])))
                check('an answer does not come in', passes(inner[1], seen, inner[0]))
    expected = ({'public'} if hairpin else set()) | (set() if isolated else {'private'})
    check(f'they reach {ways}', ways == expected)
    return f'they reach each other by: {", ".join(sorted(ways)) or "nothing"}'


def answers_to_itself(router_input, told, kept):
    """What comes to the router unasked, and what that does to a later mapping."""
    with Lab() as lab:
        home, away = lab.add('cone', router_input=router_input), lab.add('open')
        inner = bind(lab, home, home.address, home.new_port())
        server = bind(lab, away, away.address, 7000)
        known = home.public(inner.getsockname()[1])
        server.connect(known)
        server.send(b'early')
        try:
            heard(server)
            refused = False
        except ConnectionRefusedError:
            refused = True
        check(f'told by ICMP: {refused}', refused == told)
        fresh = bind(lab, away, away.address, 7001)
        fresh.sendto(b'early', known)
        try:
            heard(fresh)
        except ConnectionRefusedError:
            pass
        inner.sendto(b'out', (away.address, 7001))
        seen = heard(fresh)[1]
        check(f'seen as {seen}', (seen == known) == kept)
    return f'told by ICMP: {told}; the port is kept: {kept}'


def ipv6(firewall):
    with Lab() as lab:
        one, other = (lab.add(mode, ipv6='firewall' if firewall else 'open')
                      for mode in ('cgnat', 'blocked'))
        ends = [bind(lab, site, site.address6, 7000, socket.AF_INET6) for site in (one, other)]
        # The first ones may be lost while the routers look for each other.
        goes_in = any(passes(ends[0], (other.address6, 7000), ends[1]) for _ in range(3))
        check(f'lets strangers in: {goes_in}', goes_in != firewall)
        # On a busy machine one may be late.
        check('does not let answers in',
              any(passes(ends[1], (one.address6, 7000), ends[0]) for _ in range(3)))
    return f'lets strangers in: {goes_in}'


def delay():
    with Lab() as lab:
        near, far = lab.add('open'), lab.add('cone', delay_ms=100)
        server = bind(lab, near, near.address, 7000)
        inner = bind(lab, far, far.address, far.new_port())
        server.settimeout(2)
        # The first one waits for the router's address; on a busy machine, more
        # of them are late.
        for attempt in range(10):
            since = time.monotonic()
            inner.sendto(b'out', (near.address, 7000))
            data, seen = heard(server)
            there = time.monotonic() - since
            check('nothing arrives', data == b'out')
            check('no answer arrives', passes(server, seen, inner))
            back = time.monotonic() - since
            if attempt > 0 and there < 0.15 and back < 0.3:
                break
        check(f'there {there}, back {back}', 0.1 <= there < 0.15 and 0.2 <= back < 0.3)
    return f'{there * 1000:.0f} ms there, {back * 1000:.0f} ms there and back'


def another_network():
    """A host with two networks goes on with the second one when the first ends."""
    with Lab() as lab:
        home = lab.add('cone')
        phone = lab.add('cgnat', host=home)
        away = lab.add('open')
        server = bind(lab, away, away.address, 7000)
        inner = bind(lab, home, '0.0.0.0', home.new_port())

        def becomes(address):
            """The system takes its time, but little of it."""
            for _ in range(10):
                inner.sendto(b'out', (away.address, 7000))
                seen = heard(server)[1]
                if seen and seen[0] == address:
                    return
            raise Failure(f'seen as {seen}, not at {address}')

        becomes(home.nat.address)
        home.unplug()
        becomes(phone.nat.address)
        home.plug()
        becomes(home.nat.address)


def loss():
    with Lab() as lab:
        one, other = lab.add('open'), lab.add('open')
        one.lose(30)
        sender = bind(lab, one, one.address, 7000)
        receiver = bind(lab, other, other.address, 7000)
        arrived = 0
        for _ in range(10):
            # No more at once than a socket holds.
            for _ in range(100):
                sender.sendto(b'out', (other.address, 7000))
            while heard(receiver)[0]:
                arrived += 1
        # Six standard deviations around 700.
        check(f'{arrived} of 1000 arrive', 613 < arrived < 787)
    return f'{arrived} of 1000 arrive'


def test():
    kinds = [mode for mode in MODES if mode != 'blocked']
    return run_cases([
        *((f'{mode} filters', functools.partial(filtering, mode)) for mode in MODES),
        *((f'{mode} maps', functools.partial(mapping, mode)) for mode in kinds),
        ('routers change their mind', changes),
        ('mappings end', timeouts),
        ('30 % loss', loss),
        ('a long line', delay),
        ('another network', another_network),
        *((f'housemates, hairpin: {hairpin}, isolated: {isolated}',
           functools.partial(housemates, hairpin, isolated))
          for hairpin in (False, True) for isolated in (False, True)),
        *((f'a router whose input is "{name}"', functools.partial(answers_to_itself, name, *so))
          for name, so in (('drop', (False, True)), ('reject', (True, True)),
                           ('accept', (True, False)))),
        *((f'IPv6, firewall: {firewall}', functools.partial(ipv6, firewall))
          for firewall in (False, True)),
    ])


if __name__ == '__main__':
    sys.exit(main(test))
