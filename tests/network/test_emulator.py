# SPDX-License-Identifier: MIT
#
# test_emulator.py: the slow line does to others what it is told to
#
# usage: test_emulator.py LINK-EMULATOR

import functools
import itertools
import json
import os
import re
import subprocess
import sys

from cases import Failure, main, run_cases
from namespaces import Namespace, run

numbers = itertools.count()


class Line:
    def __init__(self, *options):
        number = next(numbers)
        names = [f'sl{os.getpid() % 100000}{number}{side}' for side in 'ab']
        self.ends = [Namespace(f'line{number}{side}') for side in 'ab']
        self.emulator = subprocess.Popen([sys.argv[1], *options, *names],
                                         stdout=subprocess.PIPE, text=True)
        if self.emulator.stdout.readline() != 'ready\n':
            raise Failure('the emulator does not start')
        for end, name, address in zip(self.ends, names, ('10.9.0.1', '10.9.0.2')):
            run('ip', 'link', 'set', name, 'netns', end.name)
            end.address(name, f'{address}/24')
            end.ip('link', 'set', name, 'up')

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.emulator.terminate()
        try:
            self.emulator.communicate(timeout=60)
        finally:
            self.emulator.kill()
            for end in self.ends:
                end.delete()

    def ping(self, *options):
        process = self.ends[0].start('ping', '-n', '-q', *options, '10.9.0.2')
        return process.communicate(timeout=60)[0]

    def iperf(self, *options):
        server = self.ends[1].start('iperf3', '-s', '-1', '--forceflush')
        while 'listening' not in (line := server.stdout.readline()):
            if not line:
                raise Failure('iperf3 does not listen')
        client = self.ends[0].start('iperf3', '-J', '-c', '10.9.0.2', *options)
        output = json.loads(client.communicate(timeout=60)[0])
        return output['end'], server.communicate(timeout=10)[0]


def expect(value, low, high, what):
    if not low <= value <= high:
        raise Failure(f'{what}: {value:.2f}, expected {low} to {high}')
    return f'{what} {value:.2f}'


def delay():
    with Line('--rate=100', '--delay=30') as line:
        output = line.ping('-c', '20', '-i', '0.05')
    shortest = float(re.search(r'= ([\d.]+)/', output)[1])
    return expect(shortest, 60, 66, 'shortest round trip, ms')


def loss():
    """1,000 pings pass twice; five standard deviations are allowed."""
    with Line('--rate=100', '--delay=1', '--loss=5') as line:
        output = line.ping('-c', '1000', '-i', '0.002')
    lost = float(re.search(r'([\d.]+)% packet loss', output)[1])
    return expect(lost, 5, 14.5, 'round trips lost of 9.75 %')


def bursts():
    """So many in a row that a single loss is rare."""
    with Line('--rate=100', '--delay=1', '--burst-loss=20', '--burst-length=20') as line:
        end, _ = line.iperf('-u', '-b', '8M', '-l', '500', '-t', '4')
    return expect(end['sum']['lost_percent'], 8, 35, 'lost in bursts, %')


def rate():
    with Line('--rate=20', '--delay=10') as line:
        end, _ = line.iperf('-t', '4')
    reached = end['sum_received']['bits_per_second'] / 1e6
    return expect(reached, 16, 20, 'TCP on 20 Mbit/s')


def queue():
    """A line that is asked for twice its rate drops half, and delays what it
    does not drop by the length of its queue: 100 ms here."""
    with Line('--rate=4', '--delay=1', '--queue=50000') as line:
        end, _ = line.iperf('-u', '-b', '8M', '-l', '1000', '-t', '3')
    return expect(end['sum']['lost_percent'], 40, 60, 'dropped of twice the rate, %')


def reorder():
    with Line('--rate=100', '--delay=5', '--reorder=10', '--reorder-by=4') as line:
        end, heard = line.iperf('-u', '-b', '8M', '-l', '500', '-t', '3')
    late = int(re.search(r'(\d+) datagrams received out-of-order', heard)[1])
    share = 100 * late / end['sum']['packets']
    return expect(share, 4, 16, 'overtaken, %')


def test():
    cases = (delay, loss, bursts, rate, queue, reorder)
    return run_cases([(case.__name__, functools.partial(case)) for case in cases], at_once=3)


if __name__ == '__main__':
    sys.exit(main(test, 'ping', 'iperf3'))
