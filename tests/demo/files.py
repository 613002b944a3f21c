#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# files.py: Alice sends Bob files while both go on talking; what is cancelled
# harms nobody, and what Bob's death interrupts goes on where it was
#
# usage: files.py BUILD-FOLDER PICTURE-FOLDER

import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'network'))

import tour  # noqa: E402
from lab import Lab, Unavailable, end_on_signals, require  # noqa: E402
from person import Person, wait_for  # noqa: E402

BIG_BYTES = 100 * 1000 * 1000
PAIR_BYTES = 40 * 1000 * 1000
# So much gets through to Bob in a second.
LINE_KBYTES = 3000


def make_file(path, n_bytes):
    path.write_bytes(random.Random(path.name).randbytes(n_bytes))
    return path


def same(a, b):
    return a.read_bytes() == b.read_bytes()


def send_whole(alice, bob, folder, downloads, pictures):
    """Both talk while the file is on its way; neither waits for it."""
    big = make_file(folder / 'big.bin', BIG_BYTES)
    alice.send_file(big)
    bob.click('push button', 'Accept File')
    wait_for('the file to move', lambda: size_of_part(downloads, big.name) > 0)
    tour.say(alice, bob, 'A message beside a file')
    assert size_of_part(downloads, big.name) > 0, 'the file was too quick'
    tour.say(bob, alice, 'An answer beside a file')
    bob.shoot(pictures / 'chat-file.png')
    alice.find('list item', f'file {big.name}. Delivered', patience_s=90)
    bob.find('list item', f'file {big.name}. Received')
    assert same(big, downloads / big.name)


def send_two(alice, bob, folder, downloads):
    """Side by side: neither waits for the other."""
    paths = [make_file(folder / f'{name}.bin', PAIR_BYTES) for name in ('one', 'two')]
    for path in paths:
        alice.send_file(path)
    for number in (1, 2):
        bob.click('push button', 'Accept File')
        wait_for(f'{number} of two files to be wanted', lambda: len(
            [path for path in paths if size_of_part(downloads, path.name) > 0
             or (downloads / path.name).exists()]) == number, look_again_s=0.02)
    for path in paths:
        alice.find('list item', f'file {path.name}. Delivered', patience_s=60)
        bob.find('list item', f'file {path.name}. Received')
        assert same(path, downloads / path.name)


def cancel(alice, bob, folder):
    for number, canceller in enumerate((alice, bob)):
        path = make_file(folder / f'cancelled-{number}.bin', BIG_BYTES)
        alice.send_file(path)
        bob.click('push button', 'Accept File')
        canceller.click('push button', 'Cancel File')
        for each in (alice, bob):
            each.find('list item', f'file {path.name}. Cancelled')
        tour.say(alice, bob, f'Never mind number {number}')
        tour.say(bob, alice, f'Fine, number {number} is gone')


def size_of_part(downloads, name):
    return sum(path.stat().st_size for path in downloads.glob(f'{name}.*.part'))


def kill_and_resume(start, home, alice, bob, folder):
    """Bob's computer dies in the middle; his next life has the half."""
    path = make_file(folder / 'resumed.bin', BIG_BYTES)
    downloads = home / 'bob' / 'downloads'
    alice.send_file(path)
    bob.click('push button', 'Accept File')
    wait_for('a part of the file', lambda: size_of_part(downloads, path.name) > 1000000)
    bob.end()
    there = size_of_part(downloads, path.name)
    assert 0 < there < path.stat().st_size, there
    alice.find('alert', 'Your peer is unreachable.', patience_s=40)
    again = start('Bob')
    try:
        alice.click('push button', 'Try Now')
        again.find('label', 'Alice wants to chat')
        again.click('push button', ' Accept')
        again.click('push button', 'Accept File')
        # It starts where it was: at no time is there less.
        wait_for('more of the file', lambda: (
            not list(downloads.glob('*.part'))
            or size_of_part(downloads, path.name) > there), look_again_s=0.005)
        alice.find('list item', f'file {path.name}. Delivered', patience_s=60)
        assert same(path, downloads / path.name)
        tour.say(alice, again, 'All there?')
    finally:
        again.end()
    print(f'went on after {there} of {path.stat().st_size} bytes')


def main(build, pictures):
    end_on_signals()
    try:
        require()
    except Unavailable as reason:
        print(f'skipped: {reason}')
        return 77
    with Lab() as lab:
        sites = {'Alice': lab.add('open'), 'Bob': lab.add('open')}
        sites['Bob'].limit(LINE_KBYTES)
        send_files(build, pictures, sites)
    return 0


def send_files(build, pictures, sites):
    build, pictures = pathlib.Path(build).absolute(), pathlib.Path(pictures).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    people = []

    def start(name):
        people.append(Person(build, home / name.lower(), name, sites[name].first_port,
                             within=('ip', 'netns', 'exec', sites[name].host)))
        return people[-1]

    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        (home / 'mine').mkdir()
        try:
            alice, bob = start('Alice'), start('Bob')
            alice.place(0, 0, 640, 700)
            bob.place(640, 0, 640, 700)
            tour.meet(alice, bob, pictures)
            send_whole(alice, bob, home / 'mine', home / 'bob' / 'downloads', pictures)
            send_two(alice, bob, home / 'mine', home / 'bob' / 'downloads')
            cancel(alice, bob, home / 'mine')
            tour.audit(alice, bob)
            kill_and_resume(start, home, alice, bob, home / 'mine')
            assert not alice.complaints(), alice.complaints()
        finally:
            for each in people:
                each.end()
    print('Alice sent, Bob received')


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
