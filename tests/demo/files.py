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
import time

import tour
from person import Person, wait_for

BIG_BYTES = 100 * 1000 * 1000
N_MEASURED = 25
MAX_DELAY_S = 0.2


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


def percentile(values, share):
    return sorted(values)[int(len(values) * share)]


def measure_delays(alice, bob):
    """How long it takes from Return at Alice to the row at Bob, less what it
    takes to look."""
    delays = []
    for i in range(N_MEASURED):
        if alice.look('list item', 'file big.bin. Delivered'):
            break
        text = f'Message {i} beside a file'
        alice.write('Message', text)
        began = time.monotonic()
        alice.press('Return')
        bob.find('list item', f': {text}', look_again_s=0.01)
        delays.append(time.monotonic() - began)
    return delays


def send_whole(alice, bob, folder, downloads):
    big = make_file(folder / 'big.bin', BIG_BYTES)
    quiet = measure_delays(alice, bob)
    send(alice, big)
    bob.click('push button', 'Accept File')
    busy = measure_delays(alice, bob)
    alice.find('list item', 'file big.bin. Delivered', patience_s=60)
    bob.find('list item', 'file big.bin. Received')
    assert same(big, downloads / 'big.bin')
    print(f'delay of a message, with the looking: quiet p95 {percentile(quiet, .95):.3f} s; '
          f'beside a file p95 {percentile(busy, .95):.3f} s of {len(busy)}')
    return percentile(quiet, .95), percentile(busy, .95)


def cancel(alice, bob, folder):
    for number, canceller in enumerate((alice, bob)):
        path = make_file(folder / f'cancelled-{number}.bin', 3 * BIG_BYTES)
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
    path = make_file(folder / 'resumed.bin', 6 * BIG_BYTES)
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
    ports = tour.free_ports(2)
    people = []
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        (home / 'mine').mkdir()
        try:
            people = [Person(build, home / 'alice', 'Alice', ports[0]),
                      Person(build, home / 'bob', 'Bob', ports[1])]
            alice, bob = people
            alice.place(0, 0, 640, 700)
            bob.place(640, 0, 640, 700)
            tour.meet(alice, bob, pictures)
            quiet, busy = send_whole(alice, bob, home / 'mine', home / 'bob' / 'downloads')
            bob.shoot(pictures / 'chat-file.png')
            assert busy <= quiet + MAX_DELAY_S, (quiet, busy)
            cancel(alice, bob, home / 'mine')
            tour.audit(alice, bob)
            kill_and_resume(build, home, alice, bob, home / 'mine', ports)
            assert not alice.complaints(), alice.complaints()
        finally:
            for each in people:
                each.end()
    print('Alice sent, Bob received')


if __name__ == '__main__':
    main(*sys.argv[1:])
