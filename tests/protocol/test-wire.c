/*
 * SPDX-License-Identifier: MIT
 *
 * test-wire.c: what somebody sees who counts the bytes of many packets
 */
#define _GNU_SOURCE /* for memmem() */

#include "test-pipe.h"

#define N_PACKETS 10000
/* Bytes 9–28 are in the smallest packet, too: number, payload and tag. */
#define FIRST_BYTE 9
#define N_BYTES 20

static const char text[] = "all work and no play ";

typedef struct
{
  guint n_packets;
  guint counts[N_BYTES][256];
  guint firsts[256];
  guint8 keys[2][SRUDP_KEY_BYTES];
} Census;

static gboolean
contains (const PipePacket *packet,
          gconstpointer     what,
          gsize             size)
{
  return memmem (packet->data, packet->size, what, size) != NULL;
}

static PipeVerdict
count_cb (Pipe       *pipe,
          PipePacket *packet,
          gpointer    user_data)
{
  Census *census = user_data;

  for (guint i = 0; i < 2; i++)
    g_assert_false (contains (packet, census->keys[i], SRUDP_KEY_BYTES));
  g_assert_false (contains (packet, text, 8));
  if (packet->data[0] >= 0x80)
    return PIPE_PASS;

  g_assert_cmpuint (packet->size, >=, FIRST_BYTE + N_BYTES);
  g_assert_cmphex (packet->data[0] & 0xe0, ==, 0x40);
  census->n_packets++;
  census->firsts[packet->data[0]]++;
  for (guint i = 0; i < N_BYTES; i++)
    census->counts[i][packet->data[FIRST_BYTE + i]]++;

  return PIPE_PASS;
}

/* By how much the counts differ from equal ones, squared; for n values that
 * are equally likely it is about n, and hardly ever more than 6 times sqrt (2 n)
 * above that. */
static double
measure_bias (const guint *counts,
              guint        n)
{
  double expected = 0, sum = 0;

  for (guint i = 0; i < n; i++)
    expected += (double) counts[i] / n;
  for (guint i = 0; i < n; i++)
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;

  return sum;
}

static void
write_text (SrudpSession *session,
            gint64        now)
{
  const gsize n_repeats = 3000;
  SrudpSlice slice = { srudp_chunk_new (n_repeats * strlen (text)), 0,
                       n_repeats * strlen (text) };

  for (gsize i = 0; i < n_repeats; i++)
    memcpy (slice.chunk->data + i * strlen (text), text, strlen (text));
  g_assert_true (srudp_session_write (session, now, SRUDP_MAIN_STREAM, &slice));
}

static void
read_all (SrudpSession *session,
          gint64        now)
{
  SrudpSlice slice = { 0 };

  while (srudp_session_read (session, SRUDP_MAIN_STREAM, &slice))
    {
      srudp_session_consume (session, now, SRUDP_MAIN_STREAM, slice.length);
      srudp_slice_clear (&slice);
    }
}

static void
test_statistics (void)
{
  g_autofree Census *census = g_new0 (Census, 1);
  g_autoptr (Pipe) pipe = pipe_new (9, 2);
  SrudpSession *a, *b;

  pipe_get_key (pipe, 0, census->keys[0]);
  pipe_get_key (pipe, 1, census->keys[1]);
  pipe->filter = count_cb;
  pipe->filter_data = census;
  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  a = pipe_open (pipe, 0, 1, PIPE_PINNED);
  pipe_run (pipe, 6 * PIPE_DELAY_US);
  b = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (a, b);

  while (census->n_packets < N_PACKETS)
    {
      if (srudp_session_get_write_capacity (a, SRUDP_MAIN_STREAM) > 100000)
        write_text (a, pipe->now);
      pipe_run (pipe, 1000);
      read_all (b, pipe->now);
    }

  for (guint i = 0; i < N_BYTES; i++)
    g_assert_cmpfloat (measure_bias (census->counts[i], 256), <, 256 + 6 * 22.6);
  /* Behind 0 1 0 all bits are masked: reserved ones, phase, length. */
  g_assert_cmpfloat (measure_bias (census->firsts + 0x40, 32), <, 32 + 6 * 8);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/ten-thousand-packets-look-random", test_statistics);

  return g_test_run ();
}
