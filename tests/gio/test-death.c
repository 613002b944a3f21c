/*
 * SPDX-License-Identifier: MIT
 *
 * test-death.c: peers that vanish, and operations that are cancelled
 */
#include "support.h"

#include <string.h>
#include <unistd.h>

#define IDLE_TIMEOUT_MS 3000
/* What a busy machine may need for what takes no time. */
#define LATE_MS 7000

/* Everything that can wait, waiting */

typedef enum
{
  WAIT_READ,
  WAIT_DATAGRAM,
  WAIT_STREAM,
  WAIT_READ_ASYNC,
  WAIT_DATAGRAM_ASYNC,
  WAIT_STREAM_ASYNC,
  WAIT_READ_SOURCE,
  WAIT_WRITE,
  WAIT_WRITE_ASYNC,
  WAIT_WRITE_SOURCE,
  WAIT_OPEN_STREAM,
  WAIT_DELIVERED,
  WAIT_DELIVERED_ASYNC,
  WAIT_CLOSE,
  WAIT_CLOSE_ASYNC,
  WAIT_DESCRIPTOR,
  N_WAITS,
} Wait;

static const char *const wait_names[N_WAITS] = {
  "read", "receive-datagram", "accept-stream", "read-async",
  "receive-datagram-async", "accept-stream-async", "input-source", "write",
  "write-async", "output-source", "open-stream", "wait-delivered",
  "wait-delivered-async", "close", "close-async", "exported-descriptor",
};

/* These may all wait for one connection at the same time. */
static const Wait together[] = {
  WAIT_READ, WAIT_DATAGRAM, WAIT_STREAM, WAIT_DATAGRAM_ASYNC,
  WAIT_STREAM_ASYNC, WAIT_WRITE,
};

typedef struct
{
  SrudpConnection *connection;
  Wait wait;
  GCancellable *cancellable;
  GError *error;
  int done; /* atomic */
} Waiting;

static gsize
fill (GOutputStream *stream)
{
  static const char block[10000] = { 0 };
  gsize n = 0;

  while (g_pollable_output_stream_write_nonblocking (
           G_POLLABLE_OUTPUT_STREAM (stream), block, sizeof block, NULL, NULL)
         > 0)
    n++;
  return n;
}

/* The worker takes some of it on its way, and makes room; by the time that it
 * has told its numbers, it has taken what it could. */
static void
fill_up (SrudpConnection *connection)
{
  GOutputStream *stream = g_io_stream_get_output_stream (
    G_IO_STREAM (connection));

  for (guint n_quiet = 0; n_quiet < 3;)
    {
      n_quiet = fill (stream) > 0 ? 0 : n_quiet + 1;
      srudp_stats_free (srudp_connection_dup_stats (connection));
      g_usleep (10 * 1000);
    }
}

/* As many as the peer allows. */
static void
open_streams (Waiting *waiting)
{
  g_autoptr (GPtrArray) streams =
    g_ptr_array_new_with_free_func (g_object_unref);
  SrudpStream *stream;

  while ((stream = srudp_connection_open_stream (
            waiting->connection, waiting->cancellable, &waiting->error))
         != NULL)
    g_ptr_array_add (streams, stream);
}

