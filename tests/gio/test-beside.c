/*
 * SPDX-License-Identifier: MIT
 *
 * test-beside.c: datagrams and further streams beside the main one
 */
#include "support.h"

static void
datagram_cb (SrudpConnection *connection,
             GBytes          *datagram,
             gpointer         user_data)
{
  GBytes **stored = user_data;

  g_assert_null (*stored);
  *stored = g_bytes_ref (datagram);
}

static void
test_datagrams (void)
{
  Pair pair = { 0 };
  g_autoptr (GBytes) first = g_bytes_new_static ("first", 5);
  g_autoptr (GBytes) second = g_bytes_new_static ("second", 6);
  g_autoptr (GBytes) too_big = NULL;
  g_autoptr (GBytes) received = NULL;
  g_autoptr (GBytes) signalled = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  g_assert_cmpuint (srudp_connection_get_max_datagram_size (pair.a), >=,
                    1000);
  g_assert_true (srudp_connection_send_datagram (pair.a, first, &error));
  received = srudp_connection_receive_datagram (pair.b, cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (received, first));

  g_signal_connect (pair.b, "datagram-received", G_CALLBACK (datagram_cb),
                    &signalled);
  g_assert_true (srudp_connection_send_datagram (pair.a, second, &error));
  run_until_set ((gpointer *) &signalled);
  g_assert_true (g_bytes_equal (signalled, second));

  too_big = make_pattern (70000);
  g_assert_false (srudp_connection_send_datagram (pair.a, too_big, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);

  pair_tear_down (&pair);
}

static void
test_further_streams (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  /* More than the peer allows at once, so that finished ones must go. */
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GCancellable) cancellable = patience ();
      g_autoptr (SrudpStream) a =
        srudp_connection_open_stream (pair.a, cancellable, &error);
      g_autoptr (SrudpStream) b = NULL;

      g_assert_no_error (error);
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
      g_output_stream_close (g_io_stream_get_output_stream (G_IO_STREAM (a)),
                             NULL, NULL);
      b = srudp_connection_accept_stream (pair.b, cancellable, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (srudp_stream_get_id (a), ==, srudp_stream_get_id (b));
      expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
      expect_eof (g_io_stream_get_input_stream (G_IO_STREAM (b)));
      g_io_stream_close (G_IO_STREAM (b), NULL, &error);
      g_assert_no_error (error);
      expect_eof (g_io_stream_get_input_stream (G_IO_STREAM (a)));
    }
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/streams/datagrams", test_datagrams);
  g_test_add_func ("/streams/further-streams", test_further_streams);

  return g_test_run ();
}
