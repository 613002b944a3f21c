#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# failures.py: what people read when it doesn't work: a name that does not exist,
# a port that is taken, somebody else's key, another passphrase, invitations that
# are of no use any more, or whose maker was gone meanwhile
#
# usage: failures.py BUILD-FOLDER PICTURE-FOLDER

import pathlib
import socket
import sys
import tempfile

import person
import tour
from person import Person

OPENING_S = 60
# Of nobody: one of 2001, and one of a version to come.
EXPIRED = ('srudp:04mm00820c20a1g7104gm2rc1m70y40h289h858p2wc1j6gv3gehw7s07edcm012jdp'
           'kp')
NEWER = ('srudp:14mm00820c20a1g7104gm2rc1m70y40h289h858p2wc1j6gv3gehw7s07edcm046drn'
         '80')
PASSPHRASE = 'Passphrase'


def enter(caller, text):
    caller.write('Invitation or address', text)
    caller.click('push button', ' Connect')


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


def port_in_use(build, home, pictures):
    """Said where the port is, and one click from another one."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(('::', 0))
        port = taken.getsockname()[1]
        carol = Person(build, home / 'carol', 'Carol', port)
        try:
            person.wait_for('the words of the port', lambda: carol.look(
                'alert', f'Port {port} is in use by another program.', showing))
            ask_nothing(carol)
            carol.shoot(pictures / 'chat-port-in-use.png')
            # She has another one already; it is chosen for good by this.
            assert tour.invitation_of(carol).startswith('srudp:')
            carol.click('push button', 'Use Any Port')
            saved = home / 'carol' / 'glib-2.0' / 'settings' / 'keyfile'
            person.wait_for('any port to be saved', lambda: 'port=0' in saved.read_text())
            assert not carol.complaints(), carol.complaints()
        finally:
            carol.end()


def showing(accessible):
    return person.has_state(accessible, person.Atspi.StateType.VISIBLE)


def name_not_found(alice, pictures):
    enter(alice, 'no-such-computer.invalid:5000')
    read_failure(alice, 'Name Not Found',
                 'There is no computer of this name. Check the spelling.',
                 pictures / 'chat-name-not-found.png')


def wrong_key(build, home, alice, pictures):
    """Somebody else now has the port of the one who invited."""
    port = tour.free_ports(1)[0]
    bob = Person(build, home / 'bob', 'Bob', port)
    invitation = tour.invitation_of(bob)
    bob.leave()
    mallory = Person(build, home / 'mallory', 'Mallory', port)
    try:
        enter(alice, invitation)
        read_failure(alice, 'Wrong Key',
                     'Someone else answered at this address. Nothing was sent. '
                     'Ask for a new invitation.', pictures / 'chat-wrong-key.png')
        assert not mallory.look('label', 'wants to chat')
        mallory.leave()
        # What Bob gave out holds as soon as he is back.
        again = Person(build, home / 'bob', 'Bob', port)
        try:
            enter(alice, invitation)
            again.find('label', 'Alice wants to chat', OPENING_S)
            again.click('push button', ' Accept')
            alice.find('list item', 'Bob')
        finally:
            again.end()
    finally:
        bob.end()
        mallory.end()


def wrong_passphrase(build, home, alice, pictures):
    dora = Person(build, home / 'dora', 'Dora', tour.free_ports(1)[0])
    try:
        alice.press('ctrl+n')
        alice.write(PASSPHRASE, 'correct horse')
        enter(alice, tour.invitation_of(dora))
        read_failure(alice, 'Wrong Passphrase',
                     'Your passphrases differ, or only one of you has entered one. '
                     'Enter the same one on both sides.', pictures / 'chat-wrong-passphrase.png')
        dora.write(PASSPHRASE, 'correct horse')
        enter(alice, tour.invitation_of(dora))
        dora.find('label', 'Alice wants to chat', OPENING_S)
        alice.press('ctrl+n')
        alice.write(PASSPHRASE, '')
    finally:
        dora.end()


def forgotten(build, home, alice, pictures):
    """Whoever loses what was kept doesn't know an invitation any more."""
    port = tour.free_ports(1)[0]
    emil = Person(build, home / 'emil', 'Emil', port)
    invitation = tour.invitation_of(emil)
    emil.end()
    kept = home / 'emil' / 'srudp-chat' / 'identity.invitations'
    assert kept.stat().st_mode & 0o777 == 0o600, oct(kept.stat().st_mode)
    assert invitation in kept.read_text().split()
    lost = kept.rename(home / 'lost')
    emil = Person(build, home / 'emil', 'Emil', port)
    try:
        enter(alice, invitation)
        read_failure(alice, 'Invitation No Longer Valid',
                     'Your peer does not know this invitation any more. Ask for a new one.',
                     pictures / 'chat-forgotten.png')
        assert not emil.look('label', 'wants to chat')
        emil.end()
        # After a crash, it is all there again.
        lost.rename(kept)
        emil = Person(build, home / 'emil', 'Emil', port)
        enter(alice, invitation)
        emil.find('label', 'Alice wants to chat', OPENING_S)
        emil.click('push button', ' Accept')
        alice.find('list item', 'Emil')
        assert invitation not in emil.log.read_text() + alice.log.read_text()
    finally:
        emil.end()


def of_no_use(alice, pictures):
    """Read where they were pasted."""
    for invitation, words in (
            (EXPIRED, 'This invitation has expired. Ask your peer for a new one.'),
            (NEWER, 'Made by a newer version.')):
        enter(alice, invitation)
        alice.find('alert', words)
        ask_nothing(alice)
        alice.shoot(pictures / 'chat-of-no-use.png')


def fail(build, home, pictures):
    port_in_use(build, home, pictures)
    alice = Person(build, home / 'alice', 'Alice', tour.free_ports(1)[0])
    try:
        alice.place(0, 0, 640, 700)
        name_not_found(alice, pictures)
        of_no_use(alice, pictures)
        wrong_passphrase(build, home, alice, pictures)
        wrong_key(build, home, alice, pictures)
        forgotten(build, home, alice, pictures)
        assert not alice.complaints(), alice.complaints()
    except person.Lost:
        person.run('import', '-window', 'root', str(pictures / 'lost.png'))
        raise
    finally:
        alice.end()


def main(build, pictures):
    pictures = pathlib.Path(pictures).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        fail(pathlib.Path(build).absolute(), pathlib.Path(home), pictures)
    print('each failure had its words')


if __name__ == '__main__':
    main(*sys.argv[1:])
