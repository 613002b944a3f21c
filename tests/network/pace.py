# SPDX-License-Identifier: MIT
#
# pace.py: a clock that stands still while this machine is kept from its work
#
# What has to happen within some seconds takes longer where other programs have
# the processors. A thread that wants to go on every few milliseconds sees how
# often it may: it is what everybody here gets. On a machine that has the time
# this clock goes as fast as any.

import bisect
import queue
import threading
import time

TICK_S = 0.01
# What is later than that was kept from going on.
LONGEST_S = 0.02


class Clock(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self._ticks = [(time.monotonic(), 0.0)]  # by time.monotonic(), and by this one
        self.start()

    def run(self):
        while True:
            time.sleep(TICK_S)
            last, own = self._ticks[-1]
            now = time.monotonic()
            self._ticks.append((now, own + min(now - last, LONGEST_S)))

    def now(self):
        return self._ticks[-1][1]

    def at(self, moment):
        """What this clock showed when time.monotonic() was that, perhaps just now."""
        while self._ticks[-1][0] < moment:
            time.sleep(TICK_S)
        after = bisect.bisect_left(self._ticks, (moment,), 1)
        (before, own), (later, _) = self._ticks[after - 1:after + 1]
        share = (moment - before) / (later - before)
        return own + share * (self._ticks[after][1] - own)

    def between(self, since, until):
        """Seconds by this clock."""
        return self.at(until) - self.at(since)


CLOCK = Clock()


class Deadline:
    """So many seconds from now, by that clock."""

    def __init__(self, seconds):
        self._at = CLOCK.now() + seconds

    def is_over(self):
        return CLOCK.now() >= self._at

    def next_of(self, lines):
        """The next one of a queue, or queue.Empty when it is over."""
        while True:
            try:
                return lines.get(timeout=0.1)
            except queue.Empty:
                if self.is_over():
                    raise
