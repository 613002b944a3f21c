/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cpace.c: a key from a passphrase that nobody can guess offline
 */
#include "srudp-cpace.h"

#include <string.h>

#define DSI "CPaceRistretto255"
#define DSI_ISK DSI "_ISK"
/* One input block of SHA-512: the passphrase fills it up with zeros. */
#define HASH_BLOCK_BYTES 128
#define MAX_LENGTH_BYTES 10 /* of LEB128, for 64 bits */

/* What a hash is made over, as (length, value) pairs. The lengths live here. */
#define MAX_PARTS 6
typedef struct
{
  guint8 lengths[MAX_PARTS][MAX_LENGTH_BYTES];
  SrudpSpan spans[2 * MAX_PARTS + 1];
  gsize n_spans, n_lengths;
} Parts;

static void
add_raw (Parts        *parts,
         gconstpointer data,
         gsize         size)
{
  parts->spans[parts->n_spans++] = (SrudpSpan) { data, size };
}

static gsize
write_leb128 (guint8 out[MAX_LENGTH_BYTES],
              guint64 value)
{
  gsize n = 0;

  do
    {
      out[n++] = (guint8) ((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
      value >>= 7;
    }
  while (value > 0);

  return n;
}

/* Returns the bytes of the length. */
static gsize
add (Parts        *parts,
     gconstpointer data,
     gsize         size)
{
  guint8 *length = parts->lengths[parts->n_lengths++];
  gsize n = write_leb128 (length, size);

  add_raw (parts, length, n);
  add_raw (parts, data, size);

  return n;
}

void
srudp_cpace_generator (guint8    generator[SRUDP_RISTRETTO_BYTES],
                       SrudpSpan passphrase,
                       SrudpSpan channel,
                       SrudpSpan sid)
{
  static const guint8 zeros[HASH_BLOCK_BYTES];
  guint8 hash[SRUDP_SHA512_BYTES];
  Parts parts = { .n_spans = 0 };
  gsize used;

  used = add (&parts, DSI, strlen (DSI)) + strlen (DSI);
  used += add (&parts, passphrase.data, passphrase.size) + passphrase.size;
  /* One byte is left for the length of the padding itself. */
  add (&parts, zeros, used < HASH_BLOCK_BYTES ? HASH_BLOCK_BYTES - used - 1 : 0);
  add (&parts, channel.data, channel.size);
  add (&parts, sid.data, sid.size);

  srudp_sha512 (hash, parts.spans, parts.n_spans);
  srudp_ristretto_from_hash (generator, hash);
  srudp_crypto_wipe (hash, sizeof hash);
}

/* Whether the first of two strings of bytes comes later in a dictionary. Of
 * their encodings with lengths only the shares can differ first: those are of
 * equal size, and come first. */
static gboolean
is_larger (const SrudpCpaceSide *a,
           const SrudpCpaceSide *b)
{
  gsize common = MIN (a->associated.size, b->associated.size);
  int order = memcmp (a->share, b->share, SRUDP_RISTRETTO_BYTES);

  if (order == 0 && a->associated.size != b->associated.size)
    return a->associated.size > b->associated.size;
  if (order == 0 && common > 0)
    order = memcmp (a->associated.data, b->associated.data, common);

  return order > 0;
}

static void
add_side (Parts                *parts,
          const SrudpCpaceSide *side)
{
  add (parts, side->share, SRUDP_RISTRETTO_BYTES);
  add (parts, side->associated.data, side->associated.size);
}

gboolean
srudp_cpace_finish (guint8                isk[SRUDP_CPACE_ISK_BYTES],
                    const guint8          scalar[SRUDP_RISTRETTO_BYTES],
                    SrudpSpan             sid,
                    const SrudpCpaceSide *own,
                    const SrudpCpaceSide *peer)
{
  gboolean own_first = is_larger (own, peer);
  guint8 k[SRUDP_RISTRETTO_BYTES];
  Parts key = { .n_spans = 0 }, sides = { .n_spans = 0 };
  SrudpSpan all[4 * MAX_PARTS];
  gsize n = 0;

  if (!srudp_ristretto_multiply (k, scalar, peer->share))
    return FALSE;

  add (&key, DSI_ISK, strlen (DSI_ISK));
  add (&key, sid.data, sid.size);
  add (&key, k, sizeof k);
  add_raw (&sides, "oc", 2);
  add_side (&sides, own_first ? own : peer);
  add_side (&sides, own_first ? peer : own);
  for (gsize i = 0; i < key.n_spans; i++)
    all[n++] = key.spans[i];
  for (gsize i = 0; i < sides.n_spans; i++)
    all[n++] = sides.spans[i];

  srudp_sha512 (isk, all, n);
  srudp_crypto_wipe (k, sizeof k);

  return TRUE;
}
