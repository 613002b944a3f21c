/*
 * SPDX-License-Identifier: MIT
 *
 * test-hystart.c: tests of srudp-hystart.c
 */
#include <srudp-hystart.h>

#define MS 1000
#define ROUND 20

/* One round of ROUND packets with this RTT. It ends with the first packet of
 * the next. */
static void
run_round (SrudpHystart *hystart,
           gint64        rtt_ms)
{
  guint64 end = hystart->round_end;

  for (guint64 n = end; n < end + ROUND; n++)
    srudp_hystart_on_ack (hystart, n, end + ROUND, rtt_ms * MS);
}

typedef struct
{
  gint64 rtt_ms;
  SrudpHystartPhase after;
} Round;

static void
run_rounds (const Round *rounds,
            guint        n)
{
  SrudpHystart hystart;

  srudp_hystart_init (&hystart);
  for (guint i = 0; i < n; i++)
    {
      g_test_message ("round %u", i);
      run_round (&hystart, rounds[i].rtt_ms);
      g_assert_cmpint (hystart.phase, ==, rounds[i].after);
    }
}

static void
test_a_rise_that_stays_ends_slow_start (void)
{
  /* The threshold is an eighth, between 4 and 16 ms. */
  static const Round rounds[] = {
    { 80, SRUDP_HYSTART_GROW },
    { 89, SRUDP_HYSTART_GROW },
    { 101, SRUDP_HYSTART_CONSERVATIVE },
    { 101, SRUDP_HYSTART_CONSERVATIVE },
    { 120, SRUDP_HYSTART_CONSERVATIVE },
    { 120, SRUDP_HYSTART_CONSERVATIVE },
    { 120, SRUDP_HYSTART_CONSERVATIVE },
    { 120, SRUDP_HYSTART_DONE },
    { 80, SRUDP_HYSTART_DONE },
  };

  run_rounds (rounds, G_N_ELEMENTS (rounds));
}

static void
test_a_rise_that_passes_is_a_fluke (void)
{
  static const Round rounds[] = {
    { 80, SRUDP_HYSTART_GROW },
    { 95, SRUDP_HYSTART_CONSERVATIVE },
    { 95, SRUDP_HYSTART_CONSERVATIVE },
    { 82, SRUDP_HYSTART_GROW },
    { 85, SRUDP_HYSTART_GROW },
  };

  run_rounds (rounds, G_N_ELEMENTS (rounds));
}

static void
test_small_and_large_rtts_have_their_bounds (void)
{
  static const Round small[] = {
    { 1, SRUDP_HYSTART_GROW },
    { 4, SRUDP_HYSTART_GROW },
    { 8, SRUDP_HYSTART_CONSERVATIVE },
  };
  static const Round large[] = {
    { 600, SRUDP_HYSTART_GROW },
    { 615, SRUDP_HYSTART_GROW },
    { 631, SRUDP_HYSTART_CONSERVATIVE },
  };

  run_rounds (small, G_N_ELEMENTS (small));
  run_rounds (large, G_N_ELEMENTS (large));
}

static void
test_few_samples_decide_nothing (void)
{
  SrudpHystart hystart;

  srudp_hystart_init (&hystart);
  run_round (&hystart, 80);
  g_assert_true (srudp_hystart_on_ack (&hystart, ROUND, 3 * ROUND, 80 * MS));
  for (guint i = 0; i < 7; i++)
    g_assert_false (srudp_hystart_on_ack (&hystart, ROUND, 3 * ROUND,
                                          200 * MS));
  g_assert_cmpint (hystart.phase, ==, SRUDP_HYSTART_GROW);
  g_assert_cmpint (srudp_hystart_get_rtt (&hystart), ==, 80 * MS);
  srudp_hystart_on_ack (&hystart, ROUND, 3 * ROUND, -1);
  g_assert_cmpint (hystart.phase, ==, SRUDP_HYSTART_GROW);

  srudp_hystart_on_ack (&hystart, ROUND, 3 * ROUND, 200 * MS);
  g_assert_cmpint (hystart.phase, ==, SRUDP_HYSTART_CONSERVATIVE);
  g_assert_cmpint (srudp_hystart_get_rtt (&hystart), ==, 200 * MS);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/hystart/a-rise-that-stays-ends-slow-start",
                   test_a_rise_that_stays_ends_slow_start);
  g_test_add_func ("/hystart/a-rise-that-passes-is-a-fluke",
                   test_a_rise_that_passes_is_a_fluke);
  g_test_add_func ("/hystart/small-and-large-rtts-have-their-bounds",
                   test_small_and_large_rtts_have_their_bounds);
  g_test_add_func ("/hystart/few-samples-decide-nothing",
                   test_few_samples_decide_nothing);

  return g_test_run ();
}
