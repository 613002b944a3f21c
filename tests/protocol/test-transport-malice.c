/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-malice.c: what a hostile peer, or anybody else, can do
 */
#include "transport-pair.h"

#include <string.h>

typedef struct
{
  const char *name;
  guint to;
  gsize size;
  guint8 payload[44];
} Malice;

/* Each of these breaks the protocol. */
static const Malice malices[] = {
  { "unknown-frame", B, 3, { 0x3f, 0, 0 } },
  { "long-form-of-a-type", B, 3, { 0x40, 0x01, 0 } },
  { "truncated-stream", B, 3, { 0x0a, 0x00, 0x10 } },
  { "ack-of-what-was-never-sent", B, 6, { 0x02, 0x7f, 0xff, 0x00, 0x00, 0x00 } },
  { "ack-below-zero", B, 6, { 0x02, 0x01, 0x00, 0x00, 0x05, 0x00 } },
  { "handshake-done-from-initiator", B, 3, { 0x1e, 0, 0 } },
  { "stream-beyond-its-window", B, 12,
    { 0x0e, 0x00, 0x80, 0x10, 0x00, 0x00, 0x01, 'x', 0, 0, 0, 0 } },
  { "stream-of-ours-that-is-not-there", B, 6, { 0x0a, 0x07, 0x01, 'x', 0, 0 } },
  { "too-many-streams", B, 8, { 0x0a, 0x7f, 0xfe, 0x01, 'x', 0, 0, 0 } },
  { "reset-to-less-than-received", B, 16,
    { 0x0a, 0x00, 0x04, 'a', 'b', 'c', 'd', 0x04, 0x00, 0x00, 0x02 } },
  { "bytes-after-the-end", B, 16,
    { 0x0b, 0x00, 0x02, 'a', 'b', 0x0e, 0x00, 0x02, 0x01, 'c' } },
  { "stop-of-a-stream-that-is-not-there", B, 4, { 0x05, 0x07, 0x00, 0x00 } },
  { "retires-an-id-in-a-packet-to-it", B, 3, { 0x19, 0x00, 0x01 } },
  { "retires-an-id-never-given", B, 3, { 0x19, 0x09, 0x01 } },
  { "one-id-under-two-numbers", B, 11,
    { 0x18, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0x10, 0x00 } },
  { "two-ids-under-one-number", B, 11,
    { 0x18, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0x10, 0x77 } },
  { "too-many-ids", B, 44,
    { 0x18, 0x07, 0x00, 0, 0, 0, 0, 0, 0, 0x33, 0x01,
      0x18, 0x08, 0x00, 0, 0, 0, 0, 0, 0, 0x33, 0x02,
      0x18, 0x09, 0x00, 0, 0, 0, 0, 0, 0, 0x33, 0x03,
      0x18, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0x33, 0x04 } },
  { "absurd-close", B, 4, { 0x1d, 0x00, 0x7f, 0xff } },
};

static gboolean
both_are_closed (Pair *pair)
{
  return pair->ends[A].state == SRUDP_STATE_CLOSED
         && pair->ends[B].state == SRUDP_STATE_CLOSED;
}

static void
test_malice (gconstpointer data)
{
  const Malice *malice = data;
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->ends[malice->to].hold_reading = TRUE;
  pair_inject (pair, malice->to, malice->payload, malice->size);
  g_assert_true (pair_run_until (pair, both_are_closed, 5 * SECOND));

  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_PROTOCOL);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PROTOCOL);
  g_assert_cmpstr (srudp_transport_get_reason_text (pair->ends[1 - malice->to].transport),
                   !=, "");
}

static void
test_hostile_close_text_is_made_harmless (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  const guint8 payload[] = { 0x1d, 0x01, 0x04, 'a', 0xff, 0x00, 'b' };
  const char *text;

  pair_inject (pair, B, payload, sizeof payload);
  pair_run (pair, SECOND);
  text = srudp_transport_get_reason_text (pair->ends[B].transport);

  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PEER_ABORTED);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (g_str_has_prefix (text, "a"));
}

/* Runs a transfer during which everything sent is also delivered damaged. */
static void
test_junk_changes_nothing (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *b = pair->ends[B].transport;
  SrudpSessionStats stats;
  guint8 junk[1500] = { 0 };
  SrudpPath path = { .local = pair->ends[B].address,
                     .remote = pair->ends[A].address };

  path.local.port = 0;
  pair->ends[A].write_goal = 500000;
  for (guint i = 0; i < 10000; i++)
    {
      gsize size = g_rand_int_range (pair->rand, 0, sizeof junk + 1);
      SrudpReceiveResult result;

      for (gsize k = 0; k < MIN (size, 64); k++)
        junk[k] = g_rand_int_range (pair->rand, 0, 256);
      junk[0] = 0x40 | (junk[0] & 0x3f);
      result = srudp_transport_receive (b, pair->now, &path, SRUDP_ECN_NOT_ECT,
                                        junk, size);
      g_assert_cmpint (result, !=, SRUDP_RECEIVE_OK);
      g_assert_cmpint (result, !=, SRUDP_RECEIVE_REPLAYED);
      if (i % 10 == 0)
        pair_run (pair, MS);
    }
  pair_run (pair, 5 * SECOND);
  srudp_transport_get_stats (b, &stats);

  g_assert_cmpuint (pair->ends[B].n_read, ==, 500000);
  g_assert_cmpuint (stats.packets_dropped, ==, 10000);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
}

