/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-transmit.c: whose turn it is to send
 */
#include "srudp-engine-private.h"

#include <string.h>

void
srudp_engine_queue_answer (SrudpEngine     *engine,
                           const SrudpPath *path,
                           const guint8    *data,
                           gsize            size)
{
  SrudpQueuedAnswer *answer;

  if (engine->answers.length >= SRUDP_MAX_QUEUED_ANSWERS)
    {
      engine->counters.dropped_limited++;
      return;
    }

  answer = g_malloc (sizeof *answer + size);
  answer->path = *path;
  answer->size = size;
  memcpy (answer->data, data, size);
  g_queue_push_tail (&engine->answers, answer);
}

static gsize
send_answer (SrudpEngine   *engine,
             SrudpTransmit *transmit,
             guint8        *buffer)
{
  g_autofree SrudpQueuedAnswer *answer = g_queue_pop_head (&engine->answers);

  if (answer == NULL)
    return 0;

  memcpy (buffer, answer->data, answer->size);
  transmit->path = answer->path;
  transmit->size = transmit->segment_size = answer->size;

  return answer->size;
}

static gsize
send_from_attempt (SrudpSession  *session,
                   SrudpTransmit *transmit,
                   guint8        *buffer)
{
  SrudpEngine *engine = session->engine;
  gsize size = srudp_attempt_poll (session->attempt, &engine->local, engine->now,
                                   &transmit->path, &transmit->ttl, buffer);

  transmit->size = transmit->segment_size = size;

  return size;
}

static gsize
send_from_session (SrudpSession  *session,
                   SrudpTransmit *transmit,
                   guint8        *buffer,
                   gsize          capacity,
                   guint          max_segments)
{
  gsize size;

  if (session->attempt != NULL)
    return send_from_attempt (session, transmit, buffer);
  if (session->transport == NULL || session->is_asleep)
    return 0;

  size = srudp_transport_poll_transmit (session->transport,
                                        session->engine->now, transmit,
                                        buffer, capacity, max_segments);
  srudp_session_collect_events (session);

  return size;
}

gsize
srudp_engine_poll_transmit (SrudpEngine   *engine,
                            gint64         now,
                            SrudpTransmit *transmit,
                            guint8        *buffer,
                            gsize          capacity,
                            guint          max_segments)
{
  gsize size;

  srudp_engine_set_now (engine, now);
  transmit->ecn = SRUDP_ECN_NOT_ECT;
  transmit->ttl = 0;
  size = send_answer (engine, transmit, buffer);

  /* Round robin: who sent goes to the end of the queue, who has nothing to
   * send leaves it until something happens to it. */
  while (size == 0 && engine->ready.head != NULL)
    {
      SrudpSession *session = engine->ready.head->data;

      size = send_from_session (session, transmit, buffer, capacity, max_segments);
      g_queue_unlink (&engine->ready, &session->ready_link);
      if (size > 0)
        {
          g_queue_push_tail_link (&engine->ready, &session->ready_link);
          break;
        }

      session->is_ready = FALSE;
      srudp_deadline_heap_set (&engine->deadlines, &session->node,
                               srudp_session_compute_deadline (session));
      srudp_session_reap (session);
    }

  /* It may have been closed since. */
  if (size > 0 && !srudp_engine_has_socket (engine, transmit->path.socket))
    transmit->path.socket = 0;
  if (size > 0)
    engine->counters.datagrams_sent +=
      (size + transmit->segment_size - 1) / transmit->segment_size;

  return size;
}
