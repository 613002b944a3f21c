/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-delivery.c: every byte arrives, once, in order, whatever the
 * network does
 */
#include "srudp-transport-private.h"
#include "transport-pair.h"

#define TWO_MEGABYTES (2 * 1000 * 1000)

typedef struct
{
  const char *path;
  double loss;
  double duplication;
  gint64 jitter_us;
  guint64 rate;
  guint max_segments;
} Weather;

static const Weather weathers[] = {
  { "/transport/delivery/clear", 0, 0, 0, 0, 16 },
  { "/transport/delivery/single-packets", 0, 0, 0, 0, 1 },
  { "/transport/delivery/1-percent-loss", 0.01, 0, 0, 0, 16 },
  { "/transport/delivery/5-percent-loss", 0.05, 0, 0, 0, 16 },
  { "/transport/delivery/30-percent-loss", 0.30, 0, 0, 0, 16 },
  { "/transport/delivery/reordering", 0, 0, 200 * MS, 0, 16 },
  { "/transport/delivery/duplication", 0, 0.5, 0, 0, 16 },
  { "/transport/delivery/all-at-once", 0.02, 0.05, 200 * MS, 0, 16 },
  { "/transport/delivery/slow-link", 0, 0, 0, 1250000, 16 },
};

static gboolean
both_have_all (Pair *pair)
{
  return pair->ends[A].n_read == TWO_MEGABYTES
         && pair->ends[B].n_read == TWO_MEGABYTES
         && srudp_transport_get_read_state (pair->ends[A].transport, 0)
              == SRUDP_READ_EOF
         && srudp_transport_get_read_state (pair->ends[B].transport, 0)
              == SRUDP_READ_EOF;
}

static void
transfer_both_ways (Pair   *pair,
                    gint64  limit_us)
{
  for (guint i = 0; i < 2; i++)
    {
      pair->ends[i].write_goal = TWO_MEGABYTES;
      pair->ends[i].finish_at_goal = TRUE;
    }

  if (!pair_run_until (pair, both_have_all, limit_us))
    g_error ("stuck at %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT
             " bytes, seed %u",
             pair->ends[A].n_read, pair->ends[B].n_read, pair->seed);
}

static void
test_weather (gconstpointer data)
{
  const Weather *weather = data;
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->network.loss[A] = pair->network.loss[B] = weather->loss;
  pair->network.duplication = weather->duplication;
  pair->network.jitter_us = weather->jitter_us;
  pair->network.rate = weather->rate;
  pair->network.queue_bytes = 64000;
  pair->max_segments = weather->max_segments;

  transfer_both_ways (pair, 200 * SECOND);
}

static void
test_fills_a_slow_link (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 start = pair->now;

  pair->network.rate = 1250000;
  pair->network.queue_bytes = 64000;
  transfer_both_ways (pair, 10 * SECOND);

  /* 2 MB at 1.25 MB/s are 1.6 s at the least. */
  g_assert_cmpint (pair->now - start, <, 3000 * MS);
}

static void
test_finds_the_path_mtu (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpSessionStats stats;

  pair->network.mtu = 1400;
  transfer_both_ways (pair, 100 * SECOND);
  srudp_transport_get_stats (pair->ends[A].transport, &stats);

  g_assert_cmpuint (stats.path_mtu, >, 1350);
  g_assert_cmpuint (stats.path_mtu, <=, 1400);
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_DATAGRAM_SIZE], >, 0);
}

static void
test_survives_a_shrinking_mtu (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->network.rate = 2000000;
  pair->network.queue_bytes = 64000;
  pair->ends[A].write_goal = pair->ends[B].write_goal = TWO_MEGABYTES;
  pair_run (pair, 700 * MS);
  g_assert_cmpuint (pair->ends[A].n_read, >, 0);
  g_assert_cmpuint (pair->ends[A].n_read, <, TWO_MEGABYTES);
  pair->network.mtu = 1220;

  transfer_both_ways (pair, 100 * SECOND);
}

static void
test_passes_a_tiny_mtu (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->network.mtu = 548;
  transfer_both_ways (pair, 200 * SECOND);
}

static gboolean
b_has_all (Pair *pair)
{
  return pair->ends[B].n_read == TWO_MEGABYTES;
}

static void
test_zero_window_holds_and_resumes (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpSessionStats stats;

  pair->network.loss[A] = pair->network.loss[B] = 0.1;
  pair->ends[A].write_goal = TWO_MEGABYTES;
  pair->ends[B].hold_reading = TRUE;
  pair_run (pair, 120 * SECOND);
  srudp_transport_get_stats (pair->ends[B].transport, &stats);

  /* Not a byte more than the window was taken, and nobody died of it. */
  g_assert_cmpuint (stats.unread_bytes, ==, 512 * 1024);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);

  pair->ends[B].hold_reading = FALSE;
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
}

static void
test_black_out_is_survived (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 end;

  pair->ends[A].write_goal = TWO_MEGABYTES;
  pair_run (pair, 100 * MS);
  pair->network.black_out = TRUE;
  pair_run (pair, 15 * SECOND);
  pair->network.black_out = FALSE;
  end = pair->now;

  g_assert_true (pair_run_until (pair, b_has_all, 30 * SECOND));
  /* Probes come at least every second. */
  g_assert_cmpint (pair->now - end, <, 5 * SECOND);
}

