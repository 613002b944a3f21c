/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-trace.c: a trace for each session, and taking what is in it
 */
#include "srudp-engine-private.h"

void
srudp_engine_set_tracing (SrudpEngine *engine,
                          gboolean     tracing)
{
  engine->tracing = tracing;
}

gboolean
srudp_engine_poll_trace (SrudpEngine     *engine,
                         SrudpTraceChunk *chunk)
{
  for (GList *l = engine->traces.head; l != NULL; l = l->next)
    {
      SrudpTrace *trace = l->data;

      if (!srudp_trace_take (trace, chunk))
        continue;

      if (chunk->last)
        {
          g_queue_delete_link (&engine->traces, l);
          srudp_trace_free (trace);
        }
      return TRUE;
    }

  return FALSE;
}

void
srudp_session_start_trace (SrudpSession *session,
                           guint64       id)
{
  SrudpEngine *engine = session->engine;

  if (!engine->tracing || session->trace != NULL)
    return;

  session->trace = srudp_trace_new (id, engine->now);
  g_queue_push_tail (&engine->traces, session->trace);
}

void
srudp_session_end_trace (SrudpSession *session)
{
  if (session->trace != NULL)
    srudp_trace_end (session->trace);
  session->trace = NULL;
}

void
srudp_session_trace_establish (SrudpSession               *session,
                               const SrudpHandshakeResult *result)
{
  guint64 id = result->initiator ? result->local_id : result->remote_id;

  srudp_session_start_trace (session, id);
  if (session->trace == NULL)
    return;

  srudp_trace_set_connection (session->trace, id, result->initiator);
  srudp_transport_start_trace (session->transport, session->trace);
}

/* The words of draft-ietf-quic-qlog-quic-events where one fits. */
static const char *
get_state_name (SrudpState state)
{
  static const char *const names[SRUDP_N_STATES] = {
    [SRUDP_STATE_NEW] = "new",
    [SRUDP_STATE_RESOLVING] = "resolving",
    [SRUDP_STATE_WAITING] = "attempted",
    [SRUDP_STATE_PUNCHING] = "punching",
    [SRUDP_STATE_SECURING] = "handshake_started",
    [SRUDP_STATE_ESTABLISHED] = "handshake_confirmed",
    [SRUDP_STATE_UNREACHABLE] = "unreachable",
    [SRUDP_STATE_CLOSING] = "closing",
    [SRUDP_STATE_CLOSED] = "closed",
  };

  return names[state];
}

static const char *
get_trigger (SrudpReason reason)
{
  switch (reason)
    {
    case SRUDP_REASON_NONE:
    case SRUDP_REASON_PEER_CLOSED:
      return "clean";
    case SRUDP_REASON_ABORTED:
    case SRUDP_REASON_PEER_ABORTED:
      return "aborted";
    case SRUDP_REASON_OPEN_TIMEOUT:
      return "handshake_timeout";
    case SRUDP_REASON_IDLE_TIMEOUT:
      return "idle_timeout";
    case SRUDP_REASON_LINGER_TIMEOUT:
      return "linger_timeout";
    case SRUDP_REASON_VERSION:
      return "version_mismatch";
    case SRUDP_REASON_PEER_RESTARTED:
      return "peer_restarted";
    default:
      return "error";
    }
}

void
srudp_session_trace_state (SrudpSession *session,
                           SrudpState    from,
                           SrudpState    to)
{
  SrudpTrace *trace = session->trace;
  gint64 now = session->engine->now;

  srudp_trace_begin (trace, now, "connectivity:connection_state_updated");
  srudp_trace_put_text (trace, "old", get_state_name (from));
  srudp_trace_put_text (trace, "new", get_state_name (to));
  srudp_trace_commit (trace);

  if (to != SRUDP_STATE_CLOSED)
    return;

  srudp_trace_begin (trace, now, "connectivity:connection_closed");
  srudp_trace_put_number (trace, "internal_code", session->reason);
  srudp_trace_put_text (trace, "reason",
                        srudp_session_get_reason_text (session));
  srudp_trace_put_text (trace, "trigger", get_trigger (session->reason));
  srudp_trace_commit (trace);
}
