/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-properties.c: the properties of an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-endpoint-private.h"

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

static GParamSpec *props[N_PROPS];

static void
get_property (GObject    *object,
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
set_property (GObject      *object,
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
    g_param_spec_uint ("backlog", NULL, NULL, 0, G_MAXUINT,
                       SRUDP_DEFAULT_BACKLOG,
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
install_network_properties (void)
{
  /**
   * SrudpEndpoint:stun-servers:
   *
   * The STUN servers that tell the endpoint how others see it, each as
   * `HOST:PORT` or `HOST`; the port is 3478 if none is given.
   *
   * Nobody is asked before [method@Srudp.Endpoint.probe_network] or
   * [method@Srudp.Endpoint.create_invitation], and nobody at all while the
   * list is empty, as it is at first. What the servers learn is the public
   * address of this computer and that it uses STUN. Two that are independent
   * of each other are needed to find out what kind of NAT there is.
   */
  props[PROP_STUN_SERVERS] =
    g_param_spec_boxed ("stun-servers", NULL, NULL, G_TYPE_STRV,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                        | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:port-mapping:
   *
   * Whether the router may be asked to let peers in: %FALSE unless it is set.
   *
   * If so, [method@Srudp.Endpoint.create_invitation] asks the default gateway
   * by PCP (RFC 6887) or NAT-PMP (RFC 6886) to forward the endpoint's UDP port,
   * and names the address that it gets. The mapping is renewed for as long as
   * the endpoint exists, and given back when it is closed. Peers then get in
   * whatever kind of NAT they are behind. Who comes that way is authenticated
   * like everybody else.
   *
   * An endpoint that is bound to an address of loopback, or that has a
   * transport of its own, never asks.
   */
  props[PROP_PORT_MAPPING] =
    g_param_spec_boolean ("port-mapping", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);
}

static void
install_meeting_properties (void)
{
  /**
   * SrudpEndpoint:introducing:
   *
   * Whether the endpoint introduces its peers to each other, when one asks for
   * another that has offered itself with
   * [method@Srudp.Endpoint.add_introducer].
   *
   * Both are told the address of the other; nothing else passes through here.
   */
  props[PROP_INTRODUCING] =
    g_param_spec_boolean ("introducing", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:invitation-lifetime:
   *
   * For how many seconds invitations hold that are made from now on; 0, which
   * is the default, is for ever.
   *
   * It is written into them, for people and programs that read them.
   */
  props[PROP_INVITATION_LIFETIME] =
    g_param_spec_uint ("invitation-lifetime", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);
}

static void
install_punching_properties (void)
{
  /**
   * SrudpEndpoint:birthday-spray:
   *
   * Whether ports are looked for by chance where one of two NATs gives another
   * port to each peer.
   *
   * The side behind such a NAT then opens up to 256 sockets for the time of
   * opening, and the other side sends up to 2048 packets, 200 a second, to
   * ports of the public address in the peer's invitation. It is done only when
   * STUN has found out what kind of NAT there is, and nobody has answered for
   * a second. Administrators may take it for a port scan.
   *
   * Counts for connections opened from now on, and only for UDP sockets.
   */
  props[PROP_BIRTHDAY_SPRAY] =
    g_param_spec_boolean ("birthday-spray", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:opener-ttl:
   *
   * How many routers the first packets of an opening pass; 0, which is the
   * default, is as many as others.
   *
   * Some routers treat a packet that comes before the way is open as one for
   * themselves, and then give the own computer's packets another port. Where
   * that is so on the other side, the first packets have to end behind the own
   * NAT and before the peer's router: mostly 3 or 4 is right. They are all that
   * is sent for two seconds, unless the peer is heard, so both sides have to
   * begin at about the same time.
   *
   * Counts for connections opened from now on, and only for UDP sockets.
   */
  props[PROP_OPENER_TTL] =
    g_param_spec_uint ("opener-ttl", NULL, NULL, 0, G_MAXUINT8, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);
}

void
srudp_endpoint_install_properties (GObjectClass *object_class)
{
  object_class->get_property = get_property;
  object_class->set_property = set_property;

  install_construct_properties ();
  install_secret_properties ();
  install_peer_properties ();
  install_state_properties ();
  install_network_properties ();
  install_meeting_properties ();
  install_punching_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

void
srudp_endpoint_push_closed (SrudpNotifier *notifier)
{
  srudp_notifier_push_notify (notifier, props[PROP_CLOSED]);
}
