#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# keyboard.py: two people without mice: all of a chat by keys alone
#
# usage: keyboard.py BUILD-FOLDER PICTURE-FOLDER

import company
import tour
from person import PATIENCE_S, has_state, wait_for
from gi.repository import Atspi


def focused(person):
    for role in ('push button', 'text', 'toggle button', 'list item', 'label', 'switch'):
        found = person.look(role, '', lambda each: has_state(each, Atspi.StateType.FOCUSED))
        if found is not None:
            return f'{role} {found.get_name()}'
    return ''


def go_to(person, what, key='Tab', most=30):
    """Presses the key until this has the focus."""
    for _ in range(most):
        if what in focused(person):
            return
        person.press(key)
    raise AssertionError(f'{person.name} does not get to {what}; at {focused(person)}')


def look_at(person, keys, title, pictures):
    person.press(keys)
    window = wait_for(title, lambda: person.find_window(title))
    tour.audit(person)
    person.shoot(pictures / f'chat-{title.split()[-1].lower()}.png', window)
    person.press('Escape', window)
    wait_for(f'{title} to close', lambda: not person.find_window(title))


def chat(everybody):
    alice, bob = everybody.add('Alice'), everybody.add('Bob')
    tour.invitation_of(bob)
    bob.press_and_be_told('ctrl+shift+c', 'Invitation copied')
    # The new chat's entry has the focus.
    alice.press('ctrl+n')
    alice.press('ctrl+v')
    entry = alice.find('text', 'Invitation or address')
    wait_for('the invitation to be pasted', lambda: (
        Atspi.Text.get_character_count(entry) > 0))
    alice.press('Return')
    bob.find('label', 'Alice wants to chat')
    go_to(bob, 'Accept')
    bob.press('Return')
    for each in (alice, bob):
        each.find('text', 'Message')
    bob.type('Hello by keys')
    bob.press('Return')
    alice.find('list item', ': Hello by keys')
    alice.type('By keys, too')
    alice.press('shift+Return')
    alice.type('in two lines')
    alice.press('Return')
    bob.find('list item', ': By keys, too\nin two lines')
    for keys, title in (('ctrl+i', 'Connection Details'), ('ctrl+comma', 'Preferences')):
        look_at(alice, keys, title, everybody.pictures)
    alice.press('alt+1')
    alice.press('ctrl+w')
    assert alice.process.wait(timeout=PATIENCE_S) == 0
    bob.find('alert', 'Your peer has left.')
    bob.press('ctrl+q')
    assert bob.process.wait(timeout=PATIENCE_S) == 0


if __name__ == '__main__':
    company.main(chat, 'no mouse was needed')
