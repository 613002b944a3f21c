/*
 * SPDX-License-Identifier: MIT
 *
 * bench-usrsctp.c: SCTP in user space over UDP, without encryption
 */
#include "bench-options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <usrsctp.h>

/* Of SCTP itself; the UDP port is the one asked for. */
#define SCTP_PORT 5001
/* As WebRTC data channels have it, so that long links can be filled. */
#define BUFFER_BYTES (4 * 1024 * 1024)

static void
check (gboolean    succeeded,
       const char *what)
{
  if (!succeeded)
    bench_fail (what, g_strerror (errno));
}

static struct socket *
new_socket (guint16 remote_udp_port)
{
  struct sctp_udpencaps encapsulation = { .sue_port = htons (remote_udp_port) };
  int room = BUFFER_BYTES;
  struct socket *socket;

  encapsulation.sue_address.ss_family = AF_INET;
  socket = usrsctp_socket (AF_INET, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
  check (socket != NULL, "usrsctp_socket");
  usrsctp_setsockopt (socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  usrsctp_setsockopt (socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  usrsctp_setsockopt (socket, IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT,
                      &encapsulation, sizeof encapsulation);
  return socket;
}

static void
receive (struct socket      *listener,
         struct sockaddr_in *address)
{
  static char block[BENCH_BLOCK_BYTES];
  BenchMeter meter = { 0 };
  struct sctp_rcvinfo info;
  socklen_t info_bytes;
  unsigned int info_type;
  struct socket *socket;
  int flags;
  ssize_t n;

  address->sin_addr.s_addr = INADDR_ANY;
  check (usrsctp_bind (listener, (struct sockaddr *) address, sizeof *address) == 0, "bind");
  check (usrsctp_listen (listener, 1) == 0, "listen");
  bench_ready ();
  socket = usrsctp_accept (listener, NULL, NULL);
  check (socket != NULL, "accept");
  do
    {
      flags = 0;
      info_bytes = sizeof info;
      n = usrsctp_recvv (socket, block, sizeof block, NULL, NULL, &info, &info_bytes,
                         &info_type, &flags);
      if (n > 0)
        bench_meter_add (&meter, n);
    }
  while (n > 0);
  bench_meter_report (&meter);
  usrsctp_close (socket);
}

static void
send_for (struct socket *socket,
          double         seconds)
{
  static char block[BENCH_BLOCK_BYTES];
  gint64 end_us = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end_us)
    check (usrsctp_sendv (socket, block, sizeof block, NULL, 0, NULL, 0,
                          SCTP_SENDV_NOINFO, 0) > 0, "send");
}

int
main (int    argc,
      char **argv)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (SCTP_PORT) };
  BenchOptions options;
  gint64 start_us;
  struct socket *socket;

  bench_parse (&options, argc, argv);
  inet_pton (AF_INET, options.address, &address.sin_addr);
  /* Two ports next to each other, so that both can share a machine. */
  usrsctp_init (options.is_server ? options.port : options.port + 1, NULL, NULL);
  usrsctp_sysctl_set_sctp_ecn_enable (0);
  socket = new_socket (options.is_server ? options.port + 1 : options.port);
  if (options.is_server)
    receive (socket, &address);
  else
    {
      start_us = g_get_monotonic_time ();
      check (usrsctp_connect (socket, (struct sockaddr *) &address, sizeof address) == 0,
             "connect");
      printf ("{\"setup_us\": %" G_GINT64_FORMAT "}\n", g_get_monotonic_time () - start_us);
      send_for (socket, options.seconds);
      usrsctp_shutdown (socket, SHUT_WR);
      usrsctp_close (socket);
      /* Its threads deliver what is left. */
      g_usleep (G_USEC_PER_SEC);
      fflush (stdout);
      _exit (0);
    }
  usrsctp_close (socket);
  return 0;
}
