# SPDX-License-Identifier: MIT
#
# test_examples.py: runs an example in each language against the next one
#
# usage: test_examples.py KIND -- COMMAND… -- COMMAND…
#
# The kinds are the functions in KINDS.

import concurrent.futures
import functools
import itertools
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from ports import free_ports  # noqa: E402
import tempfile
import threading

WAIT_SECONDS = 90

given_ports = set()
given_lock = threading.Lock()


class Failure(Exception):
    pass


def start(command, *arguments):
    return subprocess.Popen([*command, *map(str, arguments)], encoding='utf-8',
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def finish(process, words=None):
    try:
        output, errors = process.communicate(words, timeout=WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        raise Failure(f'{process.args} did not end\n{output}{errors}')
    if process.returncode != 0 or errors:
        raise Failure(f'{process.args}: {process.returncode}\n{output}{errors}')
    return output


def finish_both(sides):
    """What both have said; what one says explains what the other waits for."""
    outputs, failures = [], []
    for side in sides:
        try:
            outputs.append(finish(side))
        except Failure as failure:
            failures.append(str(failure))
            outputs.append('')
    if failures:
        raise Failure('\n'.join(failures + outputs))
    return outputs


def expect(pattern, output):
    found = re.search(pattern, output, re.MULTILINE)
    if found is None:
        raise Failure(f'no {pattern!r} in\n{output}')
    return found


def hello(one, other):
    here, there = free_ports(2)
    sender = start(one, 'send', f'127.0.0.1:{there}', here, 2, 0.05)
    receiver = start(other, 'receive', f'127.0.0.1:{here}', there)
    expect(r'^closed$', finish(sender))
    expect(r'(^hello [\d.]+\n){2}closed\n\Z', finish(receiver))


def echo(one, other):
    port, = free_ports(1)
    server = start(one, 'serve', port, 2)
    try:
        if server.stdout.readline() != 'ready\n':
            raise Failure(f'{server.args} is not ready')
        for text in 'hello', 'grüße':
            expect(rf'^{text}$', finish(start(other, 'call', f'127.0.0.1:{port}', text)))
        finish(server)
    finally:
        server.kill()
        server.wait()


def chat(one, other):
    here, there = free_ports(2)
    sides = [start(one, f'127.0.0.1:{there}', here), start(other, f'127.0.0.1:{here}', there)]
    # Who has nothing more to say still hears what the other says.
    sides[0].stdin.write('hello\nwie geht’s?\n')
    sides[0].stdin.close()
    numbers = []
    for line in sides[1].stdout:
        if line == 'the other has ended\n':
            break
        numbers.append(line)
    sides[0].stdin = None
    number = expect(r'^connected, .*: ([\d ]{30,})\n\Z', numbers[0])[1]
    if numbers[1:] != ['> hello\n', '> wie geht’s?\n']:
        raise Failure(f'heard {numbers[1:]}')
    output = finish(sides[1], 'fine\n'), finish(sides[0])
    if output != ('', f'connected, Ctrl+D ends; compare: {number}\n> fine\nthe other has ended\n'):
        raise Failure(f'heard {output}')


def datagrams(one, other):
    here, there = free_ports(2)
    sides = [start(one, f'127.0.0.1:{there}', here, 5, 0.05),
             start(other, f'127.0.0.1:{here}', there, 5, 0.05)]
    for output in finish_both(sides):
        expect(r'^17 bytes, -?\d+\.\d ms on the way$', output)


def file(one, other):
    with tempfile.TemporaryDirectory() as folder:
        for sent in os.urandom(3_000_000), b'':
            source, target = pathlib.Path(folder, 'sent'), pathlib.Path(folder, 'received')
            source.write_bytes(sent)
            here, there = free_ports(2)
            sender = start(one, 'send', source, f'127.0.0.1:{there}', here)
            receiver = start(other, 'receive', target, f'127.0.0.1:{here}', there)
            expect(r'^100 %\n\Z', finish(sender))
            told = finish(receiver)
            # It reads a little at a time, and tells of every tenth.
            tenths = range(10, 101, 10) if sent else [100]
            expect(r'\A' + ''.join(f'{tenth} %\n' for tenth in tenths) + r'\Z', told)
            if target.read_bytes() != sent:
                raise Failure('another file has arrived')


def invite(one, other):
    host = start(one, 'make')
    try:
        invitation = host.stdout.readline().rstrip('\n')
        if not re.fullmatch(r'srudp:[0-9a-z]+', invitation):
            raise Failure(f'no invitation: {invitation!r}')
        welcome, number = finish(start(other, 'follow', invitation)).splitlines()
        expect(r'^welcome$', welcome)
        expect(r'^[\d ]{30,}$', number)
        expect(rf'^{number}$', finish(host))
    finally:
        host.kill()
        host.wait()


def passphrase(one, other):
    for words, answer in ('grüne Wölfe singen\n', 'both know it'), ('wolves\n', 'they differ'):
        here, there = free_ports(2)
        sides = [start(one, f'127.0.0.1:{there}', here), start(other, f'127.0.0.1:{here}', there)]
        sides[0].stdin.write('grüne Wölfe singen\n')
        sides[0].stdin.flush()
        outputs = [finish(sides[1], words), finish(sides[0])]
        expect(rf'^{answer}$', outputs[0])
        expect(rf'^{answer}$', outputs[1])


def streams(one, other):
    here, there = free_ports(2)
    sides = [start(one, f'127.0.0.1:{there}', here, 'one', 'two', 'drei'),
             start(other, f'127.0.0.1:{here}', there, 'größer', 'kleiner')]
    for output, words in zip(finish_both(sides), ['größer\nkleiner\n', 'one\ntwo\ndrei\n']):
        expect(rf'\A{words}\Z', output)


KINDS = {'chat': chat, 'datagrams': datagrams, 'echo': echo, 'file': file, 'hello': hello,
         'invite': invite, 'passphrase': passphrase, 'streams': streams}


def try_pair(kind, one, other):
    """Whether it went well."""
    names = ' and '.join(os.path.basename(command[-1]) for command in (one, other))
    try:
        KINDS[kind](one, other)
    except Failure as failure:
        print(f'not ok: {names}: {failure}')
        return False
    print(f'ok: {names}')
    return True


def main(kind, *arguments):
    groups = itertools.groupby(arguments, lambda argument: argument == '--')
    commands = [list(group) for is_mark, group in groups if not is_mark]
    # Most of the time is spent waiting, and not for each other.
    with concurrent.futures.ThreadPoolExecutor(len(commands)) as pool:
        results = list(pool.map(functools.partial(try_pair, kind), commands,
                                commands[1:] + commands[:1]))
    return 0 if all(results) and len(results) > 1 else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
