/*
 * SPDX-License-Identifier: MIT
 *
 * test-delivery.c: when the peer has it, and who gets what comes beside the
 * streams
 */
#include "support.h"

#include <string.h>

/* Everything written counts: the main stream, further ones, and those that
 * were closed and dropped here while their bytes are still on their way. */

static void
write_to_stream (SrudpStream *stream,
                 const char  *text)
{
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (stream)), text);
}

static guint64
count_unacknowledged (SrudpConnection *connection)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

  return srudp_stats_get_unacknowledged_bytes (stats);
}

static void
test_all_streams_count (void)
{
  Pair pair = { 0 };
  g_autoptr (SrudpStream) open = NULL;
  g_autoptr (SrudpStream) gone = NULL;
  g_autoptr (GAsyncResult) delivered = NULL;
  g_autoptr (GError) error = NULL;

  pair_set_up_fragile (&pair, 60000);
  open = open_stream (pair.a);
  gone = open_stream (pair.a);
  write_to_stream (open, "one");
  wait_delivered (pair.a);

  fragile_transport_set_cut (pair.transport, TRUE);
  write_to_stream (open, "two");
  write_to_stream (gone, "three");
  g_io_stream_close (G_IO_STREAM (gone), NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&gone);
  srudp_connection_wait_delivered_async (pair.a, NULL, store_result_cb,
                                         &delivered);
  run_for (300);
  g_assert_null (delivered);

  fragile_transport_set_cut (pair.transport, FALSE);
  run_until_set ((gpointer *) &delivered);
  g_assert_true (srudp_connection_wait_delivered_finish (pair.a, delivered,
                                                         &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_unacknowledged (pair.a), ==, 0);
  /* What is delivered is delivered, also when asked again. */
  wait_delivered (pair.a);

  pair_tear_down (&pair);
}

static void
test_finished_streams_count (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (SrudpStream) a = open_stream (pair.a);
      g_autoptr (SrudpStream) b = NULL;

      write_to_stream (a, "hello");
      g_io_stream_close (G_IO_STREAM (a), NULL, &error);
      g_assert_no_error (error);
      b = accept_stream (pair.b);
      g_io_stream_close (G_IO_STREAM (b), NULL, &error);
      g_assert_no_error (error);
      if (i % 5 == 0)
        wait_delivered (pair.a);
    }
  wait_delivered (pair.a);
  g_assert_cmpuint (count_unacknowledged (pair.a), ==, 0);

  pair_tear_down (&pair);
}

/* Of what was sent; more may be waiting for room. */
static gboolean
is_all_acknowledged (SrudpConnection *connection)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

  return srudp_stats_get_bytes_in_flight (stats) == 0;
}