static void
test_handshake_done_is_repeated (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpSessionStats stats;

  pair->network.black_out = TRUE;
  srudp_transport_send_handshake_done (pair->ends[B].transport);
  pair_run (pair, 3 * SECOND);
  pair->network.black_out = FALSE;
  pair_run (pair, 3 * SECOND);

  srudp_transport_get_stats (pair->ends[A].transport, &stats);
  g_assert_cmpuint (stats.packets_received, >, 0);
  g_assert_cmpuint (stats.packets_sent, >, 0);
  srudp_transport_get_stats (pair->ends[B].transport, &stats);
  g_assert_cmpuint (stats.bytes_in_flight, ==, 0);
}

static void
test_congestion_marks_slow_it_without_loss (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpSessionStats stats;

  pair->network.congestion = 0.02;
  transfer_both_ways (pair, 100 * SECOND);
  srudp_transport_get_stats (pair->ends[A].transport, &stats);

  g_assert_false (pair->ends[A].transport->recovery.ecn_failed);
  g_assert_cmpuint (pair->ends[B].transport->acks.ecn.ce, >, 0);
  g_assert_cmpuint (stats.congestion_window, <, 150000);
  g_assert_cmpuint (stats.bytes_retransmitted, ==, 0);
}

static void
test_bleached_marks_turn_ecn_off (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->network.bleaches = TRUE;
  transfer_both_ways (pair, 100 * SECOND);

  g_assert_true (pair->ends[A].transport->recovery.ecn_failed);
}

static void
test_stats_add_up (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpSessionStats a, b;

  pair->network.loss[A] = pair->network.loss[B] = 0.05;
  transfer_both_ways (pair, 100 * SECOND);
  pair_run (pair, SECOND);
  srudp_transport_get_stats (pair->ends[A].transport, &a);
  srudp_transport_get_stats (pair->ends[B].transport, &b);

  g_assert_cmpuint (a.stream_bytes_sent, ==, TWO_MEGABYTES);
  g_assert_cmpuint (b.stream_bytes_received, ==, TWO_MEGABYTES);
  g_assert_cmpuint (a.bytes_sent, ==, pair->ends[A].bytes_sent);
  g_assert_cmpuint (a.packets_sent, ==, pair->ends[A].packets_sent);
  g_assert_cmpuint (b.packets_received, <, a.packets_sent);
  g_assert_cmpuint (a.packets_lost, >, 0);
  g_assert_cmpuint (a.bytes_retransmitted, >, 0);
  g_assert_cmpuint (a.unacknowledged_bytes, ==, 0);
  g_assert_cmpuint (b.unread_bytes, ==, 0);
  g_assert_cmpint (a.rtt_us, >=, 20 * MS);
  g_assert_cmpint (a.rtt_us, <, 60 * MS);
  g_assert_cmpstr (a.cipher, ==, b.cipher);
}

/* One side only sends, the other only acknowledges; returns how many packets
 * of the first there are for each of the second. */
static double
transfer_one_way (gboolean understands)
{
  SrudpTransportConfig a, b;
  g_autoptr (Pair) pair = NULL;

  pair_init_config (&a, A);
  pair_init_config (&b, B);
  if (understands)
    a.remote_params.features |= SRUDP_FEATURE_ACK_FREQUENCY;
  pair = pair_new_full (g_test_rand_int (), &a, &b);
  pair->network.rate = 12500000;
  pair->network.queue_bytes = 500000;
  pair->network.loss[A] = 0.02;
  pair->ends[A].write_goal = 5 * TWO_MEGABYTES;
  while (pair->ends[B].n_read < pair->ends[A].write_goal)
    pair_run (pair, 100 * MS);

  return (double) pair->ends[A].packets_sent / pair->ends[B].packets_sent;
}

static void
test_large_windows_need_few_acks (void)
{
  g_assert_cmpfloat (transfer_one_way (FALSE), <, 2.5);
  g_assert_cmpfloat (transfer_one_way (TRUE), >, 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (weathers); i++)
    g_test_add_data_func (weathers[i].path, &weathers[i], test_weather);
  g_test_add_func ("/transport/delivery/fills-a-slow-link",
                   test_fills_a_slow_link);
  g_test_add_func ("/transport/delivery/finds-the-path-mtu",
                   test_finds_the_path_mtu);
  g_test_add_func ("/transport/delivery/survives-a-shrinking-mtu",
                   test_survives_a_shrinking_mtu);
  g_test_add_func ("/transport/delivery/passes-a-tiny-mtu",
                   test_passes_a_tiny_mtu);
  g_test_add_func ("/transport/delivery/zero-window-holds-and-resumes",
                   test_zero_window_holds_and_resumes);
  g_test_add_func ("/transport/delivery/black-out-is-survived",
                   test_black_out_is_survived);
  g_test_add_func ("/transport/delivery/handshake-done-is-repeated",
                   test_handshake_done_is_repeated);
  g_test_add_func ("/transport/delivery/congestion-marks-slow-it-without-loss",
                   test_congestion_marks_slow_it_without_loss);
  g_test_add_func ("/transport/delivery/bleached-marks-turn-ecn-off",
                   test_bleached_marks_turn_ecn_off);
  g_test_add_func ("/transport/delivery/large-windows-need-few-acks",
                   test_large_windows_need_few_acks);
  g_test_add_func ("/transport/delivery/stats-add-up", test_stats_add_up);

  return g_test_run ();
}
