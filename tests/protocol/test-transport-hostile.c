/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-hostile.c: peers that keep to the letter and mean harm
 *
 * Each costs us no more memory than the window we gave it, and 64 KiB.
 */
#include "srudp-frame.h"
#include "transport-pair.h"

#include <malloc.h>
#include <string.h>

#define WINDOW_BYTES (512 * 1024)
#define SLACK_BYTES (64 * 1024)

/* Bytes that are allocated now; tools that replace malloc() may not know. */
static gsize
get_memory (void)
{
  return mallinfo2 ().uordblks;
}

static Pair *
make_pair (void)
{
  SrudpTransportConfig configs[2];

  for (guint i = 0; i < 2; i++)
    {
      pair_init_config (&configs[i], i);
      configs[i].local_params.initial_max_data = WINDOW_BYTES;
      configs[i].local_params.initial_max_stream_data = WINDOW_BYTES;
      configs[i].remote_params = configs[i].local_params;
      configs[i].max_receive_window = WINDOW_BYTES;
    }

  return pair_new_full (g_test_rand_int (), &configs[A], &configs[B]);
}

static void
inject_stream (Pair        *pair,
               guint64      offset,
               const char  *bytes,
               gsize        n)
{
  const SrudpFrame frame = {
    .type = SRUDP_FRAME_STREAM,
    .stream = { .offset = offset, .data = (const guint8 *) bytes, .length = n },
  };
  guint8 payload[256];
  SrudpWriter writer;

  srudp_writer_init (&writer, payload, sizeof payload);
  g_assert_true (srudp_frame_write (&writer, &frame));
  pair_inject (pair, B, payload, writer.size);
}

static void
assert_memory_grew_by (gsize before,
                       gsize limit)
{
  gsize now = get_memory ();

  g_test_message ("%" G_GSIZE_FORMAT " bytes more",
                  now > before ? now - before : 0);
  g_assert_cmpuint (now, <=, before + limit);
}

/* Single bytes all over the window, the first one never. */
static void
test_scattered_bytes (void)
{
  static const guint steps[] = { 2, 7, 50, 1000, 16384 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (Pair) pair = make_pair ();
      gsize before = get_memory ();

      pair->ends[B].hold_reading = TRUE;
      for (guint64 offset = 1, n = 0; offset < WINDOW_BYTES && n < 20000;
           offset += steps[i], n++)
        {
          inject_stream (pair, offset, "x", 1);
          if (n % 100 == 0)
            pair_run (pair, MS);
        }
      assert_memory_grew_by (before, WINDOW_BYTES + SLACK_BYTES);
      g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
    }
}

