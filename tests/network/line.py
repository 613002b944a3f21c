# SPDX-License-Identifier: MIT
#
# line.py: a long line: what comes at one end leaves at the other, only later
#
# usage: line.py INTERFACE INTERFACE DELAY_MS
#
# Prints "ready" once both ends are watched. For a kernel without netem.

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


def watch(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.bind((interface, 0))
    end.setblocking(False)
    return end


def take(end, other, under_way, delay):
    while True:
        try:
            frame, (_, _, kind, *_) = end.recvfrom(FRAME_BYTES)
        except BlockingIOError:
            return
        if kind != PACKET_OUTGOING:
            under_way.append((time.monotonic() + delay, other, frame))


def deliver(under_way):
    """Sends what is due; how long until the next is, or None."""
    while under_way:
        due, end, frame = under_way[0]
        wait = due - time.monotonic()
        if wait > 0:
            return wait
        under_way.popleft()
        try:
            end.send(frame)
        except OSError:
            pass  # the interface is down, or its queue is full: lost
    return None


def main(one, other, delay_ms):
    ends = [watch(one), watch(other)]
    under_way = collections.deque()
    with selectors.DefaultSelector() as selector:
        selector.register(ends[0], selectors.EVENT_READ, ends[1])
        selector.register(ends[1], selectors.EVENT_READ, ends[0])
        print('ready', flush=True)
        while True:
            for key, _ in selector.select(deliver(under_way)):
                take(key.fileobj, key.data, under_way, float(delay_ms) / 1000)


main(*sys.argv[1:])
