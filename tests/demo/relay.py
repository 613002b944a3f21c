#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# relay.py: a line of limited speed on this machine: passes datagrams on between
# whoever calls first and a port, with a delay and a short queue
#
# usage: relay.py LISTEN-PORT TARGET-PORT BYTES-PER-SECOND DELAY-MS QUEUE-MS

import collections
import select
import socket
import sys
import time


class Direction:
    """Datagrams that wait for the line, and those that are on it."""

    def __init__(self, rate, delay_s, queue_s):
        self.rate, self.delay_s, self.queue_s = rate, delay_s, queue_s
        self.free_at = 0.0
        self.flying = collections.deque()

    def take(self, datagram, now):
        begins = max(now, self.free_at)
        if begins - now > self.queue_s:
            return
        self.free_at = begins + len(datagram) / self.rate
        self.flying.append((self.free_at + self.delay_s, datagram))

    def arrived(self, now):
        while self.flying and self.flying[0][0] <= now:
            yield self.flying.popleft()[1]


def receive_all(sock):
    while True:
        try:
            yield sock.recvfrom(65536)
        except (BlockingIOError, ConnectionRefusedError):
            return


def main(listen, target, rate, delay_ms, queue_ms):
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    sockets[0].bind(('127.0.0.1', int(listen)))
    sockets[1].bind(('127.0.0.1', 0))
    for sock in sockets:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    ends = [None, ('127.0.0.1', int(target))]
    ways = [Direction(float(rate), float(delay_ms) / 1e3, float(queue_ms) / 1e3)
            for _ in range(2)]
    while True:
        select.select(sockets, [], [], 0.002 if any(way.flying for way in ways) else 1)
        now = time.monotonic()
        for here in range(2):
            for datagram, sender in receive_all(sockets[here]):
                if here == 0:
                    ends[0] = sender
                ways[here].take(datagram, now)
            for datagram in ways[here].arrived(now):
                if ends[1 - here] is not None:
                    sockets[1 - here].sendto(datagram, ends[1 - here])


if __name__ == '__main__':
    main(*sys.argv[1:])
