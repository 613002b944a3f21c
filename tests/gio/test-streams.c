/*
 * SPDX-License-Identifier: MIT
 *
 * test-streams.c: bytes through a connection, in every way GIO has
 */
#include "support.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  GOutputStream *stream;
  GBytes *bytes;
  gboolean close;
} Writer;

static gpointer
write_thread (gpointer data)
{
  Writer *writer = data;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (writer->stream,
                             g_bytes_get_data (writer->bytes, NULL),
                             g_bytes_get_size (writer->bytes), NULL,
                             cancellable, &error);
  g_assert_no_error (error);
  if (writer->close)
    g_output_stream_close (writer->stream, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_half_close (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  write_text (pair.out_a, "question");
  g_assert_true (g_output_stream_close (pair.out_a, NULL, &error));
  g_assert_no_error (error);

  expect_text (pair.in_b, "question");
  expect_eof (pair.in_b);
  expect_eof (pair.in_b);

  /* The other direction goes on. */
  write_text (pair.out_b, "answer");
  expect_text (pair.in_a, "answer");
  g_assert_true (g_output_stream_close (pair.out_b, NULL, &error));
  expect_eof (pair.in_a);

  pair_tear_down (&pair);
}

static void
test_nothing_at_all (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  g_assert_true (g_output_stream_close (pair.out_a, NULL, NULL));
  expect_eof (pair.in_b);
  pair_tear_down (&pair);
}

static void
test_one_byte (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  write_text (pair.out_a, "1");
  g_assert_true (g_output_stream_close (pair.out_a, NULL, NULL));
  expect_text (pair.in_b, "1");
  expect_eof (pair.in_b);
  pair_tear_down (&pair);
}

static void
test_both_ways_at_once (void)
{
  g_autoptr (GBytes) bytes = make_pattern (8 * MEBIBYTE);
  Pair pair = { 0 };
  Writer writer_a, writer_b;
  GThread *thread_a, *thread_b;

  pair_set_up (&pair);
  writer_a = (Writer) { pair.out_a, bytes, TRUE };
  writer_b = (Writer) { pair.out_b, bytes, TRUE };
  thread_a = g_thread_new ("writer-a", write_thread, &writer_a);
  thread_b = g_thread_new ("writer-b", write_thread, &writer_b);
  expect_bytes (pair.in_a, bytes);
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_a);
  expect_eof (pair.in_b);
  g_thread_join (thread_a);
  g_thread_join (thread_b);

  pair_tear_down (&pair);
}

static void
test_odd_pieces (void)
{
  static const gsize sizes[] = { 1, 3, 1023, 1024, 1025, 4096, 65535, 65536,
                                 65537, 200000 };
  g_autoptr (GBytes) bytes = make_pattern (200000);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  Pair pair = { 0 };

  pair_set_up (&pair);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) piece = g_bytes_new_static (data, sizes[i]);
      Writer writer = { pair.out_a, piece, FALSE };
      GThread *thread = g_thread_new ("writer", write_thread, &writer);

      expect_bytes (pair.in_b, piece);
      g_thread_join (thread);
    }
  pair_tear_down (&pair);
}

static gpointer
close_thread (gpointer data)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_io_stream_close (data, cancellable, &error));
  g_assert_no_error (error);
  return NULL;
}

typedef struct
{
  Writer writer;
  GIOStream *connection;
} Closer;

static gpointer
write_and_close_thread (gpointer data)
{
  Closer *closer = data;

  write_thread (&closer->writer);
  return close_thread (closer->connection);
}

static void
test_close_delivers_all (void)
{
  g_autoptr (GBytes) bytes = make_pattern (10 * MEBIBYTE);
  Pair pair = { 0 };
  Closer closer;
  GThread *thread;

  pair_set_up (&pair);
  closer.writer = (Writer) { pair.out_a, bytes, FALSE };
  closer.connection = G_IO_STREAM (pair.a);
  thread = g_thread_new ("closer", write_and_close_thread, &closer);
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_b);
  g_thread_join (thread);
  g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                   SRUDP_CONNECTION_STATE_CLOSED);
  g_assert_null (srudp_connection_dup_error (pair.a));

  pair_tear_down (&pair);
}

static gpointer
write_and_drop_thread (gpointer data)
{
  Closer *closer = data;

  write_thread (&closer->writer);
  g_object_unref (closer->connection);
  return NULL;
}

