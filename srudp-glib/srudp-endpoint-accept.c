/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-accept.c: who gets an inbound connection
 *
 * Each is handed over exactly once, and that is decided under the lock: to the
 * oldest waiting accept, to the `incoming` signal, to a later accept, or to
 * the application's own open to the same peer.
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-reason-private.h"

static void
claim_all_locked (SrudpEndpointCore *self)
{
  SrudpConnectionCore *connection;

  while ((connection = g_queue_pop_head (&self->taken)) != NULL)
    {
      if (connection->session != NULL)
        srudp_session_claim (connection->session);
      srudp_connection_core_unref (connection);
    }
}

static void
claim_mail (gpointer data)
{
  g_autoptr (SrudpEndpointCore) self = data;

  g_mutex_lock (&self->lock);
  claim_all_locked (self);
  g_mutex_unlock (&self->lock);
}

/* Tells the engine, when it is its turn, that this one left the backlog. */
static void
take_locked (SrudpEndpointCore   *self,
             SrudpConnectionCore *connection)
{
  g_queue_push_tail (&self->taken, srudp_connection_core_ref (connection));
  if (!srudp_mailbox_post (self->mailbox, claim_mail,
                           srudp_endpoint_core_ref (self)))
    srudp_endpoint_core_unref (self);
}

/* For a connection that was handed to somebody who never picked it up. */
static void
discard (gpointer data)
{
  SrudpConnectionCore *connection = data;

  srudp_connection_core_hold (connection);
  srudp_connection_core_release (connection);
  srudp_connection_core_unref (connection);
}

static gboolean
hand_over_locked (SrudpEndpointCore   *self,
                  SrudpWaiter         *waiter,
                  SrudpConnectionCore *connection)
{
  if (!srudp_waiter_resolve (waiter, srudp_connection_core_ref (connection),
                             discard))
    {
      srudp_connection_core_unref (connection);
      return FALSE;
    }
  take_locked (self, connection);
  return TRUE;
}

static SrudpConnectionCore *
pop_backlog_locked (SrudpEndpointCore *self)
{
  SrudpConnectionCore *connection = g_queue_pop_head (&self->backlog);

  g_atomic_int_set (&self->n_backlog, (int) self->backlog.length);
  return connection;
}

void
srudp_endpoint_core_accept (SrudpEndpointCore *self,
                            SrudpWaiter       *waiter)
{
  g_mutex_lock (&self->lock);
  srudp_waiter_queue_prune (&self->accept_waiters);
  if (self->closing)
    {
      srudp_reason_fail_endpoint_closed (waiter);
    }
  else if (!g_queue_is_empty (&self->backlog))
    {
      SrudpConnectionCore *connection = g_queue_peek_head (&self->backlog);

      if (hand_over_locked (self, waiter, connection))
        srudp_connection_core_unref (pop_backlog_locked (self));
    }
  else
    {
      g_queue_push_tail (&self->accept_waiters, srudp_waiter_ref (waiter));
    }
  g_mutex_unlock (&self->lock);
}

SrudpConnectionCore *
srudp_endpoint_core_take_incoming (SrudpEndpointCore *self)
{
  SrudpConnectionCore *connection = NULL;

  g_mutex_lock (&self->lock);
  if (!self->closing)
    connection = pop_backlog_locked (self);
  if (connection != NULL)
    take_locked (self, connection);
  g_mutex_unlock (&self->lock);
  return connection;
}

static gboolean
offer_to_waiters_locked (SrudpEndpointCore   *self,
                         SrudpConnectionCore *connection)
{
  SrudpWaiter *waiter;

  while ((waiter = g_queue_pop_head (&self->accept_waiters)) != NULL)
    {
      gboolean taken = hand_over_locked (self, waiter, connection);

      srudp_waiter_unref (waiter);
      if (taken)
        return TRUE;
    }
  return FALSE;
}

/* The engine counts those that are alive. Those that were closed in order
 * still hold what they have received, until there are too many of them. */
static SrudpConnectionCore *
pop_excess_locked (SrudpEndpointCore *self)
{
  if (self->backlog.length <= self->max_backlog)
    return NULL;

  for (GList *l = self->backlog.head; l != NULL; l = l->next)
    {
      SrudpConnectionCore *connection = l->data;

      if (srudp_connection_core_get_state (connection) != SRUDP_STATE_CLOSED)
        continue;
      g_queue_delete_link (&self->backlog, l);
      return connection;
    }
  return NULL;
}

void
srudp_endpoint_core_offer (SrudpEndpointCore   *self,
                           SrudpConnectionCore *connection)
{
  SrudpConnectionCore *excess = NULL;
  gboolean waits = FALSE;

  g_mutex_lock (&self->lock);
  if (!offer_to_waiters_locked (self, connection))
    {
      g_queue_push_tail (&self->backlog,
                         srudp_connection_core_ref (connection));
      excess = pop_excess_locked (self);
      g_atomic_int_set (&self->n_backlog, (int) self->backlog.length);
      waits = TRUE;
    }
  g_mutex_unlock (&self->lock);

  g_clear_pointer (&excess, srudp_connection_core_unref);
  if (waits)
    g_main_context_wakeup (srudp_notifier_get_context (self->notifier));
}

static gboolean
withdraw_locked (SrudpEndpointCore   *self,
                 SrudpConnectionCore *connection)
{
  if (!g_queue_remove (&self->backlog, connection))
    return FALSE;
  g_atomic_int_set (&self->n_backlog, (int) self->backlog.length);
  srudp_connection_core_unref (connection);
  return TRUE;
}

void
srudp_endpoint_core_withdraw (SrudpEndpointCore   *self,
                              SrudpConnectionCore *connection)
{
  g_mutex_lock (&self->lock);
  withdraw_locked (self, connection);
  g_mutex_unlock (&self->lock);
}

/* The engine may answer with an inbound session of this peer that it thinks
 * nobody took. The lock keeps that true meanwhile. */
SrudpSession *
srudp_endpoint_core_open (SrudpEndpointCore     *self,
                          SrudpConnectionCore   *connection,
                          const SrudpOpenConfig *config)
{
  SrudpConnectionCore *unclaimed;
  SrudpSession *session;

  g_mutex_lock (&self->lock);
  claim_all_locked (self);
  session = srudp_engine_open (self->engine, g_get_monotonic_time (), config);
  unclaimed = srudp_session_get_user_data (session);
  if (unclaimed != NULL)
    {
      srudp_connection_core_ref (unclaimed);
      withdraw_locked (self, unclaimed);
      srudp_session_claim (session);
    }
  g_mutex_unlock (&self->lock);

  if (unclaimed != NULL)
    {
      srudp_connection_core_take_over (connection, unclaimed);
      g_hash_table_remove (self->connections, unclaimed);
      srudp_connection_core_unref (unclaimed);
    }
  return session;
}