static void
test_stopped_streams_fail (void)
{
  Pair pair = { 0 };
  g_autoptr (SrudpStream) a = NULL;
  g_autoptr (SrudpStream) b = NULL;
  g_autoptr (GAsyncResult) delivered = NULL;
  g_autoptr (GBytes) much = make_pattern (8 * MEBIBYTE);
  g_autoptr (GCancellable) late = patience ();
  g_autoptr (GError) error = NULL;
  GPollableOutputStream *out;
  guint n_times_full = 0;

  pair_set_up (&pair);
  /* Less than waits here for room, so that something always does. */
  srudp_connection_set_max_receive_window (pair.b, 64 * 1024);
  a = open_stream (pair.a);
  out = G_POLLABLE_OUTPUT_STREAM (
    g_io_stream_get_output_stream (G_IO_STREAM (a)));
  /* Until neither the windows nor the buffers take more: for half a second,
   * since the worker may be slow. */
  while (n_times_full < 25)
    {
      g_assert_false (g_cancellable_is_cancelled (late));
      if (g_pollable_output_stream_write_nonblocking (
            out, g_bytes_get_data (much, NULL), 65536, NULL, NULL) > 0)
        n_times_full = 0;
      else
        {
          n_times_full = is_all_acknowledged (pair.a) ? n_times_full + 1 : 0;
          g_usleep (20 * 1000);
        }
    }
  srudp_connection_wait_delivered_async (pair.a, NULL, store_result_cb,
                                         &delivered);
  b = accept_stream (pair.b);
  run_for (50);
  g_assert_null (delivered);

  g_input_stream_close (g_io_stream_get_input_stream (G_IO_STREAM (b)), NULL,
                        NULL);
  run_until_set ((gpointer *) &delivered);
  g_assert_false (srudp_connection_wait_delivered_finish (pair.a, delivered,
                                                          &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  /* It was told; the others go on. */
  write_text (pair.out_a, "hello");
  wait_delivered (pair.a);
  pair_tear_down (&pair);
}

static void
test_after_the_end (void)
{
  Pair pair = { 0 };
  g_autoptr (SrudpStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  stream = open_stream (pair.a);
  write_to_stream (stream, "hello");
  g_io_stream_close (G_IO_STREAM (pair.a), NULL, &error);
  g_assert_no_error (error);
  wait_delivered (pair.a);
  pair_tear_down (&pair);
  g_clear_object (&stream);

  pair_set_up_fragile (&pair, 2500);
  stream = open_stream (pair.a);
  fragile_transport_set_cut (pair.transport, TRUE);
  write_to_stream (stream, "lost");
  while (srudp_connection_get_state (pair.a)
         != SRUDP_CONNECTION_STATE_CLOSED)
    g_usleep (10 * 1000);
  g_assert_false (srudp_connection_wait_delivered (pair.a, cancellable,
                                                   &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  pair_tear_down (&pair);
}

#define PRIORITY_BYTES (200 * 1024)
/* Enough for one of the streams, and for half of the other. */
#define PRIORITY_BUDGET (PRIORITY_BYTES + PRIORITY_BYTES / 2)

/* Two streams with the same amount: of the bytes that are sent from then on,
 * the urgent one has its share before the other, though that was written first.
 * When they arrive, or are read, proves nothing. */
static void
test_priority (void)
{
  Pair pair = { 0 };
  g_autoptr (SrudpStream) late = NULL;
  g_autoptr (SrudpStream) urgent = NULL;
  g_autoptr (SrudpStream) late_b = NULL;
  g_autoptr (SrudpStream) urgent_b = NULL;
  g_autoptr (GBytes) bytes = make_pattern (PRIORITY_BYTES);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  guint priority;

  pair_set_up_fragile (&pair, 60000);
  late = open_stream (pair.a);
  urgent = open_stream (pair.a);
  g_assert_cmpuint (srudp_stream_get_priority (late), ==, 3);
  g_object_set (late, "priority", 7, NULL);
  srudp_stream_set_priority (urgent, 0);
  g_object_get (urgent, "priority", &priority, NULL);
  g_assert_cmpuint (priority, ==, 0);

  /* The first bytes introduce the streams, in order. */
  write_to_stream (late, "l");
  write_to_stream (urgent, "u");
  late_b = accept_stream (pair.b);
  urgent_b = accept_stream (pair.b);
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (late_b)), "l");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (urgent_b)), "u");

  /* With the network cut, the window fills with what is sent first. */
  fragile_transport_set_cut (pair.transport, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_output_stream_write_all (
        g_io_stream_get_output_stream (G_IO_STREAM (i == 0 ? late : urgent)),
        g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
        cancellable, &error);
      g_assert_no_error (error);
    }
  fragile_transport_set_budget (pair.transport, PRIORITY_BUDGET);
  fragile_transport_set_cut (pair.transport, FALSE);
  expect_bytes (g_io_stream_get_input_stream (G_IO_STREAM (urgent_b)), bytes);
  fragile_transport_set_budget (pair.transport, -1);
  expect_bytes (g_io_stream_get_input_stream (G_IO_STREAM (late_b)), bytes);
  wait_delivered (pair.a);

  pair_tear_down (&pair);
}

/* Datagrams */

static void
send_datagram (SrudpConnection *connection,
               const char      *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  g_assert_true (srudp_connection_send_datagram (connection, bytes, &error));
  g_assert_no_error (error);
}

static void
append_datagram_cb (SrudpConnection *connection,
                    GBytes          *datagram,
                    gpointer         user_data)
{
  GString *text = user_data;
  gsize size;
  const char *data = g_bytes_get_data (datagram, &size);

  g_string_append_len (text, data, (gssize) size);
}

static void
run_until_length (GString *text,
                  gsize    length)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (text->len < length && g_get_monotonic_time () < until)
    run_for (5);
  g_assert_cmpuint (text->len, ==, length);
}

/* Nothing else has to arrive for what waits to be handed over. */
static void
test_early_datagrams_wait_for_a_handler (void)
{
  Pair pair = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GBytes) received = NULL;
  gulong id;

  pair_set_up (&pair);
  for (guint i = 0; i < 3; i++)
    send_datagram (pair.a, "x");
  /* All of them are there by now, and the owner's context has run. */
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  run_for (100);
  received = srudp_connection_receive_datagram (pair.b, cancellable, NULL);
  g_assert_nonnull (received);

  id = g_signal_connect (pair.b, "datagram-received",
                         G_CALLBACK (append_datagram_cb), text);
  run_until_length (text, 2);
  send_datagram (pair.a, "y");
  run_until_length (text, 3);
  g_assert_cmpstr (text->str, ==, "xxy");

  /* The same for one that is blocked, and for a second handler. */
  g_signal_handler_block (pair.b, id);
  send_datagram (pair.a, "z");
  run_for (100);
  g_assert_cmpuint (text->len, ==, 3);
  g_signal_handler_unblock (pair.b, id);
  run_until_length (text, 4);
  g_signal_handler_disconnect (pair.b, id);
  send_datagram (pair.a, "!");
  run_for (100);
  g_signal_connect (pair.b, "datagram-received",
                    G_CALLBACK (append_datagram_cb), text);
  run_until_length (text, 5);

  pair_tear_down (&pair);
}

