/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-reader.h: a bounded cursor over received bytes
 *
 * Every getter returns FALSE when too few bytes are left; then neither the
 * cursor nor the output has changed. Numbers are in network byte order.
 * All of it is inline: parsing frames is on the hot path.
 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct
{
  const guint8 *data; /* the next byte */
  gsize left;         /* bytes from there to the end */
} SrudpReader;

static inline void
srudp_reader_init (SrudpReader *reader, const void *data, gsize size)
{
  /* Not even 0 bytes may be added to NULL. */
  reader->data = data != NULL ? (const guint8 *) data : (const guint8 *) "";
  reader->left = size;
}

static inline gboolean
srudp_reader_is_empty (const SrudpReader *reader)
{
  return reader->left == 0;
}

/* A view of the next bytes: valid as long as the data under the cursor is. */
static inline gboolean
srudp_reader_get_view (SrudpReader *reader, const guint8 **view, gsize n_bytes)
{
  if (reader->left < n_bytes)
    return FALSE;

  *view = reader->data;
  reader->data += n_bytes;
  reader->left -= n_bytes;

  return TRUE;
}

/* A cursor over the next bytes alone, for a field that has its own length. */
static inline gboolean
srudp_reader_get_reader (SrudpReader *reader, SrudpReader *inner, gsize n_bytes)
{
  const guint8 *view;

  if (!srudp_reader_get_view (reader, &view, n_bytes))
    return FALSE;

  srudp_reader_init (inner, view, n_bytes);

  return TRUE;
}

static inline gboolean
srudp_reader_get_bytes (SrudpReader *reader, void *out, gsize n_bytes)
{
  const guint8 *view;

  if (!srudp_reader_get_view (reader, &view, n_bytes))
    return FALSE;

  if (n_bytes > 0)
    memcpy (out, view, n_bytes);

  return TRUE;
}

static inline gboolean
srudp_reader_skip (SrudpReader *reader, gsize n_bytes)
{
  const guint8 *view;

  return srudp_reader_get_view (reader, &view, n_bytes);
}

static inline gboolean
srudp_reader_peek_u8 (const SrudpReader *reader, guint8 *out)
{
  if (reader->left < 1)
    return FALSE;

  *out = reader->data[0];

  return TRUE;
}

static inline gboolean
srudp_reader_get_u8 (SrudpReader *reader, guint8 *out)
{
  return srudp_reader_get_bytes (reader, out, 1);
}

static inline gboolean
srudp_reader_get_u16 (SrudpReader *reader, guint16 *out)
{
  guint16 value;

  if (!srudp_reader_get_bytes (reader, &value, sizeof value))
    return FALSE;

  *out = GUINT16_FROM_BE (value);

  return TRUE;
}

static inline gboolean
srudp_reader_get_u32 (SrudpReader *reader, guint32 *out)
{
  guint32 value;

  if (!srudp_reader_get_bytes (reader, &value, sizeof value))
    return FALSE;

  *out = GUINT32_FROM_BE (value);

  return TRUE;
}

static inline gboolean
srudp_reader_get_u64 (SrudpReader *reader, guint64 *out)
{
  guint64 value;

  if (!srudp_reader_get_bytes (reader, &value, sizeof value))
    return FALSE;

  *out = GUINT64_FROM_BE (value);

  return TRUE;
}

/* RFC 9000, section 16: the two high bits of the first byte give the length
 * (1, 2, 4 or 8 bytes), the rest is the number. Longer forms than needed are
 * legal. */
static inline gboolean
srudp_reader_get_varint (SrudpReader *reader, guint64 *out)
{
  guint8 first;
  guint16 two;
  guint32 four;

  if (!srudp_reader_peek_u8 (reader, &first))
    return FALSE;

  switch (first >> 6)
    {
    case 0:
      *out = first;
      return srudp_reader_skip (reader, 1);
    case 1:
      if (!srudp_reader_get_u16 (reader, &two))
        return FALSE;
      *out = two & 0x3fff;
      return TRUE;
    case 2:
      if (!srudp_reader_get_u32 (reader, &four))
        return FALSE;
      *out = four & 0x3fffffff;
      return TRUE;
    default:
      if (!srudp_reader_get_u64 (reader, out))
        return FALSE;
      *out &= (G_GUINT64_CONSTANT (1) << 62) - 1;
      return TRUE;
    }
}

G_END_DECLS
