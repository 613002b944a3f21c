/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-core.c: what a connection shares with the worker
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-introducer-private.h"

#define DEFAULT_OPEN_TIMEOUT_MS 30000
#define DEFAULT_IDLE_TIMEOUT_MS 21000
#define DEFAULT_KEEPALIVE_MS 15000

SrudpConnectionCore *
srudp_connection_core_new (void)
{
  SrudpConnectionCore *self = g_new0 (SrudpConnectionCore, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->main_stream = srudp_stream_core_new ();
  self->open_timeout_ms = DEFAULT_OPEN_TIMEOUT_MS;
  self->idle_timeout_ms = DEFAULT_IDLE_TIMEOUT_MS;
  self->keepalive_ms = DEFAULT_KEEPALIVE_MS;
  self->early_candidates = g_ptr_array_new_with_free_func (g_object_unref);
  self->streams = g_hash_table_new_full (
    g_int64_hash, g_int64_equal, g_free,
    (GDestroyNotify) srudp_stream_core_unref);
  self->all_delivered = TRUE;
  self->final_stats.rtt_us = -1;
  self->final_stats.min_rtt_us = -1;
  self->final_stats.rtt_variance_us = -1;
  return self;
}

SrudpConnectionCore *
srudp_connection_core_ref (SrudpConnectionCore *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
srudp_connection_core_unref (SrudpConnectionCore *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_queue_clear_full (&self->open_waiters,
                      (GDestroyNotify) srudp_waiter_unref);
  g_queue_clear_full (&self->close_waiters,
                      (GDestroyNotify) srudp_waiter_unref);
  g_queue_clear_full (&self->datagram_waiters,
                      (GDestroyNotify) srudp_waiter_unref);
  g_queue_clear_full (&self->stream_waiters,
                      (GDestroyNotify) srudp_waiter_unref);
  g_queue_clear_full (&self->stream_openers,
                      (GDestroyNotify) srudp_waiter_unref);
  g_queue_clear_full (&self->new_streams,
                      (GDestroyNotify) srudp_stream_core_unref);
  g_queue_clear_full (&self->datagrams_in, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->datagrams_out, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&self->streams, g_hash_table_unref);
  g_clear_pointer (&self->departed, g_array_unref);
  g_clear_pointer (&self->early_candidates, g_ptr_array_unref);
  g_clear_object (&self->resolving);
  g_clear_object (&self->local_address);
  g_clear_object (&self->remote_address);
  g_clear_pointer (&self->expected_peer, srudp_peer_id_free);
  g_clear_pointer (&self->introducing, srudp_introducing_free);
  g_free (self->introducers);
  g_clear_pointer (&self->passphrase, srudp_secret_unref);
  g_clear_pointer (&self->invitation, srudp_secret_unref);
  g_clear_pointer (&self->peer_id, srudp_peer_id_free);
  g_clear_pointer (&self->channel_binding, g_bytes_unref);
  g_clear_pointer (&self->short_code, g_free);
  g_clear_pointer (&self->notifier, srudp_notifier_unref);
  g_clear_pointer (&self->endpoint, srudp_endpoint_core_unref);
  g_clear_error (&self->error);
  srudp_stream_core_unref (self->main_stream);
  g_mutex_clear (&self->lock);
  g_free (self->tried);
  g_free (self);
}

void
srudp_connection_core_attach (SrudpConnectionCore *self,
                              SrudpNotifier       *notifier)
{
  srudp_connection_core_hold (self);

  g_mutex_lock (&self->lock);
  self->notifier = srudp_notifier_ref (notifier);
  srudp_connection_core_announce_datagrams (self);
  g_mutex_unlock (&self->lock);
}

void
srudp_connection_core_hold (SrudpConnectionCore *self)
{
  g_atomic_int_inc (&self->n_users);
}

SrudpState
srudp_connection_core_get_state (SrudpConnectionCore *self)
{
  SrudpState state;

  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);
  return state;
}

SrudpEndpointCore *
srudp_connection_core_dup_endpoint (SrudpConnectionCore *self)
{
  SrudpEndpointCore *endpoint;

  g_mutex_lock (&self->lock);
  endpoint = self->endpoint;
  if (endpoint != NULL)
    srudp_endpoint_core_ref (endpoint);
  g_mutex_unlock (&self->lock);
  return endpoint;
}

gboolean
srudp_connection_core_post (SrudpConnectionCore *self,
                            SrudpMailFunc        func)
{
  g_autoptr (SrudpEndpointCore) endpoint =
    srudp_connection_core_dup_endpoint (self);
  gboolean posted;

  if (endpoint == NULL)
    return FALSE;
  posted = srudp_mailbox_post (endpoint->mailbox, func,
                               srudp_connection_core_ref (self));
  if (!posted && g_atomic_ref_count_dec (&self->ref_count))
    g_assert_not_reached (); /* the caller has one too */
  return posted;
}

/* May `to` follow `from`? Steps may be skipped, but never go back. */
static gboolean
is_legal_step (SrudpState from,
               SrudpState to)
{
  if (from == SRUDP_STATE_UNREACHABLE && to == SRUDP_STATE_ESTABLISHED)
    return TRUE;
  return to > from;
}

void
srudp_connection_core_enter_state (SrudpConnectionCore *self,
                                   SrudpState           state)
{
  if (!is_legal_step (self->state, state))
    return;

  self->state = state;
  if (self->notifier != NULL)
    srudp_connection_push_state (self->notifier);
}

void
srudp_connection_core_end_close_waiters (SrudpConnectionCore *self)
{
  SrudpWaiter *waiter;

  while ((waiter = g_queue_pop_head (&self->close_waiters)) != NULL)
    {
      if (self->error != NULL)
        srudp_waiter_fail (waiter, self->error);
      else
        srudp_waiter_resolve (waiter, NULL, NULL);
      srudp_waiter_unref (waiter);
    }
}

static void
fail_streams (SrudpConnectionCore *self,
              const GError        *error)
{
  GHashTableIter iter;
  gpointer stream;

  srudp_stream_core_fail (self->main_stream, error);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    srudp_stream_core_fail (stream, error);
}

/* For an end that was in order. */
static GError *
make_closed_error (SrudpConnectionCore *self)
{
  if (self->state < SRUDP_STATE_ESTABLISHED)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                _ ("The connection was closed while it was "
                                   "being opened."));
  if (self->closed_here)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                _ ("The connection is closed."));
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                              _ ("The peer has closed the connection."));
}

