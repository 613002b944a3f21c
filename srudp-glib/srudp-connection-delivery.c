/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-delivery.c: waiting until the peer has what was written
 *
 * A delivery is a list of targets: so many bytes of that stream. Those that are
 * acknowledged leave the list, and an empty list ends the waiting.
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-i18n-private.h"

typedef struct
{
  guint64 stream_id;
  guint64 offset;
} SrudpDeliveryTarget;

typedef struct
{
  SrudpWaiter *waiter;
  GArray *targets; /* of SrudpDeliveryTarget */
} SrudpDelivery;

typedef struct
{
  SrudpConnectionCore *core;
  SrudpWaiter *waiter;
} DeliveryRequest;

static void
delivery_free (SrudpDelivery *delivery)
{
  srudp_waiter_unref (delivery->waiter);
  g_array_unref (delivery->targets);
  g_free (delivery);
}

/* Targets */

static gboolean
is_finished (SrudpConnectionCore *self,
             guint64              stream_id)
{
  SrudpStreamCore *stream =
    srudp_connection_core_lookup_stream (self, stream_id);

  return stream == NULL || stream->finished;
}

/* The engine forgets a stream that is done both ways: one that was handed to
 * it to the end, and of which it knows nothing, has arrived. */
static gboolean
is_met (SrudpConnectionCore       *self,
        const SrudpDeliveryTarget *target)
{
  guint64 id = target->stream_id;

  if (srudp_session_get_acked_offset (self->session, id) >= target->offset)
    return TRUE;
  return srudp_session_get_written_offset (self->session, id) == 0
         && is_finished (self, id);
}

static void
drop_met (SrudpConnectionCore *self,
          GArray              *targets)
{
  for (guint i = targets->len; i > 0; i--)
    {
      if (is_met (self, &g_array_index (targets, SrudpDeliveryTarget, i - 1)))
        g_array_remove_index_fast (targets, i - 1);
    }
}

static void
add_target (GArray  *targets,
            guint64  stream_id,
            guint64  offset)
{
  SrudpDeliveryTarget target = { stream_id, offset };

  if (offset > 0)
    g_array_append_val (targets, target);
}

/* Whoever wrote to a further stream that the peer stopped was told then. */
static void
add_stream (GArray          *targets,
            SrudpStreamCore *stream)
{
  g_mutex_lock (&stream->lock);
  if (stream->id == SRUDP_MAIN_STREAM || !stream->output_stopped)
    add_target (targets, stream->id, stream->n_written);
  g_mutex_unlock (&stream->lock);
}

static GArray *
collect_targets (SrudpConnectionCore *self)
{
  GArray *targets = g_array_new (FALSE, FALSE, sizeof (SrudpDeliveryTarget));
  GHashTableIter iter;
  gpointer stream;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    add_stream (targets, stream);
  g_mutex_unlock (&self->lock);

  if (self->departed != NULL)
    g_array_append_vals (targets, self->departed->data, self->departed->len);
  drop_met (self, targets);
  return targets;
}

void
srudp_connection_core_note_departed (SrudpConnectionCore *self,
                                     SrudpStreamCore     *stream)
{
  if (self->departed == NULL)
    self->departed = g_array_new (FALSE, FALSE, sizeof (SrudpDeliveryTarget));
  add_stream (self->departed, stream);
  drop_met (self, self->departed);
}

void
srudp_connection_core_keep_deliveries (SrudpConnectionCore *self)
{
  g_autoptr (GArray) left = collect_targets (self);

  g_mutex_lock (&self->lock);
  self->all_delivered = left->len == 0;
  g_mutex_unlock (&self->lock);
}

/* Deliveries */

static void
end_delivery (SrudpConnectionCore *self,
              GList               *link,
              const GError        *error)
{
  SrudpDelivery *delivery = link->data;

  if (error != NULL)
    srudp_waiter_fail (delivery->waiter, error);
  else
    srudp_waiter_resolve (delivery->waiter, NULL, NULL);
  delivery_free (delivery);
  g_queue_delete_link (&self->deliveries, link);
}

/* The engine watches one offset of a stream at a time. Later deliveries never
 * ask for less, so the oldest has the last word. */
