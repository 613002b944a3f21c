#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# loss.py: Bob's computer is gone from one moment to the next; Alice is told the
# truth, and can go on when he is back
#
# usage: loss.py BUILD-FOLDER PICTURE-FOLDER

import shutil
import time

import company
import tour
from person import PATIENCE_S, within

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
    alice.find('alert', 'Your peer is unreachable.', 2 * PATIENCE_S)
    took = time.monotonic() - gone
    company.tell_figure(f'told of a peer that is gone after {took:.1f} s')
    assert took <= within(MAX_HOPE_S), took
    alice.find('list item', 'Are you still there?. Not delivered')


def come_back(alice, bob):
    """With the same key, but without memory of the chat."""
    alice.click('push button', 'Retry')
    alice.find('alert', 'Reconnecting…')
    bob.find('label', 'Alice wants to chat')
    bob.click('push button', 'Accept')
    bob.find('list item', ': Are you still there?')
    alice.find('list item', 'Are you still there?. Delivered')


def lose(everybody):
    alice, bob = everybody.add('Alice'), everybody.add('Bob')
    tour.meet(alice, bob, everybody.pictures)
    tour.say(alice, bob, 'Hello')
    vanish(alice, bob)
    alice.shoot(everybody.pictures / 'chat-not-delivered.png')
    shutil.copytree(everybody.home / 'Bob' / 'srudp-chat',
                    everybody.home / 'again' / 'srudp-chat')
    come_back(alice, everybody.add('Bob', port=bob.port, home='again'))


if __name__ == '__main__':
    company.main(lose, 'Alice was told, and Bob came back')
