/*
 * SPDX-License-Identifier: MIT
 *
 * secret-watch.c: secrets that memcheck follows, and where they become public
 *
 * What is public by design is marked as written, where it passes between our
 * code and libsodium or between our modules: what was sealed and goes over the
 * wire, an authentic plaintext, public keys, and whether two tags were the same.
 */
#include "secret-watch.h"

#include "srudp-packet-keys.h"
#include "srudp-secrets.h"
#include "test-pipe.h"

#include <valgrind/memcheck.h>

SecretWatch secret_watch;

void
secret_watch_hide (gpointer data,
                   gsize    size)
{
  (void) VALGRIND_MAKE_MEM_UNDEFINED (data, size);
}

void
secret_watch_reveal (gconstpointer data,
                     gsize         size)
{
  (void) VALGRIND_MAKE_MEM_DEFINED (data, size);
}

gboolean
secret_watch_is_hidden (gconstpointer data,
                        gsize         size)
{
  for (gsize i = 0; i < size; i++)
    {
      guint8 bits = 0;

      (void) VALGRIND_GET_VBITS ((const guint8 *) data + i, &bits, 1);
      if (bits == 0)
        return FALSE;
    }

  return TRUE;
}

/* The linker calls ours in place of theirs. */
#define WRAPPED(type, name, ...) \
  type __real_##name (__VA_ARGS__); \
  type __wrap_##name (__VA_ARGS__); \
  type __wrap_##name (__VA_ARGS__)

/* What is drawn for a key or a scalar; what is shorter goes over the wire as it
 * is: connection ids, nonces, what a challenge says. */
static void
draw_cb (gpointer user_data,
         guint8  *out,
         gsize    n_bytes)
{
  test_random_fill (user_data, out, n_bytes);
  if (n_bytes >= SRUDP_KEY_BYTES)
    secret_watch_hide (out, n_bytes);
}

WRAPPED (SrudpEngine *, srudp_engine_new,
         const SrudpEngineConfig *config, gint64 now)
{
  SrudpEngineConfig hidden = *config;

  hidden.random = draw_cb;
  secret_watch_hide (hidden.static_secret, sizeof hidden.static_secret);

  return __real_srudp_engine_new (&hidden, now);
}

WRAPPED (void, srudp_x25519_public_key,
         guint8 *public_key, const guint8 *secret)
{
  __real_srudp_x25519_public_key (public_key, secret);
  secret_watch_reveal (public_key, SRUDP_X25519_BYTES);
}

WRAPPED (void, srudp_secrets_init,
         SrudpSecrets *secrets, SrudpPassphrase *passphrase,
         const guint8 *invitation, SrudpRandomFunc random, gpointer random_data)
{
  __real_srudp_secrets_init (secrets, passphrase, invitation, random, random_data);
  secret_watch_reveal (secrets->share, sizeof secrets->share);
}

/* Tables that strangers have places in are keyed, so that nobody knows who is
 * beside whom; which place is used, and by that no more of the key, may show. */
