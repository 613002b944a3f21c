/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-streams.c: halves, resets, many streams, datagrams
 */
#include "transport-pair.h"

#include <string.h>

static void
settle_down (Pair *pair)
{
  pair_run (pair, 5 * SECOND);
}

static void
test_half_close_leaves_the_other_way (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *b = pair->ends[B].transport;

  pair_write (pair, A, 0, 5000);
  srudp_transport_finish (pair->ends[A].transport, pair->now, 0);
  settle_down (pair);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 5000);
  g_assert_cmpint (srudp_transport_get_read_state (b, 0), ==, SRUDP_READ_EOF);

  pair_write (pair, B, 0, 7000);
  settle_down (pair);
  g_assert_cmpuint (pair->ends[A].n_read, ==, 7000);
  g_assert_cmpint (srudp_transport_get_read_state (pair->ends[A].transport, 0),
                   ==, SRUDP_READ_OPEN);
}

static void
test_empty_stream_ends_too (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  srudp_transport_finish (pair->ends[A].transport, pair->now, 0);
  settle_down (pair);

  g_assert_cmpint (srudp_transport_get_read_state (pair->ends[B].transport, 0),
                   ==, SRUDP_READ_EOF);
  g_assert_cmpuint (pair->ends[B].events[SRUDP_EVENT_READABLE], ==, 1);
}

static void
test_many_streams_at_once (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  guint64 ids[16];

  pair->network.loss[A] = pair->network.loss[B] = 0.05;
  pair->network.jitter_us = 30 * MS;
  for (guint i = 0; i < 16; i++)
    {
      guint end = i % 2;

      g_assert_true (srudp_transport_open_stream (pair->ends[end].transport,
                                                  &ids[i]));
      pair_write (pair, end, ids[i], 20000 + i);
      srudp_transport_finish (pair->ends[end].transport, pair->now, ids[i]);
    }
  settle_down (pair);

  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_STREAM_OPENED], ==, 8);
  g_assert_cmpuint (pair->ends[B].events[SRUDP_EVENT_STREAM_OPENED], ==, 8);
  for (guint i = 0; i < 16; i++)
    {
      guint reader = 1 - i % 2;

      g_assert_cmpuint (ids[i] % 2, ==, i % 2); /* the initiator's are even */
      g_assert_cmpuint (pair_read (pair, reader, ids[i], 0), ==, 20000 + i);
      g_assert_cmpint (srudp_transport_get_read_state (pair->ends[reader].transport,
                                                       ids[i]),
                       ==, SRUDP_READ_EOF);
    }
}

static void
test_limit_of_streams_moves_on (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  SrudpTransport *b = pair->ends[B].transport;
  guint n_opened = 0;

  for (guint i = 0; i < 100; i++)
    {
      guint64 id;

      if (!srudp_transport_open_stream (a, &id))
        {
          pair_run (pair, 200 * MS);
          g_assert_true (srudp_transport_open_stream (a, &id));
        }
      n_opened++;
      pair_write (pair, A, id, 10);
      srudp_transport_finish (a, pair->now, id);
      pair_run (pair, 50 * MS);
      g_assert_cmpuint (pair_read (pair, B, id, 0), ==, 10);
      srudp_transport_finish (b, pair->now, id);
      pair_run (pair, 50 * MS);
      g_assert_cmpuint (pair_read (pair, A, id, 0), ==, 0);
    }

  g_assert_cmpuint (n_opened, ==, 100);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

/* Told once, when there is room for what was refused. */
static void
test_room_for_streams_is_told (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  SrudpTransport *b = pair->ends[B].transport;
  guint64 id, last = 0;

  while (srudp_transport_open_stream (a, &id))
    {
      last = id;
      srudp_transport_finish (a, pair->now, id);
    }
  pair_run (pair, SECOND);
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_STREAMS_AVAILABLE], ==, 0);

  for (id = 2; id <= last; id += 2)
    {
      g_assert_cmpuint (pair_read (pair, B, id, 0), ==, 0);
      srudp_transport_finish (b, pair->now, id);
      pair_run (pair, 20 * MS);
      g_assert_cmpuint (pair_read (pair, A, id, 0), ==, 0);
    }
  pair_run (pair, SECOND);
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_STREAMS_AVAILABLE], ==, 1);
  g_assert_true (srudp_transport_open_stream (a, &id));
  g_assert_cmpuint (id, ==, last + 2);
}

