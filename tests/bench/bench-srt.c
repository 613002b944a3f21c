/*
 * SPDX-License-Identifier: MIT
 *
 * bench-srt.c: SRT in file mode, in the clear or (variant aes) encrypted
 */
#include "bench-options.h"

#include <arpa/inet.h>
#include <srt/srt.h>
#include <stdio.h>
#include <string.h>

static void
check (int result)
{
  if (result == SRT_ERROR)
    bench_fail ("srt", srt_getlasterror_str ());
}

static SRTSOCKET
new_socket (const BenchOptions *options)
{
  static const char passphrase[] = "as good as another";
  SRT_TRANSTYPE type = SRTT_FILE;
  int key_bytes = 32;
  SRTSOCKET socket = srt_create_socket ();

  check (srt_setsockflag (socket, SRTO_TRANSTYPE, &type, sizeof type));
  if (g_strcmp0 (options->variant, "aes") == 0)
    {
      check (srt_setsockflag (socket, SRTO_PBKEYLEN, &key_bytes, sizeof key_bytes));
      check (srt_setsockflag (socket, SRTO_PASSPHRASE, passphrase, strlen (passphrase)));
    }
  return socket;
}

static void
receive (SRTSOCKET listener)
{
  static char block[BENCH_BLOCK_BYTES];
  BenchMeter meter = { 0 };
  SRTSOCKET socket;
  int n;

  check (srt_listen (listener, 1));
  bench_ready ();
  socket = srt_accept (listener, NULL, NULL);
  check (socket);
  while ((n = srt_recv (socket, block, sizeof block)) > 0)
    bench_meter_add (&meter, n);
  bench_meter_report (&meter);
  srt_close (socket);
}

static void
send_for (SRTSOCKET socket,
          double    seconds)
{
  static char block[BENCH_BLOCK_BYTES];
  gint64 end_us = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  struct linger no_linger = { 1, 0 };

  while (g_get_monotonic_time () < end_us)
    check (srt_send (socket, block, sizeof block));
  check (srt_setsockflag (socket, SRTO_LINGER, &no_linger, sizeof no_linger));
}

int
main (int    argc,
      char **argv)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  BenchOptions options;
  gint64 start_us;
  SRTSOCKET socket;

  bench_parse (&options, argc, argv);
  srt_startup ();
  address.sin_port = htons (options.port);
  inet_pton (AF_INET, options.address, &address.sin_addr);
  socket = new_socket (&options);
  start_us = g_get_monotonic_time ();
  check ((options.is_server ? srt_bind : srt_connect) (socket, (struct sockaddr *) &address,
                                                       sizeof address));
  if (options.is_server)
    receive (socket);
  else
    {
      printf ("{\"setup_us\": %" G_GINT64_FORMAT "}\n", g_get_monotonic_time () - start_us);
      send_for (socket, options.seconds);
    }
  srt_close (socket);
  srt_cleanup ();
  return 0;
}
