#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_idle.py: five hundred idle connections, watched at the system calls
#
# usage: test_idle.py CAPACITY-PROGRAM

import re
import subprocess
import sys
import tempfile
import unittest

import cat_support

program = sys.argv.pop(1)

# All calls in which a thread that has nothing to do may stay.
WAITS = 'poll,ppoll,epoll_wait,epoll_pwait,select,pselect6,futex,nanosleep,clock_nanosleep'
IDLE = re.compile(r'idle from (\d+) to (\d+), workers([ \d]+)')
CALL = re.compile(r'(\d+) +(\d+)\.(\d{6}) ')
# Of 500 connections with two ends each, without keepalives. What is left is the
# odd delayed acknowledgement.
MOST_WAKE_UPS = 10


def can_trace():
    with tempfile.NamedTemporaryFile() as trace:
        return subprocess.run(['strace', '-o', trace.name, 'true'], check=False,
                              stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(can_trace(), 'strace is not allowed to trace here')
class Idle(unittest.TestCase):
    def test_workers_sleep(self):
        with tempfile.NamedTemporaryFile('r', errors='replace') as trace:
            done = subprocess.run(
                ['strace', '-f', '-ttt', '-o', trace.name, '-e', 'trace=' + WAITS,
                 program, '--tap', '-p', '/capacity/many-idle-connections'],
                capture_output=True, text=True, timeout=300, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            since, until, workers = IDLE.search(done.stdout).groups()
            calls = [CALL.match(line) for line in trace]
        calls = [(call[1], int(call[2] + call[3])) for call in calls if call]
        # One for each endpoint, and each was seen at work.
        workers = workers.split()
        self.assertEqual(len(workers), 2)
        for worker in workers:
            self.assertIn(worker, [thread for thread, _ in calls])
        idle = [call for call in calls
                if call[0] in workers and int(since) <= call[1] <= int(until)]
        print(f'# {len(idle)} wake-ups in {(int(until) - int(since)) / 1e6:.1f} s')
        self.assertLessEqual(len(idle), MOST_WAKE_UPS)


if __name__ == '__main__':
    cat_support.main()
