/*
 * SPDX-License-Identifier: MIT
 *
 * test-contract-async.c: what GAsyncResult promises
 */
#include "contract.h"

static void
test_later_iteration (Pair *pair)
{
  GAsyncResult *read = NULL, *written = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[4];

  write_text (pair->out_b, "data");
  wait_readable (pair->in_a);
  g_input_stream_read_async (pair->in_a, buffer, 4, G_PRIORITY_DEFAULT, NULL,
                             store_result_cb, &read);
  g_output_stream_write_async (pair->out_a, "data", 4, G_PRIORITY_DEFAULT,
                               NULL, store_result_cb, &written);
  g_assert_null (read);
  g_assert_null (written);
  {
    g_autoptr (GAsyncResult) result = take_result (&read);
    g_autoptr (GObject) source = g_async_result_get_source_object (result);

    g_assert_true (source == G_OBJECT (pair->in_a));
    g_assert_true (g_async_result_get_user_data (result) == &read);
    g_assert_cmpint (g_input_stream_read_finish (pair->in_a, result, &error),
                     ==, 4);
  }
  {
    g_autoptr (GAsyncResult) result = take_result (&written);

    g_assert_cmpint (g_output_stream_write_finish (pair->out_a, result,
                                                   &error),
                     ==, 4);
  }
  g_assert_no_error (error);
}

static void
test_async_pending (Pair *pair)
{
  GAsyncResult *first = NULL, *second = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GError) error = NULL;
  char one, two;

  g_input_stream_read_async (pair->in_a, &one, 1, G_PRIORITY_DEFAULT, NULL,
                             store_result_cb, &first);
  g_assert_true (g_input_stream_has_pending (pair->in_a));
  g_assert_cmpint (g_input_stream_read (pair->in_a, &two, 1, NULL, &error), ==,
                   -1);
  expect_error (&error, G_IO_ERROR_PENDING);
  g_input_stream_read_async (pair->in_a, &two, 1, G_PRIORITY_DEFAULT, NULL,
                             store_result_cb, &second);
  late = take_result (&second);
  g_assert_cmpint (g_input_stream_read_finish (pair->in_a, late, &error), ==,
                   -1);
  expect_error (&error, G_IO_ERROR_PENDING);
  g_assert_null (first);
  write_text (pair->out_b, "1");
  result = take_result (&first);
  g_assert_cmpint (g_input_stream_read_finish (pair->in_a, result, &error), ==,
                   1);
  g_assert_no_error (error);
  g_assert_cmpint (one, ==, '1');
  g_assert_false (g_input_stream_has_pending (pair->in_a));
}

