#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# tour.py: Alice and Bob chat, in two real windows that talk over this machine's
# network; pictures are taken on the way
#
# usage: tour.py BUILD-FOLDER PICTURE-FOLDER

import re

import company
from person import PATIENCE_S, wait_for

ALICE_SAYS = [
    'Hi Bob! Did my invitation reach you?',
    'No account, no server in between. Just us two 🔐',
]
BOB_SAYS = [
    'It did: one paste, and here we are 🎉',
    'Then show me the harbour!',
]
# A picture, and what takes longer than a moment.
FILES = {'harbour.jpg': 4200000, 'regatta.mp4': 60000000}
FILE_S = 2 * PATIENCE_S
# Other scripts, markup-like text, and text that tries to be read backwards.
ODD = [
    'Grüße, γειά σου, привет, ½ €',
    '<b>Not bold</b> & &lt;not an entity&gt;',
    'Read on at https://example.org/?a=1&b=2',
]
SAFETY_NUMBER = re.compile(r'\d{5}( \d{5}){11}')
PATH = re.compile(r'Direct · IPv[46] · (\d+|< 1) ms')
TRICK, TRICK_SHOWN = '\u202eelif.exe\u202c looks harmless', 'elif.exe looks harmless'


def say(speaker, listener, text, shown=None):
    """Writes a message and waits until both see it as delivered."""
    shown = shown or text
    speaker.write('Message', text)
    speaker.press('Return')
    listener.find('list item', f': {shown}')
    heard = wait_for(f'the message at {listener.name}', lambda: [
        name for name in listener.names('list item') if name.endswith(f': {shown}')])
    assert heard[0].startswith(f'{speaker.name}, '), heard
    speaker.find('list item', f': {shown}. Delivered')


def be_seen_typing(speaker, listener):
    """Who goes on writing is shown again and again."""
    def is_seen():
        speaker.write('Message', 'Let me think…')
        return listener.look('status bar', f'{speaker.name} is typing…')
    wait_for(f'{speaker.name} to be seen typing', is_seen)
    # What is not sent in the end is not waited for.
    speaker.write('Message', '')
    wait_for('nobody to be typing', lambda: not listener.look(
        'status bar', f'{speaker.name} is typing…'))


def audit(*people):
    for each in people:
        unnamed = each.unnamed()
        assert not unnamed, f'{each.name}: without a name: {unnamed}'


