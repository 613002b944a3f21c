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
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading

import namespaces
from nat import FIRST_PORT, N_PORTS, Nat, UNTRANSLATED

TOOLS = ('ip', 'nft')
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


class Unavailable(Exception):
    """This machine can't have a lab; the text says why."""


def run(*command, text=None):
    done = subprocess.run(command, input=text, encoding='utf-8', stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(command)}: {done.returncode}\n{done.stdout}')
    return done.stdout


def require():
    """Raises Unavailable where labs can't be made."""
    reason = namespaces.reason_to_skip()
    if reason:
        raise Unavailable(reason)
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise Unavailable(f'not installed: {", ".join(missing)}')


def sweep():
    """Removes what a lab left behind whose process was killed."""
    for path in NAMESPACES.glob('srudp-*'):
        match = NAME.match(path.name)
        if match and not pathlib.Path('/proc', match[1]).exists():
            subprocess.run(['ip', 'netns', 'delete', path.name], check=False)


class Site:
    """A host and the router it is behind."""

    def __init__(self, lab, number, mode, udp_timeout):
        self.lab = lab
        self.number = number
        self.host = f'{lab.name}-host{number}'
        self.router = f'{lab.name}-router{number}'
        # All the homes use the same private range, as homes do.
        self.inside = (f'198.51.100.{8 * number}' if mode in UNTRANSLATED else '192.168.1.0')
        self.outside = f'203.0.113.{8 * number}'
        self.address = member(self.inside, 2)
        self.udp_timeout = udp_timeout
        self.nat = Nat(mode, member(self.outside, 2), self.address, udp_timeout)
        self._next_port = itertools.count(FIRST_PORT)
        self._build()

    @property
    def mode(self):
        return self.nat.mode

    def new_port(self):
        """A port of the host's that was never used: nothing knows it yet."""
        port = next(self._next_port)
        if port >= FIRST_PORT + N_PORTS:
            raise RuntimeError('this site has no port left')
        return port

    def public(self, port):
        """(address, port) under which others see the host's port."""
        if self.mode in UNTRANSLATED:
            return self.address, port
        return self.nat.address, self.nat.public_port(port)

    def flush(self):
        """The router forgets all it knows of what went through it."""
        self._load_rules()
        run('ip', 'netns', 'exec', self.router, sys.executable, '-c', FLUSH_FLOWS)

    def rebind_port(self):
        """From now on every port of the host's is seen as another one."""
        self.nat.remap()
        self.flush()

    def rebind_address(self):
        """From now on the router has another public address."""
        self.nat.address = member(self.outside, 3)
        self.flush()

    def add_address(self):
        """A second public address of a host that is not behind a NAT."""
        address = member(self.inside, 3)
        self.lab.ip(self.host, f'address add {address}/29 dev eth')
        return address

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

    def start(self, *command):
        """A program on the host; it is ended with the lab at the latest."""
        return self.lab.start(self.host, *command)

    def _build(self):
        lab, number = self.lab, self.number
        lab.add_space(self.host)
        lab.add_space(self.router)
        lab.ip(self.host,
               'link set lo up',
               f'link add eth type veth peer name lan netns {self.router}',
               f'address add {self.address}/29 dev eth',
               # Each packet meets the rules alone, as on a real line.
               'link set eth up gso_max_segs 1',
               f'route add default via {member(self.inside, 1)}')
        lab.ip(self.router,
               f'link add wan type veth peer name site{number} netns {lab.internet}',
               f'address add {member(self.inside, 1)}/29 dev lan',
               f'address add {member(self.outside, 2)}/29 dev wan',
               f'address add {member(self.outside, 3)}/29 dev wan',
               'link set lan up',
               'link set wan up',
               f'route add default via {member(self.outside, 1)}')
        lab.ip(lab.internet,
               f'address add {member(self.outside, 1)}/29 dev site{number}',
               f'link set site{number} up')
        if self.mode in UNTRANSLATED:
            lab.ip(lab.internet, f'route add {self.inside}/29 via {member(self.outside, 2)}')
        lab.sysctl(self.router, 'net.ipv4.ip_forward=1')
        lab.sysctl(self.host, f'net.ipv4.ip_local_port_range={FIRST_PORT + N_PORTS // 2} '
                              f'{FIRST_PORT + N_PORTS - 1}')
        self._load_rules()
        lab.sysctl(self.router, f'net.netfilter.nf_conntrack_udp_timeout={self.udp_timeout}',
                   f'net.netfilter.nf_conntrack_udp_timeout_stream={self.udp_timeout}')

    def _load_rules(self):
        self.lab.nft(self.router, self.nat.rules())


def member(network, number):
    """The address with that number in a /29."""
    head, _, last = network.rpartition('.')
    return f'{head}.{int(last) + number}'


class Lab:
    """An internet with sites around it; a context manager."""

    _numbers = itertools.count(1)
    _open = set()

    def __init__(self):
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
        self.ip(self.internet, 'link set lo up')
        self.sysctl(self.internet, 'net.ipv4.ip_forward=1')
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, mode, udp_timeout=120):
        # /29 networks in a /24.
        if len(self.sites) == 32:
            raise RuntimeError('no more room for sites')
        site = Site(self, len(self.sites), mode, udp_timeout)
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

    def start(self, space, *command):
        with self._lock:
            self._check_open()
            process = subprocess.Popen(
                ['ip', 'netns', 'exec', space, *map(str, command)], encoding='utf-8',
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self._processes.append(process)
        return process

    def socket(self, space):
        """A UDP socket in a namespace, for this process to use."""
        made = []

        def make():
            with open(NAMESPACES / space, 'rb') as handle:
                if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
                    made.append(OSError(ctypes.get_errno(), 'setns'))
                    return
            made.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

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
