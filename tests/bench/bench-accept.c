/*
 * SPDX-License-Identifier: MIT
 *
 * bench-accept.c: how many full handshakes a responder does in a second
 *
 * usage: bench-accept server|client setup [--count N] [--address IP] [--port PORT]
 */
#include "bench-options.h"

#include <srudp-glib/srudp-glib.h>

#include <stdio.h>
#include <sys/resource.h>

/* As many clients, each with an address of its own: a responder allows a
 * single address only so many handshakes at once. */
#define CLIENTS 32
#define AT_ONCE (2 * CLIENTS)

typedef struct
{
  SrudpEndpoint *endpoints[CLIENTS];
  GSocketConnectable *server;
  GMainLoop *loop;
  int left, running;
} Load;

static double
processor_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
         + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
serve (const BenchOptions *options)
{
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_port (options->port, &error);
  double processor = 0;
  gint64 start_us = 0;

  if (endpoint == NULL)
    bench_fail ("listen", error->message);
  srudp_endpoint_set_backlog (endpoint, 1024);
  srudp_endpoint_set_accept_incoming (endpoint, TRUE);
  bench_ready ();
  for (int i = 0; i < options->count; i++)
    {
      g_autoptr (SrudpConnection) connection = srudp_endpoint_accept (endpoint, NULL, &error);

      if (connection == NULL)
        bench_fail ("accept", error->message);
      if (i == 0)
        {
          start_us = g_get_monotonic_time ();
          processor = processor_seconds ();
        }
    }
  printf ("{\"accepted\": %d, \"seconds\": %.6f, \"cpu\": %.6f}\n", options->count - 1,
          (g_get_monotonic_time () - start_us) / (double) G_USEC_PER_SEC,
          processor_seconds () - processor);
  fflush (stdout);
  srudp_endpoint_close (endpoint, NULL, NULL);
}

static void open_more (Load *load);

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  Load *load = user_data;

  if (!srudp_connection_open_finish (SRUDP_CONNECTION (source), result, &error))
    bench_fail ("open", error->message);
  load->running--;
  open_more (load);
}

static void
open_more (Load *load)
{
  while (load->left > 0 && load->running < AT_ONCE)
    {
      g_autoptr (SrudpConnection) connection =
        srudp_connection_new (load->endpoints[load->left % CLIENTS], load->server);

      load->left--;
      load->running++;
      srudp_connection_open_async (connection, NULL, opened_cb, load);
    }
  if (load->running == 0)
    g_main_loop_quit (load->loop);
}

static SrudpEndpoint *
new_client (guint number)
{
  g_autofree char *ip = g_strdup_printf ("127.0.1.%u", number + 1);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (ip, 0);
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new (address, NULL, &error);

  if (endpoint == NULL)
    bench_fail (ip, error->message);
  return endpoint;
}

static void
load_server (const BenchOptions *options)
{
  g_autoptr (GSocketAddress) server =
    g_inet_socket_address_new_from_string (options->address, options->port);
  Load load = {
    .server = G_SOCKET_CONNECTABLE (server),
    .loop = g_main_loop_new (NULL, FALSE),
    .left = options->count,
  };

  for (guint i = 0; i < CLIENTS; i++)
    load.endpoints[i] = new_client (i);
  open_more (&load);
  g_main_loop_run (load.loop);
}

int
main (int    argc,
      char **argv)
{
  BenchOptions options;

  bench_parse (&options, argc, argv);
  if (options.is_server)
    serve (&options);
  else
    load_server (&options);
  return 0;
}
