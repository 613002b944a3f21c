/*
 * SPDX-License-Identifier: MIT
 *
 * test-recovery.c: recovery as a whole, alone and over a bottleneck
 */
#include <srudp-cubic.h>

#include "bottleneck.h"

#define MS 1000
#define PACKET 1200
#define BULK (SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_IN_FLIGHT)
#define SECOND ((gint64) G_USEC_PER_SEC)
#define BDP_BYTES(mbit, rtt_ms) ((guint64) (mbit) * 125 * (rtt_ms))

static void
recovery_init (SrudpRecovery *recovery,
               gint64         first_rtt_us)
{
  SrudpRecoveryConfig config = {
    .controller = &srudp_cubic,
    .first_rtt_us = first_rtt_us,
    .max_ack_delay_us = 25 * MS,
    .max_datagram_size = PACKET,
  };

  srudp_recovery_init (recovery, &config, 0);
}

static guint
send_all (SrudpRecovery  *recovery,
          gint64          now,
          SrudpSentFlags  flags)
{
  guint n = 0;

  for (; srudp_recovery_get_allowance (recovery, now) > 0; n++)
    srudp_recovery_on_sent (recovery, now, PACKET, flags);

  return n;
}

static gboolean
ack (SrudpRecovery        *recovery,
     gint64                now,
     guint64               first,
     guint64               last,
     const SrudpEcnCounts *ecn)
{
  SrudpAckRange range = { first, last };
  gboolean fine = srudp_recovery_on_ack (recovery, now, &range, 1, 0, ecn,
                                         NULL);

  while (srudp_recovery_next_acked (recovery) != NULL)
    continue;
  while (srudp_recovery_next_lost (recovery) != NULL)
    continue;

  return fine;
}

static void
test_the_window_and_the_pacer_limit (void)
{
  SrudpRecovery recovery;

  recovery_init (&recovery, 100 * MS);
  g_assert_cmpuint (send_all (&recovery, 0, BULK), ==, 10);
  /* The window is full: only an ACK helps. */
  g_assert_cmpint (srudp_recovery_get_send_time (&recovery, 0), ==, -1);
  g_assert_cmpuint (send_all (&recovery, 1 * SECOND, BULK), ==, 0);

  ack (&recovery, 100 * MS, 0, 9, NULL);
  g_assert_cmpuint (srudp_recovery_get_window (&recovery), ==, 20 * PACKET);
  /* There is room for twenty; the pacer lets out two at a time, 400 packets a
   * second. */
  g_assert_cmpuint (send_all (&recovery, 100 * MS, BULK), ==, 2);
  g_assert_cmpint (srudp_recovery_get_send_time (&recovery, 100 * MS), ==,
                   105 * MS);
  srudp_recovery_clear (&recovery);
}

static void
test_probes_go_whatever_the_window (void)
{
  SrudpRecovery recovery;

  recovery_init (&recovery, 100 * MS);
  send_all (&recovery, 0, BULK);
  srudp_recovery_on_timer (&recovery,
                           srudp_recovery_get_deadline (&recovery), NULL);
  g_assert_cmpuint (recovery.n_probes, ==, 2);
  g_assert_cmpuint (srudp_recovery_get_allowance (&recovery, 325 * MS), ==,
                    0);
  /* A pure ACK is no probe, nor is what asks along another path. */
  srudp_recovery_on_sent (&recovery, 325 * MS, 40, 0);
  srudp_recovery_on_sent (&recovery, 325 * MS, 40,
                          SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_OLD_PATH);
  g_assert_cmpuint (recovery.n_probes, ==, 2);
  srudp_recovery_on_sent (&recovery, 325 * MS, PACKET, BULK);
  g_assert_cmpuint (recovery.n_probes, ==, 1);
  ack (&recovery, 430 * MS, 12, 12, NULL);
  g_assert_cmpuint (recovery.n_probes, ==, 0);
  srudp_recovery_clear (&recovery);
}

static void
test_a_lying_peer_is_told_apart (void)
{
  SrudpRecovery recovery;

  recovery_init (&recovery, 100 * MS);
  send_all (&recovery, 0, BULK);

  g_assert_false (ack (&recovery, 1, 5, 10, NULL));
  g_assert_true (ack (&recovery, 1, 5, 9, NULL));
  srudp_recovery_clear (&recovery);
}

