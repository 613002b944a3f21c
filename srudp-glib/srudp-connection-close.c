/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-close.c: the end of a connection, and what is delivered
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-bridge-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"

#include <glib/gi18n-lib.h>

/* Somebody waits until so much of a stream is acknowledged. */
typedef struct
{
  SrudpWaiter *waiter;
  guint64 stream_id;
  guint64 offset;
} SrudpDelivery;

typedef struct
{
  SrudpConnectionCore *core;
  SrudpWaiter *waiter;
  guint64 offset;
} DeliveryRequest;

/* The worker has no more to do with it. */
void
srudp_connection_core_let_go (SrudpConnectionCore *self)
{
  GHashTableIter iter;
  gpointer stream;
  SrudpSession *session = g_steal_pointer (&self->session);

  if (self->resolve_timeout != NULL)
    {
      g_source_destroy (self->resolve_timeout);
      g_clear_pointer (&self->resolve_timeout, g_source_unref);
    }
  if (session == NULL)
    return;

  srudp_session_set_user_data (session, NULL);
  srudp_session_release (session, g_get_monotonic_time ());

  self->main_stream->connection = NULL;
  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    ((SrudpStreamCore *) stream)->connection = NULL;
  g_hash_table_remove_all (self->streams);
  g_mutex_unlock (&self->lock);

  g_hash_table_remove (self->endpoint->connections, self);
}

void
srudp_connection_core_close_session (SrudpConnectionCore *self)
{
  if (self->session == NULL)
    return;

  srudp_bridge_finish (self);
  srudp_connection_core_push_streams (self, TRUE);
  srudp_session_close (self->session, g_get_monotonic_time ());
}

static void
close_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;

  srudp_connection_core_close_session (self);
}

/* What is in an exported socket comes first: the bridge ends that one. */
static void
close_unless_exported (SrudpStreamCore *stream)
{
  if (srudp_stream_core_is_exported (stream))
    return;
  srudp_stream_core_close_output (stream);
  srudp_stream_core_close_input (stream);
}

static void
close_streams (SrudpConnectionCore *self)
{
  GHashTableIter iter;
  gpointer stream;

  close_unless_exported (self->main_stream);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    close_unless_exported (stream);
}

static gboolean
end_if_closed (SrudpConnectionCore *self,
               SrudpWaiter         *waiter)
{
  if (self->state != SRUDP_STATE_CLOSED)
    return FALSE;

  if (self->undelivered)
    srudp_waiter_fail (waiter, self->error);
  else
    srudp_waiter_resolve (waiter, NULL, NULL);
  return TRUE;
}

void
srudp_connection_core_close (SrudpConnectionCore *self,
                             SrudpWaiter         *waiter)
{
  gboolean closed, opening;

  g_mutex_lock (&self->lock);
  close_streams (self);
  closed = end_if_closed (self, waiter);
  opening = self->state < SRUDP_STATE_ESTABLISHED;
  if (!closed)
    g_queue_push_tail (&self->close_waiters, srudp_waiter_ref (waiter));
  g_mutex_unlock (&self->lock);

  if (closed)
    return;
  if (opening)
    srudp_connection_core_abort (self, NULL);
  else if (!srudp_connection_core_post (self, close_mail))
    srudp_connection_core_die (self, NULL);
}

/* Delivered */

static void
delivery_free (SrudpDelivery *delivery)
{
  srudp_waiter_unref (delivery->waiter);
  g_free (delivery);
}

void
srudp_connection_core_fail_deliveries (SrudpConnectionCore *self,
                                       const GError        *error)
{
  g_autoptr (GError) closed =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("The connection was closed."));
  SrudpDelivery *delivery;

  while ((delivery = g_queue_pop_head (&self->deliveries)) != NULL)
    {
      srudp_waiter_fail (delivery->waiter, error != NULL ? error : closed);
      delivery_free (delivery);
    }
}

