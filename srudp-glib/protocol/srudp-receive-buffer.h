/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-receive-buffer.h: the input of a stream, put in order
 *
 * Bytes are written at their place into blocks of 16 KiB that are aligned to
 * the stream's offset, so that memory is the window and one block more at the
 * most, however the peer cuts and orders them. Reading gives references into
 * these blocks. A byte that was received once never changes.
 */
#pragma once

#include "srudp-chunk.h"
#include "srudp-range-set.h"

G_BEGIN_DECLS

#define SRUDP_RECEIVE_BLOCK_BYTES 16384
#define SRUDP_RECEIVE_MAX_GAPS 2048
#define SRUDP_FINAL_SIZE_UNKNOWN G_MAXUINT64

typedef enum
{
  SRUDP_RECEIVE_BUFFER_OK = 0,
  SRUDP_RECEIVE_BUFFER_FINAL_SIZE,  /* RFC 9000, section 4.5 */
  SRUDP_RECEIVE_BUFFER_FRAGMENTED,  /* too many gaps: nothing was taken */
} SrudpReceiveBufferResult;

typedef struct
{
  SrudpChunk **blocks; /* a ring; its size is 0 or a power of two */
  guint ring_size;
  guint64 first_block; /* stream offset / block size of the oldest block */
  guint head;          /* index of that block */
  guint n_blocks;      /* from there on; those without bytes are NULL */
  SrudpRangeSet received; /* at or above read_offset */
  guint64 read_offset;    /* handed out up to here */
  guint64 highest_offset; /* end of the highest byte seen */
  guint64 final_size;     /* or SRUDP_FINAL_SIZE_UNKNOWN */
} SrudpReceiveBuffer;

void     srudp_receive_buffer_init  (SrudpReceiveBuffer *buffer);
/* The first byte has this offset: before anything came. */
void     srudp_receive_buffer_start_at (SrudpReceiveBuffer *buffer,
                                        guint64             offset);
/* Frees all it holds; the offsets stay. */
void     srudp_receive_buffer_clear (SrudpReceiveBuffer *buffer);

/* Counts the bytes up to `end` as seen, but keeps none: for a RESET_STREAM, and
 * for input that nobody reads. */
SrudpReceiveBufferResult
         srudp_receive_buffer_skip  (SrudpReceiveBuffer *buffer,
                                     guint64             end,
                                     gboolean            fin);
/* The caller has checked offset + length against flow control. A FRAGMENTED
 * frame was not taken: its packet must not be acknowledged. */
SrudpReceiveBufferResult
         srudp_receive_buffer_put   (SrudpReceiveBuffer *buffer,
                                     guint64             offset,
                                     const guint8       *data,
                                     gsize               length,
                                     gboolean            fin);
/* Contiguous bytes at the read offset; the caller gets a reference. */
gboolean srudp_receive_buffer_read  (SrudpReceiveBuffer *buffer,
                                     SrudpSlice         *slice);
/* Frees a drained block that nobody else looks at any more. Until then small
 * messages share it: a peer that sends single bytes pins no more than it
 * sends. */
void     srudp_receive_buffer_trim  (SrudpReceiveBuffer *buffer);

/* Bytes that read() would give now. */
guint64  srudp_receive_buffer_get_available (const SrudpReceiveBuffer *buffer);
/* Everything up to the FIN was received; it may still be unread. */
gboolean srudp_receive_buffer_is_complete (const SrudpReceiveBuffer *buffer);
/* Everything up to the FIN was handed out. */
gboolean srudp_receive_buffer_is_drained  (const SrudpReceiveBuffer *buffer);

G_END_DECLS