static void
watch_nearest (SrudpConnectionCore *self)
{
  for (GList *l = self->deliveries.tail; l != NULL; l = l->prev)
    {
      GArray *targets = ((SrudpDelivery *) l->data)->targets;

      for (guint i = 0; i < targets->len; i++)
        {
          SrudpDeliveryTarget *target =
            &g_array_index (targets, SrudpDeliveryTarget, i);

          srudp_session_watch_delivered (self->session, target->stream_id,
                                         target->offset);
        }
    }
}

void
srudp_connection_core_check_deliveries (SrudpConnectionCore *self)
{
  GList *link = self->deliveries.head;

  while (link != NULL)
    {
      SrudpDelivery *delivery = link->data;
      GList *next = link->next;

      drop_met (self, delivery->targets);
      if (delivery->targets->len == 0 || srudp_waiter_is_done (delivery->waiter))
        end_delivery (self, link, NULL);
      link = next;
    }
  watch_nearest (self);
}

static gboolean
has_target (SrudpDelivery *delivery,
            guint64        stream_id)
{
  for (guint i = 0; i < delivery->targets->len; i++)
    {
      if (g_array_index (delivery->targets, SrudpDeliveryTarget, i).stream_id
          == stream_id)
        return TRUE;
    }
  return FALSE;
}

static GError *
make_stopped_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                              _ ("The peer does not read any more."));
}

void
srudp_connection_core_stop_deliveries (SrudpConnectionCore *self,
                                       guint64              stream_id)
{
  g_autoptr (GError) error = make_stopped_error ();
  GList *link;

  srudp_connection_core_check_deliveries (self);
  for (link = self->deliveries.head; link != NULL;)
    {
      GList *next = link->next;

      if (has_target (link->data, stream_id))
        end_delivery (self, link, error);
      link = next;
    }
}

void
srudp_connection_core_fail_deliveries (SrudpConnectionCore *self,
                                       const GError        *error)
{
  g_autoptr (GError) closed =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("The connection was closed."));

  while (!g_queue_is_empty (&self->deliveries))
    end_delivery (self, self->deliveries.head, error != NULL ? error : closed);
}

/* Waiting */

/* The session is gone: what it had delivered by then is all there will be. */
static void
end_at_once (SrudpConnectionCore *self,
             SrudpWaiter         *waiter)
{
  g_autoptr (GError) closed =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("The connection is closed."));

  g_mutex_lock (&self->lock);
  if (self->all_delivered)
    srudp_waiter_resolve (waiter, NULL, NULL);
  else
    srudp_waiter_fail (waiter, self->error != NULL ? self->error : closed);
  g_mutex_unlock (&self->lock);
}

/* What the peer has stopped reading can't arrive any more. */
static gboolean
is_main_stopped (SrudpConnectionCore *self)
{
  SrudpStreamCore *stream = self->main_stream;
  gboolean stopped;

  g_mutex_lock (&stream->lock);
  stopped = stream->output_stopped;
  g_mutex_unlock (&stream->lock);
  return stopped;
}

static void
add_delivery (SrudpConnectionCore *self,
              SrudpWaiter         *waiter)
{
  SrudpDelivery *delivery;

  srudp_connection_core_push_streams (self, FALSE);
  delivery = g_new (SrudpDelivery, 1);
  delivery->waiter = srudp_waiter_ref (waiter);
  delivery->targets = collect_targets (self);
  g_queue_push_tail (&self->deliveries, delivery);
  if (is_main_stopped (self) && has_target (delivery, SRUDP_MAIN_STREAM))
    srudp_connection_core_stop_deliveries (self, SRUDP_MAIN_STREAM);
  else
    srudp_connection_core_check_deliveries (self);
}

static void
delivery_mail (gpointer data)
{
  DeliveryRequest *request = data;
  SrudpConnectionCore *self = request->core;

  if (self->session == NULL)
    end_at_once (self, request->waiter);
  else
    add_delivery (self, request->waiter);
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

  if (srudp_connection_core_get_state (self) < SRUDP_STATE_ESTABLISHED)
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
  if (endpoint == NULL
      || !srudp_mailbox_post (endpoint->mailbox, delivery_mail, request))
    {
      end_at_once (self, waiter);
      srudp_waiter_unref (request->waiter);
      srudp_connection_core_unref (request->core);
      g_free (request);
    }
}
