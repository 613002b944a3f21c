/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint.c: one UDP port, its identity and all connections over it
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-fork-private.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-source-private.h"

/**
 * SrudpEndpoint:
 *
 * One bound UDP port, its [class@Srudp.Identity], and any number of
 * connections over that one port.
 *
 * It has no role: every endpoint can open connections and accept them. It only
 * answers strangers once [property@Srudp.Endpoint:accept-incoming] is set,
 * which the first [method@Srudp.Endpoint.accept] does; before, nobody can tell
 * that it is there.
 *
 * ```c
 * g_autoptr (SrudpEndpoint) endpoint =
 *   srudp_endpoint_new_for_port (12345, &error);
 * g_autoptr (SrudpConnection) connection =
 *   srudp_endpoint_connect_to_host (endpoint, "203.0.113.7", 12345, NULL,
 *                                   &error);
 * ```
 *
 * Every endpoint has a thread of its own, which keeps its connections alive
 * whatever the application does. Any method may be called from any thread;
 * signals come in the thread-default context of the thread that made the
 * endpoint.
 *
 * After fork() the child must not use it, nor anything that belongs to it:
 * both processes would send with the same keys. What can fail does so there,
 * with `G_IO_ERROR_NOT_SUPPORTED`; besides that the child may drop its
 * references. As in every process with threads, locks of GLib itself may have
 * been taken at that moment, and stay so in the child.
 *
 * A connection holds its endpoint, never the reverse: an endpoint whose last
 * reference is dropped goes on until its connections have delivered what was
 * written to them.
 */

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  SrudpEndpoint, srudp_endpoint, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static void
srudp_endpoint_constructed (GObject *object)
{
  SrudpEndpoint *self = SRUDP_ENDPOINT (object);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  G_OBJECT_CLASS (srudp_endpoint_parent_class)->constructed (object);

  if (self->identity == NULL)
    self->identity = srudp_identity_new ();
  self->notifier = srudp_notifier_new (object, context);
  self->connections = srudp_connection_list_new (context);
  self->incoming_source = srudp_endpoint_make_incoming_source (self);
  g_source_attach (self->incoming_source, context);
}

static void
srudp_endpoint_dispose (GObject *object)
{
  SrudpEndpoint *self = SRUDP_ENDPOINT (object);

  /* What it is made of belongs to the parent, whose threads may have held any
   * lock of it: the child leaves all of it alone, for good. */
  if (self->n_forks != srudp_fork_count ())
    {
      g_object_ref (object);
      return;
    }

  srudp_clear_source (&self->incoming_source);

  G_OBJECT_CLASS (srudp_endpoint_parent_class)->dispose (object);
}

static void
srudp_endpoint_finalize (GObject *object)
{
  SrudpEndpoint *self = SRUDP_ENDPOINT (object);

  if (self->core != NULL)
    srudp_endpoint_core_release (self->core);
  g_clear_pointer (&self->core, srudp_endpoint_core_unref);
  if (self->notifier != NULL)
    srudp_notifier_close (self->notifier);
  g_clear_pointer (&self->notifier, srudp_notifier_unref);
  g_clear_pointer (&self->passphrase, srudp_secret_unref);
  g_clear_pointer (&self->early_peers, g_ptr_array_unref);
  g_clear_object (&self->connections);
  g_clear_object (&self->identity);
  g_clear_object (&self->local_address);
  g_clear_object (&self->transport);
  g_clear_pointer (&self->stun_servers, g_strfreev);
  g_clear_error (&self->bind_error);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (srudp_endpoint_parent_class)->finalize (object);
}

static void
srudp_endpoint_class_init (SrudpEndpointClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = srudp_endpoint_constructed;
  object_class->dispose = srudp_endpoint_dispose;
  object_class->finalize = srudp_endpoint_finalize;

  srudp_endpoint_install_properties (object_class);
  srudp_endpoint_install_signals ();
}