static guint64
count_waiting_datagrams (SrudpConnection *connection)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

  return srudp_stats_get_datagrams_received (stats)
         - srudp_stats_get_datagrams_dropped (stats);
}

/* Of those that nobody takes the newest are kept, and no more. */
#define MAX_WAITING 256
static void
test_flood_of_datagrams (void)
{
  Pair pair = { 0 };
  gint64 until = g_get_monotonic_time () + PATIENCE_MS * 1000;

  pair_set_up (&pair);
  for (guint i = 0; i < 30; i++)
    {
      for (guint n = 0; n < 100; n++)
        send_datagram (pair.a, "x");
      write_text (pair.out_a, "hello");
      expect_text (pair.in_b, "hello");
    }
  while (count_waiting_datagrams (pair.b) != MAX_WAITING
         && g_get_monotonic_time () < until)
    run_for (5);
  g_assert_cmpuint (count_waiting_datagrams (pair.b), ==, MAX_WAITING);

  pair_tear_down (&pair);
}

/* A connection that goes while datagrams wait leaves nothing behind. */
static void
test_nobody_wants_datagrams (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  send_datagram (pair.a, "x");
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  run_for (50);
  g_assert_finalize_object (g_steal_pointer (&pair.b));
  run_for (50);
  pair_tear_down (&pair);
}

static gpointer
read_thread (gpointer data)
{
  g_autoptr (GBytes) bytes = make_pattern (4 * MEBIBYTE);

  expect_bytes (data, bytes);
  return NULL;
}

static void
size_changed_cb (GObject    *object,
                 GParamSpec *pspec,
                 gpointer    user_data)
{
  guint *size = user_data;

  *size = srudp_connection_get_max_datagram_size (SRUDP_CONNECTION (object));
}

/* The path turns out to take more: told when it is known, with no further
 * call. */
static void
test_largest_size_is_notified (void)
{
  Pair pair = { 0 };
  g_autoptr (GBytes) bytes = make_pattern (4 * MEBIBYTE);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  guint first, noticed = 0;
  GThread *thread;

  pair_set_up (&pair);
  first = srudp_connection_get_max_datagram_size (pair.a);
  g_signal_connect (pair.a, "notify::max-datagram-size",
                    G_CALLBACK (size_changed_cb), &noticed);
  thread = g_thread_new ("reader", read_thread, pair.in_b);
  g_output_stream_write_all (pair.out_a, g_bytes_get_data (bytes, NULL),
                             g_bytes_get_size (bytes), NULL, cancellable,
                             &error);
  g_assert_no_error (error);
  g_thread_join (thread);
  wait_delivered (pair.a);
  /* Larger packets are tried for a while, with this path in use or not. */
  while (!g_cancellable_is_cancelled (cancellable)
         && (noticed <= first
             || noticed != srudp_connection_get_max_datagram_size (pair.a)))
    run_for (10);
  g_assert_cmpuint (noticed, >, first);
  g_assert_cmpuint (noticed, ==,
                    srudp_connection_get_max_datagram_size (pair.a));

  pair_tear_down (&pair);
}

/* A reader who never comes costs no more memory than the endpoint allows. */
static void
test_receive_window_is_bounded (void)
{
  const guint64 limit = 64 * 1024;
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) from = NULL;
  g_autoptr (SrudpConnection) to = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_max_receive_window (endpoint_b, limit);
  g_assert_cmpuint (srudp_endpoint_get_max_receive_window (endpoint_b), ==,
                    limit);
  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  from = make_connection (endpoint_a, endpoint_b);
  open_now (from);
  to = srudp_endpoint_accept (endpoint_b, cancellable, &error);
  g_assert_no_error (error);

  expect_window (from, to, limit);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/delivered/all-streams-count", test_all_streams_count);
  g_test_add_func ("/delivered/finished-streams-count",
                   test_finished_streams_count);
  g_test_add_func ("/delivered/a-peer-that-stops-reading-fails-it",
                   test_stopped_streams_fail);
  g_test_add_func ("/delivered/after-the-end", test_after_the_end);
  g_test_add_func ("/streams/priority", test_priority);
  g_test_add_func ("/datagrams/early-ones-wait-for-a-handler",
                   test_early_datagrams_wait_for_a_handler);
  g_test_add_func ("/datagrams/nobody-wants-them", test_nobody_wants_datagrams);
  g_test_add_func ("/datagrams/a-flood-is-bounded", test_flood_of_datagrams);
  g_test_add_func ("/datagrams/the-largest-size-is-notified",
                   test_largest_size_is_notified);

  g_test_add_func ("/delivery/receive-window-is-bounded",
                   test_receive_window_is_bounded);

  return g_test_run ();
}
