/*
 * SPDX-License-Identifier: MIT
 *
 * test-opening.c: how two endpoints come to have a connection
 */
#include "support.h"

#include <string.h>

static void
test_open_and_accept (void)
{
  Pair pair = { 0 };
  g_autofree char *digits_a = NULL;
  g_autofree char *digits_b = NULL;
  g_autoptr (GBytes) binding_a = NULL;
  g_autoptr (GBytes) binding_b = NULL;

  pair_set_up (&pair);

  g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                   SRUDP_CONNECTION_STATE_ESTABLISHED);
  g_assert_cmpint (srudp_connection_get_state (pair.b), ==,
                   SRUDP_CONNECTION_STATE_ESTABLISHED);
  g_assert_true (srudp_peer_id_equal (
    srudp_connection_get_peer_id (pair.a),
    srudp_endpoint_get_peer_id (pair.endpoint_b)));
  g_assert_true (srudp_peer_id_equal (
    srudp_connection_get_peer_id (pair.b),
    srudp_endpoint_get_peer_id (pair.endpoint_a)));

  digits_a = srudp_connection_dup_safety_number (pair.a);
  digits_b = srudp_connection_dup_safety_number (pair.b);
  g_assert_cmpstr (digits_a, ==, digits_b);
  g_assert_cmpuint (strlen (digits_a), ==, 60 + 11);

  binding_a = srudp_connection_dup_channel_binding (pair.a);
  binding_b = srudp_connection_dup_channel_binding (pair.b);
  g_assert_true (g_bytes_equal (binding_a, binding_b));
  g_assert_cmpuint (g_bytes_get_size (binding_a), ==, 32);

  write_text (pair.out_a, "ping");
  expect_text (pair.in_b, "ping");
  write_text (pair.out_b, "pong");
  expect_text (pair.in_a, "pong");

  pair_tear_down (&pair);
}

/* Neither side accepts strangers: both opens become one connection. */
static void
test_both_open (void)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
      g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
      g_autoptr (SrudpConnection) a = make_connection (endpoint_a,
                                                       endpoint_b);
      g_autoptr (SrudpConnection) b = make_connection (endpoint_b,
                                                       endpoint_a);
      g_autoptr (GBytes) binding_a = NULL;
      g_autoptr (GBytes) binding_b = NULL;
      GThread *thread = g_thread_new ("open", open_now_thread, b);

      g_usleep (i * 20 * 1000);
      open_now (a);
      g_thread_join (thread);

      binding_a = srudp_connection_dup_channel_binding (a);
      binding_b = srudp_connection_dup_channel_binding (b);
      g_assert_true (g_bytes_equal (binding_a, binding_b));
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
      expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
    }
}

static void
test_connect_to_host (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) endpoint_a =
    srudp_endpoint_new_for_port (0, &error);
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (GSocketAddress) address = get_address (endpoint_b);
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GSocketAddress) remote = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) called_from = NULL;
  g_autofree char *local_text = NULL;
  g_autofree char *remote_text = NULL;

  g_assert_no_error (error);
  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  a = srudp_endpoint_connect_to_host (
    endpoint_a, "127.0.0.1",
    g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)),
    cancellable, &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
  g_assert_no_error (error);

  /* Endpoint a has a socket of both families: that must not show. */
  remote = srudp_connection_get_remote_address (a, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_socket_address_get_family (remote), ==,
                   G_SOCKET_FAMILY_IPV4);

  /* What one side sees as its own is what the other calls it by. */
  local = srudp_connection_get_local_address (a, &error);
  g_assert_no_error (error);
  called_from = srudp_connection_get_remote_address (b, &error);
  g_assert_no_error (error);
  local_text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (local));
  remote_text =
    g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (called_from));
  g_assert_cmpstr (local_text, ==, remote_text);
}

