/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-info.c: what an endpoint tells of itself
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-identity-private.h"

/**
 * srudp_endpoint_get_identity:
 * @self: an endpoint
 *
 * Gives who the endpoint is.
 *
 * Returns: (transfer none): the identity
 */
SrudpIdentity *
srudp_endpoint_get_identity (SrudpEndpoint *self)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  return self->identity;
}

/**
 * srudp_endpoint_get_transport:
 * @self: an endpoint
 *
 * Gives what carries the datagrams.
 *
 * Returns: (transfer none) (nullable): the transport, %NULL if it isn't bound
 */
GDatagramBased *
srudp_endpoint_get_transport (SrudpEndpoint *self)
{
  GDatagramBased *transport;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  g_mutex_lock (&self->lock);
  transport = self->transport;
  g_mutex_unlock (&self->lock);
  return transport;
}

/**
 * srudp_endpoint_get_peer_id:
 * @self: an endpoint
 *
 * Gives by what its peers know the endpoint.
 *
 * Returns: (transfer none): the peer id
 */
SrudpPeerId *
srudp_endpoint_get_peer_id (SrudpEndpoint *self)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  return srudp_identity_get_peer_id (self->identity);
}

SrudpConnectionList *
srudp_endpoint_get_list (SrudpEndpoint *self)
{
  return self->connections;
}

/**
 * srudp_endpoint_get_connections:
 * @self: an endpoint
 *
 * Gives the connections that are alive: being opened or open.
 *
 * The list doesn't keep them alive. It changes in the endpoint's context.
 *
 * Returns: (transfer none): a list of [class@Srudp.Connection]
 */
GListModel *
srudp_endpoint_get_connections (SrudpEndpoint *self)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  return G_LIST_MODEL (self->connections);
}

/**
 * srudp_endpoint_get_closed:
 * @self: an endpoint
 *
 * Gives whether the endpoint is closed.
 *
 * Returns: %TRUE if it is
 */
gboolean
srudp_endpoint_get_closed (SrudpEndpoint *self)
{
  gboolean closed;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), TRUE);

  g_mutex_lock (&self->lock);
  closed = self->core != NULL ? srudp_endpoint_core_is_closed (self->core)
                              : self->closed_unbound;
  g_mutex_unlock (&self->lock);
  return closed;
}
