/*
 * SPDX-License-Identifier: MIT
 *
 * test-flood.c: a true peer gets in while thousands of strangers knock
 */
#include "support.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/protocol/srudp-engine.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_PORTS 1000
#define N_HELLOS 5000
#define HELLO_BYTES 400
/* ThreadSanitizer slows down who receives, not the kernel, which sends. */
#ifdef WITH_TSAN
#define HELLOS_PER_SECOND 500
#else
#define HELLOS_PER_SECOND 5000
#endif
#define LONGEST_PAUSE_US (10 * 1000)

typedef struct
{
  struct sockaddr_in target;
  int sockets[N_PORTS];
  guint8 *hellos;
  int stop; /* atomic */
  gint64 n_sent;
} Flood;

/* A genuine one, of somebody else each. */
static void
make_hello (guint8 *out)
{
  SrudpEngineConfig config = { .random = srudp_crypto_random };
  const guint8 ip[] = { 127, 0, 0, 1 };
  g_autofree guint8 *buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  SrudpAddress to;
  SrudpOpenConfig open = { .candidates = &to, .n_candidates = 1,
                           .idle_timeout_us = G_USEC_PER_SEC };
  SrudpTransmit transmit;
  SrudpEngine *engine;

  srudp_address_init_ipv4 (&to, ip, 1);
  srudp_crypto_random (NULL, config.static_secret, SRUDP_KEY_BYTES);
  engine = srudp_engine_new (&config, 0);
  srudp_engine_open (engine, 0, &open);
  g_assert_cmpuint (srudp_engine_poll_transmit (engine, 0, &transmit, buffer,
                                                SRUDP_MAX_UDP_PAYLOAD, 1),
                    ==, HELLO_BYTES);
  memcpy (out, buffer, HELLO_BYTES);
  srudp_engine_free (engine);
}

static void
flood_start (Flood   *flood,
             guint16  port)
{
  struct sockaddr_in from = { .sin_family = AF_INET };

  flood->target.sin_family = AF_INET;
  flood->target.sin_port = htons (port);
  flood->target.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  from.sin_addr.s_addr = htonl (INADDR_LOOPBACK + 1);
  for (guint i = 0; i < N_PORTS; i++)
    {
      flood->sockets[i] = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (flood->sockets[i], >=, 0);
      g_assert_cmpint (bind (flood->sockets[i], (struct sockaddr *) &from,
                             sizeof from), ==, 0);
    }

  flood->hellos = g_malloc (N_HELLOS * HELLO_BYTES);
  for (guint i = 0; i < N_HELLOS; i++)
    make_hello (flood->hellos + i * HELLO_BYTES);
}

/* What a machine that is busy with other things has kept it from sending is not
 * made up for: the endpoint, kept from receiving by the same, would have to do
 * with more a second than that. */
static gpointer
flood_thread (gpointer data)
{
  Flood *flood = data;
  gint64 before = g_get_monotonic_time ();

  while (!g_atomic_int_get (&flood->stop))
    {
      gint64 now = g_get_monotonic_time ();
      gint64 due = flood->n_sent
                   + MIN (now - before, LONGEST_PAUSE_US) * HELLOS_PER_SECOND
                       / G_USEC_PER_SEC;

      before = now;
      for (; flood->n_sent < due; flood->n_sent++)
        sendto (flood->sockets[flood->n_sent % N_PORTS],
                flood->hellos + flood->n_sent % N_HELLOS * HELLO_BYTES,
                HELLO_BYTES, MSG_DONTWAIT, (struct sockaddr *) &flood->target,
                sizeof flood->target);
      g_usleep (1000);
    }
  return NULL;
}

static void
flood_end (Flood *flood)
{
  for (guint i = 0; i < N_PORTS; i++)
    close (flood->sockets[i]);
  g_free (flood->hellos);
}

static gboolean
allow_many_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return FALSE;
  limit.rlim_cur = MIN (limit.rlim_max, 4096);

  return limit.rlim_cur > N_PORTS + 200 && setrlimit (RLIMIT_NOFILE, &limit) == 0;
}

static void
test_hellos (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (GSocketAddress) address = get_address (endpoint_b);
  Flood flood = { .stop = 0 };
  gint64 fastest_us = G_MAXINT64;
  GThread *thread;
  gsize before;

  if (!allow_many_files ())
    {
      g_test_skip ("too few open files are allowed");
      return;
    }
  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  flood_start (&flood, g_inet_socket_address_get_port (
                         G_INET_SOCKET_ADDRESS (address)));
  before = get_resident_size ();
  thread = g_thread_new ("flood", flood_thread, &flood);
  g_usleep (G_USEC_PER_SEC);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
      g_autoptr (SrudpConnection) b = NULL;
      g_autoptr (GCancellable) cancellable = patience ();
      gint64 start = g_get_monotonic_time (), took_us;

      open_now (a);
      took_us = g_get_monotonic_time () - start;
      fastest_us = MIN (fastest_us, took_us);
      g_test_message ("open after %d ms", (int) (took_us / 1000));
      g_assert_cmpint (took_us, <, 10 * G_USEC_PER_SEC);
      b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
      g_assert_no_error (error);
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
      expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
      g_usleep (500 * 1000);
    }

  /* A machine that is busy with other things may keep one of them waiting. */
  g_assert_cmpint (fastest_us, <=, 5 * G_USEC_PER_SEC);
  g_atomic_int_set (&flood.stop, 1);
  g_thread_join (thread);
  g_test_message ("%" G_GINT64_FORMAT " HELLOs, %d KiB more", flood.n_sent,
                  (int) ((gssize) (get_resident_size () - before) / 1024));
#if !defined(WITH_TSAN) && !defined(WITH_ASAN)
  g_assert_cmpint ((gssize) (get_resident_size () - before), <=, 8 * MEBIBYTE);
#endif
  flood_end (&flood);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_test_add_func ("/flood/five-thousand-hellos-a-second", test_hellos);

  return g_test_run ();
}
