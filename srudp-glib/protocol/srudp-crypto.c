/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-crypto.c: the cryptographic primitives, as libsodium has them
 */
#include "srudp-crypto.h"

#include "srudp-crypto-file.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

G_STATIC_ASSERT (sizeof (SrudpSha256) >= sizeof (crypto_hash_sha256_state));
G_STATIC_ASSERT (sizeof (((SrudpAead *) 0)->expanded) >= sizeof (crypto_aead_aes256gcm_state));
G_STATIC_ASSERT (sizeof (((SrudpAead *) 0)->expanded) >= SRUDP_AEAD_KEY_BYTES);
G_STATIC_ASSERT (SRUDP_SIPHASH_KEY_BYTES == crypto_shorthash_siphash24_KEYBYTES);
G_STATIC_ASSERT (sizeof (guint64) == crypto_shorthash_siphash24_BYTES);
G_STATIC_ASSERT (SRUDP_AEAD_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES);
G_STATIC_ASSERT (SRUDP_AEAD_TAG_BYTES == crypto_aead_aes256gcm_ABYTES);
G_STATIC_ASSERT (SRUDP_AEAD_NONCE_BYTES == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
G_STATIC_ASSERT (SRUDP_AEAD_NONCE_BYTES == crypto_aead_aes256gcm_NPUBBYTES);

/* An ordinary packet is saved on the stack, a giant one on the heap. */
#define SAVED_ON_STACK_BYTES 2048

gboolean
srudp_crypto_init (void)
{
  return sodium_init () >= 0;
}

void
srudp_crypto_wipe (gpointer data, gsize size)
{
  sodium_memzero (data, size);
}

void
srudp_crypto_random (gpointer user_data, guint8 *out, gsize n_bytes)
{
  randombytes_buf (out, n_bytes);
}

gboolean
srudp_crypto_equal (gconstpointer a, gconstpointer b, gsize size)
{
  return sodium_memcmp (a, b, size) == 0;
}

gpointer
srudp_crypto_secret_alloc (gsize size)
{
  /* libsodium puts the end of it where the next page begins, so that only
   * a whole number of alignments begins at one. */
  const gsize align = _Alignof (max_align_t);
  gpointer secret = sodium_malloc ((size + align - 1) / align * align);

  if (secret == NULL)
    g_error ("No memory for a secret of %" G_GSIZE_FORMAT " bytes", size);

  return secret;
}

void
srudp_crypto_secret_free (gpointer secret)
{
  sodium_free (secret);
}

void
srudp_x25519_public_key (guint8       public_key[SRUDP_X25519_BYTES],
                         const guint8 secret[SRUDP_X25519_BYTES])
{
  crypto_scalarmult_curve25519_base (public_key, secret);
}

gboolean
srudp_x25519 (guint8       shared[SRUDP_X25519_BYTES],
              const guint8 secret[SRUDP_X25519_BYTES],
              const guint8 public_key[SRUDP_X25519_BYTES])
{
  guint8 result[SRUDP_X25519_BYTES];
  gboolean ok = crypto_scalarmult_curve25519 (result, secret, public_key) == 0;

  if (ok)
    memcpy (shared, result, sizeof result);
  srudp_crypto_wipe (result, sizeof result);

  return ok;
}

void
srudp_ristretto_from_hash (guint8       point[SRUDP_RISTRETTO_BYTES],
                           const guint8 hash[SRUDP_SHA512_BYTES])
{
  crypto_core_ristretto255_from_hash (point, hash);
}

void
srudp_ristretto_scalar (guint8       scalar[SRUDP_RISTRETTO_BYTES],
                        const guint8 random[SRUDP_SHA512_BYTES])
{
  crypto_core_ristretto255_scalar_reduce (scalar, random);
}

gboolean
srudp_ristretto_multiply (guint8       product[SRUDP_RISTRETTO_BYTES],
                          const guint8 scalar[SRUDP_RISTRETTO_BYTES],
                          const guint8 point[SRUDP_RISTRETTO_BYTES])
{
  guint8 result[SRUDP_RISTRETTO_BYTES];
  gboolean ok = crypto_scalarmult_ristretto255 (result, scalar, point) == 0;

  if (ok)
    memcpy (product, result, sizeof result);
  srudp_crypto_wipe (result, sizeof result);

  return ok;
}

void
srudp_sha256_init (SrudpSha256 *hash)
{
  crypto_hash_sha256_init ((crypto_hash_sha256_state *) hash);
}

void
srudp_sha256_update (SrudpSha256 *hash, gconstpointer data, gsize size)
{
  crypto_hash_sha256_update ((crypto_hash_sha256_state *) hash, data, size);
}

void
srudp_sha256_final (SrudpSha256 *hash, guint8 out[SRUDP_SHA256_BYTES])
{
  crypto_hash_sha256_final ((crypto_hash_sha256_state *) hash, out);
}

void
srudp_sha256 (guint8 out[SRUDP_SHA256_BYTES], gconstpointer data, gsize size)
{
  crypto_hash_sha256 (out, data, size);
}

void
srudp_sha512 (guint8           out[SRUDP_SHA512_BYTES],
              const SrudpSpan *spans,
              gsize            n_spans)
{
  crypto_hash_sha512_state state;

  crypto_hash_sha512_init (&state);
  for (gsize i = 0; i < n_spans; i++)
    crypto_hash_sha512_update (&state, spans[i].data, spans[i].size);
  crypto_hash_sha512_final (&state, out);
  srudp_crypto_wipe (&state, sizeof state);
}

void
srudp_hmac_sha256 (guint8           out[SRUDP_SHA256_BYTES],
                   gconstpointer    key,
                   gsize            key_size,
                   const SrudpSpan *spans,
                   gsize            n_spans)
{
  crypto_auth_hmacsha256_state state;

  crypto_auth_hmacsha256_init (&state, key, key_size);
  for (gsize i = 0; i < n_spans; i++)
    crypto_auth_hmacsha256_update (&state, spans[i].data, spans[i].size);
  crypto_auth_hmacsha256_final (&state, out);
  srudp_crypto_wipe (&state, sizeof state);
}

/* One more output: HMAC over the output before it and a counter byte. */
static void
hkdf_step (guint8        out[SRUDP_SHA256_BYTES],
           const guint8  key[SRUDP_SHA256_BYTES],
           gconstpointer before,
           gsize         before_size,
           guint8        counter)
{
  SrudpSpan spans[] = { { before, before_size }, { &counter, 1 } };

  srudp_hmac_sha256 (out, key, SRUDP_SHA256_BYTES, spans, G_N_ELEMENTS (spans));
}

void
srudp_hkdf (const guint8  chaining_key[SRUDP_SHA256_BYTES],
            gconstpointer input,
            gsize         input_size,
            guint8        out1[SRUDP_SHA256_BYTES],
            guint8        out2[SRUDP_SHA256_BYTES],
            guint8        out3[SRUDP_SHA256_BYTES])
{
  SrudpSpan span = { input, input_size };
  guint8 temp[SRUDP_SHA256_BYTES];
  guint8 before[SRUDP_SHA256_BYTES];

  srudp_hmac_sha256 (temp, chaining_key, SRUDP_SHA256_BYTES, &span, 1);

  hkdf_step (before, temp, NULL, 0, 1);
  memcpy (out1, before, sizeof before);
  hkdf_step (before, temp, before, sizeof before, 2);
  memcpy (out2, before, sizeof before);
  if (out3 != NULL)
    {
      hkdf_step (before, temp, before, sizeof before, 3);
      memcpy (out3, before, sizeof before);
    }

  srudp_crypto_wipe (temp, sizeof temp);
  srudp_crypto_wipe (before, sizeof before);
}

void
srudp_hkdf_expand (guint8       *out,
                   gsize         out_size,
                   const guint8  secret[SRUDP_SHA256_BYTES],
                   const char   *label)
{
  guint8 block[SRUDP_SHA256_BYTES];

  g_return_if_fail (out_size <= sizeof block);

  hkdf_step (block, secret, label, strlen (label), 1);
  memcpy (out, block, out_size);
  srudp_crypto_wipe (block, sizeof block);
}

void
srudp_blake2b (guint8          *out,
               gsize            out_size,
               gconstpointer    key,
               gsize            key_size,
               const SrudpSpan *spans,
               gsize            n_spans)
{
  crypto_generichash_blake2b_state state;

  g_return_if_fail (out_size >= crypto_generichash_blake2b_BYTES_MIN &&
                    out_size <= crypto_generichash_blake2b_BYTES_MAX);
  g_return_if_fail (key_size >= crypto_generichash_blake2b_KEYBYTES_MIN &&
                    key_size <= crypto_generichash_blake2b_KEYBYTES_MAX);

  crypto_generichash_blake2b_init (&state, key, key_size, out_size);
  for (gsize i = 0; i < n_spans; i++)
    crypto_generichash_blake2b_update (&state, spans[i].data, spans[i].size);
  crypto_generichash_blake2b_final (&state, out, out_size);
  srudp_crypto_wipe (&state, sizeof state);
}

guint64
srudp_siphash (const guint8 key[SRUDP_SIPHASH_KEY_BYTES], gconstpointer data, gsize size)
{
  guint8 out[crypto_shorthash_siphash24_BYTES];
  guint64 hash;

  crypto_shorthash_siphash24 (out, data, size, key);
  memcpy (&hash, out, sizeof hash);

  return GUINT64_FROM_LE (hash);
}

gboolean
srudp_cipher_is_available (SrudpCipher cipher)
{
  switch (cipher)
    {
    case SRUDP_CIPHER_CHACHA20_POLY1305:
      return TRUE;
    case SRUDP_CIPHER_AES_256_GCM:
      return crypto_aead_aes256gcm_is_available () == 1;
    default:
      return FALSE;
    }
}

const char *
srudp_cipher_get_name (SrudpCipher cipher)
{
  switch (cipher)
    {
    case SRUDP_CIPHER_CHACHA20_POLY1305:
      return "ChaCha20-Poly1305";
    case SRUDP_CIPHER_AES_256_GCM:
      return "AES-256-GCM";
    default:
      return "unknown";
    }
}

static const crypto_aead_aes256gcm_state *
aes_state (const SrudpAead *aead)
{
  return (const crypto_aead_aes256gcm_state *) aead->expanded;
}

void
srudp_aead_init (SrudpAead   *aead,
                 SrudpCipher  cipher,
                 const guint8 key[SRUDP_AEAD_KEY_BYTES])
{
  g_return_if_fail (srudp_cipher_is_available (cipher));

  aead->cipher = cipher;
  if (cipher == SRUDP_CIPHER_AES_256_GCM)
    crypto_aead_aes256gcm_beforenm ((crypto_aead_aes256gcm_state *) aead->expanded, key);
  else
    memcpy (aead->expanded, key, SRUDP_AEAD_KEY_BYTES);
}

void
srudp_aead_seal (const SrudpAead *aead,
                 const guint8     nonce[SRUDP_AEAD_NONCE_BYTES],
                 gconstpointer    header,
                 gsize            header_size,
                 const guint8    *data,
                 gsize            size,
                 guint8          *out,
                 guint8           tag[SRUDP_AEAD_TAG_BYTES])
{
  if (aead->cipher == SRUDP_CIPHER_AES_256_GCM)
    crypto_aead_aes256gcm_encrypt_detached_afternm (out, tag, NULL, data, size,
                                                    header, header_size, NULL,
                                                    nonce, aes_state (aead));
  else
    crypto_aead_chacha20poly1305_ietf_encrypt_detached (out, tag, NULL, data, size,
                                                        header, header_size, NULL,
                                                        nonce, aead->expanded);
}

/* libsodium zeroes the output of a failed decryption, which in place would
 * destroy a packet that other keys may yet open. Verifying first is free with
 * this cipher: what it costs, decryption then saves. */
static gboolean
open_chacha (const SrudpAead *aead,
             const guint8    *nonce,
             gconstpointer    header,
             gsize            header_size,
             const guint8    *data,
             gsize            size,
             const guint8    *tag,
             guint8          *out)
{
  if (crypto_aead_chacha20poly1305_ietf_decrypt_detached (NULL, NULL, data, size, tag,
                                                          header, header_size, nonce,
                                                          aead->expanded) != 0)
    return FALSE;

  /* RFC 8439, section 2.8: block 0 made the one-time key, the text begins at
   * block 1. */
  crypto_stream_chacha20_ietf_xor_ic (out, data, size, nonce, 1, aead->expanded);

  return TRUE;
}

/* Here verifying alone would cost a second pass; a copy is much cheaper. */
static gboolean
open_aes (const SrudpAead *aead,
          const guint8    *nonce,
          gconstpointer    header,
          gsize            header_size,
          const guint8    *data,
          gsize            size,
          const guint8    *tag,
          guint8          *out)
{
  guint8 on_stack[SAVED_ON_STACK_BYTES];
  guint8 *saved = size > sizeof on_stack ? g_malloc (size) : on_stack;
  gboolean ok;

  if (size > 0)
    memcpy (saved, out, size);

  ok = crypto_aead_aes256gcm_decrypt_detached_afternm (
         out, NULL, data, size, tag, header, header_size, nonce,
         aes_state (aead)) == 0;
  if (!ok && size > 0)
    memcpy (out, saved, size);

  if (saved != on_stack)
    g_free (saved);
  return ok;
}

gboolean
srudp_aead_open (const SrudpAead *aead,
                 const guint8     nonce[SRUDP_AEAD_NONCE_BYTES],
                 gconstpointer    header,
                 gsize            header_size,
                 const guint8    *data,
                 gsize            size,
                 const guint8     tag[SRUDP_AEAD_TAG_BYTES],
                 guint8          *out)
{
  if (aead->cipher == SRUDP_CIPHER_AES_256_GCM)
    return open_aes (aead, nonce, header, header_size, data, size, tag, out);
  else
    return open_chacha (aead, nonce, header, header_size, data, size, tag, out);
}

void
srudp_header_mask (guint8       mask[SRUDP_HEADER_MASK_BYTES],
                   const guint8 key[SRUDP_AEAD_KEY_BYTES],
                   const guint8 sample[SRUDP_HEADER_SAMPLE_BYTES])
{
  static const guint8 zeros[SRUDP_HEADER_MASK_BYTES];
  guint32 counter;

  /* The sample is a little-endian block counter and a nonce. */
  memcpy (&counter, sample, sizeof counter);
  crypto_stream_chacha20_ietf_xor_ic (mask, zeros, sizeof zeros,
                                      sample + sizeof counter,
                                      GUINT32_FROM_LE (counter), key);
}

gboolean
srudp_argon2id (guint8        key[32],
                gconstpointer passphrase,
                gsize         size,
                const guint8  salt[SRUDP_ARGON2_SALT_BYTES],
                guint32       n_passes,
                guint32       memory_kib)
{
  G_STATIC_ASSERT (SRUDP_ARGON2_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES);

  return crypto_pwhash_argon2id (key, 32, passphrase, size, salt, n_passes,
                                 (gsize) memory_kib * 1024,
                                 crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
}

void
srudp_xchacha_seal (const guint8  key[32],
                    const guint8  nonce[SRUDP_XCHACHA_NONCE_BYTES],
                    gconstpointer ad,
                    gsize         ad_size,
                    const guint8 *plain,
                    gsize         size,
                    guint8       *sealed)
{
  G_STATIC_ASSERT (SRUDP_XCHACHA_NONCE_BYTES ==
                   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);

  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed, NULL, plain, size, ad,
                                              ad_size, NULL, nonce, key);
}

gboolean
srudp_xchacha_open (const guint8  key[32],
                    const guint8  nonce[SRUDP_XCHACHA_NONCE_BYTES],
                    gconstpointer ad,
                    gsize         ad_size,
                    const guint8 *sealed,
                    gsize         size,
                    guint8       *plain)
{
  return crypto_aead_xchacha20poly1305_ietf_decrypt (plain, NULL, NULL, sealed,
                                                     size, ad, ad_size, nonce,
                                                     key) == 0;
}
