/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-datagram-queue.c: datagrams that wait to be sent
 */
#include "srudp-datagram-queue.h"

void
srudp_datagram_queue_init (SrudpDatagramQueue *queue,
                           gsize               max_bytes,
                           gint64              max_age_us)
{
  *queue = (SrudpDatagramQueue) {
    .max_bytes = max_bytes,
    .max_age_us = max_age_us,
  };
}

void
srudp_datagram_queue_clear (SrudpDatagramQueue *queue)
{
  while (queue->n_datagrams > 0)
    srudp_datagram_queue_pop (queue);
  g_clear_pointer (&queue->ring, g_free);
  queue->head = 0;
}

void
srudp_datagram_queue_pop (SrudpDatagramQueue *queue)
{
  SrudpDatagram *oldest;

  g_return_if_fail (queue->n_datagrams > 0);

  oldest = &queue->ring[queue->head];
  queue->n_bytes -= oldest->size;
  g_free (oldest->data);
  queue->head = (queue->head + 1) % SRUDP_DATAGRAM_QUEUE_MAX;
  queue->n_datagrams--;
}

gboolean
srudp_datagram_queue_push (SrudpDatagramQueue *queue,
                           gint64              now,
                           const guint8       *data,
                           gsize               size)
{
  guint tail;

  if (size > queue->max_bytes)
    return FALSE;

  while (queue->n_datagrams == SRUDP_DATAGRAM_QUEUE_MAX
         || queue->n_bytes > queue->max_bytes - size)
    {
      srudp_datagram_queue_pop (queue);
      queue->dropped_full++;
    }

  if (queue->ring == NULL)
    queue->ring = g_new (SrudpDatagram, SRUDP_DATAGRAM_QUEUE_MAX);

  tail = (queue->head + queue->n_datagrams) % SRUDP_DATAGRAM_QUEUE_MAX;
  queue->ring[tail] = (SrudpDatagram) { g_memdup2 (data, size), size, now };
  queue->n_datagrams++;
  queue->n_bytes += size;

  return TRUE;
}

const SrudpDatagram *
srudp_datagram_queue_peek (SrudpDatagramQueue *queue,
                           gint64              now,
                           gsize               max_size)
{
  while (queue->n_datagrams > 0)
    {
      const SrudpDatagram *oldest = &queue->ring[queue->head];

      if (now - oldest->queued_us > queue->max_age_us)
        queue->dropped_old++;
      else if (oldest->size > max_size)
        queue->dropped_big++;
      else
        return oldest;
      srudp_datagram_queue_pop (queue);
    }

  return NULL;
}