static gboolean
names_place (const SrudpSpan *label)
{
  static const char *const places[] = { "cell", "peer" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (label->size == strlen (places[i]) && memcmp (label->data, places[i], label->size) == 0)
      return TRUE;

  return FALSE;
}

WRAPPED (void, srudp_hmac_sha256,
         guint8 *out, gconstpointer key, gsize key_size, const SrudpSpan *spans,
         gsize n_spans)
{
  __real_srudp_hmac_sha256 (out, key, key_size, spans, n_spans);
  if (names_place (&spans[0]))
    secret_watch_reveal (out, SRUDP_SHA256_BYTES);
}

WRAPPED (guint64, srudp_siphash,
         const guint8 *key, gconstpointer data, gsize size)
{
  guint64 hash = __real_srudp_siphash (key, data, size);

  secret_watch_reveal (&hash, sizeof hash);

  return hash;
}

WRAPPED (void, srudp_aead_seal,
         const SrudpAead *aead, const guint8 *nonce, gconstpointer header,
         gsize header_size, const guint8 *data, gsize size, guint8 *out,
         guint8 *tag)
{
  if (secret_watch_is_hidden (aead->expanded, SRUDP_AEAD_KEY_BYTES))
    secret_watch.n_sealed++;
  __real_srudp_aead_seal (aead, nonce, header, header_size, data, size, out, tag);
  secret_watch_reveal (out, size);
  secret_watch_reveal (tag, SRUDP_AEAD_TAG_BYTES);
}

WRAPPED (gboolean, srudp_aead_open,
         const SrudpAead *aead, const guint8 *nonce, gconstpointer header,
         gsize header_size, const guint8 *data, gsize size, const guint8 *tag,
         guint8 *out)
{
  gboolean ok = __real_srudp_aead_open (aead, nonce, header, header_size, data,
                                        size, tag, out);

  if (ok)
    secret_watch_reveal (out, size);

  return ok;
}

/* The number of a packet is no secret. */
WRAPPED (void, srudp_header_mask,
         guint8 *mask, const guint8 *key, const guint8 *sample)
{
  __real_srudp_header_mask (mask, key, sample);
  secret_watch_reveal (mask, SRUDP_HEADER_MASK_BYTES);
}

WRAPPED (void, srudp_packet_keys_mix_dh,
         SrudpPacketKeys *keys, const guint8 *dh, guint64 n,
         const guint8 *share_a, const guint8 *share_b)
{
  g_assert_true (secret_watch_is_hidden (dh, SRUDP_X25519_BYTES));
  secret_watch.n_mixed++;
  __real_srudp_packet_keys_mix_dh (keys, dh, n, share_a, share_b);
}

/* As memcmp() may do it. */
static int
compare_and_leak (const guint8 *a,
                  const guint8 *b,
                  gsize         size)
{
  for (gsize i = 0; i < size; i++)
    if (a[i] != b[i])
      return -1;

  return 0;
}

WRAPPED (int, sodium_memcmp,
         const void *a, const void *b, size_t size)
{
  int result;

  if (secret_watch_is_hidden (a, size) || secret_watch_is_hidden (b, size))
    secret_watch.n_compared++;
  if (secret_watch.leaks)
    result = compare_and_leak (a, b, size);
  else
    result = __real_sodium_memcmp (a, b, size);
  secret_watch_reveal (&result, sizeof result);

  return result;
}

WRAPPED (int, crypto_scalarmult_curve25519,
         unsigned char *q, const unsigned char *n, const unsigned char *p)
{
  int result = __real_crypto_scalarmult_curve25519 (q, n, p);

  secret_watch_reveal (&result, sizeof result);

  return result;
}

/* This one, and those that decrypt, look at the result themselves. */
WRAPPED (int, crypto_scalarmult_ristretto255,
         unsigned char *q, const unsigned char *n, const unsigned char *p)
{
  int result;

  VALGRIND_DISABLE_ERROR_REPORTING;
  result = __real_crypto_scalarmult_ristretto255 (q, n, p);
  VALGRIND_ENABLE_ERROR_REPORTING;
  secret_watch_reveal (&result, sizeof result);

  return result;
}

WRAPPED (int, crypto_aead_chacha20poly1305_ietf_decrypt_detached,
         unsigned char *m, unsigned char *nsec, const unsigned char *c,
         unsigned long long clen, const unsigned char *mac,
         const unsigned char *ad, unsigned long long adlen,
         const unsigned char *npub, const unsigned char *k)
{
  int result;

  VALGRIND_DISABLE_ERROR_REPORTING;
  result = __real_crypto_aead_chacha20poly1305_ietf_decrypt_detached (
    m, nsec, c, clen, mac, ad, adlen, npub, k);
  VALGRIND_ENABLE_ERROR_REPORTING;
  secret_watch_reveal (&result, sizeof result);

  return result;
}

WRAPPED (int, crypto_aead_aes256gcm_decrypt_detached_afternm,
         unsigned char *m, unsigned char *nsec, const unsigned char *c,
         unsigned long long clen, const unsigned char *mac,
         const unsigned char *ad, unsigned long long adlen,
         const unsigned char *npub, const void *state)
{
  int result;

  VALGRIND_DISABLE_ERROR_REPORTING;
  result = __real_crypto_aead_aes256gcm_decrypt_detached_afternm (
    m, nsec, c, clen, mac, ad, adlen, npub, state);
  VALGRIND_ENABLE_ERROR_REPORTING;
  secret_watch_reveal (&result, sizeof result);

  return result;
}

WRAPPED (int, crypto_aead_xchacha20poly1305_ietf_decrypt,
         unsigned char *m, unsigned long long *mlen, unsigned char *nsec,
         const unsigned char *c, unsigned long long clen,
         const unsigned char *ad, unsigned long long adlen,
         const unsigned char *npub, const unsigned char *k)
{
  int result;

  VALGRIND_DISABLE_ERROR_REPORTING;
  result = __real_crypto_aead_xchacha20poly1305_ietf_decrypt (
    m, mlen, nsec, c, clen, ad, adlen, npub, k);
  VALGRIND_ENABLE_ERROR_REPORTING;
  secret_watch_reveal (&result, sizeof result);

  return result;
}

/* Argon2id looks at its memory where the passphrase says, by design
 * (RFC 9106, section 3.4.1.3). */
WRAPPED (int, crypto_pwhash_argon2id,
         unsigned char *out, unsigned long long outlen, const char *passwd,
         unsigned long long passwdlen, const unsigned char *salt,
         unsigned long long opslimit, size_t memlimit, int alg)
{
  int result;

  VALGRIND_DISABLE_ERROR_REPORTING;
  result = __real_crypto_pwhash_argon2id (out, outlen, passwd, passwdlen, salt,
                                          opslimit, memlimit, alg);
  VALGRIND_ENABLE_ERROR_REPORTING;
  secret_watch_reveal (&result, sizeof result);

  return result;
}