static gsize
take_packet (Pair   *pair,
             guint8 *buffer)
{
  SrudpTransmit transmit;

  return srudp_transport_poll_transmit (pair->ends[A].transport, pair->now,
                                        &transmit, buffer,
                                        SRUDP_MAX_UDP_PAYLOAD, 1);
}

static void
test_flipped_bits_are_dropped_everywhere (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  g_autofree guint8 *packet = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  SrudpPath path = { .local = pair->ends[B].address,
                     .remote = pair->ends[A].address };
  gsize size;

  path.local.port = 0;
  pair_write (pair, A, 0, 20);
  size = take_packet (pair, packet);
  g_assert_cmpuint (size, >, 0);

  for (gsize i = 0; i < size * 8; i++)
    {
      guint8 damaged[200];

      g_assert_cmpuint (size, <=, sizeof damaged);
      memcpy (damaged, packet, size);
      damaged[i / 8] ^= 1 << (i % 8);
      g_assert_cmpint (srudp_transport_receive (pair->ends[B].transport,
                                                pair->now, &path,
                                                SRUDP_ECN_NOT_ECT, damaged,
                                                size),
                       !=, SRUDP_RECEIVE_OK);
    }

  g_assert_cmpint (srudp_transport_receive (pair->ends[B].transport, pair->now,
                                            &path, SRUDP_ECN_NOT_ECT, packet,
                                            size), ==, SRUDP_RECEIVE_OK);
}

static void
test_replays_are_dropped (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  g_autofree guint8 *packet = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  SrudpPath path = { .local = pair->ends[B].address,
                     .remote = pair->ends[A].address };
  SrudpReceiveResult expected = SRUDP_RECEIVE_OK;
  gsize size;

  path.local.port = 0;
  pair_write (pair, A, 0, 20);
  size = take_packet (pair, packet);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (packet, size);

      g_assert_cmpint (srudp_transport_receive (pair->ends[B].transport,
                                                pair->now, &path,
                                                SRUDP_ECN_NOT_ECT, copy, size),
                       ==, expected);
      expected = SRUDP_RECEIVE_REPLAYED;
    }

  g_assert_cmpuint (pair_read (pair, B, 0, 0), ==, 20);
}

static void
test_reflected_packets_are_forged (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  g_autofree guint8 *packet = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  SrudpPath path = { .local = pair->ends[A].address,
                     .remote = pair->ends[B].address };
  gsize size;

  pair_write (pair, A, 0, 20);
  size = take_packet (pair, packet);

  g_assert_cmpint (srudp_transport_receive (pair->ends[A].transport, pair->now,
                                            &path, SRUDP_ECN_NOT_ECT, packet,
                                            size), ==, SRUDP_RECEIVE_FORGED);
}

static void
test_challenges_get_no_more_than_they_send (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  guint8 payload[9 * 100];
  gsize n_before = pair->ends[B].bytes_sent;

  for (guint i = 0; i < 100; i++)
    {
      payload[9 * i] = SRUDP_FRAME_PATH_CHALLENGE;
      memset (payload + 9 * i + 1, i, 8);
    }
  pair_inject (pair, B, payload, sizeof payload);
  pair_run (pair, 5 * MS);

  g_assert_cmpuint (pair->ends[B].bytes_sent - n_before, <, sizeof payload);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (malices); i++)
    {
      g_autofree char *path
        = g_strconcat ("/transport/malice/closes-on-", malices[i].name, NULL);

      g_test_add_data_func (path, &malices[i], test_malice);
    }
  g_test_add_func ("/transport/malice/hostile-close-text-is-made-harmless",
                   test_hostile_close_text_is_made_harmless);
  g_test_add_func ("/transport/malice/junk-changes-nothing",
                   test_junk_changes_nothing);
  g_test_add_func ("/transport/malice/flipped-bits-are-dropped-everywhere",
                   test_flipped_bits_are_dropped_everywhere);
  g_test_add_func ("/transport/malice/replays-are-dropped",
                   test_replays_are_dropped);
  g_test_add_func ("/transport/malice/reflected-packets-are-forged",
                   test_reflected_packets_are_forged);
  g_test_add_func ("/transport/malice/challenges-get-no-more-than-they-send",
                   test_challenges_get_no_more_than_they_send);

  return g_test_run ();
}
