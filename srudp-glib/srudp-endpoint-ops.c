/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-ops.c: what one may do with an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-invitation.h"
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

/* The `incoming` signal */

typedef struct
{
  GSource parent;
  GWeakRef endpoint;
  guint signal_id;
} IncomingSource;

static SrudpEndpointCore *
dup_bound_core (SrudpEndpoint *self)
{
  SrudpEndpointCore *core;

  g_mutex_lock (&self->lock);
  core = self->core;
  if (core != NULL)
    srudp_endpoint_core_ref (core);
  g_mutex_unlock (&self->lock);
  return core;
}

static gboolean
incoming_source_is_ready (GSource *source)
{
  IncomingSource *incoming = (IncomingSource *) source;
  g_autoptr (SrudpEndpoint) self = g_weak_ref_get (&incoming->endpoint);
  g_autoptr (SrudpEndpointCore) core = NULL;

  if (self == NULL)
    return FALSE;
  core = dup_bound_core (self);
  return core != NULL && g_atomic_int_get (&core->n_backlog) > 0
         && g_signal_has_handler_pending (self, incoming->signal_id, 0, TRUE);
}

static gboolean
incoming_source_prepare (GSource *source,
                         int     *timeout)
{
  *timeout = -1;
  return incoming_source_is_ready (source);
}

static gboolean
incoming_source_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  IncomingSource *incoming = (IncomingSource *) source;
  g_autoptr (SrudpEndpoint) self = g_weak_ref_get (&incoming->endpoint);
  g_autoptr (SrudpEndpointCore) core = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  SrudpConnectionCore *taken;

  if (self == NULL)
    return G_SOURCE_REMOVE;
  core = dup_bound_core (self);
  taken = core == NULL ? NULL : srudp_endpoint_core_take_incoming (core);
  if (taken == NULL)
    return G_SOURCE_CONTINUE;

  connection = srudp_connection_new_inbound (self, taken,
                                             g_source_get_context (source));
  g_signal_emit (self, incoming->signal_id, 0, connection);
  return G_SOURCE_CONTINUE;
}

static void
incoming_source_finalize (GSource *source)
{
  g_weak_ref_clear (&((IncomingSource *) source)->endpoint);
}

static GSourceFuncs incoming_source_funcs = {
  .prepare = incoming_source_prepare,
  .check = incoming_source_is_ready,
  .dispatch = incoming_source_dispatch,
  .finalize = incoming_source_finalize,
};

