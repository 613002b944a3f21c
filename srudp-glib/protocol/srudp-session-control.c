/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-session-control.c: what an application asks of a session, says of it,
 * and how it ends it
 */
#include "srudp-session.h"

#include "srudp-engine-private.h"

#include <string.h>

void
srudp_session_set_user_data (SrudpSession *session,
                             gpointer      user_data)
{
  session->user_data = user_data;
}

gpointer
srudp_session_get_user_data (SrudpSession *session)
{
  return session->user_data;
}

void
srudp_session_set_timeouts (SrudpSession *session,
                            gint64        now,
                            gint64        idle_timeout_us,
                            gint64        keepalive_us)
{
  now = srudp_engine_set_now (session->engine, now);
  session->idle_timeout_us = idle_timeout_us;
  session->keepalive_us = keepalive_us;
  if (session->attempt != NULL)
    session->attempt->own.params.idle_timeout_us = idle_timeout_us;
  if (session->transport != NULL)
    {
      srudp_transport_set_timeouts (session->transport, now,
                                    idle_timeout_us, keepalive_us);
      srudp_session_touch (session);
    }
}

void
srudp_session_set_max_window (SrudpSession *session,
                              guint64       n_bytes)
{
  session->max_window = n_bytes;
  if (session->attempt != NULL)
    srudp_local_limit_windows (&session->attempt->own.params, n_bytes);
  if (session->transport != NULL)
    srudp_transport_set_max_window (session->transport, n_bytes);
}

guint64
srudp_session_get_max_window (SrudpSession *session)
{
  return session->max_window;
}

gboolean
srudp_session_migrate (SrudpSession       *session,
                       gint64              now,
                       const SrudpAddress *local)
{
  gboolean done;

  now = srudp_engine_set_now (session->engine, now);
  if (session->transport == NULL)
    return FALSE;

  done = srudp_transport_migrate (session->transport, now, local);
  srudp_session_touch (session);

  return done;
}

SrudpState
srudp_session_get_state (SrudpSession *session)
{
  return session->state;
}

SrudpReason
srudp_session_get_reason (SrudpSession *session)
{
  return session->reason;
}

gboolean
srudp_session_is_draining (SrudpSession *session)
{
  return session->transport != NULL
         && srudp_transport_is_draining (session->transport);
}

const char *
srudp_session_get_reason_text (SrudpSession *session)
{
  if (session->transport == NULL)
    return "";

  return srudp_transport_get_reason_text (session->transport);
}

gboolean
srudp_session_get_peer_key (SrudpSession *session,
                            guint8        out[SRUDP_KEY_BYTES])
{
  if (session->has_peer)
    memcpy (out, session->peer_key, SRUDP_KEY_BYTES);

  return session->has_peer;
}

gboolean
srudp_session_get_channel_binding (SrudpSession *session,
                                   guint8        out[SRUDP_KEY_BYTES])
{
  if (session->has_peer)
    memcpy (out, session->binding, SRUDP_KEY_BYTES);

  return session->has_peer;
}

gboolean
srudp_session_get_short_code (SrudpSession *session,
                              guint8        out[SRUDP_SHORT_CODE_SYMBOLS])
{
  return session->transport != NULL
         && srudp_transport_get_short_code (session->transport, out);
}

void
srudp_session_get_path (SrudpSession *session,
                        SrudpPath    *out)
{
  memset (out, 0, sizeof *out);
  if (session->transport != NULL)
    srudp_transport_get_path (session->transport, out);
  else if (session->attempt != NULL && session->attempt->n_answers > 0)
    *out = session->attempt->answers[0]->path;
}

void
srudp_session_close (SrudpSession *session,
                     gint64        now)
{
  now = srudp_engine_set_now (session->engine, now);
  if (session->state == SRUDP_STATE_CLOSED)
    return;

  if (session->transport == NULL)
    {
      srudp_session_give_up (session, SRUDP_REASON_NONE);
      return;
    }

  session->is_asleep = FALSE;
  srudp_transport_close (session->transport, now);
  srudp_session_touch (session);
}

void
srudp_session_abort (SrudpSession *session,
                     gint64        now)
{
  now = srudp_engine_set_now (session->engine, now);
  if (session->state == SRUDP_STATE_CLOSED)
    return;

  if (session->transport == NULL)
    {
      srudp_session_give_up (session, SRUDP_REASON_ABORTED);
      return;
    }

  session->is_asleep = FALSE;
  srudp_transport_abort (session->transport, now);
  srudp_session_touch (session);
}