/* Dropping the last reference is lossless, and does not wait. */
static void
test_drop_delivers_all (void)
{
  g_autoptr (GBytes) bytes = make_pattern (4 * MEBIBYTE);
  Pair pair = { 0 };
  Closer closer;
  GThread *thread;

  pair_set_up (&pair);
  closer.writer = (Writer) { pair.out_a, bytes, FALSE };
  closer.connection = G_IO_STREAM (g_steal_pointer (&pair.a));
  /* The connection is the endpoint's last user, too. */
  g_clear_object (&pair.endpoint_a);
  thread = g_thread_new ("dropper", write_and_drop_thread, &closer);
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_b);
  g_thread_join (thread);

  pair_tear_down (&pair);
}

static void
test_endpoint_close_delivers_all (void)
{
  g_autoptr (GBytes) bytes = make_pattern (200 * 1024);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  Pair pair = { 0 };
  Writer writer;

  pair_set_up (&pair);
  writer = (Writer) { pair.out_a, bytes, FALSE };
  write_thread (&writer);
  g_assert_true (srudp_endpoint_close (pair.endpoint_a, cancellable,
                                       &error));
  g_assert_no_error (error);
  g_assert_true (srudp_endpoint_get_closed (pair.endpoint_a));
  g_assert_true (srudp_endpoint_close (pair.endpoint_a, NULL, NULL));
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_b);

  pair_tear_down (&pair);
}

