/*
 * SPDX-License-Identifier: MIT
 *
 * bench-async.c: a transfer by asynchronous calls, as a GTK application does
 */
#include "bench-stream.h"

typedef struct
{
  GMainLoop *loop;
  GInputStream *input;
  GOutputStream *output;
  BenchMeter *meter;
  gint64 end_us;
  guint8 block[BENCH_BLOCK_BYTES];
} Pump;

static void write_on (Pump *pump);
static void read_on  (Pump *pump);

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  Pump *pump = user_data;

  if (g_output_stream_write_finish (pump->output, result, &error) < 0)
    bench_fail ("write", error->message);
  write_on (pump);
}

static void
write_on (Pump *pump)
{
  if (g_get_monotonic_time () >= pump->end_us)
    g_main_loop_quit (pump->loop);
  else
    g_output_stream_write_async (pump->output, pump->block, sizeof pump->block,
                                 G_PRIORITY_DEFAULT, NULL, written_cb, pump);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  Pump *pump = user_data;
  gssize n = g_input_stream_read_finish (pump->input, result, &error);

  if (n < 0)
    bench_fail ("read", error->message);
  if (n == 0)
    {
      g_main_loop_quit (pump->loop);
      return;
    }
  bench_meter_add (pump->meter, n);
  read_on (pump);
}

static void
read_on (Pump *pump)
{
  g_input_stream_read_async (pump->input, pump->block, sizeof pump->block,
                             G_PRIORITY_DEFAULT, NULL, read_cb, pump);
}

static void
run (Pump *pump,
     void (*begin) (Pump *pump))
{
  pump->loop = g_main_loop_new (NULL, FALSE);
  begin (pump);
  g_main_loop_run (pump->loop);
  g_main_loop_unref (pump->loop);
  g_free (pump);
}

void
bench_send_async (GIOStream *stream,
                  double     seconds)
{
  Pump *pump = g_new0 (Pump, 1);

  pump->output = g_io_stream_get_output_stream (stream);
  pump->end_us = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  run (pump, write_on);
}

void
bench_receive_async (GIOStream  *stream,
                     BenchMeter *meter)
{
  Pump *pump = g_new0 (Pump, 1);

  pump->input = g_io_stream_get_input_stream (stream);
  pump->meter = meter;
  run (pump, read_on);
}