static void
srudp_endpoint_init (SrudpEndpoint *self)
{
  g_mutex_init (&self->lock);
  self->n_forks = srudp_fork_count ();
  self->backlog = SRUDP_DEFAULT_BACKLOG;
  self->max_receive_window = SRUDP_DEFAULT_MAX_RECEIVE_WINDOW;
  self->birthday_spray = TRUE;
  self->stun_servers = g_new0 (char *, 1);
  self->early_peers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) srudp_peer_id_free);
}

static gboolean
srudp_endpoint_initable_init (GInitable     *initable,
                              GCancellable  *cancellable,
                              GError       **error)
{
  g_autoptr (SrudpEndpointCore) core =
    srudp_endpoint_dup_core (SRUDP_ENDPOINT (initable), error);

  return core != NULL;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = srudp_endpoint_initable_init;
}

/**
 * srudp_endpoint_new:
 * @local: (nullable): the address to bind to, or %NULL for any address of IPv6
 *   and IPv4, and any port
 * @identity: (nullable): who to be, or %NULL for a fresh identity
 * @error: return location for an error
 *
 * Makes an endpoint and binds its UDP port.
 *
 * Returns: (transfer full): a new endpoint, or %NULL with @error set
 */
SrudpEndpoint *
srudp_endpoint_new (GSocketAddress  *local,
                    SrudpIdentity   *identity,
                    GError         **error)
{
  g_return_val_if_fail (local == NULL || G_IS_SOCKET_ADDRESS (local), NULL);
  g_return_val_if_fail (identity == NULL || SRUDP_IS_IDENTITY (identity),
                        NULL);

  return g_initable_new (SRUDP_TYPE_ENDPOINT, NULL, error,
                         "local-address", local,
                         "identity", identity,
                         NULL);
}

/**
 * srudp_endpoint_new_for_port:
 * @port: the UDP port to bind, or 0 for any
 * @error: return location for an error
 *
 * Makes an endpoint with a fresh identity on a port of all addresses.
 *
 * Returns: (transfer full): a new endpoint, or %NULL with @error set
 */
SrudpEndpoint *
srudp_endpoint_new_for_port (guint16   port,
                             GError  **error)
{
  g_autoptr (GInetAddress) any =
    g_inet_address_new_any (G_SOCKET_FAMILY_IPV6);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (any, port);

  return srudp_endpoint_new (local, NULL, error);
}

/**
 * srudp_endpoint_new_for_transport:
 * @transport: what carries the datagrams
 * @local: (nullable): the address it is known by, if it can't tell by itself
 * @identity: (nullable): who to be, or %NULL for a fresh identity
 * @error: return location for an error
 *
 * Makes an endpoint over something else than a UDP socket of its own: a relay,
 * a test network, a socket with special options.
 *
 * The endpoint uses it from a thread of its own, so that it can't be one
 * written in JavaScript. It must not block: without a datagram, and where it
 * takes no more, it fails with `G_IO_ERROR_WOULD_BLOCK`; its sources tell when
 * to try again. It may lose, delay and reorder datagrams. The addresses may be
 * of any kind that has a native form; a [class@Gio.Socket] is set to
 * non-blocking mode.
 *
 * The endpoint holds a reference until it is closed, that is until
 * [method@Srudp.Endpoint.close] has returned or, without that, everything is
 * delivered. It never closes the transport, which may then serve another
 * endpoint. If the transport fails for good, connections end by their
 * [property@Srudp.Connection:idle-timeout].
 *
 * The program `memory` among the examples has a transport of its own.
 *
 * Returns: (transfer full): a new endpoint, or %NULL with @error set
 */
SrudpEndpoint *
srudp_endpoint_new_for_transport (GDatagramBased  *transport,
                                  GSocketAddress  *local,
                                  SrudpIdentity   *identity,
                                  GError         **error)
{
  g_return_val_if_fail (G_IS_DATAGRAM_BASED (transport), NULL);
  g_return_val_if_fail (local == NULL || G_IS_SOCKET_ADDRESS (local), NULL);
  g_return_val_if_fail (identity == NULL || SRUDP_IS_IDENTITY (identity),
                        NULL);

  return g_initable_new (SRUDP_TYPE_ENDPOINT, NULL, error,
                         "transport", transport,
                         "local-address", local,
                         "identity", identity,
                         NULL);
}
