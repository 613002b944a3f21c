# SPDX-License-Identifier: MIT
#
# cases.py: runs the cases of a test, several at once, and reports in TAP

import concurrent.futures
import sys
import traceback

from lab import Lab, Unavailable, end_on_signals, require


class Failure(Exception):
    """What a case expected and did not get."""


def attempt(case):
    """(whether it went well, what to tell of it)"""
    try:
        return True, case() or ''
    except Failure as failure:
        return False, str(failure)
    except Exception:
        return False, traceback.format_exc()


def report(number, name, good, text):
    if good:
        print(f'ok {number} - {name}{": " if text else ""}{text}')
    else:
        print(f'not ok {number} - {name}')
        for line in text.splitlines():
            print(f'# {line}')
    sys.stdout.flush()


def run_cases(cases, at_once=4):
    """Cases are (name, function); returns whether all of them went well."""
    print(f'1..{len(cases)}', flush=True)
    all_good = True
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        try:
            running = [(name, pool.submit(attempt, case)) for name, case in cases]
            for number, (name, future) in enumerate(running, 1):
                good, text = future.result()
                all_good = all_good and good
                report(number, name, good, text)
        except BaseException:
            # Cases whose peers and namespaces vanish end soon.
            pool.shutdown(wait=False, cancel_futures=True)
            Lab.close_all()
            raise
    return all_good


def main(test, *more_tools):
    """Runs test(), which returns whether it went well, where labs can be made."""
    end_on_signals()
    try:
        require(*more_tools)
    except Unavailable as reason:
        print(f'1..0 # SKIP {" ".join(str(reason).split())}')
        return 0
    return 0 if test() else 1
