# SPDX-License-Identifier: MIT
#
# test_port_mapping.py: routers that let peers in when they are asked to
#
# miniupnpd speaks both PCP and NAT-PMP. Without it these peers have no chance:
# neither of the two NATs gives away beforehand which port it will use.

import functools
import os
import pathlib
import sys
import tempfile
import time

from cases import Failure, main, run_cases
from cat import INVITATION, Cat
from lab import Lab, run
from pace import CLOCK, Deadline
from pair import Pair, Peer, seconds
from test_conditions import RATE_BYTES

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
{allow}
deny 0-65535 0.0.0.0/0 0-65535
'''


ALLOW = 'allow 1024-65535 192.168.1.0/24 1024-65535'

# Requests of PCP's version get lost, as if the router knew of none but NAT-PMP.
WITHOUT_PCP = '''
    table inet old {
      chain input {
        type filter hook input priority 0;
        udp dport 5351 @th,64,8 2 drop
      }
    }'''
# What it is asked for 3.7 s, until any invitation is made, gets lost: PCP and NAT-PMP
# in turns, two questions each time by the latter.
SLOW = '''
    table inet slow {
      chain input {
        type filter hook input priority 0;
        udp dport 5351 limit rate 1/day burst 6 packets drop
      }
    }'''
PROTOCOLS = ('PCP', 'NAT-PMP')

# What miniupnpd says goes to the system's log, too, and without one to the console,
# which is a serial line on many a virtual machine: some hundred kilobytes there can keep
# a processor from everything else for half a minute. `ip netns exec` gives it a view
# of the file system of its own, where neither is to be found.
UNLOGGED = '''
    for place in /dev/log /dev/console
    do
      [ ! -e $place ] || mount --bind /dev/null $place
    done
    exec "$@"'''


def start_router(site, folder, lifetime=3600, protocol='PCP', allow=ALLOW):
    """Has the site's router listen to those who want to be let in."""
    site.lab.nft(site.router, RULES)
    if protocol != 'PCP':
        site.lab.nft(site.router, WITHOUT_PCP)
    config = pathlib.Path(folder, 'config')
    config.write_text(CONFIG.format(folder=folder, lifetime=lifetime, allow=allow),
                      encoding='utf-8')
    daemon = site.lab.start(site.router, 'sh', '-ec', UNLOGGED, 'sh',
                            'miniupnpd', '-d', '-f', config, '-P', f'{folder}/pid')
    for line in daemon.stdout:
        if 'NAT-PMP' in line or 'PCP' in line:
            site.lab.drain(daemon)
            return daemon
    raise RuntimeError('miniupnpd ended at once')


def forwarded(site):
    """What the router forwards by now."""
    rules = run('ip', 'netns', 'exec', site.router, 'nft', 'list', 'chain', 'inet', 'filter',
                'prerouting_miniupnpd')
    return [line.strip() for line in rules.splitlines() if 'dnat' in line]


def wait_for(what, is_so, within=5):
    deadline = Deadline(within)
    while not is_so():
        if deadline.is_over():
            raise Failure(what)
        time.sleep(0.05)


def wait_until_mapped(peer):
    """An invitation waits for the router for a moment only; one that is made later names
    what the router has said by then."""
    wait_for('not forwarded', lambda: len(forwarded(peer.site)) == 1)
    peer.invite_again()


def symmetric_both(protocol):
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('symmetric'), lab.add('symmetric')
        start_router(sites[0], folder, protocol=protocol)
        options = [{'map': True}, {}]
        with Pair(*sites, options=options, invite=True, stun=lab.start_stun(),
                  send=65536) as pair:
            wait_until_mapped(pair.peers[0])
            took = pair.open(2)
            pair.finish(20)
        wait_for('still forwarded after the end', lambda: not forwarded(sites[0]))
    return f'{seconds(took)}; no longer forwarded after the end'


def without_stun():
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('cone-remap'), lab.add('symmetric')
        start_router(sites[0], folder)
        with Pair(*sites, options=[{'map': True}, {}], invite=True, send=65536) as pair:
            wait_until_mapped(pair.peers[0])
            took = pair.open(2)
            pair.finish(20)
    return f'{seconds(took)}, and no server was asked'


def late():
    """Who made an invitation meanwhile is told that another one reaches further."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('symmetric'), lab.add('symmetric')
        start_router(sites[0], folder)
        lab.nft(sites[0].router, SLOW)
        with Pair(*sites, options=[{'map': True}, {}], invite=True, stun=lab.start_stun(),
                  send=65536) as pair:
            before = pair.invitation_of(pair.peers[0])
            pair.peers[0].await_more(20)
            pair.peers[0].invite_again()
            if len(pair.invitation_of(pair.peers[0])) <= len(before):
                raise Failure(f'nothing more is named\n{pair}')
            took = pair.open(2)
            pair.finish(20)
    return seconds(took)


def late_in_band():
    """A connection that began without the router is told of it: else it would end with the
    mapping that it began with, for the peer's NAT lets nobody in from the next one. Of
    all the other addresses of its host there is not room for every one."""
    rate = {'send': 25 * RATE_BYTES, 'rate': RATE_BYTES}
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('symmetric-seq'), lab.add('cone')
        start_router(sites[0], folder)
        lab.nft(sites[0].router, SLOW)
        lab.ip(sites[0].host, *(f'address add {address} dev lo' for i in range(1, 5)
                                for address in (f'10.9.0.{i}/32', f'fd09::{i}/128')))
        with Pair(*sites, options=[{'map': True}, {}], invite=True, stun=lab.start_stun(),
                  **rate) as pair:
            pair.peers[0].await_more(20)
            pair.open(10)
            time.sleep(5)
            sites[0].forget_flows()
            gap = pair.finish(60)
    return f'goes on through the router, longest gap {seconds(gap)}'


def command(rules=None):
    """The same with the command; a program that ends takes its mapping with it."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        sites = lab.add('symmetric'), lab.add('symmetric')
        start_router(sites[0], folder)
        if rules:
            lab.nft(sites[0].router, rules)
        host = Cat(sites[0], '--invite', '--port-mapping')
        invitation = host.expect(INVITATION)
        if rules:
            host.expect('a new invitation reaches further')
            invitation = host.expect(INVITATION)
        guest = Cat(sites[1], '--timeout', 20, invitation)
        guest.expect('Connected with')
        guest.say('through the router\n')
        host.expect('through the router')
        host.say('indeed\n')
        wait_for('still forwarded after the end', lambda: not forwarded(sites[0]))


def renewal(protocol):
    """Two hours are asked for and 10 s are granted: it is there all the time."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        site = lab.add('symmetric')
        start_router(site, folder, lifetime=10, protocol=protocol)
        peer = Peer(site, port=site.new_port(), map=True, invite=True)
        peer.expect('ready', 10)
        wait_until_mapped(peer)
        until = time.monotonic() + 25
        while time.monotonic() < until:
            # The router takes a renewed one away for a moment by itself.
            wait_for('not forwarded', lambda: len(forwarded(site)) == 1, 0.3)
            time.sleep(0.5)
        peer.stop()
    return 'for 25 s'


def restart(protocol):
    """A router that has forgotten everything says so: the mapping comes back at once, an
    hour before it would have been renewed."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        site = lab.add('symmetric')
        daemon = start_router(site, folder, protocol=protocol)
        peer = Peer(site, port=site.new_port(), map=True, invite=True)
        peer.expect('ready', 10)
        wait_until_mapped(peer)
        before = forwarded(site)
        # The epoch of the next one is less by then.
        time.sleep(4)
        daemon.kill()
        daemon.wait()
        pathlib.Path(folder, 'leases').unlink(missing_ok=True)
        for chain in 'miniupnpd', 'prerouting_miniupnpd', 'postrouting_miniupnpd':
            run('ip', 'netns', 'exec', site.router, 'nft', 'flush', 'chain', 'inet', 'filter',
                chain)
        if len(before) != 1 or forwarded(site):
            raise Failure(f'forwarded: {before}, then {forwarded(site)}')
        since = time.monotonic()
        start_router(site, folder, protocol=protocol)
        wait_for('no longer forwarded', lambda: forwarded(site) == before, 15)
        took = time.monotonic() - since
        peer.stop()
    return f'the same again after {took:.1f} s'


def refusal(protocol):
    """A router that lets nobody in costs no more time than none."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        site = lab.add('cone')
        start_router(site, folder, protocol=protocol, allow='')
        since = time.monotonic()
        peer = Peer(site, port=site.new_port(), map=True, invite=True)
        peer.expect('ready', 10)
        took = CLOCK.between(since, time.monotonic())
        if took > 5 or forwarded(site):
            raise Failure(f'took {took:.1f} s, forwarded: {forwarded(site)}')
        peer.stop()
    return f'{took:.1f} s with the start of the program'


def unlogged():
    """Neither the system's log nor its console hears of these routers."""
    with Lab(OUTSIDE) as lab, tempfile.TemporaryDirectory() as folder:
        daemon = start_router(lab.add('cone'), folder)
        nowhere = os.stat('/dev/null').st_rdev
        heard = [place for place in ('/dev/log', '/dev/console')
                 if os.path.exists(place)
                 and os.stat(f'/proc/{daemon.pid}/root{place}').st_rdev != nowhere]
        if heard:
            raise Failure(f'written to: {" ".join(heard)}')


def no_such_router():
    """Asking in vain costs no more than the time that is granted for it."""
    with Lab() as lab:
        site = lab.add('cone')
        since = time.monotonic()
        peer = Peer(site, port=site.new_port(), map=True, invite=True)
        peer.expect('ready', 10)
        took = CLOCK.between(since, time.monotonic())
        if took > 1.5:
            raise Failure(f'took {took:.1f} s')
    return f'{took:.1f} s with the start of the program'


def test():
    return run_cases([
        *((f'{name}, by {protocol}', functools.partial(function, protocol))
          for name, function in (
              ('symmetric × symmetric, one router forwards', symmetric_both),
              ('10 s of the two hours are granted, and renewed', renewal),
              ('a router that is started anew is asked anew', restart),
              ('a router that refuses', refusal))
          for protocol in PROTOCOLS),
        ('a router that forwards does without STUN', without_stun),
        ('a router that answers late, between two invitations', late),
        ('a router that answers late, for an open connection', late_in_band),
        ('srudp-cat --port-mapping', command),
        ('srudp-cat --port-mapping, of a router that answers late',
         functools.partial(command, SLOW)),
        ('a router that does not listen', no_such_router),
        ('what routers say stays among us', unlogged),
    ])


if __name__ == '__main__':
    sys.exit(main(test, 'turnserver', 'miniupnpd'))
