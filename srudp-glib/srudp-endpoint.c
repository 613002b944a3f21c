/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint.c: one UDP port, its identity and all connections over it
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-fork-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-identity-private.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-udp-socket-private.h"

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
 * endpoint. It can't be used in a child process after fork().
 *
 * A connection holds its endpoint, never the reverse: an endpoint whose last
 * reference is dropped goes on until its connections have delivered what was
 * written to them.
 */

enum
{
  PROP_IDENTITY = 1,
  PROP_LOCAL_ADDRESS,
  PROP_TRANSPORT,
  PROP_PEER_ID,
  PROP_APPLICATION_PROTOCOL,
  PROP_ACCEPT_INCOMING,
  PROP_PASSPHRASE,
  PROP_BACKLOG,
  PROP_MAX_RECEIVE_WINDOW,
  PROP_PORT_MAPPING,
  PROP_STUN_SERVERS,
  PROP_INTRODUCING,
  PROP_INVITATION_LIFETIME,
  PROP_BIRTHDAY_SPRAY,
  PROP_OPENER_TTL,
  PROP_CONNECTIONS,
  PROP_CLOSED,
  N_PROPS
};

enum
{
  SIGNAL_INCOMING,
  SIGNAL_HANDSHAKE_FAILED,
  SIGNAL_CANDIDATES_CHANGED,
  N_SIGNALS
};

