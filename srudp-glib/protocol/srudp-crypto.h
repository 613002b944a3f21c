/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-crypto.h: the cryptographic primitives; the one door to libsodium
 *
 * None of these allocates or keeps state of its own, except the functions
 * that say so. Outputs may not overlap inputs unless said otherwise.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_X25519_BYTES 32 /* secret, public and shared */
#define SRUDP_SHA256_BYTES 32
#define SRUDP_SHA512_BYTES 64
#define SRUDP_RISTRETTO_BYTES 32 /* points and scalars */
#define SRUDP_SIPHASH_KEY_BYTES 16
#define SRUDP_AEAD_KEY_BYTES 32
#define SRUDP_AEAD_NONCE_BYTES 12
#define SRUDP_AEAD_TAG_BYTES 16
/* RFC 9001, section 5.4.1 */
#define SRUDP_HEADER_SAMPLE_BYTES 16
#define SRUDP_HEADER_MASK_BYTES 5

/* Must succeed once before anything else; may be called again, from any
 * thread. FALSE: libsodium found no usable randomness. */
gboolean srudp_crypto_init (void);

/* Overwrites secrets; never optimised away. */
void srudp_crypto_wipe (gpointer data, gsize size);

/* From the system, in the form that the engine's configuration takes: for
 * whoever configures it. The engine itself has no other source than that. */
void srudp_crypto_random (gpointer user_data, guint8 *out, gsize n_bytes);

/* In constant time. */
gboolean srudp_crypto_equal (gconstpointer a, gconstpointer b, gsize size);

/* Memory for long-lived secrets: locked against swapping where allowed,
 * between guard pages, wiped when freed; aligned for any type. Costs several
 * pages: not for what exists once per connection. Aborts when there is no
 * memory, as g_malloc(). */
gpointer srudp_crypto_secret_alloc (gsize size);
void     srudp_crypto_secret_free  (gpointer secret);

/* X25519 (RFC 7748) */
void     srudp_x25519_public_key (guint8       public_key[SRUDP_X25519_BYTES],
                                  const guint8 secret[SRUDP_X25519_BYTES]);
/* FALSE, with `shared` untouched, for a low-order public key. */
gboolean srudp_x25519            (guint8       shared[SRUDP_X25519_BYTES],
                                  const guint8 secret[SRUDP_X25519_BYTES],
                                  const guint8 public_key[SRUDP_X25519_BYTES])
  G_GNUC_WARN_UNUSED_RESULT;

/* The group ristretto255 (RFC 9496). */
void     srudp_ristretto_from_hash (guint8       point[SRUDP_RISTRETTO_BYTES],
                                    const guint8 hash[SRUDP_SHA512_BYTES]);
/* A scalar from 64 random bytes. */
void     srudp_ristretto_scalar    (guint8       scalar[SRUDP_RISTRETTO_BYTES],
                                    const guint8 random[SRUDP_SHA512_BYTES]);
/* FALSE, with `product` untouched, if `point` is none or the result is the
 * neutral element. */
gboolean srudp_ristretto_multiply  (guint8       product[SRUDP_RISTRETTO_BYTES],
                                    const guint8 scalar[SRUDP_RISTRETTO_BYTES],
                                    const guint8 point[SRUDP_RISTRETTO_BYTES])
  G_GNUC_WARN_UNUSED_RESULT;

/* SHA-256 (FIPS 180-4): init, any number of updates, one final. */
typedef struct
{
  guint64 opaque[14];
} SrudpSha256;

void srudp_sha256_init   (SrudpSha256  *hash);
void srudp_sha256_update (SrudpSha256  *hash,
                          gconstpointer data,
                          gsize         size);
void srudp_sha256_final  (SrudpSha256  *hash,
                          guint8        out[SRUDP_SHA256_BYTES]);
void srudp_sha256        (guint8        out[SRUDP_SHA256_BYTES],
                          gconstpointer data,
                          gsize         size);

/* Pieces of a message, hashed as if they stood in one buffer. */
typedef struct
{
  gconstpointer data;
  gsize size;
} SrudpSpan;

