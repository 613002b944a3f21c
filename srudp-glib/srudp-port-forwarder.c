/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-port-forwarder.c: has the routers let an endpoint's peers in
 */
#include "config.h"

#include "srudp-glib/srudp-port-forwarder-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/protocol/srudp-port-mapper.h"
#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-gateway-private.h"
#include "srudp-glib/srudp-source-private.h"

#include <gio/gio.h>

/* Longer ones are not read to their end, and then refused. */
#define REPLY_BYTES 1200
#define REPLIES_AT_ONCE 8
/* All hosts of the local network: RFC 6886, section 3.2.1. */
#define EVERYBODY "224.0.0.1"

static const SrudpFamily families[] = {
  SRUDP_FAMILY_IPV4,
  SRUDP_FAMILY_IPV6,
};

typedef struct
{
  SrudpPortForwarder *owner;
  SrudpAddress gateway;
  SrudpAddress client; /* ours, towards it, with the endpoint's port */
  GSocket *socket;     /* NULL: there is no gateway, or it doesn't listen */
  GSource *source;
  SrudpPortMapper mapper;
} Router;

struct _SrudpPortForwarder
{
  GMainContext *context;
  SrudpPortForwarderFunc func;
  gpointer user_data;
  guint16 port; /* 0: not started */
  Router routers[G_N_ELEMENTS (families)];
  GSocket *everybodys; /* NULL, or what the router of IPv4 tells everybody */
  GSource *everybodys_source;
  gint64 told_end; /* -1: none */
};

static void
forget_router (Router *router)
{
  srudp_clear_source (&router->source);
  g_clear_object (&router->socket);
}

static void
stop_listening (SrudpPortForwarder *self)
{
  srudp_clear_source (&self->everybodys_source);
  g_clear_object (&self->everybodys);
}

/* An ICMP error: nobody listens there. Without an answer that is found out
 * later; with one it is known at once, and costs no more packets. */
