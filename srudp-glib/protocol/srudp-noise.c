/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-noise.c: the handshake Noise_XXpsk3_25519_ChaChaPoly_SHA256
 *
 * Names and order follow the Noise Protocol Framework, revision 34, section 5;
 * the comment above each step is its token.
 */
#include "srudp-noise.h"

#include <string.h>

#define PROTOCOL_NAME "Noise_XXpsk3_25519_ChaChaPoly_SHA256"

#define DH_BYTES SRUDP_X25519_BYTES
#define SEALED_STATIC_BYTES (DH_BYTES + SRUDP_AEAD_TAG_BYTES)

static void
mix_hash (SrudpNoise *noise, gconstpointer data, gsize size)
{
  SrudpSha256 hash;

  srudp_sha256_init (&hash);
  srudp_sha256_update (&hash, noise->hash, sizeof noise->hash);
  srudp_sha256_update (&hash, data, size);
  srudp_sha256_final (&hash, noise->hash);
}

static void
mix_key (SrudpNoise *noise, const guint8 input[DH_BYTES])
{
  srudp_hkdf (noise->chaining_key, input, DH_BYTES,
              noise->chaining_key, noise->key, NULL);
  noise->nonce = 0;
}

static void
mix_key_and_hash (SrudpNoise *noise, const guint8 psk[SRUDP_NOISE_PSK_BYTES])
{
  guint8 temp[SRUDP_SHA256_BYTES];

  srudp_hkdf (noise->chaining_key, psk, SRUDP_NOISE_PSK_BYTES,
              noise->chaining_key, temp, noise->key);
  mix_hash (noise, temp, sizeof temp);
  noise->nonce = 0;
  srudp_crypto_wipe (temp, sizeof temp);
}

/* Section 12.3: 32 zero bits, then the counter in little-endian order. */
static void
next_nonce (SrudpNoise *noise, guint8 nonce[SRUDP_AEAD_NONCE_BYTES])
{
  guint64 counter = GUINT64_TO_LE (noise->nonce);

  noise->nonce++;
  memset (nonce, 0, 4);
  memcpy (nonce + 4, &counter, sizeof counter);
}

/* There is a key before anything is encrypted: with a psk in the pattern even
 * the first token, e, mixes one (section 9.2). */
static void
encrypt_and_hash (SrudpNoise *noise, const guint8 *data, gsize size, guint8 *out)
{
  guint8 nonce[SRUDP_AEAD_NONCE_BYTES];
  SrudpAead aead;

  next_nonce (noise, nonce);
  srudp_aead_init (&aead, SRUDP_CIPHER_CHACHA20_POLY1305, noise->key);
  srudp_aead_seal (&aead, nonce, noise->hash, sizeof noise->hash, data, size, out, out + size);
  mix_hash (noise, out, size + SRUDP_AEAD_TAG_BYTES);
  srudp_crypto_wipe (&aead, sizeof aead);
}

/* `size` is that of the plain text; the tag follows it. */
static gboolean
decrypt_and_hash (SrudpNoise *noise, const guint8 *data, gsize size, guint8 *out)
{
  guint8 nonce[SRUDP_AEAD_NONCE_BYTES];
  guint8 hash_before[SRUDP_SHA256_BYTES];
  SrudpAead aead;
  gboolean ok;

  memcpy (hash_before, noise->hash, sizeof hash_before);
  mix_hash (noise, data, size + SRUDP_AEAD_TAG_BYTES);

  next_nonce (noise, nonce);
  srudp_aead_init (&aead, SRUDP_CIPHER_CHACHA20_POLY1305, noise->key);
  ok = srudp_aead_open (&aead, nonce, hash_before, sizeof hash_before,
                        data, size, data + size, out);
  srudp_crypto_wipe (&aead, sizeof aead);

  return ok;
}

static gboolean
mix_dh (SrudpNoise *noise, const guint8 secret[DH_BYTES], const guint8 public_key[DH_BYTES])
{
  guint8 shared[DH_BYTES];

  if (!srudp_x25519 (shared, secret, public_key))
    return FALSE;

  mix_key (noise, shared);
  srudp_crypto_wipe (shared, sizeof shared);

  return TRUE;
}

static void
mix_ephemeral (SrudpNoise *noise, const guint8 ephemeral_public[DH_BYTES])
{
  mix_hash (noise, ephemeral_public, DH_BYTES);
  mix_key (noise, ephemeral_public);
}

/* Each message is worked out on a copy that replaces the state on success. */
static gboolean
commit_if (gboolean ok, SrudpNoise *noise, SrudpNoise *copy, SrudpNoiseStep step)
{
  if (ok)
    {
      *noise = *copy;
      noise->step = step;
      if (step == SRUDP_NOISE_STEP_DONE)
        {
          /* Only the hash and the chaining key are needed from here on. */
          srudp_crypto_wipe (noise->key, sizeof noise->key);
          srudp_crypto_wipe (noise->ephemeral_secret, sizeof noise->ephemeral_secret);
        }
    }
  srudp_noise_clear (copy);

  return ok;
}