static void
test_after_close (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;
  char byte = 0;

  pair_set_up (&pair);
  write_text (pair.out_b, "unread");
  close_thread (pair.a);
  g_assert_cmpint (g_input_stream_read (pair.in_a, &byte, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (g_output_stream_write (pair.out_a, &byte, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);

  /* The peer reads the end, and can't write any more. */
  expect_eof (pair.in_b);
  do
    {
      g_usleep (1000);
      g_output_stream_write (pair.out_b, &byte, 1, NULL, &error);
    }
  while (error == NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  pair_tear_down (&pair);
}

static void
test_wait_delivered (void)
{
  Pair pair = { 0 };
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpStats) stats = NULL;
  g_autoptr (GAsyncResult) delivered = NULL;

  pair_set_up (&pair);
  g_assert_true (srudp_connection_wait_delivered (pair.a, cancellable,
                                                  &error));
  write_text (pair.out_a, "something");
  g_assert_true (srudp_connection_wait_delivered (pair.a, cancellable,
                                                  &error));
  g_assert_no_error (error);
  stats = srudp_connection_dup_stats (pair.a);
  g_assert_cmpuint (srudp_stats_get_unacknowledged_bytes (stats), ==, 0);
  g_assert_cmpuint (srudp_stats_get_stream_bytes_sent (stats), ==, 9);
  g_assert_cmpint (srudp_stats_get_rtt (stats), >, 0);

  write_text (pair.out_a, "more");
  srudp_connection_wait_delivered_async (pair.a, NULL, store_result_cb,
                                         &delivered);
  run_until_set ((gpointer *) &delivered);
  g_assert_true (srudp_connection_wait_delivered_finish (pair.a, delivered,
                                                         &error));
  expect_text (pair.in_b, "somethingmore");

  /* Also of a direction that is finished. */
  g_output_stream_close (pair.out_a, NULL, NULL);
  expect_eof (pair.in_b);
  g_assert_true (srudp_connection_wait_delivered (pair.a, cancellable,
                                                  &error));
  g_assert_no_error (error);

  pair_tear_down (&pair);
}

static void
test_busy_main_loop (void)
{
  g_autoptr (GBytes) bytes = make_pattern (4 * MEBIBYTE);
  Pair pair = { 0 };
  Writer writer;
  GThread *thread;

  /* Nothing is ever iterated here: the worker does it all. */
  pair_set_up (&pair);
  writer = (Writer) { pair.out_a, bytes, TRUE };
  thread = g_thread_new ("writer", write_thread, &writer);
  g_usleep (200 * 1000);
  expect_bytes (pair.in_b, bytes);
  g_thread_join (thread);
  pair_tear_down (&pair);
}

static void
test_lossy_network (void)
{
  g_autoptr (GBytes) bytes = make_pattern (2 * MEBIBYTE);
  Pair pair = { 0 };
  Writer writer;
  GThread *thread;

  pair_set_up_fragile (&pair, PATIENCE_MS);
  fragile_transport_set_loss (pair.transport, 20);
  writer = (Writer) { pair.out_a, bytes, TRUE };
  thread = g_thread_new ("writer", write_thread, &writer);
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_b);
  g_thread_join (thread);
  pair_tear_down (&pair);
}

/* D-Bus shakes hands in blocking calls and from a thread of its own. */

typedef struct
{
  GIOStream *stream;
  char *guid;
} BusServer;

static gpointer
bus_server_thread (gpointer data)
{
  BusServer *server = data;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_sync (
    server->stream, server->guid,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
      | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS,
    NULL, cancellable, &error);

  g_assert_no_error (error);
  return bus;
}

static void
test_dbus (void)
{
  Pair pair = { 0 };
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GDBusConnection) bus_a = NULL;
  g_autoptr (GDBusConnection) bus_b = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  BusServer server;
  GThread *thread;

#ifdef WITH_TSAN
  g_test_skip ("ThreadSanitizer can't see how GDBus passes messages on");
  return;
#endif

  pair_set_up (&pair);
  server = (BusServer) { G_IO_STREAM (pair.b), guid };
  thread = g_thread_new ("bus", bus_server_thread, &server);
  bus_a = g_dbus_connection_new_sync (
    G_IO_STREAM (pair.a), NULL,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, cancellable, &error);
  g_assert_no_error (error);
  bus_b = g_thread_join (thread);
  g_assert_nonnull (bus_b);

  /* Every peer answers this by itself. */
  reply = g_dbus_connection_call_sync (
    bus_a, NULL, "/", "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
    G_DBUS_CALL_FLAGS_NONE, PATIENCE_MS, cancellable, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);

  g_dbus_connection_close_sync (bus_a, cancellable, &error);
  g_assert_no_error (error);
  pair_tear_down (&pair);
}

/* File descriptors */

static void
read_fd (int         fd,
         const char *text)
{
  char buffer[64];
  gsize n_read = 0;

  while (n_read < strlen (text))
    {
      gssize n = read (fd, buffer + n_read, strlen (text) - n_read);

      g_assert_cmpint (n, >, 0);
      n_read += (gsize) n;
    }
  g_assert_cmpmem (buffer, n_read, text, strlen (text));
}

static void
test_export_fd (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;
  char byte;
  int fd;

  pair_set_up (&pair);
  fd = srudp_connection_export_fd (pair.a, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (g_output_stream_write (pair.out_a, "x", 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_assert_cmpint (srudp_connection_export_fd (pair.a, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);

  /* The descriptor alone keeps the connection. */
  g_clear_object (&pair.a);
  g_clear_object (&pair.endpoint_a);
  g_assert_cmpint (write (fd, "question", 8), ==, 8);
  expect_text (pair.in_b, "question");
  g_assert_cmpint (shutdown (fd, SHUT_WR), ==, 0);
  expect_eof (pair.in_b);
  write_text (pair.out_b, "answer");
  g_output_stream_close (pair.out_b, NULL, NULL);
  read_fd (fd, "answer");
  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
  close (fd);

  pair_tear_down (&pair);
}

static void
test_export_fd_much (void)
{
  g_autoptr (GBytes) bytes = make_pattern (4 * MEBIBYTE);
  Pair pair = { 0 };
  Writer writer;
  GThread *thread;
  gsize n_read = 0;
  int fd;

  pair_set_up (&pair);
  fd = srudp_connection_export_fd (pair.a, NULL);
  writer = (Writer) { pair.out_b, bytes, TRUE };
  thread = g_thread_new ("writer", write_thread, &writer);
  for (;;)
    {
      guint8 buffer[10000];
      gssize n = read (fd, buffer, sizeof buffer);

      g_assert_cmpint (n, >=, 0);
      if (n == 0)
        break;
      g_assert_true (memcmp (buffer,
                             (const guint8 *) g_bytes_get_data (bytes, NULL)
                               + n_read,
                             (gsize) n)
                     == 0);
      n_read += (gsize) n;
    }
  g_assert_cmpuint (n_read, ==, g_bytes_get_size (bytes));
  g_thread_join (thread);

  /* Closing the descriptor closes both directions. */
  close (fd);
  expect_eof (pair.in_b);

  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/streams/half-close", test_half_close);
  g_test_add_func ("/streams/nothing-but-the-end", test_nothing_at_all);
  g_test_add_func ("/streams/one-byte", test_one_byte);
  g_test_add_func ("/streams/both-ways-at-once", test_both_ways_at_once);
  g_test_add_func ("/streams/pieces-of-any-size", test_odd_pieces);
  g_test_add_func ("/streams/close-delivers-all", test_close_delivers_all);
  g_test_add_func ("/streams/dropping-delivers-all", test_drop_delivers_all);
  g_test_add_func ("/streams/closing-the-endpoint-delivers-all",
                   test_endpoint_close_delivers_all);
  g_test_add_func ("/streams/after-close", test_after_close);
  g_test_add_func ("/streams/wait-delivered", test_wait_delivered);
  g_test_add_func ("/streams/main-loop-never-runs", test_busy_main_loop);
  g_test_add_func ("/streams/lossy-network", test_lossy_network);
  g_test_add_func ("/streams/d-bus", test_dbus);
  g_test_add_func ("/streams/exported-descriptor", test_export_fd);
  g_test_add_func ("/streams/exported-descriptor-carries-much",
                   test_export_fd_much);

  return g_test_run ();
}
