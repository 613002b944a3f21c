#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# progress.py: what the page of a chat that begins tells: where we are, how many
# addresses are tried, and which way it goes
#
# usage: progress.py BUILD-FOLDER PICTURE-FOLDER

import re
import socket
import struct
import threading

import company
import tour
from person import wait_for

PUBLIC = '203.0.113.1'
# RFC 8489, sections 5 and 14.2
BINDING_REQUEST, BINDING_SUCCESS, XOR_MAPPED_ADDRESS = 0x0001, 0x0101, 0x0020
MAGIC_COOKIE, IPV4 = 0x2112a442, 0x01

FOUND = re.compile(PUBLIC.replace('.', r'\.') + r':5001( · (\d+|< 1) ms)?')
TRYING = re.compile(r'Trying (\d+ addresses|1 address) · (\d+) packets? sent')
WAITING = re.compile(r'Has your peer pasted your invitation\? \d+:\d\d')
CONNECTED = re.compile(r'Direct · IPv[46] · (\d+|< 1) ms\nWaiting until your peer accepts')


class Server:
    """A STUN server that sees everybody behind one NAT."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(('127.0.0.1', 0))
        self.name = f'127.0.0.1:{self._socket.getsockname()[1]}'
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        mapped = struct.pack('!xBHI', IPV4, 5001 ^ MAGIC_COOKIE >> 16, MAGIC_COOKIE
                             ^ struct.unpack('!I', socket.inet_aton(PUBLIC))[0])
        attribute = struct.pack('!HH', XOR_MAPPED_ADDRESS, len(mapped)) + mapped
        while True:
            data, sender = self._socket.recvfrom(2048)
            if len(data) >= 20 and struct.unpack('!H', data[:2])[0] == BINDING_REQUEST:
                header = struct.pack('!HH', BINDING_SUCCESS, len(attribute)) + data[4:20]
                self._socket.sendto(header + attribute, sender)


def read(each, words):
    """What stands somewhere and is just like `words`."""
    return wait_for(f'{words.pattern} of {each.name}', lambda: next(
        filter(None, (words.fullmatch(name) for name in each.names('label'))), None))


def enter(caller, where):
    caller.write('Invitation or address', where)
    caller.click('push button', 'Connect')


def nobody_answers(alice, pictures):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(('127.0.0.1', 0))
        enter(alice, f'127.0.0.1:{silent.getsockname()[1]}')
        assert read(alice, FOUND)
        read(alice, WAITING)
        first = read(alice, TRYING)
        assert first[1] == '1 address', first
        wait_for('more packets', lambda: int(read(alice, TRYING)[2]) > int(first[2]))
        alice.find('list item', 'Finding your public address: done')
        for name in ('Waiting for your peer', 'Opening a path'):
            alice.find('list item', f'{name}: in progress')
        alice.find('list item', 'Securing the connection: not started')
        alice.shoot(pictures / 'chat-progress.png')
        tour.audit(alice)
        alice.press('Escape')
        wait_for('the chat to be cancelled', lambda: not alice.names('list item'))


def somebody_answers(alice, bob, pictures):
    enter(alice, tour.invitation_of(bob))
    bob.find('label', 'Alice wants to chat')
    assert read(alice, CONNECTED)
    for name in ('Waiting for your peer', 'Opening a path', 'Securing the connection'):
        alice.find('list item', f'{name}: done')
    alice.shoot(pictures / 'chat-progress-connected.png')
    bob.click('push button', 'Accept')
    tour.say(alice, bob, 'There you are')


def no_server_answers(carol, pictures):
    """The other ways go on all the same."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(('127.0.0.1', 0))
        enter(carol, f'127.0.0.1:{silent.getsockname()[1]}')
        carol.find('list item', 'Finding your public address: failed')
        carol.find('label', 'The STUN servers did not answer')
        carol.shoot(pictures / 'chat-progress-no-stun.png')


def go_through(company):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(('127.0.0.1', 0))
        server = Server()
        nobody = f'127.0.0.1:{silent.getsockname()[1]}'
        alice, bob, carol = (
            company.add(name, more=['--stun', stun])
            for name, stun in (('Alice', server.name), ('Bob', server.name), ('Carol', nobody)))
        nobody_answers(alice, company.pictures)
        somebody_answers(alice, bob, company.pictures)
        no_server_answers(carol, company.pictures)


if __name__ == '__main__':
    company.main(go_through, 'each step was told of')
