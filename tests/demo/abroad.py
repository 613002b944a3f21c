#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# abroad.py: two people meet and chat in another language: every page says all it
# says in theirs; pictures are taken on the way
#
# usage: abroad.py BUILD-FOLDER PICTURE-FOLDER LANGUAGE

import gettext
import pathlib
import re
import sys

import company
import person
import tour
from gi.repository import GLib
from person import wait_for, walk

DOMAIN = 'srudp-glib'
SAID = '😀 https://example.org'


def plain(name):
    """Without what marks a key, which is shown in several ways."""
    return re.sub(r'\(_?[A-Z]\)|[_ ]', '', name)


class Words:
    """What the chat says in their language."""

    def __init__(self, folder, language):
        self._translation = gettext.translation(DOMAIN, folder, [language])
        catalogue = self._translation._catalog  # pylint: disable=protected-access
        self._english = {text for text, words in catalogue.items()
                         if isinstance(text, str) and text and words != text
                         and text not in catalogue.values()}

    def __call__(self, text):
        return self._translation.gettext(text)

    def english(self, names):
        """Those that there are words for in the other language."""
        return [name for name in names if name in self._english]


def shown(who):
    """All names that there are, of whatever it is."""
    names = []
    for accessible in walk(who.application):
        try:
            names.append(accessible.get_name())
        except GLib.Error:  # what was there a moment ago
            pass
    return names


def look_at(who, words, picture, window=None):
    who.shoot(picture, window)
    english = words.english(shown(who))
    assert not english, f'{picture.name}: in English: {english}'


def find(who, words, role, text):
    wanted = plain(words(text))

    def look():
        return next((name for name in who.names(role) if plain(name).endswith(wanted)), None)
    try:
        return wait_for(f'{role} “{words(text)}” of {who.name}', look)
    except person.Lost as lost:
        raise person.Lost(f'{lost}: {who.names(role)}') from lost


def click(who, words, role, text):
    who.click(role, find(who, words, role, text))


def meet(alice, bob, words, pictures):
    find(alice, words, 'text', 'Invitation or address')
    look_at(alice, words, pictures / 'new.png')
    alice.write(words('Invitation or address'), 'see you tomorrow')
    click(alice, words, 'push button', '_Connect')
    find(alice, words, 'alert', 'Not an invitation or an address.')
    look_at(alice, words, pictures / 'refused.png')
    alice.write(words('Invitation or address'), tour.invitation_of(bob))
    click(alice, words, 'push button', '_Connect')
    wait_for('the question', lambda: words('%s wants to chat') % alice.name
             in bob.names('label'))
    look_at(alice, words, pictures / 'connecting.png')
    look_at(bob, words, pictures / 'request.png')
    click(bob, words, 'push button', '_Accept')


def say(speaker, listener, words):
    wait_for('the entry', lambda: speaker.look('text', words('Message')))
    speaker.write(words('Message'), SAID)
    speaker.press('Return')
    heard = words('%s, %s: %s') % (speaker.name, '\0', SAID)
    before, after = heard.split('\0')
    wait_for('what was said', lambda: any(
        name.startswith(before) and name.endswith(after)
        for name in listener.names('list item')))
    after = (words('You, %s: %s. %s') % ('\0', SAID, words('Delivered'))).split('\0')[1]
    wait_for('the mark', lambda: any(
        name.endswith(after) for name in speaker.names('list item')))


def open_beside(who, words, pictures):
    """The windows beside the one that one chats in."""
    for keys, title in (('ctrl+i', 'Connection Details'), (None, 'Verify Peer'),
                        ('ctrl+comma', 'Preferences'),
                        ('ctrl+question', 'Keyboard Shortcuts')):
        if keys is not None:
            who.press(keys)
        else:
            click(who, words, 'push button', 'Chat Menu')
            click(who, words, 'menu item', '_Verify Peer…')
        window = wait_for(title, lambda wanted=title: who.find_window(words(wanted)))
        look_at(who, words, pictures / f'{title.split()[-1].lower()}.png', window)
        who.press('Escape', window)
        wait_for(f'{title} to close', lambda wanted=title: not who.find_window(words(wanted)))


def travel(everybody, language):
    pictures = everybody.pictures
    locales = everybody.build / 'po'
    words = Words(locales, language)
    alice, bob = (
        everybody.add(name, dark=dark, environment={'LANGUAGE': language,
                                                    'TEXTDOMAINDIR': str(locales)})
        for name, dark in (('Aiko', False), ('Bashir', True)))
    alice.place(0, 0, 640, 700)
    bob.place(640, 0, 640, 700)
    meet(alice, bob, words, pictures)
    say(alice, bob, words)
    say(bob, alice, words)
    look_at(alice, words, pictures / 'light.png')
    look_at(bob, words, pictures / 'dark.png')
    open_beside(alice, words, pictures)
    assert bob.leave() == 0
    find(alice, words, 'alert', 'Your peer has left.')
    alice.place(0, 0, 360, 640)
    look_at(alice, words, pictures / 'narrow.png')


def main(build, pictures, language):
    folders = company.folders(build, pathlib.Path(pictures) / language)
    with company.company(*folders) as everybody:
        travel(everybody, language)
    print(f'they chatted in “{language}”; there are pictures of it')


if __name__ == '__main__':
    main(*sys.argv[1:])
