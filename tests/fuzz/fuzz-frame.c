/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-frame.c: the frames of a packet; what was read is written alike
 */
#include "fuzz.h"

#include "srudp-trace.h"

#include <string.h>

static void
check_ack (const SrudpAckFrame *ack)
{
  SrudpAckRange ranges[SRUDP_FRAME_MAX_ACK_RANGES];
  guint n_ranges = srudp_ack_frame_get_ranges (ack, ranges);

  g_assert_cmpuint (n_ranges, ==, ack->n_ranges);
  g_assert_cmpuint (n_ranges, >=, 1);
  g_assert_cmpuint (ranges[0].last, ==, ack->largest);
  for (guint i = 0; i < n_ranges; i++)
    {
      g_assert_cmpuint (ranges[i].first, <=, ranges[i].last);
      if (i > 0)
        g_assert_cmpuint (ranges[i].last + 1, <, ranges[i - 1].first);
    }
}

/* Writing what was written is the same again. */
static void
check_write (const SrudpFrame *frame)
{
  guint8 first[5000], second[5000];
  SrudpWriter writer;
  SrudpReader reader;
  SrudpFrame again;
  gsize size;

  srudp_writer_init (&writer, first, sizeof first);
  g_assert_true (srudp_frame_write (&writer, frame));
  size = writer.size;
  srudp_reader_init (&reader, first, size);
  g_assert_true (srudp_frame_parse (&reader, &again));
  g_assert_true (srudp_reader_is_empty (&reader));
  g_assert_cmpint (again.type, ==, frame->type);
  srudp_writer_init (&writer, second, sizeof second);
  g_assert_true (srudp_frame_write (&writer, &again));
  g_assert_cmpmem (first, size, second, writer.size);
}

static void
check_trace (const guint8 *data,
             gsize         size)
{
  g_autoptr (SrudpTrace) trace = srudp_trace_new (1, 0);
  SrudpTraceChunk chunk;

  srudp_trace_begin (trace, 0, "fuzz:fuzz");
  srudp_trace_put_frames (trace, data, size);
  srudp_trace_commit (trace);
  srudp_trace_end (trace);
  g_assert_true (srudp_trace_take (trace, &chunk));
  g_assert_true (g_utf8_validate (g_bytes_get_data (chunk.records, NULL),
                                  (gssize) g_bytes_get_size (chunk.records),
                                  NULL));
  g_bytes_unref (chunk.records);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  SrudpReader reader;
  SrudpFrame frame;

  srudp_reader_init (&reader, data, size);
  while (!srudp_reader_is_empty (&reader) && srudp_frame_parse (&reader, &frame))
    {
      if (frame.type == SRUDP_FRAME_ACK)
        check_ack (&frame.ack);
      else
        check_write (&frame);
    }
  check_trace (data, size);

  return 0;
}
