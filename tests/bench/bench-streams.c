/*
 * SPDX-License-Identifier: MIT
 *
 * bench-streams.c: measures transports that are a GIOStream
 *
 * usage: bench-streams server|client MODE --transport tcp|tls|srudp [OPTION…]
 */
#include "bench-stream.h"

#include <stdio.h>
#include <sys/resource.h>

static const BenchTransport *const transports[] = {
  &bench_srudp, &bench_tcp, &bench_tls,
};

static const BenchTransport *
find_transport (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    if (g_strcmp0 (transports[i]->name, name) == 0)
      return transports[i];
  bench_fail (name, "no such transport");
}

static void
check (gboolean      succeeded,
       const char   *what,
       const GError *error)
{
  if (!succeeded)
    bench_fail (what, error != NULL ? error->message : NULL);
}

/* --- One end that serves ---------------------------------------------------- */

static void
receive (GIOStream  *stream,
         BenchMeter *meter)
{
  static guint8 block[BENCH_BLOCK_BYTES];
  GInputStream *input = g_io_stream_get_input_stream (stream);
  g_autoptr (GError) error = NULL;
  gssize n;

  while ((n = g_input_stream_read (input, block, sizeof block, NULL, &error)) > 0)
    bench_meter_add (meter, n);
  check (n == 0, "read", error);
}

static void
serve_transfer (const BenchOptions *options,
                GIOStream          *stream)
{
  BenchMeter meter = { 0 };

  if (options->async)
    bench_receive_async (stream, &meter);
  else
    receive (stream, &meter);
  bench_meter_report (&meter);
}

static void
echo (GIOStream *stream)
{
  guint8 block[BENCH_PING_BYTES];
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  gsize n;

  while (g_input_stream_read_all (input, block, sizeof block, &n, NULL, NULL)
         && n == sizeof block
         && g_output_stream_write_all (output, block, n, NULL, NULL, NULL))
    ;
}

/* One that is only there to be connected to, and then left. */
static void
wait_for_end (GIOStream *stream)
{
  guint8 byte;

  while (g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, NULL, NULL) > 0)
    ;
  g_io_stream_close (stream, NULL, NULL);
  g_object_unref (stream);
}

static void
serve_many (const BenchOptions   *options,
            const BenchTransport *transport,
            gpointer              listener)
{
  for (int i = 0; i < options->count; i++)
    {
      g_autoptr (GError) error = NULL;
      GIOStream *stream = transport->accept (listener, &error);

      check (stream != NULL, "accept", error);
      wait_for_end (stream);
    }
}

static double
processor_seconds (const struct rusage *usage)
{
  return usage->ru_utime.tv_sec + usage->ru_stime.tv_sec
         + (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* How often all threads were woken, and what that cost. */
static void
sleep_and_report (double seconds)
{
  struct rusage before, after;

  getrusage (RUSAGE_SELF, &before);
  g_usleep ((gulong) (seconds * G_USEC_PER_SEC));
  getrusage (RUSAGE_SELF, &after);
  printf ("{\"idle_seconds\": %.3f, \"idle_wakeups\": %ld, \"idle_cpu_seconds\": %.6f}\n",
          seconds, after.ru_nvcsw - before.ru_nvcsw - 1,
          processor_seconds (&after) - processor_seconds (&before));
  fflush (stdout);
}

static void
serve_idle (const BenchOptions   *options,
            const BenchTransport *transport,
            gpointer              listener)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new ();
  gsize before = 0;

  for (int i = 0; i <= options->count; i++)
    {
      g_autoptr (GError) error = NULL;
      GIOStream *stream = transport->accept (listener, &error);

      check (stream != NULL, "accept", error);
      g_ptr_array_add (streams, stream);
      /* The first warms up what all of them share. */
      if (i == 0)
        before = bench_resident ();
    }
  g_usleep (G_USEC_PER_SEC / 2);
  printf ("{\"bytes_per_connection\": %.0f, \"connections\": %d}\n",
          ((double) bench_resident () - before) / options->count, options->count);
  g_usleep ((gulong) (options->settle * G_USEC_PER_SEC));
  sleep_and_report (options->seconds);
}

static void
serve (const BenchOptions   *options,
       const BenchTransport *transport)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOStream) stream = NULL;
  gpointer listener = transport->listen (options, &error);

  check (listener != NULL, "listen", error);
  bench_ready ();
  if (options->mode == BENCH_IDLE)
    serve_idle (options, transport, listener);
  else if (options->mode == BENCH_SETUP)
    serve_many (options, transport, listener);
  if (options->mode == BENCH_IDLE || options->mode == BENCH_SETUP)
    return;

  stream = transport->accept (listener, &error);
  check (stream != NULL, "accept", error);
  if (options->mode == BENCH_TRANSFER)
    serve_transfer (options, stream);
  else
    echo (stream);
  g_io_stream_close (stream, NULL, NULL);
}

