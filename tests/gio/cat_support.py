# SPDX-License-Identifier: MIT
#
# cat_support.py: runs srudp-cat on loopback, always with a bound, and tells
# the outcome of test cases as TAP

import collections
import contextlib
import functools
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = os.environ['SRUDP_CAT']
PATIENCE_S = 40 * float(os.environ.get('SRUDP_TEST_PATIENCE', 1))

ENVIRONMENT = dict(os.environ, LC_ALL='C')
OUR_ADDRESS = re.compile(r'This side is (\S+) with the key (\S+)')
TCP_ADDRESS = re.compile(r'Taking TCP connections at (127\.0\.0\.1:\d+)')


class Cat:
    """A running srudp-cat."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROGRAM, '--verbose', *arguments], stdin=stdin,
                                        stdout=stdout, stderr=self.log, env=ENVIRONMENT)

    def errors(self):
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors='replace')

    def await_line(self, pattern):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            match = re.search(pattern, self.errors())
            if match:
                return match
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f'no {pattern!r} in: {self.errors()}')

    @property
    def address(self):
        return self.await_line(OUR_ADDRESS)[1]

    @property
    def key(self):
        return self.await_line(OUR_ADDRESS)[2]

    @property
    def tcp_address(self):
        host, port = self.await_line(TCP_ADDRESS)[1].split(':')
        return host, int(port)

    def talk(self, data=None):
        """Gives it the data and the end of input; what it wrote, and its status."""
        output, _ = self.process.communicate(data, timeout=PATIENCE_S)
        return output, self.process.returncode

    def status(self):
        return self.process.wait(PATIENCE_S)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self.log.close()


class RoughRelay(threading.Thread):
    """Stands in front of an address: loses one datagram in a hundred, and delays
    each, in both directions."""

    LOSS = 0.01
    DELAY_S = 0.02

    def __init__(self, address, seed):
        super().__init__(daemon=True)
        host, port = address.rsplit(':', 1)
        self.behind = (host, int(port))
        self.chance = random.Random(seed)
        self.front = self.open_socket()
        self.front.bind(('127.0.0.1', 0))
        self.address = '%s:%d' % self.front.getsockname()
        self.backs = {}  # where a caller is → the socket that stands for it
        self.callers = {}  # the reverse
        self.waiting = collections.deque()  # in order, as the delay is one
        self.stop, self.stopped = socket.socketpair()

    @staticmethod
    def open_socket():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in socket.SO_RCVBUF, socket.SO_SNDBUF:
            sock.setsockopt(socket.SOL_SOCKET, option, 4 << 20)
        sock.setblocking(False)
        return sock

    def back_for(self, caller):
        if caller not in self.backs:
            back = self.open_socket()
            back.bind(('127.0.0.1', 0))
            self.backs[caller] = back
            self.callers[back] = caller
        return self.backs[caller]

    def note(self, data, sender, receiver):
        """For whoever wants to know what passes."""

    def take(self, sock):
        with contextlib.suppress(OSError):
            while True:
                data, sender = sock.recvfrom(1 << 16)
                if sock is self.front:
                    way = self.back_for(sender), self.behind
                else:
                    way = self.front, self.callers[sock]
                self.note(data, sender, way[1])
                if self.chance.random() >= self.LOSS:
                    self.waiting.append((time.monotonic() + self.DELAY_S, data, *way))

    def pass_on(self):
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, data, sock, to = self.waiting.popleft()
            with contextlib.suppress(OSError):
                sock.sendto(data, to)
        return max(self.waiting[0][0] - time.monotonic(), 0) if self.waiting else None

    def run(self):
        while True:
            sockets = [self.stopped, self.front, *self.callers]
            ready, _, _ = select.select(sockets, [], [], self.pass_on())
            if self.stopped in ready:
                break
            for sock in ready:
                self.take(sock)
        for sock in sockets:
            sock.close()

    def close(self):
        self.stop.close()
        self.join()


REPETITIONS = int(os.environ.get('SRUDP_TEST_REPETITIONS', 3))


def on_each_network(test):
    """The test runs so often over loopback, and so often over a rough network."""
    test.on_each_network = True
    return test


class CatTest(unittest.TestCase):
    network = 'good'

    def __init_subclass__(cls):
        super().__init_subclass__()
        for name, test in list(vars(cls).items()):
            if not hasattr(test, 'on_each_network'):
                continue
            delattr(cls, name)
            for network in 'good', 'rough':
                for number in range(1, REPETITIONS + 1):
                    setattr(cls, f'{name}_{network}_{number}',
                            cls.make_repetition(test, network, number))

    @staticmethod
    def make_repetition(test, network, number):
        @functools.wraps(test)
        def run(self):
            self.network = network
            self.number = number
            test(self)
        return run

    def way_to(self, there):
        """Where there is, over the network of this test."""
        if self.network == 'good':
            return there.address
        relay = RoughRelay(there.address, self.number)
        relay.start()
        self.addCleanup(relay.close)
        return relay.address

    def start(self, *arguments, **keywords):
        cat = Cat(*arguments, **keywords)
        self.addCleanup(cat.close)
        return cat

    def listen(self, *arguments, **keywords):
        return self.start('--listen', '127.0.0.1:0', *arguments, **keywords)

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0

    def say(self, ok, test, more=''):
        self.number += 1
        print(f"{'ok' if ok else 'not ok'} {self.number} {test.id()}{more}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say(True, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say(True, test, f' # SKIP {reason}')

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.tell_why(test, self.failures)

    def addError(self, test, error):
        super().addError(test, error)
        self.tell_why(test, self.errors)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.say(False, test, f' {subtest}')
            print(self._exc_info_to_string(error, test), file=sys.stderr)

    def tell_why(self, test, list_of):
        self.say(False, test)
        print(list_of[-1][1], file=sys.stderr)


def main():
    module = sys.modules['__main__']
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if len(sys.argv) > 1:
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:], module)
    result = TapResult()
    suite.run(result)
    print(f'1..{result.number}')
    sys.exit(not result.wasSuccessful())
