/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chunk.h: shared blocks of stream bytes
 *
 * A chunk is a reference-counted block. The application's thread and the
 * engine's pass chunks to each other instead of copying bytes: written bytes
 * stay in their chunk until they are acknowledged, and packets are sealed
 * straight from there; received bytes are put into a chunk at their place and
 * read from there. Two threads may touch one chunk at the same time as long as
 * they touch different bytes of it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  gsize capacity;
  guint8 data[];
} SrudpChunk;

/* A range of bytes in a chunk. Whoever holds a slice holds one reference. */
typedef struct
{
  SrudpChunk *chunk;
  gsize start;
  gsize length;
} SrudpSlice;

SrudpChunk *srudp_chunk_new   (gsize capacity);
SrudpChunk *srudp_chunk_ref   (SrudpChunk *chunk);
void        srudp_chunk_unref (SrudpChunk *chunk);

static inline const guint8 *
srudp_slice_data (const SrudpSlice *slice)
{
  return slice->chunk->data + slice->start;
}

/* Drops the reference and empties the slice. */
void srudp_slice_clear (SrudpSlice *slice);

G_END_DECLS
