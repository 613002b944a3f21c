#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# failures.py: what people read when it doesn't work: a name that does not exist,
# a port that is taken, somebody else's key, another passphrase, invitations that
# are of no use any more, or whose maker was gone meanwhile
#
# usage: failures.py BUILD-FOLDER PICTURE-FOLDER

import socket

import company
import person
import tour

OPENING_S = 2 * person.PATIENCE_S
# Of nobody: one of 2001, and one of a version to come.
EXPIRED = ('srudp:04mm00820c20a1g7104gm2rc1m70y40h289h858p2wc1j6gv3gehw7s07edcm012jdp'
           'kp')
NEWER = ('srudp:14mm00820c20a1g7104gm2rc1m70y40h289h858p2wc1j6gv3gehw7s07edcm046drn'
         '80')
PASSPHRASE = 'Passphrase'


def enter(caller, text):
    caller.write('Invitation or address', text)
    caller.click('push button', 'Connect')


def read_failure(caller, title, words, picture):
    """The page of the failure says so, and leads back."""
    caller.find('label', title, OPENING_S)
    caller.find('label', words)
    caller.find('push button', 'Try Again')
    ask_nothing(caller)
    caller.shoot(picture)
    tour.audit(caller)
    caller.press('ctrl+n')


def ask_nothing(each):
    """Nothing has to be closed before one can go on."""
    windows = [each.application.get_child_at_index(i)
               for i in range(each.application.get_child_count())]
    assert len(windows) == 1, [window.get_name() for window in windows]
    assert not person.has_state(windows[0], person.Atspi.StateType.MODAL)


def port_in_use(everybody):
    """Said where the port is, and one click from another one."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(('::', 0))
        carol = everybody.add('Carol', taken.getsockname()[1])
        person.wait_for('the words of the port', lambda: carol.look(
            'alert', f'Port {carol.port} is in use by another program.', showing))
        ask_nothing(carol)
        carol.shoot(everybody.pictures / 'chat-port-in-use.png')
        # She has another one already; it is chosen for good by this.
        assert tour.invitation_of(carol).startswith('srudp:')
        carol.click('push button', 'Use Any Port')
        saved = everybody.home / 'Carol' / 'glib-2.0' / 'settings' / 'keyfile'
        person.wait_for('any port to be saved', lambda: 'port=0' in saved.read_text())
        assert carol.leave() == 0


def showing(accessible):
    return person.has_state(accessible, person.Atspi.StateType.VISIBLE)


def name_not_found(alice, pictures):
    enter(alice, 'no-such-computer.invalid:5000')
    read_failure(alice, 'Name Not Found',
                 'There is no computer of this name. Check the spelling.',
                 pictures / 'chat-name-not-found.png')


def wrong_key(everybody, alice):
    """Somebody else now has the port of the one who invited."""
    bob = everybody.add('Bob')
    invitation = tour.invitation_of(bob)
    bob.leave()
    mallory = everybody.add('Mallory', bob.port)
    enter(alice, invitation)
    read_failure(alice, 'Wrong Key',
                 'Someone else answered at this address. Nothing was sent. '
                 'Ask for a new invitation.', everybody.pictures / 'chat-wrong-key.png')
    assert not mallory.look('label', 'wants to chat')
    mallory.leave()
    # What Bob gave out holds as soon as he is back.
    bob = everybody.add('Bob', bob.port)
    enter(alice, invitation)
    bob.find('label', 'Alice wants to chat', OPENING_S)
    bob.click('push button', 'Accept')
    alice.find('list item', 'Bob')
    bob.end()


def wrong_passphrase(everybody, alice):
    dora = everybody.add('Dora')
    alice.press('ctrl+n')
    alice.write(PASSPHRASE, 'correct horse')
    enter(alice, tour.invitation_of(dora))
    read_failure(alice, 'Wrong Passphrase',
                 'Your passphrases differ, or only one of you has entered one. '
                 'Enter the same one on both sides.',
                 everybody.pictures / 'chat-wrong-passphrase.png')
    dora.write(PASSPHRASE, 'correct horse')
    enter(alice, tour.invitation_of(dora))
    dora.find('label', 'Alice wants to chat', OPENING_S)
    alice.press('ctrl+n')
    alice.write(PASSPHRASE, '')
    dora.end()


def forgotten(everybody, alice):
    """Whoever loses what was kept doesn't know an invitation any more."""
    emil = everybody.add('Emil')
    invitation = tour.invitation_of(emil)
    emil.end()
    kept = everybody.home / 'Emil' / 'srudp-chat' / 'identity.invitations'
    assert kept.stat().st_mode & 0o777 == 0o600, oct(kept.stat().st_mode)
    assert invitation in kept.read_text().split()
    lost = kept.rename(everybody.home / 'lost')
    emil = everybody.add('Emil', emil.port)
    enter(alice, invitation)
    read_failure(alice, 'Invitation No Longer Valid',
                 'Your peer does not know this invitation any more. Ask for a new one.',
                 everybody.pictures / 'chat-forgotten.png')
    assert not emil.look('label', 'wants to chat')
    emil.end()
    # After a crash, it is all there again.
    lost.rename(kept)
    emil = everybody.add('Emil', emil.port)
    enter(alice, invitation)
    emil.find('label', 'Alice wants to chat', OPENING_S)
    emil.click('push button', 'Accept')
    alice.find('list item', 'Emil')
    assert invitation not in emil.log.read_text() + alice.log.read_text()


def of_no_use(alice, pictures):
    """Read where they were pasted."""
    for invitation, words in (
            (EXPIRED, 'This invitation has expired. Ask your peer for a new one.'),
            (NEWER, 'Made by a newer version.')):
        enter(alice, invitation)
        alice.find('alert', words)
        ask_nothing(alice)
        alice.shoot(pictures / 'chat-of-no-use.png')


def fail(everybody):
    port_in_use(everybody)
    alice = everybody.add('Alice')
    alice.place(0, 0, 640, 700)
    name_not_found(alice, everybody.pictures)
    of_no_use(alice, everybody.pictures)
    wrong_passphrase(everybody, alice)
    wrong_key(everybody, alice)
    forgotten(everybody, alice)


if __name__ == '__main__':
    company.main(fail, 'each failure had its words')
