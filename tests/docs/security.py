# SPDX-License-Identifier: MIT
#
# security.py: each test that the page about security names is there
#
# usage: security.py PAGE BUILD-DIR

import functools
import json
import pathlib
import re
import subprocess
import sys

# What the third column consists of.
SUITE = re.compile(r'suite `([\w-]+)`')
TEST_OR_PATH = re.compile(r'`([\w.-]+)`|(/[^\s,|]+)')
LEAST_ROWS = 30


def read_rows(page):
    """(attack, tests) of each row."""
    section = page.split('\n## Attacks', 1)[1].split('\n## ', 1)[0]
    lines = [line.strip() for line in section.splitlines() if line.startswith('|')]
    return [(cells[1].strip(), cells[3].strip())
            for cells in (line.split('|') for line in lines[2:])]


def read_tests(build):
    """Name and program of each, and the suites."""
    shown = subprocess.run(['meson', 'introspect', '--tests', build], check=True,
                           stdout=subprocess.PIPE).stdout
    tests = json.loads(shown)
    suites = {suite.split(':')[-1] for test in tests for suite in test['suite']}
    return [(test['name'], test['cmd'][0]) for test in tests], suites


@functools.lru_cache(maxsize=None)
def list_paths(program):
    shown = subprocess.run([program, '-m', 'slow', '-l'], check=True,
                           stdout=subprocess.PIPE, text=True)
    return set(shown.stdout.split('\n'))


def find_programs(tests, name):
    """A long test is registered in parts, as NAME_PART; suites may share names."""
    return {program for test, program in tests
            if test == name or test.startswith(f'{name}_')}


def check(named, tests, suites):
    """What is wrong with the third column of a row."""
    for suite in SUITE.findall(named):
        if suite not in suites:
            yield f'no suite {suite}'
    rest = SUITE.sub('', named)
    if not SUITE.search(named) and not TEST_OR_PATH.search(rest):
        yield 'no test'
    programs = set()
    for name, path in TEST_OR_PATH.findall(rest):
        if name:
            programs = find_programs(tests, name)
            if not programs:
                yield f'no test {name}'
        elif programs and not any(path in list_paths(program) for program in programs):
            yield f'no {path} in {", ".join(pathlib.Path(each).name for each in programs)}'


def main(page, build):
    rows = read_rows(pathlib.Path(page).read_text(encoding='utf-8'))
    tests, suites = read_tests(build)
    wrong = [f'{attack}: {fault}' for attack, named in rows
             for fault in check(named, tests, suites)]
    if len(rows) < LEAST_ROWS:
        wrong.append(f'only {len(rows)} rows were found')
    print(*wrong, f'{len(rows)} rows', sep='\n')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