/* Loopback has many addresses: the answer must come from the one called. */
static void
test_answers_from_where_it_was_called (gconstpointer data)
{
  const char *host = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) endpoint_a =
    srudp_endpoint_new_for_port (0, &error);
  g_autoptr (SrudpEndpoint) endpoint_b =
    srudp_endpoint_new_for_port (0, &error);
  g_autoptr (GSocketAddress) bound = get_address (endpoint_b);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autofree char *local_text = NULL;
  g_autofree char *remote_text = NULL;
  g_autofree char *text = NULL;

  if (g_socket_address_get_family (bound) != G_SOCKET_FAMILY_IPV6
      && strchr (host, ':') != NULL)
    {
      g_test_skip ("there is no IPv6 here");
      return;
    }
  text = g_strdup_printf (
    "%s:%u", host,
    g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  a = srudp_endpoint_connect_to_host (endpoint_a, text, 0, cancellable,
                                      &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
  g_assert_no_error (error);

  remote = srudp_connection_get_remote_address (a, &error);
  remote_text =
    g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (remote));
  g_assert_cmpstr (remote_text, ==, text);
  local = srudp_connection_get_local_address (b, &error);
  local_text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (local));
  g_assert_cmpstr (local_text, ==, text);

  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
}

static void
test_async (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (GSocketAddress) address = get_address (endpoint_b);
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) accepted = NULL;
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GError) error = NULL;

  srudp_endpoint_accept_async (endpoint_b, NULL, store_result_cb, &accepted);
  srudp_endpoint_connect_to_async (endpoint_a, G_SOCKET_CONNECTABLE (address),
                                   NULL, store_result_cb, &opened);
  run_until_set ((gpointer *) &opened);
  run_until_set ((gpointer *) &accepted);

  a = srudp_endpoint_connect_to_finish (endpoint_a, opened, &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept_finish (endpoint_b, accepted, &error);
  g_assert_no_error (error);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (b)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (a)), "hello");
}

static void
incoming_cb (SrudpEndpoint   *endpoint,
             SrudpConnection *connection,
             gpointer         user_data)
{
  SrudpConnection **stored = user_data;

  g_assert_null (*stored);
  *stored = g_object_ref (connection);
}

static void
test_incoming_signal (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = NULL;
  GListModel *connections = srudp_endpoint_get_connections (endpoint_b);

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  open_now (a);
  /* It waits in the backlog until somebody listens. */
  run_for (20);
  g_assert_cmpuint (g_list_model_get_n_items (connections), ==, 0);
  g_signal_connect (endpoint_b, "incoming", G_CALLBACK (incoming_cb), &b);
  run_until_set ((gpointer *) &b);

  g_assert_cmpuint (g_list_model_get_n_items (connections), ==, 1);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
}

static void
ignore_cb (SrudpEndpoint   *endpoint,
           SrudpConnection *connection,
           gpointer         user_data)
{
  *(gpointer *) user_data = user_data;
}

static void
test_incoming_not_wanted (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  gpointer called = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  g_signal_connect (endpoint_b, "incoming", G_CALLBACK (ignore_cb), &called);
  open_now (a);
  run_until_set (&called);
  expect_eof (g_io_stream_get_input_stream (G_IO_STREAM (a)));
}

static void
test_backlog_is_taken_over_by_an_open (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = make_connection (endpoint_b, endpoint_a);
  g_autoptr (GBytes) binding_a = NULL;
  g_autoptr (GBytes) binding_b = NULL;
  g_autoptr (GBytes) datagram = g_bytes_new_static ("early", 5);
  g_autoptr (GBytes) received = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  open_now (a);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "early");
  srudp_connection_send_datagram (a, datagram, &error);
  g_assert_no_error (error);
  wait_delivered (a);

  open_now (b);
  binding_a = srudp_connection_dup_channel_binding (a);
  binding_b = srudp_connection_dup_channel_binding (b);
  g_assert_true (g_bytes_equal (binding_a, binding_b));
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "early");
  received = srudp_connection_receive_datagram (b, cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (received, datagram));
}