static void
test_async_cancelled (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *read = NULL, *written = NULL;
  g_autoptr (GAsyncResult) read_result = NULL;
  g_autoptr (GAsyncResult) write_result = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  fill (pair);
  g_input_stream_read_async (pair->in_a, &byte, 1, G_PRIORITY_DEFAULT,
                             cancellable, store_result_cb, &read);
  g_output_stream_write_async (pair->out_a, "x", 1, G_PRIORITY_DEFAULT,
                               cancellable, store_result_cb, &written);
  run_for (20);
  g_assert_null (read);
  g_assert_null (written);
  g_cancellable_cancel (cancellable);
  g_assert_null (read);
  read_result = take_result (&read);
  g_assert_cmpint (g_input_stream_read_finish (pair->in_a, read_result,
                                               &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
  write_result = take_result (&written);
  g_assert_cmpint (g_output_stream_write_finish (pair->out_a, write_result,
                                                 &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);

  /* Nothing was taken from whoever reads next. */
  write_text (pair->out_b, "whole");
  expect_text (pair->in_a, "whole");
}

/* It waits for room instead of failing with G_IO_ERROR_WOULD_BLOCK. */
static void
test_async_write_waits (Pair *pair)
{
  GAsyncResult *written = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  gsize n_filled = fill (pair), n_read = 0;
  g_autofree char *buffer = g_malloc (n_filled);

  g_output_stream_write_async (pair->out_a, "x", 1, G_PRIORITY_DEFAULT, NULL,
                               store_result_cb, &written);
  run_for (20);
  g_assert_null (written);
  g_input_stream_read_all (pair->in_b, buffer, n_filled, &n_read, cancellable,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, n_filled);
  result = take_result (&written);
  g_assert_cmpint (g_output_stream_write_finish (pair->out_a, result, &error),
                   ==, 1);
  g_assert_no_error (error);
  expect_text (pair->in_b, "x");
}

/* The callback comes where the call was made, whoever wakes it. */
typedef struct
{
  GInputStream *stream;
  GThread *called_in;
  gpointer done;
} Where;

static void
where_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Where *where = user_data;

  g_assert_true (g_thread_self () == where->called_in);
  g_assert_null (where->done);
  where->done = where;
}

static gpointer
where_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Where *where = data;
  char byte;

  where->called_in = g_thread_self ();
  g_main_context_push_thread_default (context);
  g_input_stream_read_async (where->stream, &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             where_cb, where);
  while (where->done == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_callers_context (Pair *pair)
{
  Where where = { .stream = pair->in_a };
  GThread *thread = g_thread_new ("where", where_thread, &where);

  g_usleep (50 * 1000);
  write_text (pair->out_b, "x");
  g_thread_join (thread);
}

static void
test_no_callback (Pair *pair)
{
  static char byte;

  g_input_stream_read_async (pair->in_a, &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             NULL, NULL);
  write_text (pair->out_b, "xy");
  while (g_input_stream_has_pending (pair->in_a))
    g_main_context_iteration (NULL, TRUE);
  expect_text (pair->in_a, "y");
  g_io_stream_close_async (G_IO_STREAM (pair->a), G_PRIORITY_DEFAULT, NULL,
                           NULL, NULL);
  while (!g_io_stream_is_closed (G_IO_STREAM (pair->a)))
    g_main_context_iteration (NULL, TRUE);
}

/* The data goes even if nobody calls finish, or late. */
static void
test_late_finish (Pair *pair)
{
  GAsyncResult *flushed = NULL, *closed = NULL;
  g_autoptr (GAsyncResult) flush_result = NULL;
  g_autoptr (GAsyncResult) close_result = NULL;
  g_autoptr (GError) error = NULL;

  write_text (pair->out_a, "all of it");
  g_output_stream_flush_async (pair->out_a, G_PRIORITY_DEFAULT, NULL,
                               store_result_cb, &flushed);
  flush_result = take_result (&flushed);
  g_io_stream_close_async (G_IO_STREAM (pair->a), G_PRIORITY_DEFAULT, NULL,
                           store_result_cb, &closed);
  close_result = take_result (&closed);
  g_assert_true (g_output_stream_flush_finish (pair->out_a, flush_result,
                                               &error));
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (pair->a),
                                           close_result, &error));
  g_assert_no_error (error);
  expect_text (pair->in_b, "all of it");
  expect_eof (pair->in_b);
}

static void
test_close_async_pending (Pair *pair)
{
  GIOStream *stream = G_IO_STREAM (pair->a);
  GAsyncResult *first = NULL, *second = NULL;
  g_autoptr (GAsyncResult) first_result = NULL;
  g_autoptr (GAsyncResult) second_result = NULL;
  g_autoptr (GError) error = NULL;

  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, store_result_cb,
                           &first);
  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, store_result_cb,
                           &second);
  second_result = take_result (&second);
  g_assert_false (g_io_stream_close_finish (stream, second_result, &error));
  expect_error (&error, G_IO_ERROR_PENDING);
  first_result = take_result (&first);
  g_assert_true (g_io_stream_close_finish (stream, first_result, &error));
  g_assert_no_error (error);
}

/* In any order, and both directions at the same time in one thread */

typedef struct
{
  GString *order;
  char letter;
} Turn;

static void
turn_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Turn *turn = user_data;

  g_string_append_c (turn->order, turn->letter);
}

/* Whatever could be done at once is done in the order of priorities. */
static void
test_priority (Pair *pair)
{
  g_autoptr (GCancellable) late = patience ();
  char bytes[2];

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GString) order = g_string_new (NULL);
      Turn high = { order, 'h' }, low = { order, 'l' };

      write_text (pair->out_a, "x");
      write_text (pair->out_b, "x");
      wait_readable (pair->in_a);
      wait_readable (pair->in_b);
      g_input_stream_read_async (pair->in_a, &bytes[0], 1, G_PRIORITY_LOW,
                                 NULL, turn_cb, &low);
      g_input_stream_read_async (pair->in_b, &bytes[1], 1, G_PRIORITY_HIGH,
                                 NULL, turn_cb, &high);
      while (order->len < 2 && !g_cancellable_is_cancelled (late))
        g_main_context_iteration (NULL, FALSE);
      g_assert_cmpstr (order->str, ==, "hl");
    }
}

