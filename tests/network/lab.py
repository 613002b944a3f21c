# SPDX-License-Identifier: MIT
#
# lab.py: hosts behind routers around one internet, in namespaces of their own
#
#   host ── router ──┐
#                    internet
#   host ── router ──┘
#
# The rest of the machine is never touched: addresses, rules and settings exist
# in these namespaces only, and they are gone when the lab is closed.

import atexit
import contextlib
import copy
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading

import namespaces
from nat import CARRIERS, FIRST_PORT, MODES, N_PORTS, Nat, UNTRANSLATED

TOOLS = ('ip', 'nft')
# Of two servers that everybody can ask.
STUN_ADDRESSES = ('192.0.2.1', '192.0.2.2')
STUN_PORT = 3478
NAMESPACES = pathlib.Path('/run/netns')
# "srudp", who made it, which of its labs, what it is.
NAME = re.compile(r'^srudp-(\d+)-\d+-\w+$')

CLONE_NEWNET = 0x40000000  # of <sched.h>
libc = ctypes.CDLL(None, use_errno=True)

# Deletes all flows of a namespace: one message to its connection tracking
# (nfnetlink subsystem 1, message 2: IPCTNL_MSG_CT_DELETE; request and ack).
FLUSH_FLOWS = '''
import socket, struct
request = struct.pack('=IHHIIBBH', 20, 1 << 8 | 2, 5, 1, 0, 2, 0, 0)
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:
    netlink.bind((0, 0))
    netlink.send(request)
    raise SystemExit(-struct.unpack_from('=i', netlink.recv(4096), 16)[0])
'''

# Deletes each flow of a namespace so many seconds after it was first seen,
# whatever goes through it: a dump of the table (message 1: IPCTNL_MSG_CT_GET)
# five times a second. A flow is named by its attribute 1 (CTA_TUPLE_ORIG).
AGE_FLOWS = '''
import socket, struct, sys, time

def ask(netlink, kind, flags, attributes=b''):
    header = struct.pack('=IHHIIBBH', 20 + len(attributes), 1 << 8 | kind, flags, 1, 0, 2, 0, 0)
    netlink.send(header + attributes)

def tuple_of(message):
    at = 20
    while at + 4 <= len(message):
        size, kind = struct.unpack_from('=HH', message, at)
        if kind & 0x3fff == 1:
            return message[at:at + (size + 3 & ~3)]
        at += size + 3 & ~3

def flows(netlink):
    ask(netlink, 1, 0x301)
    while True:
        data = netlink.recv(65536)
        while data:
            size, kind = struct.unpack_from('=IH', data)
            if kind in (2, 3):
                return
            yield tuple_of(data[:size])
            data = data[size + 3 & ~3:]

seen = {}
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:
    netlink.bind((0, 0))
    while True:
        now = time.monotonic()
        seen = {flow: seen.get(flow, now) for flow in set(flows(netlink))}
        for flow in [flow for flow, since in seen.items() if now - since >= float(sys.argv[1])]:
            ask(netlink, 2, 5, flow)
            netlink.recv(4096)
            del seen[flow]
        time.sleep(0.2)
'''


class Unavailable(Exception):
    """This machine can't have a lab; the text says why."""


def run(*command, text=None):
    done = subprocess.run(command, input=text, encoding='utf-8', stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(command)}: {done.returncode}\n{done.stdout[:2000]}')
    return done.stdout


def require(*more_tools):
    """Raises Unavailable where labs can't be made, or other tools are missing."""
    reason = namespaces.reason_to_skip()
    if reason:
        raise Unavailable(reason)
    missing = [tool for tool in (*TOOLS, *more_tools) if not shutil.which(tool)]
    if missing:
        raise Unavailable(f'not installed: {", ".join(missing)}')


def sweep():
    """Removes what a lab left behind whose process was killed."""
    for path in NAMESPACES.glob('srudp-*'):
        match = NAME.match(path.name)
        if match and not pathlib.Path('/proc', match[1]).exists():
            subprocess.run(['ip', 'netns', 'delete', path.name], check=False)


