# SPDX-License-Identifier: MIT
#
# nat.py: the nftables rules that make a router behave like each kind of NAT

import random

# Each host behind a router takes its ports from a range of its own, the first
# one from here.
FIRST_PORT = 40000
N_PORTS = 1000

# The kinds of routers; the first two don't translate: their hosts have public
# addresses of their own.
UNTRANSLATED = ('open', 'firewall')
KINDS = (*UNTRANSLATED, 'full-cone', 'restricted', 'cone', 'cone-remap',
         'symmetric', 'symmetric-seq', 'blocked')
# What a host is behind, from the inside outwards: the router at home, and that
# of a carrier that gives its customers private addresses (RFC 6598).
CARRIERS = {'cgnat': ('cone', 'cone-remap'), 'cgnat-symmetric': ('cone', 'symmetric')}
MODES = (*KINDS[:-1], *CARRIERS, 'blocked')

# What a router does with packets to itself. A packet that it takes leaves an
# entry in the table of flows, and a later one of a host's to the same place is
# given another port. A router at home mostly drops what it isn't asked for.
INPUTS = {'drop': 'drop', 'reject': 'reject with icmp type port-unreachable',
          'accept': 'accept'}

RULES = '''
flush ruleset
table ip lab {{
  set mapped {{ type inet_service; flags dynamic,timeout; }}
  set permitted {{ type inet_service . ipv4_addr; flags dynamic,timeout; }}
  chain input {{
    type filter hook input priority 0; policy accept;
    iifname "wan" {input}
    ip daddr {address} {input}
  }}
  chain forward {{
    type filter hook forward priority 0; policy accept;
    {forward}
  }}
  chain before {{
    type nat hook prerouting priority -100; policy accept;
    {before}
  }}
  chain after {{
    type nat hook postrouting priority 100; policy accept;
    {after}
  }}
}}
table ip6 lab {{
  chain forward {{
    type filter hook forward priority 0; policy accept;
    {forward6}
  }}
}}
'''

ONLY_ANSWERS = 'iifname "wan" ct state new drop'
REMEMBER = '''
    oifname "wan" update @mapped {{ udp sport timeout {timeout}s }}
    oifname "wan" update @permitted {{ udp sport . ip daddr timeout {timeout}s }}'''


class Nat:
    """How a router translates: its kind, its address, and which port becomes which.

    `inside` are the addresses of those behind it, each with the ranges of ports
    it uses: a host one, a router at home those of all of its hosts."""

    def __init__(self, kind, address, inside, udp_timeout, router_input='drop',
                 hairpin=False, ipv6_firewall=True, rng=random):
        if kind not in KINDS:
            raise ValueError(f'no such kind of NAT: {kind}')
        if hairpin and kind not in ('cone', 'cone-remap', 'full-cone', 'restricted'):
            raise ValueError(f'{kind}: nobody knows which port to turn round')
        self.kind = kind
        self.address = address
        self.inside = inside
        self.udp_timeout = udp_timeout
        self.input = INPUTS[router_input]
        self.hairpin = hairpin
        self.ipv6_firewall = ipv6_firewall
        self._rng = rng
        self._ports = {}
        if kind == 'cone-remap':
            self.remap()

    def remap(self):
        """Other public ports for the same inner ones, as if after a restart."""
        if self.kind not in ('cone', 'cone-remap'):
            raise ValueError(f'{self.kind}: its ports are not ours to choose')
        inner = [port for _, first, last in self.inside for port in range(first, last + 1)]
        public = range(50000, 50000 + 4 * N_PORTS)
        self._ports = dict(zip(inner, self._rng.sample(public, len(inner))))

    def public_port(self, port):
        """Where a port is seen; of symmetric ones nobody can know."""
        return self._ports.get(port, port)

    def rules(self):
        forward, before, after = [], [], []
        if self.kind in ('firewall', *KINDS[2:]):
            # A packet whose destination was translated belongs to the host's
            # own mapping: the rules before have judged it.
            forward.append('iifname "wan" ct status dnat accept')
            forward.append(ONLY_ANSWERS)
        if self.kind == 'blocked':
            forward.append('meta l4proto udp drop')
        if self.kind in ('full-cone', 'restricted'):
            forward.append(REMEMBER.format(timeout=self.udp_timeout))
            before.append(self._inwards())
        if self.hairpin:
            before.append(f'iifname "lan" ip daddr {self.address} meta l4proto udp '
                          f'dnat ip to {self._turned()}')
            after.append(f'oifname "lan" ct original ip daddr {self.address} '
                         f'ct original ip saddr {{ {self._insiders()} }} '
                         f'meta l4proto udp {self._outwards()}')
        if self.kind not in UNTRANSLATED:
            after.append(f'oifname "wan" meta l4proto udp {self._outwards()}')
            after.append(f'oifname "wan" snat ip to {self.address}')
        forward6 = ONLY_ANSWERS if self.ipv6_firewall else ''
        return RULES.format(input=self.input, address=self.address,
                            forward='\n    '.join(forward), before='\n    '.join(before),
                            after='\n    '.join(after), forward6=forward6)

    def _inwards(self):
        allowed = {'full-cone': 'udp dport @mapped',
                   'restricted': 'udp dport . ip saddr @permitted'}[self.kind]
        return f'iifname "wan" {allowed} dnat ip to {self._whose()}'

    def _whose(self):
        """Which host, by the port it uses."""
        return 'udp dport map ' + braces(
            (f'{first}-{last}', address) for address, first, last in self.inside)

    def _insiders(self):
        return ', '.join(address for address, _, _ in self.inside)

    def _turned(self):
        """Which host and which port of it, by the port seen from outside."""
        if not self._ports:
            return self._whose()
        return 'udp dport map ' + braces(
            (self._ports[port], f'{address} . {port}')
            for address, first, last in self.inside for port in range(first, last + 1))

    def _outwards(self):
        if self.kind == 'symmetric':
            ports = ':1024-65535 fully-random'
        elif self.kind == 'symmetric-seq':
            start = self._rng.randrange(20000, 60000)
            ports = ' : numgen inc mod 4000 map ' + braces(
                (i, start + i) for i in range(4000))
        elif self._ports:
            ports = ' : udp sport map ' + braces(self._ports.items())
        else:
            ports = ''
        return f'snat ip to {self.address}{ports}'


def braces(pairs):
    return '{ ' + ', '.join(f'{key} : {value}' for key, value in pairs) + ' }'