static gboolean
is_delivered (SrudpConnectionCore *self,
              SrudpDelivery       *delivery)
{
  return srudp_session_get_acked_offset (self->session, delivery->stream_id)
         >= delivery->offset;
}

/* The engine watches one offset of a stream at a time: the nearest. */
static void
watch_nearest (SrudpConnectionCore *self,
               guint64              stream_id)
{
  guint64 nearest = G_MAXUINT64;

  for (GList *l = self->deliveries.head; l != NULL; l = l->next)
    {
      SrudpDelivery *delivery = l->data;

      if (delivery->stream_id == stream_id)
        nearest = MIN (nearest, delivery->offset);
    }
  if (nearest != G_MAXUINT64)
    srudp_session_watch_delivered (self->session, stream_id, nearest);
}

void
srudp_connection_core_check_deliveries (SrudpConnectionCore *self,
                                        guint64              stream_id)
{
  GList *link = self->deliveries.head;

  while (link != NULL)
    {
      SrudpDelivery *delivery = link->data;
      GList *next = link->next;

      if (delivery->stream_id == stream_id && is_delivered (self, delivery))
        {
          srudp_waiter_resolve (delivery->waiter, NULL, NULL);
          delivery_free (delivery);
          g_queue_delete_link (&self->deliveries, link);
        }
      link = next;
    }
  watch_nearest (self, stream_id);
}

/* The session is gone: what it had delivered by then is all there will be. */
static void
end_delivery_at_once (SrudpConnectionCore *self,
                      SrudpWaiter         *waiter,
                      guint64              offset)
{
  g_autoptr (GError) closed =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("The connection is closed."));

  g_mutex_lock (&self->lock);
  if (self->n_acked >= offset)
    srudp_waiter_resolve (waiter, NULL, NULL);
  else
    srudp_waiter_fail (waiter, self->error != NULL ? self->error : closed);
  g_mutex_unlock (&self->lock);
}

static void
delivery_mail (gpointer data)
{
  DeliveryRequest *request = data;
  SrudpConnectionCore *self = request->core;
  SrudpDelivery *delivery;

  if (self->session == NULL)
    {
      end_delivery_at_once (self, request->waiter, request->offset);
    }
  else
    {
      srudp_connection_core_push_streams (self, FALSE);
      delivery = g_new (SrudpDelivery, 1);
      delivery->waiter = srudp_waiter_ref (request->waiter);
      delivery->stream_id = SRUDP_MAIN_STREAM;
      delivery->offset = request->offset;
      g_queue_push_tail (&self->deliveries, delivery);
      srudp_connection_core_check_deliveries (self, SRUDP_MAIN_STREAM);
    }
  srudp_waiter_unref (request->waiter);
  srudp_connection_core_unref (self);
  g_free (request);
}

void
srudp_connection_core_wait_delivered (SrudpConnectionCore *self,
                                      SrudpWaiter         *waiter)
{
  g_autoptr (SrudpEndpointCore) endpoint =
    srudp_connection_core_dup_endpoint (self);
  DeliveryRequest *request;
  SrudpState state = srudp_connection_core_get_state (self);

  if (state < SRUDP_STATE_ESTABLISHED)
    {
      g_autoptr (GError) error =
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                             _ ("The connection is not open yet."));

      srudp_waiter_fail (waiter, error);
      return;
    }

  request = g_new (DeliveryRequest, 1);
  request->core = srudp_connection_core_ref (self);
  request->waiter = srudp_waiter_ref (waiter);
  request->offset = srudp_stream_core_get_written (self->main_stream);
  if (state == SRUDP_STATE_CLOSED
      || !srudp_mailbox_post (endpoint->mailbox, delivery_mail, request))
    {
      end_delivery_at_once (self, waiter, request->offset);
      srudp_waiter_unref (request->waiter);
      srudp_connection_core_unref (request->core);
      g_free (request);
    }
}