static GAsyncResult *
start_async (Waiting        *waiting,
             GInputStream   *input,
             GOutputStream  *output,
             GAsyncResult  **result)
{
  static char block[10000];
  SrudpConnection *connection = waiting->connection;
  GCancellable *cancellable = waiting->cancellable;

  switch (waiting->wait)
    {
    case WAIT_READ_ASYNC:
      g_input_stream_read_async (input, block, 1, 0, cancellable,
                                 store_result_cb, result);
      break;
    case WAIT_WRITE_ASYNC:
      g_output_stream_write_async (output, block, sizeof block, 0, cancellable,
                                   store_result_cb, result);
      break;
    case WAIT_DATAGRAM_ASYNC:
      srudp_connection_receive_datagram_async (connection, cancellable,
                                               store_result_cb, result);
      break;
    case WAIT_STREAM_ASYNC:
      srudp_connection_accept_stream_async (connection, cancellable,
                                            store_result_cb, result);
      break;
    case WAIT_DELIVERED_ASYNC:
      srudp_connection_wait_delivered_async (connection, cancellable,
                                             store_result_cb, result);
      break;
    case WAIT_CLOSE_ASYNC:
      g_io_stream_close_async (G_IO_STREAM (connection), 0, cancellable,
                               store_result_cb, result);
      break;
    default:
      g_assert_not_reached ();
    }
  while (*result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  return *result;
}

static void
finish_async (Waiting       *waiting,
              GInputStream  *input,
              GOutputStream *output,
              GAsyncResult  *result)
{
  SrudpConnection *connection = waiting->connection;
  GError **error = &waiting->error;

  switch (waiting->wait)
    {
    case WAIT_READ_ASYNC:
      g_input_stream_read_finish (input, result, error);
      break;
    case WAIT_WRITE_ASYNC:
      g_output_stream_write_finish (output, result, error);
      break;
    case WAIT_DATAGRAM_ASYNC:
      srudp_connection_receive_datagram_finish (connection, result, error);
      break;
    case WAIT_STREAM_ASYNC:
      srudp_connection_accept_stream_finish (connection, result, error);
      break;
    case WAIT_DELIVERED_ASYNC:
      srudp_connection_wait_delivered_finish (connection, result, error);
      break;
    case WAIT_CLOSE_ASYNC:
      g_io_stream_close_finish (G_IO_STREAM (connection), result, error);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* In a context of its own, as another thread may be in the default one. */
static void
wait_async (Waiting       *waiting,
            GInputStream  *input,
            GOutputStream *output)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;

  g_main_context_push_thread_default (context);
  start_async (waiting, input, output, &result);
  finish_async (waiting, input, output, result);
  g_main_context_pop_thread_default (context);
}

static gboolean
source_cb (GObject  *stream,
           gpointer  user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait_for_source (Waiting       *waiting,
                 GInputStream  *input,
                 GOutputStream *output)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = NULL;
  gboolean dispatched = FALSE;
  char byte = 0;

  if (waiting->wait == WAIT_READ_SOURCE)
    source = g_pollable_input_stream_create_source (
      G_POLLABLE_INPUT_STREAM (input), waiting->cancellable);
  else
    source = g_pollable_output_stream_create_source (
      G_POLLABLE_OUTPUT_STREAM (output), waiting->cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (source_cb), &dispatched, NULL);
  g_source_attach (source, context);
  while (!dispatched)
    g_main_context_iteration (context, TRUE);

  if (waiting->wait == WAIT_READ_SOURCE)
    g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (input), &byte, 1, waiting->cancellable,
      &waiting->error);
  else
    g_pollable_output_stream_write_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (output), &byte, 1, waiting->cancellable,
      &waiting->error);
}

/* One that has the descriptor only sees that it ends. */
static void
wait_for_descriptor (Waiting *waiting)
{
  g_autoptr (GError) error = NULL;
  int fd = srudp_connection_export_fd (waiting->connection, &error);
  char byte;

  g_assert_no_error (error);
  g_assert_cmpint (read (fd, &byte, 1), <=, 0);
  close (fd);
}

/* What makes it wait, while the network is cut. */
static void
prepare (Waiting       *waiting,
         GOutputStream *output)
{
  switch (waiting->wait)
    {
    case WAIT_WRITE:
    case WAIT_WRITE_ASYNC:
    case WAIT_WRITE_SOURCE:
      fill_up (waiting->connection);
      break;
    case WAIT_DELIVERED:
    case WAIT_DELIVERED_ASYNC:
    case WAIT_CLOSE:
    case WAIT_CLOSE_ASYNC:
      write_text (output, "x");
      break;
    default:
      break;
    }
}

static gpointer
wait_thread (gpointer data)
{
  Waiting *waiting = data;
  SrudpConnection *connection = waiting->connection;
  GInputStream *input = g_io_stream_get_input_stream (
    G_IO_STREAM (connection));
  GOutputStream *output = g_io_stream_get_output_stream (
    G_IO_STREAM (connection));
  char byte = 0;

  switch (waiting->wait)
    {
    case WAIT_READ:
      g_input_stream_read (input, &byte, 1, waiting->cancellable,
                           &waiting->error);
      break;
    case WAIT_WRITE:
      g_output_stream_write (output, &byte, 1, waiting->cancellable,
                             &waiting->error);
      break;
    case WAIT_DELIVERED:
      srudp_connection_wait_delivered (connection, waiting->cancellable,
                                       &waiting->error);
      break;
    case WAIT_DATAGRAM:
      srudp_connection_receive_datagram (connection, waiting->cancellable,
                                         &waiting->error);
      break;
    case WAIT_STREAM:
      srudp_connection_accept_stream (connection, waiting->cancellable,
                                      &waiting->error);
      break;
    case WAIT_OPEN_STREAM:
      open_streams (waiting);
      break;
    case WAIT_CLOSE:
      g_io_stream_close (G_IO_STREAM (connection), waiting->cancellable,
                         &waiting->error);
      break;
    case WAIT_READ_SOURCE:
    case WAIT_WRITE_SOURCE:
      wait_for_source (waiting, input, output);
      break;
    case WAIT_DESCRIPTOR:
      wait_for_descriptor (waiting);
      break;
    default:
      wait_async (waiting, input, output);
    }
  g_atomic_int_set (&waiting->done, 1);
  return NULL;
}

