/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation-text.c: bytes as a text that people pass on
 *
 *     srudp: version (1) | length v | fields | checksum (4)
 *
 * The length counts what follows it; this frame stays the same in all
 * versions, so that a newer invitation is told from a damaged one. The
 * checksum is the start of SHA-256 over the scheme and all before it.
 *
 * The bytes are in the digits of srudp-base32.c, five bits a digit, first bit
 * first, and bits left over are zero. They can be read in any case, no
 * chat takes them for markup, and QR codes have a dense mode for capitals and
 * digits. As the length is known, an invitation ends where it ends, whatever
 * text comes after it; and what is neither a letter nor a digit is passed
 * over, be it a line break of a mail or an invisible space of a chat.
 */
#include "config.h"

#include "srudp-glib/srudp-invitation-text-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/protocol/srudp-reader.h"
#include "srudp-glib/protocol/srudp-writer.h"
#include "srudp-glib/srudp-base32-private.h"

#include <string.h>

#define CHECKSUM_BYTES 4
#define DIGIT_BITS 5

static const char scheme[] = "srudp:";

/* Writing */

static char *
write_digits (const guint8 *bytes,
              gsize         n_bytes)
{
  gsize n_digits = (n_bytes * 8 + DIGIT_BITS - 1) / DIGIT_BITS;
  char *text = g_malloc (strlen (scheme) + n_digits + 1);
  char *out = g_stpcpy (text, scheme);

  for (gsize i = 0; i < n_digits; i++)
    {
      gsize bit = i * DIGIT_BITS;
      guint pair = (guint) bytes[bit / 8] << 8;

      if (bit / 8 + 1 < n_bytes)
        pair |= bytes[bit / 8 + 1];
      *out++ = srudp_base32_digit ((pair >> (11 - bit % 8)) & 31);
    }
  *out = '\0';
  return text;
}

char *
srudp_invitation_wrap (guint8        version,
                       const guint8 *fields,
                       gsize         n_bytes)
{
  guint8 bytes[SRUDP_INVITATION_MAX_BYTES];
  guint8 checksum[CHECKSUM_BYTES];
  SrudpWriter writer;
  char *text = NULL;

  srudp_writer_init (&writer, bytes, sizeof bytes);
  srudp_writer_put_u8 (&writer, version);
  srudp_writer_put_varint (&writer, n_bytes + CHECKSUM_BYTES);
  srudp_writer_put_bytes (&writer, fields, n_bytes);
  if (!writer.overflowed)
    {
      srudp_base32_checksum (scheme, bytes, writer.size, checksum,
                             CHECKSUM_BYTES);
      srudp_writer_put_bytes (&writer, checksum, sizeof checksum);
    }
  if (!writer.overflowed)
    text = write_digits (bytes, writer.size);
  srudp_crypto_wipe (bytes, sizeof bytes);
  return text;
}

/* Reading */

typedef struct
{
  const char *text; /* the next character */
  guint8 *bytes;    /* room for SRUDP_INVITATION_MAX_BYTES and one more */
  gsize n_bits;
} Digits;

