/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-ops.c: letting peers in, and closing
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-operation-private.h"
#include "srudp-glib/srudp-peer-id-private.h"

/* Who may connect */

static void
change_peer (SrudpEndpoint     *self,
             const SrudpPeerId *peer,
             gboolean           allowed)
{
  guint position;

  g_mutex_lock (&self->lock);
  if (self->core != NULL)
    srudp_endpoint_core_allow_peer (self->core, srudp_peer_id_get_key (peer),
                                    allowed);
  else if (allowed)
    g_ptr_array_add (self->early_peers, srudp_peer_id_copy (peer));
  else
    while (g_ptr_array_find_with_equal_func (self->early_peers, peer,
                                             srudp_peer_id_equal, &position))
      g_ptr_array_remove_index (self->early_peers, position);
  g_mutex_unlock (&self->lock);
}

/**
 * srudp_endpoint_allow_peer:
 * @self: an endpoint
 * @peer: who may connect
 *
 * Allows a peer. Once one is allowed, all others are refused before a
 * connection with them is established.
 */
void
srudp_endpoint_allow_peer (SrudpEndpoint     *self,
                           const SrudpPeerId *peer)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (peer != NULL);

  change_peer (self, peer, TRUE);
}

/**
 * srudp_endpoint_forget_peer:
 * @self: an endpoint
 * @peer: who was allowed
 *
 * Takes back that a peer was allowed. Its connections go on.
 */
void
srudp_endpoint_forget_peer (SrudpEndpoint     *self,
                            const SrudpPeerId *peer)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (peer != NULL);

  change_peer (self, peer, FALSE);
}

/* Accepting */

static gboolean
begin_accept (gpointer      object,
              SrudpWaiter  *waiter,
              GError      **error)
{
  g_autoptr (SrudpEndpointCore) core = srudp_endpoint_dup_core (object, error);

  if (core == NULL)
    return FALSE;
  srudp_endpoint_note_accept (object);
  srudp_endpoint_core_accept (core, waiter);
  return TRUE;
}

static gpointer
map_accepted (gpointer      object,
              GMainContext *context,
              gpointer      result)
{
  return srudp_connection_new_inbound (object, result, context);
}

static const SrudpOperation accept_operation = {
  .check_process = srudp_endpoint_check_process,
  .begin = begin_accept,
  .map = map_accepted,
};

/**
 * srudp_endpoint_accept:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Takes the oldest connection that a peer has opened, or waits for one.
 *
 * The first call makes the endpoint answer strangers. Fails with
 * `G_IO_ERROR_CLOSED` when the endpoint is closed.
 *
 * Returns: (transfer full): an established connection, or %NULL with @error
 *   set
 */
SrudpConnection *
srudp_endpoint_accept (SrudpEndpoint  *self,
                       GCancellable   *cancellable,
                       GError        **error)
{
  gpointer connection = NULL;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  srudp_operation_run (&accept_operation, self, cancellable, &connection,
                       error);
  return connection;
}

/**
 * srudp_endpoint_accept_async:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Takes a connection without blocking; see [method@Srudp.Endpoint.accept].
 */
void
srudp_endpoint_accept_async (SrudpEndpoint       *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  srudp_operation_run_async (&accept_operation, self,
                             srudp_endpoint_accept_async, G_PRIORITY_DEFAULT,
                             cancellable, callback, user_data);
}

/**
 * srudp_endpoint_accept_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.accept_async].
 *
 * Returns: (transfer full): an established connection, or %NULL with @error
 *   set
 */
SrudpConnection *
srudp_endpoint_accept_finish (SrudpEndpoint  *self,
                              GAsyncResult   *result,
                              GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Closing */

/* One that was never bound is closed by that. */
static gboolean
close_unbound (SrudpEndpoint *self)
{
  gboolean unbound, newly_closed;

  g_mutex_lock (&self->lock);
  unbound = self->core == NULL;
  newly_closed = unbound && !self->closed_unbound;
  self->closed_unbound |= unbound;
  g_mutex_unlock (&self->lock);

  if (newly_closed)
    srudp_endpoint_push_closed (self->notifier);
  return unbound;
}

/* Only then: what is cancelled from the start must not look to the peers as if
 * it were complete. */
static void
go_on_closing (gpointer     object,
               SrudpWaiter *waiter,
               gboolean     blocking)
{
  SrudpEndpoint *self = object;

  if (close_unbound (self))
    srudp_waiter_resolve (waiter, NULL, NULL);
  else
    srudp_endpoint_core_close (self->core, waiter);
}

static void
abort_connections (gpointer      object,
                   const GError *error)
{
  g_autoptr (SrudpEndpointCore) core = srudp_endpoint_dup_bound_core (object);

  if (core != NULL)
    srudp_endpoint_core_abort (core);
}

static const SrudpOperation close_operation = {
  .check_process = srudp_endpoint_check_process,
  .go_on = go_on_closing,
  .abort = abort_connections,
};

/**
 * srudp_endpoint_close:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Closes all connections, delivering what was written to them, and then the
 * port.
 *
 * Takes as long as the slowest connection, but not longer than its idle
 * timeout; cancelling it breaks all of them off. Whoever still waits for a
 * connection gets `G_IO_ERROR_CLOSED`. Closing once more does nothing.
 *
 * Returns: %TRUE if it is closed, %FALSE with @error set
 */
gboolean
srudp_endpoint_close (SrudpEndpoint  *self,
                      GCancellable   *cancellable,
                      GError        **error)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);

  return srudp_operation_run (&close_operation, self, cancellable, NULL,
                              error);
}

/**
 * srudp_endpoint_close_async:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Closes the endpoint without blocking; see [method@Srudp.Endpoint.close].
 */
void
srudp_endpoint_close_async (SrudpEndpoint       *self,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  srudp_operation_run_async (&close_operation, self,
                             srudp_endpoint_close_async, G_PRIORITY_DEFAULT,
                             cancellable, callback, user_data);
}

/**
 * srudp_endpoint_close_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.close_async].
 *
 * Returns: %TRUE if it is closed, %FALSE with @error set
 */
gboolean
srudp_endpoint_close_finish (SrudpEndpoint  *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
