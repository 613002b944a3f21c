# SPDX-License-Identifier: MIT
#
# pair.py: two peers in a lab that open to each other and talk

import os
import queue
import re
import threading
import time

from cases import Failure
from pace import CLOCK, Deadline

PROGRAM = os.environ['SRUDP_NETWORK_PEER']
START_SECONDS = 20

UNREACHABLE = 'srudp-error-quark:1'
TIMED_OUT = 'g-io-error-quark:24'


def seconds(us):
    return f'{int(us) / 1e6:.3f} s'


def between(since_us, until_us):
    """How long that was, in µs, without what this machine was kept from its work."""
    return 1e6 * CLOCK.between(int(since_us) / 1e6, int(until_us) / 1e6)


def values(line):
    return dict(re.findall(r'(\w+)=("[^"]*"|\S+)', line))


class Peer:
    """One running peer; what it says comes as dictionaries."""

    def __init__(self, site, **options):
        self.site = site
        self.port = options['port']
        self._heard = []
        self._lines = queue.Queue()
        arguments = [f'--{key.replace("_", "-")}' + ('' if value is True else f'={value}')
                     for key, values in options.items()
                     for value in (values if isinstance(values, (list, tuple)) else (values,))
                     if value not in (None, False)]
        self._process = site.start(PROGRAM, *arguments)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip('\n'))
        self._lines.put(None)

    def go(self, invitation=None):
        self._process.stdin.write(f'go {invitation}\n' if invitation else 'go\n')
        self._process.stdin.flush()
        return self.expect('opening', START_SECONDS)

    def invite_again(self):
        """With what it has heard since of its own addresses."""
        self._heard = [line for line in self._heard if line.partition(' ')[0] != 'invitation']
        self._process.stdin.write('invite\n')
        self._process.stdin.flush()
        self.expect('invitation', START_SECONDS)

    def await_more(self, within):
        """Until it is told that an invitation would name more than the last one does."""
        self._process.stdin.write('await\n')
        self._process.stdin.flush()
        self.expect('added', within)

    def expect(self, what, within):
        """The next line of that kind; others before it are passed over."""
        deadline = Deadline(within)
        while True:
            try:
                line = deadline.next_of(self._lines)
            except queue.Empty:
                raise Failure(f'no "{what}" within {within} s\n{self}') from None
            if line is None:
                raise Failure(f'ended without "{what}"\n{self}')
            self._heard.append(line)
            kind = line.partition(' ')[0]
            if kind == what:
                return values(line)
            if kind == 'failed':
                raise Failure(f'"{what}" expected\n{self}')

    def said(self, what):
        """What it said of that before."""
        for line in self._heard:
            if line.partition(' ')[0] == what:
                return values(line)
        raise Failure(f'said nothing of "{what}"\n{self}')

    def end(self):
        status = self._process.wait(START_SECONDS)
        if status != 0:
            raise Failure(f'ended with {status}\n{self}')

    def stop(self):
        self._process.kill()
        self._process.wait()

    def __str__(self):
        said = '\n'.join(f'  {line}' for line in self._heard)
        return f'{self.site.mode} peer, port {self.port}:\n{said}'


class Pair:
    """Two peers that know each other's public address, or, if they `invite`, what
    they find out themselves; a context manager."""

    def __init__(self, one, other, skew=0, options=(), **common):
        self.invites = common.get('invite', False)
        ports = one.new_port(), other.new_port()
        known = other.public(ports[1]), one.public(ports[0])
        own = tuple(options) or ({}, {})
        self.skew = skew
        self.peers = tuple(
            Peer(site, port=port, to=f'{address}:{number}', **{**common, **extra})
            for site, port, (address, number), extra in zip((one, other), ports, known, own))

    def __enter__(self):
        one, other = self.peers
        one.expect('ready', START_SECONDS)
        other.expect('ready', START_SECONDS)
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            peer.stop()

    def go(self):
        one, other = self.peers
        one.go(self.invitation_of(other))
        time.sleep(self.skew)
        return int(other.go(self.invitation_of(one))['at'])

    def invitation_of(self, peer):
        return peer.said('invitation')['text'] if self.invites else None

    def open(self, within):
        """Both open; how long it took, in µs, since the later one began."""
        since = self.go()
        took = between(since, max(int(peer.expect('opened', within + 5)['at'])
                                  for peer in self.peers))
        if took > within * 1e6:
            raise Failure(f'took {seconds(took)}, more than {within} s\n{self}')
        return took

    def finish(self, within):
        """All that was written has been read, byte for byte; the longest gap in µs."""
        for peer in self.peers:
            peer.expect('closed', within)
            peer.end()
        for writer, reader in (self.peers, self.peers[::-1]):
            written, read = writer.said('written'), reader.said('read')
            if (written['bytes'], written['sum']) != (read['bytes'], read['sum']):
                raise Failure(f'what was read is not what was written\n{self}')
        return max(self.gap_of(peer.said('read')) for peer in self.peers)

    @staticmethod
    def gap_of(read):
        end = int(read['gap_end'])
        return between(end - int(read['gap']), end)

    def __str__(self):
        return '\n'.join(map(str, self.peers))
