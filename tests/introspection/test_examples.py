# SPDX-License-Identifier: MIT
#
# test_examples.py: runs an example in each language against the next one
#
# usage: test_examples.py datagrams|echo|hello|invite|passphrase|streams -- COMMAND… -- COMMAND…

import itertools
import os
import re
import socket
import subprocess
import sys

WAIT_SECONDS = 30


class Failure(Exception):
    pass


def free_ports(n):
    """Ports that nobody uses, or did when we looked."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(n)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


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


def expect(pattern, output):
    if not re.search(pattern, output, re.MULTILINE):
        raise Failure(f'no {pattern!r} in\n{output}')


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


def datagrams(one, other):
    here, there = free_ports(2)
    sides = [start(one, f'127.0.0.1:{there}', here, 5, 0.05),
             start(other, f'127.0.0.1:{here}', there, 5, 0.05)]
    for side in sides:
        expect(r'^17 bytes, -?\d+\.\d ms on the way$', finish(side))


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
    for side, words in zip(sides, ['größer\nkleiner\n', 'one\ntwo\ndrei\n']):
        expect(rf'\A{words}\Z', finish(side))


KINDS = {'datagrams': datagrams, 'echo': echo, 'hello': hello, 'invite': invite,
         'passphrase': passphrase, 'streams': streams}


def main(kind, *arguments):
    groups = itertools.groupby(arguments, lambda argument: argument == '--')
    commands = [list(group) for is_mark, group in groups if not is_mark]
    failed = False
    for one, other in zip(commands, commands[1:] + commands[:1]):
        names = ' and '.join(os.path.basename(command[-1]) for command in (one, other))
        try:
            KINDS[kind](one, other)
            print(f'ok: {names}')
        except Failure as failure:
            print(f'not ok: {names}: {failure}')
            failed = True
    return 1 if failed or len(commands) < 2 else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
