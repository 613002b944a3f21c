/*
 * SPDX-License-Identifier: MIT
 *
 * test-contract-poll.c: what GPollableInputStream, GPollableOutputStream and
 * GAsyncResult promise
 */
#include "contract.h"

#include <string.h>

#define N_THREADS 8

/* Readiness */

static GPollableInputStream *
in_a (Pair *pair)
{
  return G_POLLABLE_INPUT_STREAM (pair->in_a);
}

static GPollableOutputStream *
out_a (Pair *pair)
{
  return G_POLLABLE_OUTPUT_STREAM (pair->out_a);
}

static void
wait_readable (GPollableInputStream *stream)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (!g_pollable_input_stream_is_readable (stream))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (1000);
    }
}

static void
test_can_poll (Pair *pair)
{
  g_assert_true (g_pollable_input_stream_can_poll (in_a (pair)));
  g_assert_true (g_pollable_output_stream_can_poll (out_a (pair)));
}

static void
test_readable (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  char buffer[10];

  g_assert_false (g_pollable_input_stream_is_readable (in_a (pair)));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     in_a (pair), buffer, 10, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_WOULD_BLOCK);
  write_text (pair->out_b, "abc");
  wait_readable (in_a (pair));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     in_a (pair), buffer, 10, NULL, &error),
                   ==, 3);
  g_assert_false (g_pollable_input_stream_is_readable (in_a (pair)));
  g_output_stream_close (pair->out_b, NULL, NULL);
  wait_readable (in_a (pair));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     in_a (pair), buffer, 10, NULL, &error),
                   ==, 0);
  g_assert_no_error (error);
}

static void
test_writable (Pair *pair)
{
  GOutputVector vectors[] = { { "ab", 2 }, { "cde", 3 } };
  g_autoptr (GError) error = NULL;
  gsize n_written;

  g_assert_true (g_pollable_output_stream_is_writable (out_a (pair)));
  g_assert_cmpint (g_pollable_output_stream_writev_nonblocking (
                     out_a (pair), vectors, 2, &n_written, NULL, &error),
                   ==, G_POLLABLE_RETURN_OK);
  g_assert_cmpuint (n_written, ==, 5);
  expect_text (pair->in_b, "abcde");

  fill (pair->out_a);
  g_assert_false (g_pollable_output_stream_is_writable (out_a (pair)));
  g_assert_cmpint (g_pollable_output_stream_writev_nonblocking (
                     out_a (pair), vectors, 2, &n_written, NULL, &error),
                   ==, G_POLLABLE_RETURN_WOULD_BLOCK);
  /* It says so without an error. */
  g_assert_no_error (error);
}

static void
test_nonblocking_cancelled (Pair *pair)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  g_cancellable_cancel (cancelled);
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     in_a (pair), &byte, 1, cancelled, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (
                     out_a (pair), &byte, 1, cancelled, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
}

/* Sources */

static gboolean
count_cb (GObject  *stream,
          gpointer  user_data)
{
  (*(guint *) user_data)++;
  return G_SOURCE_REMOVE;
}

static void
watch_reading (Pair         *pair,
               GCancellable *cancellable,
               guint        *n_calls)
{
  g_autoptr (GSource) source =
    g_pollable_input_stream_create_source (in_a (pair), cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (count_cb), n_calls, NULL);
  g_source_attach (source, NULL);
}

static void
watch_writing (Pair  *pair,
               guint *n_calls)
{
  g_autoptr (GSource) source =
    g_pollable_output_stream_create_source (out_a (pair), NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (count_cb), n_calls, NULL);
  g_source_attach (source, NULL);
}

static void
run_until_counted (guint *n,
                   guint  expected)
{
  g_autoptr (GCancellable) late = patience ();

  while (*n < expected)
    {
      g_assert_false (g_cancellable_is_cancelled (late));
      g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
    }
  g_assert_cmpuint (*n, ==, expected);
}

static void
test_source_waits (Pair *pair)
{
  guint n_calls = 0;

  watch_reading (pair, NULL, &n_calls);
  run_for (50);
  g_assert_cmpuint (n_calls, ==, 0);
  write_text (pair->out_b, "x");
  run_until_counted (&n_calls, 1);
}

/* As long as nobody reads, a new source comes at once. */
static void
test_source_of_readable (Pair *pair)
{
  guint n_calls = 0;

  write_text (pair->out_b, "x");
  wait_readable (in_a (pair));
  for (guint i = 1; i <= 3; i++)
    {
      watch_reading (pair, NULL, &n_calls);
      run_until_counted (&n_calls, i);
    }
}

static void
test_source_cancelled (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint n_calls = 0;

  watch_reading (pair, cancellable, &n_calls);
  run_for (20);
  g_assert_cmpuint (n_calls, ==, 0);
  g_cancellable_cancel (cancellable);
  run_until_counted (&n_calls, 1);
  g_assert_false (g_pollable_input_stream_is_readable (in_a (pair)));
}

static void
test_source_end (Pair *pair)
{
  guint n_calls = 0;

  watch_reading (pair, NULL, &n_calls);
  g_output_stream_close (pair->out_b, NULL, NULL);
  run_until_counted (&n_calls, 1);
}

static void
test_source_error (Pair *pair)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  guint n_calls = 0;

  fill (pair->out_a);
  watch_reading (pair, NULL, &n_calls);
  watch_writing (pair, &n_calls);
  run_for (20);
  g_assert_cmpuint (n_calls, ==, 0);
  g_cancellable_cancel (cancelled);
  g_io_stream_close (G_IO_STREAM (pair->b), cancelled, NULL);
  run_until_counted (&n_calls, 2);
}

