#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# decoder.py: opens what goes over the wire, by docs/protocol.md alone
#
# usage: decoder.py CAPTURE KEYLOG    prints what is in each packet
#
# Nothing here is shared with the library: it is written from the page, to see
# that the page says all. CAPTURE is a pcap file, KEYLOG what SRUDP_KEYLOG=FILE
# made the library write. What takes the secrets of a side is in handshake.py.

import hashlib
import hmac
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

PROLOGUE = b'srudp wire 1'


class Malformed(Exception):
    """Something that the page doesn't allow."""


# --- Small things ------------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise Malformed('ends early')
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), 'big')

    def varint(self):
        first = self.number(1)
        n = (1 << (first >> 6)) - 1
        return int.from_bytes(bytes([first & 0x3f]) + self.take(n), 'big')

    def rest(self):
        return self.take(len(self.data) - self.at)

    def is_done(self):
        return self.at == len(self.data)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(secret, label, n):
    """HKDF-Expand (RFC 5869) of up to 32 bytes."""
    return mac(secret, label + b'\1')[:n]


def noise_hkdf(chaining_key, data, n):
    key, outputs = mac(chaining_key, data), [b'']
    for i in range(1, n + 1):
        outputs.append(mac(key, outputs[-1] + bytes([i])))
    return outputs[1:]


# --- Noise_XXpsk3_25519_ChaChaPoly_SHA256, as somebody who reads along --------

class Noise:
    def __init__(self):
        self.hash = hashlib.sha256(b'Noise_XXpsk3_25519_ChaChaPoly_SHA256').digest()
        self.chaining_key, self.key, self.n = self.hash, None, 0
        self.mix_hash(PROLOGUE)

    def mix_hash(self, data):
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, data):
        self.chaining_key, self.key = noise_hkdf(self.chaining_key, data, 2)
        self.n = 0

    def mix_e(self, e):
        """In a handshake with a psk e goes into the key, too."""
        self.mix_hash(e)
        self.mix_key(e)

    def open(self, sealed):
        nonce = bytes(4) + struct.pack('<Q', self.n)
        plain = ChaCha20Poly1305(self.key).decrypt(nonce, sealed, self.hash)
        self.n += 1
        self.mix_hash(sealed)
        return plain


# --- Handshake packets -------------------------------------------------------

def read_entries(reader):
    entries = {}
    while not reader.is_done():
        key = reader.varint()
        entries[key] = reader.take(reader.varint())
    return entries


def read_fields(reader):
    fields = {'versions': (reader.number(1), reader.number(1)), 'protocol': reader.take(16),
              'id': reader.take(8), 'ciphers': reader.number(1), 'commitment': reader.take(32)}
    fields['share'] = reader.take(32) if reader.number(1) & 1 else None
    return fields


def read_hello(packet):
    """What is in it, with the state of Noise that follows."""
    if len(packet) != 400 or packet[0] != 0xc1:
        raise Malformed('no HELLO')
    n = int.from_bytes(packet[1:3], 'big')
    if not 48 <= n <= 369 or any(packet[3 + n:372]):
        raise Malformed('padding')
    e, noise = packet[3:35], Noise()
    noise.mix_e(e)
    payload = noise.open(packet[35:3 + n])
    reader = Reader(payload)
    hello = {'e': e, 'noise': noise, 'hash': hashlib.sha256(packet[:372]).digest(),
             'peer_tag': reader.take(16), 'invitation_tag': reader.take(16),
             'tagged': payload[32:], 'fields': read_fields(reader)}
    read_entries(reader)
    return hello


def open_cookie(packet, hello):
    key = expand(hello['hash'], b'srudp cookie', 32)
    return ChaCha20Poly1305(key).decrypt(packet[9:21], packet[21:], packet[:9])


# --- Transport packets -------------------------------------------------------

