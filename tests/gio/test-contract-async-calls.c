/*
 * SPDX-License-Identifier: MIT
 *
 * test-contract-async-calls.c: the asynchronous calls of GInputStream,
 * GOutputStream and GIOStream
 */
#include "contract.h"

/* Reading */

static void
test_read_counts (Pair *pair)
{
  static const struct
  {
    gsize count;
    gssize n;
    int code;
  } cases[] = {
    { 0, 0, -1 },
    { (gsize) G_MAXSSIZE + 1, -1, G_IO_ERROR_INVALID_ARGUMENT },
    { 100, 4, -1 },
  };
  char buffer[100];

  write_text (pair->out_b, "some");
  wait_readable (pair->in_a);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GAsyncResult *read = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      g_input_stream_read_async (pair->in_a, buffer, cases[i].count, 0, NULL,
                                 store_result_cb, &read);
      result = take_result (&read);
      g_assert_cmpint (g_input_stream_read_finish (pair->in_a, result, &error),
                       ==, cases[i].n);
      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        expect_error (&error, cases[i].code);
    }
}

static void
test_read_end (Pair *pair)
{
  g_output_stream_close (pair->out_b, NULL, NULL);
  for (guint i = 0; i < 2; i++)
    {
      GAsyncResult *read = NULL, *read_bytes = NULL, *skipped = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GAsyncResult) bytes_result = NULL;
      g_autoptr (GAsyncResult) skip_result = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      char byte;

      g_input_stream_read_async (pair->in_a, &byte, 1, 0, NULL,
                                 store_result_cb, &read);
      result = take_result (&read);
      g_assert_cmpint (g_input_stream_read_finish (pair->in_a, result, &error),
                       ==, 0);
      g_input_stream_read_bytes_async (pair->in_a, 10, 0, NULL,
                                       store_result_cb, &read_bytes);
      bytes_result = take_result (&read_bytes);
      bytes = g_input_stream_read_bytes_finish (pair->in_a, bytes_result,
                                                &error);
      g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
      g_input_stream_skip_async (pair->in_a, 10, 0, NULL, store_result_cb,
                                 &skipped);
      skip_result = take_result (&skipped);
      g_assert_cmpint (g_input_stream_skip_finish (pair->in_a, skip_result,
                                                   &error),
                       ==, 0);
      g_assert_no_error (error);
    }
}

static void
test_skip (Pair *pair)
{
  GAsyncResult *skipped = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_input_stream_skip_async (pair->in_a, 4, 0, NULL, store_result_cb,
                             &skipped);
  run_for (20);
  g_assert_null (skipped);
  write_text (pair->out_b, "skip");
  result = take_result (&skipped);
  g_assert_cmpint (g_input_stream_skip_finish (pair->in_a, result, &error), ==,
                   4);
  g_assert_no_error (error);
  write_text (pair->out_b, "read");
  expect_text (pair->in_a, "read");
}

static void
test_read_all (Pair *pair)
{
  GAsyncResult *read = NULL;
  g_autoptr (GAsyncResult) whole = NULL;
  g_autoptr (GAsyncResult) broken = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char buffer[8];
  gsize n_read = 0;

  g_input_stream_read_all_async (pair->in_a, buffer, 8, 0, NULL,
                                 store_result_cb, &read);
  write_text (pair->out_b, "two");
  run_for (20);
  g_assert_null (read);
  write_text (pair->out_b, "parts");
  whole = take_result (&read);
  g_assert_true (g_input_stream_read_all_finish (pair->in_a, whole, &n_read,
                                                 &error));
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n_read, "twoparts", 8);

  /* What came before an error counts. */
  write_text (pair->out_b, "some");
  wait_delivered (pair->b);
  g_cancellable_cancel (cancelled);
  g_io_stream_close (G_IO_STREAM (pair->b), cancelled, NULL);
  g_input_stream_read_all_async (pair->in_a, buffer, 8, 0, NULL,
                                 store_result_cb, &read);
  broken = take_result (&read);
  g_assert_false (g_input_stream_read_all_finish (pair->in_a, broken, &n_read,
                                                  &error));
  expect_error (&error, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpmem (buffer, n_read, "some", 4);
}

/* Writing */