class Router:
    """Between a network of its own, which is `lan`, and another, which is `wan`."""

    def __init__(self, lab, name, lan, wan, nat):
        self.lab = lab
        self.name = name
        self.lan = lan  # the network's first address, a /29
        self.wan = wan
        self.nat = nat
        lab.add_space(name)

    @property
    def address(self):
        return member(self.lan, 1)

    def set_up(self):
        lab, udp_timeout = self.lab, self.nat.udp_timeout
        lab.ip(self.name,
               f'address add {self.address}/29 dev lan',
               f'address add {member(self.wan, 2)}/29 dev wan',
               f'address add {member(self.wan, 3)}/29 dev wan',
               'link set lo up',
               'link set lan up',
               'link set wan up',
               f'route add default via {member(self.wan, 1)}')
        lab.sysctl(self.name, 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1',
                   'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.conf.lan.send_redirects=0')
        if pathlib.Path('/proc/sys/net/bridge').exists():
            # What housemates say to each other is not the router's business.
            lab.sysctl(self.name, 'net.bridge.bridge-nf-call-iptables=0',
                       'net.bridge.bridge-nf-call-ip6tables=0')
        self.load_rules()
        lab.sysctl(self.name, f'net.netfilter.nf_conntrack_udp_timeout={udp_timeout}',
                   f'net.netfilter.nf_conntrack_udp_timeout_stream={udp_timeout}')

    def load_rules(self):
        self.lab.nft(self.name, self.nat.rules())

    def flush(self):
        self.load_rules()
        self.forget_flows()

    def forget_flows(self):
        run('ip', 'netns', 'exec', self.name, sys.executable, '-c', FLUSH_FLOWS)


