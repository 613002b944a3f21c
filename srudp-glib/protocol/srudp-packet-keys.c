/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-packet-keys.c: the protection of transport packets, in one direction
 */
#include "srudp-packet-keys.h"

#include <string.h>

#define FIXED_BITS_MASK 0xe0
#define FIXED_BITS 0x40
#define MASKED_BITS 0x1f /* of byte 0 */
#define RESERVED_BITS 0x18
#define PHASE_BIT 0x04
#define NUMBER_SIZE_BITS 0x03

/* RFC 9001, section 5.4.2: the sample is taken as if the number had 4 bytes. */
#define SAMPLE_OFFSET (SRUDP_PACKET_NUMBER_OFFSET + 4)

/* RFC 9001, section 6.6: forgeries that leave a negligible chance. */
#define FORGED_LIMIT_CHACHA20_POLY1305 (G_GUINT64_CONSTANT (1) << 36)
#define FORGED_LIMIT_AES_256_GCM (G_GUINT64_CONSTANT (1) << 52)

typedef struct
{
  SrudpAead aead;
  guint8 iv[SRUDP_AEAD_NONCE_BYTES];
} Phase;

/* The next phase's key is always ready, so that opening a packet takes as long
 * under it as under the current one (RFC 9001, section 9.5). The secrets of
 * phases that have begun are gone. Plain memory: locked pages are too scarce
 * for one object per connection and direction. */
struct _SrudpPacketKeys
{
  Phase current, next;
  Phase *previous; /* for a short while only, else NULL */
  guint8 next_secret[SRUDP_SHA256_BYTES];
  guint8 header_key[SRUDP_AEAD_KEY_BYTES]; /* one for all phases */
  SrudpCipher cipher;
  guint64 phase;
  guint64 sealed; /* in this phase */
  guint64 lowest_unused; /* packet number, in all phases */
  guint64 forged; /* in all phases */
  gboolean has_opened; /* in this phase */
  guint64 lowest_opened;
};

static void
derive_phase (Phase *phase, SrudpCipher cipher, const guint8 secret[SRUDP_SHA256_BYTES])
{
  guint8 key[SRUDP_AEAD_KEY_BYTES];

  srudp_hkdf_expand (key, sizeof key, secret, "srudp key");
  srudp_aead_init (&phase->aead, cipher, key);
  srudp_hkdf_expand (phase->iv, sizeof phase->iv, secret, "srudp iv");
  srudp_crypto_wipe (key, sizeof key);
}

static void
derive_next (SrudpPacketKeys *keys, const guint8 secret[SRUDP_SHA256_BYTES])
{
  srudp_hkdf_expand (keys->next_secret, sizeof keys->next_secret, secret, "srudp ku");
  derive_phase (&keys->next, keys->cipher, keys->next_secret);
}

SrudpPacketKeys *
srudp_packet_keys_new (SrudpCipher cipher, const guint8 secret[SRUDP_SHA256_BYTES])
{
  SrudpPacketKeys *keys = g_new0 (SrudpPacketKeys, 1);

  keys->cipher = cipher;
  srudp_hkdf_expand (keys->header_key, sizeof keys->header_key, secret, "srudp hp");
  derive_phase (&keys->current, cipher, secret);
  derive_next (keys, secret);

  return keys;
}

void
srudp_packet_keys_free (SrudpPacketKeys *keys)
{
  if (keys == NULL)
    return;

  srudp_packet_keys_drop_previous (keys);
  srudp_crypto_wipe (keys, sizeof *keys);
  g_free (keys);
}

void
srudp_packet_keys_set_phase (SrudpPacketKeys *keys, guint64 phase)
{
  keys->phase = phase;
}

SrudpCipher
srudp_packet_keys_get_cipher (const SrudpPacketKeys *keys)
{
  return keys->cipher;
}

guint64
srudp_packet_keys_get_sealed (const SrudpPacketKeys *keys)
{
  return keys->sealed;
}

guint64
srudp_packet_keys_get_forged (const SrudpPacketKeys *keys)
{
  return keys->forged;
}

guint64
srudp_packet_keys_get_phase (const SrudpPacketKeys *keys)
{
  return keys->phase;
}

gboolean
srudp_packet_keys_is_worn_out (const SrudpPacketKeys *keys)
{
  if (keys->cipher == SRUDP_CIPHER_AES_256_GCM)
    return keys->forged >= FORGED_LIMIT_AES_256_GCM;
  else
    return keys->forged >= FORGED_LIMIT_CHACHA20_POLY1305;
}

/* RFC 9001, section 5.3 */
static void
make_nonce (guint8 nonce[SRUDP_AEAD_NONCE_BYTES], const Phase *phase, guint64 packet_number)
{
  guint8 *last_bytes = nonce + SRUDP_AEAD_NONCE_BYTES - sizeof (guint64);
  guint64 value;

  memcpy (nonce, phase->iv, SRUDP_AEAD_NONCE_BYTES);
  memcpy (&value, last_bytes, sizeof value);
  value ^= GUINT64_TO_BE (packet_number);
  memcpy (last_bytes, &value, sizeof value);
}

