# SPDX-License-Identifier: MIT
#
# cat_support.py: runs srudp-cat on loopback, always with a bound, and tells
# the outcome of test cases as TAP

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
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


class CatTest(unittest.TestCase):
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