gboolean
srudp_connection_core_check_open (SrudpConnectionCore  *self,
                                  GError              **error)
{
  if (self->state < SRUDP_STATE_ESTABLISHED)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                         _ ("The connection is not open yet."));
  else if (self->state < SRUDP_STATE_CLOSING && !self->closed_here)
    return TRUE;
  else if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  else
    g_propagate_error (error, make_closed_error (self));
  return FALSE;
}

void
srudp_connection_core_fail_waiters (SrudpConnectionCore *self,
                                    const GError        *error)
{
  srudp_waiter_queue_fail (&self->datagram_waiters, error);
  srudp_waiter_queue_fail (&self->stream_waiters, error);
  srudp_waiter_queue_fail (&self->stream_openers, error);
}

void
srudp_connection_core_die (SrudpConnectionCore *self,
                           const GError        *error)
{
  g_autoptr (GCancellable) resolving = NULL;
  g_autoptr (GError) reported = NULL;

  g_mutex_lock (&self->lock);
  if (self->state == SRUDP_STATE_CLOSED)
    {
      g_mutex_unlock (&self->lock);
      return;
    }

  self->error = error == NULL ? NULL : g_error_copy (error);
  reported = error == NULL ? make_closed_error (self)
                           : g_error_copy (error);
  srudp_connection_core_enter_state (self, SRUDP_STATE_CLOSED);
  srudp_waiter_queue_fail (&self->open_waiters, reported);
  srudp_connection_core_fail_waiters (self, reported);
  if (!self->draining)
    srudp_connection_core_end_close_waiters (self);
  fail_streams (self, reported);
  resolving = g_steal_pointer (&self->resolving);
  g_mutex_unlock (&self->lock);

  /* Handlers of this one may be anything: no lock is held. */
  if (resolving != NULL)
    g_cancellable_cancel (resolving);
}

/* Worker only: the last numbers, before the session goes. */
void
srudp_connection_core_keep_stats (SrudpConnectionCore *self)
{
  SrudpSessionStats stats;

  srudp_session_get_stats (self->session, &stats);
  srudp_connection_core_keep_candidates (self);
  g_mutex_lock (&self->lock);
  self->final_stats = stats;
  g_mutex_unlock (&self->lock);
}

