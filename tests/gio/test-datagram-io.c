/*
 * SPDX-License-Identifier: MIT
 *
 * test-datagram-io.c: real datagrams over loopback, read past GIO and through it
 *
 * Both ways have to make the same of the same datagrams.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* sched_setaffinity */
#endif

#include "support.h"

#include "srudp-glib/srudp-datagram-io-private.h"
#include "srudp-glib/srudp-udp-socket-private.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
# define UDP_SEGMENT 103
#endif

#define MAX_PAYLOAD_BYTES 65507 /* of IPv4 */
#define N_SENDERS 3
#define SOCKET_NUMBER 5

/* What one side was handed. */
typedef struct
{
  SrudpPath path;
  SrudpEcn ecn;
  guint8 *data;
  gsize size;
} Datagram;

typedef struct
{
  gboolean own_socket;
  GSocket *socket;
  guint16 port;
  SrudpDatagramIo *io;
  GArray *arrived; /* of Datagram */
  int senders[N_SENDERS];
  guint16 ports[N_SENDERS]; /* of those */
} Stage;

static void
received_cb (gpointer         user_data,
             const SrudpPath *path,
             SrudpEcn         ecn,
             guint8          *data,
             gsize            size)
{
  GArray *arrived = user_data;
  Datagram datagram = { *path, ecn, g_memdup2 (data, size), size };

  g_array_append_val (arrived, datagram);
}

static void
unreachable_cb (gpointer            user_data,
                const SrudpAddress *remote)
{
  g_assert_not_reached ();
}

static void
local_lost_cb (gpointer user_data)
{
  g_assert_not_reached ();
}

static const SrudpDatagramIoFuncs funcs = {
  received_cb,
  unreachable_cb,
  local_lost_cb,
};

static void
clear_datagram (gpointer data)
{
  g_free (((Datagram *) data)->data);
}

static int
make_sender (guint16 *port)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  socklen_t size = sizeof name;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &name, size), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &name, &size), ==, 0);
  *port = ntohs (name.sin_port);
  return fd;
}

/* Any address of ours, of both families if there are two. */
static void
stage_set_up (Stage    *stage,
              gboolean  own_socket)
{
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GError) error = NULL;

  stage->own_socket = own_socket;
  stage->socket = srudp_udp_socket_new (NULL, &error);
  g_assert_no_error (error);
  local = g_socket_get_local_address (stage->socket, &error);
  g_assert_no_error (error);
  stage->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  stage->arrived = g_array_new (FALSE, FALSE, sizeof (Datagram));
  g_array_set_clear_func (stage->arrived, clear_datagram);
  stage->io = srudp_datagram_io_new (G_DATAGRAM_BASED (stage->socket), own_socket,
                                     &funcs, stage->arrived);
  srudp_datagram_io_set_number (stage->io, SOCKET_NUMBER);
  for (guint i = 0; i < N_SENDERS; i++)
    stage->senders[i] = make_sender (&stage->ports[i]);
}

static void
stage_tear_down (Stage *stage)
{
  for (guint i = 0; i < N_SENDERS; i++)
    close (stage->senders[i]);
  srudp_datagram_io_free (stage->io);
  g_array_unref (stage->arrived);
  g_object_unref (stage->socket);
}

static void
stage_send (Stage        *stage,
            guint         sender,
            gconstpointer data,
            gsize         size)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (stage->port) };

  to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (sendto (stage->senders[sender], data, size, 0,
                           (struct sockaddr *) &to, sizeof to), ==, (gssize) size);
}

static const Datagram *
stage_get (Stage *stage,
           guint  i)
{
  g_assert_cmpuint (i, <, stage->arrived->len);
  return &g_array_index (stage->arrived, Datagram, i);
}

/* A busy kernel delivers later than sending returns. */
static void
wait_readable (GSocket *socket)
{
  g_autoptr (GError) error = NULL;

  g_socket_condition_timed_wait (socket, G_IO_IN, PATIENCE_MS * 1000, NULL, &error);
  g_assert_no_error (error);
}

/* Loopback doesn't lose. */
static void
stage_receive (Stage *stage,
               guint  n_expected)
{
  while (stage->arrived->len < n_expected)
    {
      wait_readable (stage->socket);
      while (srudp_datagram_io_receive (stage->io))
        ;
    }
  g_assert_false (srudp_datagram_io_is_failing (stage->io));
  g_assert_cmpuint (stage->arrived->len, ==, n_expected);
}

