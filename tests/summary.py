#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# summary.py: prints the table of scenarios of the last test run and what else was
# measured in it, names what failed and what was skipped, and ends with one line
# that counts. With CI set, a skip that is not listed in known-skips is a failure:
# a machine that skips tests proves less than it says.

import json
import os
import pathlib
import re
import sys

TAP_SKIP = re.compile(r'^ok\b *\d* *(?:- *)?(?P<name>[^#\n]*)# *SKIP\S* *(?P<why>.*)$',
                      re.IGNORECASE | re.MULTILINE)
TAP_SKIP_ALL = re.compile(r'^1\.\.0 *# *SKIP\S* *(?P<why>.*)$',
                          re.IGNORECASE | re.MULTILINE)
ROW = re.compile(r'^# row \|(?P<cells>(?:[^|\n]*\|){7}[^|\n]*)$', re.MULTILINE)
# What a test has measured, in words
FIGURE = re.compile(r'^# figure: (?P<words>.+)$', re.MULTILINE)

# Of what a failed test says, in the last lines of a long output.
MOST_LINES = 30


def read_results(logs):
    """The tests of the one run whose log is in the folder."""
    paths = list(logs.glob('testlog*.json'))
    if len(paths) != 1:
        return []
    tests = [json.loads(line) for line in paths[0].read_text().splitlines()]
    for test in tests:
        # Meson puts the suite before the name, but not in every run.
        test['name'] = test['name'].split(' / ')[-1]
    return tests


def skips_of(test):
    """(name, reason) of each skip in a test: of all of it, or of its cases."""
    output = test.get('stdout') or ''
    cases = [(f"{test['name']}: {case['name'].strip()}", case['why'])
             for case in TAP_SKIP.finditer(output)]
    if test['result'] != 'SKIP' or cases:
        return cases
    whole = TAP_SKIP_ALL.search(output)
    lines = output.strip().splitlines() or ['']
    return [(test['name'], whole['why'] if whole else lines[-1])]


def complaints_of(test):
    """The cases that failed with what they say of it, or else the last lines of all."""
    lines, failing = [], False
    for line in (test.get('stdout') or '').splitlines():
        if not line.startswith('#'):
            failing = line.startswith('not ok')
        if failing:
            lines.append(line)
    if not lines:
        output = (test.get('stdout') or '') + (test.get('stderr') or '')
        lines = output.splitlines()[-MOST_LINES:]
    return lines[:MOST_LINES]


def known_skips():
    path = pathlib.Path(__file__).with_name('known-skips')
    lines = (line.strip() for line in path.read_text().splitlines())
    return {line for line in lines if line and not line.startswith('#')}


def table_of(tests):
    """The rows that scenarios printed, as the lines of one table."""
    head = ['scenario', 'unit', 'seeds', 'median', '99 %', 'worst', 'its seed', 'verdict']
    rows = [[cell.strip() for cell in row['cells'].split('|')]
            for test in tests for row in ROW.finditer(test.get('stdout') or '')]
    if not rows:
        return []
    widths = [max(len(cells[i]) for cells in [head, *rows]) for i in range(len(head))]
    return ['  '.join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
            for cells in [head, *rows]]


def figures_of(test):
    return [f"{test['name']}: {figure['words']}"
            for figure in FIGURE.finditer(test.get('stdout') or '')]


def main(logs):
    tests = read_results(logs)
    passed = [test for test in tests if test['result'] in ('OK', 'EXPECTEDFAIL')]
    failed = [test for test in tests if test['result'] not in ('OK', 'EXPECTEDFAIL', 'SKIP')]
    skips = [skip for test in tests for skip in skips_of(test)]
    surprises = [name for name, _ in skips if name not in known_skips()]
    good = tests and not failed

    print()
    for line in table_of(tests):
        print(line)
    for figure in (figure for test in tests for figure in figures_of(test)):
        print(f'measured: {figure}')
    for test in failed:
        print(f"failed: {test['name']} ({test['result']})")
        for line in complaints_of(test):
            print(f'  {line}')
    for name, why in skips:
        print(f"skipped: {name} ({why or 'no reason given'})")
    if not tests:
        print('no test ran')
    if os.environ.get('CI'):
        print(f'{len(skips)} skipped, {len(surprises)} of them not in tests/known-skips')
        good = good and not surprises
    print(f'{len(passed)} passed, {len(failed)} failed, {len(skips)} skipped')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1])))