def refuse(alice, bob):
    """What is no address is refused where it was written."""
    own = invitation_of(alice)
    theirs = invitation_of(bob)
    for text, answer in (
            (own, 'This is your own invitation.'),
            (theirs[:len(theirs) // 2],
             'This invitation is incomplete. Ask your peer to copy it again.'),
            ('see you tomorrow', 'Not an invitation or an address.'),
            ('127.0.0.1:70000', 'The port must be a number from 1 to 65535.'),
            (f'127.0.0.1:{alice.port}', 'This is your own address.')):
        alice.write('Invitation or address', text)
        alice.click('push button', 'Connect')
        alice.find('alert', answer)


def invitation_of(person):
    return wait_for(f'the invitation of {person.name}', lambda: [
        name for name in person.names('label') if name.startswith('srudp:')])[0]


def meet(alice, bob, pictures, port=None):
    """Alice calls, by address or by invitation; Bob is asked."""
    if port is None:
        bob.press_and_be_told('ctrl+shift+c', 'Invitation copied')
        where = f'Join me: “{invitation_of(bob)}”\n'
    else:
        where = f' “127.0.0.1:{port}” \n'
    alice.write('Invitation or address', where)
    alice.click('push button', 'Connect')
    bob.find('label', 'Alice wants to chat')
    alice.find('label', 'Waiting until your peer accepts')
    alice.shoot(pictures / 'chat-connecting.png')
    bob.shoot(pictures / 'chat-request.png')
    bob.click('push button', 'Accept')
    for each in (alice, bob):
        wait_for(f'{each.name} to be connected', lambda: any(
            name.startswith('Direct · ') for name in each.names('label')))


def talk(alice, bob):
    be_seen_typing(alice, bob)
    be_seen_typing(bob, alice)
    for ours, theirs in zip(ALICE_SAYS, BOB_SAYS):
        say(alice, bob, ours)
        say(bob, alice, theirs)


def show_files(alice, bob, folder):
    for name, n_bytes in FILES.items():
        path = folder / name
        with path.open('wb') as file:
            file.truncate(n_bytes)
        alice.send_file(path)
        bob.click('push button', 'Accept File')
        alice.find('list item', f'file {name}. Delivered', FILE_S)
        bob.find('list item', f'file {name}. Received', FILE_S)


def say_odd_things(alice, bob):
    for text in ODD:
        say(alice, bob, text)
    say(bob, alice, TRICK, TRICK_SHOWN)


def compare_numbers(alice, bob, pictures):
    """Both see the same safety number, and before it the same seven emoji."""
    numbers, emoji = [], []
    for each in (alice, bob):
        each.choose('Chat Menu', 'Verify Peer…')
        numbers.append(wait_for(f'the safety number of {each.name}', lambda: [
            name for name in each.names('label') if SAFETY_NUMBER.fullmatch(name)]))
        each.find('label', 'Compare these aloud')
        labels = each.names('label')
        first = labels.index('Compare these aloud') + 1
        emoji.append(labels[first:first + 7])
    assert numbers[0] == numbers[1], numbers
    assert emoji[0] == emoji[1], emoji
    audit(alice, bob)
    for each in (alice, bob):
        window = wait_for('the window to verify', lambda: each.find_window('Verify Peer'))
        each.shoot(pictures / 'chat-verify.png', window)
        each.press('Escape', window)
        wait_for('the window to verify to close', lambda: not each.find_window('Verify Peer'))


def show_details(alice, bob, pictures):
    alice.press('ctrl+i')
    window = wait_for('the details', lambda: alice.find_window('Connection Details'))
    alice.find('label', f':{bob.port}')
    wait_for('the path', lambda: any(
        PATH.fullmatch(name) for name in alice.names('label')))
    wait_for('what was tried', lambda: any(
        name.startswith('Addresses tried: ') for name in alice.names('label')))
    audit(alice)
    alice.shoot(pictures / 'chat-details.png', window)
    alice.press('Escape', window)
    wait_for('the details to close', lambda: not alice.find_window('Connection Details'))


def look_around(alice, pictures):
    """What belongs to the program, not to a chat."""
    for keys, title in (('ctrl+comma', 'Preferences'), ('ctrl+question', 'Keyboard Shortcuts')):
        alice.press(keys)
        window = wait_for(title, lambda wanted=title: alice.find_window(wanted))
        alice.shoot(pictures / f'chat-{title.split()[-1].lower()}.png', window)
        alice.press('Escape', window)
        wait_for(f'{title} to close', lambda wanted=title: not alice.find_window(wanted))
    alice.choose('Main Menu', 'About Srudp Chat')
    alice.find('label', 'Srudp Chat')
    window = wait_for('who made it', lambda: alice.find_window('About'))
    alice.shoot(pictures / 'chat-about.png', window)
    alice.press('Escape', window)


def part_and_return(alice, bob, pictures):
    alice.choose('Chat Menu', 'Disconnect')
    alice.find('alert', 'You are disconnected.')
    bob.find('alert', 'Your peer has left.')
    bob.shoot(pictures / 'chat-left.png')
    alice.click('push button', 'Reconnect')
    for each in (alice, bob):
        wait_for(f'{each.name} to be back', lambda: any(
            name.startswith('Direct · ') for name in each.names('label')))
    say(alice, bob, 'Here I am again')
    say(bob, alice, 'Welcome back!')


def tour(everybody):
    pictures = everybody.pictures
    alice, bob = everybody.add('Alice'), everybody.add('Bob', dark=True)
    alice.place(0, 0, 640, 700)
    bob.place(640, 0, 640, 700)
    alice.shoot(pictures / 'chat-new.png')
    audit(alice, bob)
    refuse(alice, bob)
    alice.shoot(pictures / 'chat-refused.png')
    meet(alice, bob, pictures)
    talk(alice, bob)
    show_files(alice, bob, everybody.home)
    say(bob, alice, 'Beautiful!')
    alice.shoot(pictures / 'chat-light.png')
    bob.shoot(pictures / 'chat-dark.png')
    show_details(alice, bob, pictures)
    say_odd_things(alice, bob)
    alice.shoot(pictures / 'chat-odd.png')
    audit(alice, bob)
    compare_numbers(alice, bob, pictures)
    look_around(alice, pictures)
    part_and_return(alice, bob, pictures)
    alice.place(0, 0, 360, 640)
    alice.shoot(pictures / 'chat-narrow.png')
    status = bob.leave()
    assert status == 0, f'Bob ended with {status}'
    alice.find('alert', 'Your peer has left.')


if __name__ == '__main__':
    company.main(tour, 'Alice and Bob chatted; there are pictures of it')
