# SPDX-License-Identifier: MIT
#
# line.py: a long line: what comes at one end leaves at the other, only later
#
# usage: line.py INTERFACE INTERFACE DELAY_MS [KBYTES_PER_SECOND]
#
# Prints "ready" once both ends are watched. What is faster than the line waits a
# little before it, or is lost. For a kernel without netem.

import collections
import selectors
import socket
import sys
import time

ETH_P_ALL = 3
# Of <linux/if_packet.h>. A header before each frame tells of checksums that
# are still to be calculated, as between two virtual interfaces they never are.
SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_OUTGOING = 4
FRAME_BYTES = 70000
# So much waits at a router at home.
QUEUE_S = 0.1


def watch(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.bind((interface, 0))
    end.setblocking(False)
    return end


class Lane:
    """One of the two directions."""

    def __init__(self, arrival, departure, delay_s, rate):
        self.arrival, self.departure = arrival, departure
        self.delay_s, self.rate = delay_s, rate
        self.free_at = 0.0
        self.under_way = collections.deque()

    def take(self):
        while True:
            try:
                frame, (_, _, kind, *_) = self.arrival.recvfrom(FRAME_BYTES)
            except BlockingIOError:
                return
            if kind != PACKET_OUTGOING:
                self._queue(frame, time.monotonic())

    def _queue(self, frame, now):
        begins = max(now, self.free_at)
        if begins - now > QUEUE_S:
            return
        self.free_at = begins + (len(frame) / self.rate if self.rate else 0)
        self.under_way.append((self.free_at + self.delay_s, frame))

    def deliver(self):
        """Sends what is due; how long until the next is, or None."""
        while self.under_way:
            due, frame = self.under_way[0]
            wait = due - time.monotonic()
            if wait > 0:
                return wait
            self.under_way.popleft()
            try:
                self.departure.send(frame)
            except OSError:
                pass  # the interface is down, or its queue is full: lost
        return None


def main(one, other, delay_ms, kbytes_per_second='0'):
    ends = [watch(one), watch(other)]
    lanes = [Lane(*pair, float(delay_ms) / 1000, 1000 * float(kbytes_per_second))
             for pair in (ends, reversed(ends))]
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            selector.register(lane.arrival, selectors.EVENT_READ, lane)
        print('ready', flush=True)
        while True:
            waits = [wait for lane in lanes if (wait := lane.deliver()) is not None]
            for key, _ in selector.select(min(waits, default=None)):
                key.data.take()


main(*sys.argv[1:])