void
srudp_noise_init (SrudpNoise   *noise,
                  gboolean      initiator,
                  gconstpointer prologue,
                  gsize         prologue_size,
                  const guint8  static_secret[SRUDP_X25519_BYTES],
                  const guint8  static_public[SRUDP_X25519_BYTES])
{
  memset (noise, 0, sizeof *noise);
  noise->initiator = initiator;
  noise->step = SRUDP_NOISE_STEP_MESSAGE_1;
  memcpy (noise->static_secret, static_secret, DH_BYTES);
  memcpy (noise->static_public, static_public, DH_BYTES);

  /* The name is longer than a hash, so it is hashed (section 5.2). */
  srudp_sha256 (noise->hash, PROTOCOL_NAME, strlen (PROTOCOL_NAME));
  memcpy (noise->chaining_key, noise->hash, sizeof noise->hash);
  mix_hash (noise, prologue, prologue_size);
}

void
srudp_noise_clear (SrudpNoise *noise)
{
  srudp_crypto_wipe (noise, sizeof *noise);
}

void
srudp_noise_set_ephemeral (SrudpNoise  *noise,
                           const guint8 secret[SRUDP_X25519_BYTES])
{
  memcpy (noise->ephemeral_secret, secret, DH_BYTES);
  srudp_x25519_public_key (noise->ephemeral_public, secret);
}

void
srudp_noise_write_message_1 (SrudpNoise   *noise,
                             const guint8 *payload,
                             gsize         payload_size,
                             guint8       *message)
{
  g_return_if_fail (noise->initiator && noise->step == SRUDP_NOISE_STEP_MESSAGE_1);

  /* -> e */
  memcpy (message, noise->ephemeral_public, DH_BYTES);
  mix_ephemeral (noise, noise->ephemeral_public);

  encrypt_and_hash (noise, payload, payload_size, message + DH_BYTES);
  noise->step = SRUDP_NOISE_STEP_MESSAGE_2;
}

gboolean
srudp_noise_read_message_1 (SrudpNoise   *noise,
                            const guint8 *message,
                            gsize         message_size,
                            guint8       *payload)
{
  SrudpNoise copy;
  gboolean ok;

  g_return_val_if_fail (!noise->initiator && noise->step == SRUDP_NOISE_STEP_MESSAGE_1, FALSE);

  copy = *noise;
  ok = message_size >= SRUDP_NOISE_MESSAGE_1_OVERHEAD;
  if (ok)
    {
      /* -> e */
      memcpy (copy.peer_ephemeral, message, DH_BYTES);
      mix_ephemeral (&copy, copy.peer_ephemeral);
      ok = decrypt_and_hash (&copy, message + DH_BYTES,
                             message_size - SRUDP_NOISE_MESSAGE_1_OVERHEAD, payload);
    }

  return commit_if (ok, noise, &copy, SRUDP_NOISE_STEP_MESSAGE_2);
}

static gboolean
write_message_2 (SrudpNoise *noise, const guint8 *payload, gsize payload_size, guint8 *message)
{
  /* <- e */
  memcpy (message, noise->ephemeral_public, DH_BYTES);
  mix_ephemeral (noise, noise->ephemeral_public);

  /* ee */
  if (!mix_dh (noise, noise->ephemeral_secret, noise->peer_ephemeral))
    return FALSE;

  /* s */
  encrypt_and_hash (noise, noise->static_public, DH_BYTES, message + DH_BYTES);

  /* es: our static key, for we are the responder */
  if (!mix_dh (noise, noise->static_secret, noise->peer_ephemeral))
    return FALSE;

  encrypt_and_hash (noise, payload, payload_size, message + DH_BYTES + SEALED_STATIC_BYTES);

  return TRUE;
}

gboolean
srudp_noise_write_message_2 (SrudpNoise   *noise,
                             const guint8 *payload,
                             gsize         payload_size,
                             guint8       *message)
{
  SrudpNoise copy;
  gboolean ok;

  g_return_val_if_fail (!noise->initiator && noise->step == SRUDP_NOISE_STEP_MESSAGE_2, FALSE);

  copy = *noise;
  ok = write_message_2 (&copy, payload, payload_size, message);

  return commit_if (ok, noise, &copy, SRUDP_NOISE_STEP_MESSAGE_3);
}

