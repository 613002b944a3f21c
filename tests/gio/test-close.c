/*
 * SPDX-License-Identifier: MIT
 *
 * test-close.c: what the peer knows when closing is over
 */
#include "support.h"

#define N_ROUNDS 20
/* Much longer than the peer may take, and than the test waits for it. */
#define IDLE_TIMEOUT_MS (2 * PATIENCE_MS)
/* Much longer than who has nobody to wait for takes on a busy machine, and much
 * less than the idle timeout, which is what waiting would take. */
#define FAST_US (5 * G_USEC_PER_SEC)

typedef enum
{
  CLOSE_SYNC,
  CLOSE_ASYNC,
} Way;

static gpointer
read_end_thread (gpointer data)
{
  Pair *pair = data;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (pair->in_b, &byte, 1, cancellable,
                                        &error),
                   ==, 0);
  g_assert_no_error (error);
  return NULL;
}

static void
close_now (Pair *pair,
           Way   way)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (way == CLOSE_SYNC)
    g_io_stream_close (G_IO_STREAM (pair->a), NULL, &error);
  else
    {
      g_io_stream_close_async (G_IO_STREAM (pair->a), G_PRIORITY_DEFAULT, NULL,
                               store_result_cb, &result);
      run_until_set ((gpointer *) &result);
      g_io_stream_close_finish (G_IO_STREAM (pair->a), result, &error);
    }
  g_assert_no_error (error);
}

static void
wait_until_closed (SrudpConnection *connection)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (srudp_connection_get_state (connection)
           != SRUDP_CONNECTION_STATE_CLOSED
         && g_get_monotonic_time () < deadline_us)
    g_usleep (1000);
  g_assert_cmpint (srudp_connection_get_state (connection), ==,
                   SRUDP_CONNECTION_STATE_CLOSED);
}

/* A program may end right after closing, without a word to its endpoint. The
 * peer must not have to find that out by itself. */
static void
test_peer_knows (gconstpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      Pair pair = { 0 };
      GThread *reader;

      pair_set_up_fragile (&pair, IDLE_TIMEOUT_MS);
      reader = g_thread_new ("reader", read_end_thread, &pair);
      /* In each round another packet is lost. */
      fragile_transport_set_loss (pair.transport, 2 + i % 3);
      close_now (&pair, (Way) GPOINTER_TO_INT (data));
      fragile_transport_set_cut (pair.transport, TRUE);

      g_thread_join (reader);
      wait_until_closed (pair.b);
      g_assert_no_error (srudp_connection_dup_error (pair.b));
      pair_tear_down (&pair);
    }
}

/* Who closes second has nobody to wait for. */
static void
test_second_is_fast (void)
{
  Pair pair = { 0 };
  gint64 started_us;

  pair_set_up_fragile (&pair, IDLE_TIMEOUT_MS);
  g_io_stream_close (G_IO_STREAM (pair.b), NULL, NULL);
  wait_until_closed (pair.a);
  fragile_transport_set_cut (pair.transport, TRUE);
  started_us = g_get_monotonic_time ();
  close_now (&pair, CLOSE_SYNC);
  g_assert_cmpint (g_get_monotonic_time () - started_us, <,
                   FAST_US);
  pair_tear_down (&pair);
}

/* Both at once: each of them is what the other waits for. */

static gpointer
close_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_io_stream_close (data, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_both_at_once (void)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      Pair pair = { 0 };
      GThread *other;
      gint64 started_us;

      pair_set_up (&pair);
      started_us = g_get_monotonic_time ();
      other = g_thread_new ("close", close_thread, pair.b);
      close_thread (pair.a);
      g_thread_join (other);
      g_assert_cmpint (g_get_monotonic_time () - started_us, <,
                       FAST_US);
      pair_tear_down (&pair);
    }
}

/* A peer whose look-up goes on until the connection is there, and whose end
 * then holds up who has ended it: the worker. */

#define HOLDING_TYPE_PEER (holding_peer_get_type ())
G_DECLARE_FINAL_TYPE (HoldingPeer, holding_peer, HOLDING, PEER,
                      GSocketAddressEnumerator)

struct _HoldingPeer
{
  GSocketAddressEnumerator parent_instance;

  GSocketAddress *address; /* NULL: given already */
  GAsyncQueue *releases;
};

static GSocketAddressEnumerator *
holding_peer_enumerate (GSocketConnectable *connectable)
{
  return g_object_ref (G_SOCKET_ADDRESS_ENUMERATOR (connectable));
}

