/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-receive-buffer.c: the input of a stream, put in order
 */
#include "srudp-receive-buffer.h"

#include <string.h>

#define BLOCK_BYTES SRUDP_RECEIVE_BLOCK_BYTES
#define INITIAL_RING 4

void
srudp_receive_buffer_init (SrudpReceiveBuffer *buffer)
{
  *buffer = (SrudpReceiveBuffer) { .final_size = SRUDP_FINAL_SIZE_UNKNOWN };
  srudp_range_set_init (&buffer->received, SRUDP_RECEIVE_MAX_GAPS);
}

void
srudp_receive_buffer_start_at (SrudpReceiveBuffer *buffer,
                               guint64             offset)
{
  buffer->read_offset = buffer->highest_offset = offset;
}

static SrudpChunk **
get_block (const SrudpReceiveBuffer *buffer,
           guint                     index)
{
  return &buffer->blocks[(buffer->head + index) & (buffer->ring_size - 1)];
}

static void
free_blocks (SrudpReceiveBuffer *buffer)
{
  for (guint i = 0; i < buffer->n_blocks; i++)
    g_clear_pointer (get_block (buffer, i), srudp_chunk_unref);
  buffer->n_blocks = 0;
  buffer->head = 0;
  buffer->ring_size = 0;
  g_clear_pointer (&buffer->blocks, g_free);
}

void
srudp_receive_buffer_clear (SrudpReceiveBuffer *buffer)
{
  free_blocks (buffer);
  srudp_range_set_clear (&buffer->received);
}

/* The rules of RFC 9000, section 4.5. */
static gboolean
size_is_possible (const SrudpReceiveBuffer *buffer,
                  guint64                   end,
                  gboolean                  fin)
{
  if (buffer->final_size != SRUDP_FINAL_SIZE_UNKNOWN)
    return fin ? end == buffer->final_size : end <= buffer->final_size;

  return !fin || end >= buffer->highest_offset;
}

SrudpReceiveBufferResult
srudp_receive_buffer_skip (SrudpReceiveBuffer *buffer,
                           guint64             end,
                           gboolean            fin)
{
  if (!size_is_possible (buffer, end, fin))
    return SRUDP_RECEIVE_BUFFER_FINAL_SIZE;

  buffer->highest_offset = MAX (buffer->highest_offset, end);
  if (fin)
    buffer->final_size = end;

  return SRUDP_RECEIVE_BUFFER_OK;
}

static void
grow_ring (SrudpReceiveBuffer *buffer,
           guint               n_blocks)
{
  guint ring_size = MAX (INITIAL_RING, buffer->ring_size);
  SrudpChunk **blocks;

  while (ring_size < n_blocks)
    ring_size *= 2;

  blocks = g_new0 (SrudpChunk *, ring_size);
  for (guint i = 0; i < buffer->n_blocks; i++)
    blocks[i] = *get_block (buffer, i);
  g_free (buffer->blocks);
  buffer->blocks = blocks;
  buffer->ring_size = ring_size;
  buffer->head = 0;
}

/* The block of an offset that was not handed out yet; made when missing. */
static SrudpChunk *
ensure_block (SrudpReceiveBuffer *buffer,
              guint64             offset)
{
  SrudpChunk **block;
  guint index;

  if (buffer->n_blocks == 0)
    buffer->first_block = buffer->read_offset / BLOCK_BYTES;

  index = (guint) (offset / BLOCK_BYTES - buffer->first_block);
  if (index >= buffer->ring_size)
    grow_ring (buffer, index + 1);
  buffer->n_blocks = MAX (buffer->n_blocks, index + 1);

  block = get_block (buffer, index);
  if (*block == NULL)
    *block = srudp_chunk_new (BLOCK_BYTES);

  return *block;
}

static void
copy_bytes (SrudpReceiveBuffer *buffer,
            guint64             offset,
            const guint8       *data,
            guint64             length)
{
  while (length > 0)
    {
      SrudpChunk *block = ensure_block (buffer, offset);
      gsize place = offset % BLOCK_BYTES;
      gsize n_bytes = (gsize) MIN (BLOCK_BYTES - place, length);

      memcpy (block->data + place, data, n_bytes);
      offset += n_bytes;
      data += n_bytes;
      length -= n_bytes;
    }
}

