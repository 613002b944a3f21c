#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# nats.py: people at home, each behind a NAT, with a session of their own: both
# paste the other's invitation. Where their NATs allow it they chat, and go on
# when a router changes its mind; where not, they read why.
#
# usage: nats.py BUILD-FOLDER PICTURE-FOLDER

import contextlib
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'network'))

import company  # noqa: E402
import files  # noqa: E402
import person  # noqa: E402
import tour  # noqa: E402
from gi.repository import Gio, GLib  # noqa: E402
from lab import Lab, Unavailable, end_on_signals, require  # noqa: E402
from person import wait_for, within  # noqa: E402

MAX_MEETING_S = 10
# The page waits some time before it gives up hope.
HOPE_S = 3 * person.PATIENCE_S
# Under way for ten seconds
FILE_BYTES, LINE_KBYTES = 20 * 1000 * 1000, 2000
CHANGE_AFTER_BYTES = 1000 * 1000


def accessibility_bus():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    return bus.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None,
                         GLib.VariantType('(s)'), Gio.DBusCallFlags.NONE, -1, None).unpack()[0]


@contextlib.contextmanager
def session():
    """A session bus; what it shows to assistive technology we see all the same."""
    daemon = subprocess.Popen(['dbus-daemon', '--session', '--nofork', '--print-address'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield {'DBUS_SESSION_BUS_ADDRESS': daemon.stdout.readline().strip(),
               'AT_SPI_BUS_ADDRESS': accessibility_bus()}
    finally:
        daemon.kill()
        daemon.wait()
        daemon.stdout.close()


class Town:
    """Sites around an internet, and who lives there; a context manager."""

    def __init__(self):
        self.people = None
        self._stack = contextlib.ExitStack()
        self._lab = self._stack.enter_context(Lab())
        self._servers = ','.join(self._lab.start_stun())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def add(self, name, mode, **options):
        """(who of the company lives there, the site)"""
        site = self._lab.add(mode, **options)
        environment = self._stack.enter_context(session())
        who = self.people.add(name, site.new_port(), more=('--stun', self._servers),
                              environment=environment,
                              within=('ip', 'netns', 'exec', site.host))
        return who, site


def settled(who, words):
    """Once they know where they are: their invitation."""
    try:
        wait_for(f'{who.name} to know where they are', lambda: any(
            words in name for name in who.names('status bar')), 2 * person.PATIENCE_S)
    except person.Lost as lost:
        raise person.Lost(f'{lost}: {who.names("status bar")}') from lost
    return tour.invitation_of(who)


def paste(who, invitation):
    who.write('Invitation or address', invitation)
    who.click('push button', 'Connect')


def is_connected(who):
    return any(name.startswith('Direct · ') for name in who.names('label'))


def meet(town, pictures, alice_mode):
    alice, _ = town.add('Alice', alice_mode, delay_ms=20, kbytes_per_second=LINE_KBYTES)
    bob, site = town.add('Bob', 'cone')
    invitations = [settled(each, 'Reachable from outside as 203.0.113.')
                   for each in (alice, bob)]
    paste(alice, invitations[1])
    alice.find('label', 'Waiting for your peer')
    began = time.monotonic()
    paste(bob, invitations[0])
    for each in (alice, bob):
        wait_for(f'{each.name} to be connected', lambda: is_connected(each), look_again_s=0.02)
    took = time.monotonic() - began
    assert took <= within(MAX_MEETING_S), took
    tour.say(alice, bob, 'No server in between')
    tour.say(bob, alice, 'And two routers that let nobody in')
    bob.shoot(pictures / 'chat-through-nats.png')
    company.tell_figure(f'through two NATs: connected {took:.1f} s after the second paste')
    return alice, bob, site


def send_through_a_change(town, alice, bob, change):
    """In the middle of a file, Bob's router changes its mind."""
    home = town.people.home
    downloads = home / 'Bob' / 'downloads'
    path = files.make_file(home / 'moving.bin', FILE_BYTES)
    alice.send_file(path)
    bob.click('push button', 'Accept File')
    there = wait_for('some of the file', lambda: (
        size if (size := files.size_of_part(downloads, path.name)) > CHANGE_AFTER_BYTES
        else 0), look_again_s=0.005)
    change()
    assert there < FILE_BYTES and not (downloads / path.name).exists(), 'it was too quick'
    alice.find('list item', f'file {path.name}. Delivered', 2 * person.PATIENCE_S)
    bob.find('list item', f'file {path.name}. Received')
    assert files.same(path, downloads / path.name)
    tour.say(bob, alice, 'All there, and nothing was noticed')
    for each in (alice, bob):
        assert not [name for name in each.names('alert') if 'left' in name], 'connected anew'
    print(f'the NAT changed after {there} of {FILE_BYTES} bytes')


def chat(town, pictures):
    """Nothing gets in that was not asked; the router forgets who was."""
    alice, bob, site = meet(town, pictures, 'cone')
    send_through_a_change(town, alice, bob, site.flush)


def move(town, pictures):
    """Bob is seen at another port from then on: only that of the address is
    asked for at the other side."""
    alice, bob, site = meet(town, pictures, 'restricted')
    send_through_a_change(town, alice, bob, site.rebind_port)


def read_why(who, title, words, picture):
    who.find('label', title, HOPE_S)
    who.find('label', words)
    for button in ('Try Again', 'Back'):
        who.find('push button', button)
    who.shoot(picture)
    tour.audit(who)


def fail(town, pictures):
    """Two who can't find each other, and one from whose network nothing gets out."""
    sam, _ = town.add('Sam', 'symmetric')
    sue, _ = town.add('Sue', 'symmetric')
    ursula, _ = town.add('Ursula', 'blocked')
    otto, _ = town.add('Otto', 'open')
    hard = [settled(each, 'Your router gives every peer another port') for each in (sam, sue)]
    silent = settled(ursula, 'the STUN servers did not answer')
    known = settled(otto, 'Reachable from outside as 198.51.100.')
    paste(sam, hard[1])
    paste(sue, hard[0])
    paste(ursula, known)
    paste(otto, silent)
    for each in (sam, sue):
        read_why(each, 'No Path Found',
                 'Your router gives every peer another port. Let one of you forward UDP '
                 f'port {each.port}, or use another network.', pictures / 'chat-no-path.png')
    read_why(ursula, 'No Public Address',
             'The STUN servers did not answer. UDP may be blocked in this network. '
             'Chats in the local network still work.', pictures / 'chat-no-address.png')
    # Nothing is wrong with this one's network, and a person may be late.
    otto.find('label', 'Waiting for your peer')
    print('those who can’t meet read why')


def main(build, pictures):
    build, pictures = company.folders(build, pictures)
    end_on_signals()
    try:
        require('turnserver')
    except Unavailable as reason:
        print(f'skipped: {reason}')
        return 77
    for part in (fail, chat, move):
        # The sessions in town last longer than those who live in them.
        with Town() as town, company.company(build, pictures) as town.people:
            part(town, pictures)
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
