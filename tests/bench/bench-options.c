/*
 * SPDX-License-Identifier: MIT
 *
 * bench-options.c: what every program of the benchmark is told, and tells
 */
#include "bench-options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double window_seconds;

static const char *const mode_names[] = { "transfer", "ping", "setup", "idle", NULL };

void
bench_fail (const char *what,
            const char *why)
{
  g_printerr ("%s: %s\n", what, why != NULL ? why : "no reason given");
  exit (1);
}

static void
parse_words (BenchOptions *options,
             int           argc,
             char        **argv)
{
  guint mode = 0;

  if (argc != 3)
    bench_fail (argv[0], "say server or client, then a mode");
  options->is_server = g_str_equal (argv[1], "server");
  while (mode_names[mode] != NULL && !g_str_equal (mode_names[mode], argv[2]))
    mode++;
  if (mode_names[mode] == NULL)
    bench_fail (argv[2], "no such mode");
  options->mode = mode;
}

void
bench_parse (BenchOptions *options,
             int           argc,
             char        **argv)
{
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_STRING, &options->address, "Of the server", "IP" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "Of the server", "PORT" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options->seconds, "To send for", "S" },
    { "window", 0, 0, G_OPTION_ARG_DOUBLE, &options->window, "To count for", "S" },
    { "settle", 0, 0, G_OPTION_ARG_DOUBLE, &options->settle, "To wait before", "S" },
    { "count", 0, 0, G_OPTION_ARG_INT, &options->count, "Of pings or connections", "N" },
    { "transport", 0, 0, G_OPTION_ARG_STRING, &options->transport, "tcp, tls, srudp", "NAME" },
    { "variant", 0, 0, G_OPTION_ARG_STRING, &options->variant, "Of the transport", "NAME" },
    { "async", 0, 0, G_OPTION_ARG_NONE, &options->async, "Without blocking calls", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("server|client MODE");
  g_autoptr (GError) error = NULL;

  *options = (BenchOptions) { .port = 7000, .seconds = 2, .count = 1000 };
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    bench_fail (argv[0], error->message);
  parse_words (options, argc, argv);
  window_seconds = options->window;
  if (options->address == NULL)
    options->address = g_strdup ("127.0.0.1");
}

void
bench_ready (void)
{
  puts ("ready");
  fflush (stdout);
}

void
bench_meter_add (BenchMeter *meter,
                 gsize       n_bytes)
{
  gint64 window_us = (gint64) (window_seconds * G_USEC_PER_SEC);
  gint64 now_us = g_get_monotonic_time ();

  if (meter->bytes == 0)
    meter->first_us = now_us;
  if (window_us > 0 && now_us > meter->first_us + window_us)
    {
      meter->last_us = meter->first_us + window_us;
      bench_meter_report (meter);
      _exit (0);
    }
  meter->last_us = now_us;
  meter->bytes += n_bytes;
}

void
bench_meter_report (const BenchMeter *meter)
{
  printf ("{\"bytes\": %" G_GUINT64_FORMAT ", \"seconds\": %.6f}\n",
          meter->bytes,
          (meter->last_us - meter->first_us) / (double) G_USEC_PER_SEC);
  fflush (stdout);
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const gint64 *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

static gint64
percentile (GArray *sorted,
            guint   percent)
{
  return g_array_index (sorted, gint64, (gsize) (sorted->len - 1) * percent / 100);
}

void
bench_report_times (const char *what,
                    GArray     *times_us)
{
  if (times_us->len == 0)
    bench_fail (what, "nothing was measured");
  g_array_sort (times_us, compare_times);
  printf ("{\"%s_us\": %" G_GINT64_FORMAT ", \"%s_p99_us\": %" G_GINT64_FORMAT
          ", \"%s_max_us\": %" G_GINT64_FORMAT ", \"%s_count\": %u}\n",
          what, percentile (times_us, 50), what, percentile (times_us, 99),
          what, percentile (times_us, 100), what, times_us->len);
  fflush (stdout);
}

gsize
bench_resident (void)
{
  g_autofree char *text = NULL;
  gsize pages = 0;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)
      || sscanf (text, "%*s %" G_GSIZE_FORMAT, &pages) != 1)
    bench_fail ("/proc/self/statm", "not readable");
  return pages * sysconf (_SC_PAGESIZE);
}
