#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# loss.py: Bob's computer is gone from one moment to the next; Alice is told the
# truth, and can go on when he is back
#
# usage: loss.py BUILD-FOLDER PICTURE-FOLDER

import pathlib
import shutil
import sys
import tempfile
import time

import tour
from person import Person, within

# Until Alice is told that he is gone
MAX_HOPE_S = 30


def vanish(alice, bob):
    bob.end()
    gone = time.monotonic()
    alice.write('Message', 'Are you still there?')
    alice.press('Return')
    alice.find('alert', 'Reconnecting…')
    # Until the connection gives up, nobody knows whether the message arrived.
    alice.find('list item', 'Are you still there?. Sent')
    alice.find('alert', 'Your peer is unreachable.', patience_s=2 * MAX_HOPE_S)
    took = time.monotonic() - gone
    print(f'told after {took:.1f} s')
    assert took <= within(MAX_HOPE_S), took
    alice.find('list item', 'Are you still there?. Not delivered')


def come_back(alice, bob):
    """With the same key, but without memory of the chat."""
    alice.click('push button', 'Retry')
    alice.find('alert', 'Reconnecting…')
    bob.find('label', 'Alice wants to chat')
    bob.click('push button', ' Accept')
    bob.find('list item', ': Are you still there?')
    alice.find('list item', 'Are you still there?. Delivered')


def main(build, pictures):
    build, pictures = pathlib.Path(build).absolute(), pathlib.Path(pictures).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    ports = tour.free_ports(2)
    people = []
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        try:
            people = [Person(build, home / 'alice', 'Alice', ports[0]),
                      Person(build, home / 'bob', 'Bob', ports[1])]
            alice, bob = people
            tour.meet(alice, bob, pictures)
            tour.say(alice, bob, 'Hello')
            vanish(alice, bob)
            alice.shoot(pictures / 'chat-not-delivered.png')
            shutil.copytree(home / 'bob' / 'srudp-chat', home / 'again' / 'srudp-chat')
            people.append(Person(build, home / 'again', 'Bob', ports[1]))
            come_back(alice, people[-1])
            assert not alice.complaints(), alice.complaints()
        finally:
            for each in people:
                each.end()
    print('Alice was told, and Bob came back')


if __name__ == '__main__':
    main(*sys.argv[1:])
