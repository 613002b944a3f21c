#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# files.py: Alice sends Bob files while both go on talking; what is cancelled
# harms nobody, and what Bob's death interrupts goes on where it was
#
# usage: files.py BUILD-FOLDER PICTURE-FOLDER [whole]
#
# "whole": large files are received to their end, and messages beside them may
# not be late. How late they are is told in any case.

import functools
import pathlib
import random
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'network'))

import company  # noqa: E402
import person  # noqa: E402
import tour  # noqa: E402
from lab import Lab, Unavailable, end_on_signals, require  # noqa: E402
from person import has_state, wait_for  # noqa: E402

BIG_BYTES = 100 * 1000 * 1000
# Two at once, and one that is resumed; and the same with "whole".
SMALL_BYTES = 2 * 1000 * 1000, 6 * 1000 * 1000
WHOLE_BYTES = 40 * 1000 * 1000, BIG_BYTES
# Bob's line, to him and from him. Where the big file isn't received to its end,
# it is under way for minutes: a busy machine takes its time to look at it. So does
# a program with sanitizers.
SMALL_KBYTES, WHOLE_KBYTES, DELAY_MS = 600, 3000 * 60 // person.PATIENCE_S, 10
N_TIMED = 40
MAX_DELAY_S = 0.2
SEEN_EVERY_S = 0.003
PROGRESS = re.compile(r'^\S+\s[kM]B of 100\.0\sMB · .*/s · .* left$')


def make_file(path, n_bytes):
    path.write_bytes(random.Random(path.name).randbytes(n_bytes))
    return path


def same(a, b):
    return a.read_bytes() == b.read_bytes()


def start_big(alice, bob, folder, name):
    """A file that is under way for long, if nobody ends it."""
    path = make_file(folder / name, BIG_BYTES)
    alice.send_file(path)
    bob.click('push button', 'Accept File')
    wait_for('the file to move', lambda: size_of_part(bob.downloads, name) > 0)
    return path


def watch_progress(each):
    """What is said of it grows, in words and as a bar."""
    def look():
        said = [match[0] for name in each.names('label') if (match := PROGRESS.search(name))]
        bar = each.look('progress bar', '', lambda bar: has_state(
            bar, person.Atspi.StateType.VISIBLE))
        return (said[0], person.Atspi.Value.get_current_value(bar)) if said and bar else None
    words, value = wait_for(f'progress at {each.name}', look)
    wait_for(f'more progress than “{words}” at {each.name}', lambda: (
        (now := look()) and now[0] != words and now[1] > value))


def send_big(alice, bob, folder, pictures, whole):
    """Both talk while the file is on its way; neither waits for it. What is said by
    themselves comes after it: to look through many messages takes its time, too."""
    tour.say(alice, bob, 'Here it comes')
    path = start_big(alice, bob, folder, 'big.bin')
    tour.say(alice, bob, 'A message beside a file')
    tour.say(bob, alice, 'An answer beside a file')
    for each in (alice, bob):
        watch_progress(each)
    bob.shoot(pictures / 'chat-file.png')
    late_s = time_messages(alice, bob, 'beside a file of 100 MB')
    assert size_of_part(bob.downloads, path.name) > 0, 'the file was too quick'
    if whole:
        delivered(alice, bob, path, 2 * person.PATIENCE_S)
    else:
        cancel(alice, alice, bob, path)
    alone_s = time_messages(alice, bob, 'by themselves')
    if whole:
        # Where others keep the machine busy, all is late.
        limit_s = max(person.within(MAX_DELAY_S), alone_s + MAX_DELAY_S / 2)
        assert late_s <= limit_s, (late_s, alone_s, limit_s)


