/*
 * SPDX-License-Identifier: MIT
 *
 * test-contract-poll.c: what GPollableInputStream and GPollableOutputStream
 * promise
 */
#include "contract.h"

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
  wait_readable (pair->in_a);
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     in_a (pair), buffer, 10, NULL, &error),
                   ==, 3);
  g_assert_false (g_pollable_input_stream_is_readable (in_a (pair)));
  g_output_stream_close (pair->out_b, NULL, NULL);
  wait_readable (pair->in_a);
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

  fill (pair);
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
  wait_readable (pair->in_a);
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

  fill (pair);
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

/* What waits for room */

static void
test_source_waits_for_room (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  gsize n_filled = fill (pair), n_read = 0;
  g_autofree char *buffer = g_malloc (n_filled);
  guint n_calls = 0;

  watch_writing (pair, &n_calls);
  run_for (50);
  g_assert_cmpuint (n_calls, ==, 0);
  g_input_stream_read_all (pair->in_b, buffer, n_filled, &n_read, cancellable,
                           &error);
  g_assert_no_error (error);
  run_until_counted (&n_calls, 1);
  g_assert_true (g_pollable_output_stream_is_writable (out_a (pair)));
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (
                     out_a (pair), "x", 1, NULL, &error),
                   ==, 1);
  g_assert_no_error (error);
}

static void
test_source_of_writable (Pair *pair)
{
  guint n_calls = 0;

  for (guint i = 1; i <= 3; i++)
    {
      watch_writing (pair, &n_calls);
      run_until_counted (&n_calls, i);
    }
}

/* The callback has the type of GPollableSourceFunc, and is asked whether to
 * come again. */
typedef struct
{
  GObject *stream;
  guint n_calls;
} Again;

static gboolean
come_again_cb (GObject  *stream,
               gpointer  user_data)
{
  Again *again = user_data;

  again->stream = stream;
  again->n_calls++;
  return again->n_calls < 3 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
test_source_comes_again (Pair *pair)
{
  g_autoptr (GSource) source =
    g_pollable_output_stream_create_source (out_a (pair), NULL);
  Again again = { 0 };

  g_source_set_callback (source, G_SOURCE_FUNC (come_again_cb), &again, NULL);
  g_source_attach (source, NULL);
  run_until_counted (&again.n_calls, 3);
  g_assert_true (again.stream == G_OBJECT (pair->out_a));
  run_for (20);
  g_assert_cmpuint (again.n_calls, ==, 3);
  g_assert_true (g_source_is_destroyed (source));
}

/* What does not block says at once that the stream is closed. */
static void
test_nonblocking_closed (Pair *pair)
{
  GOutputVector vector = { "x", 1 };
  g_autoptr (GError) error = NULL;
  gsize n_written;
  char byte = 'x';

  g_assert_true (g_io_stream_close (G_IO_STREAM (pair->a), NULL, NULL));
  g_assert_true (g_pollable_input_stream_can_poll (in_a (pair)));
  g_assert_true (g_pollable_output_stream_can_poll (out_a (pair)));
  g_assert_true (g_pollable_input_stream_is_readable (in_a (pair)));
  g_assert_true (g_pollable_output_stream_is_writable (out_a (pair)));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     in_a (pair), &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (
                     out_a (pair), &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_cmpint (g_pollable_output_stream_writev_nonblocking (
                     out_a (pair), &vector, 1, &n_written, NULL, &error),
                   ==, G_POLLABLE_RETURN_FAILED);
  expect_error (&error, G_IO_ERROR_CLOSED);
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
  contract_add ("/poll/closed-is-an-error-at-once", test_nonblocking_closed);
  contract_add ("/poll/any-thread-while-another-call-is-pending",
                test_nonblocking_threads);
  contract_add ("/source/waits-for-data", test_source_waits);
  contract_add ("/source/of-a-readable-stream-comes-at-once",
                test_source_of_readable);
  contract_add ("/source/waits-for-room", test_source_waits_for_room);
  contract_add ("/source/of-a-writable-stream-comes-at-once",
                test_source_of_writable);
  contract_add ("/source/comes-again-if-it-is-kept", test_source_comes_again);
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

  return g_test_run ();
}