/* What a peer has sent before it closed is there for a late accept. */
static void
test_accept_after_close (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  GListModel *connections = srudp_endpoint_get_connections (endpoint_b);

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  open_now (a);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "farewell");
  g_io_stream_close (G_IO_STREAM (a), cancellable, &error);
  g_assert_no_error (error);

  b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
  g_assert_no_error (error);
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "farewell");
  expect_eof (g_io_stream_get_input_stream (G_IO_STREAM (b)));
  while (srudp_connection_get_state (b) != SRUDP_CONNECTION_STATE_CLOSED)
    g_usleep (1000);
  run_for (10);
  g_assert_cmpuint (g_list_model_get_n_items (connections), ==, 0);
}

#define MANY 40

static gpointer
echo_thread (gpointer data)
{
  g_autoptr (GCancellable) cancellable = patience ();
  SrudpConnection *connections[MANY];

  for (guint i = 0; i < MANY; i++)
    {
      g_autoptr (GError) error = NULL;

      connections[i] = srudp_endpoint_accept (data, cancellable, &error);
      g_assert_no_error (error);
      write_text (g_io_stream_get_output_stream (
                    G_IO_STREAM (connections[i])),
                  "welcome");
    }
  for (guint i = 0; i < MANY; i++)
    {
      expect_eof (g_io_stream_get_input_stream (
        G_IO_STREAM (connections[i])));
      g_object_unref (connections[i]);
    }
  return NULL;
}

/* Many peers, one port; more than the backlog holds. */
static void
test_many (void)
{
  g_autoptr (SrudpEndpoint) server = make_endpoint ();
  GAsyncResult *results[MANY] = { NULL };
  SrudpEndpoint *clients[MANY];
  SrudpConnection *connections[MANY];
  GThread *thread;

  thread = g_thread_new ("echo", echo_thread, server);
  while (!srudp_endpoint_get_accept_incoming (server))
    g_usleep (1000);
  for (guint i = 0; i < MANY; i++)
    {
      clients[i] = make_endpoint ();
      connections[i] = make_connection (clients[i], server);
      srudp_connection_open_async (connections[i], NULL, store_result_cb,
                                   &results[i]);
    }
  for (guint i = 0; i < MANY; i++)
    {
      g_autoptr (GError) error = NULL;

      run_until_set ((gpointer *) &results[i]);
      srudp_connection_open_finish (connections[i], results[i], &error);
      g_assert_no_error (error);
      expect_text (g_io_stream_get_input_stream (
                     G_IO_STREAM (connections[i])),
                   "welcome");
    }
  for (guint i = 0; i < MANY; i++)
    {
      g_clear_object (&results[i]);
      g_object_unref (connections[i]);
      g_object_unref (clients[i]);
    }
  g_thread_join (thread);
}

