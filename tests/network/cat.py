# SPDX-License-Identifier: MIT
#
# cat.py: srudp-cat on the hosts of a lab

import os
import queue
import re
import threading
import time

from cases import Failure
from pace import Deadline

CAT = os.environ['SRUDP_CAT']
INVITATION = r'(srudp:[0-9a-z]+)$'
START_SECONDS = 20


def asking(servers):
    return [word for server in servers for word in ('--stun', server)]


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
            self._lines.put((time.monotonic(), line.rstrip('\n')))
        self._lines.put((time.monotonic(), None))

    def expect(self, pattern, within=START_SECONDS):
        """What the last group of the pattern matches in the next such line."""
        return self.time_of(pattern, within)[1]

    def time_of(self, pattern, within=START_SECONDS):
        """When it said so, and what."""
        deadline = Deadline(within)
        while True:
            try:
                at, line = deadline.next_of(self._lines)
            except queue.Empty:
                raise Failure(f'no {pattern!r} within {within} s in:\n{self}') from None
            if line is None:
                raise Failure(f'ended without {pattern!r}:\n{self}')
            self._heard.append(line)
            match = re.search(pattern, line)
            if match:
                return at, match[match.re.groups]

    def say(self, text):
        self._process.stdin.write(text)
        self._process.stdin.close()

    def __str__(self):
        return '\n'.join(f'  {line}' for line in self._heard)
