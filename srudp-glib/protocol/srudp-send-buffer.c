/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-send-buffer.c: the output of a stream until it is acknowledged
 */
#include "srudp-send-buffer.h"

#include "srudp-writer.h"

#include <string.h>

#define INITIAL_RING 16
/* An empty ring larger than this is given back. */
#define KEPT_RING 64

void
srudp_send_buffer_init (SrudpSendBuffer *buffer)
{
  *buffer = (SrudpSendBuffer) { 0 };
  /* There are never more ranges than packets in flight. */
  srudp_range_set_init (&buffer->lost, G_MAXUINT);
  srudp_range_set_init (&buffer->acked, G_MAXUINT);
}

static SrudpSendSlice *
get_slice (const SrudpSendBuffer *buffer,
           guint                  index)
{
  return &buffer->slices[(buffer->head + index) & (buffer->ring_size - 1)];
}

static void
drop_ring (SrudpSendBuffer *buffer)
{
  g_clear_pointer (&buffer->slices, g_free);
  buffer->ring_size = 0;
  buffer->head = 0;
}

void
srudp_send_buffer_start_at (SrudpSendBuffer *buffer,
                            guint64          offset)
{
  buffer->acked_offset = buffer->next_offset = buffer->written_offset = offset;
}

guint64
srudp_send_buffer_get_left (const SrudpSendBuffer *buffer)
{
  return SRUDP_VARINT_MAX - buffer->written_offset;
}

void
srudp_send_buffer_clear (SrudpSendBuffer *buffer)
{
  for (guint i = 0; i < buffer->n_slices; i++)
    srudp_slice_clear (&get_slice (buffer, i)->slice);
  buffer->n_slices = 0;
  buffer->cursor = 0;
  drop_ring (buffer);
  srudp_range_set_clear (&buffer->lost);
  srudp_range_set_clear (&buffer->acked);
}

static void
grow_ring (SrudpSendBuffer *buffer)
{
  guint ring_size = MAX (INITIAL_RING, buffer->ring_size * 2);
  SrudpSendSlice *slices = g_new (SrudpSendSlice, ring_size);

  for (guint i = 0; i < buffer->n_slices; i++)
    slices[i] = *get_slice (buffer, i);
  g_free (buffer->slices);
  buffer->slices = slices;
  buffer->ring_size = ring_size;
  buffer->head = 0;
}

/* Small writes often lie side by side in one chunk: they become one slice. */
static gboolean
extend_last (SrudpSendBuffer  *buffer,
             const SrudpSlice *slice)
{
  SrudpSlice *last;

  if (buffer->n_slices == 0)
    return FALSE;

  last = &get_slice (buffer, buffer->n_slices - 1)->slice;
  if (last->chunk != slice->chunk || last->start + last->length != slice->start)
    return FALSE;

  last->length += slice->length;

  return TRUE;
}

gboolean
srudp_send_buffer_write (SrudpSendBuffer *buffer,
                         SrudpSlice      *slice)
{
  gsize length = slice->length;

  if (buffer->fin != SRUDP_FIN_NONE
      || length > srudp_send_buffer_get_left (buffer))
    return FALSE;

  if (length == 0 || extend_last (buffer, slice))
    {
      srudp_slice_clear (slice);
    }
  else
    {
      if (buffer->n_slices == buffer->ring_size)
        grow_ring (buffer);
      *get_slice (buffer, buffer->n_slices++) =
        (SrudpSendSlice) { *slice, buffer->written_offset };
      *slice = (SrudpSlice) { NULL };
    }
  buffer->written_offset += length;

  return TRUE;
}

void
srudp_send_buffer_finish (SrudpSendBuffer *buffer)
{
  if (buffer->fin == SRUDP_FIN_NONE)
    buffer->fin = SRUDP_FIN_UNSENT;
}

static gboolean
fin_is_waiting (const SrudpSendBuffer *buffer)
{
  return buffer->fin == SRUDP_FIN_UNSENT || buffer->fin == SRUDP_FIN_LOST;
}

/* Lost bytes and a FIN need no credit, fresh bytes do. */
gboolean
srudp_send_buffer_peek (const SrudpSendBuffer *buffer,
                        gsize                  max_length,
                        guint64                limit,
                        SrudpSendPiece        *piece)
{
  const SrudpRange *lost = srudp_range_set_get (&buffer->lost, 0);
  guint64 offset, length;

  if (lost != NULL && max_length > 0)
    {
      offset = lost->start;
      length = MIN (lost->end - lost->start, max_length);
    }
  else
    {
      offset = buffer->next_offset;
      length = MIN (srudp_send_buffer_get_unsent (buffer), max_length);
      length = MIN (length, limit > offset ? limit - offset : 0);
    }

  piece->fin = fin_is_waiting (buffer) && offset + length == buffer->written_offset;
  piece->offset = offset;
  piece->length = (gsize) length;
  piece->retransmission = offset < buffer->next_offset;

  return length > 0 || piece->fin;
}

