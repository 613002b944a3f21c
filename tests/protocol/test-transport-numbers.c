/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-numbers.c: connections whose numbers are near their ends
 *
 * None of them is ever reached by use; but none may wrap either, for a packet
 * number that is used twice gives away what it sealed.
 */
#include "srudp-transport-private.h"
#include "transport-pair.h"

#define VARINT_END (G_GUINT64_CONSTANT (1) << 62)

static Pair *
make_pair (const SrudpFirstNumbers *first)
{
  SrudpTransportConfig configs[2];

  for (guint i = 0; i < 2; i++)
    {
      pair_init_config (&configs[i], i);
      configs[i].first = *first;
      configs[i].key_update_packets = 50;
      configs[i].key_exchange_interval_us = SECOND;
      configs[i].local_params.features = SRUDP_FEATURE_REKEY;
      configs[i].remote_params.features = SRUDP_FEATURE_REKEY;
    }

  return pair_new_full (g_test_rand_int (), &configs[0], &configs[1]);
}

static gboolean
is_through (Pair *pair)
{
  return pair->ends[A].n_read == pair->ends[B].write_goal
         && pair->ends[B].n_read == pair->ends[A].write_goal;
}

/* The last byte that a stream can have passes, both ways, through bad weather
 * and with keys that change all the time; then the stream is full. */
static void
test_last_bytes (void)
{
  const SrudpFirstNumbers first = {
    .packet = VARINT_END - 100000,
    .offset = VARINT_END - 1 - 3000000,
    .n_streams = SRUDP_MAX_STREAMS - 3,
    .key_phase = VARINT_END - 100000,
  };
  g_autoptr (Pair) pair = make_pair (&first);
  SrudpTransport *a = pair->ends[A].transport;

  pair->network.loss[A] = pair->network.loss[B] = 0.03;
  pair->network.jitter_us = 5 * MS;
  pair->network.rate = 1000000;
  pair->network.queue_bytes = 50000;
  for (guint i = 0; i < 2; i++)
    pair->ends[i].write_goal = SRUDP_VARINT_MAX;

  g_assert_true (pair_run_until (pair, is_through, 120 * SECOND));
  g_assert_cmpuint (srudp_packet_keys_get_phase (a->send_keys), >,
                    first.key_phase + 3);
  g_assert_cmpuint (a->exchange.generation, >, first.key_phase + 1);

  for (guint i = 0; i < 2; i++)
    {
      SrudpTransport *transport = pair->ends[i].transport;

      g_assert_cmpuint (srudp_transport_get_write_capacity (transport, 0), ==, 0);
      pair_write (pair, i, SRUDP_MAIN_STREAM, 1);
      g_assert_cmpuint (srudp_transport_get_written_offset (transport, 0), ==,
                        SRUDP_VARINT_MAX);
    }
  srudp_transport_close (a, pair->now);
  pair_run (pair, 30 * SECOND);
  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_NONE);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PEER_CLOSED);
}

/* Three more streams, and never another. */
static void
test_last_streams (void)
{
  const SrudpFirstNumbers first = { .n_streams = SRUDP_MAX_STREAMS - 3 };
  g_autoptr (Pair) pair = make_pair (&first);
  SrudpTransport *a = pair->ends[A].transport;
  SrudpTransport *b = pair->ends[B].transport;
  guint n_opened = 0;
  guint64 id;

  while (srudp_transport_open_stream (a, &id))
    {
      n_opened++;
      pair_write (pair, A, id, 1000);
      srudp_transport_finish (a, pair->now, id);
      pair_run (pair, 100 * MS);
      g_assert_cmpuint (pair_read (pair, B, id, 0), ==, 1000);
      srudp_transport_finish (b, pair->now, id);
      pair_run (pair, 100 * MS);
      pair_read (pair, A, id, 0);
    }
  g_assert_cmpuint (n_opened, ==, 3);
  g_assert_cmpuint (id, ==, SRUDP_MAX_STREAMS * 2);
  pair_run (pair, SECOND);
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_STREAMS_AVAILABLE], ==, 0);
  g_assert_false (srudp_transport_open_stream (a, &id));
  g_assert_true (srudp_transport_is_open (a));
  g_assert_true (srudp_transport_is_open (b));
}

/* The connection ends with an error while there still are numbers to say so
 * with, and none is used twice or beyond the last. */
static void
test_last_packets (void)
{
  const SrudpFirstNumbers first = { .packet = VARINT_END - 5000 };
  g_autoptr (Pair) pair = make_pair (&first);

  pair->network.loss[A] = pair->network.loss[B] = 0.1;
  pair->network.rate = 1000000;
  pair->network.queue_bytes = 50000;
  pair->ends[A].write_goal = 100000000;
  pair_run (pair, 60 * SECOND);

  for (guint i = 0; i < 2; i++)
    {
      SrudpTransport *transport = pair->ends[i].transport;
      guint64 next
        = srudp_sent_packets_get_next (transport->recovery.ledger);

      g_assert_cmpint (pair->ends[i].state, ==, SRUDP_STATE_CLOSED);
      g_assert_cmpint (pair->ends[i].reason, ==, SRUDP_REASON_KEYS_EXHAUSTED);
      g_assert_true (srudp_transport_is_drained (transport));
      g_assert_cmpuint (next, <=, VARINT_END);
      g_assert_cmpuint (next, >, first.packet);
    }
  g_assert_cmpuint (pair->ends[B].n_read, >, 1000000);
  g_assert_cmpuint (pair->ends[B].n_read, <, pair->ends[A].n_written + 1);
}

/* Sealing itself refuses what should never be asked of it. */
static void
test_no_number_beyond (void)
{
  static const guint8 secret[SRUDP_SHA256_BYTES];
  g_autoptr (SrudpPacketKeys) keys
    = srudp_packet_keys_new (SRUDP_CIPHER_CHACHA20_POLY1305, secret);

  for (guint64 number = VARINT_END - 1; number <= VARINT_END + 1; number++)
    {
      guint8 packet[64] = { 0 };
      gsize header_size
        = srudp_packet_keys_write_header (keys, packet, 1, number, -1);
      gsize size = srudp_packet_keys_seal (keys, packet, header_size, 16, number);

      g_assert_cmpuint (size > 0, ==, number < VARINT_END);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/numbers/last-bytes-pass", test_last_bytes);
  g_test_add_func ("/transport/numbers/last-streams-open", test_last_streams);
  g_test_add_func ("/transport/numbers/last-packets-tell-of-the-end",
                   test_last_packets);
  g_test_add_func ("/transport/numbers/no-number-beyond",
                   test_no_number_beyond);

  return g_test_run ();
}