static void
test_open_only_once (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  g_assert_false (srudp_connection_open (pair.a, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  g_assert_true (g_io_stream_close (G_IO_STREAM (pair.a), NULL, &error));
  g_assert_no_error (error);
  g_assert_false (srudp_connection_open (pair.a, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  pair_tear_down (&pair);
}

/* A peer that an application wrote, perhaps in a language with one thread. */

#define TEST_TYPE_PEER (test_peer_get_type ())
G_DECLARE_FINAL_TYPE (TestPeer, test_peer, TEST, PEER, GSocketAddressEnumerator)

struct _TestPeer
{
  GSocketAddressEnumerator parent_instance;

  GThread *thread;
  GSocketAddress *address;
  guint n_calls;
};

static GSocketAddressEnumerator *
test_peer_enumerate (GSocketConnectable *connectable)
{
  g_assert_true (TEST_PEER (connectable)->thread == g_thread_self ());
  return g_object_ref (G_SOCKET_ADDRESS_ENUMERATOR (connectable));
}

static void
test_peer_connectable_init (GSocketConnectableIface *iface)
{
  iface->enumerate = test_peer_enumerate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (
  TestPeer, test_peer, G_TYPE_SOCKET_ADDRESS_ENUMERATOR,
  G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                         test_peer_connectable_init))

static GSocketAddress *
test_peer_next (GSocketAddressEnumerator  *enumerator,
                GCancellable              *cancellable,
                GError                   **error)
{
  TestPeer *self = TEST_PEER (enumerator);

  g_assert_true (self->thread == g_thread_self ());
  return self->n_calls++ == 0 ? g_object_ref (self->address) : NULL;
}

static void
test_peer_finalize (GObject *object)
{
  g_object_unref (TEST_PEER (object)->address);

  G_OBJECT_CLASS (test_peer_parent_class)->finalize (object);
}

static void
test_peer_class_init (TestPeerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_peer_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = test_peer_next;
}

static void
test_peer_init (TestPeer *self)
{
  self->thread = g_thread_self ();
}

static void
test_peer_is_asked_by_its_caller (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestPeer) peer = g_object_new (TEST_TYPE_PEER, NULL);
      g_autoptr (SrudpConnection) a = NULL;
      g_autoptr (GAsyncResult) opened = NULL;

      peer->address = get_address (endpoint_b);
      if (i == 0)
        {
          a = srudp_endpoint_connect_to (
            endpoint_a, G_SOCKET_CONNECTABLE (peer), cancellable, &error);
        }
      else
        {
          srudp_endpoint_connect_to_async (
            endpoint_a, G_SOCKET_CONNECTABLE (peer), cancellable,
            store_result_cb, &opened);
          run_until_set ((gpointer *) &opened);
          a = srudp_endpoint_connect_to_finish (endpoint_a, opened, &error);
        }
      g_assert_no_error (error);
      g_assert_nonnull (a);
      g_assert_cmpuint (peer->n_calls, >, 0);
    }
}

static void
test_binding_at_first_use (void)
{
  g_autoptr (SrudpEndpoint) endpoint =
    g_object_new (SRUDP_TYPE_ENDPOINT, NULL);
  g_autoptr (SrudpEndpoint) second = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  address = srudp_endpoint_get_local_address (endpoint, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_inet_socket_address_get_port (
                      G_INET_SOCKET_ADDRESS (address)),
                    >, 0);

  second = srudp_endpoint_new (address, NULL, &error);
  g_assert_null (second);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/opening/one-opens-and-one-accepts",
                   test_open_and_accept);
  g_test_add_func ("/opening/both-open", test_both_open);
  g_test_add_func ("/opening/by-host-and-port", test_connect_to_host);
  g_test_add_data_func ("/opening/answers-from-where-it-was-called/ipv4",
                        "127.0.0.2", test_answers_from_where_it_was_called);
  g_test_add_data_func ("/opening/answers-from-where-it-was-called/ipv6",
                        "[::1]", test_answers_from_where_it_was_called);
  g_test_add_func ("/opening/without-blocking", test_async);
  g_test_add_func ("/opening/incoming-signal", test_incoming_signal);
  g_test_add_func ("/opening/incoming-that-nobody-wants-is-closed",
                   test_incoming_not_wanted);
  g_test_add_func ("/opening/backlog-is-taken-over-by-an-open",
                   test_backlog_is_taken_over_by_an_open);
  g_test_add_func ("/opening/accept-after-the-peer-has-closed",
                   test_accept_after_close);
  g_test_add_func ("/opening/many-over-one-port", test_many);
  g_test_add_func ("/opening/only-once", test_open_only_once);
  g_test_add_func ("/opening/peer-is-asked-by-its-caller",
                   test_peer_is_asked_by_its_caller);
  g_test_add_func ("/opening/binding-at-first-use",
                   test_binding_at_first_use);

  return g_test_run ();
}