static void
test_both_directions (Pair *pair)
{
  GAsyncResult *read = NULL, *written = NULL;
  g_autoptr (GAsyncResult) read_result = NULL;
  g_autoptr (GAsyncResult) write_result = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[5];

  g_input_stream_read_async (pair->in_a, buffer, 5, 0, NULL, store_result_cb,
                             &read);
  g_output_stream_write_async (pair->out_a, "to b", 4, 0, NULL,
                               store_result_cb, &written);
  write_result = take_result (&written);
  g_assert_cmpint (g_output_stream_write_finish (pair->out_a, write_result,
                                                 &error),
                   ==, 4);
  g_assert_null (read);
  expect_text (pair->in_b, "to b");
  write_text (pair->out_b, "to a");
  read_result = take_result (&read);
  g_assert_cmpint (g_input_stream_read_finish (pair->in_a, read_result,
                                               &error),
                   ==, 4);
  g_assert_no_error (error);
}

/* Who made it */

static void
test_tagged (Pair *pair)
{
  GAsyncResult *datagram = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) sent = g_bytes_new_static ("x", 1);
  g_autoptr (GBytes) received = NULL;
  g_autoptr (GObject) source = NULL;
  g_autoptr (GError) error = NULL;

  srudp_connection_receive_datagram_async (pair->a, NULL, store_result_cb,
                                           &datagram);
  srudp_connection_send_datagram (pair->b, sent, &error);
  g_assert_no_error (error);
  result = take_result (&datagram);
  g_assert_true (g_async_result_is_tagged (
    result, srudp_connection_receive_datagram_async));
  g_assert_false (g_async_result_is_tagged (
    result, srudp_connection_accept_stream_async));
  source = g_async_result_get_source_object (result);
  g_assert_true (source == G_OBJECT (pair->a));
  g_assert_true (g_async_result_get_user_data (result) == &datagram);
  received = srudp_connection_receive_datagram_finish (pair->a, result,
                                                       &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (sent, received));
}

/* Every call that waits ends once, as cancelled, and not before it returns. */
static void
test_cancelled_before (Pair *pair)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  GAsyncResult *stored[5] = { NULL };
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancelled);
  srudp_connection_receive_datagram_async (pair->a, cancelled, store_result_cb,
                                           &stored[0]);
  srudp_connection_accept_stream_async (pair->a, cancelled, store_result_cb,
                                        &stored[1]);
  srudp_connection_open_stream_async (pair->a, cancelled, store_result_cb,
                                      &stored[2]);
  srudp_connection_wait_delivered_async (pair->a, cancelled, store_result_cb,
                                         &stored[3]);
  srudp_endpoint_accept_async (pair->endpoint_b, cancelled, store_result_cb,
                               &stored[4]);
  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    g_assert_null (stored[i]);
  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    run_until_set ((gpointer *) &stored[i]);
  g_assert_null (srudp_connection_receive_datagram_finish (pair->a, stored[0],
                                                           &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_null (srudp_connection_accept_stream_finish (pair->a, stored[1],
                                                        &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_null (srudp_connection_open_stream_finish (pair->a, stored[2],
                                                      &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_false (srudp_connection_wait_delivered_finish (pair->a, stored[3],
                                                          &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_null (srudp_endpoint_accept_finish (pair->endpoint_b, stored[4],
                                               &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  run_for (20);
  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    g_object_unref (stored[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  contract_add ("/async/callback-in-a-later-iteration", test_later_iteration);
  contract_add ("/async/one-operation-at-a-time", test_async_pending);
  contract_add ("/async/cancelled-is-an-error-and-no-loss",
                test_async_cancelled);
  contract_add ("/async/write-waits-for-room", test_async_write_waits);
  contract_add ("/async/callback-in-the-callers-context",
                test_callers_context);
  contract_add ("/async/without-a-callback", test_no_callback);
  contract_add ("/async/finish-may-come-late", test_late_finish);
  contract_add ("/async/close-is-one-operation", test_close_async_pending);
  contract_add ("/async/tagged-with-who-made-it", test_tagged);
  contract_add ("/async/cancelled-before-ends-each-call-once",
                test_cancelled_before);
  contract_add ("/async/lower-numbers-come-first", test_priority);
  contract_add ("/async/reads-and-writes-at-the-same-time",
                test_both_directions);

  return g_test_run ();
}
