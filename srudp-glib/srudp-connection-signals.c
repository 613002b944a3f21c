/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-signals.c: what a connection tells by itself
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-list-private.h"
#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-handler-watch-private.h"
#include "srudp-glib/srudp-source-private.h"

enum
{
  SIGNAL_DATAGRAM_RECEIVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void emit_datagrams (SrudpConnection *self);

void
srudp_connection_install_signals (void)
{
  /**
   * SrudpConnection::datagram-received:
   * @self: the connection
   * @datagram: what the peer sent
   *
   * A datagram has arrived that no [method@Srudp.Connection.receive_datagram]
   * was waiting for.
   */
  signals[SIGNAL_DATAGRAM_RECEIVED] =
    g_signal_new ("datagram-received", SRUDP_TYPE_CONNECTION,
                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_BYTES);
}

static void
state_notice (GObject  *object,
              gpointer  data)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  if (srudp_connection_get_state (self) == SRUDP_CONNECTION_STATE_CLOSED
      && self->endpoint != NULL)
    srudp_connection_list_remove (srudp_endpoint_get_list (self->endpoint),
                                  self);
  g_object_notify (object, "state");
}

void
srudp_connection_push_state (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, state_notice, NULL, NULL);
}

void
srudp_connection_drop_handler_watch (SrudpConnection *self)
{
  GSource *watch;

  g_mutex_lock (&self->core->lock);
  watch = g_steal_pointer (&self->handler_watch);
  g_mutex_unlock (&self->core->lock);

  srudp_clear_source (&watch);
}

static void
handler_connected (GObject *object)
{
  srudp_connection_drop_handler_watch (SRUDP_CONNECTION (object));
  emit_datagrams (SRUDP_CONNECTION (object));
}

/* Whoever connects later gets what came earlier. */
static void
watch_for_handler (SrudpConnection *self)
{
  SrudpConnectionCore *core = self->core;

  g_mutex_lock (&core->lock);
  if (!g_queue_is_empty (&core->datagrams_in) && self->handler_watch == NULL)
    {
      self->handler_watch = srudp_handler_watch_new (
        G_OBJECT (self), signals[SIGNAL_DATAGRAM_RECEIVED],
        handler_connected);
      g_source_attach (self->handler_watch,
                       srudp_notifier_get_context (self->notifier));
    }
  g_mutex_unlock (&core->lock);
}

/* Without a handler, datagrams wait for a receive. */
static void
emit_datagrams (SrudpConnection *self)
{
  srudp_connection_core_begin_looking (self->core);
  while (g_signal_has_handler_pending (
    self, signals[SIGNAL_DATAGRAM_RECEIVED], 0, FALSE))
    {
      g_autoptr (GBytes) datagram =
        srudp_connection_core_pop_datagram (self->core);

      if (datagram == NULL)
        break;
      g_signal_emit (self, signals[SIGNAL_DATAGRAM_RECEIVED], 0, datagram);
    }
  watch_for_handler (self);
}

static void
datagrams_notice (GObject  *object,
                  gpointer  data)
{
  emit_datagrams (SRUDP_CONNECTION (object));
}

void
srudp_connection_push_datagrams (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, datagrams_notice, NULL, NULL);
}