/* Copies what was not received yet: the reader may look at all the rest. */
static void
copy_missing (SrudpReceiveBuffer *buffer,
              guint64             start,
              guint64             end,
              const guint8       *data)
{
  guint64 offset = start;
  guint index;

  for (index = srudp_range_set_find (&buffer->received, start); offset < end; index++)
    {
      const SrudpRange *had = srudp_range_set_get (&buffer->received, index);
      guint64 stop = had == NULL ? end : MIN (had->start, end);

      if (stop > offset)
        copy_bytes (buffer, offset, data + (offset - start), stop - offset);
      if (had == NULL)
        break;
      offset = MAX (offset, had->end);
    }
}

/* What the reader waits for is taken however many gaps there are: refused, it
 * would come again and again, and so close none of them. There is one such
 * range at a time. */
static gboolean
note_received (SrudpReceiveBuffer *buffer,
               guint64             start,
               guint64             end)
{
  gboolean is_taken = srudp_range_set_add (&buffer->received, start, end);

  if (is_taken || start > buffer->read_offset)
    return is_taken;

  buffer->received.max_ranges++;
  is_taken = srudp_range_set_add (&buffer->received, start, end);
  buffer->received.max_ranges--;

  return is_taken;
}

SrudpReceiveBufferResult
srudp_receive_buffer_put (SrudpReceiveBuffer *buffer,
                          guint64             offset,
                          const guint8       *data,
                          gsize               length,
                          gboolean            fin)
{
  guint64 end = offset + length;
  guint64 start = MAX (offset, buffer->read_offset);

  if (!size_is_possible (buffer, end, fin))
    return SRUDP_RECEIVE_BUFFER_FINAL_SIZE;

  if (start < end)
    {
      /* Nearly all arrives in order: nothing of it can be there already. */
      if (start >= buffer->highest_offset)
        copy_bytes (buffer, start, data + (start - offset), end - start);
      else
        copy_missing (buffer, start, end, data + (start - offset));
      if (!note_received (buffer, start, end))
        return SRUDP_RECEIVE_BUFFER_FRAGMENTED;
    }

  return srudp_receive_buffer_skip (buffer, end, fin);
}

guint64
srudp_receive_buffer_get_available (const SrudpReceiveBuffer *buffer)
{
  const SrudpRange *first = srudp_range_set_get (&buffer->received, 0);

  if (first == NULL || first->start != buffer->read_offset)
    return 0;

  return first->end - first->start;
}

gboolean
srudp_receive_buffer_read (SrudpReceiveBuffer *buffer,
                           SrudpSlice         *slice)
{
  guint64 available = srudp_receive_buffer_get_available (buffer);
  gsize place = buffer->read_offset % BLOCK_BYTES;
  SrudpChunk **block;

  if (available == 0)
    return FALSE;

  block = get_block (buffer, 0);
  slice->start = place;
  slice->length = (gsize) MIN (available, BLOCK_BYTES - place);
  slice->chunk = srudp_chunk_ref (*block);

  srudp_range_set_remove (&buffer->received, buffer->read_offset,
                          buffer->read_offset + slice->length);
  buffer->read_offset += slice->length;

  if (place + slice->length == BLOCK_BYTES)
    {
      g_clear_pointer (block, srudp_chunk_unref);
      buffer->head = (buffer->head + 1) & (buffer->ring_size - 1);
      buffer->first_block++;
      buffer->n_blocks--;
    }

  return TRUE;
}

void
srudp_receive_buffer_trim (SrudpReceiveBuffer *buffer)
{
  if (srudp_range_set_get_n_ranges (&buffer->received) > 0)
    return;

  if (buffer->n_blocks > 0)
    {
      SrudpChunk *block = *get_block (buffer, 0);

      /* Only this buffer gives out references: 1 cannot become 2 now. */
      if (block != NULL && !g_atomic_ref_count_compare (&block->ref_count, 1))
        return;
    }
  srudp_receive_buffer_clear (buffer);
}

gboolean
srudp_receive_buffer_is_complete (const SrudpReceiveBuffer *buffer)
{
  return buffer->final_size != SRUDP_FINAL_SIZE_UNKNOWN
    && buffer->read_offset + srudp_receive_buffer_get_available (buffer)
         == buffer->final_size;
}

gboolean
srudp_receive_buffer_is_drained (const SrudpReceiveBuffer *buffer)
{
  return buffer->read_offset == buffer->final_size;
}
