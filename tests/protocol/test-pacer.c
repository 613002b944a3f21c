/*
 * SPDX-License-Identifier: MIT
 *
 * test-pacer.c: tests of srudp-pacer.c
 */
#include <srudp-pacer.h>

#define PACKET 1200

/* Sends all that is allowed at `now`; the packets sent. */
static guint
send_all (SrudpPacer *pacer,
          gint64      now)
{
  guint n = 0;

  for (; srudp_pacer_get_allowance (pacer, now) > 0; n++)
    srudp_pacer_on_sent (pacer, now, PACKET);

  return n;
}

static void
test_the_initial_window_goes_at_once (void)
{
  SrudpPacer pacer;

  srudp_pacer_init (&pacer, 0, PACKET);
  srudp_pacer_set_rate (&pacer, 0, 120000, PACKET);

  g_assert_cmpuint (send_all (&pacer, 0), ==, SRUDP_PACER_BURST_PACKETS);
}

/* Woken up exactly at each release time, the rate is met to a packet. */
static void
test_the_rate_is_met (void)
{
  static const guint64 rates[] = {
    1000, 120000, 1250000, 12500000, 125000000, 12500000000,
  };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      guint64 burst, sent = 0, wakes = 0;
      gint64 duration_us = rates[i] > 1000000000 ? G_USEC_PER_SEC / 50
                                                 : 10 * G_USEC_PER_SEC;
      SrudpPacer pacer;
      gint64 now = 0;

      srudp_pacer_init (&pacer, 0, PACKET);
      srudp_pacer_set_rate (&pacer, 0, rates[i], PACKET);
      send_all (&pacer, 0);
      while ((now = srudp_pacer_get_release_time (&pacer, now)) < duration_us)
        {
          guint n = send_all (&pacer, now);

          g_assert_cmpuint (n, >, 0);
          sent += n;
          wakes++;
        }

      burst = MAX (pacer.quantum, 2 * PACKET);
      g_test_message ("rate %" G_GUINT64_FORMAT, rates[i]);
      g_assert_cmpuint (sent * PACKET + 2 * burst, >=,
                        rates[i] * (guint64) duration_us / G_USEC_PER_SEC);
      g_assert_cmpuint (sent * PACKET, <=,
                        rates[i] * (guint64) duration_us / G_USEC_PER_SEC
                        + 2 * burst);
      g_assert_cmpuint (wakes * (pacer.quantum - PACKET), <=, sent * PACKET);
    }
}

static void
test_a_late_timer_loses_nothing (void)
{
  SrudpPacer pacer;
  guint64 sent = 0;

  srudp_pacer_init (&pacer, 0, PACKET);
  srudp_pacer_set_rate (&pacer, 0, 12500000, PACKET);
  send_all (&pacer, 0);
  for (gint64 now = 3000; now <= 3000000; now += 3000)
    sent += send_all (&pacer, now);

  /* 3 s at 100 Mbit/s. */
  g_assert_cmpuint (sent * PACKET, >=, 37500000 - 2 * PACKET);
}

static void
test_a_long_pause_saves_up_one_burst_only (void)
{
  SrudpPacer pacer;

  srudp_pacer_init (&pacer, 0, PACKET);
  srudp_pacer_set_rate (&pacer, 0, 120000, PACKET);
  send_all (&pacer, 0);

  g_assert_cmpuint (send_all (&pacer, 3600 * (gint64) G_USEC_PER_SEC), ==,
                    SRUDP_PACER_BURST_PACKETS);
}

static void
test_debt_is_bounded (void)
{
  SrudpPacer pacer;

  srudp_pacer_init (&pacer, 0, PACKET);
  srudp_pacer_set_rate (&pacer, 0, 120000, PACKET);
  for (guint i = 0; i < 1000; i++)
    srudp_pacer_on_sent (&pacer, 0, PACKET);

  g_assert_cmpuint (srudp_pacer_get_allowance (&pacer, 0), ==, 0);
  /* A debt of a burst and a quantum of two packets, at 100 packets/s. */
  g_assert_cmpint (srudp_pacer_get_release_time (&pacer, 0), ==, 120000);
}

static void
test_time_may_stand_still (void)
{
  SrudpPacer pacer;

  srudp_pacer_init (&pacer, 1000, PACKET);
  srudp_pacer_set_rate (&pacer, 1000, 120000, PACKET);
  send_all (&pacer, 1000);
  srudp_pacer_set_rate (&pacer, 500, 120000, PACKET);

  g_assert_cmpuint (srudp_pacer_get_allowance (&pacer, 500), ==, 0);
  g_assert_cmpint (srudp_pacer_get_release_time (&pacer, 500), ==, 21000);
}

/* A window that was full saves up no more than what is worth a wake-up. */
static void
test_a_full_window_saves_up_no_burst (void)
{
  SrudpPacer pacer;

  srudp_pacer_init (&pacer, 0, PACKET);
  srudp_pacer_set_rate (&pacer, 0, 120000, PACKET);
  send_all (&pacer, 0);
  srudp_pacer_hold (&pacer, 60 * G_USEC_PER_SEC);

  g_assert_cmpuint (send_all (&pacer, 60 * G_USEC_PER_SEC), ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pacer/the-initial-window-goes-at-once",
                   test_the_initial_window_goes_at_once);
  g_test_add_func ("/pacer/the-rate-is-met", test_the_rate_is_met);
  g_test_add_func ("/pacer/a-late-timer-loses-nothing",
                   test_a_late_timer_loses_nothing);
  g_test_add_func ("/pacer/a-long-pause-saves-up-one-burst-only",
                   test_a_long_pause_saves_up_one_burst_only);
  g_test_add_func ("/pacer/a-full-window-saves-up-no-burst",
                   test_a_full_window_saves_up_no_burst);
  g_test_add_func ("/pacer/debt-is-bounded", test_debt_is_bounded);
  g_test_add_func ("/pacer/time-may-stand-still", test_time_may_stand_still);

  return g_test_run ();
}
