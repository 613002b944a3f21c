/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-binding.c: an endpoint gets its port when it is first needed
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-fork-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-identity-private.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-reason-private.h"
#include "srudp-glib/srudp-udp-socket-private.h"

static GSocketAddress *
read_local_address (GDatagramBased *transport,
                    GSocketAddress *given)
{
  g_autoptr (GSocketAddress) address = NULL;

  if (G_IS_SOCKET (transport))
    address = g_socket_get_local_address (G_SOCKET (transport), NULL);
  if (address == NULL && given != NULL)
    address = g_object_ref (given);
  return address == NULL ? NULL : srudp_address_unmap (address);
}

static gboolean
prepare_transport (SrudpEndpoint  *self,
                   gboolean       *own_socket,
                   GError        **error)
{
  g_autoptr (GSocketAddress) given = NULL;

  *own_socket = self->transport == NULL;
  if (*own_socket)
    {
      GSocket *socket = srudp_udp_socket_new (self->local_address, error);

      if (socket == NULL)
        return FALSE;
      self->transport = G_DATAGRAM_BASED (socket);
    }
  else if (G_IS_SOCKET (self->transport))
    {
      /* The worker must never wait in a system call. */
      g_socket_set_blocking (G_SOCKET (self->transport), FALSE);
    }

  given = g_steal_pointer (&self->local_address);
  self->local_address = read_local_address (self->transport, given);
  return TRUE;
}

static void
apply_settings (SrudpEndpoint *self)
{
  srudp_endpoint_core_set_protocol (self->core, self->application_protocol);
  srudp_endpoint_core_set_backlog (self->core, self->backlog);
  srudp_endpoint_core_set_max_window (self->core, self->max_receive_window);
  srudp_endpoint_core_set_port_mapping (self->core, self->port_mapping);
  srudp_endpoint_core_set_punching (self->core, self->birthday_spray,
                                    self->opener_ttl);
  srudp_endpoint_core_set_stun_servers (
    self->core, (const char * const *) self->stun_servers);
  srudp_endpoint_core_set_bound (self->core, self->local_address);
  srudp_endpoint_core_set_introducing (self->core, self->introducing);
  srudp_endpoint_core_set_passphrase (self->core, self->passphrase);
  for (guint i = 0; i < self->early_peers->len; i++)
    srudp_endpoint_core_allow_peer (
      self->core,
      srudp_peer_id_get_key (g_ptr_array_index (self->early_peers, i)), TRUE);
  srudp_endpoint_core_set_accepting (self->core, self->accept_incoming);
}

static gboolean
bind_locked (SrudpEndpoint  *self,
             GError        **error)
{
  gboolean own_socket;

  if (!prepare_transport (self, &own_socket, error))
    return FALSE;

  self->core = srudp_endpoint_core_new (
    self->transport, own_socket, srudp_identity_get_secret (self->identity),
    self->notifier, error);
  if (self->core == NULL)
    return FALSE;

  srudp_endpoint_core_watch_network (self->core);
  apply_settings (self);
  return TRUE;
}

static gboolean
ensure_bound_locked (SrudpEndpoint  *self,
                     GError        **error)
{
  if (self->core != NULL)
    return TRUE;

  if (self->closed_unbound)
    {
      g_propagate_error (error, srudp_reason_new_endpoint_closed_error ());
      return FALSE;
    }
  if (self->bind_error == NULL && bind_locked (self, &self->bind_error))
    return TRUE;

  g_propagate_error (error, g_error_copy (self->bind_error));
  return FALSE;
}

/* Both processes would use the same keys. */
gboolean
srudp_endpoint_check_process (gpointer   endpoint,
                              GError   **error)
{
  SrudpEndpoint *self = endpoint;

  if (self->n_forks == srudp_fork_count ())
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("An endpoint can't be used after fork() in the "
                          "child. Make a new one there."));
  return FALSE;
}

SrudpEndpointCore *
srudp_endpoint_dup_core (SrudpEndpoint  *self,
                         GError        **error)
{
  SrudpEndpointCore *core = NULL;

  if (!srudp_endpoint_check_process (self, error))
    return NULL;

  g_mutex_lock (&self->lock);
  if (ensure_bound_locked (self, error))
    core = srudp_endpoint_core_ref (self->core);
  g_mutex_unlock (&self->lock);
  return core;
}

SrudpEndpointCore *
srudp_endpoint_dup_bound_core (SrudpEndpoint *self)
{
  SrudpEndpointCore *core;

  g_mutex_lock (&self->lock);
  core = self->core;
  if (core != NULL)
    srudp_endpoint_core_ref (core);
  g_mutex_unlock (&self->lock);
  return core;
}

/**
 * srudp_endpoint_get_local_address:
 * @self: an endpoint
 * @error: return location for an error
 *
 * Gives the address that the endpoint is bound to, binding it if need be.
 *
 * Returns: (transfer full): the address, or %NULL with @error set
 */
GSocketAddress *
srudp_endpoint_get_local_address (SrudpEndpoint  *self,
                                  GError        **error)
{
  GSocketAddress *address = NULL;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  if (!srudp_endpoint_check_process (self, error))
    return NULL;
  g_mutex_lock (&self->lock);
  if (ensure_bound_locked (self, error))
    {
      g_set_object (&address, self->local_address);
      if (address == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             _ ("The transport has no address."));
    }
  g_mutex_unlock (&self->lock);
  return address;
}
