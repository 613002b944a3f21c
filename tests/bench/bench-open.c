/*
 * SPDX-License-Identifier: MIT
 *
 * bench-open.c: how long it takes to open a connection
 *
 * usage: bench-open client setup [--count N]
 *
 * Two endpoints of one machine name each other's address and open, one of
 * them up to 20 ms after the other; what counts is from the later call until
 * both are open.
 */
#include "bench-options.h"

#include <srudp-glib/srudp-glib.h>

#define MAX_SKEW_US 20000

typedef struct
{
  SrudpEndpoint *endpoint;
  guint16 peer_port;
  gint64 start_us; /* when it is to begin … */
  gint64 open_us;  /* … and when it was open */
} Side;

static gpointer
open_thread (gpointer data)
{
  Side *side = data;
  g_autofree char *peer = g_strdup_printf ("127.0.0.1:%u", side->peer_port);
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_usleep ((gulong) MAX (side->start_us - g_get_monotonic_time (), 0));
  side->start_us = g_get_monotonic_time ();
  connection = srudp_endpoint_connect_to_host (side->endpoint, peer, 0, NULL, &error);
  if (connection == NULL)
    bench_fail ("open", error->message);
  side->open_us = g_get_monotonic_time ();
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return NULL;
}

static guint16
port_of (SrudpEndpoint *endpoint)
{
  g_autoptr (GSocketAddress) address = srudp_endpoint_get_local_address (endpoint, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static SrudpEndpoint *
new_endpoint (void)
{
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_port (0, &error);

  if (endpoint == NULL)
    bench_fail ("endpoint", error->message);
  return endpoint;
}

static gint64
measure_once (GRand *rand)
{
  Side sides[2] = { { .endpoint = new_endpoint () }, { .endpoint = new_endpoint () } };
  gint64 now_us = g_get_monotonic_time () + 1000;
  GThread *threads[2];

  for (guint i = 0; i < 2; i++)
    {
      sides[i].peer_port = port_of (sides[1 - i].endpoint);
      sides[i].start_us = now_us + g_rand_int_range (rand, 0, MAX_SKEW_US);
      threads[i] = g_thread_new ("open", open_thread, &sides[i]);
    }
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < 2; i++)
    {
      srudp_endpoint_close (sides[i].endpoint, NULL, NULL);
      g_object_unref (sides[i].endpoint);
    }
  return MAX (sides[0].open_us, sides[1].open_us) - MAX (sides[0].start_us, sides[1].start_us);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  BenchOptions options;

  bench_parse (&options, argc, argv);
  for (int i = 0; i < options.count; i++)
    {
      gint64 took_us = measure_once (rand);

      g_array_append_val (times, took_us);
    }
  bench_report_times ("setup", times);
  return 0;
}