/* What was there first stays; the reader never sees both. */
static void
test_overlap_with_other_content (void)
{
  g_autoptr (Pair) pair = make_pair ();
  guint8 bytes[8] = { 0 };
  gsize n = 0;
  SrudpSlice slice = { 0 };

  pair->ends[B].hold_reading = TRUE;
  inject_stream (pair, 2, "bbbb", 4);
  inject_stream (pair, 0, "aaaaaaaa", 8);
  inject_stream (pair, 0, "cccccccc", 8);
  while (srudp_transport_read (pair->ends[B].transport, 0, &slice))
    {
      g_assert_cmpuint (n + slice.length, <=, sizeof bytes);
      memcpy (bytes + n, srudp_slice_data (&slice), slice.length);
      n += slice.length;
      srudp_slice_clear (&slice);
    }
  g_assert_cmpmem (bytes, sizeof bytes, "aabbbbaa", 8);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_a_reader_that_never_reads (void)
{
  g_autoptr (Pair) pair = make_pair ();
  SrudpSessionStats stats;
  gsize before;

  pair->ends[B].hold_reading = TRUE;
  pair->ends[A].write_goal = 20 * 1000 * 1000;
  before = get_memory ();
  pair_run (pair, 60 * SECOND);

  /* What the writer holds counts too: its buffer, all of it unsent. */
  assert_memory_grew_by (before, WINDOW_BYTES + 256 * 1024 + 2 * SLACK_BYTES);
  srudp_transport_get_stats (pair->ends[B].transport, &stats);
  g_assert_cmpuint (stats.unread_bytes, ==, WINDOW_BYTES);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
}

/* It talks, so it is alive, but acknowledges nothing. */
static void
test_a_peer_that_never_acknowledges (void)
{
  const guint8 ping[] = { 0x01, 0x00, 0x00 };
  g_autoptr (Pair) pair = make_pair ();
  SrudpSessionStats stats;
  gsize before;

  pair->network.loss[B] = 1;
  pair->ends[A].write_goal = 20 * 1000 * 1000;
  pair_run (pair, 10 * MS);
  before = get_memory ();
  for (guint i = 0; i < 120; i++)
    {
      pair_inject (pair, A, ping, sizeof ping);
      pair_run (pair, SECOND);
    }

  assert_memory_grew_by (before, WINDOW_BYTES + SLACK_BYTES);
  srudp_transport_get_stats (pair->ends[A].transport, &stats);
  g_assert_cmpuint (stats.unacknowledged_bytes, <=, WINDOW_BYTES);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

static gboolean
b_is_closed (Pair *pair)
{
  return pair->ends[B].state == SRUDP_STATE_CLOSED;
}

/* B has sent a few packets; this claims hundreds of ranges of them. */
static void
test_a_bomb_of_ack_ranges (void)
{
  g_autoptr (Pair) pair = make_pair ();
  guint8 payload[600];
  SrudpWriter writer;

  pair->ends[B].write_goal = 10000;
  pair_run (pair, 500 * MS);
  srudp_writer_init (&writer, payload, sizeof payload);
  srudp_writer_put_varint (&writer, SRUDP_FRAME_ACK);
  srudp_writer_put_varint (&writer, 5);   /* largest */
  srudp_writer_put_varint (&writer, 0);   /* delay */
  srudp_writer_put_varint (&writer, 255); /* more ranges */
  for (guint i = 0; i < 1 + 2 * 255; i++)
    srudp_writer_put_varint (&writer, 0);
  g_assert_false (writer.overflowed);
  pair_inject (pair, B, payload, writer.size);

  g_assert_true (pair_run_until (pair, b_is_closed, 5 * SECOND));
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PROTOCOL);
}

/* Optimistic ACKs: of all that may have been sent by now. Sooner or later they
 * name a number that was left out, or one not sent yet. */
static void
test_optimistic_acknowledgements (void)
{
  g_autoptr (Pair) pair = make_pair ();
  guint64 largest = 0;

  pair->network.loss[A] = 1; /* the victim is B, and A hears nothing */
  pair->ends[B].write_goal = 20 * 1000 * 1000;
  for (guint i = 0; i < 2000 && !b_is_closed (pair); i++)
    {
      guint8 payload[32];
      SrudpWriter writer;

      largest += 10;
      srudp_writer_init (&writer, payload, sizeof payload);
      srudp_writer_put_varint (&writer, SRUDP_FRAME_ACK);
      srudp_writer_put_varint (&writer, largest);
      srudp_writer_put_varint (&writer, 0);
      srudp_writer_put_varint (&writer, 0);
      srudp_writer_put_varint (&writer, largest);
      pair_inject (pair, B, payload, writer.size);
      pair_run (pair, 20 * MS);
    }

  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PROTOCOL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/hostile/scattered-bytes", test_scattered_bytes);
  g_test_add_func ("/transport/hostile/overlap-with-other-content",
                   test_overlap_with_other_content);
  g_test_add_func ("/transport/hostile/a-reader-that-never-reads",
                   test_a_reader_that_never_reads);
  g_test_add_func ("/transport/hostile/a-peer-that-never-acknowledges",
                   test_a_peer_that_never_acknowledges);
  g_test_add_func ("/transport/hostile/a-bomb-of-ack-ranges",
                   test_a_bomb_of_ack_ranges);
  g_test_add_func ("/transport/hostile/optimistic-acknowledgements",
                   test_optimistic_acknowledgements);

  return g_test_run ();
}
