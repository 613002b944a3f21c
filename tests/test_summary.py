#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_summary.py: what is counted and named after a test run

import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import summary


def a_test(name, result, stdout=''):
    return {'name': f'srudp-glib:protocol / {name}', 'result': result, 'stdout': stdout}


class Summary(unittest.TestCase):
    def run_summary(self, *tests, ci=False, known=()):
        """Exit status and last lines of the summary of these tests."""
        environment = {'CI': 'true'} if ci else {}
        output = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.dict(os.environ, environment, clear=True), \
                mock.patch.object(summary, 'known_skips', lambda: set(known)), \
                contextlib.redirect_stdout(output):
            logs = pathlib.Path(folder)
            if tests:
                (logs / 'testlog-quick.json').write_text('\n'.join(map(json.dumps, tests)) + '\n')
            status = summary.main(logs)
        return status, output.getvalue().strip().splitlines()

    def test_all_passed(self):
        status, lines = self.run_summary(a_test('a', 'OK', 'ok 1 /a\n'), a_test('b', 'OK'))
        self.assertEqual((status, lines), (0, ['2 passed, 0 failed, 0 skipped']))

    def test_every_kind_of_failure_counts(self):
        for result in ('FAIL', 'TIMEOUT', 'ERROR', 'INTERRUPT', 'UNEXPECTEDPASS'):
            status, lines = self.run_summary(a_test('a', 'OK'), a_test('b', result))
            self.assertEqual(status, 1)
            self.assertEqual(lines, [f'failed: b ({result})', '1 passed, 1 failed, 0 skipped'])

    def test_what_failed_says_why(self):
        cases = 'ok 1 /a\n# x\nnot ok 2 /b\n# because\n# of it\nok 3 /c\nnot ok 4 /d\n'
        _, lines = self.run_summary(a_test('a', 'ERROR', cases))
        self.assertEqual(lines[1:-1], ['  not ok 2 /b', '  # because', '  # of it',
                                       '  not ok 4 /d'])
        _, lines = self.run_summary({**a_test('a', 'FAIL', '1\n2\n'), 'stderr': '3\n' * 100})
        self.assertEqual(lines[1:-1], ['  3'] * summary.MOST_LINES)

    def test_rows_become_one_table(self):
        status, lines = self.run_summary(
            a_test('a', 'OK', '# x\n'
                   '# row | long name | s | 5 | 1 | 2 | 3 (<= 4) | 7 | pass\nok 1 /a\n'),
            a_test('b', 'OK', '# row | b | % | 50 | 1 | 2 | 3 | 7 | pass\n'
                   '# row | broken\nok 1 /b\n'))
        self.assertEqual(status, 0)
        self.assertEqual(lines, [
            'scenario   unit  seeds  median  99 %  worst     its seed  verdict',
            'long name  s     5      1       2     3 (<= 4)  7         pass',
            'b          %     50     1       2     3         7         pass',
            '2 passed, 0 failed, 0 skipped'])

    def test_figures_are_told_whatever_became_of_the_test(self):
        _, lines = self.run_summary(
            a_test('a', 'OK', 'a line\n# figure: 3 ms\nok 1 /a\n# figure: 50 %\n'),
            a_test('b', 'FAIL', '# figure: 7 s\n'))
        self.assertEqual(lines[:3], ['measured: a: 3 ms', 'measured: a: 50 %',
                                     'measured: b: 7 s'])

    def test_no_test_is_a_failure(self):
        status, lines = self.run_summary()
        self.assertEqual(status, 1)
        self.assertEqual(lines[-1], '0 passed, 0 failed, 0 skipped')

    def test_skips_have_names_and_reasons(self):
        status, lines = self.run_summary(
            a_test('a', 'OK', 'ok 1 /a/x\nok 2 /a/y # SKIP no IPv6\nok 3 /a/z # SKIP\n'),
            a_test('b', 'SKIP', '1..0 # SKIP not here\n'),
            a_test('c', 'SKIP', 'needs root\n'))
        self.assertEqual(status, 0)
        self.assertEqual(lines, ['skipped: a: /a/y (no IPv6)',
                                 'skipped: a: /a/z (no reason given)',
                                 'skipped: b (not here)',
                                 'skipped: c (needs root)',
                                 '1 passed, 0 failed, 4 skipped'])

    def test_an_unknown_skip_fails_in_ci_only(self):
        skip = a_test('c', 'SKIP', 'needs root\n')
        self.assertEqual(self.run_summary(skip)[0], 0)
        self.assertEqual(self.run_summary(skip, ci=True)[0], 1)
        self.assertEqual(self.run_summary(skip, ci=True, known=['c'])[0], 0)


if __name__ == '__main__':
    unittest.main()
