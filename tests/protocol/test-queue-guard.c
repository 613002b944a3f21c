/*
 * SPDX-License-Identifier: MIT
 *
 * test-queue-guard.c: tests of srudp-queue-guard.c
 */
#include <srudp-queue-guard.h>

#define MS 1000
#define RTT (50 * MS)

typedef struct
{
  gint64 at_ms, rtt_ms;
  SrudpQueueGuardAdvice advice;
} Round;

static void
run_rounds (SrudpQueueGuard *guard,
            const Round     *rounds,
            guint            n)
{
  for (guint i = 0; i < n; i++)
    {
      g_test_message ("round %u", i);
      g_assert_cmpint (srudp_queue_guard_on_round (guard,
                                                   rounds[i].at_ms * MS,
                                                   rounds[i].rtt_ms * MS,
                                                   RTT, FALSE),
                       ==, rounds[i].advice);
    }
}

static void
test_a_queue_of_our_own_is_drained (void)
{
  static const Round rounds[] = {
    { 0, 50, SRUDP_QUEUE_GUARD_NOTHING },
    { 100, 89, SRUDP_QUEUE_GUARD_NOTHING },
    { 200, 125, SRUDP_QUEUE_GUARD_DRAIN },
    { 300, 120, SRUDP_QUEUE_GUARD_NOTHING },
    { 400, 60, SRUDP_QUEUE_GUARD_NOTHING },
    { 500, 51, SRUDP_QUEUE_GUARD_NOTHING },
    /* Alone: the next one goes the same way, soon. */
    { 600, 125, SRUDP_QUEUE_GUARD_DRAIN },
  };
  SrudpQueueGuard guard;

  srudp_queue_guard_init (&guard);
  run_rounds (&guard, rounds, G_N_ELEMENTS (rounds));
  g_assert_cmpfloat_with_epsilon (guard.keep, 50.0 / 125.0, 1e-9);
}

static void
test_a_queue_of_others_is_left_alone (void)
{
  static const Round rounds[] = {
    { 0, 200, SRUDP_QUEUE_GUARD_DRAIN },
    { 200, 195, SRUDP_QUEUE_GUARD_NOTHING },
    { 400, 100, SRUDP_QUEUE_GUARD_NOTHING },
    /* An equal's part of it is still there. */
    { 600, 120, SRUDP_QUEUE_GUARD_RESTORE },
    { 800, 200, SRUDP_QUEUE_GUARD_NOTHING },
    { 10500, 200, SRUDP_QUEUE_GUARD_NOTHING },
    /* Perhaps they have left. */
    { 10600, 200, SRUDP_QUEUE_GUARD_DRAIN },
  };
  SrudpQueueGuard guard;

  srudp_queue_guard_init (&guard);
  run_rounds (&guard, rounds, G_N_ELEMENTS (rounds));
}

static void
test_a_cancelled_test_restores_nothing (void)
{
  static const Round rounds[] = {
    { 0, 200, SRUDP_QUEUE_GUARD_DRAIN },
    { 200, 200, SRUDP_QUEUE_GUARD_NOTHING },
  };
  static const Round after[] = {
    { 400, 60, SRUDP_QUEUE_GUARD_NOTHING },
    { 600, 60, SRUDP_QUEUE_GUARD_NOTHING },
    { 800, 60, SRUDP_QUEUE_GUARD_NOTHING },
  };
  SrudpQueueGuard guard;

  srudp_queue_guard_init (&guard);
  run_rounds (&guard, rounds, G_N_ELEMENTS (rounds));
  srudp_queue_guard_cancel (&guard);
  run_rounds (&guard, after, G_N_ELEMENTS (after));
}

static void
test_short_paths_have_some_room (void)
{
  SrudpQueueGuard guard;

  srudp_queue_guard_init (&guard);

  g_assert_cmpint (srudp_queue_guard_on_round (&guard, 0, 9 * MS, 100,
                                               FALSE), ==,
                   SRUDP_QUEUE_GUARD_NOTHING);
  g_assert_cmpint (srudp_queue_guard_on_round (&guard, 0, -1, 100,
                                               FALSE), ==,
                   SRUDP_QUEUE_GUARD_NOTHING);
  g_assert_cmpint (srudp_queue_guard_on_round (&guard, 0, 9 * MS, -1,
                                               FALSE), ==,
                   SRUDP_QUEUE_GUARD_NOTHING);
  g_assert_cmpint (srudp_queue_guard_on_round (&guard, 0, 11 * MS, 100,
                                               FALSE), ==,
                   SRUDP_QUEUE_GUARD_DRAIN);
}

static void
test_slow_start_is_stopped_earlier (void)
{
  SrudpQueueGuard guard;

  srudp_queue_guard_init (&guard);

  g_assert_cmpint (srudp_queue_guard_on_round (&guard, 0, 75 * MS, RTT,
                                               FALSE), ==,
                   SRUDP_QUEUE_GUARD_NOTHING);
  g_assert_cmpint (srudp_queue_guard_on_round (&guard, 0, 75 * MS, RTT,
                                               TRUE), ==,
                   SRUDP_QUEUE_GUARD_DRAIN);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue-guard/a-queue-of-our-own-is-drained",
                   test_a_queue_of_our_own_is_drained);
  g_test_add_func ("/queue-guard/a-queue-of-others-is-left-alone",
                   test_a_queue_of_others_is_left_alone);
  g_test_add_func ("/queue-guard/a-cancelled-test-restores-nothing",
                   test_a_cancelled_test_restores_nothing);
  g_test_add_func ("/queue-guard/short-paths-have-some-room",
                   test_short_paths_have_some_room);
  g_test_add_func ("/queue-guard/slow-start-is-stopped-earlier",
                   test_slow_start_is_stopped_earlier);

  return g_test_run ();
}
