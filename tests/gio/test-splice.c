/*
 * SPDX-License-Identifier: MIT
 *
 * test-splice.c: g_output_stream_splice() into a connection
 */
#include "support.h"

typedef struct
{
  GInputStream *stream;
  GBytes *bytes;
} Reader;

static gpointer
read_thread (gpointer data)
{
  Reader *reader = data;

  expect_bytes (reader->stream, reader->bytes);
  expect_eof (reader->stream);
  return NULL;
}

#ifndef WITH_TSAN
/* Sources whose reads go through a thread cost a turn of the loop each. */
static void
test_splice_a_file (void)
{
  g_autoptr (GBytes) bytes = make_pattern (g_test_slow () ? 100 * MEBIBYTE
                                                          : 8 * MEBIBYTE);
  g_autoptr (GFileIOStream) file_stream = NULL;
  g_autoptr (GFile) file = g_file_new_tmp (NULL, &file_stream, NULL);
  g_autoptr (GFileInputStream) from = NULL;
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };
  Reader reader;
  GThread *thread;
  double elapsed;

  g_assert_true (g_file_replace_contents (
    file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
    FALSE, G_FILE_CREATE_NONE, NULL, NULL, NULL));
  from = g_file_read (file, NULL, &error);
  g_assert_no_error (error);

  pair_set_up (&pair);
  reader = (Reader) { pair.in_b, bytes };
  g_test_timer_start ();
  thread = g_thread_new ("reader", read_thread, &reader);
  g_output_stream_splice_async (pair.out_a, G_INPUT_STREAM (from),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE
                                  | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, store_result_cb,
                                &sent);
  run_until_set ((gpointer *) &sent);
  g_assert_cmpint (g_output_stream_splice_finish (pair.out_a, sent, &error),
                   ==, (gssize) g_bytes_get_size (bytes));
  g_assert_no_error (error);
  g_thread_join (thread);
  elapsed = g_test_timer_elapsed ();
  g_test_maximized_result (
    (double) g_bytes_get_size (bytes) * 8e-6 / elapsed,
    "%.0f Mbit/s of a file by g_output_stream_splice_async()",
    (double) g_bytes_get_size (bytes) * 8e-6 / elapsed);
  g_assert_true (g_input_stream_is_closed (G_INPUT_STREAM (from)));
  g_assert_true (g_output_stream_is_closed (pair.out_a));

  pair_tear_down (&pair);
  g_file_delete (file, NULL, NULL);
}

#endif

static void
cancel_soon_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Nobody reads: the splicing waits for room, and gives up when told to. */
static void
test_splice_cancelled (void)
{
  g_autoptr (GBytes) bytes = make_pattern (32 * MEBIBYTE);
  g_autoptr (GInputStream) from = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };

  pair_set_up (&pair);
  g_timeout_add_once (200, cancel_soon_cb, cancellable);
  g_output_stream_splice_async (pair.out_a, from,
                                G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, cancellable,
                                store_result_cb, &sent);
  run_until_set ((gpointer *) &sent);
  g_assert_cmpint (g_output_stream_splice_finish (pair.out_a, sent, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_output_stream_is_closed (pair.out_a));
  g_assert_false (g_output_stream_has_pending (pair.out_a));

  pair_tear_down (&pair);
}

/* Blocking, and from a source that breaks. */
static void
test_splice_blocking (void)
{
  g_autoptr (GBytes) bytes = make_pattern (3 * MEBIBYTE);
  g_autoptr (GInputStream) from = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };
  Reader reader;
  GThread *thread;

  pair_set_up (&pair);
  reader = (Reader) { pair.in_b, bytes };
  thread = g_thread_new ("reader", read_thread, &reader);
  g_assert_cmpint (g_output_stream_splice (pair.out_a, from,
                                           G_OUTPUT_STREAM_SPLICE_NONE, NULL,
                                           &error),
                   ==, (gssize) g_bytes_get_size (bytes));
  g_assert_no_error (error);
  g_output_stream_close (pair.out_a, NULL, NULL);
  g_thread_join (thread);

  g_assert_cmpint (g_output_stream_splice (pair.out_b, from,
                                           G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE,
                                           NULL, &error),
                   ==, 0);
  g_assert_cmpint (g_output_stream_splice (pair.out_b, from,
                                           G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                           NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#ifndef WITH_TSAN /* which can't see how GThreadPool hands on work */
  g_test_add_func ("/splice/a-file", test_splice_a_file);
#endif
  g_test_add_func ("/splice/cancelled-while-full", test_splice_cancelled);
  g_test_add_func ("/splice/blocking", test_splice_blocking);

  return g_test_run ();
}