GSource *
srudp_endpoint_make_incoming_source (SrudpEndpoint *self,
                                     guint          signal_id)
{
  GSource *source = g_source_new (&incoming_source_funcs,
                                  sizeof (IncomingSource));
  IncomingSource *incoming = (IncomingSource *) source;

  g_weak_ref_init (&incoming->endpoint, self);
  incoming->signal_id = signal_id;
  g_source_set_static_name (source, "[srudp] incoming");
  return source;
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

/* Connecting */

/**
 * srudp_endpoint_connect_to:
 * @self: an endpoint
 * @peer: where the peer is
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Makes a connection and opens it; see [ctor@Srudp.Connection.new] and
 * [method@Srudp.Connection.open].
 *
 * Returns: (transfer full): an established connection, or %NULL with @error
 *   set
 */
SrudpConnection *
srudp_endpoint_connect_to (SrudpEndpoint       *self,
                           GSocketConnectable  *peer,
                           GCancellable        *cancellable,
                           GError             **error)
{
  g_autoptr (SrudpConnection) connection = NULL;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (G_IS_SOCKET_CONNECTABLE (peer), NULL);

  connection = srudp_connection_new (self, peer);
  if (!srudp_connection_open (connection, cancellable, error))
    return NULL;
  return g_steal_pointer (&connection);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (srudp_connection_open_finish (SRUDP_CONNECTION (source), result, &error))
    g_task_return_pointer (task, g_object_ref (source), g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
connect_to_async (SrudpEndpoint       *self,
                  GSocketConnectable  *peer,
                  GTask               *task)
{
  g_autoptr (SrudpConnection) connection = srudp_connection_new (self, peer);

  /* An open that has succeeded is not undone by a late cancellation. */
  g_task_set_check_cancellable (task, FALSE);
  srudp_connection_open_async (connection, g_task_get_cancellable (task),
                               opened_cb, g_object_ref (task));
}

/**
 * srudp_endpoint_connect_to_async:
 * @self: an endpoint
 * @peer: where the peer is
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Makes a connection and opens it, without blocking;
 * see [method@Srudp.Endpoint.connect_to].
 */
void
srudp_endpoint_connect_to_async (SrudpEndpoint       *self,
                                 GSocketConnectable  *peer,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (peer));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, srudp_endpoint_connect_to_async);
  connect_to_async (self, peer, task);
}

/**
 * srudp_endpoint_connect_to_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.connect_to_async].
 *
 * Returns: (transfer full): an established connection, or %NULL with @error
 *   set
 */
SrudpConnection *
srudp_endpoint_connect_to_finish (SrudpEndpoint  *self,
                                  GAsyncResult   *result,
                                  GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* What is no invitation at all is the name of a host. */
static GSocketConnectable *
parse_peer (const char  *text,
            guint16      default_port,
            GError     **error)
{
  GError *parse_error = NULL;
  SrudpInvitation *invitation = srudp_invitation_parse (text, &parse_error);

  if (invitation != NULL)
    return G_SOCKET_CONNECTABLE (invitation);
  if (!g_error_matches (parse_error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    {
      g_propagate_error (error, parse_error);
      return NULL;
    }
  g_error_free (parse_error);
  return g_network_address_parse (text, default_port, error);
}

/**
 * srudp_endpoint_connect_to_host:
 * @self: an endpoint
 * @host_and_port: a host name or IP address, with or without a port, as for
 *   [func@Gio.NetworkAddress.parse]; or the text of an
 *   [class@Srudp.Invitation]
 * @default_port: the port if @host_and_port names none; an invitation needs
 *   none
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Opens a connection to a peer whose address is known.
 *
 * The peer has to do the same, or to accept; both may do so at the same time
 * or seconds apart, in any order.
 *
 * A text with `srudp:` in it is read as [func@Srudp.Invitation.parse] does,
 * and fails as that does.
 *
 * Returns: (transfer full): an established connection, or %NULL with @error
 *   set
 */
SrudpConnection *
srudp_endpoint_connect_to_host (SrudpEndpoint  *self,
                                const char     *host_and_port,
                                guint16         default_port,
                                GCancellable   *cancellable,
                                GError        **error)
{
  g_autoptr (GSocketConnectable) peer = NULL;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (host_and_port != NULL, NULL);

  peer = parse_peer (host_and_port, default_port, error);
  if (peer == NULL)
    return NULL;
  return srudp_endpoint_connect_to (self, peer, cancellable, error);
}

/**
 * srudp_endpoint_connect_to_host_async:
 * @self: an endpoint
 * @host_and_port: a host name or IP address, with or without a port; or the
 *   text of an invitation
 * @default_port: the port if @host_and_port names none
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Opens a connection without blocking;
 * see [method@Srudp.Endpoint.connect_to_host].
 */
void
srudp_endpoint_connect_to_host_async (SrudpEndpoint       *self,
                                      const char          *host_and_port,
                                      guint16              default_port,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  g_autoptr (GSocketConnectable) peer = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (host_and_port != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, srudp_endpoint_connect_to_host_async);
  peer = parse_peer (host_and_port, default_port, &error);
  if (peer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  connect_to_async (self, peer, task);
}

/**
 * srudp_endpoint_connect_to_host_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.connect_to_host_async].
 *
 * Returns: (transfer full): an established connection, or %NULL with @error
 *   set
 */
SrudpConnection *
srudp_endpoint_connect_to_host_finish (SrudpEndpoint  *self,
                                       GAsyncResult   *result,
                                       GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Closing */

static gboolean
begin_close (gpointer      object,
             SrudpWaiter  *waiter,
             GError      **error)
{
  return srudp_endpoint_check_process (object, error);
}

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
  g_autoptr (SrudpEndpointCore) core = dup_bound_core (object);

  if (core != NULL)
    srudp_endpoint_core_abort (core);
}

static const SrudpOperation close_operation = {
  .begin = begin_close,
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
