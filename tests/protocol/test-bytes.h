/*
 * SPDX-License-Identifier: MIT
 *
 * test-bytes.h: published vectors are written in hexadecimal
 */
#pragma once

#include <glib.h>
#include <string.h>

/* Turns hexadecimal digits into bytes; the text must be nothing else. */
static inline GByteArray *
test_bytes_from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();
  gsize length = strlen (hex);

  g_assert_cmpuint (length % 2, ==, 0);
  for (gsize i = 0; i < length; i += 2)
    {
      int high = g_ascii_xdigit_value (hex[i]);
      int low = g_ascii_xdigit_value (hex[i + 1]);
      guint8 byte = (guint8) (high << 4 | low);

      g_assert_cmpint (high, >=, 0);
      g_assert_cmpint (low, >=, 0);
      g_byte_array_append (bytes, &byte, 1);
    }

  return bytes;
}

/* For arrays of a known size. */
static inline void
test_bytes_fill (guint8 *out, gsize size, const char *hex)
{
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (hex);

  g_assert_cmpuint (bytes->len, ==, size);
  if (size > 0)
    memcpy (out, bytes->data, size);
}

#define test_assert_bytes(actual, size, hex)                                   \
  G_STMT_START                                                                 \
  {                                                                            \
    g_autoptr (GByteArray) expected_bytes = test_bytes_from_hex (hex);         \
    g_assert_cmpmem (actual, size, expected_bytes->data, expected_bytes->len); \
  }                                                                            \
  G_STMT_END
