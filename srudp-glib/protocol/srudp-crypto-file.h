/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-crypto-file.h: a secret in a file, under a passphrase
 *
 * The functions are in srudp-crypto.c, which alone knows libsodium.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_ARGON2_SALT_BYTES 16
#define SRUDP_XCHACHA_NONCE_BYTES 24
#define SRUDP_XCHACHA_TAG_BYTES 16

/* Argon2id (RFC 9106), one lane. FALSE: not so much memory. */
gboolean srudp_argon2id      (guint8        key[32],
                              gconstpointer passphrase,
                              gsize         size,
                              const guint8  salt[SRUDP_ARGON2_SALT_BYTES],
                              guint32       n_passes,
                              guint32       memory_kib);
/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha); the tag comes last. */
void     srudp_xchacha_seal  (const guint8  key[32],
                              const guint8  nonce[SRUDP_XCHACHA_NONCE_BYTES],
                              gconstpointer ad,
                              gsize         ad_size,
                              const guint8 *plain,
                              gsize         size,
                              guint8       *sealed);
gboolean srudp_xchacha_open  (const guint8  key[32],
                              const guint8  nonce[SRUDP_XCHACHA_NONCE_BYTES],
                              gconstpointer ad,
                              gsize         ad_size,
                              const guint8 *sealed,
                              gsize         size,
                              guint8       *plain)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
