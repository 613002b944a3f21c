/*
 * SPDX-License-Identifier: MIT
 *
 * test-lifetime.c: what is left behind, and what strangers can do
 */
#include "support.h"

#include <malloc.h>
#include <string.h>

#define MEBIBYTE (1024 * 1024)

/* Sanitizers keep what was freed, and more. */
#if defined(WITH_TSAN) || defined(WITH_ASAN)
# define MEMORY_LIMIT_BYTES ((gsize) 1024 * MEBIBYTE)
#else
# define MEMORY_LIMIT_BYTES ((gsize) 32 * MEBIBYTE)
#endif

static void
open_and_close (gboolean close_connections)
{
  Pair pair = { 0 };
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  if (close_connections)
    {
      g_io_stream_close (G_IO_STREAM (pair.a), cancellable, &error);
      g_assert_no_error (error);
      g_io_stream_close (G_IO_STREAM (pair.b), cancellable, &error);
      g_assert_no_error (error);
    }
  g_assert_finalize_object (g_steal_pointer (&pair.a));
  g_assert_finalize_object (g_steal_pointer (&pair.b));
  g_assert_finalize_object (g_steal_pointer (&pair.endpoint_a));
  g_assert_finalize_object (g_steal_pointer (&pair.endpoint_b));
}

/* Workers linger until all is delivered. */
static void
wait_for_threads (guint n_threads)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (count_threads () > n_threads
         && g_get_monotonic_time () < deadline_us)
    g_usleep (10 * 1000);
  g_assert_cmpuint (count_threads (), <=, n_threads);
}

/* What is allocated, whatever the allocator keeps in store for threads. */
static gsize
get_allocated_size (void)
{
  return mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
}

/* GSlice keeps memory of threads that are gone, unless told not to. */
static gsize
get_tolerance (void)
{
  if (g_strcmp0 (g_getenv ("G_SLICE"), "always-malloc") == 0)
    return 64 * 1024;
  return 4 * MEBIBYTE;
}

static void
test_cycles (void)
{
  guint n_threads, n_fds;
  gsize size;

  /* Started by the first use, and by the tools that watch. */
  g_object_unref (patience ());
  g_network_monitor_get_default ();
  n_threads = count_threads ();

  /* The first ones fill caches. */
  for (guint i = 0; i < 20; i++)
    open_and_close (i % 2 == 0);
  wait_for_threads (n_threads);
  n_fds = count_fds ();
  size = get_allocated_size ();

  for (guint i = 0; i < 200; i++)
    open_and_close (i % 2 == 0);
  wait_for_threads (n_threads);
  g_assert_cmpuint (count_fds (), <=, n_fds);
  g_assert_cmpuint (get_allocated_size (), <, size + get_tolerance ());
}

static void
test_connection_holds_endpoint (void)
{
  Pair pair = { 0 };
  SrudpEndpoint *endpoint;

  pair_set_up (&pair);
  endpoint = pair.endpoint_a;
  g_clear_object (&pair.endpoint_a);
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  g_assert_true (srudp_connection_get_endpoint (pair.a) == endpoint);
  pair_tear_down (&pair);
}

static void
test_unbound_endpoint (void)
{
  SrudpEndpoint *endpoint = g_object_new (SRUDP_TYPE_ENDPOINT, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (srudp_endpoint_close (endpoint, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (srudp_endpoint_get_closed (endpoint));
  g_assert_null (srudp_endpoint_get_local_address (endpoint, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_finalize_object (endpoint);
}

static void
test_connections_list (void)
{
  Pair pair = { 0 };
  GListModel *list_a, *list_b;
  g_autoptr (SrudpConnection) item = NULL;

  pair_set_up (&pair);
  list_a = srudp_endpoint_get_connections (pair.endpoint_a);
  list_b = srudp_endpoint_get_connections (pair.endpoint_b);
  g_assert_cmpuint (g_list_model_get_n_items (list_a), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (list_b), ==, 1);
  item = g_list_model_get_item (list_a, 0);
  g_assert_true (item == pair.a);
  g_clear_object (&item);

  g_io_stream_close (G_IO_STREAM (pair.a), NULL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (list_a), ==, 0);
  g_assert_finalize_object (g_steal_pointer (&pair.b));
  g_assert_cmpuint (g_list_model_get_n_items (list_b), ==, 0);

  pair_tear_down (&pair);
}

static void
test_port_is_free_after_close (void)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
      g_autoptr (GSocketAddress) address = get_address (endpoint);
      g_autoptr (SrudpEndpoint) again = NULL;
      g_autoptr (GError) error = NULL;

      srudp_endpoint_close (endpoint, NULL, &error);
      g_assert_no_error (error);
      again = srudp_endpoint_new (address, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (again);
    }
}

/* Garbage */

static void
send_garbage (GSocket        *socket,
              GSocketAddress *to,
              guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      guint8 data[1500];
      gsize size = (gsize) g_test_rand_int_range (0, sizeof data + 1);

      for (gsize b = 0; b < size; b++)
        data[b] = (guint8) g_test_rand_int ();
      /* A full buffer of the kernel is all right. */
      g_socket_send_to (socket, to, (const char *) data, size, NULL, NULL);
    }
}

static void
test_garbage (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GSocketAddress) address = get_address (endpoint_b);
  g_autoptr (GSocketAddress) local =
    g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocket) stranger = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  stranger = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                           G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_bind (stranger, local, FALSE, &error));
  g_socket_set_blocking (stranger, FALSE);

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  send_garbage (stranger, address, 3000);
  open_now (a);
  send_garbage (stranger, address, 3000);
  b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
  g_assert_no_error (error);
  send_garbage (stranger, address, 4000);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");

  g_usleep (50 * 1000);
  g_assert_false (g_socket_condition_check (stranger, G_IO_IN) & G_IO_IN);
}

