/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chunk.c: shared blocks of stream bytes
 */
#include "srudp-chunk.h"

SrudpChunk *
srudp_chunk_new (gsize capacity)
{
  SrudpChunk *chunk = g_malloc (sizeof (SrudpChunk) + capacity);

  g_atomic_ref_count_init (&chunk->ref_count);
  chunk->capacity = capacity;

  return chunk;
}

SrudpChunk *
srudp_chunk_ref (SrudpChunk *chunk)
{
  g_atomic_ref_count_inc (&chunk->ref_count);

  return chunk;
}

void
srudp_chunk_unref (SrudpChunk *chunk)
{
  if (g_atomic_ref_count_dec (&chunk->ref_count))
    g_free (chunk);
}

void
srudp_slice_clear (SrudpSlice *slice)
{
  SrudpChunk *chunk = g_steal_pointer (&slice->chunk);

  slice->start = 0;
  slice->length = 0;
  if (chunk != NULL)
    srudp_chunk_unref (chunk);
}
