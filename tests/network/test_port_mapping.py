# SPDX-License-Identifier: MIT
#
# test_port_mapping.py: routers that let peers in when they are asked to
#
# miniupnpd speaks both PCP and NAT-PMP. Without it these peers have no chance:
# neither of the two NATs gives away beforehand which port it will use.

import pathlib
import sys
import tempfile
import time

from cases import Failure, main, run_cases
from cat import INVITATION, Cat
from lab import Lab, run
from pair import Pair, Peer, seconds

# miniupnpd does not believe in addresses for documentation.
OUTSIDE = '23.0.113'

RULES = '''
    table inet filter {
      chain forward {
        type filter hook forward priority 0; policy accept;
        jump miniupnpd
      }
      chain miniupnpd { }
      chain prerouting {
        type nat hook prerouting priority -100; policy accept;
        jump prerouting_miniupnpd
      }
      chain prerouting_miniupnpd { }
      chain postrouting {
        type nat hook postrouting priority 100; policy accept;
        jump postrouting_miniupnpd
      }
      chain postrouting_miniupnpd { }
    }'''

CONFIG = '''
ext_ifname=wan
listening_ip=lan
enable_natpmp=yes
enable_upnp=no
min_lifetime=1
max_lifetime={lifetime}
secure_mode=yes
lease_file={folder}/leases
uuid=00000000-0000-0000-0000-000000000000
allow 1024-65535 192.168.1.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
'''


def start_router(site, folder, lifetime=3600):
    """Has the site's router listen to those who want to be let in."""
    site.lab.nft(site.router, RULES)
    config = pathlib.Path(folder, 'config')
    config.write_text(CONFIG.format(folder=folder, lifetime=lifetime), encoding='utf-8')
    daemon = site.lab.start(site.router, 'miniupnpd', '-d', '-f', config, '-P', f'{folder}/pid')
    for line in daemon.stdout:
        if 'NAT-PMP' in line or 'PCP' in line:
            site.lab.drain(daemon)
            return
    raise RuntimeError('miniupnpd ended at once')


def forwarded(site):
    """What the router forwards by now."""
    rules = run('ip', 'netns', 'exec', site.router, 'nft', 'list', 'chain', 'inet', 'filter',
                'prerouting_miniupnpd')
    return [line.strip() for line in rules.splitlines() if 'dnat' in line]


def wait_for(what, is_so, within=5):
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            raise Failure(what)
        time.sleep(0.05)


def symmetric_both():
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('symmetric'), lab.add('symmetric')
        start_router(sites[0], folder)
        options = [{'map': True}, {}]
        with Pair(*sites, options=options, invite=True, stun=lab.start_stun(),
                  send=65536) as pair:
            if len(forwarded(sites[0])) != 1:
                raise Failure(f'forwarded: {forwarded(sites[0])}\n{pair}')
            took = pair.open(2)
            pair.finish(20)
        wait_for('still forwarded after the end', lambda: not forwarded(sites[0]))
    return f'{seconds(took)}; no longer forwarded after the end'


def without_stun():
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('cone-remap'), lab.add('symmetric')
        start_router(sites[0], folder)
        with Pair(*sites, options=[{'map': True}, {}], invite=True, send=65536) as pair:
            took = pair.open(2)
            pair.finish(20)
    return f'{seconds(took)}, and no server was asked'


def command():
    """The same with the command; a program that ends takes its mapping with it."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('symmetric'), lab.add('symmetric')
        start_router(sites[0], folder)
        host = Cat(sites[0], '--invite', '--port-mapping')
        guest = Cat(sites[1], '--timeout', 20, host.expect(INVITATION))
        guest.expect('Connected with')
        guest.say('through the router\n')
        host.expect('through the router')
        host.say('indeed\n')
        wait_for('still forwarded after the end', lambda: not forwarded(sites[0]))


def renewal():
    """Mappings that live for 10 s are there all the time."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        site = lab.add('symmetric')
        start_router(site, folder, lifetime=10)
        peer = Peer(site, port=site.new_port(), map=True, invite=True)
        peer.expect('ready', 10)
        until = time.monotonic() + 25
        while time.monotonic() < until:
            if len(forwarded(site)) != 1:
                raise Failure(f'forwarded: {forwarded(site)}')
            time.sleep(0.5)
        peer.stop()
    return 'for 25 s'


def no_such_router():
    """Asking in vain costs no more than the time that is granted for it."""
    with Lab() as lab:
        site = lab.add('cone')
        since = time.monotonic()
        peer = Peer(site, port=site.new_port(), map=True, invite=True)
        peer.expect('ready', 10)
        took = time.monotonic() - since
        if took > 1.5:
            raise Failure(f'took {took:.1f} s')
    return f'{took:.1f} s with the start of the program'


def test():
    return run_cases([
        ('symmetric × symmetric, one router forwards', symmetric_both),
        ('a router that forwards does without STUN', without_stun),
        ('srudp-cat --port-mapping', command),
        ('mappings are renewed', renewal),
        ('a router that does not listen', no_such_router),
    ])


if __name__ == '__main__':
    sys.exit(main(test, 'turnserver', 'miniupnpd'))