static void
test_write_nothing (Pair *pair)
{
  GAsyncResult *written = NULL;
  g_autoptr (GAsyncResult) none = NULL;
  g_autoptr (GAsyncResult) too_much = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_async (pair->out_a, "", 0, 0, NULL, store_result_cb,
                               &written);
  none = take_result (&written);
  g_assert_cmpint (g_output_stream_write_finish (pair->out_a, none, &error),
                   ==, 0);
  g_assert_no_error (error);
  g_output_stream_write_async (pair->out_a, "", (gsize) G_MAXSSIZE + 1, 0,
                               NULL, store_result_cb, &written);
  too_much = take_result (&written);
  g_assert_cmpint (g_output_stream_write_finish (pair->out_a, too_much,
                                                 &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_write_all (Pair *pair)
{
  gsize size = 4 * MEBIBYTE, n_written = 0;
  g_autofree char *block = g_malloc0 (size);
  GAsyncResult *written = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GThread *reader = g_thread_new ("drain", drain_thread, pair->in_b);

  g_output_stream_write_all_async (pair->out_a, block, size, 0, NULL,
                                   store_result_cb, &written);
  result = take_result (&written);
  g_assert_true (g_output_stream_write_all_finish (pair->out_a, result,
                                                   &n_written, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_written, ==, size);
  g_output_stream_close (pair->out_a, NULL, NULL);
  g_thread_join (reader);
}

static void
test_write_vectors (Pair *pair)
{
  GOutputVector vectors[] = { { "one", 3 }, { "", 0 }, { "two", 3 } };
  GAsyncResult *written = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_written = 0;

  g_output_stream_writev_all_async (pair->out_a, vectors,
                                    G_N_ELEMENTS (vectors), 0, NULL,
                                    store_result_cb, &written);
  result = take_result (&written);
  g_assert_true (g_output_stream_writev_all_finish (pair->out_a, result,
                                                    &n_written, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_written, ==, 6);
  expect_text (pair->in_b, "onetwo");
}

static void
test_splice (Pair *pair)
{
  g_autoptr (GInputStream) from =
    g_memory_input_stream_new_from_data ("from a to b", 11, NULL);
  g_autoptr (GOutputStream) to = g_memory_output_stream_new_resizable ();
  GAsyncResult *sent = NULL, *received = NULL;
  g_autoptr (GAsyncResult) sent_result = NULL;
  g_autoptr (GAsyncResult) received_result = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_splice_async (to, pair->in_b,
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, 0, NULL,
                                store_result_cb, &received);
  g_output_stream_splice_async (pair->out_a, from,
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE
                                  | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                0, NULL, store_result_cb, &sent);
  g_assert_true (g_output_stream_has_pending (pair->out_a));
  sent_result = take_result (&sent);
  g_assert_cmpint (g_output_stream_splice_finish (pair->out_a, sent_result,
                                                  &error),
                   ==, 11);
  received_result = take_result (&received);
  g_assert_cmpint (g_output_stream_splice_finish (to, received_result, &error),
                   ==, 11);
  g_assert_no_error (error);
  g_assert_true (g_input_stream_is_closed (from));
  g_assert_true (g_output_stream_is_closed (pair->out_a));
  g_assert_true (g_input_stream_is_closed (pair->in_b));
}

/* Two connections become one: what goes into either end comes out of the
 * other, and so does the end. */
static void
test_splice_streams (Pair *pair)
{
  Pair other = { 0 };
  GAsyncResult *spliced = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  pair_set_up (&other);
  g_io_stream_splice_async (G_IO_STREAM (pair->b), G_IO_STREAM (other.a),
                            G_IO_STREAM_SPLICE_CLOSE_STREAM1
                              | G_IO_STREAM_SPLICE_CLOSE_STREAM2
                              | G_IO_STREAM_SPLICE_WAIT_FOR_BOTH,
                            0, NULL, store_result_cb, &spliced);
  write_text (pair->out_a, "there");
  write_text (other.out_b, "and back");
  g_output_stream_close (pair->out_a, NULL, NULL);
  g_output_stream_close (other.out_b, NULL, NULL);
  result = take_result (&spliced);
  g_assert_true (g_io_stream_splice_finish (result, &error));
  g_assert_no_error (error);
  expect_text (other.in_b, "there");
  expect_eof (other.in_b);
  expect_text (pair->in_a, "and back");
  expect_eof (pair->in_a);
  pair_tear_down (&other);
}

/* Closing */

static void
expect_all_closed (Pair *pair)
{
  g_autoptr (GInputStream) from =
    g_memory_input_stream_new_from_data ("x", 1, NULL);
  GAsyncResult *stored[5] = { NULL };
  GAsyncResult *results[5];
  g_autoptr (GError) error = NULL;
  char byte;

  g_input_stream_read_async (pair->in_a, &byte, 1, 0, NULL, store_result_cb,
                             &stored[0]);
  results[0] = take_result (&stored[0]);
  g_assert_cmpint (g_input_stream_read_finish (pair->in_a, results[0], &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_input_stream_skip_async (pair->in_a, 1, 0, NULL, store_result_cb,
                             &stored[1]);
  results[1] = take_result (&stored[1]);
  g_assert_cmpint (g_input_stream_skip_finish (pair->in_a, results[1], &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_output_stream_write_async (pair->out_a, "x", 1, 0, NULL, store_result_cb,
                               &stored[2]);
  results[2] = take_result (&stored[2]);
  g_assert_cmpint (g_output_stream_write_finish (pair->out_a, results[2],
                                                 &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_output_stream_flush_async (pair->out_a, 0, NULL, store_result_cb,
                               &stored[3]);
  results[3] = take_result (&stored[3]);
  g_assert_false (g_output_stream_flush_finish (pair->out_a, results[3],
                                                &error));
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_output_stream_splice_async (pair->out_a, from, 0, 0, NULL, store_result_cb,
                                &stored[4]);
  results[4] = take_result (&stored[4]);
  g_assert_cmpint (g_output_stream_splice_finish (pair->out_a, results[4],
                                                  &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_object_unref (results[i]);
}

static void
close_io_now (Pair         *pair,
              GCancellable *cancellable,
              int           code)
{
  GAsyncResult *closed = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean was_closed = g_io_stream_is_closed (G_IO_STREAM (pair->a)), ok;

  g_io_stream_close_async (G_IO_STREAM (pair->a), 0, cancellable,
                           store_result_cb, &closed);
  g_assert_true (g_io_stream_has_pending (G_IO_STREAM (pair->a))
                 == !was_closed);
  result = take_result (&closed);
  ok = g_io_stream_close_finish (G_IO_STREAM (pair->a), result, &error);
  g_assert_true (ok == (code < 0));
  if (code < 0)
    g_assert_no_error (error);
  else
    expect_error (&error, code);
  g_assert_false (g_io_stream_has_pending (G_IO_STREAM (pair->a)));
}

static void
test_close (Pair *pair)
{
  close_io_now (pair, NULL, -1);
  expect_all_closed (pair);
  close_io_now (pair, NULL, -1);
}

static void
test_close_cancelled (Pair *pair)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  close_io_now (pair, cancelled, G_IO_ERROR_CANCELLED);
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (pair->a)));
  expect_all_closed (pair);
}

static void
test_close_streams (Pair *pair)
{
  GAsyncResult *input = NULL, *output = NULL;
  g_autoptr (GAsyncResult) input_result = NULL;
  g_autoptr (GAsyncResult) output_result = NULL;
  g_autoptr (GError) error = NULL;

  g_input_stream_close_async (pair->in_a, 0, NULL, store_result_cb, &input);
  g_output_stream_close_async (pair->out_a, 0, NULL, store_result_cb, &output);
  input_result = take_result (&input);
  output_result = take_result (&output);
  g_input_stream_close_finish (pair->in_a, input_result, &error);
  g_assert_no_error (error);
  g_output_stream_close_finish (pair->out_a, output_result, &error);
  g_assert_no_error (error);
  expect_all_closed (pair);
  /* The common state is open still. */
  g_assert_false (g_io_stream_is_closed (G_IO_STREAM (pair->a)));
  expect_eof (pair->in_b);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  contract_add ("/async/read-takes-any-count", test_read_counts);
  contract_add ("/async/zero-is-the-end-and-stays", test_read_end);
  contract_add ("/async/skip-waits-and-counts", test_skip);
  contract_add ("/async/read-all-counts-before-an-error", test_read_all);
  contract_add ("/async/nothing-to-write-does-nothing", test_write_nothing);
  contract_add ("/async/write-all-goes-on-to-the-end", test_write_all);
  contract_add ("/async/vectors-in-order", test_write_vectors);
  contract_add ("/async/splice-closes-what-it-is-told", test_splice);
  contract_add ("/async/splice-of-two-connections", test_splice_streams);
  contract_add ("/async/close-closes-both-and-again", test_close);
  contract_add ("/async/cancelled-close-is-a-close", test_close_cancelled);
  contract_add ("/async/closing-the-streams-one-by-one", test_close_streams);

  return g_test_run ();
}