/* What ends the waiting */

typedef enum
{
  END_DEAD_PEER,
  END_ENDPOINT_CLOSED,
  END_CONNECTION_CLOSED,
  END_CANCELLED,
  END_PEER_CLOSED,
  N_ENDS,
} End;

static const char *const end_names[N_ENDS] = {
  "dead-peer", "closed-endpoint", "closed-connection", "cancelled",
  "peer-that-closes",
};

static gpointer
close_endpoint_thread (gpointer data)
{
  srudp_endpoint_close (data, NULL, NULL);
  return NULL;
}

static gpointer
close_connection_thread (gpointer data)
{
  g_io_stream_close (data, NULL, NULL);
  return NULL;
}

static GThread *
bring_about (End      end,
             Pair    *pair,
             Waiting *waiting)
{
  switch (end)
    {
    case END_ENDPOINT_CLOSED:
      return g_thread_new ("end", close_endpoint_thread, pair->endpoint_a);
    case END_CONNECTION_CLOSED:
      return g_thread_new ("end", close_connection_thread, pair->a);
    case END_CANCELLED:
      g_cancellable_cancel (waiting->cancellable);
      return NULL;
    case END_PEER_CLOSED:
      fragile_transport_set_cut (pair->transport, FALSE);
      return g_thread_new ("end", close_connection_thread, pair->b);
    case END_DEAD_PEER:
    case N_ENDS:
    default:
      return NULL;
    }
}

/* -1: no error. */
static int
get_expected_code (End  end,
                   Wait wait)
{
  gboolean is_output = wait >= WAIT_DELIVERED && wait <= WAIT_CLOSE_ASYNC;

  if (wait == WAIT_DESCRIPTOR)
    return -1;
  switch (end)
    {
    case END_DEAD_PEER:
      return G_IO_ERROR_TIMED_OUT;
    case END_CANCELLED:
      return G_IO_ERROR_CANCELLED;
    case END_PEER_CLOSED:
      /* To read the end, or to have delivered all, is no error. */
      if (is_output || wait == WAIT_READ || wait == WAIT_READ_ASYNC
          || wait == WAIT_READ_SOURCE)
        return -1;
      return G_IO_ERROR_CONNECTION_CLOSED;
    default:
      /* The peer doesn't answer, so that it can't be delivered. */
      return is_output ? G_IO_ERROR_TIMED_OUT : G_IO_ERROR_CLOSED;
    }
}

static gboolean
is_possible (End  end,
             Wait wait)
{
  /* Read and closed in another way than by cancelling. */
  if (wait == WAIT_DESCRIPTOR)
    return end != END_CANCELLED;
  /* It may have arrived just before, or not. */
  if (wait == WAIT_DELIVERED || wait == WAIT_DELIVERED_ASYNC)
    return end != END_PEER_CLOSED;
  /* GIOStream has one such operation at a time. */
  return end != END_CONNECTION_CLOSED
         || (wait != WAIT_CLOSE && wait != WAIT_CLOSE_ASYNC);
}

static void
check_time (gint64 started_us)
{
  gint64 most_us = (IDLE_TIMEOUT_MS + LATE_MS) * 1000;

#if defined (WITH_ASAN) || defined (WITH_TSAN)
  most_us *= 3;
#endif
  g_assert_cmpint (g_get_monotonic_time () - started_us, <, most_us);
}

typedef struct
{
  Pair pair;
  Waiting waiting;
  GThread *waiter, *other;
  gint64 cut_us; /* when the network ended: the idle clock runs from there */
} Case;

static void
case_start (Case *self,
            Wait  wait)
{
  self->waiting.wait = wait;
  pair_set_up_fragile (&self->pair, IDLE_TIMEOUT_MS);
  self->cut_us = g_get_monotonic_time ();
  fragile_transport_set_cut (self->pair.transport, TRUE);
  self->waiting.connection = self->pair.a;
  self->waiting.cancellable = patience ();
  prepare (&self->waiting, self->pair.out_a);
  self->waiter = g_thread_new ("waiting", wait_thread, &self->waiting);
}

