/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-streams.c: the streams of a connection
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-reason-private.h"

typedef struct
{
  SrudpConnectionCore *core;
  SrudpWaiter *waiter;
} StreamRequest;

static void
fail_not_open (SrudpConnectionCore *self,
               SrudpWaiter         *waiter)
{
  g_autoptr (GError) error = NULL;

  if (srudp_connection_core_check_open (self, &error))
    error = srudp_reason_new_endpoint_closed_error ();
  srudp_waiter_fail (waiter, error);
}

static SrudpStreamCore *
add_stream (SrudpConnectionCore *self,
            guint64              id)
{
  SrudpStreamCore *stream = srudp_stream_core_new ();
  guint64 *key = g_new (guint64, 1);

  srudp_stream_core_start (stream, self, self->endpoint->mailbox, id);
  *key = id;
  g_hash_table_replace (self->streams, key, srudp_stream_core_ref (stream));
  return stream;
}

static void
discard_stream (gpointer data)
{
  SrudpStreamCore *stream = data;

  srudp_stream_core_close_output (stream);
  srudp_stream_core_close_input (stream);
  srudp_stream_core_unref (stream);
}

/* FALSE: the peer allows no more. */
static gboolean
open_stream_locked (SrudpConnectionCore *self,
                    SrudpWaiter         *waiter)
{
  SrudpStreamCore *stream;
  guint64 id;

  if (!srudp_connection_core_check_open (self, NULL)
      || self->session == NULL)
    {
      fail_not_open (self, waiter);
      return TRUE;
    }
  if (srudp_waiter_is_done (waiter))
    return TRUE;
  if (!srudp_session_open_stream (self->session, &id))
    return FALSE;

  stream = add_stream (self, id);
  if (!srudp_waiter_resolve (waiter, stream, discard_stream))
    discard_stream (stream);
  return TRUE;
}

static void
open_stream_mail (gpointer data)
{
  StreamRequest *request = data;
  SrudpConnectionCore *self = request->core;

  g_mutex_lock (&self->lock);
  if (!open_stream_locked (self, request->waiter))
    {
      srudp_waiter_queue_prune (&self->stream_openers);
      g_queue_push_tail (&self->stream_openers,
                         srudp_waiter_ref (request->waiter));
    }
  g_mutex_unlock (&self->lock);

  srudp_waiter_unref (request->waiter);
  srudp_connection_core_unref (self);
  g_free (request);
}

void
srudp_connection_core_open_waiting (SrudpConnectionCore *self)
{
  SrudpWaiter *waiter;

  g_mutex_lock (&self->lock);
  while ((waiter = g_queue_peek_head (&self->stream_openers)) != NULL
         && open_stream_locked (self, waiter))
    {
      g_queue_pop_head (&self->stream_openers);
      srudp_waiter_unref (waiter);
    }
  g_mutex_unlock (&self->lock);
}

void
srudp_connection_core_open_stream (SrudpConnectionCore *self,
                                   SrudpWaiter         *waiter)
{
  g_autoptr (SrudpEndpointCore) endpoint =
    srudp_connection_core_dup_endpoint (self);
  StreamRequest *request = g_new (StreamRequest, 1);

  request->core = srudp_connection_core_ref (self);
  request->waiter = srudp_waiter_ref (waiter);
  if (endpoint != NULL
      && srudp_mailbox_post (endpoint->mailbox, open_stream_mail, request))
    return;

  g_mutex_lock (&self->lock);
  fail_not_open (self, waiter);
  g_mutex_unlock (&self->lock);
  srudp_waiter_unref (request->waiter);
  srudp_connection_core_unref (request->core);
  g_free (request);
}

void
srudp_connection_core_accept_stream (SrudpConnectionCore *self,
                                     SrudpWaiter         *waiter)
{
  SrudpStreamCore *stream;

  g_mutex_lock (&self->lock);
  srudp_waiter_queue_prune (&self->stream_waiters);
  stream = g_queue_pop_head (&self->new_streams);
  if (stream != NULL)
    {
      if (!srudp_waiter_resolve (waiter, stream, discard_stream))
        g_queue_push_head (&self->new_streams, stream);
    }
  else if (!srudp_connection_core_check_open (self, NULL))
    fail_not_open (self, waiter);
  else
    g_queue_push_tail (&self->stream_waiters, srudp_waiter_ref (waiter));
  g_mutex_unlock (&self->lock);
}

