/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-slice-queue.c: bytes in order, in slices of chunks
 */
#include "config.h"

#include "srudp-glib/srudp-slice-queue-private.h"

/* Slices that are gone stay at the front of the array until they are most of
 * it: moving the rest down costs little then. */
#define COMPACT_MIN 64

void
srudp_slice_queue_init (SrudpSliceQueue *self)
{
  self->slices = g_array_new (FALSE, FALSE, sizeof (SrudpSlice));
  self->head = 0;
  self->n_bytes = 0;
}

void
srudp_slice_queue_drop (SrudpSliceQueue *self)
{
  for (guint i = self->head; i < self->slices->len; i++)
    srudp_slice_clear (&g_array_index (self->slices, SrudpSlice, i));
  g_array_set_size (self->slices, 0);
  self->head = 0;
  self->n_bytes = 0;
}

void
srudp_slice_queue_clear (SrudpSliceQueue *self)
{
  srudp_slice_queue_drop (self);
  g_clear_pointer (&self->slices, g_array_unref);
}

static SrudpSlice *
peek_last (SrudpSliceQueue *self)
{
  if (self->head == self->slices->len)
    return NULL;
  return &g_array_index (self->slices, SrudpSlice, self->slices->len - 1);
}

void
srudp_slice_queue_push (SrudpSliceQueue *self,
                        SrudpSlice       slice)
{
  SrudpSlice *last = peek_last (self);

  self->n_bytes += slice.length;
  if (last != NULL && last->chunk == slice.chunk
      && last->start + last->length == slice.start)
    {
      last->length += slice.length;
      srudp_slice_clear (&slice);
      return;
    }
  g_array_append_val (self->slices, slice);
}

static void
compact (SrudpSliceQueue *self)
{
  if (self->head == self->slices->len)
    {
      g_array_set_size (self->slices, 0);
      self->head = 0;
    }
  else if (self->head >= COMPACT_MIN && self->head > self->slices->len / 2)
    {
      g_array_remove_range (self->slices, 0, self->head);
      self->head = 0;
    }
}

gboolean
srudp_slice_queue_pop (SrudpSliceQueue *self,
                       gsize            max,
                       SrudpSlice      *slice)
{
  SrudpSlice *first;

  if (self->head == self->slices->len || max == 0)
    return FALSE;

  first = &g_array_index (self->slices, SrudpSlice, self->head);
  *slice = *first;
  if (first->length > max)
    {
      srudp_chunk_ref (first->chunk);
      slice->length = max;
      first->start += max;
      first->length -= max;
    }
  else
    {
      self->head++;
      compact (self);
    }
  self->n_bytes -= slice->length;
  return TRUE;
}

void
srudp_slice_queue_move (SrudpSliceQueue *self,
                        SrudpSliceQueue *from)
{
  SrudpSlice slice;

  while (srudp_slice_queue_pop (from, G_MAXSIZE, &slice))
    srudp_slice_queue_push (self, slice);
}
