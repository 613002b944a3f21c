/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-session-streams.c: stream and datagram calls, forwarded
 *
 * Before confirmation there is nothing to forward to: then a call does
 * nothing and says so.
 */
#include "srudp-session.h"

#include "srudp-engine-private.h"

#include <string.h>

/* What the transport says; `otherwise` while there is none. */
#define ASK(session, otherwise, call) \
  ((session)->transport == NULL ? (otherwise) : (call))

/* Has the transport do something, and sees to what follows from it. */
#define TELL(session, call) \
  G_STMT_START \
    { \
      if ((session)->transport != NULL) \
        { \
          call; \
          srudp_session_touch (session); \
        } \
    } \
  G_STMT_END

gboolean
srudp_session_open_stream (SrudpSession *session,
                           guint64      *stream_id)
{
  gboolean done = FALSE;

  /* The peer hears of it when it allows no more. */
  TELL (session,
        done = srudp_transport_open_stream (session->transport, stream_id));

  return done;
}

gboolean
srudp_session_write (SrudpSession *session,
                     gint64        now,
                     guint64       stream_id,
                     SrudpSlice   *slice)
{
  gboolean done = FALSE;

  now = srudp_engine_set_now (session->engine, now);
  TELL (session, done = srudp_transport_write (session->transport, now,
                                               stream_id, slice));
  srudp_slice_clear (slice);

  return done;
}

gsize
srudp_session_get_write_capacity (SrudpSession *session,
                                  guint64       stream_id)
{
  return ASK (session, 0, srudp_transport_get_write_capacity (
                            session->transport, stream_id));
}

void
srudp_session_finish (SrudpSession *session,
                      gint64        now,
                      guint64       stream_id)
{
  now = srudp_engine_set_now (session->engine, now);
  TELL (session, srudp_transport_finish (session->transport, now, stream_id));
}

void
srudp_session_reset_stream (SrudpSession *session,
                            gint64        now,
                            guint64       stream_id,
                            guint64       code)
{
  now = srudp_engine_set_now (session->engine, now);
  TELL (session, srudp_transport_reset_stream (session->transport, now,
                                               stream_id, code));
}

void
srudp_session_set_stream_priority (SrudpSession *session,
                                   gint64        now,
                                   guint64       stream_id,
                                   guint         priority)
{
  srudp_engine_set_now (session->engine, now);
  TELL (session, srudp_transport_set_stream_priority (session->transport,
                                                      stream_id, priority));
}

gboolean
srudp_session_read (SrudpSession *session,
                    guint64       stream_id,
                    SrudpSlice   *slice)
{
  return ASK (session, FALSE, srudp_transport_read (session->transport,
                                                    stream_id, slice));
}

void
srudp_session_consume (SrudpSession *session,
                       gint64        now,
                       guint64       stream_id,
                       gsize         n_bytes)
{
  now = srudp_engine_set_now (session->engine, now);
  TELL (session, srudp_transport_consume (session->transport, now, stream_id,
                                          n_bytes));
}

SrudpReadState
srudp_session_get_read_state (SrudpSession *session,
                              guint64       stream_id)
{
  return ASK (session, SRUDP_READ_OPEN,
              srudp_transport_get_read_state (session->transport, stream_id));
}

void
srudp_session_stop_reading (SrudpSession *session,
                            gint64        now,
                            guint64       stream_id,
                            guint64       code)
{
  now = srudp_engine_set_now (session->engine, now);
  TELL (session, srudp_transport_stop_reading (session->transport, now,
                                               stream_id, code));
}

guint64
srudp_session_get_written_offset (SrudpSession *session,
                                  guint64       stream_id)
{
  return ASK (session, 0, srudp_transport_get_written_offset (
                            session->transport, stream_id));
}

guint64
srudp_session_get_acked_offset (SrudpSession *session,
                                guint64       stream_id)
{
  return ASK (session, 0, srudp_transport_get_acked_offset (
                            session->transport, stream_id));
}

void
srudp_session_watch_delivered (SrudpSession *session,
                               guint64       stream_id,
                               guint64       offset)
{
  TELL (session, srudp_transport_watch_delivered (session->transport,
                                                  stream_id, offset));
}

gsize
srudp_session_get_max_datagram_size (SrudpSession *session)
{
  return ASK (session, 0, srudp_transport_get_max_datagram_size (
                            session->transport));
}

gboolean
srudp_session_send_datagram (SrudpSession *session,
                             gint64        now,
                             const guint8 *data,
                             gsize         size)
{
  gboolean done = FALSE;

  now = srudp_engine_set_now (session->engine, now);
  TELL (session, done = srudp_transport_send_datagram (session->transport, now,
                                                       data, size));

  return done;
}

gboolean
srudp_session_introduce (SrudpSession            *session,
                         gint64                   now,
                         const SrudpIntroduction *introduction)
{
  gboolean done = FALSE;

  now = srudp_engine_set_now (session->engine, now);
  TELL (session, done = srudp_transport_introduce (session->transport, now,
                                                   introduction));

  return done;
}

void
srudp_session_get_stats (SrudpSession      *session,
                         SrudpSessionStats *out)
{
  memset (out, 0, sizeof *out);
  out->rtt_us = out->min_rtt_us = out->rtt_variance_us = -1;
  out->cipher = out->congestion_controller = "";
  out->candidates_tried = session->candidates_tried;
  out->probes_sent = session->probes_sent;
  out->probes_answered = session->probes_answered;
  out->sockets_used = session->sockets_used;
  out->ports_probed = session->ports_probed;

  if (session->attempt != NULL)
    {
      out->probes_sent = session->attempt->probes_sent;
      out->probes_answered = session->attempt->probes_answered;
      out->ports_probed = session->attempt->spray.n_probes;
    }
  if (session->transport != NULL)
    srudp_transport_get_stats (session->transport, out);
}

guint
srudp_session_get_candidates (SrudpSession       *session,
                              SrudpCandidateInfo *out,
                              guint               max)
{
  guint n = MIN (session->n_tried, max);

  if (session->attempt != NULL)
    return srudp_candidates_describe (&session->attempt->candidates, out, max);
  if (n > 0)
    memcpy (out, session->tried, n * sizeof *out);

  return n;
}

gboolean
srudp_session_get_observed_address (SrudpSession *session,
                                    SrudpAddress *out)
{
  return session->transport != NULL
         && srudp_transport_get_observed (session->transport, out);
}
