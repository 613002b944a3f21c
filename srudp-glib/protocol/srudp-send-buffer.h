/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-send-buffer.h: the output of a stream until it is acknowledged
 *
 * Written slices are kept, not copied, until every byte up to their end is
 * acknowledged. Each byte is unsent, in flight, lost or acknowledged; the FIN
 * behaves like one more byte after the last.
 *
 *     acked_offset      next_offset (sent at least once)   written_offset
 *     |  in flight / lost / acked out of order  |   unsent   |
 */
#pragma once

#include "srudp-chunk.h"
#include "srudp-range-set.h"

G_BEGIN_DECLS

typedef enum
{
  SRUDP_FIN_NONE = 0, /* more may be written */
  SRUDP_FIN_UNSENT,
  SRUDP_FIN_IN_FLIGHT,
  SRUDP_FIN_LOST,
  SRUDP_FIN_ACKED,
} SrudpFinState;

typedef struct
{
  SrudpSlice slice;
  guint64 offset;
} SrudpSendSlice;

typedef struct
{
  SrudpSendSlice *slices; /* a ring; its size is 0 or a power of two */
  guint ring_size;
  guint head;             /* index of the oldest slice */
  guint n_slices;
  guint cursor;           /* where the last copy ended, counted from head */
  guint64 acked_offset;
  guint64 next_offset;
  guint64 written_offset;
  SrudpRangeSet lost;
  SrudpRangeSet acked; /* above acked_offset */
  SrudpFinState fin;
} SrudpSendBuffer;

/* A piece to send: `fin` says that the FIN goes with it. */
typedef struct
{
  guint64 offset;
  gsize length;
  gboolean fin;
  gboolean retransmission;
} SrudpSendPiece;

void     srudp_send_buffer_init   (SrudpSendBuffer *buffer);
/* Frees all it holds; the offsets stay. */
void     srudp_send_buffer_clear  (SrudpSendBuffer *buffer);

/* The first byte has this offset: before anything was written. */
void     srudp_send_buffer_start_at (SrudpSendBuffer *buffer,
                                     guint64          offset);

/* Takes the reference in the slice and empties it. FALSE after finish(), and
 * for more than get_left(). */
gboolean srudp_send_buffer_write  (SrudpSendBuffer *buffer,
                                   SrudpSlice      *slice);
void     srudp_send_buffer_finish (SrudpSendBuffer *buffer);

/* The next piece of at most `max_length` bytes: lost bytes first, then unsent
 * ones below the flow-control limit. FALSE: nothing to send. With max_length
 * 0 only a lone FIN can be given. */
gboolean srudp_send_buffer_peek   (const SrudpSendBuffer *buffer,
                                   gsize                  max_length,
                                   guint64                limit,
                                   SrudpSendPiece        *piece);
/* Copies bytes that were written and are not acknowledged yet. */
void     srudp_send_buffer_copy   (SrudpSendBuffer *buffer,
                                   guint64          offset,
                                   guint8          *out,
                                   gsize            length);

void     srudp_send_buffer_mark_sent  (SrudpSendBuffer *buffer,
                                       guint64          offset,
                                       gsize            length,
                                       gboolean         fin);
void     srudp_send_buffer_mark_lost  (SrudpSendBuffer *buffer,
                                       guint64          offset,
                                       gsize            length,
                                       gboolean         fin);
void     srudp_send_buffer_mark_acked (SrudpSendBuffer *buffer,
                                       guint64          offset,
                                       gsize            length,
                                       gboolean         fin);

/* How many more bytes may be written: offsets end at 2^62 (RFC 9000, section
 * 4.5). */
guint64  srudp_send_buffer_get_left (const SrudpSendBuffer *buffer);
/* Bytes that were never sent. */
static inline guint64
srudp_send_buffer_get_unsent (const SrudpSendBuffer *buffer)
{
  return buffer->written_offset - buffer->next_offset;
}

/* Bytes that memory is held for. */
static inline guint64
srudp_send_buffer_get_pending (const SrudpSendBuffer *buffer)
{
  return buffer->written_offset - buffer->acked_offset;
}

/* Something was lost, or only the FIN is left: no flow-control credit is
 * needed to send it. */
gboolean srudp_send_buffer_has_free_work (const SrudpSendBuffer *buffer);
/* Every byte and the FIN are acknowledged. */
gboolean srudp_send_buffer_is_done (const SrudpSendBuffer *buffer);

G_END_DECLS
