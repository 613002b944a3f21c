#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# session.py: a session from its beginning to its end, with everything in it that
# a window can show; both programs end of themselves, and have nothing to complain
# of. So a build with sanitizers finds out what the windows do to memory.
#
# usage: session.py BUILD-FOLDER PICTURE-FOLDER

import company
import files
import keyboard
import person
import tour

FILE_BYTES = 300 * 1000
# It complains of objects that outlive it.
COUNTED = 'tests/demo/srudp-chat-counted'


def decline(alice, bob):
    """Who is not wanted now may ask again."""
    alice.write('Invitation or address', tour.invitation_of(bob))
    alice.click('push button', 'Connect')
    bob.find('label', 'Alice wants to chat')
    bob.click('push button', 'Decline')
    alice.find('push button', 'Back')
    alice.click('push button', 'Back')


def send_both_ways(folder, *people):
    for sender, receiver in (people, reversed(people)):
        path = files.make_file(folder / f'from-{sender.name}.bin', FILE_BYTES)
        sender.send_file(path)
        receiver.click('push button', 'Accept File')
        sender.find('list item', f'file {path.name}. Delivered')
        receiver.find('list item', f'file {path.name}. Received')
        assert files.same(path, folder / receiver.name / 'downloads' / path.name)


def part(alice, bob):
    """The one is asked to end by the system, the other one closes the window."""
    status = alice.leave()
    assert status == 0, f'Alice ended with {status}'
    bob.find('alert', 'Your peer has left.')
    bob.press('ctrl+w')
    status = bob.process.wait(timeout=person.PATIENCE_S)
    assert status == 0, f'Bob ended with {status}'


def live(everybody):
    alice, bob = (everybody.add(name, program=COUNTED) for name in ('Alice', 'Bob'))
    pictures = everybody.pictures / 'session'
    pictures.mkdir(exist_ok=True)
    tour.refuse(alice, bob)
    decline(alice, bob)
    tour.meet(alice, bob, pictures)
    tour.talk(alice, bob)
    send_both_ways(everybody.home, alice, bob)
    tour.compare_numbers(alice, bob, pictures)
    for keys, title in (('ctrl+i', 'Connection Details'), ('ctrl+comma', 'Preferences')):
        keyboard.look_at(alice, keys, title, pictures)
    tour.part_and_return(alice, bob, pictures)
    part(alice, bob)


if __name__ == '__main__':
    company.main(live, 'a whole session, and nothing was left behind')
