#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# failures.py: what people read when it doesn't work: a name that does not exist,
# a port that is taken
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


def enter(caller, text):
    caller.write('Invitation or address', text)
    caller.click('push button', ' Connect')


def read_failure(caller, title, words, picture):
    """The page of the failure says so, and leads back."""
    caller.find('label', title, OPENING_S)
    caller.find('label', words)
    caller.find('push button', 'Try Again')
    caller.shoot(picture)
    tour.audit(caller)
    caller.press('ctrl+n')


def port_in_use(build, home, pictures):
    """Said where the port is, and one click from another one."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(('::', 0))
        port = taken.getsockname()[1]
        carol = Person(build, home / 'carol', 'Carol', port)
        try:
            person.wait_for('the words of the port', lambda: carol.look(
                'alert', f'Port {port} is in use by another program.', showing))
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


def fail(build, home, pictures):
    port_in_use(build, home, pictures)
    alice = Person(build, home / 'alice', 'Alice', tour.free_ports(1)[0])
    try:
        alice.place(0, 0, 640, 700)
        name_not_found(alice, pictures)
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
