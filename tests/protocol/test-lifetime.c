/*
 * SPDX-License-Identifier: MIT
 *
 * test-lifetime.c: when the end of a mapping is known, and when it is not
 */
#include "srudp-lifetime.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define LEAD SRUDP_LIFETIME_LEAD_US

/* Each lives so long; the next is there as soon as it is gone. */
static gint64
lose (SrudpLifetime *lifetime,
      gint64         lived)
{
  gint64 now = lifetime->born_at + lived;

  srudp_lifetime_on_lost (lifetime, now, now);

  return now;
}

static void
test_nothing_is_known_at_first (void)
{
  SrudpLifetime lifetime;

  srudp_lifetime_init (&lifetime, 7 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==, -1);
  lose (&lifetime, 50 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==, -1);
}

static void
test_two_that_lived_equally_long_tell (void)
{
  SrudpLifetime lifetime;
  gint64 now;

  srudp_lifetime_init (&lifetime, 0);
  lose (&lifetime, 23 * SECOND);
  lose (&lifetime, 50 * SECOND);
  now = lose (&lifetime, 51 * SECOND);
  /* The shorter one counts. */
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==,
                   now + 50 * SECOND - LEAD);

  srudp_lifetime_on_born (&lifetime, now + 45 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==,
                   now + 95 * SECOND - LEAD);
}

static void
test_what_is_about_equal (void)
{
  static const struct
  {
    gint64 first, second;
    gboolean is_known;
  } cases[] = {
    { 50 * SECOND, 52 * SECOND, TRUE },
    { 52 * SECOND, 50 * SECOND, TRUE },
    { 50 * SECOND, 53 * SECOND, FALSE },
    { 3600 * SECOND, 3700 * SECOND, TRUE },
    { 3600 * SECOND, 3900 * SECOND, FALSE },
    { 10 * SECOND, 11 * SECOND, TRUE },
    { 9 * SECOND, 10 * SECOND, FALSE },
    /* Some in between were not noticed. */
    { 50 * SECOND, 101 * SECOND, TRUE },
    { 198 * SECOND, 50 * SECOND, TRUE },
    { 50 * SECOND, 250 * SECOND, FALSE },
    { 50 * SECOND, 75 * SECOND, FALSE },
    { 9 * SECOND, 9 * SECOND, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SrudpLifetime lifetime;

      srudp_lifetime_init (&lifetime, 0);
      lose (&lifetime, cases[i].first);
      lose (&lifetime, cases[i].second);
      g_assert_cmpint (srudp_lifetime_get_move (&lifetime) >= 0, ==,
                       cases[i].is_known);
    }
}

static void
test_another_end_than_expected_is_forgotten (void)
{
  SrudpLifetime lifetime;

  srudp_lifetime_init (&lifetime, 0);
  lose (&lifetime, 50 * SECOND);
  lose (&lifetime, 50 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), >, 0);
  lose (&lifetime, 20 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==, -1);
}

static void
test_one_loss_noticed_twice_counts_once (void)
{
  SrudpLifetime lifetime;
  gint64 now;

  srudp_lifetime_init (&lifetime, 0);
  lose (&lifetime, 50 * SECOND);
  now = lose (&lifetime, 50 * SECOND);
  srudp_lifetime_on_lost (&lifetime, now + SECOND, now + SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==,
                   now + 50 * SECOND - LEAD);
}

static void
test_the_end_of_one_can_be_told (void)
{
  SrudpLifetime lifetime;

  srudp_lifetime_init (&lifetime, 0);
  srudp_lifetime_tell_end (&lifetime, 90 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==, 90 * SECOND - LEAD);
  srudp_lifetime_tell_end (&lifetime, SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==, 0);
  srudp_lifetime_tell_end (&lifetime, 90 * SECOND);
  srudp_lifetime_on_born (&lifetime, 80 * SECOND);
  g_assert_cmpint (srudp_lifetime_get_move (&lifetime), ==, -1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/lifetime/nothing-is-known-at-first",
                   test_nothing_is_known_at_first);
  g_test_add_func ("/lifetime/two-that-lived-equally-long-tell",
                   test_two_that_lived_equally_long_tell);
  g_test_add_func ("/lifetime/what-is-about-equal", test_what_is_about_equal);
  g_test_add_func ("/lifetime/another-end-than-expected-is-forgotten",
                   test_another_end_than_expected_is_forgotten);
  g_test_add_func ("/lifetime/one-loss-noticed-twice-counts-once",
                   test_one_loss_noticed_twice_counts_once);
  g_test_add_func ("/lifetime/the-end-of-one-can-be-told",
                   test_the_end_of_one_can_be_told);

  return g_test_run ();
}
