#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# restart.py: Bob ends his program and starts it again; Alice reads that he has
# left, and the chat goes on where it was, whoever of the two calls
#
# usage: restart.py BUILD-FOLDER PICTURE-FOLDER

import company
import tour
from person import wait_for


def end(alice, bob):
    assert bob.leave() == 0
    alice.find('alert', 'Your peer has left.')


def are_connected(*people):
    for each in people:
        wait_for(f'{each.name} to be connected', lambda each=each: any(
            name.startswith('Direct · ') for name in each.names('label')))


def alice_calls(alice, bob):
    """Bob's new life knows her by name, but has promised nothing."""
    alice.click('push button', 'Reconnect')
    bob.find('label', 'Alice wants to chat')
    bob.click('push button', 'Accept')
    are_connected(alice, bob)
    tour.say(alice, bob, 'You are back')
    # What was said before is still there at her side.
    alice.find('list item', ': Before the first restart. Delivered')


def bob_calls(alice, bob, port):
    """She goes on without being asked: it is the same key in the same chat."""
    bob.write('Invitation or address', f'127.0.0.1:{port}')
    bob.click('push button', 'Connect')
    are_connected(alice, bob)
    tour.say(bob, alice, 'It is me again')
    tour.say(alice, bob, 'I see')


def restart(everybody):
    alice, bob = everybody.add('Alice'), everybody.add('Bob')
    tour.meet(alice, bob, everybody.pictures)
    tour.say(alice, bob, 'Before the first restart')
    end(alice, bob)
    bob = everybody.add('Bob', bob.port)
    alice_calls(alice, bob)
    end(alice, bob)
    bob = everybody.add('Bob', bob.port)
    bob_calls(alice, bob, alice.port)
    end(alice, bob)


if __name__ == '__main__':
    company.main(restart, 'the chat went on twice')
