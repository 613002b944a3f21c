#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_repeat.py: the command that a failing seed prints repeats it, bit for bit
#
# usage: test_repeat.py PROGRAM

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

COMMAND = re.compile(r'repeat: (.*SRUDP_SIM_SEED=.*)$', re.MULTILINE)


def run(command, folder, **options):
    """What it said, and the traces of each session it simulated."""
    folder.mkdir()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=dict(os.environ, SRUDP_QLOG=str(folder)), check=False,
                          encoding='utf-8', **options)
    return done, {path.name: path.read_bytes() for path in folder.iterdir()}


class RepeatTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='srudp repeat '))
        self.addCleanup(shutil.rmtree, self.folder)

    def repeat(self, path, program=None):
        """The first run, its command, and what two runs of the command left."""
        first, before = run([str(program or PROGRAM), '-k', '-p', path], self.folder / 'first')
        self.assertNotEqual(first.returncode, 0, first.stdout)
        commands = set(COMMAND.findall(first.stdout))
        self.assertEqual(len(commands), 1, first.stdout)
        command = commands.pop()
        again, traces = run(command, self.folder / 'again', shell=True)
        _, once_more = run(command, self.folder / 'once more', shell=True)
        self.assertNotEqual(again.returncode, 0, again.stdout)
        self.assertTrue(traces)
        self.assertEqual(traces, once_more)
        self.assertEqual(traces, {name: before.get(name) for name in traces})
        self.assertLess(len(traces), len(before))
        return again.stdout

    def test_a_seed_that_fails(self):
        self.assertIn('seed 3: this seed is unlucky', self.repeat('/sim/repeat/a-seed-that-fails'))

    def test_a_seed_that_crashes(self):
        self.assertIn('this seed crashes', self.repeat('/sim/repeat/a-seed-that-crashes'))

    def test_the_worst_seed_of_a_missed_budget(self):
        self.assertIn('MISSED', self.repeat('/sim/repeat/a-budget-that-is-missed'))

    def test_a_program_with_spaces_in_its_path(self):
        program = self.folder / 'some program'
        shutil.copy(PROGRAM, program)
        self.repeat('/sim/repeat/a-seed-that-fails', program)


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