static void
abort_session (SrudpConnectionCore *self)
{
  if (self->session != NULL)
    {
      srudp_connection_core_keep_stats (self);
      srudp_connection_core_keep_deliveries (self);
      srudp_session_abort (self->session, g_get_monotonic_time ());
    }
  /* It is CLOSED already: the error doesn't change any more. */
  srudp_connection_core_fail_deliveries (self, self->error);
  srudp_connection_core_let_go (self);
  srudp_connection_core_end_drain (self);
}

static void
abort_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;

  abort_session (self);
}

void
srudp_connection_core_abort_now (SrudpConnectionCore *self,
                                 const GError        *error)
{
  srudp_connection_core_die (self, error);
  abort_session (self);
}

void
srudp_connection_core_abort (SrudpConnectionCore *self,
                             const GError        *error)
{
  srudp_connection_core_die (self, error);
  srudp_connection_core_post (self, abort_mail);
}

static void
release_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;
  g_autoptr (GError) error = NULL;

  /* First hand over what was written: dying drops it. */
  if (self->session != NULL)
    srudp_connection_core_push_streams (self, TRUE);
  g_mutex_lock (&self->lock);
  self->closed_here = TRUE;
  error = make_closed_error (self);
  g_mutex_unlock (&self->lock);
  srudp_connection_core_fail_deliveries (self, error);
  srudp_connection_core_die (self, error);
  srudp_connection_core_let_go (self);
  srudp_connection_core_end_drain (self);
}

void
srudp_connection_core_release (SrudpConnectionCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_users))
    return;

  if (!srudp_connection_core_post (self, release_mail))
    srudp_connection_core_die (self, NULL);
}

typedef struct
{
  SrudpConnectionCore *core;
  SrudpSessionStats *stats;
} StatsCall;

static void
get_stats_call (gpointer data)
{
  StatsCall *call = data;
  SrudpConnectionCore *self = call->core;

  if (self->session != NULL)
    {
      srudp_connection_core_push_streams (self, FALSE);
      srudp_session_get_stats (self->session, call->stats);
    }
}

/* Bytes still in the queues here belong to the sum, too. */
static void
add_queued_bytes (SrudpConnectionCore *self,
                  SrudpSessionStats   *stats)
{
  SrudpStreamCore *stream = self->main_stream;

  g_mutex_lock (&stream->lock);
  stats->unacknowledged_bytes += stream->output.n_bytes;
  g_mutex_unlock (&stream->lock);
}

void
srudp_connection_core_fill_in_stats (SrudpConnectionCore *self,
                                     SrudpSessionStats   *stats)
{
  g_autoptr (SrudpEndpointCore) endpoint =
    srudp_connection_core_dup_endpoint (self);
  StatsCall call = { self, stats };

  g_mutex_lock (&self->lock);
  *stats = self->final_stats;
  g_mutex_unlock (&self->lock);

  if (endpoint != NULL)
    srudp_endpoint_core_call (endpoint, get_stats_call, &call);
  add_queued_bytes (self, stats);
}

static void
set_timeouts_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;
  guint idle_ms, keepalive_ms;

  g_mutex_lock (&self->lock);
  idle_ms = self->idle_timeout_ms;
  keepalive_ms = self->keepalive_ms;
  g_mutex_unlock (&self->lock);

  if (self->session != NULL)
    srudp_session_set_timeouts (self->session, g_get_monotonic_time (),
                                (gint64) idle_ms * 1000,
                                (gint64) keepalive_ms * 1000);
}

void
srudp_connection_core_set_timeouts (SrudpConnectionCore *self,
                                    guint                idle_ms,
                                    guint                keepalive_ms)
{
  g_mutex_lock (&self->lock);
  self->idle_timeout_ms = idle_ms;
  self->keepalive_ms = keepalive_ms;
  g_mutex_unlock (&self->lock);

  srudp_connection_core_post (self, set_timeouts_mail);
}

static void
set_max_window_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;
  guint64 n_bytes;

  g_mutex_lock (&self->lock);
  n_bytes = self->max_receive_window;
  g_mutex_unlock (&self->lock);

  if (self->session != NULL)
    srudp_session_set_max_window (self->session, n_bytes);
}

void
srudp_connection_core_set_max_window (SrudpConnectionCore *self,
                                      guint64              n_bytes)
{
  g_mutex_lock (&self->lock);
  self->max_receive_window = n_bytes;
  g_mutex_unlock (&self->lock);

  srudp_connection_core_post (self, set_max_window_mail);
}