static void
assert_from (Stage *stage,
             guint  i,
             guint  sender)
{
  const SrudpPath *path = &stage_get (stage, i)->path;
  char text[SRUDP_ADDRESS_STRING_BYTES];
  g_autofree char *remote = g_strdup_printf ("127.0.0.1:%u", stage->ports[sender]);

  g_assert_cmpstr (srudp_address_format (&path->remote, text), ==, remote);
  g_assert_cmpstr (srudp_address_format (&path->local, text), ==, "127.0.0.1:0");
  g_assert_cmpuint (path->socket, ==, SOCKET_NUMBER);
}

/* Empty, of one byte, as large as there is, and in between; each sender's own. */
static void
test_sizes (gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 1200, MAX_PAYLOAD_BYTES, 0, 1472, 3, 9000 };
  g_autoptr (GBytes) pattern = make_pattern (MAX_PAYLOAD_BYTES);
  const guint8 *bytes = g_bytes_get_data (pattern, NULL);
  Stage stage = { 0 };

  stage_set_up (&stage, GPOINTER_TO_INT (data));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    stage_send (&stage, i % N_SENDERS, bytes + MAX_PAYLOAD_BYTES - sizes[i], sizes[i]);
  stage_receive (&stage, G_N_ELEMENTS (sizes));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const Datagram *datagram = stage_get (&stage, i);

      assert_from (&stage, i, i % N_SENDERS);
      g_assert_cmpint (datagram->ecn, ==, SRUDP_ECN_NOT_ECT);
      g_assert_cmpmem (datagram->data, datagram->size,
                       bytes + MAX_PAYLOAD_BYTES - sizes[i], sizes[i]);
    }
  stage_tear_down (&stage);
}

/* TRUE: the kernel cuts them, and may leave them joined until they are here. */
static gboolean
set_segment_size (int fd,
                  int size)
{
  return setsockopt (fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) == 0;
}

/* Trains of segments, the last one of each shorter, between single datagrams:
 * the memory that one needed less of has to do for the next. */
static void
test_joined (gconstpointer data)
{
  const gsize segment = 1200, rest = 700, n_segments = 20;
  const gsize train_bytes = n_segments * segment + rest;
  const guint n_trains = 3, n_in_round = 2 + (guint) n_segments;
  g_autoptr (GBytes) pattern = make_pattern (train_bytes);
  const guint8 *bytes = g_bytes_get_data (pattern, NULL);
  Stage stage = { 0 };

  stage_set_up (&stage, GPOINTER_TO_INT (data));
  if (!set_segment_size (stage.senders[0], (int) segment))
    {
      g_test_skip ("this kernel doesn't segment");
      stage_tear_down (&stage);
      return;
    }
  for (guint i = 0; i < n_trains; i++)
    {
      stage_send (&stage, 1, bytes, i);
      stage_receive (&stage, i * n_in_round + 1);
      stage_send (&stage, 0, bytes, train_bytes);
      stage_receive (&stage, (i + 1) * n_in_round);
    }
  for (guint i = 0; i < stage.arrived->len; i++)
    {
      const Datagram *datagram = stage_get (&stage, i);
      guint at = i % n_in_round;
      gsize size = at == 0 ? i / n_in_round : at <= n_segments ? segment : rest;

      assert_from (&stage, i, at == 0 ? 1 : 0);
      g_assert_cmpmem (datagram->data, datagram->size,
                       bytes + (at == 0 ? 0 : (at - 1) * segment), size);
    }
  stage_tear_down (&stage);
}

/* Marks of congestion are those of the datagram, not of the one before. */
static void
test_marks (gconstpointer data)
{
  static const int marks[] = { SRUDP_ECN_CE, SRUDP_ECN_NOT_ECT, SRUDP_ECN_ECT0,
                               SRUDP_ECN_ECT1, SRUDP_ECN_CE };
  Stage stage = { 0 };

  stage_set_up (&stage, GPOINTER_TO_INT (data));
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      int tos = 0x20 | marks[i];

      g_assert_cmpint (setsockopt (stage.senders[0], IPPROTO_IP, IP_TOS, &tos, sizeof tos),
                       ==, 0);
      stage_send (&stage, 0, "mark", 4);
    }
  stage_receive (&stage, G_N_ELEMENTS (marks));
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    g_assert_cmpint (stage_get (&stage, i)->ecn, ==, marks[i]);
  stage_tear_down (&stage);
}

