/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-events.c: what the worker tells a connection
 *
 * All of this runs on the worker, and may touch the session.
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-emoji-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-enum-types.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-reason-private.h"

void
srudp_connection_core_bind (SrudpConnectionCore *self,
                            SrudpEndpointCore   *endpoint,
                            SrudpSession        *session)
{
  guint64 *key = g_new (guint64, 1);

  self->session = session;
  srudp_session_set_user_data (session, self);
  g_hash_table_add (endpoint->connections, srudp_connection_core_ref (self));

  *key = SRUDP_MAIN_STREAM;
  g_mutex_lock (&self->lock);
  if (self->endpoint == NULL)
    self->endpoint = srudp_endpoint_core_ref (endpoint);
  if (self->max_receive_window == 0)
    self->max_receive_window = srudp_session_get_max_window (session);
  g_hash_table_replace (self->streams, key,
                        srudp_stream_core_ref (self->main_stream));
  g_mutex_unlock (&self->lock);
}

/* Who the peer is, before anyone hears that it is there. */
static void
publish_secrets (SrudpConnectionCore *self)
{
  guint8 key[SRUDP_KEY_BYTES], binding[SRUDP_KEY_BYTES];

  if (self->peer_id != NULL
      || !srudp_session_get_peer_key (self->session, key)
      || !srudp_session_get_channel_binding (self->session, binding))
    return;

  g_mutex_lock (&self->lock);
  self->peer_id = srudp_peer_id_new_from_key (key);
  self->channel_binding = g_bytes_new (binding, sizeof binding);
  if (self->notifier != NULL)
    srudp_connection_push_secured (self->notifier);
  g_mutex_unlock (&self->lock);
}

void
srudp_connection_core_on_short_code (SrudpConnectionCore *self)
{
  guint8 symbols[SRUDP_SHORT_CODE_SYMBOLS];

  if (self->short_code != NULL
      || !srudp_session_get_short_code (self->session, symbols))
    return;

  g_mutex_lock (&self->lock);
  self->short_code = srudp_emoji_join (symbols, G_N_ELEMENTS (symbols));
  if (self->notifier != NULL)
    srudp_connection_push_short_code (self->notifier);
  g_mutex_unlock (&self->lock);
}

static GSocketAddress *
look_up_local (SrudpEndpointCore *endpoint,
               const SrudpPath   *path)
{
  SrudpAddress local = path->local;

  if (path->socket == 0 || endpoint->spares == NULL)
    return srudp_datagram_io_lookup_local (endpoint->io, &local);

  local.port = srudp_spare_sockets_get_port (endpoint->spares, path->socket);
  return srudp_datagram_io_lookup (endpoint->io, &local);
}

void
srudp_connection_core_on_path (SrudpConnectionCore *self)
{
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;
  SrudpPath path;

  srudp_session_get_path (self->session, &path);
  local = look_up_local (self->endpoint, &path);
  remote = srudp_datagram_io_lookup (self->endpoint->io, &path.remote);
  SRUDP_NOTE (CONNECTION, "%p: from %s to %s", (void *) self,
              SRUDP_DEBUG_ADDRESS (&path.local),
              SRUDP_DEBUG_ADDRESS (&path.remote));

  g_mutex_lock (&self->lock);
  g_set_object (&self->local_address, local);
  g_set_object (&self->remote_address, remote);
  if (self->notifier != NULL)
    srudp_connection_push_path (self->notifier);
  g_mutex_unlock (&self->lock);
}

static void
on_established (SrudpConnectionCore *self)
{
  SrudpWaiter *waiter;
  g_autoptr (GCancellable) resolving = NULL;

  publish_secrets (self);
  srudp_connection_core_on_short_code (self);
  srudp_connection_core_on_path (self);
  srudp_connection_core_refresh (self);
  srudp_stream_core_start (self->main_stream, self, self->endpoint->mailbox,
                           SRUDP_MAIN_STREAM);

  g_mutex_lock (&self->lock);
  srudp_connection_core_enter_state (self, SRUDP_STATE_ESTABLISHED);
  while ((waiter = g_queue_pop_head (&self->open_waiters)) != NULL)
    {
      srudp_waiter_resolve (waiter, NULL, NULL);
      srudp_waiter_unref (waiter);
    }
  resolving = g_steal_pointer (&self->resolving);
  g_mutex_unlock (&self->lock);

  if (resolving != NULL)
    g_cancellable_cancel (resolving);
  srudp_connection_core_pull_streams (self);
  srudp_connection_core_push_streams (self, FALSE);
}

