/*
 * SPDX-License-Identifier: MIT
 *
 * bench-srudp.c: this library
 */
#include "bench-stream.h"

#include <srudp-glib/srudp-glib.h>

#define CROWD 5000
#define CLIENT_CONNECTIONS 100

static gpointer
listen_srudp (const BenchOptions *options,
              GError            **error)
{
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_port (options->port, error);

  if (endpoint != NULL)
    {
      srudp_endpoint_set_backlog (endpoint, 1024);
      srudp_endpoint_set_accept_incoming (endpoint, TRUE);
    }
  return endpoint;
}

static GIOStream *
accept_srudp (gpointer listener,
              GError **error)
{
  return (GIOStream *) srudp_endpoint_accept (listener, NULL, error);
}

/* A responder allows so many set-ups to one address in a second. */
static SrudpEndpoint *
new_client (GError **error)
{
  static int number;
  g_autofree char *ip = g_strdup_printf ("127.0.1.%d", 1 + number++);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (ip, 0);

  return srudp_endpoint_new (address, NULL, error);
}

/* All connections of a client share one port, as those of an application do;
 * a crowd comes from many. */
static GIOStream *
connect_srudp (const BenchOptions *options,
               GError            **error)
{
  static SrudpEndpoint *endpoint;
  static int n_connections;
  g_autoptr (GSocketAddress) peer =
    g_inet_socket_address_new_from_string (options->address, options->port);
  g_autoptr (SrudpConnection) connection = NULL;

  if (options->count > CROWD && n_connections++ % CLIENT_CONNECTIONS == 0)
    endpoint = new_client (error);
  else if (endpoint == NULL)
    endpoint = srudp_endpoint_new (NULL, NULL, error);
  if (endpoint == NULL)
    return NULL;
  connection = srudp_connection_new (endpoint, G_SOCKET_CONNECTABLE (peer));
  if (!srudp_connection_open (connection, NULL, error))
    return NULL;
  return (GIOStream *) g_steal_pointer (&connection);
}

const BenchTransport bench_srudp = {
  "srudp", listen_srudp, accept_srudp, connect_srudp,
};
