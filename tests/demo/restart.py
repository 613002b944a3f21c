#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# restart.py: Bob ends his program and starts it again; Alice reads that he has
# left, and the chat goes on where it was, whoever of the two calls
#
# usage: restart.py BUILD-FOLDER PICTURE-FOLDER

import pathlib
import sys
import tempfile

import person
import tour
from person import Person, wait_for


def end(alice, bob):
    assert bob.leave() == 0
    alice.find('alert', 'Your peer has left.')
    assert not bob.complaints(), bob.complaints()


def are_connected(*people):
    for each in people:
        wait_for(f'{each.name} to be connected', lambda each=each: any(
            name.startswith('Direct · ') for name in each.names('label')))


def alice_calls(alice, bob):
    """Bob's new life knows her by name, but has promised nothing."""
    alice.click('push button', ' Reconnect')
    bob.find('label', 'Alice wants to chat')
    bob.click('push button', ' Accept')
    are_connected(alice, bob)
    tour.say(alice, bob, 'You are back')
    # What was said before is still there at her side.
    alice.find('list item', ': Before the first restart. Delivered')


def bob_calls(alice, bob, port):
    """She goes on without being asked: it is the same key in the same chat."""
    bob.write('Invitation or address', f'127.0.0.1:{port}')
    bob.click('push button', ' Connect')
    are_connected(alice, bob)
    tour.say(bob, alice, 'It is me again')
    tour.say(alice, bob, 'I see')


def main(build, pictures):
    build, pictures = pathlib.Path(build).absolute(), pathlib.Path(pictures).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    ports = tour.free_ports(2)
    people = []

    def start(name, port):
        people.append(Person(build, home / name, name, port))
        return people[-1]

    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        try:
            alice, bob = start('Alice', ports[0]), start('Bob', ports[1])
            tour.meet(alice, bob, pictures)
            tour.say(alice, bob, 'Before the first restart')
            end(alice, bob)
            bob = start('Bob', ports[1])
            alice_calls(alice, bob)
            end(alice, bob)
            bob = start('Bob', ports[1])
            bob_calls(alice, bob, ports[0])
            end(alice, bob)
            assert alice.leave() == 0
            assert not alice.complaints(), alice.complaints()
        except person.Lost:
            person.run('import', '-window', 'root', str(pictures / 'lost.png'))
            raise
        finally:
            for each in people:
                each.end()
    print('the chat went on twice')


if __name__ == '__main__':
    main(*sys.argv[1:])