/* Nobody reads: the peer may write so much, and no byte more. */
static void
test_window_may_be_changed (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *b = pair->ends[B].transport;
  SrudpSessionStats stats;

  srudp_transport_set_max_window (b, 5000000);
  pair->network.delay_us = 100 * MS;
  pair->network.rate = 10000000;
  pair->network.queue_bytes = 1000000;
  pair->ends[A].write_goal = 60000000;
  pair_run (pair, 4 * SECOND);
  pair->ends[B].hold_reading = TRUE;
  pair_run (pair, SECOND);
  srudp_transport_get_stats (b, &stats);
  g_test_message ("%" G_GUINT64_FORMAT " bytes unread", stats.unread_bytes);
  /* One stream gets three quarters. */
  g_assert_cmpuint (stats.unread_bytes, >, 1000000);
  g_assert_cmpuint (stats.unread_bytes, <=, 3750000);

  srudp_transport_set_max_window (b, 200000);
  pair->ends[B].hold_reading = FALSE;
  pair_run (pair, SECOND);
  pair->ends[B].hold_reading = TRUE;
  pair_run (pair, SECOND);
  srudp_transport_get_stats (b, &stats);
  g_assert_cmpuint (stats.unread_bytes, <=, 200000);
  pair->ends[B].hold_reading = FALSE;
  pair_run (pair, 60 * SECOND);
  g_assert_cmpuint (pair->ends[B].n_read, ==, pair->ends[A].write_goal);
}

static void
test_reset_is_no_eof (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  guint64 id;

  g_assert_true (srudp_transport_open_stream (pair->ends[A].transport, &id));
  pair_write (pair, A, id, 100000);
  pair_run (pair, 5 * MS);
  srudp_transport_reset_stream (pair->ends[A].transport, pair->now, id, 77);
  settle_down (pair);

  g_assert_cmpint (srudp_transport_get_read_state (pair->ends[B].transport, id),
                   ==, SRUDP_READ_RESET);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_stop_reading_stops_the_writer (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  SrudpSlice slice = { srudp_chunk_new (1), 0, 1 };
  guint64 id;

  g_assert_true (srudp_transport_open_stream (a, &id));
  pair_write (pair, A, id, 1000);
  pair_run (pair, 100 * MS);
  srudp_transport_stop_reading (pair->ends[B].transport, pair->now, id, 9);
  settle_down (pair);

  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_WRITE_STOPPED], ==, 1);
  g_assert_cmpuint (pair->ends[A].stop_code, ==, 9);
  slice.chunk->data[0] = 0;
  g_assert_false (srudp_transport_write (a, pair->now, id, &slice));
  srudp_slice_clear (&slice);
}

static void
test_delivery_is_told_once (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;

  pair->network.loss[A] = pair->network.loss[B] = 0.2;
  pair_write (pair, A, 0, 100000);
  srudp_transport_watch_delivered (a, 0, 100000);
  pair_run (pair, 5 * MS);
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_DELIVERED], ==, 0);
  settle_down (pair);

  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_DELIVERED], ==, 1);
  g_assert_cmpuint (srudp_transport_get_acked_offset (a, 0), ==, 100000);
}

static void
send_numbered (Pair  *pair,
               guint  number,
               gsize  size)
{
  guint8 data[2000] = { 0 };

  g_assert_cmpuint (size, <=, sizeof data);
  memcpy (data, &number, sizeof number);
  g_assert_true (srudp_transport_send_datagram (pair->ends[A].transport,
                                                pair->now, data, size));
}

static void
test_datagrams_come_at_most_once (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GPtrArray *datagrams = pair->ends[B].datagrams;
  SrudpSessionStats stats;

  pair->network.loss[A] = pair->network.loss[B] = 0.2;
  pair->network.duplication = 0.5;
  pair->network.jitter_us = 50 * MS;
  pair->ends[A].write_goal = 2000000; /* a stream in their way */
  for (guint i = 0; i < 300; i++)
    {
      send_numbered (pair, i + 1, 4 + i);
      pair_run (pair, 10 * MS);
    }
  settle_down (pair);

  for (guint i = 0; i < datagrams->len; i++)
    {
      gsize size;
      guint number;
      const guint8 *data = g_bytes_get_data (datagrams->pdata[i], &size);

      memcpy (&number, data, sizeof number);
      g_assert_cmpuint (size, ==, 3 + number);
      g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (number)));
    }

  srudp_transport_get_stats (pair->ends[A].transport, &stats);
  g_assert_cmpuint (datagrams->len, >, 180);
  g_assert_cmpuint (datagrams->len, <, 300);
  g_assert_cmpuint (stats.datagrams_sent, ==, 300);
  g_assert_cmpuint (stats.datagrams_lost, >=, 300 - datagrams->len);
}