static void
case_check (Case   *self,
            End     end,
            gint64  started_us)
{
  int code = get_expected_code (end, self->waiting.wait);
  SrudpConnectionState state;
  gboolean is_early;

  g_thread_join (self->waiter);
  if (self->other != NULL)
    g_thread_join (self->other);
  check_time (started_us);
  if (code < 0)
    g_assert_no_error (self->waiting.error);
  else
    g_assert_error (self->waiting.error, G_IO_ERROR, code);

  /* Only closing can't be taken back. A machine so busy that the connection
   * has meanwhile timed out proves nothing here. */
  state = srudp_connection_get_state (self->pair.a);
  is_early = g_get_monotonic_time () - self->cut_us < IDLE_TIMEOUT_MS * 1000;
  if (end == END_CANCELLED && self->waiting.wait != WAIT_CLOSE
      && self->waiting.wait != WAIT_CLOSE_ASYNC)
    g_assert_true (state < SRUDP_CONNECTION_STATE_CLOSING || !is_early);
  else
    g_assert_cmpint (srudp_connection_get_state (self->pair.a), ==,
                     SRUDP_CONNECTION_STATE_CLOSED);

  g_clear_object (&self->waiting.cancellable);
  g_clear_error (&self->waiting.error);
  fragile_transport_set_cut (self->pair.transport, FALSE);
  pair_tear_down (&self->pair);
}

/* One connection for each thing that waits, as some end the others. */
static void
test_waking (gconstpointer data)
{
  End end = (End) GPOINTER_TO_UINT (data);
  Case cases[N_WAITS] = { 0 };
  gint64 started_us[N_WAITS];

  for (Wait wait = 0; wait < N_WAITS; wait++)
    if (is_possible (end, wait))
      {
        case_start (&cases[wait], wait);
        g_usleep (20 * 1000);
        g_test_message ("%s", wait_names[wait]);
        g_assert_cmpint (g_atomic_int_get (&cases[wait].waiting.done), ==, 0);
        started_us[wait] = g_get_monotonic_time ();
        cases[wait].other = bring_about (end, &cases[wait].pair,
                                         &cases[wait].waiting);
      }
  for (Wait wait = 0; wait < N_WAITS; wait++)
    if (is_possible (end, wait))
      {
        g_test_message ("%s", wait_names[wait]);
        case_check (&cases[wait], end, started_us[wait]);
      }
}

