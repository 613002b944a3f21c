/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-close.c: the end of a connection
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-bridge-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-source-private.h"

static void
release_session (SrudpSession *session)
{
  srudp_session_set_user_data (session, NULL);
  srudp_session_release (session, g_get_monotonic_time ());
}

/* The worker has no more to do with it. */
void
srudp_connection_core_let_go (SrudpConnectionCore *self)
{
  GHashTableIter iter;
  gpointer stream;
  SrudpSession *session;

  srudp_introducer_on_closed (self);
  srudp_clear_source (&self->resolve_timeout);
  if (self->session == NULL)
    return;

  session = g_steal_pointer (&self->session);
  if (self->draining)
    self->draining_session = session;
  else
    release_session (session);

  self->main_stream->connection = NULL;
  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    ((SrudpStreamCore *) stream)->connection = NULL;
  g_hash_table_remove_all (self->streams);
  g_mutex_unlock (&self->lock);

  if (!self->draining)
    g_hash_table_remove (self->endpoint->connections, self);
}

void
srudp_connection_core_start_drain (SrudpConnectionCore *self)
{
  g_mutex_lock (&self->lock);
  self->draining = TRUE;
  g_mutex_unlock (&self->lock);
}

void
srudp_connection_core_end_drain (SrudpConnectionCore *self)
{
  if (!self->draining)
    return;

  g_mutex_lock (&self->lock);
  self->draining = FALSE;
  srudp_connection_core_end_close_waiters (self);
  g_mutex_unlock (&self->lock);

  release_session (g_steal_pointer (&self->draining_session));
  g_hash_table_remove (self->endpoint->connections, self);
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

/* With the lock held. Whoever waits hears at once that this end has closed, not
 * later what the peer makes of it. */
static void
close_here (SrudpConnectionCore *self)
{
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer stream;

  self->closed_here = TRUE;
  if (self->state >= SRUDP_STATE_ESTABLISHED
      && !srudp_connection_core_check_open (self, &error))
    srudp_connection_core_fail_waiters (self, error);

  close_unless_exported (self->main_stream);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    close_unless_exported (stream);
}

void
srudp_connection_core_close_session (SrudpConnectionCore *self)
{
  if (self->session == NULL)
    return;

  g_mutex_lock (&self->lock);
  close_here (self);
  g_mutex_unlock (&self->lock);
  srudp_bridge_finish (self);
  srudp_connection_core_push_streams (self, TRUE);
  /* What was broken off meanwhile may have lost some of that, so that this is
   * no orderly end: it is about to be aborted. */
  if (srudp_connection_core_get_state (self) != SRUDP_STATE_CLOSED)
    srudp_session_close (self->session, g_get_monotonic_time ());
}

static void
close_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;

  srudp_connection_core_close_session (self);
}

static gboolean
end_if_closed (SrudpConnectionCore *self,
               SrudpWaiter         *waiter)
{
  if (self->state != SRUDP_STATE_CLOSED || self->draining)
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
  close_here (self);
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
