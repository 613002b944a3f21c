/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-base32-private.h: keys as text that people can read to each other
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_BASE32_KEY_BYTES 32
/* 35 bytes in digits of 5 bits, in 7 groups of 8, each after a dash. */
#define SRUDP_BASE32_BODY_CHARS (7 * (1 + 8))

/* Of a value up to 31. */
char     srudp_base32_digit      (guint value);
int      srudp_base32_digit_value (char c);
void     srudp_base32_encode_key (const char   *prefix,
                                  const guint8  key[SRUDP_BASE32_KEY_BYTES],
                                  char          body[SRUDP_BASE32_BODY_CHARS + 1]);
gboolean srudp_base32_decode_key (const char   *prefix,
                                  const char   *text,
                                  guint8        key[SRUDP_BASE32_KEY_BYTES]);

/* The start of SHA-256 over both; all of it is wiped. */
void     srudp_base32_checksum   (const char   *prefix,
                                  const guint8 *bytes,
                                  gsize         n_bytes,
                                  guint8       *out,
                                  gsize         n_out);

G_END_DECLS