/* Which slice holds the byte. Packets ask for one byte range after the other,
 * so it is nearly always the slice where the last copy ended, or the next. */
static guint
find_slice (const SrudpSendBuffer *buffer,
            guint64                offset)
{
  guint low = 0, high = buffer->n_slices;

  for (guint i = buffer->cursor; i < MIN (buffer->cursor + 2, high); i++)
    {
      const SrudpSendSlice *slice = get_slice (buffer, i);

      if (offset >= slice->offset && offset - slice->offset < slice->slice.length)
        return i;
    }

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (get_slice (buffer, middle)->offset <= offset)
        low = middle;
      else
        high = middle;
    }

  return low;
}

void
srudp_send_buffer_copy (SrudpSendBuffer *buffer,
                        guint64          offset,
                        guint8          *out,
                        gsize            length)
{
  guint index;

  if (length == 0)
    return;

  g_return_if_fail (offset >= buffer->acked_offset
                    && length <= buffer->written_offset - offset);

  index = find_slice (buffer, offset);
  for (;;)
    {
      const SrudpSendSlice *slice = get_slice (buffer, index);
      gsize skip = (gsize) (offset - slice->offset);
      gsize n_bytes = MIN (slice->slice.length - skip, length);

      memcpy (out, srudp_slice_data (&slice->slice) + skip, n_bytes);
      out += n_bytes;
      offset += n_bytes;
      length -= n_bytes;
      if (length == 0)
        break;
      index++;
    }
  buffer->cursor = index;
}

void
srudp_send_buffer_mark_sent (SrudpSendBuffer *buffer,
                             guint64          offset,
                             gsize            length,
                             gboolean         fin)
{
  guint64 end = offset + length;

  g_return_if_fail (offset <= buffer->next_offset && end <= buffer->written_offset);

  srudp_range_set_remove (&buffer->lost, offset, end);
  buffer->next_offset = MAX (buffer->next_offset, end);
  if (fin && buffer->fin != SRUDP_FIN_ACKED)
    buffer->fin = SRUDP_FIN_IN_FLIGHT;
}

void
srudp_send_buffer_mark_lost (SrudpSendBuffer *buffer,
                             guint64          offset,
                             gsize            length,
                             gboolean         fin)
{
  guint64 end = offset + length;
  guint index;

  g_return_if_fail (end <= buffer->next_offset);

  if (fin && buffer->fin == SRUDP_FIN_IN_FLIGHT)
    buffer->fin = SRUDP_FIN_LOST;

  /* Parts of it may have been acknowledged in another packet. */
  offset = MAX (offset, buffer->acked_offset);
  for (index = srudp_range_set_find (&buffer->acked, offset); offset < end; index++)
    {
      const SrudpRange *acked = srudp_range_set_get (&buffer->acked, index);

      if (acked == NULL || acked->start >= end)
        {
          srudp_range_set_add (&buffer->lost, offset, end);
          break;
        }
      srudp_range_set_add (&buffer->lost, offset, acked->start);
      offset = MAX (offset, acked->end);
    }
}

static void
free_acked_slices (SrudpSendBuffer *buffer)
{
  while (buffer->n_slices > 0)
    {
      SrudpSendSlice *oldest = get_slice (buffer, 0);

      if (oldest->offset + oldest->slice.length > buffer->acked_offset)
        return;

      srudp_slice_clear (&oldest->slice);
      buffer->head = (buffer->head + 1) & (buffer->ring_size - 1);
      buffer->n_slices--;
      if (buffer->cursor > 0)
        buffer->cursor--;
    }

  if (buffer->ring_size > KEPT_RING)
    drop_ring (buffer);
}

void
srudp_send_buffer_mark_acked (SrudpSendBuffer *buffer,
                              guint64          offset,
                              gsize            length,
                              gboolean         fin)
{
  guint64 end = offset + length;
  const SrudpRange *next;

  g_return_if_fail (end <= buffer->next_offset);

  if (fin)
    buffer->fin = SRUDP_FIN_ACKED;
  srudp_range_set_remove (&buffer->lost, offset, end);

  if (offset > buffer->acked_offset)
    {
      srudp_range_set_add (&buffer->acked, offset, end);
      return;
    }

  buffer->acked_offset = MAX (buffer->acked_offset, end);
  while ((next = srudp_range_set_get (&buffer->acked, 0)) != NULL
         && next->start <= buffer->acked_offset)
    {
      buffer->acked_offset = MAX (buffer->acked_offset, next->end);
      srudp_range_set_drop_first (&buffer->acked);
    }
  free_acked_slices (buffer);
}

gboolean
srudp_send_buffer_has_free_work (const SrudpSendBuffer *buffer)
{
  return srudp_range_set_get_n_ranges (&buffer->lost) > 0
    || (fin_is_waiting (buffer) && srudp_send_buffer_get_unsent (buffer) == 0);
}

gboolean
srudp_send_buffer_is_done (const SrudpSendBuffer *buffer)
{
  return buffer->fin == SRUDP_FIN_ACKED
    && buffer->acked_offset == buffer->written_offset;
}
