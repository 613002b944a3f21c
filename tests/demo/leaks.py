# SPDX-License-Identifier: MIT
#
# leaks.py: reads what LeakSanitizer said at the end of a program; what was lost by
# us is told from what libraries lose on their own

import os
import re

TITLE = 'ERROR: LeakSanitizer: detected memory leaks'
# Where it begins to tell of one more leak.
LEAK = re.compile(r'^(?=(?:Direct|Indirect) leak of )', re.MULTILINE)
# A line of its stack in one of our files; main() is below everything, whoever does it.
OURS = re.compile(r'^ *#\d+ \w+ in (?!main )\S+ \S*(?:srudp-glib|demo-gtk)/\S+:\d+', re.MULTILINE)


def options():
    """What to have in the environment: the exit status tells of anything but leaks,
    which have to be read first."""
    if 'ASAN_OPTIONS' not in os.environ:
        return {}
    return {'ASAN_OPTIONS': os.environ['ASAN_OPTIONS'] + ':abort_on_error=1',
            'LSAN_OPTIONS': os.environ.get('LSAN_OPTIONS', '') + ':exitcode=0'}


def read(log):
    """Returns what was said before, what is ours to mend, and how many leaks are not."""
    before, *leaks = LEAK.split(log)
    ours = [leak for leak in leaks if OURS.search(leak)]
    return before.replace(TITLE, ''), ours, len(leaks) - len(ours)
