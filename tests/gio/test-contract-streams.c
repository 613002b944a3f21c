/*
 * SPDX-License-Identifier: MIT
 *
 * test-contract-streams.c: what GInputStream, GOutputStream and GIOStream
 * promise of blocking calls
 */
#include "contract.h"

#include <string.h>

/* Somebody calls while another thread does something soon */

typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
} Soon;

static gpointer
soon_thread (gpointer data)
{
  Soon *soon = data;

  g_usleep (50 * 1000);
  soon->func (soon->data);
  return NULL;
}

static void
cancel (gpointer data)
{
  g_cancellable_cancel (data);
}

static void
write_hello (gpointer data)
{
  write_text (data, "hello");
}

static void
close_io (gpointer data)
{
  g_io_stream_close (data, NULL, NULL);
}

static GThread *
start_soon (Soon *soon)
{
  return g_thread_new ("soon", soon_thread, soon);
}

/* The connection breaks off: what the peer has sent stays readable. */
static void
abort_peer (SrudpConnection *peer)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_io_stream_close (G_IO_STREAM (peer), cancelled, NULL);
}

/* GInputStream */

static void
test_read_is_short (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char buffer[1000];

  write_text (pair->out_b, "short");
  g_assert_cmpint (g_input_stream_read (pair->in_a, buffer, sizeof buffer,
                                        cancellable, &error),
                   ==, 5);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, 5, "short", 5);
}

static void
test_read_blocks (Pair *pair)
{
  Soon soon = { write_hello, pair->out_b };
  GThread *thread = start_soon (&soon);

  expect_text (pair->in_a, "hello");
  g_thread_join (thread);
}

static void
test_read_nothing (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 0, NULL, &error),
                   ==, 0);
  g_assert_no_error (error);
}

/* Any byte, and none more than are told of. */
static void
test_read_any_bytes (Pair *pair)
{
  static const char bytes[] = { 'a', '\0', '\xff', '\0', '\n' };
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char buffer[10];
  gsize n_read = 0;

  memset (buffer, '!', sizeof buffer);
  g_output_stream_write_all (pair->out_b, bytes, sizeof bytes, NULL,
                             cancellable, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (pair->in_a, buffer, sizeof bytes, &n_read,
                           cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n_read, bytes, sizeof bytes);
  g_assert_cmpint (buffer[sizeof bytes], ==, '!');
}

static void
test_read_bytes (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) some = NULL;
  g_autoptr (GBytes) end = NULL;

  write_text (pair->out_b, "some");
  g_output_stream_close (pair->out_b, NULL, NULL);
  some = g_input_stream_read_bytes (pair->in_a, 100, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (some, NULL), g_bytes_get_size (some),
                   "some", 4);
  end = g_input_stream_read_bytes (pair->in_a, 100, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (end), ==, 0);
}

