/*
 * SPDX-License-Identifier: MIT
 *
 * test-export.c: a connection as a real socket
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
export_fd (SrudpConnection *connection)
{
  g_autoptr (GError) error = NULL;
  int fd = srudp_connection_export_fd (connection, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
send_all (int     fd,
          GBytes *bytes)
{
  gsize size, done = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  while (done < size)
    {
      gssize n = send (fd, data + done, size - done, MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      done += (gsize) n;
    }
}

static void
receive_all (int     fd,
             GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes), done = 0;
  g_autofree guint8 *data = g_malloc (size);

  while (done < size)
    {
      gssize n = recv (fd, data + done, size - done, 0);

      g_assert_cmpint (n, >, 0);
      done += (gsize) n;
    }
  g_assert_true (memcmp (data, g_bytes_get_data (bytes, NULL), size) == 0);
}

static void
expect_end (int fd)
{
  char byte;

  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 0);
}

typedef struct
{
  int fd;
  GBytes *bytes;
} Sender;

static gpointer
send_thread (gpointer data)
{
  Sender *sender = data;

  send_all (sender->fd, sender->bytes);
  g_assert_cmpint (shutdown (sender->fd, SHUT_WR), ==, 0);
  return NULL;
}

static gpointer
receive_thread (gpointer data)
{
  Sender *receiver = data;

  receive_all (receiver->fd, receiver->bytes);
  expect_end (receiver->fd);
  return NULL;
}

/* What programs that were written for sockets look at. */
static void
test_is_a_socket (void)
{
  Pair pair = { 0 };
  int fd, type = 0, domain = 0;
  socklen_t length = sizeof type;

  pair_set_up (&pair);
  fd = export_fd (pair.a);
  g_assert_cmpint (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length), ==,
                   0);
  g_assert_cmpint (type, ==, SOCK_STREAM);
  g_assert_cmpint (getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &length),
                   ==, 0);
  g_assert_cmpint (domain, ==, AF_UNIX);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  close (fd);
  pair_tear_down (&pair);
}

/* Both ends, both directions at once, and each direction ends by itself. */
static void
test_both_ends_both_ways (void)
{
  g_autoptr (GBytes) bytes = make_pattern (g_test_slow () ? 64 * MEBIBYTE
                                                          : 8 * MEBIBYTE);
  Pair pair = { 0 };
  Sender senders[2], receiver;
  GThread *threads[3];
  int a, b;

  pair_set_up (&pair);
  a = export_fd (pair.a);
  b = export_fd (pair.b);
  senders[0] = (Sender) { a, bytes };
  senders[1] = (Sender) { b, bytes };
  threads[0] = g_thread_new ("sender", send_thread, &senders[0]);
  threads[1] = g_thread_new ("sender", send_thread, &senders[1]);
  /* Nobody may have to wait for the other direction. */
  receiver = (Sender) { a, bytes };
  threads[2] = g_thread_new ("receiver", receive_thread, &receiver);
  receive_all (b, bytes);
  expect_end (b);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  close (a);
  close (b);
  pair_tear_down (&pair);
}

/* One direction is over, in either order; the other carries on. */
static void
test_half_close (gconstpointer data)
{
  gboolean socket_first = GPOINTER_TO_INT (data);
  g_autoptr (GBytes) bytes = make_pattern (100000);
  Pair pair = { 0 };
  int fd;

  pair_set_up (&pair);
  fd = export_fd (pair.a);
  if (socket_first)
    g_assert_cmpint (shutdown (fd, SHUT_WR), ==, 0);
  else
    g_output_stream_close (pair.out_b, NULL, NULL);

  if (socket_first)
    {
      expect_eof (pair.in_b);
      g_output_stream_write_all (pair.out_b, g_bytes_get_data (bytes, NULL),
                                 g_bytes_get_size (bytes), NULL, NULL, NULL);
      receive_all (fd, bytes);
      g_output_stream_close (pair.out_b, NULL, NULL);
      expect_end (fd);
    }
  else
    {
      expect_end (fd);
      send_all (fd, bytes);
      expect_bytes (pair.in_b, bytes);
      g_assert_cmpint (shutdown (fd, SHUT_WR), ==, 0);
      expect_eof (pair.in_b);
    }
  close (fd);
  pair_tear_down (&pair);
}

/* The socket is all that is left, and what was written to it arrives. */
static void
test_keeps_the_connection (void)
{
  g_autoptr (GBytes) bytes = make_pattern (2 * MEBIBYTE);
  Pair pair = { 0 };
  Sender sender;
  GThread *thread;
  int fd;

  pair_set_up (&pair);
  fd = export_fd (pair.a);
  g_assert_finalize_object (g_steal_pointer (&pair.a));
  g_assert_finalize_object (g_steal_pointer (&pair.endpoint_a));
  sender = (Sender) { fd, bytes };
  thread = g_thread_new ("sender", send_thread, &sender);
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_b);
  g_thread_join (thread);
  close (fd);
  pair_tear_down (&pair);
}

/* Written and closed in one go. */
static void
test_close_delivers (void)
{
  g_autoptr (GBytes) bytes = make_pattern (50000);
  Pair pair = { 0 };
  int fd;

  pair_set_up (&pair);
  fd = export_fd (pair.a);
  g_clear_object (&pair.a);
  send_all (fd, bytes);
  close (fd);
  expect_bytes (pair.in_b, bytes);
  expect_eof (pair.in_b);
  pair_tear_down (&pair);
}

/* A peer that dies ends a blocked reader, and a blocked writer. */
static void
test_peer_dies (void)
{
  Pair pair = { 0 };
  guint8 block[4096] = { 0 };
  int fd;

  pair_set_up_fragile (&pair, 2500);
  fd = export_fd (pair.a);
  fragile_transport_set_cut (pair.transport, TRUE);
  expect_end (fd);
  while (send (fd, block, sizeof block, MSG_NOSIGNAL) > 0)
    continue;
  /* The second, if what was sent before is not read any more. */
  g_assert_true (errno == EPIPE || errno == ECONNRESET);
  close (fd);
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/export/is-a-socket", test_is_a_socket);
  g_test_add_func ("/export/both-ends-both-ways", test_both_ends_both_ways);
  g_test_add_data_func ("/export/half-close/socket-first",
                        GINT_TO_POINTER (TRUE), test_half_close);
  g_test_add_data_func ("/export/half-close/peer-first",
                        GINT_TO_POINTER (FALSE), test_half_close);
  g_test_add_func ("/export/keeps-the-connection", test_keeps_the_connection);
  g_test_add_func ("/export/close-delivers", test_close_delivers);
  g_test_add_func ("/export/peer-dies", test_peer_dies);

  return g_test_run ();
}
