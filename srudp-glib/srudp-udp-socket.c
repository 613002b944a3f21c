/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-udp-socket.c: the UDP socket of an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-udp-socket-private.h"

#include "srudp-glib/srudp-i18n-private.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* Holds a burst of some ten milliseconds at a gigabit per second. */
#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)

static void
enlarge_buffers (GSocket *socket)
{
  /* The privileged option isn't bound by the system's limit; without the
   * privilege the plain one gives what is allowed. */
  if (!g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUFFORCE,
                            SOCKET_BUFFER_BYTES, NULL))
    g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_BYTES,
                         NULL);
  if (!g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUFFORCE,
                            SOCKET_BUFFER_BYTES, NULL))
    g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_BYTES,
                         NULL);
}

/* Path MTU discovery is the engine's (RFC 8899): packets that don't fit have
 * to be dropped, whatever the kernel believes of the path. */
static void
forbid_fragments (GSocket *socket)
{
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
                         IPV6_PMTUDISC_PROBE, NULL);
  g_socket_set_option (socket, IPPROTO_IP, IP_MTU_DISCOVER,
                       IP_PMTUDISC_PROBE, NULL);
}

static GSocket *
bind_one (GSocketAddress  *local,
          GError         **error)
{
  GSocketFamily family = g_socket_address_get_family (local);
  g_autoptr (GSocket) socket = NULL;

  socket = g_socket_new (family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP,
                         error);
  if (socket == NULL)
    return NULL;

  if (family == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 0, NULL);
  if (!g_socket_bind (socket, local, FALSE, error))
    return NULL;

  g_socket_set_blocking (socket, FALSE);
  enlarge_buffers (socket);
  forbid_fragments (socket);
  return g_steal_pointer (&socket);
}

static GSocket *
bind_any (GSocketFamily   family,
          guint16         port,
          GError        **error)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (family);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (any, port);

  return bind_one (local, error);
}

static gboolean
is_any_ipv6 (GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
         && g_socket_address_get_family (address) == G_SOCKET_FAMILY_IPV6
         && g_inet_address_get_is_any (g_inet_socket_address_get_address (
           G_INET_SOCKET_ADDRESS (address)));
}

static gboolean
is_lack_of_ipv6 (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

GSocket *
srudp_udp_socket_new (GSocketAddress  *local,
                      GError         **error)
{
  g_autoptr (GError) ipv6_error = NULL;
  GSocket *socket;
  guint16 port = 0;

  if (local != NULL && !is_any_ipv6 (local))
    return bind_one (local, error);

  if (local != NULL)
    port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  socket = bind_any (G_SOCKET_FAMILY_IPV6, port, &ipv6_error);
  if (socket != NULL)
    return socket;

  if (!is_lack_of_ipv6 (ipv6_error))
    {
      g_propagate_error (error, g_steal_pointer (&ipv6_error));
      return NULL;
    }
  return bind_any (G_SOCKET_FAMILY_IPV4, port, error);
}

gboolean
srudp_udp_socket_is_dual_stack (GSocket *socket)
{
  int v6only = 1;

  return g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6
         && g_socket_get_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
                                 NULL)
         && v6only == 0;
}