#define DEFAULT_BACKLOG 16

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

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
  self->incoming_source =
    srudp_endpoint_make_incoming_source (self, signals[SIGNAL_INCOMING]);
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

  if (self->incoming_source != NULL)
    g_source_destroy (self->incoming_source);
  g_clear_pointer (&self->incoming_source, g_source_unref);

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
srudp_endpoint_get_property (GObject    *object,
                             guint       property_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  SrudpEndpoint *self = SRUDP_ENDPOINT (object);

  switch (property_id)
    {
    case PROP_IDENTITY:
      g_value_set_object (value, self->identity);
      break;
    case PROP_LOCAL_ADDRESS:
      g_value_take_object (value,
                           srudp_endpoint_get_local_address (self, NULL));
      break;
    case PROP_TRANSPORT:
      g_value_set_object (value, srudp_endpoint_get_transport (self));
      break;
    case PROP_PEER_ID:
      g_value_set_boxed (value, srudp_endpoint_get_peer_id (self));
      break;
    case PROP_APPLICATION_PROTOCOL:
      g_value_set_string (value,
                          srudp_endpoint_get_application_protocol (self));
      break;
    case PROP_ACCEPT_INCOMING:
      g_value_set_boolean (value, srudp_endpoint_get_accept_incoming (self));
      break;
    case PROP_BACKLOG:
      g_value_set_uint (value, srudp_endpoint_get_backlog (self));
      break;
    case PROP_MAX_RECEIVE_WINDOW:
      g_value_set_uint64 (value, srudp_endpoint_get_max_receive_window (self));
      break;
    case PROP_PORT_MAPPING:
      g_value_set_boolean (value, srudp_endpoint_get_port_mapping (self));
      break;
    case PROP_INTRODUCING:
      g_value_set_boolean (value, srudp_endpoint_get_introducing (self));
      break;
    case PROP_BIRTHDAY_SPRAY:
      g_value_set_boolean (value, srudp_endpoint_get_birthday_spray (self));
      break;
    case PROP_OPENER_TTL:
      g_value_set_uint (value, srudp_endpoint_get_opener_ttl (self));
      break;
    case PROP_STUN_SERVERS:
      g_value_take_boxed (value, srudp_endpoint_get_stun_servers (self));
      break;
    case PROP_INVITATION_LIFETIME:
      g_value_set_uint (value, srudp_endpoint_get_invitation_lifetime (self));
      break;
    case PROP_CONNECTIONS:
      g_value_set_object (value, self->connections);
      break;
    case PROP_CLOSED:
      g_value_set_boolean (value, srudp_endpoint_get_closed (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_endpoint_set_property (GObject      *object,
                             guint         property_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  SrudpEndpoint *self = SRUDP_ENDPOINT (object);

  switch (property_id)
    {
    case PROP_IDENTITY:
      self->identity = g_value_dup_object (value);
      break;
    case PROP_LOCAL_ADDRESS:
      self->local_address = g_value_dup_object (value);
      break;
    case PROP_TRANSPORT:
      self->transport = g_value_dup_object (value);
      break;
    case PROP_APPLICATION_PROTOCOL:
      srudp_endpoint_set_application_protocol (self,
                                               g_value_get_string (value));
      break;
    case PROP_ACCEPT_INCOMING:
      srudp_endpoint_set_accept_incoming (self, g_value_get_boolean (value));
      break;
    case PROP_PASSPHRASE:
      srudp_endpoint_set_passphrase (self, g_value_get_string (value));
      break;
    case PROP_BACKLOG:
      srudp_endpoint_set_backlog (self, g_value_get_uint (value));
      break;
    case PROP_MAX_RECEIVE_WINDOW:
      srudp_endpoint_set_max_receive_window (self, g_value_get_uint64 (value));
      break;
    case PROP_PORT_MAPPING:
      srudp_endpoint_set_port_mapping (self, g_value_get_boolean (value));
      break;
    case PROP_INTRODUCING:
      srudp_endpoint_set_introducing (self, g_value_get_boolean (value));
      break;
    case PROP_BIRTHDAY_SPRAY:
      srudp_endpoint_set_birthday_spray (self, g_value_get_boolean (value));
      break;
    case PROP_OPENER_TTL:
      srudp_endpoint_set_opener_ttl (self, g_value_get_uint (value));
      break;
    case PROP_STUN_SERVERS:
      srudp_endpoint_set_stun_servers (self, g_value_get_boxed (value));
      break;
    case PROP_INVITATION_LIFETIME:
      srudp_endpoint_set_invitation_lifetime (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
install_construct_properties (void)
{
  /**
   * SrudpEndpoint:identity:
   *
   * Who the endpoint is. A fresh identity if none was given.
   */
  props[PROP_IDENTITY] =
    g_param_spec_object ("identity", NULL, NULL, SRUDP_TYPE_IDENTITY,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:local-address:
   *
   * The address to bind to, and the real one once that is done. %NULL stands
   * for any address of IPv6 and IPv4, and any port.
   */
  props[PROP_LOCAL_ADDRESS] =
    g_param_spec_object ("local-address", NULL, NULL, G_TYPE_SOCKET_ADDRESS,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:transport:
   *
   * What carries the datagrams: a UDP socket unless something else was given.
   * It is used from the endpoint's own thread.
   */
  props[PROP_TRANSPORT] =
    g_param_spec_object ("transport", NULL, NULL, G_TYPE_DATAGRAM_BASED,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:peer-id:
   *
   * By what its peers know the endpoint: the public half of its identity.
   */
  props[PROP_PEER_ID] =
    g_param_spec_boxed ("peer-id", NULL, NULL, SRUDP_TYPE_PEER_ID,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_secret_properties (void)
{
  /**
   * SrudpEndpoint:passphrase:
   *
   * What a peer must know to be let in. It can't be read.
   *
   * See [method@Srudp.Endpoint.set_passphrase].
   */
  props[PROP_PASSPHRASE] =
    g_param_spec_string ("passphrase", NULL, NULL, NULL,
                         G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY
                         | G_PARAM_STATIC_STRINGS);
}

static void
install_peer_properties (void)
{
  /**
   * SrudpEndpoint:application-protocol:
   *
   * What the application speaks, for example `org.example.Chess/1`.
   *
   * Both sides must name the same; %NULL matches only %NULL. Otherwise opening
   * fails with %SRUDP_ERROR_APPLICATION_PROTOCOL.
   */
  props[PROP_APPLICATION_PROTOCOL] =
    g_param_spec_string ("application-protocol", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:accept-incoming:
   *
   * Whether strangers are answered. The first accept sets it.
   */
  props[PROP_ACCEPT_INCOMING] =
    g_param_spec_boolean ("accept-incoming", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:backlog:
   *
   * How many inbound connections may wait for somebody to take them. Beyond
   * it, new strangers are not answered.
   */
  props[PROP_BACKLOG] =
    g_param_spec_uint ("backlog", NULL, NULL, 0, G_MAXUINT, DEFAULT_BACKLOG,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:max-receive-window:
   *
   * How many bytes that nobody has read yet one connection may hold.
   *
   * A connection begins with less and asks for more as its speed and round trip
   * time need it. This also bounds how fast a long path can be: 16 MiB carry
   * 1 Gbit/s over a round trip time of 130 ms. A change is for connections that
   * begin later.
   */
  props[PROP_MAX_RECEIVE_WINDOW] =
    g_param_spec_uint64 ("max-receive-window", NULL, NULL,
                         SRUDP_MIN_MAX_RECEIVE_WINDOW, G_MAXUINT32,
                         SRUDP_DEFAULT_MAX_RECEIVE_WINDOW,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                         | G_PARAM_STATIC_STRINGS);
}

static void
install_state_properties (void)
{
  /**
   * SrudpEndpoint:connections:
   *
   * The connections that are alive: being opened or open.
   *
   * The list doesn't keep them alive. It changes in the endpoint's context.
   */
  props[PROP_CONNECTIONS] =
    g_param_spec_object ("connections", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:closed:
   *
   * Whether the endpoint is closed.
   */
  props[PROP_CLOSED] =
    g_param_spec_boolean ("closed", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_signals (void)
{
  /**
   * SrudpEndpoint::incoming:
   * @self: the endpoint
   * @connection: a connection that a peer has opened
   *
   * A peer has opened a connection that no accept was waiting for.
   *
   * A handler that wants the connection takes a reference; otherwise it is
   * closed again.
   */
  signals[SIGNAL_INCOMING] =
    g_signal_new ("incoming", SRUDP_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST, 0, NULL,
                  NULL, NULL, G_TYPE_NONE, 1, SRUDP_TYPE_CONNECTION);

  /**
   * SrudpEndpoint::handshake-failed:
   * @self: the endpoint
   * @from: where it came from
   * @error: what was wrong
   *
   * Somebody has tried to open a connection, but the two sides don't fit.
   *
   * The rate is limited; it is meant to tell a person, not to be counted.
   */
  signals[SIGNAL_HANDSHAKE_FAILED] =
    g_signal_new ("handshake-failed", SRUDP_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_SOCKET_ADDRESS,
                  G_TYPE_ERROR);

  /**
   * SrudpEndpoint::candidates-changed:
   * @self: the endpoint
   *
   * The addresses in earlier invitations don't hold any more, or not all of
   * them: this computer has moved to another network, or its NAT gives it
   * another port.
   *
   * Peers that are connected follow by themselves. For the others, make a new
   * invitation.
   */
  signals[SIGNAL_CANDIDATES_CHANGED] =
    g_signal_new ("candidates-changed", SRUDP_TYPE_ENDPOINT,
                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
srudp_endpoint_class_init (SrudpEndpointClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = srudp_endpoint_constructed;
  object_class->dispose = srudp_endpoint_dispose;
  object_class->finalize = srudp_endpoint_finalize;
  object_class->get_property = srudp_endpoint_get_property;
  object_class->set_property = srudp_endpoint_set_property;

  install_construct_properties ();
  install_secret_properties ();
  install_peer_properties ();
  install_state_properties ();
  srudp_endpoint_spec_network (&props[PROP_STUN_SERVERS],
                               &props[PROP_PORT_MAPPING],
                               &props[PROP_INTRODUCING],
                               &props[PROP_INVITATION_LIFETIME]);
  srudp_endpoint_spec_punching (&props[PROP_BIRTHDAY_SPRAY],
                                &props[PROP_OPENER_TTL]);
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals ();
}

static void
srudp_endpoint_init (SrudpEndpoint *self)
{
  g_mutex_init (&self->lock);
  self->n_forks = srudp_fork_count ();
  self->backlog = DEFAULT_BACKLOG;
  self->max_receive_window = SRUDP_DEFAULT_MAX_RECEIVE_WINDOW;
  self->birthday_spray = TRUE;
  self->stun_servers = g_new0 (char *, 1);
  self->early_peers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) srudp_peer_id_free);
}

/* Binding */

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
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                           _ ("The endpoint was closed."));
      return FALSE;
    }
  if (self->bind_error == NULL && bind_locked (self, &self->bind_error))
    return TRUE;

  g_propagate_error (error, g_error_copy (self->bind_error));
  return FALSE;
}

/* Both processes would use the same keys. */
gboolean
srudp_endpoint_check_process (SrudpEndpoint  *self,
                              GError        **error)
{
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

/* Notices from the worker */

typedef struct
{
  GSocketAddress *from;
  GError *error;
} HandshakeFailure;

static void
handshake_failure_free (gpointer data)
{
  HandshakeFailure *failure = data;

  g_object_unref (failure->from);
  g_error_free (failure->error);
  g_free (failure);
}

static void
handshake_failed_notice (GObject  *object,
                         gpointer  data)
{
  HandshakeFailure *failure = data;

  g_signal_emit (object, signals[SIGNAL_HANDSHAKE_FAILED], 0, failure->from,
                 failure->error);
  handshake_failure_free (failure);
}

void
srudp_endpoint_push_handshake_failed (SrudpNotifier  *notifier,
                                      GSocketAddress *from,
                                      const GError   *error)
{
  HandshakeFailure *failure = g_new (HandshakeFailure, 1);

  failure->from = g_object_ref (from);
  failure->error = g_error_copy (error);
  srudp_notifier_push (notifier, handshake_failed_notice, failure,
                       handshake_failure_free);
}

void
srudp_endpoint_push_closed (SrudpNotifier *notifier)
{
  srudp_notifier_push_notify (notifier, props[PROP_CLOSED]);
}

static void
candidates_changed_notice (GObject  *object,
                           gpointer  data)
{
  g_signal_emit (object, signals[SIGNAL_CANDIDATES_CHANGED], 0);
}

void
srudp_endpoint_push_candidates_changed (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, candidates_changed_notice, NULL, NULL);
}
