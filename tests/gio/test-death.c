/*
 * SPDX-License-Identifier: MIT
 *
 * test-death.c: peers that vanish, and operations that are cancelled
 */
#include "support.h"

#include <string.h>
#include <unistd.h>

#define IDLE_TIMEOUT_MS 1000

/* Everything that can wait, waiting */

typedef enum
{
  WAIT_READ,
  WAIT_WRITE,
  WAIT_DELIVERED,
  WAIT_DATAGRAM,
  WAIT_STREAM,
  WAIT_CLOSE,
  N_WAITS,
} Wait;

typedef struct
{
  SrudpConnection *connection;
  Wait wait;
  GCancellable *cancellable;
  GError *error;
} Waiting;

static void
fill_up (SrudpConnection  *connection,
         GCancellable     *cancellable,
         GError          **error)
{
  GOutputStream *stream = g_io_stream_get_output_stream (
    G_IO_STREAM (connection));
  static const char block[10000] = { 0 };

  while (g_output_stream_write (stream, block, sizeof block, cancellable,
                                error)
         > 0)
    {
    }
}

static gpointer
wait_thread (gpointer data)
{
  Waiting *waiting = data;
  SrudpConnection *connection = waiting->connection;
  GInputStream *input = g_io_stream_get_input_stream (
    G_IO_STREAM (connection));
  char byte;

  switch (waiting->wait)
    {
    case WAIT_READ:
      g_input_stream_read (input, &byte, 1, waiting->cancellable,
                           &waiting->error);
      break;
    case WAIT_WRITE:
      fill_up (connection, waiting->cancellable, &waiting->error);
      break;
    case WAIT_DELIVERED:
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                  "x");
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
    case WAIT_CLOSE:
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                  "x");
      g_io_stream_close (G_IO_STREAM (connection), waiting->cancellable,
                         &waiting->error);
      break;
    case N_WAITS:
    default:
      g_assert_not_reached ();
    }
  return NULL;
}

/* One connection for each thing that waits, as closing ends the others. */
static void
test_dead_peer (gconstpointer data)
{
  Pair pair = { 0 };
  Waiting waiting = { .wait = (Wait) GPOINTER_TO_INT (data) };
  gint64 started_us;
  double waited;

  pair_set_up_fragile (&pair, IDLE_TIMEOUT_MS);
  fragile_transport_set_cut (pair.transport, TRUE);
  waiting.connection = pair.a;
  waiting.cancellable = patience ();
  started_us = g_get_monotonic_time ();
  g_thread_join (g_thread_new ("waiting", wait_thread, &waiting));
  waited = (double) (g_get_monotonic_time () - started_us) / 1000;

  g_assert_error (waiting.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpfloat (waited, <, IDLE_TIMEOUT_MS + 1000);
  g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                   SRUDP_CONNECTION_STATE_CLOSED);

  g_clear_object (&waiting.cancellable);
  g_clear_error (&waiting.error);
  pair_tear_down (&pair);
}

