/*
 * SPDX-License-Identifier: MIT
 *
 * test-sharing.c: streams of a connection, and connections of an endpoint, side
 * by side
 */
#include "support.h"

#include <string.h>

/* What a peer allows at the same time. */
#define N_STREAMS 100

static void
close_now (gpointer stream)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_io_stream_close (G_IO_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
}

static GPtrArray *
open_all (SrudpConnection *connection)
{
  GPtrArray *streams = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < N_STREAMS; i++)
    g_ptr_array_add (streams, open_stream (connection));
  return streams;
}

/* A stream that is broken off has no end to read, and harms no other. */
static void
test_broken_off (void)
{
  Pair pair = { 0 };
  g_autoptr (SrudpStream) a = NULL;
  g_autoptr (SrudpStream) b = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char byte;

  pair_set_up (&pair);
  a = open_stream (pair.a);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "x");
  b = accept_stream (pair.b);
  g_cancellable_cancel (cancelled);
  g_assert_false (g_io_stream_close (G_IO_STREAM (a), cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  while (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (b)),
                              &byte, 1, cancellable, &error) > 0)
    {
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  pair_tear_down (&pair);
}

/* Neither opens before one is over on both sides; the first comes first. */
static void
test_open_waits_for_the_peer (void)
{
  Pair pair = { 0 };
  g_autoptr (GPtrArray) streams = NULL;
  g_autoptr (GPtrArray) accepted =
    g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GCancellable) tired = g_cancellable_new ();
  g_autoptr (SrudpStream) opened = NULL;
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  streams = open_all (pair.a);
  srudp_connection_open_stream_async (pair.a, tired, store_result_cb, &first);
  srudp_connection_open_stream_async (pair.a, NULL, store_result_cb, &second);
  run_for (200);
  g_assert_null (first);
  g_assert_null (second);

  g_cancellable_cancel (tired);
  run_until_set ((gpointer *) &first);
  g_assert_null (srudp_connection_open_stream_finish (pair.a, first, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_ptr_array_foreach (streams, (GFunc) (void *) close_now, NULL);
  for (guint i = 0; i < N_STREAMS; i++)
    {
      SrudpStream *stream = accept_stream (pair.b);

      close_now (stream);
      g_ptr_array_add (accepted, stream);
    }
  run_until_set ((gpointer *) &second);
  opened = srudp_connection_open_stream_finish (pair.a, second, &error);
  g_assert_no_error (error);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (opened)), "here");
  g_ptr_array_add (accepted, accept_stream (pair.b));
  expect_text (g_io_stream_get_input_stream (
                 g_ptr_array_index (accepted, N_STREAMS)), "here");

  pair_tear_down (&pair);
}