class Site:
    """A host, and what it is behind: a router, or that and a carrier's.

    A housemate is another host behind the same routers; a host that is behind
    others as well has another site for those, with `host`."""

    # pylint: disable-next=too-many-arguments
    def __init__(self, lab, number, mode, *, udp_timeout=120, router_input='drop',
                 hairpin=False, shared=False, isolated=False, ipv6=None, delay_ms=0,
                 kbytes_per_second=0, host=None):
        if mode not in MODES:
            raise ValueError(f'no such kind of NAT: {mode}')
        self.lab = lab
        self.number = number
        self.mode = mode
        self.ipv6 = ipv6
        self.delay_ms = delay_ms
        self.kbytes_per_second = kbytes_per_second
        self.host = host.host if host else f'{lab.name}-host{number}'
        self.port_of_host = f'eth{number}' if host else 'eth'
        self.shared = shared or isolated  # there is room for a housemate
        self.isolated = isolated
        # All the homes use the same private range, as homes do.
        inside = (f'198.51.100.{8 * number}' if mode in UNTRANSLATED
                  else '192.168.2.0' if host else '192.168.1.0')
        self.address = member(inside, 2)
        self.housemates = []
        self.first_port = FIRST_PORT
        self.n_ports = itertools.count(FIRST_PORT)
        self._build(inside, udp_timeout, router_input, hairpin, is_new=host is None)

    @property
    def router(self):
        """The outermost one's name: it decides how others see the host."""
        return self.routers[-1].name

    @property
    def nat(self):
        return self.routers[-1].nat

    @property
    def gateway(self):
        """The address of the router at home, as the host knows it."""
        return self.routers[0].address

    @property
    def address6(self):
        return self.prefix6 + '2' if self.ipv6 else None

    @property
    def prefix6(self):
        return f'2001:db8:{self.number + 1:x}::'

    def new_port(self):
        """A port of the host's that was never used: nothing knows it yet."""
        port = next(self.n_ports)
        if port >= self.first_port + N_PORTS // 2:
            raise RuntimeError('this site has no port left')
        return port

    def public(self, port):
        """(address, port) under which others see the host's port."""
        if self.mode in UNTRANSLATED:
            return self.address, port
        for router in self.routers:
            port = router.nat.public_port(port)
        return self.nat.address, port

    def flush(self):
        """The router forgets all it knows of what went through it."""
        self.routers[-1].flush()

    def forget_flows(self):
        """The same, but for rules that other programs have made."""
        self.routers[-1].forget_flows()

    def limit_age(self, age):
        """From now on a mapping is forgotten after so long, whatever it is used for."""
        self.lab.start(self.router, sys.executable, '-c', AGE_FLOWS, age)

    def rebind_port(self):
        """From now on every port of the host's is seen as another one."""
        self.nat.remap()
        self.flush()

    def rebind_address(self):
        """From now on the router has another public address."""
        self.nat.address = member(self.routers[-1].wan, 3)
        self.flush()

    def add_address(self):
        """A second public address of a host that is not behind a NAT."""
        address = member(self.routers[0].lan, 3)
        self.lab.ip(self.host, f'address add {address}/29 dev {self.port_of_host}')
        return address

    def unplug(self):
        """The host loses this network, with addresses and routes.

        The addresses go first: as long as they are there, a packet may leave by the
        host's other network with one of them, and take its port at the router there."""
        self.lab.ip(self.host, f'address flush dev {self.port_of_host}',
                    f'link set {self.port_of_host} down')

    def plug(self):
        """The opposite; the system may take a second to believe it."""
        metric = '' if self.port_of_host == 'eth' else f' metric {1000 + self.number}'
        self.lab.ip(self.host, f'link set {self.port_of_host} up',
                    f'address add {self.address}/29 dev {self.port_of_host}',
                    f'route replace default via {self.gateway} dev {self.port_of_host}{metric}')
        if self.ipv6:
            self._give_address6()

    def lose_ipv4(self):
        """The host goes on with IPv6 alone."""
        self.lab.ip(self.host, f'address flush dev {self.port_of_host} scope global'
                    if not self.ipv6 else
                    f'address delete {self.address}/29 dev {self.port_of_host}')

    def narrow(self, mtu):
        """The way to this site takes no bigger packets, and doesn't say so."""
        self.lab.ip(self.lab.internet, f'link set site{self.number} mtu {mtu}')
        self.lab.ip(self.router, f'link set wan mtu {mtu}')
        silence = '''
            table ip silence {
              chain output {
                type filter hook output priority 0;
                meta l4proto icmp drop
              }
            }'''
        for space in (self.lab.internet, self.router):
            self.lab.nft(space, silence)

    def lose(self, percent):
        """So many of the packets to and from this site never arrive."""
        self.lab.nft(self.lab.internet, f'''
            table ip loss{self.number} {{
              chain forward {{
                type filter hook forward priority 0;
                iifname "site{self.number}" numgen random mod 100 < {percent} drop
                oifname "site{self.number}" numgen random mod 100 < {percent} drop
              }}
            }}''')

    def packets_sent(self):
        """How many UDP packets left the host so far."""
        # Two lines each, names and numbers.
        lines = run('ip', 'netns', 'exec', self.host, 'cat', '/proc/net/snmp').splitlines()
        names, numbers = (line.split() for line in lines if line.startswith('Udp: '))
        total = int(numbers[names.index('OutDatagrams')])
        lines = run('ip', 'netns', 'exec', self.host, 'cat', '/proc/net/snmp6').splitlines()
        return total + sum(int(line.split()[1]) for line in lines
                           if line.startswith('Udp6OutDatagrams'))

    def start(self, *command):
        """A program on the host; it is ended with the lab at the latest."""
        return self.lab.start(self.host, *command)

    def _build(self, inside, udp_timeout, router_input, hairpin, is_new):
        lab, number = self.lab, self.number
        kinds = CARRIERS.get(self.mode, (self.mode,))
        outside = f'{lab.outside}.{8 * number}'
        between = f'100.64.0.{8 * number}'
        first, last = FIRST_PORT, FIRST_PORT + 2 * N_PORTS - 1
        hosts = [(member(inside, 2), first, first + N_PORTS - 1),
                 (member(inside, 3), first + N_PORTS, last)]
        firewall6 = self.ipv6 == 'firewall'
        wans = [between] * (len(kinds) - 1) + [outside]
        lans = [inside] + [between] * (len(kinds) - 1)
        behind = [hosts, [(member(between, 2), first, last)]]
        self.routers = []
        for step, (kind, lan, wan) in enumerate(zip(kinds, lans, wans)):
            nat = Nat(kind, member(wan, 2), behind[step], udp_timeout,
                      router_input=router_input, hairpin=hairpin,
                      ipv6_firewall=firewall6 and step == 0)
            name = f'{lab.name}-{"carrier" if step else "router"}{number}'
            self.routers.append(Router(lab, name, lan, wan, nat))
        if self.shared:
            lab.ip(self.routers[0].name, 'link add lan type bridge')
        self._add_host(self.address, self.host, self.port_of_host, is_new)
        for inner, outer in zip(self.routers, self.routers[1:]):
            lab.ip(inner.name, f'link add wan type veth peer name lan netns {outer.name}')
        self._add_line(outside)
        for router in self.routers:
            router.set_up()
        self._route(inside, between, outside)

    def _add_host(self, address, name, interface, is_new):
        lab, router = self.lab, self.routers[0]
        plug = name.rpartition('-')[2] if self.shared else 'lan'
        if is_new:
            lab.add_space(name)
            lab.ip(name, 'link set lo up')
            # The second half is for sockets that don't choose their port.
            lab.sysctl(name, f'net.ipv4.ip_local_port_range={self.first_port + N_PORTS // 2} '
                             f'{self.first_port + N_PORTS - 1}')
        lab.sysctl(name, f'net.ipv6.conf.default.disable_ipv6={0 if self.ipv6 else 1}')
        metric = '' if is_new else f' metric {1000 + self.number}'
        lab.ip(name,
               f'link add {interface} type veth peer name {plug} netns {router.name}',
               f'address add {address}/29 dev {interface}',
               # Each packet meets the rules alone, as on a real line.
               f'link set {interface} up gso_max_segs 1',
               f'route add default via {router.address} dev {interface}{metric}')
        if self.shared:
            lab.ip(router.name, f'link set {plug} master lan up')
        if self.isolated:
            lab.ip(router.name, f'link set {plug} type bridge_slave isolated on')

    def _add_line(self, outside):
        """From the outermost router to the internet, long if that is asked for."""
        lab, number = self.lab, self.number
        if self.delay_ms:
            line = f'{lab.name}-line{number}'
            lab.add_space(line)
            lab.ip(line, f'link add near type veth peer name wan netns {self.router}',
                   f'link add far type veth peer name site{number} netns {lab.internet}',
                   'link set near up', 'link set far up')
            lab.sysctl(line, 'net.ipv6.conf.all.disable_ipv6=1')
            script = str(pathlib.Path(__file__).with_name('line.py'))
            process = lab.start(line, sys.executable, script, 'near', 'far', self.delay_ms,
                                self.kbytes_per_second)
            process.stdout.readline()
        else:
            lab.ip(self.router,
                   f'link add wan type veth peer name site{number} netns {lab.internet}')
        lab.ip(lab.internet, f'address add {member(outside, 1)}/29 dev site{number}',
               f'link set site{number} up')

    def _route(self, inside, between, outside):
        lab = self.lab
        if self.mode in UNTRANSLATED:
            lab.ip(lab.internet, f'route add {inside}/29 via {member(outside, 2)}')
        if self.ipv6:
            self._route6()

    def _give_address6(self):
        metric = '' if self.port_of_host == 'eth' else f' metric {2000 + self.number}'
        self.lab.ip(self.host,
                    f'address replace {self.address6}/64 dev {self.port_of_host} nodad',
                    f'route replace ::/0 via {self.prefix6}1 dev {self.port_of_host}{metric}')

    def _route6(self):
        """Each network between has link-local addresses only, as many have."""
        lab, prefix = self.lab, self.prefix6
        lab.ip(self.routers[0].name, f'address add {prefix}1/64 dev lan nodad')
        self._give_address6()
        steps = [(router.name, 'wan') for router in self.routers]
        above = [(router.name, 'lan') for router in self.routers[1:]]
        above.append((lab.internet, f'site{self.number}'))
        for (lower, wan), (upper, lan) in zip(steps, above):
            lab.ip(lower, f'address add fe80::2/64 dev {wan} nodad',
                   f'route add ::/0 via fe80::1 dev {wan}')
            lab.ip(upper, f'address add fe80::1/64 dev {lan} nodad',
                   f'route add {prefix}/64 via fe80::2 dev {lan}')

    def add_housemate(self):
        """Another host behind the same router; a site that shares all but itself."""
        if self.housemates or not self.shared:
            raise RuntimeError('there is no room')
        mate = copy.copy(self)
        mate.host = f'{self.lab.name}-mate{self.number}'
        mate.address = member(self.routers[0].lan, 3)
        mate.first_port = FIRST_PORT + N_PORTS
        mate.n_ports = itertools.count(mate.first_port)
        mate._add_host(mate.address, mate.host, 'eth', True)
        self.housemates.append(mate)
        return mate


