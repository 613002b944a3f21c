/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-base32.c: keys as text that people can read to each other
 *
 * A text is PREFIX-xxxxxxxx-xxxxxxxx-… with seven groups of eight digits: the
 * 32 bytes of the key and a checksum of 3, five bits a digit, first bit first.
 * The checksum is the start of SHA-256 over the prefix and the key, so
 * that one kind of text is never taken for another. The digits are Douglas
 * Crockford's: no i, l, o and u; when read back, case and dashes do not count,
 * and o, i and l are taken as 0, 1 and 1.
 */
#include "config.h"

#include "srudp-glib/srudp-base32-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"

#include <string.h>

#define CHECKSUM_BYTES 3
#define RAW_BYTES (SRUDP_BASE32_KEY_BYTES + CHECKSUM_BYTES)
#define DIGITS (RAW_BYTES * 8 / 5)
#define GROUP_DIGITS 8

/* Keys are read and written without a branch or a table that depends on them:
 * how long that takes, and what it leaves in a cache, says nothing of them. */

/* All ones, or 0; both are below 2^31. */
static guint
mask_below (guint a,
            guint b)
{
  return 0u - ((a - b) >> 31);
}

static guint
mask_equal (guint a,
            guint b)
{
  return mask_below (a ^ b, 1);
}

char
srudp_base32_digit (guint value)
{
  guint c = '0' + value;

  c += mask_below (9, value) & ('a' - '9' - 1);
  /* i, l, o and u are left out. */
  c += mask_below (17, value) & 1;
  c += mask_below (19, value) & 1;
  c += mask_below (21, value) & 1;
  c += mask_below (26, value) & 1;
  return (char) c;
}

void
srudp_base32_checksum (const char   *prefix,
                       const guint8 *bytes,
                       gsize         n_bytes,
                       guint8       *out,
                       gsize         n_out)
{
  guint8 hash[SRUDP_SHA256_BYTES];
  SrudpSha256 state;

  srudp_sha256_init (&state);
  srudp_sha256_update (&state, prefix, strlen (prefix));
  srudp_sha256_update (&state, bytes, n_bytes);
  srudp_sha256_final (&state, hash);
  memcpy (out, hash, MIN (n_out, sizeof hash));

  srudp_crypto_wipe (hash, sizeof hash);
  srudp_crypto_wipe (&state, sizeof state);
}

/* -1 for what is no digit. */
int
srudp_base32_digit_value (char c)
{
  guint letter = (guchar) c;
  guint value = 0; /* one more than it is, so that 0 says there is none */

  letter |= mask_below ('A' - 1, letter) & mask_below (letter, 'Z' + 1) & 0x20;
  for (guint i = 0; i < 32; i++)
    value |= mask_equal (letter, (guint) srudp_base32_digit (i)) & (i + 1);
  value |= mask_equal (letter, 'o') & 1;
  value |= (mask_equal (letter, 'i') | mask_equal (letter, 'l')) & 2;
  return (int) value - 1;
}

/* Writes what follows the prefix. The caller owns the buffer, as a secret key
 * must not pass through memory that isn't wiped. */
void
srudp_base32_encode_key (const char   *prefix,
                         const guint8  key[SRUDP_BASE32_KEY_BYTES],
                         char          body[SRUDP_BASE32_BODY_CHARS + 1])
{
  guint8 raw[RAW_BYTES];
  char *out = body;

  memcpy (raw, key, SRUDP_BASE32_KEY_BYTES);
  srudp_base32_checksum (prefix, key, SRUDP_BASE32_KEY_BYTES,
                         raw + SRUDP_BASE32_KEY_BYTES, CHECKSUM_BYTES);

  for (guint i = 0; i < DIGITS; i++)
    {
      guint bit = i * 5;
      guint pair = (guint) raw[bit / 8] << 8;

      if (bit / 8 + 1 < RAW_BYTES)
        pair |= raw[bit / 8 + 1];
      if (i % GROUP_DIGITS == 0)
        *out++ = '-';
      *out++ = srudp_base32_digit ((pair >> (11 - bit % 8)) & 31);
    }
  *out = '\0';
  srudp_crypto_wipe (raw, sizeof raw);
}

/* `raw` ends with a byte that says whether all of them were digits. */
static gboolean
decode_digits (const char *text,
               guint8      raw[RAW_BYTES + 1])
{
  guint n = 0;

  memset (raw, 0, RAW_BYTES + 1);
  for (; *text != '\0'; text++)
    {
      guint value;

      if (*text == '-')
        continue;
      if (n == DIGITS)
        return FALSE;
      value = (guint) srudp_base32_digit_value (*text);
      raw[RAW_BYTES] |= (guint8) (value >> 31);
      for (guint b = 0; b < 5; b++)
        {
          guint bit = n * 5 + b;

          raw[bit / 8] |= (guint8) ((value >> (4 - b) & 1) << (7 - bit % 8));
        }
      n++;
    }
  return n == DIGITS;
}

/* Leaves `key` as it was unless the text is right. */
gboolean
srudp_base32_decode_key (const char *prefix,
                         const char *text,
                         guint8      key[SRUDP_BASE32_KEY_BYTES])
{
  guint8 raw[RAW_BYTES + 1];
  guint8 checksum[CHECKSUM_BYTES + 1] = { 0 };
  gboolean ok;

  if (g_ascii_strncasecmp (text, prefix, strlen (prefix)) != 0)
    return FALSE;

  ok = decode_digits (text + strlen (prefix), raw);
  if (ok)
    {
      srudp_base32_checksum (prefix, raw, SRUDP_BASE32_KEY_BYTES, checksum,
                             CHECKSUM_BYTES);
      /* One comparison is all that a wrong text shows. */
      ok = srudp_crypto_equal (checksum, raw + SRUDP_BASE32_KEY_BYTES,
                               sizeof checksum);
    }
  if (ok)
    memcpy (key, raw, SRUDP_BASE32_KEY_BYTES);
  srudp_crypto_wipe (raw, sizeof raw);
  return ok;
}