static void
on_closed (SrudpConnectionCore *self,
           SrudpReason          reason)
{
  g_autoptr (GError) error = NULL;

  /* Whoever hears of the end may end the process: the peer is told first. */
  srudp_endpoint_core_transmit (self->endpoint);
  srudp_connection_core_pull_streams (self);
  srudp_connection_core_keep_stats (self);
  if (reason == SRUDP_REASON_OPEN_TIMEOUT
      && srudp_connection_core_get_state (self) < SRUDP_STATE_PUNCHING)
    error = srudp_connection_core_explain_silence (self);
  if (error == NULL)
    error = srudp_reason_to_error (
      reason, srudp_connection_core_get_state (self),
      srudp_session_get_reason_text (self->session));

  g_mutex_lock (&self->lock);
  self->undelivered = error != NULL
                      && self->final_stats.unacknowledged_bytes > 0;
  g_mutex_unlock (&self->lock);

  SRUDP_NOTE (CONNECTION, "%p: %s", (void *) self,
              error != NULL ? error->message : "ended orderly");
  srudp_connection_core_check_deliveries (self);
  if (error == NULL && srudp_session_is_draining (self->session))
    srudp_connection_core_start_drain (self);
  /* Who wakes up finds it CLOSED. */
  srudp_connection_core_die (self, error);
  srudp_connection_core_keep_deliveries (self);
  srudp_connection_core_fail_deliveries (self, error);
  if (error != NULL)
    srudp_endpoint_core_withdraw (self->endpoint, self);
  srudp_connection_core_let_go (self);
}

static const char *
get_state_name (SrudpState state)
{
  g_autoptr (GEnumClass) states =
    g_type_class_ref (SRUDP_TYPE_CONNECTION_STATE);
  GEnumValue *value = g_enum_get_value (states, (int) state);

  return value != NULL ? value->value_nick : "?";
}

void
srudp_connection_core_on_state (SrudpConnectionCore *self,
                                SrudpState           state,
                                SrudpReason          reason)
{
  if (self->session == NULL)
    return;

  SRUDP_NOTE (CONNECTION, "%p: %s", (void *) self, get_state_name (state));
  switch (state)
    {
    case SRUDP_STATE_ESTABLISHED:
      on_established (self);
      break;
    case SRUDP_STATE_CLOSED:
      on_closed (self, reason);
      break;
    case SRUDP_STATE_NEW:
    case SRUDP_STATE_RESOLVING:
    case SRUDP_STATE_WAITING:
    case SRUDP_STATE_PUNCHING:
    case SRUDP_STATE_SECURING:
    case SRUDP_STATE_UNREACHABLE:
    case SRUDP_STATE_CLOSING:
    default:
      g_mutex_lock (&self->lock);
      srudp_connection_core_enter_state (self, state);
      g_mutex_unlock (&self->lock);
      srudp_connection_core_refresh (self);
    }
}

static void
take_over_stream (SrudpConnectionCore *self,
                  guint64              id,
                  SrudpStreamCore     *stream)
{
  guint64 *key;

  if (id == SRUDP_MAIN_STREAM)
    return;
  key = g_new (guint64, 1);
  *key = id;
  stream->connection = self;
  g_hash_table_replace (self->streams, key, srudp_stream_core_ref (stream));
}

/* An inbound connection that nobody took becomes one that is being opened to
 * the same peer. `from` is seen by the worker only. */
void
srudp_connection_core_take_over (SrudpConnectionCore *self,
                                 SrudpConnectionCore *from)
{
  GHashTableIter iter;
  gpointer id, stream, item;

  srudp_stream_core_take_over (self->main_stream, from->main_stream);

  g_mutex_lock (&self->lock);
  g_mutex_lock (&from->lock);
  g_hash_table_iter_init (&iter, from->streams);
  while (g_hash_table_iter_next (&iter, &id, &stream))
    take_over_stream (self, *(guint64 *) id, stream);
  while ((item = g_queue_pop_head (&from->new_streams)) != NULL)
    g_queue_push_tail (&self->new_streams, item);
  while ((item = g_queue_pop_head (&from->datagrams_in)) != NULL)
    g_queue_push_tail (&self->datagrams_in, item);
  srudp_connection_core_announce_datagrams (self);
  g_hash_table_remove_all (from->streams);
  g_mutex_unlock (&from->lock);
  g_mutex_unlock (&self->lock);

  srudp_introducer_take_over (self, from);
  from->session = NULL;
}