static void
test_datagrams_pass_a_full_stream (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  /* The stream stands still for want of a window; they do not. */
  pair->ends[A].write_goal = 5000000;
  pair->ends[B].hold_reading = TRUE;
  settle_down (pair);
  send_numbered (pair, 1, 1000);
  pair_run (pair, 15 * MS);

  g_assert_cmpuint (pair->ends[B].datagrams->len, ==, 1);
}

static void
test_largest_datagram_fits_whatever_else_is_due (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gsize largest = srudp_transport_get_max_datagram_size (pair->ends[A].transport);
  guint8 too_large[2000] = { 0 };

  g_assert_cmpuint (largest, >, 1100);
  g_assert_false (srudp_transport_send_datagram (pair->ends[A].transport,
                                                 pair->now, too_large,
                                                 largest + 1));
  for (guint i = 0; i < 20; i++)
    {
      pair_write (pair, B, 0, 2000); /* so that ACKs are wanted as well */
      pair_write (pair, A, 0, 100);
      send_numbered (pair, i, largest - i % 4);
      pair_run (pair, 7 * MS);
    }
  settle_down (pair);

  g_assert_cmpuint (pair->ends[B].datagrams->len, ==, 20);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 2000);
}

static void
test_empty_datagram_arrives (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  g_assert_true (srudp_transport_send_datagram (pair->ends[A].transport,
                                                pair->now,
                                                (const guint8 *) "", 0));
  settle_down (pair);

  g_assert_cmpuint (pair->ends[B].datagrams->len, ==, 1);
  g_assert_cmpuint (g_bytes_get_size (pair->ends[B].datagrams->pdata[0]),
                    ==, 0);
}

/* A file fills the link; then somebody says a word. */
static gint64
measure_chat (guint priority)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  gint64 start;
  guint64 id;

  pair->network.rate = 125000;
  pair->network.queue_bytes = 10000;
  g_assert_true (srudp_transport_open_stream (a, &id));
  srudp_transport_set_stream_priority (a, id, priority);
  pair->ends[A].write_goal = 2000000;
  pair_run (pair, 3 * SECOND);
  start = pair->now;
  pair_write (pair, A, id, 20000);
  while (srudp_transport_get_acked_offset (a, id) < 20000)
    pair_run (pair, 5 * MS);

  return pair->now - start;
}

static void
test_chat_goes_before_a_file (void)
{
  gint64 before = measure_chat (0);
  gint64 in_turn = measure_chat (3);
  gint64 after = measure_chat (7);

  /* Alone 20 kB take 160 ms, and as long again in turns. */
  g_assert_cmpint (before, <, 330 * MS);
  g_assert_cmpint (in_turn, >, before);
  g_assert_cmpint (in_turn, <, 800 * MS);
  g_assert_cmpint (after, >, in_turn);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/streams/half-close-leaves-the-other-way",
                   test_half_close_leaves_the_other_way);
  g_test_add_func ("/transport/streams/empty-stream-ends-too",
                   test_empty_stream_ends_too);
  g_test_add_func ("/transport/streams/many-at-once",
                   test_many_streams_at_once);
  g_test_add_func ("/transport/streams/limit-of-streams-moves-on",
                   test_limit_of_streams_moves_on);
  g_test_add_func ("/transport/streams/room-is-told",
                   test_room_for_streams_is_told);
  g_test_add_func ("/transport/streams/window-may-be-changed",
                   test_window_may_be_changed);
  g_test_add_func ("/transport/streams/reset-is-no-eof", test_reset_is_no_eof);
  g_test_add_func ("/transport/streams/stop-reading-stops-the-writer",
                   test_stop_reading_stops_the_writer);
  g_test_add_func ("/transport/streams/delivery-is-told-once",
                   test_delivery_is_told_once);
  g_test_add_func ("/transport/datagrams/come-at-most-once",
                   test_datagrams_come_at_most_once);
  g_test_add_func ("/transport/datagrams/pass-a-full-stream",
                   test_datagrams_pass_a_full_stream);
  g_test_add_func ("/transport/datagrams/largest-fits-whatever-else-is-due",
                   test_largest_datagram_fits_whatever_else_is_due);
  g_test_add_func ("/transport/datagrams/empty-one-arrives",
                   test_empty_datagram_arrives);

  g_test_add_func ("/transport/streams/chat-goes-before-a-file",
                   test_chat_goes_before_a_file);

  return g_test_run ();
}