/* -1 at the end, and at a letter that is no digit. */
static int
next_digit (Digits *digits)
{
  const char *text = digits->text;

  while (*text != '\0' && !g_unichar_isalnum (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  digits->text = text;
  if (*text == '\0' || (guchar) *text >= 0x80)
    return -1;

  digits->text++;
  return srudp_base32_digit_value (*text);
}

/* Reads on until so many bytes are complete. */
static gboolean
read_bytes (Digits *digits,
            gsize   n_bytes)
{
  while (digits->n_bits < n_bytes * 8)
    {
      int value = next_digit (digits);
      guint8 *at = digits->bytes + digits->n_bits / 8;
      guint shifted;

      if (value < 0)
        return FALSE;
      shifted = (guint) value << (11 - digits->n_bits % 8);
      at[0] |= (guint8) (shifted >> 8);
      at[1] |= (guint8) shifted;
      digits->n_bits += DIGIT_BITS;
    }
  return TRUE;
}

/* Gives where the fields begin, and the size of all. */
static gboolean
read_frame (Digits *digits,
            gsize  *start,
            gsize  *size)
{
  SrudpReader reader;
  guint64 length;
  gsize n_bytes;

  if (!read_bytes (digits, 2))
    return FALSE;
  n_bytes = (gsize) 1 << (digits->bytes[1] >> 6);
  if (!read_bytes (digits, 1 + n_bytes))
    return FALSE;

  srudp_reader_init (&reader, digits->bytes + 1, n_bytes);
  if (!srudp_reader_get_varint (&reader, &length) || length < CHECKSUM_BYTES
      || length > SRUDP_INVITATION_MAX_BYTES - 1 - n_bytes)
    return FALSE;

  *start = 1 + n_bytes;
  *size = *start + length;
  return TRUE;
}

/* Another letter or digit right behind it: something was put in. Letters of
 * other scripts need no space before them. */
static gboolean
ends_here (const Digits *digits,
           gsize         size)
{
  return digits->bytes[size] == 0 && !g_ascii_isalnum (*digits->text);
}

static gboolean
read_all (Digits               *digits,
          SrudpInvitationBytes *out)
{
  guint8 checksum[CHECKSUM_BYTES];
  gsize start, size;

  if (!read_frame (digits, &start, &size) || !read_bytes (digits, size)
      || !ends_here (digits, size))
    return FALSE;

  srudp_base32_checksum (scheme, digits->bytes, size - CHECKSUM_BYTES, checksum,
                         CHECKSUM_BYTES);
  if (memcmp (checksum, digits->bytes + size - CHECKSUM_BYTES,
              CHECKSUM_BYTES) != 0)
    return FALSE;

  out->bytes = digits->bytes;
  out->n_bytes = size;
  out->version = digits->bytes[0];
  out->fields = digits->bytes + start;
  out->n_fields = size - start - CHECKSUM_BYTES;
  return TRUE;
}

/* Finding */

/* Without what cannot be seen, so that it doesn't hide the scheme. */
static char *
copy_visible (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);
  const char *in = valid;
  char *out = valid;

  while (*in != '\0')
    {
      gunichar c = g_utf8_get_char (in);

      /* Never longer than what it was read from: `out` stays behind. */
      in = g_utf8_next_char (in);
      if (g_unichar_type (c) != G_UNICODE_FORMAT)
        out += g_unichar_to_utf8 (c, out);
    }
  memset (out, 0, strlen (out));
  return valid;
}

/* The end of a host name, or of another scheme, is none. */
static gboolean
is_inside_word (const char *text,
                const char *at)
{
  return at != text
         && (g_ascii_isalnum (at[-1]) || strchr (".-+@", at[-1]) != NULL);
}

/* Behind the next scheme, or NULL. */
static const char *
find_scheme (const char *text,
             const char *from)
{
  gsize n_chars = strlen (scheme);

  for (; *from != '\0'; from = g_utf8_next_char (from))
    if (g_ascii_strncasecmp (from, scheme, n_chars) == 0
        && !is_inside_word (text, from))
      return from + n_chars;
  return NULL;
}

static void
free_wiped (gpointer data,
            gsize    n_bytes)
{
  srudp_crypto_wipe (data, n_bytes);
  g_free (data);
}

static SrudpInvitationResult
read_from (const char           *text,
           SrudpInvitationBytes *out)
{
  Digits digits = { .text = text };

  digits.bytes = g_malloc0 (SRUDP_INVITATION_MAX_BYTES + 1);
  if (read_all (&digits, out))
    return SRUDP_INVITATION_GOOD;

  free_wiped (digits.bytes, SRUDP_INVITATION_MAX_BYTES + 1);
  return SRUDP_INVITATION_DAMAGED;
}

SrudpInvitationResult
srudp_invitation_unwrap (const char           *text,
                         SrudpInvitationBytes *out)
{
  char *visible = copy_visible (text);
  const char *at = visible;
  SrudpInvitationResult result = SRUDP_INVITATION_NOT_ONE;

  while (result != SRUDP_INVITATION_GOOD
         && (at = find_scheme (visible, at)) != NULL)
    result = read_from (at, out);
  free_wiped (visible, strlen (visible));
  return result;
}

void
srudp_invitation_bytes_clear (SrudpInvitationBytes *bytes)
{
  if (bytes->bytes == NULL)
    return;
  free_wiped (bytes->bytes, SRUDP_INVITATION_MAX_BYTES + 1);
  memset (bytes, 0, sizeof *bytes);
}