class Direction:
    """The keys of one direction; it follows the phases."""

    def __init__(self, secret, cipher):
        self.mask_key = expand(secret, b'srudp hp', 32)
        self.cipher = AESGCM if cipher == 'AES-256-GCM' else ChaCha20Poly1305
        self.largest, self.phase = -1, 0
        self.use(secret)

    def use(self, secret):
        self.secret, self.next = secret, expand(secret, b'srudp ku', 32)

    def mix(self, dh, n, share_a, share_b):
        data = dh + struct.pack('>Q', n) + min(share_a, share_b) + max(share_a, share_b)
        self.next = noise_hkdf(self.next, data, 1)[0]

    def expand_number(self, low, n):
        """The number next to the expected one that ends like this."""
        window = 1 << 8 * n
        least = max(0, self.largest + 2 - window // 2)
        return least + (low - least) % window

    def open(self, packet):
        """Returns the packet number and the frames."""
        if len(packet) < 29:
            raise Malformed('too short')
        mask = Cipher(algorithms.ChaCha20(self.mask_key, packet[13:29]),
                      mode=None).encryptor().update(bytes(5))
        first = packet[0] ^ mask[0] & 0x1f
        n = (first & 3) + 1
        low = bytes(a ^ b for a, b in zip(packet[9:9 + n], mask[1:]))
        number = self.expand_number(int.from_bytes(low, 'big'), n)
        flips = first >> 2 & 1 != self.phase & 1
        secret = self.next if flips else self.secret
        nonce = int.from_bytes(expand(secret, b'srudp iv', 12), 'big') ^ number
        frames = self.cipher(expand(secret, b'srudp key', 32)).decrypt(
            nonce.to_bytes(12, 'big'), packet[9 + n:], bytes([first]) + packet[1:9] + low)
        if first & 0x18:
            raise Malformed('reserved bits')
        if flips:
            self.phase += 1
            self.use(secret)
        self.largest = max(self.largest, number)
        return number, frames


# What follows the type of a frame: v a varint, * the rest, + a length and so many
# bytes, @ an address, a digit 4 times so many bytes.
FRAMES = {0x00: '', 0x01: '', 0x02: 'vvvv', 0x03: 'vvvv', 0x04: 'vvv', 0x05: 'vv',
          0x08: 'v*', 0x0a: 'v+', 0x0c: 'vv*', 0x0e: 'vv+', 0x10: 'v', 0x11: 'vv', 0x12: 'v',
          0x14: 'v', 0x15: 'vv', 0x16: 'v', 0x18: 'vv2', 0x19: 'v', 0x1a: '2', 0x1b: '2',
          0x1d: 'v+', 0x1e: '', 0x1f: '', 0x30: '*', 0x31: '+', 0x40: 'v@', 0x41: 'v@',
          0x42: 'v', 0x43: '9', 0x44: 'v8', 0x45: '8', 0xaf: 'vvvv'}
FRAMES |= {kind | 1: FRAMES[kind] for kind in (0x08, 0x0a, 0x0c, 0x0e)}
ACK, ACK_ECN, NEW_CONNECTION_ID, INTRODUCE, KEY_SHARE = 0x02, 0x03, 0x18, 0x43, 0x44


def read_field(reader, form):
    if form == 'v':
        return reader.varint()
    if form == '*':
        return reader.rest()
    if form == '+':
        return reader.take(reader.varint())
    if form == '@':
        return reader.take({4: 4, 6: 16}[reader.number(1)]), reader.number(2)
    return reader.take(4 * int(form))


def read_frames(payload):
    """A list, of the type and what is in it for each; without PADDING."""
    reader, frames = Reader(payload), []
    while not reader.is_done():
        kind = reader.varint()
        if kind not in FRAMES:
            raise Malformed(f'frame {kind:#x}')
        fields = [read_field(reader, form) for form in FRAMES[kind]]
        if kind in (ACK, ACK_ECN):
            fields += [reader.varint() for _ in range(2 * fields[2] + 3 * (kind == ACK_ECN))]
        elif kind == INTRODUCE:
            fields += [read_field(reader, '@') for _ in range(reader.number(1))]
        if kind != 0:
            frames.append((kind, fields))
    return frames


# --- A capture ---------------------------------------------------------------

class Session:
    """Both directions of one connection, from a line of the key log."""

    def __init__(self, initiator_id, responder_id, cipher, there, back):
        self.name = initiator_id.hex()
        self.there, self.back = (Direction(bytes.fromhex(s), cipher) for s in (there, back))
        self.ids = {responder_id: self.there, initiator_id: self.back}
        self.exchanges, self.shares = {}, {}

    def mix_when_ready(self):
        for n, dh in list(self.exchanges.items()):
            shares = self.shares.get(n, {})
            if len(shares) == 2 and self.there.phase == self.back.phase:
                for direction in (self.there, self.back):
                    direction.mix(dh, n, *shares.values())
                del self.exchanges[n]

    def open(self, packet):
        direction = self.ids[packet[1:9]]
        number, payload = direction.open(packet)
        frames = read_frames(payload)
        for kind, fields in frames:
            if kind == NEW_CONNECTION_ID:
                self.ids[fields[2]] = self.back if direction is self.there else self.there
            elif kind == KEY_SHARE:
                self.shares.setdefault(fields[0], {})[direction] = fields[1]
        self.mix_when_ready()
        return direction is self.there, number, frames


def read_key_log(lines):
    sessions = {}
    for line in lines:
        word, name, *rest = line.split()
        if word == 'SRUDP_SECRETS' and name not in sessions:
            sessions[name] = Session(bytes.fromhex(name), bytes.fromhex(rest[0]), *rest[1:])
        elif word == 'SRUDP_KEY_SHARE':
            sessions[name].exchanges[int(rest[0])] = bytes.fromhex(rest[1])
    return list(sessions.values())


def read_pcap(file):
    """UDP payloads of a capture of raw IP packets, or of Ethernet."""
    order = '<' if file.read(4) == b'\xd4\xc3\xb2\xa1' else '>'
    link = {1: 14, 101: 0}[struct.unpack(order + '16xI', file.read(20))[0]]
    while head := file.read(16):
        packet = file.read(struct.unpack(order + '8xI4x', head)[0])[link:]
        if packet[0] >> 4 == 4 and packet[9] == 17:
            yield packet[(packet[0] & 15) * 4 + 8:]
        elif packet[0] >> 4 == 6 and packet[6] == 17:
            yield packet[48:]


KINDS = {0xc1: 'HELLO', 0xc2: 'message 2', 0xc3: 'message 3', 0xc4: 'COOKIE', 0xc5: 'REJECT'}


def decode(datagrams, sessions):
    """Yields the kind of each datagram, and what can be read of it: of HELLO all, of a
    packet its session, whether the initiator sent it, its number and its frames."""
    for packet in datagrams:
        if packet[0] >= 0xc0:
            hello = read_hello(packet) if packet[0] == 0xc1 else None
            yield KINDS.get(packet[0], 'unknown'), hello
        elif packet[0] >= 0x40:
            session = next((s for s in sessions if packet[1:9] in s.ids), None)
            try:
                yield 'packet', session and (session, *session.open(packet))
            except InvalidTag:
                yield 'packet', None


def main():
    with open(sys.argv[2], encoding='ascii') as file:
        sessions = read_key_log(file)
    with open(sys.argv[1], 'rb') as file:
        for kind, content in decode(read_pcap(file), sessions):
            if kind != 'packet':
                print(kind)
            elif content is None:
                print('packet that cannot be opened')
            else:
                session, there, number, frames = content
                print('packet', session.name, '->' if there else '<-', number,
                      *(f'{kind:#x}' for kind, _ in frames))


if __name__ == '__main__':
    main()
