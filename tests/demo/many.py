#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# many.py: Alice and Bob say two hundred things each, by keys alone, some of them
# long or strange; all of it arrives, in order, and harmless
#
# usage: many.py BUILD-FOLDER PICTURE-FOLDER

import time

import company
import tour
from person import PATIENCE_S, Atspi, wait_for, within

N_MESSAGES = 200
MAX_MEETING_S = 3
PASTE_AGAIN_S = 10
STRANGE = [
    ('<span size="99999">&amp; <b>', '<span size="99999">&amp; <b>'),
    ('\u202egnp.exe\u202c \u2066x\u2069', 'gnp.exe x'),
    ('Zürich 東京 Ω ½ 👩\u200d🚀', 'Zürich 東京 Ω ½ 👩\u200d🚀'),
    ('a\u0301\u0302\u0303' * 20, 'a\u0301\u0302\u0303' * 20),
]


def meet_quickly(alice, bob):
    """From the paste to the chat, with a person who accepts at once."""
    invitation = tour.invitation_of(bob)
    began = time.monotonic()
    alice.write('Invitation or address', invitation)
    alice.press('Return')
    bob.find('label', 'Alice wants to chat', look_again_s=0.02)
    bob.click('push button', 'Accept')
    for each in (alice, bob):
        wait_for(f'{each.name} to be connected', lambda: any(
            name.startswith('Direct · ') for name in each.names('label')), look_again_s=0.02)
    took = time.monotonic() - began
    company.tell_figure(f'from the paste to the chat: {took:.2f} s')
    assert took < within(MAX_MEETING_S), took


def heard(person, who):
    return [name.split(': ', 1)[1] for name in person.names('list item')
            if name.startswith(f'{who}, ') and ': ' in name]


def say_many(alice, bob):
    # Looking for it again and again would take longer with each message.
    entries = [(speaker, speaker.find('text', 'Message').get_editable_text_iface())
               for speaker in (alice, bob)]
    for i in range(N_MESSAGES):
        for speaker, entry in entries:
            # Keys come on another way than what is written: a busy window may not
            # have seen the last one yet.
            wait_for(f'message {i - 1} of {speaker.name} to be sent', lambda entry=entry: (
                Atspi.Text.get_character_count(entry) == 0), look_again_s=0.02)
            entry.set_text_contents(f'{speaker.name} says {i}')
            speaker.press('Return')
    for speaker, listener in ((alice, bob), (bob, alice)):
        expected = [f'{speaker.name} says {i}' for i in range(N_MESSAGES)]
        wait_for(f'all that {speaker.name} said', lambda: (
            heard(listener, speaker.name)[:N_MESSAGES] == expected), 2 * PATIENCE_S)
        wait_for(f'all marks of {speaker.name}', lambda: sum(
            name.endswith('. Delivered') for name in speaker.names('list item')
            if name.startswith('You, ')) == N_MESSAGES, 2 * PATIENCE_S)


def paste(who, text):
    """Written anywhere, cut out, and pasted."""
    who.write('Message', text)
    entry = who.find('text', 'Message')
    for keys, n_left in (('ctrl+a', len(text)), ('ctrl+x', 0), ('ctrl+v', len(text))):
        who.press(keys)
        wait_for(f'{n_left} characters after {keys}', lambda n_left=n_left: (
            Atspi.Text.get_character_count(entry) == n_left))


def paste_from(owner, who, text):
    """Copied in one window, pasted in another; what lies on the clipboard is known
    there only after a moment, so one may have to paste again."""
    owner.write('Message', text)
    for keys in ('ctrl+a', 'ctrl+c'):
        owner.press(keys)
    entry = who.find('text', 'Message')
    pasted = float('-inf')

    def look():
        nonlocal pasted
        if time.monotonic() >= pasted + PASTE_AGAIN_S:
            for keys in ('ctrl+a', 'ctrl+v'):
                who.press(keys)
            pasted = time.monotonic()
        return Atspi.Text.get_character_count(entry) == len(text)
    wait_for(f'{len(text)} characters to be pasted', look)
    assert Atspi.Text.get_text(entry, 0, -1) == text
    owner.write('Message', '')


def say_strange(alice, bob):
    for text, shown in STRANGE:
        tour.say(alice, bob, text, shown)
    longest = 'x' * 65535 + '!'
    paste(alice, longest)
    alice.write('Message', '')
    paste_from(bob, alice, longest)
    alice.press('Return')
    bob.find('list item', 'x' * 50 + '…')
    alice.find('list item', '…. Delivered')
    # One more is too long, and stays to be shortened.
    alice.write('Message', longest + '!')
    alice.press('Return')
    tour.say(bob, alice, 'That was long')
    written = alice.find('text', 'Message').get_text_iface().get_character_count()
    assert written == 65537, written
    alice.write('Message', '')


def talk(everybody):
    alice, bob = everybody.add('Alice'), everybody.add('Bob')
    meet_quickly(alice, bob)
    say_many(alice, bob)
    say_strange(alice, bob)
    tour.audit(alice, bob)


if __name__ == '__main__':
    company.main(talk, f'{N_MESSAGES} messages each way')