/* SHA-512 (FIPS 180-4) */
void srudp_sha512 (guint8           out[SRUDP_SHA512_BYTES],
                   const SrudpSpan *spans,
                   gsize            n_spans);

/* HMAC-SHA256 (RFC 2104) */
void srudp_hmac_sha256 (guint8           out[SRUDP_SHA256_BYTES],
                        gconstpointer    key,
                        gsize            key_size,
                        const SrudpSpan *spans,
                        gsize            n_spans);

/* HKDF of the Noise specification, section 4.3: two or three outputs from a
 * chaining key. `out3` may be NULL. Outputs may be the chaining key itself. */
void srudp_hkdf (const guint8  chaining_key[SRUDP_SHA256_BYTES],
                 gconstpointer input,
                 gsize         input_size,
                 guint8        out1[SRUDP_SHA256_BYTES],
                 guint8        out2[SRUDP_SHA256_BYTES],
                 guint8        out3[SRUDP_SHA256_BYTES]);

/* HKDF-Expand (RFC 5869, section 2.3) with the label as info; out_size is at
 * most 32. Outputs may be the secret itself. */
void srudp_hkdf_expand (guint8       *out,
                        gsize         out_size,
                        const guint8  secret[SRUDP_SHA256_BYTES],
                        const char   *label);

/* Keyed BLAKE2b (RFC 7693): out_size 16 to 64, key_size 16 to 64. */
void srudp_blake2b (guint8          *out,
                    gsize            out_size,
                    gconstpointer    key,
                    gsize            key_size,
                    const SrudpSpan *spans,
                    gsize            n_spans);

/* SipHash-2-4: short, for places in tables that nobody can foresee without the
 * key; not for authentication. */
guint64 srudp_siphash (const guint8  key[SRUDP_SIPHASH_KEY_BYTES],
                       gconstpointer data,
                       gsize         size);

/* The values are bits of the cipher abilities in a handshake. */
typedef enum
{
  SRUDP_CIPHER_CHACHA20_POLY1305 = 1 << 0, /* RFC 8439, always there */
  SRUDP_CIPHER_AES_256_GCM = 1 << 1,       /* only with hardware for it */
} SrudpCipher;

gboolean    srudp_cipher_is_available (SrudpCipher cipher);
/* A static name, as for SrudpSessionStats. */
const char *srudp_cipher_get_name     (SrudpCipher cipher);

/* A key made ready for its cipher: copyable, to be wiped after use. */
typedef struct
{
  guint8 expanded[512] __attribute__ ((aligned (16)));
  SrudpCipher cipher;
} SrudpAead;

void     srudp_aead_init (SrudpAead       *aead,
                          SrudpCipher      cipher,
                          const guint8     key[SRUDP_AEAD_KEY_BYTES]);
/* The three calls of each packet stay calls, so that a profile tells the cipher
 * from the rest. */

/* Writes `size` bytes to `out`, which may be `data` (but not overlap it any
 * other way), and a tag. */
G_NO_INLINE
void     srudp_aead_seal (const SrudpAead *aead,
                          const guint8     nonce[SRUDP_AEAD_NONCE_BYTES],
                          gconstpointer    header,
                          gsize            header_size,
                          const guint8    *data,
                          gsize            size,
                          guint8          *out,
                          guint8           tag[SRUDP_AEAD_TAG_BYTES]);
/* The reverse. FALSE: not authentic, `out` is as it was (so also `data`). */
G_NO_INLINE
gboolean srudp_aead_open (const SrudpAead *aead,
                          const guint8     nonce[SRUDP_AEAD_NONCE_BYTES],
                          gconstpointer    header,
                          gsize            header_size,
                          const guint8    *data,
                          gsize            size,
                          const guint8     tag[SRUDP_AEAD_TAG_BYTES],
                          guint8          *out)
  G_GNUC_WARN_UNUSED_RESULT;

/* RFC 9001, section 5.4.4 */
G_NO_INLINE
void srudp_header_mask (guint8       mask[SRUDP_HEADER_MASK_BYTES],
                        const guint8 key[SRUDP_AEAD_KEY_BYTES],
                        const guint8 sample[SRUDP_HEADER_SAMPLE_BYTES]);

G_END_DECLS
