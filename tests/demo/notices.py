#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# notices.py: somebody who looks elsewhere is told of a request and of a message,
# and a click on what tells so opens the chat; what was read goes by itself
#
# usage: notices.py BUILD-FOLDER PICTURE-FOLDER

import company
import tour
from person import Atspi, has_state, wait_for
from gi.repository import Gio, GLib

NAME, PATH = 'org.freedesktop.Notifications', '/org/freedesktop/Notifications'
INTERFACE = f'''
<node><interface name="{NAME}">
  <method name="Notify">
    <arg direction="in" type="s"/><arg direction="in" type="u"/>
    <arg direction="in" type="s"/><arg direction="in" type="s"/>
    <arg direction="in" type="s"/><arg direction="in" type="as"/>
    <arg direction="in" type="a{{sv}}"/><arg direction="in" type="i"/>
    <arg direction="out" type="u"/>
  </method>
  <method name="CloseNotification"><arg direction="in" type="u"/></method>
  <method name="GetCapabilities"><arg direction="out" type="as"/></method>
  <method name="GetServerInformation">
    <arg direction="out" type="s"/><arg direction="out" type="s"/>
    <arg direction="out" type="s"/><arg direction="out" type="s"/>
  </method>
</interface></node>'''
ANSWERS = {
    'CloseNotification': None,
    'GetCapabilities': GLib.Variant('(as)', (['body', 'actions'],)),
    'GetServerInformation': GLib.Variant('(ssss)', ('notices', 'tests', '1', '1.2')),
}


class Desktop:
    """What shows notifications."""

    def __init__(self):
        self.shown = []
        self.closed = []
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
        self.bus.register_object(PATH, node.interfaces[0], self._called, None, None)
        Gio.bus_own_name_on_connection(self.bus, NAME, Gio.BusNameOwnerFlags.NONE, None, None)

    def _called(self, _bus, sender, _path, _interface, method, parameters, invocation):
        if method == 'CloseNotification':
            self.closed.append(parameters.unpack()[0])
        if method != 'Notify':
            invocation.return_value(ANSWERS[method])
            return
        _, replaced, _, title, body, actions, _, _ = parameters.unpack()
        # The number stays when the words change.
        number = replaced or len(self.shown) + 1
        self.shown.append((number, title, body, actions, sender))
        invocation.return_value(GLib.Variant('(u)', (number,)))

    def wait(self, title, body):
        return wait_for(f'the notification “{title}: {body}”', lambda: next(
            (each for each in self.shown if each[1:3] == (title, body)), None))

    def click(self, notification):
        number, _, _, actions, sender = notification
        assert 'default' in actions, actions
        self.bus.emit_signal(sender, PATH, NAME, 'ActionInvoked',
                             GLib.Variant('(us)', (number, 'default')))


def turn_away(alice, bob):
    """To what is no chat, and to another window then."""
    bob.press('ctrl+n')
    wait_for('Bob to leave the chat', lambda: not bob.look(
        'list item', '', lambda row: has_state(row, Atspi.StateType.SELECTED)))
    take_focus(alice, bob)


def take_focus(alice, bob):
    """Only whose window has none is told of what comes next."""
    alice.press('Shift_L')
    wait_for('Bob to look elsewhere', lambda: not bob.look(
        'frame', '', lambda frame: has_state(frame, Atspi.StateType.ACTIVE)))


def be_told(desktop, alice, bob):
    alice.press('ctrl+n')
    turn_away(alice, bob)
    alice.write('Invitation or address', tour.invitation_of(bob))
    alice.click('push button', 'Connect')
    request = desktop.wait('Alice', 'Wants to chat with you')
    assert 'default' in request[3], request
    bob.click('push button', 'Accept')
    wait_for('what was answered to go', lambda: request[0] in desktop.closed)
    alice.find('text', 'Message')
    turn_away(alice, bob)
    alice.write('Message', 'Are you there?')
    alice.press('Return')
    message = desktop.wait('Alice', 'Are you there?')
    bob.find('list item', 'Alice, 1 new message')
    desktop.click(message)
    # There is no window manager that would hand the focus over.
    bob.press('Shift_L')
    wait_for('the message to be read', lambda: 'Alice, 1 new message'
             not in bob.names('list item'))


def read_it(desktop, alice, bob):
    """What one has read in the window isn't told of any longer."""
    for leave, keys_to_return in ((turn_away, 'alt+1'), (take_focus, 'Shift_L')):
        leave(alice, bob)
        alice.write('Message', 'And now?')
        alice.press('Return')
        told = desktop.wait('Alice', 'And now?')
        assert told[0] not in desktop.closed, desktop.closed
        bob.find('list item', 'Alice, 1 new message')
        bob.press(keys_to_return)
        wait_for('what was read to go', lambda: told[0] in desktop.closed)
        desktop.shown.remove(told)
        desktop.closed.remove(told[0])


def look_elsewhere(everybody):
    desktop = Desktop()
    alice, bob = (everybody.add(name, notifications=True) for name in ('Alice', 'Bob'))
    be_told(desktop, alice, bob)
    read_it(desktop, alice, bob)


if __name__ == '__main__':
    company.main(look_elsewhere, 'the one who looked elsewhere was told')