/* The low bytes of a number, in network order. Behind them lies a payload, so
 * all four can be stored. */
static void
put_number (guint8 *out, guint32 number, gsize n_bytes)
{
  number = GUINT32_TO_BE (number << (32 - 8 * n_bytes));
  memcpy (out, &number, sizeof number);
}

gsize
srudp_packet_keys_write_header (const SrudpPacketKeys *keys,
                                guint8                *packet,
                                guint64                destination_id,
                                guint64                packet_number,
                                gint64                 largest_acked)
{
  gsize number_size = srudp_packet_number_size (packet_number, largest_acked);
  guint8 first = (guint8) (FIXED_BITS | (number_size - 1));

  if (keys->phase & 1)
    first |= PHASE_BIT;
  packet[0] = first;
  destination_id = GUINT64_TO_BE (destination_id);
  memcpy (packet + SRUDP_PACKET_ID_OFFSET, &destination_id, sizeof destination_id);
  put_number (packet + SRUDP_PACKET_NUMBER_OFFSET, (guint32) packet_number, number_size);

  return SRUDP_PACKET_NUMBER_OFFSET + number_size;
}

gsize
srudp_packet_keys_seal (SrudpPacketKeys *keys,
                        guint8          *packet,
                        gsize            header_size,
                        gsize            payload_size,
                        guint64          packet_number)
{
  guint8 *payload = packet + header_size;
  guint8 nonce[SRUDP_AEAD_NONCE_BYTES];
  guint8 mask[SRUDP_HEADER_MASK_BYTES];

  g_return_val_if_fail (header_size > SRUDP_PACKET_NUMBER_OFFSET &&
                        header_size <= SRUDP_PACKET_MAX_HEADER_BYTES, 0);
  g_return_val_if_fail (payload_size >= SRUDP_PACKET_MIN_PAYLOAD, 0);
  if (keys->sealed >= SRUDP_PACKETS_HARD_LIMIT || packet_number > SRUDP_PACKET_NUMBER_MAX)
    return 0;

  /* A nonce that is used twice gives away what it sealed. */
  g_assert (packet_number >= keys->lowest_unused);
  keys->lowest_unused = packet_number + 1;

  make_nonce (nonce, &keys->current, packet_number);
  srudp_aead_seal (&keys->current.aead, nonce, packet, header_size,
                   payload, payload_size, payload, payload + payload_size);
  keys->sealed++;

  srudp_header_mask (mask, keys->header_key, packet + SAMPLE_OFFSET);
  packet[0] ^= mask[0] & MASKED_BITS;
  for (gsize i = SRUDP_PACKET_NUMBER_OFFSET; i < header_size; i++)
    packet[i] ^= mask[1 + i - SRUDP_PACKET_NUMBER_OFFSET];

  return header_size + payload_size + SRUDP_AEAD_TAG_BYTES;
}

/* Fills in the header as it was before it was masked, and returns its size. */
static gsize
unmask_header (const SrudpPacketKeys *keys,
               const guint8          *packet,
               guint8                 header[SRUDP_PACKET_MAX_HEADER_BYTES],
               guint32               *truncated)
{
  guint8 mask[SRUDP_HEADER_MASK_BYTES];
  guint32 number, number_mask;
  gsize size;

  srudp_header_mask (mask, keys->header_key, packet + SAMPLE_OFFSET);
  memcpy (header, packet, SRUDP_PACKET_NUMBER_OFFSET);
  header[0] ^= mask[0] & MASKED_BITS;
  size = SRUDP_PACKET_NUMBER_OFFSET + 1 + (header[0] & NUMBER_SIZE_BITS);

  /* As if the number had all its bytes; those too many are cut off. */
  memcpy (&number, packet + SRUDP_PACKET_NUMBER_OFFSET, sizeof number);
  memcpy (&number_mask, mask + 1, sizeof number_mask);
  number ^= number_mask;
  memcpy (header + SRUDP_PACKET_NUMBER_OFFSET, &number, sizeof number);
  *truncated = GUINT32_FROM_BE (number) >> (8 * (SRUDP_PACKET_MAX_HEADER_BYTES - size));

  return size;
}

/* RFC 9001, section 6.3: a packet of the other phase bit is older than this
 * phase if its number is lower than any of this phase, else it is newer. NULL:
 * its keys are gone. */
static const Phase *
choose_phase (const SrudpPacketKeys *keys, gboolean bit, guint64 packet_number)
{
  if (bit == (gboolean) (keys->phase & 1))
    return &keys->current;
  if (keys->has_opened && packet_number > keys->lowest_opened)
    return &keys->next;
  if (keys->previous != NULL)
    return keys->previous;
  return keys->has_opened ? NULL : &keys->next;
}

