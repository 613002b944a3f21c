# SPDX-License-Identifier: MIT
#
# sniffer.py: counts the UDP packets of an interface by address and ECN mark
#
# usage: sniffer.py INTERFACE
#
# Prints "ready", and when it is told to end a line for each kind of packet:
# source, destination, mark (RFC 3168: 2 is ECT(0), 3 is CE), count.

import collections
import signal
import socket
import sys

ETH_P_ALL = 3
ETH_P_IP = 0x0800
ETH_P_IPV6 = 0x86dd
UDP = 17

packets = collections.Counter()


def finish(signum, frame):
    for (source, destination, mark), count in packets.items():
        print(source, destination, mark, count)
    sys.exit()


def look(protocol, packet):
    if protocol == ETH_P_IP and packet[9] == UDP:
        source, destination = packet[12:16], packet[16:20]
        family, mark = socket.AF_INET, packet[1] & 3
    elif protocol == ETH_P_IPV6 and packet[6] == UDP:
        source, destination = packet[8:24], packet[24:40]
        family, mark = socket.AF_INET6, packet[1] >> 4 & 3
    else:
        return
    packets[socket.inet_ntop(family, source), socket.inet_ntop(family, destination), mark] += 1


signal.signal(signal.SIGTERM, finish)
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
sniffer.bind((sys.argv[1], ETH_P_ALL))
print('ready', flush=True)
while True:
    data, (_, protocol, *_) = sniffer.recvfrom(70000)
    look(protocol, data)