/* Much */

typedef struct
{
  GOutputStream *stream;
  gsize size;
  char *checksum;
} Source;

static gpointer
source_thread (gpointer data)
{
  Source *source = data;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GError) error = NULL;
  guint32 state = 1;
  gsize sent = 0;

  while (sent < source->size)
    {
      guint32 block[16384];
      gsize length = MIN (sizeof block, source->size - sent);

      for (guint i = 0; i < G_N_ELEMENTS (block); i++)
        block[i] = state = state * 1664525 + 1013904223;
      g_checksum_update (checksum, (const guint8 *) block, (gssize) length);
      g_output_stream_write_all (source->stream, block, length, NULL, NULL,
                                 &error);
      g_assert_no_error (error);
      sent += length;
    }
  g_output_stream_close (source->stream, NULL, &error);
  g_assert_no_error (error);
  source->checksum = g_strdup (g_checksum_get_string (checksum));
  return NULL;
}

/* `pause_ms` now and then makes a slow reader. */
static void
transfer (gsize size,
          guint pause_ms)
{
  Pair pair = { 0 };
  Source source = { .size = size };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *buffer = g_malloc (65536);
  g_autoptr (GError) error = NULL;
  gsize n_read = 0, before, most = 0;
  gint64 started_us;
  GThread *thread;
  gssize n;

  pair_set_up (&pair);
  before = get_resident_size ();
  started_us = g_get_monotonic_time ();
  source.stream = pair.out_a;
  thread = g_thread_new ("source", source_thread, &source);
  while ((n = g_input_stream_read (pair.in_b, buffer, 65536, NULL, &error))
         > 0)
    {
      g_checksum_update (checksum, buffer, n);
      if (n_read / (4 * MEBIBYTE) != (n_read + (gsize) n) / (4 * MEBIBYTE))
        {
          most = MAX (most, get_resident_size ());
          g_usleep (pause_ms * 1000);
        }
      n_read += (gsize) n;
    }
  g_assert_no_error (error);
  g_thread_join (thread);
  g_test_message ("%.1f MB/s, resident size grew by %.1f MiB",
                  (double) size
                    / (double) (g_get_monotonic_time () - started_us),
                  ((double) most - (double) before) / MEBIBYTE);

  g_assert_cmpuint (n_read, ==, size);
  g_assert_cmpstr (g_checksum_get_string (checksum), ==, source.checksum);
  g_assert_cmpuint (most, <, before + MEMORY_LIMIT_BYTES);
  g_free (source.checksum);
  pair_tear_down (&pair);
}

static void
test_transfer (void)
{
  transfer (g_test_slow () ? (gsize) 500 * MEBIBYTE : 50 * MEBIBYTE, 0);
}

static void
test_slow_reader (void)
{
  transfer (g_test_slow () ? (gsize) 1024 * MEBIBYTE : 16 * MEBIBYTE, 100);
}

/* The application's loop stands still, the connection doesn't. */
static void
test_blocked_loop (void)
{
  guint seconds = g_test_slow () ? 30 : 5;
  Pair pair = { 0 };

  pair_set_up_fragile (&pair, 4000);
  srudp_connection_set_keepalive_interval (pair.a, 3000);
  for (guint i = 0; i < seconds * 10; i++)
    g_usleep (100 * 1000);
  g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                   SRUDP_CONNECTION_STATE_ESTABLISHED);
  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/lifetime/cycles-leave-nothing", test_cycles);
  g_test_add_func ("/lifetime/connection-holds-endpoint",
                   test_connection_holds_endpoint);
  g_test_add_func ("/lifetime/unbound-endpoint", test_unbound_endpoint);
  g_test_add_func ("/lifetime/connections-list", test_connections_list);
  g_test_add_func ("/lifetime/port-is-free-after-close",
                   test_port_is_free_after_close);
  g_test_add_func ("/lifetime/blocked-loop", test_blocked_loop);
  g_test_add_func ("/strangers/garbage", test_garbage);
  g_test_add_func ("/much/transfer", test_transfer);
  g_test_add_func ("/much/slow-reader", test_slow_reader);

  return g_test_run ();
}
