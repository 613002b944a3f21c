/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-worker.c: the worker thread of an endpoint
 *
 * One thread, one private context, one source for the socket, one for the
 * timer and one for the mailbox. The engine is called by whose turn it is: this
 * thread, or one that has taken its turn while it sleeps; see srudp-mailbox.c.
 * The thread never waits for the application.
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-bridge-private.h"
#include "srudp-glib/srudp-deadline-source-private.h"
#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-prober-private.h"
#include "srudp-glib/srudp-source-private.h"

static gint64
get_deadline (SrudpEndpointCore *self)
{
  gint64 deadline = srudp_engine_get_deadline (self->engine);
  gint64 asking = srudp_prober_get_deadline (self->prober);

  /* What can't be sent now waits for the transport. */
  if (asking < 0 || self->writable_source != NULL)
    return deadline;
  return deadline < 0 ? asking : MIN (deadline, asking);
}

/* What follows whatever was done to the engine; see srudp-engine.h. */
void
srudp_endpoint_core_pump (SrudpEndpointCore *self)
{
  gboolean all_sent;

  srudp_prober_advance (self->prober);
  srudp_endpoint_core_handle_events (self);
  srudp_endpoint_core_close_idle_sockets (self);
  all_sent = srudp_endpoint_core_transmit (self);
  srudp_qlog_files_drain (self->qlog);
  srudp_key_log_file_drain (self->key_log);

  srudp_deadline_source_set (self->timer_source,
                             all_sent ? get_deadline (self) : 0);
  if (self->shut_down && all_sent && self->writable_source == NULL
      && srudp_engine_is_idle (self->engine)
      && g_hash_table_size (self->connections) == 0)
    self->quit = TRUE;
}

/* What an application has written, by its own thread. */
void
srudp_endpoint_core_send_out_of_turn (SrudpEndpointCore *self)
{
  gboolean all_sent = srudp_endpoint_core_transmit (self);

  srudp_qlog_files_drain (self->qlog);
  srudp_deadline_source_set_asleep (self->timer_source,
                                    all_sent ? get_deadline (self) : 0);
}

void
srudp_endpoint_core_wake (SrudpEndpointCore *self)
{
  srudp_deadline_source_set (self->timer_source, 0);
}

static void
pump_after_mail (gpointer data)
{
  srudp_endpoint_core_pump (data);
}

static gboolean
timer_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;

  srudp_engine_advance (self->engine, g_get_monotonic_time ());
  srudp_endpoint_core_pump (self);
  return G_SOURCE_CONTINUE;
}

static void
network_watch_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;

  self->network_change_us = g_get_monotonic_time ();
  srudp_endpoint_core_note_network_change (self);
  srudp_endpoint_core_pump (self);
}

static void
start_sources (SrudpEndpointCore *self)
{
  srudp_endpoint_core_start_reading (self);

  self->timer_source = srudp_deadline_source_new ();
  g_source_set_callback (self->timer_source, timer_cb, self, NULL);
  g_source_set_static_name (self->timer_source, "[srudp] timer");
  g_source_attach (self->timer_source, self->context);

  if (G_IS_SOCKET (self->transport))
    self->network_watch =
      srudp_network_watch_new (self->context, network_watch_cb, self);
  srudp_mailbox_start (self->mailbox, pump_after_mail, self);
}

static void
drop_transport (SrudpEndpointCore *self)
{
  srudp_clear_source (&self->socket_source);
  srudp_clear_source (&self->writable_source);
  srudp_clear_source (&self->timer_source);
  g_clear_pointer (&self->network_watch, srudp_network_watch_free);
  g_clear_pointer (&self->spares, srudp_spare_sockets_free);
  g_clear_pointer (&self->io, srudp_datagram_io_free);
  if (self->own_socket)
    g_socket_close (G_SOCKET (self->transport), NULL);
  g_clear_object (&self->transport);
}

/* Gives back the port before anyone hears that it is closed. */
static void
drop_parts (SrudpEndpointCore *self)
{
  drop_transport (self);
  g_clear_pointer (&self->qlog, srudp_qlog_files_free);
  g_clear_pointer (&self->key_log, srudp_key_log_file_free);
  g_clear_pointer (&self->engine, srudp_engine_free);
}

static void
set_closed (SrudpEndpointCore *self)
{
  GQueue unclaimed = G_QUEUE_INIT;
  SrudpWaiter *waiter;
  gpointer connection;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  /* Connections hold their endpoint: nothing may hold them here for good. */
  while ((connection = g_queue_pop_head (&self->backlog)) != NULL
         || (connection = g_queue_pop_head (&self->taken)) != NULL)
    g_queue_push_tail (&unclaimed, connection);
  g_atomic_int_set (&self->n_backlog, 0);
  while ((waiter = g_queue_pop_head (&self->close_waiters)) != NULL)
    {
      srudp_waiter_resolve (waiter, NULL, NULL);
      srudp_waiter_unref (waiter);
    }
  g_mutex_unlock (&self->lock);

  g_queue_clear_full (&unclaimed,
                      (GDestroyNotify) srudp_connection_core_unref);
}

static gpointer
worker_main (gpointer data)
{
  SrudpEndpointCore *self = data;

  g_main_context_push_thread_default (self->context);
  /* Somebody else's transport is used from this thread only. */
  srudp_mailbox_begin_turns (self->mailbox, self->own_socket);
  start_sources (self);
  srudp_endpoint_core_pump (self);
  while (!self->quit)
    g_main_context_iteration (self->context, TRUE);

  srudp_mailbox_close (self->mailbox);
  g_clear_pointer (&self->prober, srudp_prober_free);
  while (!g_queue_is_empty (&self->bridges))
    srudp_bridge_destroy (g_queue_peek_head (&self->bridges));
  srudp_endpoint_core_handle_events (self);
  drop_parts (self);
  srudp_mailbox_end_turns (self->mailbox);
  g_main_context_pop_thread_default (self->context);

  srudp_endpoint_core_unwatch_network (self);
  SRUDP_NOTE (ENDPOINT, "%p: closed", (void *) self);
  set_closed (self);
  srudp_endpoint_core_unref (self);
  return NULL;
}

gboolean
srudp_endpoint_core_start (SrudpEndpointCore  *self,
                           GError            **error)
{
  self->thread = g_thread_try_new ("srudp", worker_main,
                                   srudp_endpoint_core_ref (self), error);
  if (self->thread != NULL)
    return TRUE;

  if (g_atomic_ref_count_dec (&self->ref_count))
    g_assert_not_reached (); /* there were two */
  g_clear_pointer (&self->prober, srudp_prober_free);
  drop_parts (self);
  return FALSE;
}