SrudpOpenResult
srudp_packet_keys_open (SrudpPacketKeys   *keys,
                        guint8            *packet,
                        gsize              size,
                        gint64             largest,
                        SrudpOpenedPacket *opened)
{
  guint8 header[SRUDP_PACKET_MAX_HEADER_BYTES];
  guint8 nonce[SRUDP_AEAD_NONCE_BYTES];
  const Phase *phase;
  guint32 truncated;
  guint64 number;
  gsize header_size, payload_size;
  guint8 *payload;

  if (size < SRUDP_PACKET_MIN_BYTES || (packet[0] & FIXED_BITS_MASK) != FIXED_BITS)
    return SRUDP_OPEN_MALFORMED;

  header_size = unmask_header (keys, packet, header, &truncated);
  number = srudp_packet_number_expand (truncated, header_size - SRUDP_PACKET_NUMBER_OFFSET,
                                       largest);
  payload = packet + header_size;
  payload_size = size - header_size - SRUDP_AEAD_TAG_BYTES;

  phase = choose_phase (keys, (header[0] & PHASE_BIT) != 0, number);
  if (phase == NULL)
    return SRUDP_OPEN_FORGED;

  make_nonce (nonce, phase, number);
  if (!srudp_aead_open (&phase->aead, nonce, header, header_size,
                        payload, payload_size, payload + payload_size, payload))
    {
      keys->forged++;
      return SRUDP_OPEN_FORGED;
    }

  opened->phase = phase == keys->previous ? keys->phase - 1 : keys->phase;
  if (phase == &keys->next)
    {
      srudp_packet_keys_update (keys);
      opened->phase = keys->phase;
    }
  if (phase != keys->previous && (!keys->has_opened || number < keys->lowest_opened))
    {
      keys->has_opened = TRUE;
      keys->lowest_opened = number;
    }

  memcpy (&opened->destination_id, packet + SRUDP_PACKET_ID_OFFSET,
          sizeof opened->destination_id);
  opened->destination_id = GUINT64_FROM_BE (opened->destination_id);
  opened->packet_number = number;
  opened->payload = payload;
  opened->payload_size = payload_size;
  opened->reserved = (header[0] & RESERVED_BITS) != 0;

  return SRUDP_OPEN_OK;
}

void
srudp_packet_keys_update (SrudpPacketKeys *keys)
{
  guint8 secret[SRUDP_SHA256_BYTES];

  if (keys->previous == NULL)
    keys->previous = g_new (Phase, 1);
  *keys->previous = keys->current;
  keys->current = keys->next;
  keys->phase++;
  keys->sealed = 0;
  keys->has_opened = FALSE;

  memcpy (secret, keys->next_secret, sizeof secret);
  derive_next (keys, secret);
  srudp_crypto_wipe (secret, sizeof secret);
}

void
srudp_packet_keys_drop_previous (SrudpPacketKeys *keys)
{
  if (keys->previous == NULL)
    return;

  srudp_crypto_wipe (keys->previous, sizeof *keys->previous);
  g_clear_pointer (&keys->previous, g_free);
}

void
srudp_packet_keys_mix_dh (SrudpPacketKeys *keys,
                          const guint8     dh[SRUDP_X25519_BYTES],
                          guint64          n,
                          const guint8     share_a[SRUDP_X25519_BYTES],
                          const guint8     share_b[SRUDP_X25519_BYTES])
{
  gboolean a_first = memcmp (share_a, share_b, SRUDP_X25519_BYTES) < 0;
  guint8 unused[SRUDP_SHA256_BYTES];
  struct
  {
    guint8 dh[SRUDP_X25519_BYTES];
    guint64 n;
    guint8 shares[2][SRUDP_X25519_BYTES];
  } input;

  G_STATIC_ASSERT (sizeof input == 3 * SRUDP_X25519_BYTES + sizeof (guint64));

  memcpy (input.dh, dh, sizeof input.dh);
  input.n = GUINT64_TO_BE (n);
  memcpy (input.shares[0], a_first ? share_a : share_b, sizeof input.shares[0]);
  memcpy (input.shares[1], a_first ? share_b : share_a, sizeof input.shares[1]);

  srudp_hkdf (keys->next_secret, &input, sizeof input, keys->next_secret, unused, NULL);
  derive_phase (&keys->next, keys->cipher, keys->next_secret);

  srudp_crypto_wipe (&input, sizeof input);
  srudp_crypto_wipe (unused, sizeof unused);
}

gsize
srudp_packet_number_size (guint64 packet_number, gint64 largest_acked)
{
  guint64 unacked = packet_number - (guint64) largest_acked;

  /* RFC 9000, section 17.1: more than twice the distance must be told apart. */
  if (unacked < (1 << 7))
    return 1;
  if (unacked < (1 << 15))
    return 2;
  if (unacked < (1 << 23))
    return 3;
  return 4;
}

guint64
srudp_packet_number_expand (guint32 truncated, gsize n_bytes, gint64 largest)
{
  guint64 expected = (guint64) (largest + 1);
  guint64 window = G_GUINT64_CONSTANT (1) << (8 * n_bytes);
  guint64 candidate = (expected & ~(window - 1)) | truncated;

  if (candidate + window / 2 <= expected && candidate <= SRUDP_PACKET_NUMBER_MAX - window)
    return candidate + window;
  if (candidate > expected + window / 2 && candidate >= window)
    return candidate - window;
  return candidate;
}