static void
test_all_hear_of_it (void)
{
  Pair pair = { 0 };
  Waiting waiting[WAIT_CLOSE];
  GThread *threads[WAIT_CLOSE];
  g_autoptr (GError) sticky = NULL;

  pair_set_up_fragile (&pair, IDLE_TIMEOUT_MS);
  for (Wait i = 0; i < WAIT_CLOSE; i++)
    {
      waiting[i] = (Waiting) { pair.a, i, patience (), NULL };
      /* These two write: one of them at a time. */
      if (i != WAIT_DELIVERED)
        threads[i] = g_thread_new ("waiting", wait_thread, &waiting[i]);
    }
  g_usleep (50 * 1000);
  fragile_transport_set_cut (pair.transport, TRUE);
  for (Wait i = 0; i < WAIT_CLOSE; i++)
    {
      if (i != WAIT_DELIVERED)
        {
          g_thread_join (threads[i]);
          g_assert_error (waiting[i].error, G_IO_ERROR,
                          G_IO_ERROR_TIMED_OUT);
        }
      g_clear_object (&waiting[i].cancellable);
      g_clear_error (&waiting[i].error);
    }

  /* And so does everyone who asks later. */
  sticky = srudp_connection_dup_error (pair.a);
  g_assert_error (sticky, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  for (Wait i = 0; i < WAIT_CLOSE; i++)
    {
      Waiting late = { pair.a, i, NULL, NULL };

      if (i == WAIT_DELIVERED)
        continue;
      wait_thread (&late);
      g_assert_error (late.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_error (&late.error);
    }

  pair_tear_down (&pair);
}

static void
test_closing_endpoint_wakes_all (void)
{
  Pair pair = { 0 };
  Waiting waiting[WAIT_CLOSE];
  GThread *threads[WAIT_CLOSE] = { NULL };
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  for (Wait i = 0; i < WAIT_CLOSE; i++)
    {
      waiting[i] = (Waiting) { pair.a, i, patience (), NULL };
      /* Nothing is left to deliver, so that the end is an orderly one. */
      if (i != WAIT_DELIVERED && i != WAIT_WRITE)
        threads[i] = g_thread_new ("waiting", wait_thread, &waiting[i]);
    }
  g_usleep (50 * 1000);
  g_assert_true (srudp_endpoint_close (pair.endpoint_a, cancellable, &error));
  g_assert_no_error (error);
  for (Wait i = 0; i < WAIT_CLOSE; i++)
    {
      if (threads[i] != NULL)
        {
          g_thread_join (threads[i]);
          g_assert_nonnull (waiting[i].error);
          if (i == WAIT_READ)
            g_assert_error (waiting[i].error, G_IO_ERROR, G_IO_ERROR_CLOSED);
        }
      g_clear_object (&waiting[i].cancellable);
      g_clear_error (&waiting[i].error);
    }
  pair_tear_down (&pair);
}

/* Who has the descriptor is told by its end. */
static void
test_descriptor_of_dead_peer (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 started_us;
  char byte;
  int fd;

  pair_set_up_fragile (&pair, IDLE_TIMEOUT_MS);
  fd = srudp_connection_export_fd (pair.a, &error);
  g_assert_no_error (error);
  fragile_transport_set_cut (pair.transport, TRUE);
  started_us = g_get_monotonic_time ();
  g_assert_cmpint (read (fd, &byte, 1), <=, 0);
  g_assert_cmpint ((g_get_monotonic_time () - started_us) / 1000, <,
                   IDLE_TIMEOUT_MS + 1000);
  close (fd);
  pair_tear_down (&pair);
}

static gpointer
cancel_thread (gpointer data)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel_waiting (gconstpointer data)
{
  Pair pair = { 0 };
  Waiting waiting = { .wait = (Wait) GPOINTER_TO_INT (data) };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread;

  pair_set_up_fragile (&pair, 10 * IDLE_TIMEOUT_MS);
  fragile_transport_set_cut (pair.transport, TRUE);
  waiting.connection = pair.a;
  waiting.cancellable = cancellable;
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  wait_thread (&waiting);
  g_thread_join (thread);
  g_assert_error (waiting.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* Only closing can't be taken back. */
  if (waiting.wait == WAIT_CLOSE)
    g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                     SRUDP_CONNECTION_STATE_CLOSED);
  else
    g_assert_cmpint (srudp_connection_get_state (pair.a), <,
                     SRUDP_CONNECTION_STATE_CLOSING);

  g_clear_error (&waiting.error);
  fragile_transport_set_cut (pair.transport, FALSE);
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

  pair_set_up_fragile (&pair, 30 * IDLE_TIMEOUT_MS);
  run_for (10);
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
  run_for (20);
  g_assert_cmpuint (n_notified, ==, 2);

  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const names[N_WAITS] = {
    "read", "write", "wait-delivered", "receive-datagram", "accept-stream",
    "close",
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < N_WAITS; i++)
    {
      g_autofree char *dead = g_strdup_printf ("/death/wakes-%s", names[i]);
      g_autofree char *cancelled = g_strdup_printf ("/cancel/%s", names[i]);

      g_test_add_data_func (dead, GINT_TO_POINTER (i), test_dead_peer);
      g_test_add_data_func (cancelled, GINT_TO_POINTER (i),
                            test_cancel_waiting);
    }
  g_test_add_func ("/death/all-hear-of-it", test_all_hear_of_it);
  g_test_add_func ("/death/exported-descriptor",
                   test_descriptor_of_dead_peer);
  g_test_add_func ("/close/endpoint-wakes-all",
                   test_closing_endpoint_wakes_all);
  g_test_add_func ("/death/unreachable-and-back", test_unreachable_and_back);
  g_test_add_func ("/cancel/open-at-any-moment", test_cancel_open);
  g_test_add_func ("/cancel/accept", test_cancel_accept);
  g_test_add_func ("/close/ends-accept-and-open",
                   test_closing_ends_accept_and_open);
  g_test_add_func ("/close/while-opening", test_close_while_opening);

  return g_test_run ();
}