def member(network, number):
    """The address with that number in a /29."""
    head, _, last = network.rpartition('.')
    return f'{head}.{int(last) + number}'


class Lab:
    """An internet with sites around it; a context manager."""

    _numbers = itertools.count(1)
    _open = set()

    def __init__(self, outside='203.0.113'):
        """The outer addresses of routers are those of documentation (RFC 5737),
        for programs that don't mind; they go nowhere in any case."""
        self.outside = outside
        self.name = f'srudp-{os.getpid()}-{next(self._numbers)}'
        self.internet = f'{self.name}-internet'
        self.sites = []
        self._spaces = []
        self._processes = []
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self):
        self._open.add(self)
        sweep()
        self.add_space(self.internet)
        self.ip(self.internet, 'link set lo up',
                *(f'address add {address}/32 dev lo' for address in STUN_ADDRESSES))
        self.sysctl(self.internet, 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, mode, **options):
        # /29 networks in a /24.
        if len(self.sites) == 32:
            raise RuntimeError('no more room for sites')
        site = Site(self, len(self.sites), mode, **options)
        self.sites.append(site)
        return site

    def close(self):
        self._open.discard(self)
        with self._lock:
            self._closed = True
            processes, self._processes = self._processes, []
            spaces, self._spaces = self._spaces, []
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        for space in spaces:
            run('ip', 'netns', 'delete', space)

    @classmethod
    def close_all(cls):
        """Ends whatever runs in any lab, from whichever thread."""
        for lab in list(cls._open):
            lab.close()

    def _check_open(self):
        if self._closed:
            raise RuntimeError('the lab was closed meanwhile')

    def start_stun(self):
        """A server that tells everybody how it sees them, at STUN_ADDRESSES."""
        listeners = [word for address in STUN_ADDRESSES for word in ('-L', address)]
        server = self.start(self.internet, 'turnserver', '--no-tls', '--no-dtls', '--no-tcp',
                            '--stun-only', '--no-cli', '--log-file=stdout', '-n', '-m', 1,
                            '--pidfile=/dev/null', '-p', STUN_PORT, *listeners)
        with self.socket(self.internet) as client:
            client.settimeout(0.05)
            for address in STUN_ADDRESSES:
                self._wait_for_stun(server, client, (address, STUN_PORT))
        self.drain(server)
        return [f'{address}:{STUN_PORT}' for address in STUN_ADDRESSES]

    @staticmethod
    def drain(process):
        """Nobody reads what it says, but it must not wait for that."""
        threading.Thread(target=process.stdout.read, daemon=True).start()

    @staticmethod
    def _wait_for_stun(server, client, address):
        # RFC 8489, section 5: a Binding request without attributes.
        request = struct.pack('!HHI12s', 1, 0, 0x2112A442, b'is it there?')
        for _ in range(200):
            client.sendto(request, address)
            with contextlib.suppress(socket.timeout, ConnectionRefusedError):
                client.recv(1000)
                return
            if server.poll() is not None:
                break
        raise RuntimeError(f'the STUN server does not answer at {address}')

    def start(self, space, *command):
        with self._lock:
            self._check_open()
            process = subprocess.Popen(
                ['ip', 'netns', 'exec', space, *map(str, command)], encoding='utf-8',
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self._processes.append(process)
        return process

    def socket(self, space, family=socket.AF_INET):
        """A UDP socket in a namespace, for this process to use."""
        made = []

        def make():
            with open(NAMESPACES / space, 'rb') as handle:
                if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
                    made.append(OSError(ctypes.get_errno(), 'setns'))
                    return
            made.append(socket.socket(family, socket.SOCK_DGRAM))

        # A thread has a namespace of its own; a socket stays where it was made.
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        return made[0]

    def add_space(self, name):
        with self._lock:
            self._check_open()
            run('ip', 'netns', 'add', name)
            self._spaces.append(name)
        # An address counts at once, without a second of looking for its double.
        self.sysctl(name, 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0')

    def ip(self, space, *lines):
        run('ip', '-n', space, '-batch', '-', text='\n'.join(lines) + '\n')

    def nft(self, space, rules):
        run('ip', 'netns', 'exec', space, 'nft', '-f', '-', text=rules)

    def sysctl(self, space, *settings):
        script = ''.join(
            f'echo {value} > /proc/sys/{key.replace(".", "/")};'
            for key, _, value in (setting.partition('=') for setting in settings))
        run('ip', 'netns', 'exec', space, 'sh', '-ec', script)


# Where nobody closed it.
atexit.register(Lab.close_all)


def end_on_signals():
    """Has SIGTERM and SIGHUP unwind the stack, so that labs are closed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
