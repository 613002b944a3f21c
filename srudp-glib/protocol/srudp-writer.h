/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-writer.h: a bounded cursor that fills a buffer
 *
 * Every putter returns FALSE, writes nothing and sets `overflowed` when its
 * bytes do not fit; from then on all of them fail, so that a run of puts needs
 * one check at its end. srudp_writer_rewind() takes back to an earlier size.
 * Numbers are in network byte order. All of it is inline: building packets is
 * on the hot path.
 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* RFC 9000, section 16: two of 64 bits are the length. */
#define SRUDP_VARINT_MAX ((G_GUINT64_CONSTANT (1) << 62) - 1)

typedef struct
{
  guint8 *data;
  gsize capacity;
  gsize size; /* bytes written so far */
  gboolean overflowed;
} SrudpWriter;

static inline void
srudp_writer_init (SrudpWriter *writer, void *data, gsize capacity)
{
  writer->data = (guint8 *) data;
  writer->capacity = capacity;
  writer->size = 0;
  writer->overflowed = FALSE;
}

static inline gsize
srudp_writer_get_left (const SrudpWriter *writer)
{
  return writer->overflowed ? 0 : writer->capacity - writer->size;
}

/* Forgets all that was written after `size`, and any overflow. */
static inline void
srudp_writer_rewind (SrudpWriter *writer, gsize size)
{
  g_return_if_fail (size <= writer->size);

  writer->size = size;
  writer->overflowed = FALSE;
}

/* Room for bytes the caller fills in itself, now or later. */
static inline gboolean
srudp_writer_reserve (SrudpWriter *writer, guint8 **room, gsize n_bytes)
{
  if (srudp_writer_get_left (writer) < n_bytes)
    writer->overflowed = TRUE;
  if (writer->overflowed)
    return FALSE;

  *room = writer->data + writer->size;
  writer->size += n_bytes;

  return TRUE;
}

static inline gboolean
srudp_writer_put_bytes (SrudpWriter *writer, const void *bytes, gsize n_bytes)
{
  guint8 *room;

  if (!srudp_writer_reserve (writer, &room, n_bytes))
    return FALSE;

  if (n_bytes > 0)
    memcpy (room, bytes, n_bytes);

  return TRUE;
}

static inline gboolean
srudp_writer_put_zeros (SrudpWriter *writer, gsize n_bytes)
{
  guint8 *room;

  if (!srudp_writer_reserve (writer, &room, n_bytes))
    return FALSE;

  if (n_bytes > 0)
    memset (room, 0, n_bytes);

  return TRUE;
}

static inline gboolean
srudp_writer_put_u8 (SrudpWriter *writer, guint8 value)
{
  return srudp_writer_put_bytes (writer, &value, 1);
}

static inline gboolean
srudp_writer_put_u16 (SrudpWriter *writer, guint16 value)
{
  value = GUINT16_TO_BE (value);

  return srudp_writer_put_bytes (writer, &value, sizeof value);
}

static inline gboolean
srudp_writer_put_u32 (SrudpWriter *writer, guint32 value)
{
  value = GUINT32_TO_BE (value);

  return srudp_writer_put_bytes (writer, &value, sizeof value);
}

static inline gboolean
srudp_writer_put_u64 (SrudpWriter *writer, guint64 value)
{
  value = GUINT64_TO_BE (value);

  return srudp_writer_put_bytes (writer, &value, sizeof value);
}

/* Bytes of the shortest varint for a value up to SRUDP_VARINT_MAX. */
static inline gsize
srudp_varint_size (guint64 value)
{
  if (value < (1 << 6))
    return 1;
  if (value < (1 << 14))
    return 2;
  if (value < (1 << 30))
    return 4;
  return 8;
}

/* In exactly 1, 2, 4 or 8 bytes: for a length that is filled in later. Fails
 * as an overflow when the value needs more. */
static inline gboolean
srudp_writer_put_varint_sized (SrudpWriter *writer, guint64 value, gsize n_bytes)
{
  if (value > SRUDP_VARINT_MAX || srudp_varint_size (value) > n_bytes)
    writer->overflowed = TRUE;

  switch (n_bytes)
    {
    case 1:
      return srudp_writer_put_u8 (writer, (guint8) value);
    case 2:
      return srudp_writer_put_u16 (writer, (guint16) (value | 0x4000));
    case 4:
      return srudp_writer_put_u32 (writer, (guint32) (value | 0x80000000));
    case 8:
      return srudp_writer_put_u64 (writer, value | G_GUINT64_CONSTANT (3) << 62);
    default:
      g_return_val_if_reached (FALSE);
    }
}

static inline gboolean
srudp_writer_put_varint (SrudpWriter *writer, guint64 value)
{
  if (value < (1 << 6))
    return srudp_writer_put_u8 (writer, (guint8) value);

  return srudp_writer_put_varint_sized (writer, value, srudp_varint_size (value));
}

G_END_DECLS