static void
test_open_hears_of_the_end (void)
{
  Pair pair = { 0 };
  g_autoptr (GPtrArray) streams = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  streams = open_all (pair.a);
  g_assert_nonnull (streams);
  srudp_connection_open_stream_async (pair.a, NULL, store_result_cb, &result);
  run_for (100);
  g_assert_null (result);

  close_now (pair.b);
  run_until_set ((gpointer *) &result);
  g_assert_null (srudp_connection_open_stream_finish (pair.a, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  pair_tear_down (&pair);
}

/* --- Memory ----------------------------------------------------------------- */

/* The endpoint's window is for those that have none of their own. */
static void
test_window_of_its_own (void)
{
  const guint64 endpoints = 256 * 1024, own = 64 * 1024;
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  guint64 n_bytes;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  srudp_endpoint_set_max_receive_window (endpoint_b, endpoints);
  a = make_connection (endpoint_a, endpoint_b);
  g_assert_cmpuint (srudp_connection_get_max_receive_window (a), ==,
                    16 * MEBIBYTE);
  g_object_set (a, "max-receive-window", own, NULL);
  open_now (a);
  b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
  g_assert_no_error (error);
  g_object_get (b, "max-receive-window", &n_bytes, NULL);
  g_assert_cmpuint (n_bytes, ==, endpoints);
  g_assert_cmpuint (srudp_connection_get_max_receive_window (a), ==, own);

  expect_window (b, a, own);
  expect_window (a, b, endpoints);
  /* More may be held from now on, once the peer hears of it. */
  srudp_connection_set_max_receive_window (b, MEBIBYTE);
  g_assert_cmpuint (srudp_connection_get_max_receive_window (b), ==, MEBIBYTE);
}

/* --- Turns ------------------------------------------------------------------ */

#define TURN_BYTES (200 * 1024)
/* Enough for one of the streams, and for half of the other. */
#define TURN_BUDGET (TURN_BYTES + TURN_BYTES / 2)

/* The connection's own stream waits while another has something to send: of what
 * is sent from then on, that one has its share before. When it arrives, or is
 * read, proves nothing. */
static void
test_own_stream_has_a_priority (void)
{
  Pair pair = { 0 };
  g_autoptr (SrudpStream) stream = NULL;
  g_autoptr (SrudpStream) stream_b = NULL;
  g_autoptr (GBytes) bytes = make_pattern (TURN_BYTES);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  guint priority;

  pair_set_up_fragile (&pair, 60000);
  g_assert_cmpuint (srudp_connection_get_priority (pair.a), ==, 3);
  g_object_set (pair.a, "priority", 7, NULL);
  g_object_get (pair.a, "priority", &priority, NULL);
  g_assert_cmpuint (priority, ==, 7);
  stream = open_stream (pair.a);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (stream)), "s");
  stream_b = accept_stream (pair.b);
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (stream_b)), "s");

  /* With the network cut, the window fills with what is sent first. */
  fragile_transport_set_cut (pair.transport, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      GOutputStream *out =
        i == 0 ? pair.out_a
               : g_io_stream_get_output_stream (G_IO_STREAM (stream));

      g_output_stream_write_all (out, g_bytes_get_data (bytes, NULL),
                                 g_bytes_get_size (bytes), NULL, cancellable,
                                 &error);
      g_assert_no_error (error);
    }
  fragile_transport_set_budget (pair.transport, TURN_BUDGET);
  fragile_transport_set_cut (pair.transport, FALSE);
  expect_bytes (g_io_stream_get_input_stream (G_IO_STREAM (stream_b)), bytes);
  fragile_transport_set_budget (pair.transport, -1);
  expect_bytes (pair.in_b, bytes);

  pair_tear_down (&pair);
}

/* --- A ping beside bulk ----------------------------------------------------- */

#define N_PINGS 200
#define PING_EVERY_US 5000
/* 400 Mbit/s */
#define READ_BYTES (256 * 1024)
#define READ_EVERY_US 5000
#define BULK_BYTES (10 * MEBIBYTE)

/* Nothing else in this process may be late: it would be taken for the
 * endpoint. So everybody has a thread. */
static gpointer
write_for_ever_thread (gpointer data)
{
  g_autoptr (GBytes) bytes = make_pattern (MEBIBYTE);
  gsize n;

  while (g_output_stream_write_all (data, g_bytes_get_data (bytes, NULL),
                                    MEBIBYTE, &n, NULL, NULL))
    ;
  return NULL;
}

/* As fast as a good network, not as fast as the processors: what they are late
 * with when all of them are busy is not the endpoint's fault. */
static gpointer
read_for_ever_thread (gpointer data)
{
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);

  while (g_input_stream_read (data, buffer, READ_BYTES, NULL, NULL) > 0)
    g_usleep (READ_EVERY_US);
  return NULL;
}

static gpointer
echo_thread (gpointer data)
{
  GIOStream *stream = data;
  char byte;

  while (g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1,
                              NULL, NULL) == 1)
    g_output_stream_write_all (g_io_stream_get_output_stream (stream), &byte, 1,
                               NULL, NULL, NULL);
  return NULL;
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* The round trip that 99 of 100 pings stay below. */
static gint64
measure_ping (Pair *pair)
{
  gint64 times[N_PINGS];

  for (guint i = 0; i < N_PINGS; i++)
    {
      gint64 start = g_get_monotonic_time ();

      write_text (pair->out_a, "p");
      expect_text (pair->in_a, "p");
      times[i] = g_get_monotonic_time () - start;
      g_usleep (PING_EVERY_US);
    }
  qsort (times, N_PINGS, sizeof times[0], compare_times);
  return times[N_PINGS * 99 / 100];
}