static void
holding_peer_connectable_init (GSocketConnectableIface *iface)
{
  iface->enumerate = holding_peer_enumerate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (
  HoldingPeer, holding_peer, G_TYPE_SOCKET_ADDRESS_ENUMERATOR,
  G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                         holding_peer_connectable_init))

static void
hold_cb (GCancellable *cancellable,
         HoldingPeer  *self)
{
  g_assert_nonnull (g_async_queue_timeout_pop (self->releases,
                                               PATIENCE_MS * 1000));
}

static GSocketAddress *
holding_peer_next (GSocketAddressEnumerator  *enumerator,
                   GCancellable              *cancellable,
                   GError                   **error)
{
  HoldingPeer *self = HOLDING_PEER (enumerator);

  if (self->address != NULL)
    {
      g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (hold_cb),
                               self, 0);
      return g_steal_pointer (&self->address);
    }
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_usleep (1000);
  return NULL;
}

static void
holding_peer_finalize (GObject *object)
{
  HoldingPeer *self = HOLDING_PEER (object);

  g_clear_object (&self->address);
  g_async_queue_unref (self->releases);

  G_OBJECT_CLASS (holding_peer_parent_class)->finalize (object);
}

static void
holding_peer_class_init (HoldingPeerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = holding_peer_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = holding_peer_next;
}

static void
holding_peer_init (HoldingPeer *self)
{
  self->releases = g_async_queue_new ();
}

/* Some bytes may have arrived, but no end. */
static void
expect_broken_off (GInputStream *stream)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char bytes[16];
  gssize n;

  while ((n = g_input_stream_read (stream, bytes, sizeof bytes, cancellable,
                                   &error)) > 0)
    {
    }
  g_assert_cmpint (n, ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

/* Whoever breaks off a connection while the worker is still busy with its
 * beginning has not sent a whole: the peer must not read an end. */
static void
test_broken_off_at_once (gconstpointer data)
{
  const char *half = data;
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (HoldingPeer) peer = g_object_new (HOLDING_TYPE_PEER, NULL);
  g_autoptr (SrudpConnection) a =
    srudp_connection_new (endpoint_a, G_SOCKET_CONNECTABLE (peer));
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GAsyncResult) accepted = NULL;
  g_autoptr (GCancellable) at_once = g_cancellable_new ();
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  peer->address = get_address (endpoint_b);
  srudp_endpoint_accept_async (endpoint_b, cancellable, store_result_cb,
                               &accepted);
  open_now (a);
  if (*half != '\0')
    write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), half);
  g_cancellable_cancel (at_once);
  g_assert_false (g_io_stream_close (G_IO_STREAM (a), at_once, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_async_queue_push (peer->releases, peer);

  run_until_set ((gpointer *) &accepted);
  b = srudp_endpoint_accept_finish (endpoint_b, accepted, &error);
  g_assert_no_error (error);
  expect_broken_off (g_io_stream_get_input_stream (G_IO_STREAM (b)));
}

/* Nor when the whole endpoint is broken off. */
static void
test_endpoint_broken_off (gconstpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      Pair pair = { 0 };
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GCancellable) at_once = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      pair_set_up (&pair);
      write_text (pair.out_a, "half");
      g_cancellable_cancel (at_once);
      if (GPOINTER_TO_INT (data) == CLOSE_SYNC)
        {
          srudp_endpoint_close (pair.endpoint_a, at_once, &error);
        }
      else
        {
          srudp_endpoint_close_async (pair.endpoint_a, at_once,
                                      store_result_cb, &result);
          run_until_set ((gpointer *) &result);
          srudp_endpoint_close_finish (pair.endpoint_a, result, &error);
        }
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      expect_broken_off (pair.in_b);
      pair_tear_down (&pair);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/close/peer-knows", GINT_TO_POINTER (CLOSE_SYNC),
                        test_peer_knows);
  g_test_add_data_func ("/close/peer-knows-asynchronous",
                        GINT_TO_POINTER (CLOSE_ASYNC), test_peer_knows);
  g_test_add_func ("/close/second-is-fast", test_second_is_fast);
  g_test_add_func ("/close/both-at-once", test_both_at_once);
  g_test_add_data_func ("/close/broken-off-at-once", "",
                        test_broken_off_at_once);
  g_test_add_data_func ("/close/broken-off-after-half", "half",
                        test_broken_off_at_once);
  g_test_add_data_func ("/close/endpoint-broken-off",
                        GINT_TO_POINTER (CLOSE_SYNC),
                        test_endpoint_broken_off);
  g_test_add_data_func ("/close/endpoint-broken-off-asynchronous",
                        GINT_TO_POINTER (CLOSE_ASYNC),
                        test_endpoint_broken_off);

  return g_test_run ();
}
