/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-short-code.c: a few symbols that two people can compare aloud
 */
#include "srudp-short-code.h"

#include <string.h>

#define BITS_PER_SYMBOL 6

void
srudp_short_code_commit (guint8       commitment[SRUDP_SAS_BYTES],
                         const guint8 nonce[SRUDP_SAS_BYTES])
{
  static const char label[] = "srudp commitment";
  SrudpSha256 hash;

  G_STATIC_ASSERT (SRUDP_SAS_BYTES == SRUDP_SHA256_BYTES);

  srudp_sha256_init (&hash);
  srudp_sha256_update (&hash, label, strlen (label));
  srudp_sha256_update (&hash, nonce, SRUDP_SAS_BYTES);
  srudp_sha256_final (&hash, commitment);
}

void
srudp_short_code_init (SrudpShortCode *self,
                       gboolean        initiator,
                       const guint8    binding[SRUDP_KEY_BYTES],
                       const guint8    nonce[SRUDP_SAS_BYTES],
                       const guint8    commitment[SRUDP_SAS_BYTES])
{
  *self = (SrudpShortCode) { .initiator = initiator };
  memcpy (self->binding, binding, SRUDP_KEY_BYTES);
  memcpy (self->own, nonce, SRUDP_SAS_BYTES);
  memcpy (self->commitment, commitment, SRUDP_SAS_BYTES);
}

void
srudp_short_code_clear (SrudpShortCode *self)
{
  srudp_crypto_wipe (self, sizeof *self);
}

gboolean
srudp_short_code_is_wanted (const SrudpShortCode *self)
{
  static const guint8 none[SRUDP_SAS_BYTES];

  return memcmp (self->commitment, none, SRUDP_SAS_BYTES) != 0;
}

/* Our own is needed for two things: to be revealed, and to make the code. */
static void
forget_own (SrudpShortCode *self)
{
  if (self->is_revealed && self->is_known)
    srudp_crypto_wipe (self->own, sizeof self->own);
}

/* The first 42 bits, six for each symbol. */
static void
compute (SrudpShortCode *self,
         const guint8    peer[SRUDP_SAS_BYTES])
{
  static const char label[] = "srudp short code";
  SrudpSpan spans[] = {
    { label, strlen (label) },
    { self->initiator ? self->own : peer, SRUDP_SAS_BYTES },
    { self->initiator ? peer : self->own, SRUDP_SAS_BYTES },
  };
  guint8 hash[SRUDP_SHA256_BYTES];
  guint64 bits = 0;

  G_STATIC_ASSERT (SRUDP_SHORT_CODE_SYMBOLS * BITS_PER_SYMBOL <= 64);

  srudp_hmac_sha256 (hash, self->binding, SRUDP_KEY_BYTES, spans,
                     G_N_ELEMENTS (spans));
  for (guint i = 0; i < 8; i++)
    bits = bits << 8 | hash[i];
  for (guint i = 0; i < SRUDP_SHORT_CODE_SYMBOLS; i++)
    self->symbols[i] =
      bits >> (64 - BITS_PER_SYMBOL * (i + 1)) & ((1 << BITS_PER_SYMBOL) - 1);
  srudp_crypto_wipe (hash, sizeof hash);
}

gboolean
srudp_short_code_take (SrudpShortCode *self,
                       const guint8    nonce[SRUDP_SAS_BYTES])
{
  guint8 commitment[SRUDP_SAS_BYTES];

  srudp_short_code_commit (commitment, nonce);
  if (!srudp_crypto_equal (commitment, self->commitment, SRUDP_SAS_BYTES))
    return FALSE;
  if (self->is_known)
    return TRUE;

  compute (self, nonce);
  self->is_known = TRUE;
  forget_own (self);

  return TRUE;
}

void
srudp_short_code_set_revealed (SrudpShortCode *self)
{
  self->is_revealed = TRUE;
  forget_own (self);
}
