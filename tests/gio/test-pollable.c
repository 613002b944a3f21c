/*
 * SPDX-License-Identifier: MIT
 *
 * test-pollable.c: streams by sources and asynchronous calls
 */
#include "support.h"

static gboolean
readable_cb (GPollableInputStream *stream,
             gpointer              user_data)
{
  GString *text = user_data;
  char buffer[4];
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (
            stream, buffer, sizeof buffer, NULL, NULL))
         > 0)
    g_string_append_len (text, buffer, n);
  return G_SOURCE_CONTINUE;
}

static gpointer
write_slowly_thread (gpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      write_text (data, "0123456789");
      g_usleep (2000);
    }
  return NULL;
}

static void
test_pollable_input (void)
{
  Pair pair = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GSource) source = NULL;
  g_autoptr (GError) error = NULL;
  GPollableInputStream *pollable;
  GThread *thread;
  char byte;

  pair_set_up (&pair);
  pollable = G_POLLABLE_INPUT_STREAM (pair.in_b);
  g_assert_true (g_pollable_input_stream_can_poll (pollable));
  g_assert_false (g_pollable_input_stream_is_readable (pollable));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     pollable, &byte, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  source = g_pollable_input_stream_create_source (pollable, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (readable_cb), text, NULL);
  g_source_attach (source, NULL);
  thread = g_thread_new ("writer", write_slowly_thread, pair.out_a);
  while (text->len < 200)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_source_destroy (source);

  pair_tear_down (&pair);
}

static gboolean
writable_cb (GPollableOutputStream *stream,
             gpointer               user_data)
{
  gsize *n_written = user_data;
  static const char block[10000] = { 0 };
  gssize n = g_pollable_output_stream_write_nonblocking (
    stream, block, sizeof block, NULL, NULL);

  g_assert_cmpint (n, >, 0);
  *n_written += (gsize) n;
  return *n_written < 5 * MEBIBYTE;
}

static gpointer
drain_thread (gpointer data)
{
  g_autoptr (GCancellable) cancellable = patience ();
  char buffer[8192];
  gsize sum = 0;
  gssize n;

  while ((n = g_input_stream_read (data, buffer, sizeof buffer, cancellable,
                                   NULL))
         > 0)
    sum += (gsize) n;
  g_assert_cmpint (n, ==, 0);
  return GSIZE_TO_POINTER (sum);
}

static void
test_pollable_output (void)
{
  Pair pair = { 0 };
  g_autoptr (GSource) source = NULL;
  gsize n_written = 0, n_read;
  GThread *thread;

  pair_set_up (&pair);
  thread = g_thread_new ("drain", drain_thread, pair.in_b);
  source = g_pollable_output_stream_create_source (
    G_POLLABLE_OUTPUT_STREAM (pair.out_a), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (writable_cb), &n_written,
                         NULL);
  g_source_attach (source, NULL);
  while (n_written < 5 * MEBIBYTE)
    g_main_context_iteration (NULL, TRUE);
  g_output_stream_close (pair.out_a, NULL, NULL);
  n_read = GPOINTER_TO_SIZE (g_thread_join (thread));
  g_assert_cmpuint (n_read, ==, n_written);

  pair_tear_down (&pair);
}

/* Sources come and go while the worker wakes them. */
static gpointer
churn_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 3000; i++)
    {
      GSource *source = g_pollable_input_stream_create_source (data, NULL);

      g_source_set_callback (source, G_SOURCE_FUNC (readable_cb), text, NULL);
      g_source_attach (source, context);
      if (i % 3 == 0)
        g_main_context_iteration (context, FALSE);
      g_source_destroy (source);
      g_source_unref (source);
    }
  return NULL;
}

static void
test_churning_sources (void)
{
  Pair pair = { 0 };
  GThread *churners[3];
  GThread *writer;

  pair_set_up (&pair);
  for (guint i = 0; i < G_N_ELEMENTS (churners); i++)
    churners[i] = g_thread_new ("churn", churn_thread, pair.in_b);
  writer = g_thread_new ("writer", write_slowly_thread, pair.out_a);
  for (guint i = 0; i < G_N_ELEMENTS (churners); i++)
    g_thread_join (churners[i]);
  g_thread_join (writer);
  pair_tear_down (&pair);
}

static void
test_asynchronous_calls (void)
{
  Pair pair = { 0 };
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[16] = { 0 };

  pair_set_up (&pair);
  g_input_stream_read_async (pair.in_b, buffer, 5, G_PRIORITY_DEFAULT, NULL,
                             store_result_cb, &read);
  g_output_stream_write_all_async (pair.out_a, "hello", 5, G_PRIORITY_DEFAULT,
                                   NULL, store_result_cb, &written);
  run_until_set ((gpointer *) &written);
  run_until_set ((gpointer *) &read);
  g_assert_cmpint (g_input_stream_read_finish (pair.in_b, read, &error), ==,
                   5);
  g_assert_cmpstr (buffer, ==, "hello");

  g_io_stream_close_async (G_IO_STREAM (pair.a), G_PRIORITY_DEFAULT, NULL,
                           store_result_cb, &closed);
  run_until_set ((gpointer *) &closed);
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (pair.a), closed,
                                           &error));
  g_assert_no_error (error);

  pair_tear_down (&pair);
}

static void
test_splice (void)
{
  g_autoptr (GBytes) bytes = make_pattern (2 * MEBIBYTE);
  g_autoptr (GInputStream) from = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GOutputStream) to = g_memory_output_stream_new_resizable ();
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GAsyncResult) received = NULL;
  g_autoptr (GBytes) copy = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };

  pair_set_up (&pair);
  g_output_stream_splice_async (pair.out_a, from,
                                G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, store_result_cb,
                                &sent);
  g_output_stream_splice_async (to, pair.in_b,
                                G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, store_result_cb,
                                &received);
  run_until_set ((gpointer *) &sent);
  run_until_set ((gpointer *) &received);
  g_output_stream_splice_finish (pair.out_a, sent, &error);
  g_assert_no_error (error);
  g_output_stream_splice_finish (to, received, &error);
  g_assert_no_error (error);
  copy = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (to));
  g_assert_true (g_bytes_equal (copy, bytes));

  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/streams/pollable-input", test_pollable_input);
  g_test_add_func ("/streams/pollable-output", test_pollable_output);
  g_test_add_func ("/streams/churning-sources", test_churning_sources);
  g_test_add_func ("/streams/asynchronous-calls", test_asynchronous_calls);
  g_test_add_func ("/streams/splice", test_splice);

  return g_test_run ();
}