static void
send_due (Router *router,
          gint64  now)
{
  guint8 packet[SRUDP_PORT_MAP_REQUEST_BYTES];
  gsize size;

  while (router->socket != NULL
         && (size = srudp_port_mapper_poll (&router->mapper, now, packet)) > 0)
    {
      g_autoptr (GError) error = NULL;

      g_socket_send (router->socket, (const char *) packet, size, NULL, &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
        forget_router (router);
    }
}

static Router *
find_router (SrudpPortForwarder *self,
             GSocketAddress     *from)
{
  SrudpAddress address;

  if (!srudp_address_from_inet (from, &address))
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (self->routers[i].socket != NULL
        && srudp_address_equal (&address, &self->routers[i].gateway))
      return &self->routers[i];
  return NULL;
}

/* One that has begun anew has forgotten its mappings. */
static gboolean
everybodys_readable_cb (GSocket      *socket,
                        GIOCondition  condition,
                        gpointer      user_data)
{
  SrudpPortForwarder *self = user_data;

  for (guint i = 0; i < REPLIES_AT_ONCE; i++)
    {
      g_autoptr (GSocketAddress) from = NULL;
      g_autoptr (GError) error = NULL;
      guint8 packet[REPLY_BYTES];
      gssize size = g_socket_receive_from (socket, &from, (char *) packet,
                                           sizeof packet, NULL, &error);
      Router *router;

      if (size < 0)
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            stop_listening (self);
          break;
        }
      router = find_router (self, from);
      if (router != NULL)
        srudp_port_mapper_hear_everybodys (&router->mapper,
                                           g_get_monotonic_time (), packet,
                                           (gsize) size);
    }
  self->func (self->user_data);
  return self->everybodys != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* A socket with a multicast address hears nothing else, and others may have the
 * same one. Where there can be none, a mapping that is forgotten comes back when
 * it is renewed. */
static GSocket *
listen_to_everybodys (void)
{
  g_autoptr (GInetAddress) group =
    g_inet_address_new_from_string (EVERYBODY);
  g_autoptr (GSocketAddress) address =
    g_inet_socket_address_new (group, SRUDP_PORT_MAP_CLIENT_PORT);
  g_autoptr (GSocket) socket =
    g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                  G_SOCKET_PROTOCOL_UDP, NULL);

  if (socket == NULL || !g_socket_bind (socket, address, TRUE, NULL)
      || !g_socket_join_multicast_group (socket, group, FALSE, NULL, NULL))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

/* Only where a router has mapped something. */
static void
listen_if_mapped (SrudpPortForwarder *self)
{
  SrudpAddress external;

  if (self->everybodys != NULL
      || !srudp_port_mapper_get_external (&self->routers[0].mapper, &external))
    return;

  self->everybodys = listen_to_everybodys ();
  if (self->everybodys == NULL)
    return;
  self->everybodys_source = g_socket_create_source (self->everybodys, G_IO_IN,
                                                    NULL);
  g_source_set_callback (self->everybodys_source,
                         G_SOURCE_FUNC (everybodys_readable_cb), self, NULL);
  g_source_set_static_name (self->everybodys_source, "[srudp] all routers");
  g_source_attach (self->everybodys_source, self->context);
}

static gboolean
readable_cb (GSocket      *socket,
             GIOCondition  condition,
             gpointer      user_data)
{
  Router *router = user_data;
  SrudpPortForwarder *self = router->owner;

  for (guint i = 0; i < REPLIES_AT_ONCE; i++)
    {
      g_autoptr (GError) error = NULL;
      guint8 reply[REPLY_BYTES];
      gssize size = g_socket_receive (socket, (char *) reply, sizeof reply,
                                      NULL, &error);

      if (size >= 0)
        srudp_port_mapper_receive (&router->mapper, g_get_monotonic_time (),
                                   reply, (gsize) size);
      else
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            forget_router (router);
          break;
        }
    }
  listen_if_mapped (self);
  self->func (self->user_data);
  return router->source != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static GSocket *
connect_to (const SrudpAddress *remote,
            const SrudpAddress *local)
{
  g_autoptr (GSocketAddress) to = srudp_address_to_inet (remote, FALSE);
  g_autoptr (GSocket) socket = NULL;

  socket = g_socket_new (g_socket_address_get_family (to),
                         G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  if (local != NULL)
    {
      g_autoptr (GSocketAddress) from = srudp_address_to_inet (local, FALSE);

      if (!g_socket_bind (socket, from, FALSE, NULL))
        return NULL;
    }
  return g_socket_connect (socket, to, NULL, NULL) ? g_steal_pointer (&socket)
                                                   : NULL;
}

static gboolean
get_local (GSocket      *socket,
           SrudpAddress *out)
{
  g_autoptr (GSocketAddress) local =
    g_socket_get_local_address (socket, NULL);

  return local != NULL && srudp_address_from_inet (local, out);
}

/* RFC 6887, section 8.1: what is mapped is the address that asks. Towards a
 * link-local gateway the system would choose one that nobody else can reach;
 * so let it choose one for the world. Nothing is sent there (RFC 9637). */
static gboolean
get_global_ipv6 (SrudpAddress *out)
{
  static const guint8 elsewhere[16] = { 0x3f, 0xff, [15] = 1 };
  g_autoptr (GSocket) socket = NULL;
  SrudpAddress remote;

  srudp_address_init_ipv6 (&remote, elsewhere, SRUDP_PORT_MAP_PORT, 0);
  socket = connect_to (&remote, NULL);
  if (socket == NULL || !get_local (socket, out))
    return FALSE;
  out->port = 0;
  return TRUE;
}

static GSocket *
connect_to_gateway (SrudpFamily         family,
                    const SrudpAddress *gateway)
{
  SrudpAddress own;

  if (family == SRUDP_FAMILY_IPV4)
    return connect_to (gateway, NULL);
  return get_global_ipv6 (&own) ? connect_to (gateway, &own) : NULL;
}

static void
watch (Router *router)
{
  router->source = g_socket_create_source (router->socket, G_IO_IN, NULL);
  g_source_set_callback (router->source, G_SOURCE_FUNC (readable_cb), router,
                         NULL);
  g_source_set_static_name (router->source, "[srudp] router");
  g_source_attach (router->source, router->owner->context);
}

/* Keeps the one we know, unless it is another one now, or sees us elsewhere. */
static void
look_for_router (Router      *router,
                 SrudpFamily  family)
{
  guint8 nonce[SRUDP_PORT_MAP_NONCE_BYTES];
  g_autoptr (GSocket) socket = NULL;
  SrudpAddress gateway, client;

  if (srudp_gateway_find (family, &gateway))
    {
      gateway.port = SRUDP_PORT_MAP_PORT;
      socket = connect_to_gateway (family, &gateway);
    }
  if (socket == NULL || !get_local (socket, &client))
    {
      forget_router (router);
      return;
    }
  client.port = router->owner->port;
  if (router->socket != NULL && srudp_address_equal (&gateway, &router->gateway)
      && srudp_address_equal (&client, &router->client))
    return;

  forget_router (router);
  router->gateway = gateway;
  router->client = client;
  router->socket = g_steal_pointer (&socket);
  srudp_crypto_random (NULL, nonce, sizeof nonce);
  srudp_port_mapper_init (&router->mapper, g_get_monotonic_time (), &client,
                          nonce);
  watch (router);
}

SrudpPortForwarder *
srudp_port_forwarder_new (GMainContext           *context,
                          SrudpPortForwarderFunc  func,
                          gpointer                user_data)
{
  SrudpPortForwarder *self = g_new0 (SrudpPortForwarder, 1);

  self->context = g_main_context_ref (context);
  self->func = func;
  self->user_data = user_data;
  self->told_end = -1;
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    self->routers[i].owner = self;
  return self;
}

void
srudp_port_forwarder_free (SrudpPortForwarder *self)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      Router *router = &self->routers[i];

      if (router->socket == NULL)
        continue;
      srudp_port_mapper_release (&router->mapper, now);
      send_due (router, now);
      forget_router (router);
    }
  stop_listening (self);
  g_main_context_unref (self->context);
  g_free (self);
}