def time_messages(alice, bob, when):
    """From the key at one window to what the other one shows; the 95th of 100."""
    entry = alice.find('text', 'Message').get_editable_text_iface()
    rows = bob.find('list item', ': Here it comes').get_parent()
    delays_s = []
    for number in range(N_TIMED):
        entry.set_text_contents(f'{when} {number}')
        n_rows = rows.get_child_count()
        pressed = time.monotonic()
        alice.press('Return')
        wait_for(f'message {number}', lambda: (
            rows.get_child_count() > n_rows), look_again_s=SEEN_EVERY_S)
        delays_s.append(time.monotonic() - pressed)
    bob.find('list item', f': {when} {N_TIMED - 1}')
    delays_s.sort()
    late_s = delays_s[N_TIMED * 95 // 100]
    company.tell_figure(
        f'{N_TIMED} messages {when}: median {1e3 * delays_s[N_TIMED // 2]:.0f} ms, '
        f'p95 {1e3 * late_s:.0f} ms, worst {1e3 * delays_s[-1]:.0f} ms')
    return late_s


def delivered(alice, bob, path, patience_s=person.PATIENCE_S):
    alice.find('list item', f'file {path.name}. Delivered', patience_s=patience_s)
    bob.find('list item', f'file {path.name}. Received')
    assert same(path, bob.downloads / path.name)


def send_two(alice, bob, folder, n_bytes):
    """Side by side: neither waits for the other."""
    paths = [make_file(folder / f'{name}.bin', n_bytes) for name in ('one', 'two')]
    for path in paths:
        alice.send_file(path)
    for _ in paths:
        bob.click('push button', 'Accept File')
    wait_for('both to move', lambda: all(
        size_of_part(bob.downloads, path.name) > 0 or (bob.downloads / path.name).exists()
        for path in paths), look_again_s=0.02)
    for path in paths:
        delivered(alice, bob, path)


def cancel(canceller, alice, bob, path):
    """Neither the chat nor its peer is harmed."""
    canceller.click('push button', 'Cancel File')
    for each in (alice, bob):
        each.find('list item', f'file {path.name}. Cancelled')
    tour.say(alice, bob, f'Never mind {path.name}')
    tour.say(bob, alice, f'Fine, {path.name} is gone')


def size_of_part(downloads, name):
    try:
        return sum(path.stat().st_size for path in downloads.glob(f'{name}.*.part'))
    except FileNotFoundError:  # it has its name now
        return 0


def kill_and_resume(start, alice, bob, folder, n_bytes):
    """Bob's computer dies in the middle; his next life has what came before."""
    path = make_file(folder / 'resumed.bin', n_bytes)
    alice.send_file(path)
    bob.click('push button', 'Accept File')
    wait_for('a part of the file', lambda: size_of_part(bob.downloads, path.name) > 1000000,
             look_again_s=0.02)
    bob.end()
    there = size_of_part(bob.downloads, path.name)
    assert 0 < there < n_bytes, there
    alice.find('alert', 'Your peer is unreachable.', 2 * person.PATIENCE_S)
    again = start('Bob')
    alice.click('push button', 'Try Now')
    again.find('label', 'Alice wants to chat')
    again.click('push button', 'Accept')
    # It starts where it was: at no time is there less.
    watched = [there]
    again.click('push button', 'Accept File')
    wait_for('all of the file', lambda: (
        (bob.downloads / path.name).exists()
        or watched.append(size_of_part(bob.downloads, path.name))),
             2 * person.PATIENCE_S, look_again_s=0.005)
    # At the last look the part may have had its name already.
    assert min(watched[:-1], default=there) >= there, (there, watched)
    delivered(alice, again, path)
    tour.say(alice, again, 'All there?')
    company.tell_figure(f'went on after {there} of {n_bytes} bytes')


def main(build, pictures, size='small'):
    end_on_signals()
    try:
        require()
    except Unavailable as reason:
        print(f'skipped: {reason}')
        return 77
    whole = size == 'whole'
    with Lab() as lab, company.company(*company.folders(build, pictures)) as everybody:
        sites = {'Alice': lab.add('open'),
                 'Bob': lab.add('open', delay_ms=DELAY_MS,
                                kbytes_per_second=WHOLE_KBYTES if whole else SMALL_KBYTES)}
        send_files(everybody, sites, whole)
    print('Alice sent, Bob received')
    return 0


def start(everybody, sites, name):
    who = everybody.add(name, sites[name].first_port,
                        within=('ip', 'netns', 'exec', sites[name].host))
    who.downloads = everybody.home / name / 'downloads'
    return who


def send_files(everybody, sites, whole):
    pictures = everybody.pictures
    each_bytes, resumed_bytes = WHOLE_BYTES if whole else SMALL_BYTES
    mine = everybody.home / 'mine'
    mine.mkdir()
    move_in = functools.partial(start, everybody, sites)
    alice, bob = move_in('Alice'), move_in('Bob')
    alice.place(0, 0, 640, 700)
    bob.place(640, 0, 640, 700)
    tour.meet(alice, bob, pictures)
    send_big(alice, bob, mine, pictures, whole)
    for canceller in (alice, bob) if whole else (bob,):
        path = start_big(alice, bob, mine, f'not-for-{canceller.name}.bin')
        cancel(canceller, alice, bob, path)
    send_two(alice, bob, mine, each_bytes)
    tour.audit(alice, bob)
    kill_and_resume(move_in, alice, bob, mine, resumed_bytes)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
