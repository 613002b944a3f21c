/*
 * SPDX-License-Identifier: MIT
 *
 * test-rtt.c: tests of srudp-rtt.c
 */
#include <srudp-rtt.h>

#define MS 1000

/* RFC 9002 section 5, computed by hand. Max ack delay is 25 ms. */
static void
test_estimates_follow_the_rfc (void)
{
  static const struct
  {
    gint64 sample_us, ack_delay_us;
    gint64 min_us, smoothed_us, variance_us, pto_us;
  } steps[] = {
    /* The first: variance is half of it; the ack delay is ignored. */
    { 100 * MS, 20 * MS, 100000, 100000, 50000, 325000 },
    /* 110 - 10 = 100: no error. */
    { 110 * MS, 10 * MS, 100000, 100000, 37500, 275000 },
    /* 105 - 10 would be below the minimum: the delay is not believed. */
    { 105 * MS, 10 * MS, 100000, 100625, 29375, 243125 },
    /* A claim beyond the maximum counts as the maximum: 180 - 25. */
    { 180 * MS, 99 * MS, 100000, 107421, 35625, 274921 },
    /* Nonsense counts as nothing. */
    { 100 * MS, -5 * MS, 100000, 106493, 28574, 245789 },
    /* A new minimum, whatever the claim. */
    { 60 * MS, 25 * MS, 60000, 100681, 33053, 257893 },
  };
  SrudpRtt rtt;

  srudp_rtt_init (&rtt, 25 * MS);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      srudp_rtt_update (&rtt, 1000 + i, steps[i].sample_us,
                        steps[i].ack_delay_us);
      g_test_message ("step %u", i);
      g_assert_cmpint (rtt.latest_us, ==, steps[i].sample_us);
      g_assert_cmpint (rtt.min_us, ==, steps[i].min_us);
      g_assert_cmpint (rtt.smoothed_us, ==, steps[i].smoothed_us);
      g_assert_cmpint (rtt.variance_us, ==, steps[i].variance_us);
      g_assert_cmpint (srudp_rtt_get_pto (&rtt), ==, steps[i].pto_us);
    }
  g_assert_cmpint (rtt.first_sample_time, ==, 1000);
}

static void
test_an_ack_repeated_late_is_no_sample (void)
{
  SrudpRtt rtt;

  srudp_rtt_init (&rtt, 25 * MS);
  srudp_rtt_update (&rtt, 0, 15020 * MS, 15000 * MS);
  g_assert_false (srudp_rtt_has_sample (&rtt));

  srudp_rtt_update (&rtt, 1, 20 * MS, 0);
  srudp_rtt_update (&rtt, 2, 15020 * MS, 15000 * MS);
  g_assert_cmpint (rtt.smoothed_us, ==, 20 * MS);
  g_assert_cmpint (rtt.latest_us, ==, 20 * MS);
}

static void
test_a_guess_serves_before_the_first_sample (void)
{
  SrudpRtt rtt;

  srudp_rtt_init (&rtt, 25 * MS);

  g_assert_false (srudp_rtt_has_sample (&rtt));
  g_assert_cmpint (rtt.min_us, ==, -1);
  /* RFC 9002 6.2.2: 333 + 4 x 166.5 + 25 ms. */
  g_assert_cmpint (srudp_rtt_get_pto (&rtt), ==, 1024 * MS);
}

static void
test_zero_time_is_still_a_sample (void)
{
  SrudpRtt rtt;

  srudp_rtt_init (&rtt, 0);
  srudp_rtt_update (&rtt, 0, 0, 0);

  g_assert_true (srudp_rtt_has_sample (&rtt));
  g_assert_cmpint (rtt.min_us, ==, 1);
  g_assert_cmpint (srudp_rtt_get_pto (&rtt), ==, 1 + SRUDP_GRANULARITY_US);
}

static void
sample_for (SrudpRtt *rtt,
            gint64   *now,
            guint     seconds,
            gint64    sample_us,
            gint64    ack_delay_us)
{
  for (guint i = 0; i < seconds; i++)
    {
      *now += G_USEC_PER_SEC;
      srudp_rtt_update (rtt, *now, sample_us, ack_delay_us);
    }
}

/* The route becomes longer: that the minimum is never reached again shows it,
 * in time, but not a minute of a queue. */
static void
test_the_minimum_ages (void)
{
  SrudpRtt rtt;
  gint64 now = 0;

  srudp_rtt_init (&rtt, 25 * MS);
  sample_for (&rtt, &now, 100, 30 * MS, 0);
  sample_for (&rtt, &now, 55, 130 * MS, 0);
  g_assert_cmpint (rtt.min_us, ==, 30 * MS);
  sample_for (&rtt, &now, 40, 130 * MS, 0);
  g_assert_cmpint (rtt.min_us, ==, 130 * MS);

  /* It becomes shorter at once. */
  sample_for (&rtt, &now, 1, 20 * MS, 0);
  g_assert_cmpint (rtt.min_us, ==, 20 * MS);
  /* What the peer holds back is no part of the way. */
  sample_for (&rtt, &now, 300, 45 * MS, 25 * MS);
  g_assert_cmpint (rtt.min_us, ==, 20 * MS);

  srudp_rtt_forget_min (&rtt);
  sample_for (&rtt, &now, 1, 70 * MS, 0);
  g_assert_cmpint (rtt.min_us, ==, 70 * MS);
}

/* After a long silence a single sample tells little. */
static void
test_the_minimum_does_not_age_in_silence (void)
{
  SrudpRtt rtt;
  gint64 now = 0;

  srudp_rtt_init (&rtt, 25 * MS);
  sample_for (&rtt, &now, 10, 30 * MS, 0);
  now += G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  sample_for (&rtt, &now, 10, 90 * MS, 0);
  g_assert_cmpint (rtt.min_us, ==, 30 * MS);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/rtt/estimates-follow-the-rfc",
                   test_estimates_follow_the_rfc);
  g_test_add_func ("/rtt/an-ack-repeated-late-is-no-sample",
                   test_an_ack_repeated_late_is_no_sample);
  g_test_add_func ("/rtt/a-guess-serves-before-the-first-sample",
                   test_a_guess_serves_before_the_first_sample);
  g_test_add_func ("/rtt/zero-time-is-still-a-sample",
                   test_zero_time_is_still_a_sample);

  g_test_add_func ("/rtt/the-minimum-ages", test_the_minimum_ages);
  g_test_add_func ("/rtt/the-minimum-does-not-age-in-silence",
                   test_the_minimum_does_not_age_in_silence);

  return g_test_run ();
}