static void
test_source_closed (Pair *pair)
{
  guint n_calls = 0;

  watch_reading (pair, NULL, &n_calls);
  g_input_stream_close (pair->in_a, NULL, NULL);
  run_until_counted (&n_calls, 1);
}

static void
test_source_destroyed (Pair *pair)
{
  g_autoptr (GSource) source =
    g_pollable_input_stream_create_source (in_a (pair), NULL);
  guint n_calls = 0;

  g_source_set_callback (source, G_SOURCE_FUNC (count_cb), &n_calls, NULL);
  g_source_attach (source, NULL);
  g_source_destroy (source);
  g_source_unref (g_pollable_input_stream_create_source (in_a (pair), NULL));
  write_text (pair->out_b, "x");
  run_for (50);
  g_assert_cmpuint (n_calls, ==, 0);
}

/* A context that goes takes its sources along. */
static void
test_source_outlives_context (Pair *pair)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (GSource) source =
    g_pollable_input_stream_create_source (in_a (pair), NULL);

  g_source_attach (source, context);
  g_main_context_iteration (context, FALSE);
  g_main_context_unref (context);
  g_assert_true (g_source_is_destroyed (source));
  write_text (pair->out_b, "x");
  expect_text (pair->in_a, "x");
}

static gpointer
watch_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source =
    g_pollable_input_stream_create_source (data, NULL);
  guint n_calls = 0;

  g_source_set_callback (source, G_SOURCE_FUNC (count_cb), &n_calls, NULL);
  g_source_attach (source, context);
  while (n_calls == 0)
    g_main_context_iteration (context, TRUE);
  return NULL;
}

static void
test_sources_in_many_contexts (Pair *pair)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("watch", watch_thread, pair->in_a);
  g_usleep (50 * 1000);
  write_text (pair->out_b, "x");
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

/* Sources that go while the worker is waking them. */
static gpointer
drop_sources_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  gint64 until_us = g_get_monotonic_time () + 300 * 1000;

  while (g_get_monotonic_time () < until_us)
    {
      GSource *source = g_pollable_input_stream_create_source (data, NULL);

      g_source_attach (source, context);
      g_source_destroy (source);
      g_source_unref (source);
    }
  return NULL;
}

typedef struct
{
  GOutputStream *out;
  int stop;
} Trickle;

static gpointer
trickle_thread (gpointer data)
{
  Trickle *trickle = data;

  while (!g_atomic_int_get (&trickle->stop))
    {
      g_output_stream_write (trickle->out, "x", 1, NULL, NULL);
      g_usleep (20);
    }
  return NULL;
}

static void
test_sources_going (Pair *pair)
{
  GThread *threads[3], *writer;
  Trickle trickle = { pair->out_b, FALSE };

  writer = g_thread_new ("trickle", trickle_thread, &trickle);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("drop", drop_sources_thread, pair->in_a);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_atomic_int_set (&trickle.stop, TRUE);
  g_thread_join (writer);
}

/* Calls that don't block may come from many threads, one in the middle of
 * another's asynchronous call. */
typedef struct
{
  GPollableInputStream *stream;
  int n_left; /* atomic */
} Share;

static gpointer
share_thread (gpointer data)
{
  Share *share = data;
  char buffer[100];

  while (g_atomic_int_get (&share->n_left) > 0)
    {
      gssize n = g_pollable_input_stream_read_nonblocking (
        share->stream, buffer, sizeof buffer, NULL, NULL);

      if (n > 0)
        g_atomic_int_add (&share->n_left, -(int) n);
      else
        g_usleep (100);
    }
  return NULL;
}

static void
test_nonblocking_threads (Pair *pair)
{
  Share share = { in_a (pair), 400000 };
  g_autofree char *text = g_strnfill (400000, 'x');
  GThread *threads[N_THREADS];

  g_assert_true (g_input_stream_set_pending (pair->in_a, NULL));
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("share", share_thread, &share);
  write_text (pair->out_b, text);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (share.n_left, ==, 0);
  g_input_stream_clear_pending (pair->in_a);
}

/* GAsyncResult */

static void
test_later_iteration (Pair *pair)
{
  GAsyncResult *read = NULL, *written = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[4];

  write_text (pair->out_b, "data");
  wait_readable (in_a (pair));
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

  fill (pair->out_a);
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
  gsize n_filled = fill (pair->out_a), n_read = 0;
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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  contract_add ("/poll/both-streams-can", test_can_poll);
  contract_add ("/poll/readable-with-data-and-at-the-end", test_readable);
  contract_add ("/poll/writable-until-full", test_writable);
  contract_add ("/poll/cancelled-before", test_nonblocking_cancelled);
  contract_add ("/poll/any-thread-while-another-call-is-pending",
                test_nonblocking_threads);
  contract_add ("/source/waits-for-data", test_source_waits);
  contract_add ("/source/of-a-readable-stream-comes-at-once",
                test_source_of_readable);
  contract_add ("/source/comes-when-cancelled", test_source_cancelled);
  contract_add ("/source/comes-at-the-end", test_source_end);
  contract_add ("/source/comes-with-an-error", test_source_error);
  contract_add ("/source/comes-when-closed", test_source_closed);
  contract_add ("/source/destroyed-never-comes", test_source_destroyed);
  contract_add ("/source/outlives-its-context",
                test_source_outlives_context);
  contract_add ("/source/many-contexts-at-once",
                test_sources_in_many_contexts);
  contract_add ("/source/goes-while-it-is-woken", test_sources_going);
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

  return g_test_run ();
}