/* Of IPv6, at an address of its own. */
static void
test_ipv6 (gconstpointer data)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("::1", 0);
  g_autoptr (GSocket) socket = srudp_udp_socket_new (any, NULL);
  g_autoptr (GSocket) sender = srudp_udp_socket_new (any, NULL);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GArray) arrived = g_array_new (FALSE, FALSE, sizeof (Datagram));
  g_autoptr (GError) error = NULL;
  char text[SRUDP_ADDRESS_STRING_BYTES];
  SrudpDatagramIo *io;
  Datagram *datagram;

  if (socket == NULL || sender == NULL)
    {
      g_test_skip ("there is no IPv6 here");
      return;
    }
  g_array_set_clear_func (arrived, clear_datagram);
  io = srudp_datagram_io_new (G_DATAGRAM_BASED (socket), GPOINTER_TO_INT (data), &funcs,
                              arrived);
  address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_socket_send_to (sender, address, "six", 3, NULL, &error), ==, 3);
  g_assert_no_error (error);
  wait_readable (socket);
  g_assert_false (srudp_datagram_io_receive (io));
  g_assert_cmpuint (arrived->len, ==, 1);
  datagram = &g_array_index (arrived, Datagram, 0);
  g_assert_cmpmem (datagram->data, datagram->size, "six", 3);
  g_assert_cmpint (datagram->path.remote.family, ==, SRUDP_FAMILY_IPV6);
  g_assert_cmpstr (srudp_address_format (&datagram->path.local, text), ==, "[::1]:0");
  srudp_datagram_io_free (io);
}

/* More than one batch says so, and each turn is bounded. */
static void
test_bounded (gconstpointer data)
{
  Stage stage = { 0 };
  guint n_all = 0;

  stage_set_up (&stage, GPOINTER_TO_INT (data));
  for (; n_all < 100; n_all++)
    stage_send (&stage, n_all % N_SENDERS, &n_all, sizeof n_all);
  while (stage.arrived->len < n_all)
    {
      guint before = stage.arrived->len, most = before + 32;
      gboolean more;

      wait_readable (stage.socket);
      more = srudp_datagram_io_receive (stage.io);
      g_assert_cmpuint (stage.arrived->len, >, before);
      g_assert_cmpuint (stage.arrived->len, <=, most);
      g_assert_true (more == (stage.arrived->len == most));
    }
  g_assert_cmpuint (stage.arrived->len, ==, n_all);
  for (guint i = 0; i < n_all; i++)
    g_assert_cmpmem (stage_get (&stage, i)->data, stage_get (&stage, i)->size, &i, sizeof i);
  stage_tear_down (&stage);
}

/* One that somebody has closed fails for good, one with nothing to read not. */
static void
test_failing (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Stage stage = { 0 };
  guint n = 0;

  stage_set_up (&stage, GPOINTER_TO_INT (data));
  for (guint i = 0; i < 1000; i++)
    g_assert_false (srudp_datagram_io_receive (stage.io));
  g_assert_false (srudp_datagram_io_is_failing (stage.io));

  g_socket_close (stage.socket, &error);
  g_assert_no_error (error);
  while (!srudp_datagram_io_is_failing (stage.io) && n++ < 1000)
    g_assert_false (srudp_datagram_io_receive (stage.io));
  g_assert_true (srudp_datagram_io_is_failing (stage.io));
  g_assert_cmpuint (stage.arrived->len, ==, 0);
  stage_tear_down (&stage);
}

/* What is sent from one processor arrives in order. */
static void
stay_on_one_processor (void)
{
  cpu_set_t here;

  CPU_ZERO (&here);
  CPU_SET (sched_getcpu (), &here);
  g_assert_cmpint (sched_setaffinity (0, sizeof here, &here), ==, 0);
}

static void
add (const char    *name,
     GTestDataFunc  func)
{
  g_autofree char *past = g_strconcat ("/datagram-io/past-gio/", name, NULL);
  g_autofree char *through = g_strconcat ("/datagram-io/through-gio/", name, NULL);

  g_test_add_data_func (past, GINT_TO_POINTER (TRUE), func);
  g_test_add_data_func (through, GINT_TO_POINTER (FALSE), func);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  stay_on_one_processor ();
  add ("datagrams-of-all-sizes", test_sizes);
  add ("joined-segments", test_joined);
  add ("marks-of-congestion", test_marks);
  add ("ipv6", test_ipv6);
  add ("batches-are-bounded", test_bounded);
  add ("a-closed-socket-fails", test_failing);

  return g_test_run ();
}