static void
test_read_too_much (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte,
                                        (gsize) G_MAXSSIZE + 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_cmpint (g_output_stream_write (pair->out_a, &byte,
                                          (gsize) G_MAXSSIZE + 1, NULL,
                                          &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_eof (Pair *pair)
{
  write_text (pair->out_b, "last");
  g_assert_true (g_output_stream_close (pair->out_b, NULL, NULL));
  expect_text (pair->in_a, "last");
  expect_eof (pair->in_a);
  expect_eof (pair->in_a);
}

static void
test_read_cancelled (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Soon soon = { cancel, cancellable };
  GThread *thread = start_soon (&soon);
  char byte;

  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, cancellable,
                                        &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_false (g_input_stream_has_pending (pair->in_a));
  write_text (pair->out_b, "still alive");
  expect_text (pair->in_a, "still alive");
}

static void
test_cancelled_before (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  g_cancellable_cancel (cancellable);
  write_text (pair->out_b, "kept");
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, cancellable,
                                        &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_output_stream_write (pair->out_a, &byte, 1, cancellable,
                                          &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_false (g_output_stream_flush (pair->out_a, cancellable, &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  expect_text (pair->in_a, "kept");
  write_text (pair->out_a, "nothing before");
  expect_text (pair->in_b, "nothing before");
}

static void
test_skip (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  gsize skipped = 0;

  write_text (pair->out_b, "skip me, read me");
  g_output_stream_close (pair->out_b, NULL, NULL);
  while (skipped < 9)
    {
      gssize n = g_input_stream_skip (pair->in_a, 9 - skipped, cancellable,
                                      &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      skipped += (gsize) n;
    }
  expect_text (pair->in_a, "read me");
  g_assert_cmpint (g_input_stream_skip (pair->in_a, 9, cancellable, &error),
                   ==, 0);
  g_assert_no_error (error);
}

static void
test_read_all_counts (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char buffer[100];
  gsize n_read = 0;

  write_text (pair->out_b, "some");
  wait_delivered (pair->b);
  abort_peer (pair->b);
  g_assert_false (g_input_stream_read_all (pair->in_a, buffer, sizeof buffer,
                                           &n_read, cancellable, &error));
  expect_error (&error, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpmem (buffer, n_read, "some", 4);
}

static void
test_errors_stick (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  abort_peer (pair->b);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, NULL,
                                            &error),
                       ==, -1);
      expect_error (&error, G_IO_ERROR_CONNECTION_CLOSED);
      g_assert_cmpint (g_output_stream_write (pair->out_a, &byte, 1, NULL,
                                              &error),
                       ==, -1);
      expect_error (&error, G_IO_ERROR_CONNECTION_CLOSED);
    }
}

static void
test_input_closed (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_true (g_input_stream_close (pair->in_a, NULL, &error));
  g_assert_true (g_input_stream_close (pair->in_a, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_input_stream_is_closed (pair->in_a));
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_cmpint (g_input_stream_skip (pair->in_a, 1, NULL, &error), ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_false (g_input_stream_set_pending (pair->in_a, &error));
  expect_error (&error, G_IO_ERROR_CLOSED);
  write_text (pair->out_a, "the other way goes on");
  expect_text (pair->in_b, "the other way goes on");
}

/* GOutputStream */

static void
test_write_nothing (Pair *pair)
{
  GOutputVector none = { "", 0 };
  g_autoptr (GError) error = NULL;
  gsize n_written = 7;

  g_assert_cmpint (g_output_stream_write (pair->out_a, "", 0, NULL, &error),
                   ==, 0);
  g_assert_true (g_output_stream_writev (pair->out_a, &none, 0, &n_written,
                                         NULL, &error));
  g_assert_cmpuint (n_written, ==, 0);
  g_assert_true (g_output_stream_writev (pair->out_a, &none, 1, &n_written,
                                         NULL, &error));
  g_assert_cmpuint (n_written, ==, 0);
  g_assert_no_error (error);
}

static void
test_write_blocks (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  GThread *reader;
  gssize n;

  fill (pair);
  reader = g_thread_new ("drain", drain_thread, pair->in_b);
  n = g_output_stream_write (pair->out_a, "x", 1, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 1);
  g_output_stream_close (pair->out_a, NULL, NULL);
  g_thread_join (reader);
}

static void
test_write_cancelled (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Soon soon = { cancel, cancellable };
  GThread *thread, *reader;

  fill (pair);
  thread = start_soon (&soon);
  g_assert_cmpint (g_output_stream_write (pair->out_a, "x", 1, cancellable,
                                          &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  reader = g_thread_new ("drain", drain_thread, pair->in_b);
  write_text (pair->out_a, "still alive");
  g_output_stream_close (pair->out_a, NULL, NULL);
  g_thread_join (reader);
}

typedef struct
{
  SrudpConnection *receiver;
  GCancellable *cancellable;
} Middle;

static gpointer
cancel_in_the_middle_thread (gpointer data)
{
  Middle *middle = data;
  g_autoptr (GCancellable) late = patience ();

  while (count_unread (middle->receiver) == 0
         && !g_cancellable_is_cancelled (late))
    g_usleep (1000);
  g_cancellable_cancel (middle->cancellable);
  return NULL;
}

/* Cancelled in the middle: what was written counts, and was written. */
static void
test_write_all_counts (Pair *pair)
{
  gsize size = 64 * 1024 * 1024, n_written = 0, n_read = 0;
  g_autofree char *block = g_malloc0 (size);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) patient = patience ();
  g_autoptr (GError) error = NULL;
  Middle middle = { pair->b, cancellable };
  GThread *thread =
    g_thread_new ("middle", cancel_in_the_middle_thread, &middle);

  g_assert_false (g_output_stream_write_all (pair->out_a, block, size,
                                             &n_written, cancellable,
                                             &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpuint (n_written, >, 0);
  g_assert_cmpuint (n_written, <, size);
  g_output_stream_close (pair->out_a, NULL, NULL);
  g_input_stream_read_all (pair->in_b, block, size, &n_read, patient, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, n_written);
}

static void
test_vectors (Pair *pair)
{
  GOutputVector vectors[] = {
    { "one", 3 }, { "", 0 }, { "two", 3 }, { "three", 5 },
  };
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  gsize n_written = 0;

  g_assert_true (g_output_stream_writev_all (pair->out_a, vectors,
                                             G_N_ELEMENTS (vectors),
                                             &n_written, cancellable,
                                             &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_written, ==, 11);
  expect_text (pair->in_b, "onetwothree");
}

static void
test_flush (Pair *pair)
{
  g_autoptr (GError) error = NULL;

  write_text (pair->out_a, "sent without a flush");
  expect_text (pair->in_b, "sent without a flush");
  g_assert_true (g_output_stream_flush (pair->out_a, NULL, &error));
  g_assert_no_error (error);
}

static void
test_output_closed (Pair *pair)
{
  g_autoptr (GError) error = NULL;

  write_text (pair->out_a, "closing flushes");
  g_assert_true (g_output_stream_close (pair->out_a, NULL, &error));
  g_assert_true (g_output_stream_close (pair->out_a, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_output_stream_is_closed (pair->out_a));
  g_assert_false (g_output_stream_is_closing (pair->out_a));
  g_assert_cmpint (g_output_stream_write (pair->out_a, "x", 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_false (g_output_stream_flush (pair->out_a, NULL, &error));
  expect_error (&error, G_IO_ERROR_CLOSED);
  expect_text (pair->in_b, "closing flushes");
  expect_eof (pair->in_b);
  write_text (pair->out_b, "half open");
  expect_text (pair->in_a, "half open");
}

static void
test_splice (Pair *pair)
{
  g_autoptr (GInputStream) from =
    g_memory_input_stream_new_from_data ("from a to b", 11, NULL);
  g_autoptr (GOutputStream) to = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  gssize n;

  n = g_output_stream_splice (pair->out_a, from,
                              G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE
                                | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                              NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 11);
  g_assert_true (g_input_stream_is_closed (from));
  g_assert_true (g_output_stream_is_closed (pair->out_a));
  n = g_output_stream_splice (to, pair->in_b,
                              G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, NULL,
                              &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 11);
  g_assert_true (g_input_stream_is_closed (pair->in_b));
}

/* Which of the two has failed is told, and what was told to close is closed. */
static void
test_splice_fails (Pair *pair)
{
  g_autoptr (GInputStream) from =
    g_memory_input_stream_new_from_data ("x", 1, NULL);
  g_autoptr (GError) error = NULL;

  abort_peer (pair->b);
  while (g_output_stream_write (pair->out_a, "x", 1, NULL, NULL) > 0)
    g_usleep (1000);
  g_assert_cmpint (g_output_stream_splice (
                     pair->out_a, from,
                     G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE
                       | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                     NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_true (g_input_stream_is_closed (from));
  g_assert_true (g_output_stream_is_closed (pair->out_a));
}

static void
test_not_seekable (Pair *pair)
{
  g_assert_false (G_IS_SEEKABLE (pair->in_a));
  g_assert_false (G_IS_SEEKABLE (pair->out_a));
}

/* Pending */

static void
test_pending (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  g_assert_true (g_input_stream_set_pending (pair->in_a, &error));
  g_assert_false (g_input_stream_set_pending (pair->in_a, &error));
  expect_error (&error, G_IO_ERROR_PENDING);
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_PENDING);
  g_assert_false (g_input_stream_close (pair->in_a, NULL, &error));
  expect_error (&error, G_IO_ERROR_PENDING);
  g_input_stream_clear_pending (pair->in_a);

  g_assert_true (g_output_stream_set_pending (pair->out_a, &error));
  g_assert_cmpint (g_output_stream_write (pair->out_a, &byte, 1, NULL,
                                          &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_PENDING);
  g_output_stream_clear_pending (pair->out_a);

  g_assert_true (g_io_stream_set_pending (G_IO_STREAM (pair->a), &error));
  g_assert_true (g_io_stream_has_pending (G_IO_STREAM (pair->a)));
  g_assert_false (g_io_stream_close (G_IO_STREAM (pair->a), NULL, &error));
  expect_error (&error, G_IO_ERROR_PENDING);
  g_io_stream_clear_pending (G_IO_STREAM (pair->a));

  write_text (pair->out_a, "as if nothing had been");
  expect_text (pair->in_b, "as if nothing had been");
}

static void
test_both_at_once (Pair *pair)
{
  Soon soon = { write_hello, pair->out_b };
  GThread *thread = start_soon (&soon);

  /* The input is waiting in this thread's name while another writes. */
  g_assert_true (g_input_stream_set_pending (pair->in_a, NULL));
  write_text (pair->out_a, "meanwhile");
  expect_text (pair->in_b, "meanwhile");
  g_input_stream_clear_pending (pair->in_a);
  expect_text (pair->in_a, "hello");
  g_thread_join (thread);
}

/* GIOStream */

static void
test_same_streams (Pair *pair)
{
  g_assert_true (g_io_stream_get_input_stream (G_IO_STREAM (pair->a))
                 == pair->in_a);
  g_assert_true (g_io_stream_get_output_stream (G_IO_STREAM (pair->a))
                 == pair->out_a);
}

static void
test_close_closes_all (Pair *pair)
{
  GIOStream *stream = G_IO_STREAM (pair->a);
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  g_assert_false (g_io_stream_is_closed (stream));
  g_assert_true (g_io_stream_close (stream, NULL, &error));
  g_assert_true (g_io_stream_close (stream, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (stream));
  g_assert_true (g_input_stream_is_closed (pair->in_a));
  g_assert_true (g_output_stream_is_closed (pair->out_a));
  g_assert_false (g_io_stream_has_pending (stream));
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_cmpint (g_output_stream_write (pair->out_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_false (g_io_stream_set_pending (stream, &error));
  expect_error (&error, G_IO_ERROR_CLOSED);
}

static void
test_close_cancelled (Pair *pair)
{
  GIOStream *stream = G_IO_STREAM (pair->a);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char byte;

  g_cancellable_cancel (cancelled);
  g_assert_false (g_io_stream_close (stream, cancelled, &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_true (g_io_stream_is_closed (stream));
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
}

/* A stream that is closed is closed, whatever has become of its closing. */
static void
expect_closed (Pair *pair)
{
  GIOStream *stream = G_IO_STREAM (pair->a);
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  g_assert_true (g_io_stream_is_closed (stream));
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_cmpint (g_output_stream_write (pair->out_a, &byte, 1, NULL, &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_true (g_io_stream_close (stream, NULL, &error));
  g_assert_no_error (error);
}

static void
test_close_cancelled_meanwhile (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Soon soon = { cancel, cancellable };
  Pair pair = { 0 };
  GThread *thread;

  pair_set_up_fragile (&pair, 2 * PATIENCE_MS);
  fragile_transport_set_cut (pair.transport, TRUE);
  write_text (pair.out_a, "nobody hears it");
  thread = start_soon (&soon);
  g_assert_false (g_io_stream_close (G_IO_STREAM (pair.a), cancellable,
                                     &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  expect_closed (&pair);
  pair_tear_down (&pair);
}

static void
test_close_fails (void)
{
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };

  pair_set_up_fragile (&pair, 3000);
  fragile_transport_set_cut (pair.transport, TRUE);
  write_text (pair.out_a, "nobody hears it");
  g_assert_false (g_io_stream_close (G_IO_STREAM (pair.a), NULL, &error));
  expect_error (&error, G_IO_ERROR_TIMED_OUT);
  expect_closed (&pair);
  pair_tear_down (&pair);
}

/* The half-closes, too; what was cancelled is no whole that the peer could read
 * to its end, and the other direction goes on. */
static void
test_streams_cancelled_close (Pair *pair)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char bytes[16];
  gssize n;

  g_cancellable_cancel (cancelled);
  write_text (pair->out_a, "half");
  g_assert_false (g_output_stream_close (pair->out_a, cancelled, &error));
  expect_error (&error, G_IO_ERROR_CANCELLED);
  g_assert_true (g_output_stream_is_closed (pair->out_a));
  g_assert_false (g_io_stream_is_closed (G_IO_STREAM (pair->a)));
  while ((n = g_input_stream_read (pair->in_b, bytes, sizeof bytes,
                                   cancellable, &error)) > 0)
    {
    }
  g_assert_cmpint (n, ==, -1);
  expect_error (&error, G_IO_ERROR_CONNECTION_CLOSED);
  write_text (pair->out_b, "the other way goes on");
  expect_text (pair->in_a, "the other way goes on");
  g_input_stream_close (pair->in_a, cancelled, NULL);
  g_assert_true (g_input_stream_is_closed (pair->in_a));
}

static void
test_close_wakes (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  Soon soon = { close_io, pair->a };
  GThread *thread = start_soon (&soon);
  char byte;

  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, cancellable,
                                        &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_thread_join (thread);
  g_assert_cmpint (g_input_stream_read (pair->in_a, &byte, 1, cancellable,
                                        &error),
                   ==, -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
}

static void
test_freed (Pair *pair)
{
  g_autoptr (GInputStream) input = g_object_ref (pair->in_a);
  g_autoptr (GOutputStream) output = g_object_ref (pair->out_a);
  g_autoptr (GError) error = NULL;
  char byte = 'x';

  write_text (output, "before");
  g_assert_finalize_object (g_steal_pointer (&pair->a));
  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, &error), ==,
                   -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  g_assert_cmpint (g_output_stream_write (output, &byte, 1, NULL, &error), ==,
                   -1);
  expect_error (&error, G_IO_ERROR_CLOSED);
  expect_text (pair->in_b, "before");
  expect_eof (pair->in_b);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  contract_add ("/input/read-returns-what-is-there", test_read_is_short);
  contract_add ("/input/read-blocks-until-something-is-there",
                test_read_blocks);
  contract_add ("/input/count-zero-does-nothing", test_read_nothing);
  contract_add ("/input/any-byte-and-nothing-else", test_read_any_bytes);
  contract_add ("/input/bytes-as-an-object", test_read_bytes);
  contract_add ("/input/count-beyond-ssize-is-invalid", test_read_too_much);
  contract_add ("/input/zero-is-the-end-and-stays", test_eof);
  contract_add ("/input/cancelled-from-another-thread", test_read_cancelled);
  contract_add ("/input/cancelled-before-loses-nothing",
                test_cancelled_before);
  contract_add ("/input/skip-is-a-read", test_skip);
  contract_add ("/input/read-all-counts-before-an-error",
                test_read_all_counts);
  contract_add ("/input/errors-stick", test_errors_stick);
  contract_add ("/input/closed-is-closed-and-closes-again",
                test_input_closed);
  contract_add ("/output/nothing-to-write-does-nothing", test_write_nothing);
  contract_add ("/output/write-blocks-until-a-byte-fits", test_write_blocks);
  contract_add ("/output/cancelled-from-another-thread",
                test_write_cancelled);
  contract_add ("/output/write-all-counts-before-an-error",
                test_write_all_counts);
  contract_add ("/output/vectors-in-order", test_vectors);
  contract_add ("/output/flush-has-nothing-to-do", test_flush);
  contract_add ("/output/closing-flushes-and-closes-again",
                test_output_closed);
  contract_add ("/output/splice-closes-what-it-is-told", test_splice);
  contract_add ("/output/splice-tells-what-failed", test_splice_fails);
  contract_add ("/streams/cancelled-close-is-a-close",
                test_streams_cancelled_close);
  contract_add ("/streams/not-seekable", test_not_seekable);
  contract_add ("/pending/one-operation-at-a-time", test_pending);
  contract_add ("/pending/reads-and-writes-at-the-same-time",
                test_both_at_once);
  contract_add ("/io/owns-its-two-streams", test_same_streams);
  contract_add ("/io/close-closes-both-and-again", test_close_closes_all);
  contract_add ("/io/cancelled-close-is-a-close", test_close_cancelled);
  g_test_add_func ("/contract/io/close-is-cancelled-from-another-thread",
                   test_close_cancelled_meanwhile);
  g_test_add_func ("/contract/io/failed-close-is-a-close", test_close_fails);
  contract_add ("/io/close-wakes-who-reads", test_close_wakes);
  contract_add ("/io/freed-is-closed", test_freed);

  return g_test_run ();
}
