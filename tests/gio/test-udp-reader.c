/*
 * SPDX-License-Identifier: MIT
 *
 * test-udp-reader.c: what the kernel says of a datagram
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* struct in6_pktinfo */
#endif

#include "support.h"

#include "srudp-glib/srudp-udp-reader-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef UDP_GRO
# define UDP_GRO 104
#endif

#define N_MUTATIONS 20000

/* A message as recvmsg() leaves it. What is said to be there is all there is:
 * AddressSanitizer sees whoever looks behind it. */
typedef struct
{
  struct msghdr header;
  struct iovec vector;
  struct sockaddr_storage name;
  guint8 data[4];
} Message;

static void
message_init (Message *message)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (4000) };

  inet_pton (AF_INET, "192.0.2.1", &name.sin_addr);
  memset (message, 0, sizeof *message);
  memcpy (&message->name, &name, sizeof name);
  message->vector.iov_base = message->data;
  message->vector.iov_len = sizeof message->data;
  message->header.msg_name = &message->name;
  message->header.msg_namelen = sizeof name;
  message->header.msg_iov = &message->vector;
  message->header.msg_iovlen = 1;
}

static void
message_clear (Message *message)
{
  g_free (message->header.msg_control);
}

static void
message_set_ipv6 (Message    *message,
                  const char *ip,
                  guint32     scope_id)
{
  struct sockaddr_in6 name = {
    .sin6_family = AF_INET6,
    .sin6_port = htons (4000),
    .sin6_scope_id = scope_id,
  };

  inet_pton (AF_INET6, ip, &name.sin6_addr);
  memcpy (&message->name, &name, sizeof name);
  message->header.msg_namelen = sizeof name;
}

/* As one of `size`, whatever `length` says. */
static void
message_add_raw (Message      *message,
                 int           level,
                 int           type,
                 gsize         length,
                 gconstpointer content,
                 gsize         size)
{
  gsize at = message->header.msg_controllen;
  guint8 *controls = g_realloc (message->header.msg_control,
                                at + CMSG_SPACE (size));
  struct cmsghdr control = { length, level, type };

  memset (controls + at, 0, CMSG_SPACE (size));
  memcpy (controls + at, &control, sizeof control);
  memcpy (controls + at + CMSG_LEN (0), content, size);
  message->header.msg_control = controls;
  message->header.msg_controllen = at + CMSG_SPACE (size);
}

static void
message_add (Message      *message,
             int           level,
             int           type,
             gconstpointer content,
             gsize         size)
{
  message_add_raw (message, level, type, CMSG_LEN (size), content, size);
}

