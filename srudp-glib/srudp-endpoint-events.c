/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-events.c: what the engine reports
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-reason-private.h"

/* Of the signal about failed handshakes. */
#define FAILURES_PER_SECOND 10

static void
on_incoming (SrudpEndpointCore *self,
             SrudpSession      *session)
{
  g_autoptr (SrudpConnectionCore) connection = srudp_connection_core_new ();

  srudp_connection_core_bind (connection, self, session);
  srudp_connection_core_on_state (connection,
                                  srudp_session_get_state (session),
                                  SRUDP_REASON_NONE);
  srudp_endpoint_core_offer (self, connection);
}

static void
on_handshake_failed (SrudpEndpointCore  *self,
                     const SrudpAddress *address,
                     SrudpReason         reason)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GSocketAddress) from = NULL;
  g_autoptr (GError) error = NULL;

  if (now - self->failures_since_us >= G_USEC_PER_SEC)
    {
      self->failures_since_us = now;
      self->n_failures = 0;
    }
  if (self->n_failures >= FAILURES_PER_SECOND)
    return;
  self->n_failures++;

  from = srudp_datagram_io_lookup (self->io, address);
  error = srudp_reason_to_error (reason, SRUDP_STATE_WAITING, NULL);
  SRUDP_NOTE (HANDSHAKE, "%s: %s", SRUDP_DEBUG_ADDRESS (address),
              error != NULL ? error->message : "?");
  if (from != NULL && error != NULL)
    srudp_endpoint_push_handshake_failed (self->notifier, from, error);
}

static void
on_stream_event (SrudpConnectionCore *connection,
                 const SrudpEvent    *event)
{
  SrudpStreamCore *stream =
    srudp_connection_core_lookup_stream (connection, event->stream_id);

  if (stream == NULL)
    return;

  switch (event->type)
    {
    case SRUDP_EVENT_READABLE:
      srudp_stream_core_pull (stream, event->session);
      break;
    case SRUDP_EVENT_WRITABLE:
      srudp_stream_core_push (stream, event->session, FALSE);
      break;
    case SRUDP_EVENT_WRITE_STOPPED:
      srudp_stream_core_stop_output (stream);
      srudp_connection_core_stop_deliveries (connection, event->stream_id);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
on_session_event (SrudpConnectionCore *connection,
                  SrudpEvent          *event)
{
  switch (event->type)
    {
    case SRUDP_EVENT_STATE:
      srudp_connection_core_on_state (connection, event->state,
                                      event->reason);
      if (event->state == SRUDP_STATE_ESTABLISHED)
        srudp_introducer_on_established (connection->endpoint, connection);
      break;
    case SRUDP_EVENT_INTRODUCTION:
      srudp_introducer_on_introduction (
        connection->endpoint, connection,
        g_bytes_get_data (event->datagram, NULL));
      break;
    case SRUDP_EVENT_PATH:
      srudp_connection_core_on_path (connection);
      break;
    case SRUDP_EVENT_DATAGRAM_SIZE:
      srudp_connection_core_refresh (connection);
      break;
    case SRUDP_EVENT_SHORT_CODE:
      srudp_connection_core_on_short_code (connection);
      break;
    case SRUDP_EVENT_STREAM_OPENED:
      srudp_connection_core_take_stream (connection, event->stream_id);
      break;
    case SRUDP_EVENT_STREAMS_AVAILABLE:
      srudp_connection_core_open_waiting (connection);
      break;
    case SRUDP_EVENT_READABLE:
    case SRUDP_EVENT_WRITABLE:
    case SRUDP_EVENT_WRITE_STOPPED:
      on_stream_event (connection, event);
      break;
    case SRUDP_EVENT_DELIVERED:
      srudp_connection_core_check_deliveries (connection);
      break;
    case SRUDP_EVENT_DATAGRAM:
      srudp_connection_core_take_datagram (
        connection, g_steal_pointer (&event->datagram));
      break;
    case SRUDP_EVENT_DRAINED:
      srudp_connection_core_end_drain (connection);
      break;
    case SRUDP_EVENT_NONE:
    case SRUDP_EVENT_INCOMING:
    case SRUDP_EVENT_HANDSHAKE_FAILED:
    default:
      g_assert_not_reached ();
    }
}

static void
handle_event (SrudpEndpointCore *self,
              SrudpEvent        *event)
{
  SrudpConnectionCore *connection;

  if (event->type == SRUDP_EVENT_INCOMING)
    {
      on_incoming (self, event->session);
      return;
    }
  if (event->type == SRUDP_EVENT_HANDSHAKE_FAILED)
    {
      on_handshake_failed (self, &event->address, event->reason);
      return;
    }

  connection = srudp_session_get_user_data (event->session);
  if (connection == NULL)
    return;
  srudp_connection_core_ref (connection);
  on_session_event (connection, event);
  srudp_connection_core_unref (connection);
}

void
srudp_endpoint_core_handle_events (SrudpEndpointCore *self)
{
  SrudpEvent event;

  while (srudp_engine_poll_event (self->engine, &event))
    {
      handle_event (self, &event);
      g_clear_pointer (&event.datagram, g_bytes_unref);
    }
}