/* --- The other end ------------------------------------------------------------ */

static void
send_for (GIOStream *stream,
          double     seconds)
{
  static guint8 block[BENCH_BLOCK_BYTES];
  gint64 end_us = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  g_autoptr (GError) error = NULL;

  while (g_get_monotonic_time () < end_us)
    check (g_output_stream_write (output, block, sizeof block, NULL, &error) > 0,
           "write", error);
}

static void
transfer (const BenchOptions *options,
          GIOStream          *stream)
{
  if (options->async)
    bench_send_async (stream, options->seconds);
  else
    send_for (stream, options->seconds);
}

static void
ping (const BenchOptions *options,
      GIOStream          *stream)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  guint8 block[BENCH_PING_BYTES] = { 0 };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < options->count; i++)
    {
      gint64 start_us = g_get_monotonic_time (), took_us;

      check (g_output_stream_write_all (output, block, sizeof block, NULL, NULL, &error),
             "write", error);
      check (g_input_stream_read_all (input, block, sizeof block, NULL, NULL, &error),
             "read", error);
      took_us = g_get_monotonic_time () - start_us;
      g_array_append_val (times, took_us);
    }
  bench_report_times ("ping", times);
}

static void
set_up_many (const BenchOptions   *options,
             const BenchTransport *transport)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (int i = 0; i < options->count; i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 start_us = g_get_monotonic_time (), took_us;
      g_autoptr (GIOStream) stream = transport->connect (options, &error);

      check (stream != NULL, "connect", error);
      took_us = g_get_monotonic_time () - start_us;
      g_array_append_val (times, took_us);
      g_io_stream_close (stream, NULL, NULL);
    }
  bench_report_times ("setup", times);
}

static void
hold_many (const BenchOptions   *options,
           const BenchTransport *transport)
{
  for (int i = 0; i <= options->count; i++)
    {
      g_autoptr (GError) error = NULL;

      /* Kept until the process ends. */
      check (transport->connect (options, &error) != NULL, "connect", error);
    }
  g_usleep ((gulong) ((options->settle + options->seconds + 1) * G_USEC_PER_SEC));
}

static void
visit (const BenchOptions   *options,
       const BenchTransport *transport)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOStream) stream = NULL;
  gint64 start_us = g_get_monotonic_time ();

  stream = transport->connect (options, &error);
  check (stream != NULL, "connect", error);
  if (options->mode == BENCH_TRANSFER)
    {
      printf ("{\"setup_us\": %" G_GINT64_FORMAT "}\n", g_get_monotonic_time () - start_us);
      transfer (options, stream);
    }
  else
    ping (options, stream);
  check (g_io_stream_close (stream, NULL, &error), "close", error);
}

int
main (int    argc,
      char **argv)
{
  const BenchTransport *transport;
  BenchOptions options;

  bench_parse (&options, argc, argv);
  transport = find_transport (options.transport);
  if (options.is_server)
    serve (&options, transport);
  else if (options.mode == BENCH_SETUP)
    set_up_many (&options, transport);
  else if (options.mode == BENCH_IDLE)
    hold_many (&options, transport);
  else
    visit (&options, transport);
  return 0;
}
