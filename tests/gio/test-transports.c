/*
 * SPDX-License-Identifier: MIT
 *
 * test-transports.c: endpoints over what somebody else has made
 */
#include "support.h"

#include "../../introspection/examples/memory-transport.h"

#include <gio/gunixsocketaddress.h>
#include <sys/resource.h>

static SrudpEndpoint *
make_memory_endpoint (MemoryTransport *transport)
{
  g_autoptr (GSocketAddress) address =
    memory_transport_get_address (transport);
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_transport (
    G_DATAGRAM_BASED (transport), address, NULL, &error);

  g_assert_no_error (error);
  return endpoint;
}

static void
assert_name (GSocketAddress *address,
             const char     *name)
{
  g_assert_true (G_IS_UNIX_SOCKET_ADDRESS (address));
  g_assert_cmpstr (
    g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)), ==,
    name);
}

static void
connect_and_talk (SrudpEndpoint *from,
                  SrudpEndpoint *to)
{
  g_autoptr (GSocketAddress) address = get_address (to);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GSocketAddress) remote_a = NULL;
  g_autoptr (GSocketAddress) remote_b = NULL;
  g_autoptr (GBytes) bytes = make_pattern (1 * MEBIBYTE);
  g_autofree char *diagnostics = NULL;

  srudp_endpoint_set_accept_incoming (to, TRUE);
  a = srudp_endpoint_connect_to (from, G_SOCKET_CONNECTABLE (address),
                                 cancellable, &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (to, cancellable, &error);
  g_assert_no_error (error);

  remote_a = srudp_connection_get_remote_address (a, &error);
  assert_name (remote_a, "bob");
  remote_b = srudp_connection_get_remote_address (b, &error);
  assert_name (remote_b, "alice");
  diagnostics = srudp_connection_dup_diagnostics (a);
  g_assert_nonnull (diagnostics);

  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "question");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "question");
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (b)),
                             g_bytes_get_data (bytes, NULL),
                             g_bytes_get_size (bytes), NULL, cancellable,
                             &error);
  g_assert_no_error (error);
  expect_bytes (g_io_stream_get_input_stream (G_IO_STREAM (a)), bytes);
  g_io_stream_close (G_IO_STREAM (a), cancellable, &error);
  g_assert_no_error (error);
  g_io_stream_close (G_IO_STREAM (b), cancellable, &error);
  g_assert_no_error (error);
}

static void
close_endpoint (SrudpEndpoint *endpoint)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  srudp_endpoint_close (endpoint, cancellable, &error);
  g_assert_no_error (error);
}

/* Addresses of another kind than IP, and a transport that outlives its
 * endpoints: closed, they have let go of it, and it is as good as new. */
static void
test_memory (void)
{
  g_autoptr (MemoryTransport) alice = memory_transport_new ("alice");
  g_autoptr (MemoryTransport) bob = memory_transport_new ("bob");

  for (guint i = 0; i < 3; i++)
    {
      SrudpEndpoint *from = make_memory_endpoint (alice);
      SrudpEndpoint *to = make_memory_endpoint (bob);
      g_autoptr (GDatagramBased) transport = NULL;

      g_object_get (from, "transport", &transport, NULL);
      g_assert_true (transport == G_DATAGRAM_BASED (alice));
      connect_and_talk (from, to);
      close_endpoint (from);
      close_endpoint (to);
      g_assert_finalize_object (from);
      g_assert_finalize_object (to);
    }
  g_assert_finalize_object (g_steal_pointer (&alice));
  g_assert_finalize_object (g_steal_pointer (&bob));
}

/* Without a close, the worker lets go of it as soon as it is done. */
static void
test_dropped (void)
{
  MemoryTransport *transport = memory_transport_new ("carol");
  SrudpEndpoint *endpoint = make_memory_endpoint (transport);
  gpointer weak = transport;
  gint64 until = g_get_monotonic_time () + PATIENCE_MS * 1000;

  g_object_add_weak_pointer (G_OBJECT (transport), &weak);
  g_object_unref (transport);
  g_assert_nonnull (weak);
  g_assert_finalize_object (endpoint);
  while (g_atomic_pointer_get (&weak) != NULL
         && g_get_monotonic_time () < until)
    g_usleep (1000);
  g_assert_null (weak);
}

static GSocket *
make_socket (void)
{
  g_autoptr (GSocketAddress) any =
    g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
                                  G_SOCKET_TYPE_DATAGRAM,
                                  G_SOCKET_PROTOCOL_UDP, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, any, FALSE, &error);
  g_assert_no_error (error);
  return socket;
}

static SrudpEndpoint *
make_socket_endpoint (GSocket *socket)
{
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_transport (
    G_DATAGRAM_BASED (socket), NULL, NULL, &error);

  g_assert_no_error (error);
  return endpoint;
}

/* A socket that was given stays its giver's. */
static void
test_given_socket (void)
{
  g_autoptr (GSocket) socket = make_socket ();
  g_autoptr (SrudpEndpoint) other = make_endpoint ();

  srudp_endpoint_set_accept_incoming (other, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SrudpEndpoint) endpoint = make_socket_endpoint (socket);
      g_autoptr (SrudpConnection) connection =
        make_connection (endpoint, other);

      open_now (connection);
      close_endpoint (endpoint);
      g_assert_cmpint (srudp_connection_get_state (connection), ==,
                       SRUDP_CONNECTION_STATE_CLOSED);
      g_assert_false (g_socket_is_closed (socket));
    }
}

static double
get_cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* A transport that fails for good ends the connections by their timeouts,
 * without a busy worker. */
static void
test_closed_under_us (void)
{
  g_autoptr (GSocket) socket = make_socket ();
  g_autoptr (SrudpEndpoint) endpoint = make_socket_endpoint (socket);
  g_autoptr (SrudpEndpoint) other = make_endpoint ();
  g_autoptr (SrudpConnection) connection = make_connection (endpoint, other);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char byte;
  double before;

#ifdef WITH_TSAN
  g_test_skip ("closing a descriptor that another thread uses is a race");
  return;
#endif
  srudp_endpoint_set_accept_incoming (other, TRUE);
  srudp_connection_set_idle_timeout (connection, 2500);
  open_now (connection);
  g_socket_close (socket, NULL);
  before = get_cpu_seconds ();
  g_assert_cmpint (
    g_input_stream_read (
      g_io_stream_get_input_stream (G_IO_STREAM (connection)), &byte, 1,
      cancellable, &error),
    ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpfloat (get_cpu_seconds () - before, <, 0.5);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/transports/in-memory", test_memory);
  g_test_add_func ("/transports/dropped", test_dropped);
  g_test_add_func ("/transports/given-socket", test_given_socket);
  g_test_add_func ("/transports/closed-under-us", test_closed_under_us);

  return g_test_run ();
}