void
srudp_port_forwarder_start (SrudpPortForwarder *self,
                            guint16             port)
{
  self->port = port;
  srudp_port_forwarder_on_network_change (self);
}

void
srudp_port_forwarder_on_network_change (SrudpPortForwarder *self)
{
  if (self->port == 0)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    look_for_router (&self->routers[i], families[i]);
  srudp_port_forwarder_advance (self, g_get_monotonic_time ());
}

void
srudp_port_forwarder_advance (SrudpPortForwarder *self,
                              gint64              now)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    send_due (&self->routers[i], now);
}

gint64
srudp_port_forwarder_get_deadline (SrudpPortForwarder *self)
{
  gint64 deadline = -1;

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      gint64 one = self->routers[i].socket == NULL
                     ? -1
                     : srudp_port_mapper_get_deadline (&self->routers[i].mapper);

      if (one >= 0 && (deadline < 0 || one < deadline))
        deadline = one;
    }
  return deadline;
}

gboolean
srudp_port_forwarder_is_asking (SrudpPortForwarder *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (self->routers[i].socket != NULL
        && srudp_port_mapper_is_asking (&self->routers[i].mapper))
      return TRUE;
  return FALSE;
}

/* A router that is itself behind a NAT maps to an address of that NAT's inside
 * (RFC 1918, RFC 6598). */
static gboolean
is_private (const SrudpAddress *address)
{
  const guint8 *ip = address->ip;

  return address->family == SRUDP_FAMILY_IPV4
         && (ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16)
             || (ip[0] == 192 && ip[1] == 168)
             || (ip[0] == 100 && (ip[1] & 0xc0) == 64));
}

gboolean
srudp_port_forwarder_get_external (SrudpPortForwarder *self,
                                   SrudpFamily         family,
                                   SrudpAddress       *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (families[i] == family && self->routers[i].socket != NULL
        && srudp_port_mapper_get_external (&self->routers[i].mapper, out))
      return !is_private (out);
  return FALSE;
}

gboolean
srudp_port_forwarder_pop_end (SrudpPortForwarder *self,
                              gint64             *end)
{
  gint64 told_end = self->told_end;

  self->told_end = -1;
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (families[i] == SRUDP_FAMILY_IPV4 && self->routers[i].socket != NULL)
      self->told_end = srudp_port_mapper_get_end (&self->routers[i].mapper);
  *end = self->told_end;
  return self->told_end != told_end;
}
