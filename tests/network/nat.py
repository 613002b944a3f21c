# SPDX-License-Identifier: MIT
#
# nat.py: the nftables rules that make a router behave like each kind of NAT

import random

# The host behind the router takes its ports from here.
FIRST_PORT = 40000
N_PORTS = 1000

MODES = ('open', 'firewall', 'full-cone', 'restricted', 'cone', 'cone-remap',
         'symmetric', 'symmetric-seq', 'blocked')
# Without translation: the host has a public address of its own.
UNTRANSLATED = ('open', 'firewall')

# What comes to the router itself is dropped without a trace. A packet that the
# router took would leave an entry in the table of flows, and a later one of
# the host's to the same place would be given another port: no router at home
# behaves so.
RULES = '''
flush ruleset
table ip lab {{
  set mapped {{ type inet_service; flags dynamic,timeout; }}
  set permitted {{ type inet_service . ipv4_addr; flags dynamic,timeout; }}
  chain input {{
    type filter hook input priority 0; policy accept;
    iifname "wan" drop
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
'''

ONLY_ANSWERS = 'iifname "wan" ct state new drop'
REMEMBER = '''
    oifname "wan" update @mapped {{ udp sport timeout {timeout}s }}
    oifname "wan" update @permitted {{ udp sport . ip daddr timeout {timeout}s }}'''


class Nat:
    """How a router translates: its mode, its address, and which port becomes which."""

    def __init__(self, mode, address, host, udp_timeout, rng=random):
        if mode not in MODES:
            raise ValueError(f'no such kind of NAT: {mode}')
        self.mode = mode
        self.address = address
        self.host = host
        self.udp_timeout = udp_timeout
        self._rng = rng
        self._ports = {}
        if mode == 'cone-remap':
            self.remap()

    def remap(self):
        """Other public ports for the same inner ones, as if after a restart."""
        if self.mode not in ('cone', 'cone-remap'):
            raise ValueError(f'{self.mode}: its ports are not ours to choose')
        public = range(50000, 50000 + N_PORTS)
        self._ports = dict(zip(range(FIRST_PORT, FIRST_PORT + N_PORTS),
                               self._rng.sample(public, N_PORTS)))

    def public_port(self, port):
        """Where the host's port is seen; of symmetric ones nobody can know."""
        return self._ports.get(port, port)

    def rules(self):
        forward, before, after = [], [], []
        if self.mode in ('firewall', *MODES[2:]):
            # A packet whose destination was translated belongs to the host's
            # own mapping: the rules before have judged it.
            forward.append('iifname "wan" ct status dnat accept')
            forward.append(ONLY_ANSWERS)
        if self.mode == 'blocked':
            forward.append('meta l4proto udp drop')
        if self.mode in ('full-cone', 'restricted'):
            forward.append(REMEMBER.format(timeout=self.udp_timeout))
            before.append(self._inwards())
        if self.mode not in UNTRANSLATED:
            after.append(self._outwards())
        return RULES.format(forward='\n    '.join(forward), before='\n    '.join(before),
                            after='\n    '.join(after))

    def _inwards(self):
        allowed = {'full-cone': 'udp dport @inside',
                   'restricted': 'udp dport . ip saddr @inside'}[self.mode]
        known = {'full-cone': 'mapped', 'restricted': 'permitted'}[self.mode]
        return f'iifname "wan" {allowed.replace("inside", known)} dnat ip to {self.host}'

    def _outwards(self):
        if self.mode == 'symmetric':
            ports = ':1024-65535 fully-random'
        elif self.mode == 'symmetric-seq':
            start = self._rng.randrange(20000, 60000)
            ports = ' : numgen inc mod 4000 map ' + braces(
                (i, start + i) for i in range(4000))
        elif self._ports:
            ports = ' : udp sport map ' + braces(self._ports.items())
        else:
            ports = ''
        return f'oifname "wan" meta l4proto udp snat ip to {self.address}{ports}'


def braces(pairs):
    return '{ ' + ', '.join(f'{key} : {value}' for key, value in pairs) + ' }'
