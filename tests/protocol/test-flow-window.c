/*
 * SPDX-License-Identifier: MIT
 *
 * test-flow-window.c: credit is given in time, and never taken back
 */
#include "srudp-flow-window.h"

#define RTT_US 100000

static void
test_nobody_sends_beyond_the_limit (void)
{
  SrudpReceiveWindow window;

  srudp_receive_window_init (&window, 1000, 8000);
  g_assert_true (srudp_receive_window_receive (&window, 1000));
  g_assert_true (srudp_receive_window_receive (&window, 0));
  g_assert_false (srudp_receive_window_receive (&window, 1));
  g_assert_cmpuint (window.received, ==, 1000);
}

static void
test_update_is_due_at_half (void)
{
  SrudpReceiveWindow window;

  srudp_receive_window_init (&window, 1000, 1000);
  srudp_receive_window_receive (&window, 1000);
  srudp_receive_window_consume (&window, 0, -1, 499);
  g_assert_false (srudp_receive_window_is_due (&window));
  srudp_receive_window_consume (&window, 0, -1, 1);
  g_assert_true (srudp_receive_window_is_due (&window));
  g_assert_cmpuint (srudp_receive_window_get_limit (&window), ==, 1500);
  srudp_receive_window_advertise (&window);
  g_assert_false (srudp_receive_window_is_due (&window));
  g_assert_true (srudp_receive_window_receive (&window, 500));
  g_assert_false (srudp_receive_window_receive (&window, 1));
}

/* Consumes at a rate for ten seconds; returns the window at the end. */
static guint64
window_at_rate (guint64 bytes_per_ms,
                gint64  rtt_us)
{
  SrudpReceiveWindow window;

  srudp_receive_window_init (&window, 10000, 1000000);
  for (gint64 ms = 0; ms < 10000; ms++)
    {
      guint64 allowed = window.window * 1000 / (guint64) MAX (rtt_us, 1000);

      srudp_receive_window_consume (&window, ms * 1000, rtt_us,
                                    MIN (bytes_per_ms, allowed));
      srudp_receive_window_advertise (&window);
    }

  return window.window;
}

static void
test_window_follows_rate_and_round_trip (void)
{
  /* 100 kB/s × 100 ms = 10 kB: four to eight times that are enough. */
  g_assert_cmpuint (window_at_rate (100, RTT_US), >=, 40000);
  g_assert_cmpuint (window_at_rate (100, RTT_US), <=, 80000);
  /* A slow reader never gets more. */
  g_assert_cmpuint (window_at_rate (10, RTT_US), ==, 10000);
  /* However fast, there is a cap. */
  g_assert_cmpuint (window_at_rate (1000000, RTT_US), ==, 1000000);
  /* And while nothing is known of the path, nothing grows. */
  g_assert_cmpuint (window_at_rate (1000000, -1), ==, 10000);
}

static void
test_gap_makes_room (void)
{
  SrudpReceiveWindow window;

  srudp_receive_window_init (&window, 1000, 3000);
  srudp_receive_window_receive (&window, 250);
  g_assert_false (srudp_receive_window_press (&window));
  srudp_receive_window_receive (&window, 1);
  g_assert_true (srudp_receive_window_press (&window));
  g_assert_cmpuint (window.window, ==, 2000);
  g_assert_true (srudp_receive_window_is_due (&window));
  g_assert_false (srudp_receive_window_press (&window));
  srudp_receive_window_advertise (&window);
  srudp_receive_window_receive (&window, 250);
  g_assert_true (srudp_receive_window_press (&window));
  g_assert_cmpuint (window.window, ==, 3000);
  /* There is a cap. */
  srudp_receive_window_receive (&window, 1000);
  g_assert_false (srudp_receive_window_press (&window));
}

static void
test_maximum_may_change (void)
{
  SrudpReceiveWindow window;

  srudp_receive_window_init (&window, 1000, 1000);
  srudp_receive_window_receive (&window, 600);
  g_assert_false (srudp_receive_window_press (&window));
  srudp_receive_window_set_maximum (&window, 2000);
  g_assert_true (srudp_receive_window_press (&window));
  srudp_receive_window_advertise (&window);
  g_assert_cmpuint (window.advertised, ==, 2000);

  /* What was promised holds, and no more follows before it is used up. */
  srudp_receive_window_set_maximum (&window, 500);
  g_assert_true (srudp_receive_window_receive (&window, 1400));
  g_assert_false (srudp_receive_window_receive (&window, 1));
  srudp_receive_window_consume (&window, 0, -1, 1500);
  g_assert_false (srudp_receive_window_is_due (&window));
  srudp_receive_window_consume (&window, 0, -1, 500);
  g_assert_true (srudp_receive_window_is_due (&window));
  g_assert_cmpuint (srudp_receive_window_get_limit (&window), ==, 2500);
}

static void
test_limits_never_shrink (void)
{
  SrudpSendWindow window;

  srudp_send_window_init (&window, 100);
  g_assert_false (srudp_send_window_raise (&window, 100));
  g_assert_false (srudp_send_window_raise (&window, 50));
  srudp_send_window_use (&window, 60);
  g_assert_cmpuint (srudp_send_window_get_credit (&window), ==, 40);
  g_assert_true (srudp_send_window_raise (&window, 101));
  g_assert_cmpuint (srudp_send_window_get_credit (&window), ==, 41);
}

static void
test_blocked_is_told_once_for_a_limit (void)
{
  SrudpSendWindow window;

  srudp_send_window_init (&window, 0);
  g_assert_true (srudp_send_window_note_blocked (&window));
  g_assert_false (srudp_send_window_note_blocked (&window));
  srudp_send_window_raise (&window, 10);
  g_assert_false (srudp_send_window_note_blocked (&window));
  srudp_send_window_use (&window, 10);
  g_assert_true (srudp_send_window_note_blocked (&window));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-window/nobody-sends-beyond-the-limit",
                   test_nobody_sends_beyond_the_limit);
  g_test_add_func ("/flow-window/update-is-due-at-half", test_update_is_due_at_half);
  g_test_add_func ("/flow-window/window-follows-rate-and-round-trip",
                   test_window_follows_rate_and_round_trip);
  g_test_add_func ("/flow-window/gap-makes-room", test_gap_makes_room);
  g_test_add_func ("/flow-window/maximum-may-change", test_maximum_may_change);
  g_test_add_func ("/flow-window/limits-never-shrink", test_limits_never_shrink);
  g_test_add_func ("/flow-window/blocked-is-told-once-for-a-limit",
                   test_blocked_is_told_once_for_a_limit);

  return g_test_run ();
}