static gboolean
read_message_2 (SrudpNoise *noise, const guint8 *message, gsize message_size, guint8 *payload)
{
  if (message_size < SRUDP_NOISE_MESSAGE_2_OVERHEAD)
    return FALSE;

  /* <- e */
  memcpy (noise->peer_ephemeral, message, DH_BYTES);
  mix_ephemeral (noise, noise->peer_ephemeral);

  /* ee */
  if (!mix_dh (noise, noise->ephemeral_secret, noise->peer_ephemeral))
    return FALSE;

  /* s */
  if (!decrypt_and_hash (noise, message + DH_BYTES, DH_BYTES, noise->peer_static))
    return FALSE;

  /* es: our ephemeral key, for we are the initiator */
  if (!mix_dh (noise, noise->ephemeral_secret, noise->peer_static))
    return FALSE;

  return decrypt_and_hash (noise, message + DH_BYTES + SEALED_STATIC_BYTES,
                           message_size - SRUDP_NOISE_MESSAGE_2_OVERHEAD, payload);
}

gboolean
srudp_noise_read_message_2 (SrudpNoise   *noise,
                            const guint8 *message,
                            gsize         message_size,
                            guint8       *payload)
{
  SrudpNoise copy;
  gboolean ok;

  g_return_val_if_fail (noise->initiator && noise->step == SRUDP_NOISE_STEP_MESSAGE_2, FALSE);

  copy = *noise;
  ok = read_message_2 (&copy, message, message_size, payload);

  return commit_if (ok, noise, &copy, SRUDP_NOISE_STEP_MESSAGE_3);
}

gboolean
srudp_noise_write_message_3 (SrudpNoise   *noise,
                             const guint8  psk[SRUDP_NOISE_PSK_BYTES],
                             const guint8 *payload,
                             gsize         payload_size,
                             guint8       *message)
{
  SrudpNoise copy;
  gboolean ok;

  g_return_val_if_fail (noise->initiator && noise->step == SRUDP_NOISE_STEP_MESSAGE_3, FALSE);

  copy = *noise;
  /* -> s */
  encrypt_and_hash (&copy, copy.static_public, DH_BYTES, message);

  /* se: our static key, for we are the initiator */
  ok = mix_dh (&copy, copy.static_secret, copy.peer_ephemeral);
  if (ok)
    {
      memcpy (copy.early_key, copy.chaining_key, sizeof copy.early_key);
      /* psk */
      mix_key_and_hash (&copy, psk);
      encrypt_and_hash (&copy, payload, payload_size, message + SEALED_STATIC_BYTES);
    }

  return commit_if (ok, noise, &copy, SRUDP_NOISE_STEP_DONE);
}

gboolean
srudp_noise_read_message_3_static (SrudpNoise   *noise,
                                   const guint8 *message,
                                   gsize         message_size)
{
  SrudpNoise copy;
  gboolean ok;

  g_return_val_if_fail (!noise->initiator && noise->step == SRUDP_NOISE_STEP_MESSAGE_3, FALSE);

  copy = *noise;
  /* -> s, se: our ephemeral key, for we are the responder */
  ok = message_size >= SRUDP_NOISE_MESSAGE_3_OVERHEAD &&
       decrypt_and_hash (&copy, message, DH_BYTES, copy.peer_static) &&
       mix_dh (&copy, copy.ephemeral_secret, copy.peer_static);
  if (ok)
    memcpy (copy.early_key, copy.chaining_key, sizeof copy.early_key);

  return commit_if (ok, noise, &copy, SRUDP_NOISE_STEP_PAYLOAD_3);
}

gboolean
srudp_noise_read_message_3_payload (SrudpNoise   *noise,
                                    const guint8  psk[SRUDP_NOISE_PSK_BYTES],
                                    const guint8 *message,
                                    gsize         message_size,
                                    guint8       *payload)
{
  SrudpNoise copy;
  gboolean ok = message_size >= SRUDP_NOISE_MESSAGE_3_OVERHEAD;

  g_return_val_if_fail (!noise->initiator && noise->step == SRUDP_NOISE_STEP_PAYLOAD_3, FALSE);

  copy = *noise;
  if (ok)
    {
      /* psk */
      mix_key_and_hash (&copy, psk);
      ok = decrypt_and_hash (&copy, message + SEALED_STATIC_BYTES,
                             message_size - SRUDP_NOISE_MESSAGE_3_OVERHEAD, payload);
    }

  return commit_if (ok, noise, &copy, SRUDP_NOISE_STEP_DONE);
}

void
srudp_noise_split (const SrudpNoise *noise,
                   guint8            initiator_to_responder[SRUDP_SHA256_BYTES],
                   guint8            responder_to_initiator[SRUDP_SHA256_BYTES])
{
  g_return_if_fail (noise->step == SRUDP_NOISE_STEP_DONE);

  srudp_hkdf (noise->chaining_key, NULL, 0,
              initiator_to_responder, responder_to_initiator, NULL);
}
