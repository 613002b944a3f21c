#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# offers.py: the two windows of the demo are each other's offer: one key connects;
# and two who call each other from the start meet without being asked
#
# usage: offers.py BUILD-FOLDER PICTURE-FOLDER

import os
import pathlib
import signal
import subprocess
import tempfile

import company
import person
import tour
from person import Guest, wait_for

HERE = pathlib.Path(__file__).absolute().parent


def windows_of(program):
    """Who it has opened windows for, by their names."""
    found = {}
    children = pathlib.Path(f'/proc/{program.pid}/task/{program.pid}/children')
    for pid in children.read_text().split():
        try:
            words = pathlib.Path(f'/proc/{pid}/cmdline').read_text().split('\0')
        except (FileNotFoundError, ProcessLookupError):  # a helper that is done
            continue
        if '--offer' in words:
            options = dict(zip(words, words[1:]))
            found[options['--name']] = (int(pid), int(options['--port']))
    return found if len(found) == 2 else None


def offered_by(each, port):
    return each.find('label', f'Somebody to chat with is at 127.0.0.1:{port}.')


def take_the_offer(program, pictures):
    windows = wait_for('the two windows', lambda: windows_of(program))
    (alice, ours), (bob, theirs) = (
        (Guest(name, windows[name][0]), windows[name][1]) for name in ('Alice', 'Bob'))
    offered_by(alice, theirs)
    offered_by(bob, ours)
    alice.place(0, 0, 640, 700)
    alice.shoot(pictures / 'chat-offer.png')
    tour.audit(alice, bob)
    alice.press('Return')
    bob.find('label', 'Alice wants to chat')
    bob.click('push button', 'Accept')
    tour.say(alice, bob, 'That was one key')
    tour.say(bob, alice, 'And one click here')
    # Who calls has seen that the other one answers there: it has no offer left.
    bob.press('ctrl+n')
    offered_by(bob, ours)
    bob.click('push button', 'Chat')
    tour.say(bob, alice, 'Still the same chat')


def demo(build, pictures):
    """As ./dev demo does it where there is a display."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, TMPDIR=folder,
                           GSETTINGS_SCHEMA_DIR=str(build / 'demo-gtk' / 'data'))
        with subprocess.Popen([HERE / 'two-windows', build / 'demo-gtk' / 'srudp-chat',
                               # A test asks nobody outside.
                               '--stun', ''],
                              env=environment, stdin=subprocess.DEVNULL) as program:
            try:
                take_the_offer(program, pictures)
            finally:
                program.send_signal(signal.SIGTERM)
                program.wait(person.PATIENCE_S)
        assert not os.listdir(folder), os.listdir(folder)


def call_each_other(everybody):
    ports = company.free_ports(2)
    people = [everybody.add(name, port, more=['--connect', f'127.0.0.1:{other}'])
              for name, port, other in zip(('Carol', 'Dora'), ports, reversed(ports))]
    tour.say(*people, 'You were calling as well')


def offer(everybody):
    demo(everybody.build, everybody.pictures)
    call_each_other(everybody)


if __name__ == '__main__':
    company.main(offer, 'one key, and they chat')
