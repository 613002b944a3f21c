/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-datagram-queue.h: datagrams that wait to be sent
 *
 * Bounded by number, bytes and age; the oldest goes first when there is no
 * room, for a late datagram is worth less than a new one.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_DATAGRAM_QUEUE_MAX 256

typedef struct
{
  guint8 *data;
  gsize size;
  gint64 queued_us;
} SrudpDatagram;

typedef struct
{
  SrudpDatagram *ring; /* SRUDP_DATAGRAM_QUEUE_MAX of them; NULL until used */
  guint head;
  guint n_datagrams;
  gsize n_bytes;
  gsize max_bytes;
  gint64 max_age_us;
  guint64 dropped_full;
  guint64 dropped_old;
  guint64 dropped_big; /* shrunk path: it no longer fits a packet */
} SrudpDatagramQueue;

void     srudp_datagram_queue_init   (SrudpDatagramQueue  *queue,
                                      gsize                max_bytes,
                                      gint64               max_age_us);
/* Frees all it holds; it can be used again. */
void     srudp_datagram_queue_clear  (SrudpDatagramQueue  *queue);
/* Copies. FALSE: larger than the whole queue may be. */
gboolean srudp_datagram_queue_push   (SrudpDatagramQueue  *queue,
                                      gint64               now,
                                      const guint8        *data,
                                      gsize                size);
/* The oldest that is still fresh and at most `max_size`; others are dropped
 * and counted. NULL: none. It stays until pop(). */
const SrudpDatagram *
         srudp_datagram_queue_peek   (SrudpDatagramQueue  *queue,
                                      gint64               now,
                                      gsize                max_size);
void     srudp_datagram_queue_pop    (SrudpDatagramQueue  *queue);

static inline gboolean
srudp_datagram_queue_is_empty (const SrudpDatagramQueue *queue)
{
  return queue->n_datagrams == 0;
}

G_END_DECLS
