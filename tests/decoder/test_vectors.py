#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# test_vectors.py: docs/protocol.md says enough to read docs/vectors.json

import ctypes
import hashlib
import json
import os
import unittest
from unicodedata import normalize

import decoder
import handshake

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def leb128(n):
    return bytes([n]) if n < 0x80 else bytes([n & 0x7f | 0x80]) + leb128(n >> 7)


def with_length(*parts):
    return b''.join(leb128(len(part)) + part for part in parts)


class Ristretto:
    """Multiplication on ristretto255, the one thing that Python lacks."""

    def __init__(self):
        self.sodium = ctypes.CDLL('libsodium.so.23')

    def from_hash(self, digest):
        point = ctypes.create_string_buffer(32)
        self.sodium.crypto_core_ristretto255_from_hash(point, digest)
        return point.raw

    def multiply(self, scalar, point):
        product = ctypes.create_string_buffer(32)
        if self.sodium.crypto_scalarmult_ristretto255(product, scalar, point) != 0:
            raise decoder.Malformed('no point')
        return product.raw


def cpace_generator(passphrase):
    name = b'CPaceRistretto255'
    padding = bytes(max(0, 128 - 1 - len(with_length(passphrase)) - len(with_length(name))))
    return hashlib.sha512(
        with_length(name, passphrase, padding, decoder.PROLOGUE, b'')).digest()


def cpace_key(scalar, own, peer):
    """`own` and `peer` are each a share and its associated data."""
    point = Ristretto().multiply(scalar, peer[0])
    parts = sorted((with_length(*own), with_length(*peer)), reverse=True)
    return hashlib.sha512(with_length(b'CPaceRistretto255_ISK', b'', point)
                          + b'oc' + b''.join(parts)).digest()


def make_short_code(handshake_hash, initiator_nonce, responder_nonce):
    bits = int.from_bytes(decoder.mac(handshake_hash, b'srudp short code' + initiator_nonce
                                      + responder_nonce), 'big') >> 256 - 42
    return bytes(bits >> 36 - 6 * i & 63 for i in range(7))


class Vectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(SOURCE, 'docs', 'vectors.json'), encoding='ascii') as file:
            cls.vectors = {name: bytes.fromhex(value) for name, value in json.load(file).items()}

    def __getattr__(self, name):
        if name.startswith('_') or name not in self.vectors:
            raise AttributeError(name)
        return self.vectors[name]

    def shake_hands(self):
        """Reads along with the secrets of both sides."""
        hello = decoder.read_hello(self.hello)
        noise = hello['noise']
        seen = {'hello': hello}
        seen['message_2'] = handshake.read_message_2(self.message_2, noise,
                                                     self.initiator_ephemeral_secret)
        seen['initiator_key'] = handshake.read_first_half(self.message_3, noise,
                                                          self.responder_ephemeral_secret)
        seen['reject'] = handshake.open_reject(self.reject_2, noise.chaining_key, self.message_3)
        seen['message_3'] = handshake.read_second_half(self.message_3, noise, self.psk)
        return noise, seen

    def test_hello(self):
        hello = decoder.read_hello(self.hello)
        self.assertEqual(hello['e'], handshake.public(self.initiator_ephemeral_secret))
        key = handshake.multiply(self.initiator_static_secret,
                                 handshake.public(self.responder_static_secret))
        self.assertEqual(hello['peer_tag'], handshake.make_tag(1, key, hello))
        self.assertEqual(hello['invitation_tag'],
                         handshake.make_tag(2, self.invitation_secret, hello))
        self.assertEqual(hello['fields']['protocol'],
                         hashlib.sha256(b'org.example.Vectors/1').digest()[:16])
        self.assertEqual(hello['fields']['id'], b'\x11' * 8)

    def test_handshake(self):
        noise, seen = self.shake_hands()
        keys = {'initiator': seen['initiator_key'], 'responder': seen['message_2']['s']}
        for side, number in (('initiator', 3), ('responder', 2)):
            key = handshake.public(self.vectors[f'{side}_static_secret'])
            self.assertEqual(keys[side], key)
            self.assertEqual(seen[f'message_{number}']['params'][0x40],
                             hashlib.sha256(side.encode()).digest()[:16])
        self.assertEqual(seen['reject'], 2)
        self.assertEqual(noise.hash, self.handshake_hash)
        self.assertEqual(decoder.noise_hkdf(noise.chaining_key, b'', 2),
                         [self.initiator_direction_secret, self.responder_direction_secret])

    def test_psk(self):
        _, seen = self.shake_hands()
        generator = Ristretto().from_hash(cpace_generator(
            normalize('NFC', self.passphrase.decode()).encode()))
        shares = {}
        for side, message in (('initiator', 'hello'), ('responder', 'message_2')):
            shares[side] = seen[message]['fields']['share']
            self.assertEqual(shares[side], Ristretto().multiply(
                self.vectors[f'{side}_cpace_scalar'], generator))
        there = shares['initiator'], seen['hello']['hash']
        back = shares['responder'], seen['message_2']['hash']
        for own, peer, scalar in ((there, back, self.initiator_cpace_scalar),
                                  (back, there, self.responder_cpace_scalar)):
            self.assertEqual(self.psk, handshake.make_psk(self.invitation_secret,
                                                          cpace_key(scalar, own, peer)))

    def test_cookie(self):
        hello = decoder.read_hello(self.hello)
        self.assertEqual(decoder.open_cookie(self.cookie_packet, hello), self.cookie)

    def test_packets(self):
        there, back = (decoder.Direction(secret, 'ChaCha20-Poly1305') for secret in
                       (self.initiator_direction_secret, self.responder_direction_secret))
        ping = b'\1' + bytes(19)
        self.assertEqual(there.open(self.initiator_packet_0), (0, ping))
        self.assertEqual(back.open(self.responder_packet_0), (0, ping))
        self.assertEqual(there.open(self.initiator_packet_1_after_update), (1, ping))

    def renew_keys(self):
        """Both directions, as they are once the shares have been exchanged."""
        directions = [decoder.Direction(secret, 'ChaCha20-Poly1305') for secret in
                      (self.initiator_direction_secret, self.responder_direction_secret)]
        shares = []
        for direction, packet in zip(directions, (self.initiator_packet_2_key_share,
                                                  self.responder_packet_1_key_share)):
            [(kind, (generation, share))] = decoder.read_frames(direction.open(packet)[1])
            self.assertEqual((kind, generation), (decoder.KEY_SHARE, 1))
            shares.append(share)
        for direction in directions:
            direction.mix(self.key_share_dh, 1, *shares)
        return directions

    def test_key_share(self):
        there, _ = self.renew_keys()
        number, payload = there.open(self.initiator_packet_3_after_key_share)
        self.assertEqual((number, decoder.read_frames(payload)), (3, [(1, [])]))
        self.assertEqual(there.phase, 2)

    def test_short_code(self):
        _, seen = self.shake_hands()
        there, back = self.renew_keys()
        nonces = []
        for keys, packet, messages in (
                (there, self.initiator_packet_4_reveal, ('hello', 'message_3')),
                (back, self.responder_packet_2_reveal, ('message_2',))):
            [(kind, [nonce])] = decoder.read_frames(keys.open(packet)[1])
            self.assertEqual(kind, 0x45)
            for message in messages:
                self.assertEqual(seen[message]['fields']['commitment'],
                                 hashlib.sha256(b'srudp commitment' + nonce).digest())
            nonces.append(nonce)
        self.assertEqual(nonces, [self.initiator_nonce, self.responder_nonce])
        self.assertEqual(make_short_code(self.handshake_hash, *nonces), self.short_code)

    def test_spoilt_ones(self):
        secret = self.initiator_direction_secret
        for at in (0, 1, 9, 20, 45):
            packet = bytearray(self.initiator_packet_0)
            packet[at] ^= 1
            with self.subTest(at), self.assertRaises(decoder.InvalidTag):
                decoder.Direction(secret, 'ChaCha20-Poly1305').open(bytes(packet))


if __name__ == '__main__':
    unittest.main()