static void
test_ecn_is_used_while_it_is_honest (void)
{
  static const struct
  {
    gboolean has_counts;
    SrudpEcnCounts counts;
    gboolean failed, cut;
  } cases[] = {
    { TRUE, { 10, 0, 0 }, FALSE, FALSE },
    { TRUE, { 9, 0, 1 }, FALSE, TRUE },
    { FALSE, { 0, 0, 0 }, TRUE, FALSE },  /* the peer does not see marks */
    { TRUE, { 5, 0, 0 }, TRUE, FALSE },   /* the path wipes them out */
    { TRUE, { 0, 10, 0 }, TRUE, FALSE },  /* or changes them */
    { TRUE, { 10, 0, 1 }, TRUE, FALSE },  /* more than were sent */
    { TRUE, { 0, 0, 11 }, TRUE, FALSE },
    { TRUE, { 5, 0, G_MAXUINT64 }, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SrudpRecovery recovery;

      g_test_message ("case %u", i);
      recovery_init (&recovery, 100 * MS);
      send_all (&recovery, 0, BULK | SRUDP_SENT_ECT0);
      ack (&recovery, 100 * MS, 0, 9,
           cases[i].has_counts ? &cases[i].counts : NULL);
      g_assert_cmpint (recovery.ecn_failed, ==, cases[i].failed);
      g_assert_cmpint (srudp_recovery_get_window (&recovery)
                       < 10 * PACKET, ==, cases[i].cut);
      srudp_recovery_clear (&recovery);
    }
}

static void
test_a_new_path_starts_again (void)
{
  SrudpRecovery recovery;

  recovery_init (&recovery, 100 * MS);
  send_all (&recovery, 0, BULK);
  ack (&recovery, 100 * MS, 0, 9, NULL);
  send_all (&recovery, 100 * MS, BULK);
  srudp_recovery_start_path (&recovery, 110 * MS, -1, PACKET);

  g_assert_cmpuint (srudp_recovery_get_window (&recovery), ==, 10 * PACKET);
  g_assert_cmpint (recovery.rtt.min_us, ==, -1);
  g_assert_cmpuint (send_all (&recovery, 110 * MS, BULK), ==, 10);
  /* Late news from the old path changes nothing. */
  ack (&recovery, 200 * MS, 10, 11, NULL);
  g_assert_cmpuint (srudp_recovery_get_window (&recovery), ==, 10 * PACKET);
  g_assert_cmpint (recovery.rtt.min_us, ==, -1);
  ack (&recovery, 300 * MS, 12, 21, NULL);
  g_assert_cmpint (recovery.rtt.min_us, ==, 190 * MS);
  srudp_recovery_clear (&recovery);
}

static void
test_an_application_that_writes_little_gains_nothing (void)
{
  SrudpRecovery recovery;
  gint64 now = 0;

  recovery_init (&recovery, 100 * MS);
  for (guint64 n = 0; n < 300; n += 2)
    {
      srudp_recovery_on_sent (&recovery, now, PACKET, BULK);
      srudp_recovery_on_sent (&recovery, now, PACKET, BULK);
      srudp_recovery_on_app_limited (&recovery, now);
      now += 100 * MS;
      ack (&recovery, now, n, n + 1, NULL);
    }

  g_assert_cmpuint (srudp_recovery_get_window (&recovery), ==, 10 * PACKET);
  g_assert_cmpuint (srudp_sent_packets_get_memory (recovery.ledger), <,
                    4096);
  srudp_recovery_clear (&recovery);
}

typedef struct
{
  const char *name;
  BottleneckLink link;
  gint64 seconds;
  double share;        /* of the link's IP bytes, in UDP payload, at least */
  gint64 queue_p95_us; /* at most; 0: whatever */
} Single;

/* The default controller alone. UDP payload is at most 98 % of the link. A
 * black-out may cost a second more than it lasts. */
static const Single singles[] = {
  { "long-path-little-loss",
    { 20000000, 140 * MS, BDP_BYTES (20, 280), 0.0015, 0, 0, 0 },
    20, 0.89, 0 },
  { "fast-path",
    { 100000000, 25 * MS, BDP_BYTES (100, 50), 0, 0, 0, 0 }, 10, 0.94, 0 },
  { "fast-path-one-percent-loss",
    { 100000000, 25 * MS, BDP_BYTES (100, 50), 0.01, 0, 0, 0 },
    10, 0.92, 0 },
  { "slow-path-five-percent-loss",
    { 10000000, 50 * MS, BDP_BYTES (10, 100), 0.05, 0, 0, 0 },
    20, 0.87, 0 },
  { "half-a-bdp-of-queue",
    { 100000000, 10 * MS, BDP_BYTES (100, 20) / 2, 0, 0, 0, 0 },
    10, 0.94, 0 },
  { "four-seconds-of-queue",
    { 20000000, 25 * MS, BDP_BYTES (20, 4000), 0, 0, 0, 0 },
    20, 0.94, 75 * MS },
  { "reordering",
    { 10000000, 15 * MS, 25 * 1500, 0, 20 * MS, 0, 0 }, 20, 0.93, 0 },
  { "black-out-of-two-seconds",
    { 10000000, 15 * MS, 25 * 1500, 0, 0, 5 * SECOND, 7 * SECOND },
    20, 0.82, 0 },
};

static void
test_one_flow (gconstpointer data)
{
  const Single *single = data;
  const SrudpCongestionClass *controller = srudp_congestion_get_default ();

  for (guint32 seed = 1; seed <= 3; seed++)
    {
      BottleneckResult result;
      double share;

      bottleneck_run (&single->link, &controller, 1, 0, 0,
                      single->seconds * SECOND, seed, &result);
      share = (double) result.flows[0].received_bytes * 8.0
              / (double) single->link.bits_per_second
              / ((double) single->seconds
                 - (double) single->link.one_way_us * 2e-6);
      g_test_message ("seed %u: %.1f %%, queue %d ms, %d lost, %d spurious",
                      seed, share * 100, (int) result.queue_p95_us / MS,
                      (int) result.flows[0].lost_packets,
                      (int) result.flows[0].spurious_packets);
      g_assert_cmpfloat (share, >=, single->share);
      if (single->queue_p95_us > 0)
        g_assert_cmpint (result.queue_p95_us, <=, single->queue_p95_us);
      g_assert_cmpuint (result.flows[0].spurious_packets * 100, <,
                        result.flows[0].sent_packets);
    }
}

typedef struct
{
  const char *name;
  const SrudpCongestionClass *first, *second;
  guint64 queue_bdps;
  gint64 stagger_us;
  double low, high;
} Pair;

/* Share of the first on 100 Mbit/s and 50 ms in the seconds 20 to 60. */
static const Pair pairs[] = {
  { "with-itself", &srudp_cubic_tolerant, &srudp_cubic_tolerant,
    1, 0, 0.3, 0.7 },
  { "with-cubic", &srudp_cubic_tolerant, &srudp_cubic, 1, 0, 0.25, 0.75 },
  { "with-cubic-in-a-deep-queue", &srudp_cubic_tolerant, &srudp_cubic,
    4, 2 * SECOND, 0.2, 0.8 },
  { "with-cubic-that-was-there-first", &srudp_cubic, &srudp_cubic_tolerant,
    4, 2 * SECOND, 0.2, 0.8 },
};

static void
test_two_flows (gconstpointer data)
{
  const Pair *pair = data;
  const SrudpCongestionClass *controllers[] = { pair->first, pair->second };
  BottleneckLink link = {
    .bits_per_second = 100000000,
    .one_way_us = 25 * MS,
    .queue_bytes = pair->queue_bdps * BDP_BYTES (100, 50),
  };
  BottleneckResult result;
  double bytes[2], share;

  bottleneck_run (&link, controllers, 2, pair->stagger_us, 20 * SECOND,
                  60 * SECOND, 1, &result);
  for (guint i = 0; i < 2; i++)
    bytes[i] = (double) (result.flows[i].received_bytes
                         - result.flows[i].marked_bytes);
  share = bytes[0] / (bytes[0] + bytes[1]);
  g_test_message ("share %.2f", share);

  g_assert_cmpfloat (share, >=, pair->low);
  g_assert_cmpfloat (share, <=, pair->high);
  g_assert_cmpfloat ((bytes[0] + bytes[1]) * 8, >=, 40 * 100e6 * 0.95);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/recovery/the-window-and-the-pacer-limit",
                   test_the_window_and_the_pacer_limit);
  g_test_add_func ("/recovery/probes-go-whatever-the-window",
                   test_probes_go_whatever_the_window);
  g_test_add_func ("/recovery/a-lying-peer-is-told-apart",
                   test_a_lying_peer_is_told_apart);
  g_test_add_func ("/recovery/ecn-is-used-while-it-is-honest",
                   test_ecn_is_used_while_it_is_honest);
  g_test_add_func ("/recovery/a-new-path-starts-again",
                   test_a_new_path_starts_again);
  g_test_add_func ("/recovery/an-application-that-writes-little-gains-nothing",
                   test_an_application_that_writes_little_gains_nothing);
  for (guint i = 0; i < G_N_ELEMENTS (singles); i++)
    {
      g_autofree char *path = g_strconcat ("/recovery/alone/",
                                           singles[i].name, NULL);

      g_test_add_data_func (path, &singles[i], test_one_flow);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *path = g_strconcat ("/recovery/shares/",
                                           pairs[i].name, NULL);

      g_test_add_data_func (path, &pairs[i], test_two_flows);
    }

  return g_test_run ();
}
