#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# files.py: Alice sends Bob files while both go on talking; what is cancelled
# harms nobody, and what Bob's death interrupts goes on where it was
#
# usage: files.py BUILD-FOLDER PICTURE-FOLDER

import pathlib
import random
import subprocess
import sys
import tempfile

import tour
from person import Person, wait_for

BIG_BYTES = 100 * 1000 * 1000
# The line between the two: 40 Mbit/s, 20 ms there and back, a queue of 40 ms.
LINE = (5_000_000, 10, 40)


def make_file(path, n_bytes):
    path.write_bytes(random.Random(path.name).randbytes(n_bytes))
    return path


def send(sender, path):
    """Chooses the file in the dialog, by keys alone."""
    sender.press('ctrl+o')
    window = wait_for('the files to choose from', lambda: sender.find_window('Send Files'))
    sender.type(str(path), window)
    sender.press('Return', window)
    wait_for('the dialog to close', lambda: not sender.find_window('Send Files'))
    sender.find('list item', f'file {path.name}. Offered to your peer')


def same(a, b):
    return a.read_bytes() == b.read_bytes()


def send_whole(alice, bob, folder, downloads, pictures):
    """Both talk while the file is on its way; neither waits for it."""
    big = make_file(folder / 'big.bin', BIG_BYTES)
    send(alice, big)
    bob.click('push button', 'Accept File')
    wait_for('the file to move', lambda: size_of_part(downloads, big.name) > 0)
    for i in range(3):
        tour.say(alice, bob, f'Message {i} beside a file')
        tour.say(bob, alice, f'Answer {i} beside a file')
    assert size_of_part(downloads, big.name) > 0, 'the file was too quick'
    bob.shoot(pictures / 'chat-file.png')
    alice.find('list item', f'file {big.name}. Delivered', patience_s=90)
    bob.find('list item', f'file {big.name}. Received')
    assert same(big, downloads / big.name)


def cancel(alice, bob, folder):
    for number, canceller in enumerate((alice, bob)):
        path = make_file(folder / f'cancelled-{number}.bin', BIG_BYTES)
        send(alice, path)
        bob.click('push button', 'Accept File')
        canceller.click('push button', 'Cancel File')
        for each in (alice, bob):
            each.find('list item', f'file {path.name}. Cancelled')
        tour.say(alice, bob, f'Never mind number {number}')
        tour.say(bob, alice, f'Fine, number {number} is gone')


def size_of_part(downloads, name):
    return sum(path.stat().st_size for path in downloads.glob(f'{name}.*.part'))


def kill_and_resume(build, home, alice, bob, folder, ports):
    """Bob's computer dies in the middle; his next life has the half."""
    path = make_file(folder / 'resumed.bin', BIG_BYTES)
    downloads = home / 'bob' / 'downloads'
    send(alice, path)
    bob.click('push button', 'Accept File')
    wait_for('a part of the file', lambda: size_of_part(downloads, path.name) > 1000000)
    bob.end()
    there = size_of_part(downloads, path.name)
    assert 0 < there < path.stat().st_size, there
    alice.find('alert', 'Your peer is unreachable.', patience_s=40)
    again = Person(build, home / 'bob', 'Bob', ports[1])
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
    build, pictures = pathlib.Path(build).absolute(), pathlib.Path(pictures).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    *ports, relay_port = tour.free_ports(3)
    people, relay = [], None
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        (home / 'mine').mkdir()
        try:
            people = [Person(build, home / 'alice', 'Alice', ports[0]),
                      Person(build, home / 'bob', 'Bob', ports[1])]
            alice, bob = people
            alice.place(0, 0, 640, 700)
            bob.place(640, 0, 640, 700)
            relay = subprocess.Popen(
                [sys.executable, pathlib.Path(__file__).with_name('relay.py'),
                 str(relay_port), str(ports[1]), *map(str, LINE)])
            tour.meet(alice, bob, pictures, relay_port)
            send_whole(alice, bob, home / 'mine', home / 'bob' / 'downloads', pictures)
            cancel(alice, bob, home / 'mine')
            tour.audit(alice, bob)
            kill_and_resume(build, home, alice, bob, home / 'mine', ports)
            assert not alice.complaints(), alice.complaints()
        finally:
            for each in people:
                each.end()
            if relay is not None:
                relay.kill()
                relay.wait()
    print('Alice sent, Bob received')


if __name__ == '__main__':
    main(*sys.argv[1:])
