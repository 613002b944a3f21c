# SPDX-License-Identifier: MIT
#
# handshake.py: reads handshakes with the secrets of a side, by docs/protocol.md
#
# No capture and no key log tells these: neither the private keys that messages 2
# and 3 are sealed with, nor what tags and the psk are made of.

import hashlib

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from decoder import Reader, expand, mac, noise_hkdf, read_entries, read_fields


def multiply(secret, point):
    return X25519PrivateKey.from_private_bytes(secret).exchange(
        X25519PublicKey.from_public_bytes(point))


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw)


def make_tag(kind, key, hello):
    return hashlib.blake2b(bytes([kind]) + hello['e'] + hello['tagged'], key=key,
                           digest_size=16).digest()


def make_psk(invitation, cpace_key):
    text = b''.join(bytes([len(secret)]) + secret for secret in (invitation, cpace_key))
    return expand(mac(b'srudp psk', text), b'srudp psk', 32)


def noise_part(packet):
    """Of messages 2 and 3."""
    return packet[37:]


def read_payload(payload):
    reader = Reader(payload)
    return {'fields': read_fields(reader), 'named': reader.take(32),
            'params': read_entries(reader)}


def read_message_2(packet, noise, initiator_ephemeral_secret):
    """<- e, ee, s, es"""
    part = noise_part(packet)
    e = part[:32]
    noise.mix_e(e)
    noise.mix_key(multiply(initiator_ephemeral_secret, e))
    s = noise.open(part[32:80])
    noise.mix_key(multiply(initiator_ephemeral_secret, s))
    return {'e': e, 's': s, 'hash': hashlib.sha256(part).digest(),
            **read_payload(noise.open(part[80:]))}


def read_first_half(packet, noise, responder_ephemeral_secret):
    """Of message 3: -> s, se; what a REJECT takes its key from."""
    s = noise.open(noise_part(packet)[:48])
    noise.mix_key(multiply(responder_ephemeral_secret, s))
    return s


def read_second_half(packet, noise, psk):
    noise.chaining_key, middle, noise.key = noise_hkdf(noise.chaining_key, psk, 3)
    noise.n = 0
    noise.mix_hash(middle)
    return read_payload(noise.open(noise_part(packet)[48:]))


def open_reject(packet, chaining_key, message_3):
    key = expand(mac(chaining_key, noise_part(message_3)), b'srudp reject', 32)
    return ChaCha20Poly1305(key).decrypt(bytes(12), packet[9:], packet[:9])[0]
