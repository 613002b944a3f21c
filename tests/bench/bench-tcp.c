/*
 * SPDX-License-Identifier: MIT
 *
 * bench-tcp.c: the kernel's TCP, plain and under TLS 1.3
 *
 * The variant of plain TCP is a congestion controller. TLS takes its cipher
 * from G_TLS_GNUTLS_PRIORITY and its certificate from BENCH_CERTIFICATE.
 */
#include "bench-stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

typedef struct
{
  GSocketListener *listener;
  GTlsCertificate *certificate;
} Listener;

static void
listener_free (Listener *self)
{
  g_clear_object (&self->listener);
  g_clear_object (&self->certificate);
  g_free (self);
}

static void
set_controller (GSocketConnection *connection,
                const char        *name)
{
  int fd = g_socket_get_fd (g_socket_connection_get_socket (connection));

  if (name != NULL
      && setsockopt (fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen (name)) != 0)
    bench_fail (name, "no such congestion controller here");
  g_tcp_connection_set_graceful_disconnect (G_TCP_CONNECTION (connection), TRUE);
}

static gpointer
listen_tcp (const BenchOptions *options,
            GError            **error)
{
  Listener *self = g_new0 (Listener, 1);

  self->listener = g_socket_listener_new ();
  if (!g_socket_listener_add_inet_port (self->listener, options->port, NULL, error))
    g_clear_pointer (&self, listener_free);
  return self;
}

static GIOStream *
accept_tcp (gpointer listener,
            GError **error)
{
  Listener *self = listener;
  GSocketConnection *connection =
    g_socket_listener_accept (self->listener, NULL, NULL, error);

  return connection != NULL ? G_IO_STREAM (connection) : NULL;
}

static GSocketConnection *
dial (const BenchOptions *options,
      const char         *controller,
      GError            **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  GSocketConnection *connection;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_host (client, options->address,
                                                options->port, NULL, error);
  if (connection != NULL)
    set_controller (connection, controller);
  return connection;
}

static GIOStream *
connect_tcp (const BenchOptions *options,
             GError            **error)
{
  return (GIOStream *) dial (options, options->variant, error);
}

static gpointer
listen_tls (const BenchOptions *options,
            GError            **error)
{
  Listener *self = listen_tcp (options, error);

  if (self == NULL)
    return NULL;
  self->certificate =
    g_tls_certificate_new_from_file (g_getenv ("BENCH_CERTIFICATE"), error);
  if (self->certificate == NULL)
    g_clear_pointer (&self, listener_free);
  return self;
}

static GIOStream *
accept_tls (gpointer listener,
            GError **error)
{
  Listener *self = listener;
  g_autoptr (GIOStream) base = accept_tcp (listener, error);
  GIOStream *stream =
    base != NULL ? g_tls_server_connection_new (base, self->certificate, error) : NULL;

  if (stream == NULL)
    return NULL;
  g_tls_connection_set_database (G_TLS_CONNECTION (stream), NULL);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (stream), NULL, error))
    g_clear_object (&stream);
  return stream;
}

static gboolean
accept_certificate_cb (void)
{
  return TRUE;
}

static GIOStream *
connect_tls (const BenchOptions *options,
             GError            **error)
{
  g_autoptr (GSocketConnection) base = dial (options, NULL, error);
  GIOStream *stream =
    base != NULL ? g_tls_client_connection_new (G_IO_STREAM (base), NULL, error) : NULL;

  if (stream == NULL)
    return NULL;
  /* Whom it speaks to is not what is measured. */
  g_tls_connection_set_database (G_TLS_CONNECTION (stream), NULL);
  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (stream), NULL, error))
    g_clear_object (&stream);
  return stream;
}

const BenchTransport bench_tcp = { "tcp", listen_tcp, accept_tcp, connect_tcp };
const BenchTransport bench_tls = { "tls", listen_tls, accept_tls, connect_tls };
