# SPDX-License-Identifier: MIT
#
# ports.py: ports for programs that are told which to take

import contextlib
import random
import socket

# The system gives ports above these to whoever asks for any: one of those could
# be gone again before the program that is to have it takes it.
NOT_GIVEN_AWAY = range(10000, 32768)


def try_to_take(port):
    both = socket.has_dualstack_ipv6()
    one = socket.socket(socket.AF_INET6 if both else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if both:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(('', port))
    except OSError:
        one.close()
        return None
    return one


def free_ports(count):
    """UDP ports that nobody uses, or did when we looked."""
    candidates = iter(random.sample(NOT_GIVEN_AWAY, 1000))
    with contextlib.ExitStack() as taken:
        ports = []
        while len(ports) < count:
            port = next(candidates)
            one = try_to_take(port)
            if one is not None:
                taken.enter_context(one)
                ports.append(port)
        return ports