static void
assert_address (const SrudpAddress *address,
                const char         *expected)
{
  char text[SRUDP_ADDRESS_STRING_BYTES] = "";

  if (srudp_address_is_set (address))
    srudp_address_format (address, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_ipv4 (void)
{
  struct in_pktinfo info = { .ipi_ifindex = 7 };
  guint8 tos = 0xb8 | SRUDP_ECN_CE;
  int segment = 1200;
  SrudpArrival arrival;
  Message message;

  inet_pton (AF_INET, "198.51.100.2", &info.ipi_addr);
  inet_pton (AF_INET, "203.0.113.9", &info.ipi_spec_dst);
  message_init (&message);
  message_add (&message, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  message_add (&message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  message_add (&message, IPPROTO_UDP, UDP_GRO, &segment, sizeof segment);

  g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
  assert_address (&arrival.path.remote, "192.0.2.1:4000");
  assert_address (&arrival.path.local, "198.51.100.2:0");
  g_assert_cmpuint (arrival.path.socket, ==, 0);
  g_assert_cmpint (arrival.ecn, ==, SRUDP_ECN_CE);
  g_assert_cmpuint (arrival.segment, ==, 1200);
  g_assert_cmpuint (arrival.size, ==, 4);
  g_assert_true (arrival.data == message.data);
  message_clear (&message);
}

static void
test_ipv6 (void)
{
  struct in6_pktinfo info = { .ipi6_ifindex = 7 };
  int traffic_class = 0xb8 | SRUDP_ECN_ECT0;
  SrudpArrival arrival;
  Message message;

  inet_pton (AF_INET6, "fe80::2", &info.ipi6_addr);
  message_init (&message);
  message_set_ipv6 (&message, "fe80::1", 7);
  message_add (&message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  message_add (&message, IPPROTO_IPV6, IPV6_TCLASS, &traffic_class,
               sizeof traffic_class);

  g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
  assert_address (&arrival.path.remote, "[fe80::1%7]:4000");
  assert_address (&arrival.path.local, "[fe80::2%7]:0");
  g_assert_cmpint (arrival.ecn, ==, SRUDP_ECN_ECT0);
  g_assert_cmpuint (arrival.segment, ==, 0);
  message_clear (&message);
}

/* A socket of both families tells of IPv4 in the manner of IPv6, but for TOS. */
static void
test_mapped (void)
{
  struct in6_pktinfo info = { .ipi6_ifindex = 7 };
  guint8 tos = SRUDP_ECN_ECT1;
  SrudpArrival arrival;
  Message message;

  inet_pton (AF_INET6, "::ffff:198.51.100.2", &info.ipi6_addr);
  message_init (&message);
  message_set_ipv6 (&message, "::ffff:192.0.2.1", 0);
  message_add (&message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  message_add (&message, IPPROTO_IP, IP_TOS, &tos, sizeof tos);

  g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
  assert_address (&arrival.path.remote, "192.0.2.1:4000");
  assert_address (&arrival.path.local, "198.51.100.2:0");
  g_assert_cmpint (arrival.ecn, ==, SRUDP_ECN_ECT1);
  message_clear (&message);
}

/* Whatever else is told is passed over, and so is what is too short. */
static void
test_unknown (void)
{
  const guint8 content[64] = { 1, 2, 3 };
  struct in_pktinfo info = { 0 };
  int segment = 0;
  SrudpArrival arrival;
  Message message;

  inet_pton (AF_INET, "198.51.100.2", &info.ipi_addr);
  message_init (&message);
  message_add (&message, SOL_SOCKET, 29, content, 32);
  message_add (&message, IPPROTO_IP, IP_TTL, content, 4);
  message_add (&message, IPPROTO_IPV6, IPV6_HOPLIMIT, content, 4);
  message_add (&message, IPPROTO_UDP, 77, content, 8);
  message_add (&message, IPPROTO_IP, IP_TOS, content, 0);
  message_add (&message, IPPROTO_IPV6, IPV6_TCLASS, content, 3);
  message_add (&message, IPPROTO_IPV6, IPV6_PKTINFO, content, 19);
  message_add (&message, IPPROTO_UDP, UDP_GRO, content, 3);
  message_add (&message, IPPROTO_UDP, UDP_GRO, &segment, sizeof segment);
  segment = -1200;
  message_add (&message, IPPROTO_UDP, UDP_GRO, &segment, sizeof segment);
  message_add (&message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);

  g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
  assert_address (&arrival.path.local, "198.51.100.2:0");
  g_assert_cmpint (arrival.ecn, ==, SRUDP_ECN_NOT_ECT);
  g_assert_cmpuint (arrival.segment, ==, 0);
  message_clear (&message);
}

static void
test_lying_length (gconstpointer data)
{
  gsize length = *(const gsize *) data;
  struct in_pktinfo info = { 0 };
  int segment = 1200;
  SrudpArrival arrival;
  Message message;

  inet_pton (AF_INET, "198.51.100.2", &info.ipi_addr);
  message_init (&message);
  message_add (&message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  message_add_raw (&message, IPPROTO_UDP, UDP_GRO, length, &segment,
                   sizeof segment);

  g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
  assert_address (&arrival.path.local, "198.51.100.2:0");
  g_assert_cmpuint (arrival.segment, ==, 0);
  message_clear (&message);
}

static void
test_incomplete (void)
{
  static const int flags[] = { MSG_TRUNC, MSG_CTRUNC, MSG_TRUNC | MSG_CTRUNC };
  SrudpArrival arrival;
  Message message;

  message_init (&message);
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      message.header.msg_flags = flags[i];
      g_assert_false (srudp_arrival_parse (&message.header, 4, &arrival));
    }
  message.header.msg_flags = MSG_EOR;
  g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
}

static void
test_nobodys (void)
{
  SrudpArrival arrival;
  Message message;

  message_init (&message);
  message.header.msg_namelen--;
  g_assert_false (srudp_arrival_parse (&message.header, 4, &arrival));
  message.header.msg_namelen = 0;
  g_assert_false (srudp_arrival_parse (&message.header, 4, &arrival));

  message_set_ipv6 (&message, "2001:db8::1", 0);
  message.header.msg_namelen--;
  g_assert_false (srudp_arrival_parse (&message.header, 4, &arrival));

  message.name.ss_family = AF_UNIX;
  message.header.msg_namelen = sizeof (struct sockaddr_un);
  g_assert_false (srudp_arrival_parse (&message.header, 4, &arrival));
}

/* Three messages, of which some bytes are others, and of which the end is
 * missing: nothing is read behind it, and what is found is sane. */
static void
test_mutated (void)
{
  struct in6_pktinfo info = { 0 };
  int value = 1200;

  for (guint i = 0; i < N_MUTATIONS; i++)
    {
      SrudpArrival arrival;
      Message message;
      guint8 *controls;
      gsize size;

      message_init (&message);
      message_add (&message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
      message_add (&message, IPPROTO_UDP, UDP_GRO, &value, sizeof value);
      message_add (&message, IPPROTO_IP, IP_TOS, &value, 1);
      size = (gsize) g_test_rand_int_range (0, (int) message.header.msg_controllen + 1);
      controls = g_memdup2 (message.header.msg_control, size);
      for (int n = g_test_rand_int_range (0, 4); n > 0 && size > 0; n--)
        controls[g_test_rand_int_range (0, (int) size)] ^= (guint8) g_test_rand_int ();
      g_free (message.header.msg_control);
      message.header.msg_control = controls;
      message.header.msg_controllen = size;

      g_assert_true (srudp_arrival_parse (&message.header, 4, &arrival));
      g_assert_cmpint (arrival.ecn, <=, SRUDP_ECN_CE);
      g_assert_cmpuint (arrival.segment, <=, G_MAXINT);
      message_clear (&message);
    }
}

/* Over sockets */

static int
make_socket (struct sockaddr_in *name)
{
  socklen_t size = sizeof *name;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  *name = (struct sockaddr_in) { .sin_family = AF_INET };
  name->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) name, size), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) name, &size), ==, 0);
  return fd;
}

static void
send_bytes (int                       fd,
            const struct sockaddr_in *to,
            gconstpointer             data,
            gsize                     size)
{
  g_assert_cmpint (sendto (fd, data, size, 0, (const struct sockaddr *) to,
                           sizeof *to), ==, (gssize) size);
}

/* What the kernel itself marks as cut off: the content, or what goes with it. */
static void
test_cut_off (void)
{
  guint8 data[8], controls[CMSG_SPACE (sizeof (struct in_pktinfo))];
  struct iovec vector = { data, sizeof data };
  struct sockaddr_in target, other;
  int to = make_socket (&target), from = make_socket (&other), on = 1;
  struct msghdr header = {
    .msg_name = &other,
    .msg_namelen = sizeof other,
    .msg_iov = &vector,
    .msg_iovlen = 1,
    .msg_control = controls,
  };
  SrudpArrival arrival;

  g_assert_cmpint (setsockopt (to, IPPROTO_IP, IP_PKTINFO, &on, sizeof on), ==, 0);
  for (gsize size = 7; size <= 9; size++)
    {
      gssize n;

      send_bytes (from, &target, "123456789", size);
      header.msg_controllen = sizeof controls;
      n = recvmsg (to, &header, 0);
      g_assert_cmpint (n, ==, MIN (size, sizeof data));
      g_assert_true (srudp_arrival_parse (&header, (gsize) n, &arrival)
                     == (size <= sizeof data));
    }
  send_bytes (from, &target, "12", 2);
  header.msg_controllen = sizeof controls / 2;
  g_assert_cmpint (recvmsg (to, &header, 0), ==, 2);
  g_assert_false (srudp_arrival_parse (&header, 2, &arrival));
  close (from);
  close (to);
}

/* NULL: the test is skipped. */
static SrudpUdpReader *
make_reader (void)
{
  SrudpUdpReader *reader = srudp_udp_reader_new ();

  if (reader == NULL)
    g_test_skip ("this system has no recvmmsg");
  return reader;
}

/* One call takes no more than a batch; the last one says that there is none. */
static void
test_batches (void)
{
  const guint n_all = 2 * SRUDP_UDP_READER_BATCH + 5;
  SrudpUdpReader *reader = make_reader ();
  struct sockaddr_in target, other;
  int to = make_socket (&target), from = make_socket (&other);
  guint n_received = 0;

  for (guint i = 0; i < n_all; i++)
    send_bytes (from, &target, &i, sizeof i);
  while (reader != NULL && n_received < n_all)
    {
      struct pollfd ready = { .fd = to, .events = POLLIN };
      int n;

      g_assert_cmpint (poll (&ready, 1, PATIENCE_MS), ==, 1);
      n = srudp_udp_reader_receive (reader, to);
      g_assert_cmpint (n, >, 0);
      g_assert_cmpint (n, <=, SRUDP_UDP_READER_BATCH);
      for (int i = 0; i < n; i++, n_received++)
        {
          SrudpArrival arrival;

          g_assert_true (srudp_udp_reader_get (reader, (guint) i, &arrival));
          g_assert_cmpuint (arrival.size, ==, sizeof n_all);
          g_assert_cmpuint (arrival.path.remote.port, ==, ntohs (other.sin_port));
        }
    }
  if (reader != NULL)
    {
      g_assert_cmpint (srudp_udp_reader_receive (reader, to), ==, -1);
      g_assert_cmpint (errno, ==, EAGAIN);
      srudp_udp_reader_free (reader);
    }
  close (from);
  close (to);
}

static void
test_no_socket (void)
{
  SrudpUdpReader *reader = make_reader ();
  int file;

  if (reader == NULL)
    return;
  file = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (srudp_udp_reader_receive (reader, -1), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);
  g_assert_cmpint (srudp_udp_reader_receive (reader, file), ==, -1);
  g_assert_cmpint (errno, ==, ENOTSOCK);
  close (file);
  srudp_udp_reader_free (reader);
}

int
main (int   argc,
      char *argv[])
{
  static const gsize none = 0, of_header_less_one = CMSG_LEN (0) - 1,
                     one_too_short = CMSG_LEN (sizeof (int)) - 1,
                     behind_the_end = CMSG_SPACE (sizeof (int)) + 1,
                     endless = G_MAXSIZE;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/udp-reader/controls/ipv4", test_ipv4);
  g_test_add_func ("/udp-reader/controls/ipv6", test_ipv6);
  g_test_add_func ("/udp-reader/controls/ipv4-mapped", test_mapped);
  g_test_add_func ("/udp-reader/controls/unknown-and-short", test_unknown);
  g_test_add_data_func ("/udp-reader/controls/length/none", &none,
                        test_lying_length);
  g_test_add_data_func ("/udp-reader/controls/length/less-than-a-header",
                        &of_header_less_one, test_lying_length);
  g_test_add_data_func ("/udp-reader/controls/length/one-too-short",
                        &one_too_short, test_lying_length);
  g_test_add_data_func ("/udp-reader/controls/length/behind-the-end",
                        &behind_the_end, test_lying_length);
  g_test_add_data_func ("/udp-reader/controls/length/endless", &endless,
                        test_lying_length);
  g_test_add_func ("/udp-reader/controls/mutated", test_mutated);
  g_test_add_func ("/udp-reader/incomplete", test_incomplete);
  g_test_add_func ("/udp-reader/from-nobody", test_nobodys);
  g_test_add_func ("/udp-reader/cut-off-by-the-kernel", test_cut_off);
  g_test_add_func ("/udp-reader/batches", test_batches);
  g_test_add_func ("/udp-reader/no-socket", test_no_socket);

  return g_test_run ();
}
