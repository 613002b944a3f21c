/*
 * SPDX-License-Identifier: MIT
 *
 * test-timers.c: tests of srudp-timers.c
 */
#include <srudp-timers.h>

static void
test_none_runs_at_first (void)
{
  SrudpTimers timers;
  SrudpTimer timer;

  srudp_timers_init (&timers);

  g_assert_cmpint (srudp_timers_get_deadline (&timers), ==, -1);
  g_assert_false (srudp_timers_pop_due (&timers, G_MAXINT64, &timer));
}

static void
test_due_ones_come_in_order (void)
{
  static const struct { SrudpTimer timer; gint64 at; } set[] = {
    { SRUDP_TIMER_IDLE, 900 },
    { SRUDP_TIMER_LOSS, 300 },
    { SRUDP_TIMER_ACK, 0 },
    { SRUDP_TIMER_PACER, 301 },
  };
  static const SrudpTimer expected[] = {
    SRUDP_TIMER_ACK, SRUDP_TIMER_LOSS, SRUDP_TIMER_PACER,
  };
  SrudpTimers timers;
  SrudpTimer timer;

  srudp_timers_init (&timers);
  for (guint i = 0; i < G_N_ELEMENTS (set); i++)
    srudp_timers_set (&timers, set[i].timer, set[i].at);
  g_assert_cmpint (srudp_timers_get_deadline (&timers), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_true (srudp_timers_pop_due (&timers, 500, &timer));
      g_assert_cmpint (timer, ==, expected[i]);
      g_assert_cmpint (srudp_timers_get (&timers, timer), ==, -1);
    }
  g_assert_false (srudp_timers_pop_due (&timers, 500, &timer));
  g_assert_cmpint (srudp_timers_get_deadline (&timers), ==, 900);
}

static void
test_a_stopped_one_is_never_due (void)
{
  SrudpTimers timers;

  srudp_timers_init (&timers);
  srudp_timers_set (&timers, SRUDP_TIMER_LOSS, 10);
  srudp_timers_set (&timers, SRUDP_TIMER_ACK, 20);
  srudp_timers_stop (&timers, SRUDP_TIMER_LOSS);
  g_assert_cmpint (srudp_timers_get_deadline (&timers), ==, 20);

  srudp_timers_set (&timers, SRUDP_TIMER_ACK, -1);
  g_assert_cmpint (srudp_timers_get_deadline (&timers), ==, -1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/timers/none-runs-at-first", test_none_runs_at_first);
  g_test_add_func ("/timers/due-ones-come-in-order",
                   test_due_ones_come_in_order);
  g_test_add_func ("/timers/a-stopped-one-is-never-due",
                   test_a_stopped_one_is_never_due);

  return g_test_run ();
}
