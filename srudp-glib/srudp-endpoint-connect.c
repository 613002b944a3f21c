/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-connect.c: a connection in one call
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-invitation.h"

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