static gboolean
give_to_waiters (SrudpConnectionCore *self,
                 SrudpStreamCore     *stream)
{
  SrudpWaiter *waiter;

  while ((waiter = g_queue_pop_head (&self->stream_waiters)) != NULL)
    {
      gboolean taken = srudp_waiter_resolve (waiter, stream, discard_stream);

      srudp_waiter_unref (waiter);
      if (taken)
        return TRUE;
    }
  return FALSE;
}

/* The engine bounds how many streams the peer may open. */
void
srudp_connection_core_take_stream (SrudpConnectionCore *self,
                                   guint64              id)
{
  SrudpStreamCore *stream;

  if (self->session == NULL)
    return;

  g_mutex_lock (&self->lock);
  stream = add_stream (self, id);
  g_mutex_unlock (&self->lock);

  srudp_stream_core_pull (stream, self->session);

  g_mutex_lock (&self->lock);
  if (!give_to_waiters (self, stream))
    g_queue_push_tail (&self->new_streams, stream);
  g_mutex_unlock (&self->lock);
}

SrudpStreamCore *
srudp_connection_core_lookup_stream (SrudpConnectionCore *self,
                                     guint64              id)
{
  SrudpStreamCore *stream;

  g_mutex_lock (&self->lock);
  stream = g_hash_table_lookup (self->streams, &id);
  g_mutex_unlock (&self->lock);
  return stream;
}

static gboolean
is_over (SrudpStreamCore *stream)
{
  gboolean over;

  g_mutex_lock (&stream->lock);
  over = stream->finished
         && (stream->input_eof || stream->input_error != NULL
             || stream->stopped);
  g_mutex_unlock (&stream->lock);
  return over;
}

/* Only the worker adds and removes streams, so that one it has looked up
 * stays meanwhile. */
void
srudp_connection_core_service_stream (SrudpConnectionCore *self,
                                      SrudpStreamCore     *stream)
{
  if (self->session == NULL)
    return;

  srudp_stream_core_push (stream, self->session, FALSE);
  if (stream != self->main_stream && is_over (stream))
    {
      srudp_connection_core_note_departed (self, stream);
      stream->connection = NULL;
      g_mutex_lock (&self->lock);
      g_hash_table_remove (self->streams, &stream->id);
      g_mutex_unlock (&self->lock);
    }
}

void
srudp_connection_core_send_out_of_turn (SrudpConnectionCore *self,
                                        SrudpStreamCore     *stream)
{
  if (self->session == NULL)
    return;

  srudp_stream_core_push (stream, self->session, FALSE);
  srudp_endpoint_core_send_out_of_turn (self->endpoint);
}

static GPtrArray *
copy_streams (SrudpConnectionCore *self)
{
  GPtrArray *streams = g_ptr_array_new_with_free_func (
    (GDestroyNotify) srudp_stream_core_unref);
  GHashTableIter iter;
  gpointer stream;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    g_ptr_array_add (streams, srudp_stream_core_ref (stream));
  g_mutex_unlock (&self->lock);
  return streams;
}

void
srudp_connection_core_push_streams (SrudpConnectionCore *self,
                                    gboolean             all)
{
  g_autoptr (GPtrArray) streams = copy_streams (self);

  for (guint i = 0; i < streams->len; i++)
    srudp_stream_core_push (g_ptr_array_index (streams, i), self->session,
                            all);
}

void
srudp_connection_core_pull_streams (SrudpConnectionCore *self)
{
  g_autoptr (GPtrArray) streams = copy_streams (self);

  for (guint i = 0; i < streams->len; i++)
    srudp_stream_core_pull (g_ptr_array_index (streams, i), self->session);
}