static SrudpConnection *
connect_second (Pair             *pair,
                SrudpConnection **other)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  SrudpConnection *connection;

  srudp_endpoint_set_accept_incoming (endpoint, TRUE);
  connection = make_connection (pair->endpoint_a, endpoint);
  open_now (connection);
  *other = srudp_endpoint_accept (endpoint, cancellable, &error);
  g_assert_no_error (error);
  return connection;
}

/* Until so many more have been sent. */
static void
wait_for_bulk (SrudpConnection *connection,
               guint64          n_bytes)
{
  g_autoptr (GCancellable) late = patience ();
  guint64 n_before = 0, n_sent;

  do
    {
      g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

      g_assert_false (g_cancellable_is_cancelled (late));
      n_sent = srudp_stats_get_bytes_sent (stats);
      n_before = n_before == 0 ? n_sent : n_before;
      g_usleep (1000);
    }
  while (n_sent < n_before + n_bytes);
}

static void
break_off (SrudpConnection *connection)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_io_stream_close (G_IO_STREAM (connection), cancelled, NULL);
}

/* One endpoint sends bulk to one peer as fast as that one reads, and pings
 * another. What else the machine does can only make it slower: the best run
 * counts, and a machine that is late by itself may be as late again. */
static void
test_ping_beside_bulk (void)
{
  gint64 limit_us = g_test_slow () ? 5000 : 50000;
  Pair pair = { 0 };
  g_autoptr (SrudpConnection) from = NULL;
  g_autoptr (SrudpConnection) to = NULL;
  g_autoptr (SrudpStats) stats = NULL;
  GThread *threads[3];
  gint64 alone, beside = G_MAXINT64;

#ifdef WITH_TSAN /* which makes all of it slower */
  limit_us *= 10;
#endif
  pair_set_up (&pair);
  from = connect_second (&pair, &to);
  threads[0] = g_thread_new ("echo", echo_thread, pair.b);
  alone = measure_ping (&pair);
  limit_us = MAX (limit_us, alone);
  threads[1] = g_thread_new (
    "reader", read_for_ever_thread,
    g_io_stream_get_input_stream (G_IO_STREAM (to)));
  threads[2] = g_thread_new (
    "writer", write_for_ever_thread,
    g_io_stream_get_output_stream (G_IO_STREAM (from)));
  for (guint i = 0; i < 5 && beside - alone > limit_us; i++)
    {
      gint64 now;

      wait_for_bulk (from, BULK_BYTES);
      now = measure_ping (&pair);
      beside = MIN (beside, now);
    }
  stats = srudp_connection_dup_stats (from);
  g_test_message ("p99 alone %" G_GINT64_FORMAT " us, beside bulk of %"
                  G_GUINT64_FORMAT " MB %" G_GINT64_FORMAT " us", alone,
                  srudp_stats_get_bytes_sent (stats) / 1000000, beside);

  break_off (from);
  break_off (pair.a);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (srudp_stats_get_bytes_sent (stats), >, BULK_BYTES);
  g_assert_cmpint (beside - alone, <=, limit_us);

  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sharing/broken-off", test_broken_off);
  g_test_add_func ("/sharing/open-waits-for-the-peer",
                   test_open_waits_for_the_peer);
  g_test_add_func ("/sharing/open-hears-of-the-end",
                   test_open_hears_of_the_end);
  g_test_add_func ("/sharing/window-of-its-own", test_window_of_its_own);
  g_test_add_func ("/sharing/own-stream-has-a-priority",
                   test_own_stream_has_a_priority);
  g_test_add_func ("/sharing/ping-beside-bulk", test_ping_beside_bulk);

  return g_test_run ();
}