static void
test_all_hear_of_it (void)
{
  Pair pair = { 0 };
  Waiting waiting[G_N_ELEMENTS (together)];
  GThread *threads[G_N_ELEMENTS (together)];
  g_autoptr (GError) sticky = NULL;

  pair_set_up_fragile (&pair, IDLE_TIMEOUT_MS);
  fragile_transport_set_cut (pair.transport, TRUE);
  fill_up (pair.a);
  for (gsize i = 0; i < G_N_ELEMENTS (together); i++)
    {
      waiting[i] = (Waiting) { pair.a, together[i], patience () };
      threads[i] = g_thread_new ("waiting", wait_thread, &waiting[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (together); i++)
    {
      g_thread_join (threads[i]);
      g_assert_error (waiting[i].error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_object (&waiting[i].cancellable);
      g_clear_error (&waiting[i].error);
    }

  /* And so does everyone who asks later. */
  sticky = srudp_connection_dup_error (pair.a);
  g_assert_error (sticky, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  for (gsize i = 0; i < G_N_ELEMENTS (together); i++)
    {
      Waiting late = { pair.a, together[i] };

      wait_thread (&late);
      g_assert_error (late.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_error (&late.error);
    }

  pair_tear_down (&pair);
}

/* Cancelled opens and accepts, at many moments */

static void
test_cancel_open (void)
{
  for (guint delay_ms = 0; delay_ms < 30; delay_ms++)
    {
      g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
      g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
      g_autoptr (SrudpConnection) a = make_connection (endpoint_a,
                                                       endpoint_b);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) opened = NULL;
      g_autoptr (GError) error = NULL;

      srudp_endpoint_set_accept_incoming (endpoint_b, delay_ms % 2 == 0);
      if (delay_ms == 0)
        g_cancellable_cancel (cancellable);
      srudp_connection_open_async (a, cancellable, store_result_cb, &opened);
      run_for (delay_ms / 2);
      g_cancellable_cancel (cancellable);
      run_until_set ((gpointer *) &opened);
      if (srudp_connection_open_finish (a, opened, &error))
        {
          g_assert_cmpint (srudp_connection_get_state (a), ==,
                           SRUDP_CONNECTION_STATE_ESTABLISHED);
        }
      else
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          g_assert_cmpint (srudp_connection_get_state (a), ==,
                           SRUDP_CONNECTION_STATE_CLOSED);
        }
      /* A second call of the callback would fail here. */
      run_for (1);
    }
}

static void
test_cancel_accept (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) patient = patience ();
  g_autoptr (GAsyncResult) accepted = NULL;
  g_autoptr (GError) error = NULL;

  srudp_endpoint_accept_async (endpoint_b, cancellable, store_result_cb,
                               &accepted);
  g_cancellable_cancel (cancellable);
  run_until_set ((gpointer *) &accepted);
  g_assert_null (srudp_endpoint_accept_finish (endpoint_b, accepted,
                                               &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* The cancelled one doesn't swallow a connection. */
  open_now (a);
  b = srudp_endpoint_accept (endpoint_b, patient, &error);
  g_assert_no_error (error);
  g_assert_nonnull (b);
}

static gpointer
accept_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (srudp_endpoint_accept (data, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  return NULL;
}

static gpointer
open_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (srudp_connection_open (data, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  return NULL;
}

static void
test_closing_ends_accept_and_open (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) opening = make_connection (endpoint_a,
                                                         endpoint_b);
  g_autoptr (SrudpConnection) late = make_connection (endpoint_a,
                                                      endpoint_b);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  GThread *acceptor = g_thread_new ("accept", accept_thread, endpoint_a);
  GThread *opener = g_thread_new ("open", open_thread, opening);

  g_usleep (50 * 1000);
  g_assert_true (srudp_endpoint_close (endpoint_a, cancellable, &error));
  g_assert_no_error (error);
  g_thread_join (acceptor);
  g_thread_join (opener);

  accept_thread (endpoint_a);
  open_thread (late);
}

static void
test_close_while_opening (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (GError) error = NULL;
  GThread *opener = g_thread_new ("open", open_thread, a);

  while (srudp_connection_get_state (a) != SRUDP_CONNECTION_STATE_WAITING)
    g_usleep (1000);
  g_assert_true (g_io_stream_close (G_IO_STREAM (a), NULL, &error));
  g_assert_no_error (error);
  g_thread_join (opener);
}

/* States */

static void
state_cb (SrudpConnection *connection,
          GParamSpec      *pspec,
          gpointer         user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
test_unreachable_and_back (void)
{
  Pair pair = { 0 };
  guint n_notified = 0;
  gint64 deadline_us;

  pair_set_up_fragile (&pair, 2 * PATIENCE_MS);
  /* What was to be told of the opening has been told. */
  run_for (100);
  g_signal_connect (pair.a, "notify::state", G_CALLBACK (state_cb),
                    &n_notified);

  fragile_transport_set_cut (pair.transport, TRUE);
  write_text (pair.out_a, "lost");
  deadline_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  while (srudp_connection_get_state (pair.a)
           != SRUDP_CONNECTION_STATE_UNREACHABLE
         && g_get_monotonic_time () < deadline_us)
    run_for (20);
  g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                   SRUDP_CONNECTION_STATE_UNREACHABLE);

  fragile_transport_set_cut (pair.transport, FALSE);
  expect_text (pair.in_b, "lost");
  while (srudp_connection_get_state (pair.a)
           != SRUDP_CONNECTION_STATE_ESTABLISHED
         && g_get_monotonic_time () < deadline_us)
    run_for (20);
  while (n_notified < 2 && g_get_monotonic_time () < deadline_us)
    run_for (20);
  g_assert_cmpuint (n_notified, ==, 2);

  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < N_ENDS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/waking/%s", end_names[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_waking);
    }
  g_test_add_func ("/death/all-hear-of-it", test_all_hear_of_it);
  g_test_add_func ("/death/unreachable-and-back", test_unreachable_and_back);
  g_test_add_func ("/cancel/open-at-any-moment", test_cancel_open);
  g_test_add_func ("/cancel/accept", test_cancel_accept);
  g_test_add_func ("/close/ends-accept-and-open",
                   test_closing_ends_accept_and_open);
  g_test_add_func ("/close/while-opening", test_close_while_opening);

  return g_test_run ();
}
