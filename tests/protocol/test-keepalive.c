/*
 * SPDX-License-Identifier: MIT
 *
 * test-keepalive.c: what is learned of mappings, and who ends a silence
 */
#include "srudp-keepalive.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define HOUR (3600 * SECOND)
#define NO_LIMIT (1000 * SECOND)

static void
test_begins_with_fifteen_seconds (void)
{
  SrudpKeepalive keepalive;

  srudp_keepalive_init (&keepalive, FALSE);
  g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, 0, NO_LIMIT), ==,
                   15 * SECOND);
  srudp_keepalive_init (&keepalive, TRUE);
  g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, 0, NO_LIMIT), ==,
                   15 * SECOND - 3 * SECOND / 2);
}

static void
test_never_waits_longer_than_the_limit (void)
{
  SrudpKeepalive keepalive;

  srudp_keepalive_init (&keepalive, FALSE);
  srudp_keepalive_on_reached (&keepalive, 80 * SECOND);
  srudp_keepalive_on_answered (&keepalive, 80 * SECOND, TRUE);

  for (gint64 limit = 1; limit < NO_LIMIT; limit *= 2)
    g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, 0, limit), <=,
                     limit);
}

static void
test_a_silence_that_went_well_is_usual (void)
{
  SrudpKeepalive keepalive;

  srudp_keepalive_init (&keepalive, FALSE);
  g_assert_false (srudp_keepalive_is_usual (&keepalive, SECOND));
  srudp_keepalive_on_answered (&keepalive, 14 * SECOND, TRUE);
  g_assert_false (srudp_keepalive_is_usual (&keepalive, SECOND));

  srudp_keepalive_on_reached (&keepalive, 14 * SECOND);
  g_assert_true (srudp_keepalive_is_usual (&keepalive, 15 * SECOND));
  g_assert_false (srudp_keepalive_is_usual (&keepalive, 17 * SECOND));
  srudp_keepalive_on_lost (&keepalive, 0, 15 * SECOND);
  g_assert_true (srudp_keepalive_is_usual (&keepalive, 15 * SECOND));
}

static void
assert_turns (const SrudpKeepalive *first,
              const SrudpKeepalive *second)
{
  g_assert_cmpint (srudp_keepalive_get_wait (first, 0, NO_LIMIT) + SECOND, <,
                   srudp_keepalive_get_wait (second, 0, NO_LIMIT));
}

static void
test_sides_take_turns (void)
{
  SrudpKeepalive a, b;

  srudp_keepalive_init (&a, TRUE);
  srudp_keepalive_init (&b, FALSE);
  assert_turns (&a, &b);

  srudp_keepalive_on_answered (&a, 13 * SECOND, TRUE);
  srudp_keepalive_on_reached (&b, 13 * SECOND);
  assert_turns (&b, &a);

  srudp_keepalive_on_answered (&b, 13 * SECOND, TRUE);
  srudp_keepalive_on_reached (&a, 13 * SECOND);
  assert_turns (&a, &b);
}

static void
test_crossed_packets_leave_one_turn (void)
{
  SrudpKeepalive a, b;

  srudp_keepalive_init (&a, TRUE);
  srudp_keepalive_init (&b, FALSE);
  srudp_keepalive_on_crossed (&a);
  srudp_keepalive_on_crossed (&b);

  assert_turns (&b, &a);
}

/* Two sides behind NATs of that lifetime, round by round; how long the last
 * silence was. */
static gint64
play (gint64  lifetime_us,
      guint   n_rounds,
      guint  *n_lost)
{
  SrudpKeepalive sides[2];
  gint64 now = 0, silence = 0;

  *n_lost = 0;
  srudp_keepalive_init (&sides[0], TRUE);
  srudp_keepalive_init (&sides[1], FALSE);
  for (guint i = 0; i < n_rounds; i++)
    {
      gint64 waits[2]
        = { srudp_keepalive_get_wait (&sides[0], now, NO_LIMIT),
            srudp_keepalive_get_wait (&sides[1], now, NO_LIMIT) };
      guint speaker = waits[0] <= waits[1] ? 0 : 1;

      silence = waits[speaker];
      if (silence >= lifetime_us)
        {
          /* Nothing gets through until the other one speaks as well. */
          srudp_keepalive_on_lost (&sides[speaker], now + silence, silence);
          srudp_keepalive_on_answered (&sides[1 - speaker], waits[1 - speaker],
                                       FALSE);
          silence = waits[1 - speaker];
          ++*n_lost;
        }
      else
        {
          srudp_keepalive_on_answered (&sides[speaker], silence, TRUE);
          srudp_keepalive_on_reached (&sides[1 - speaker], silence);
        }
      now += silence;
    }

  return silence;
}

static void
test_learns_how_long_mappings_live (void)
{
  for (gint64 lifetime = 12 * SECOND; lifetime <= 200 * SECOND;
       lifetime += 777000)
    {
      guint n_lost;
      gint64 silence = play (lifetime, 30, &n_lost);

      g_assert_cmpint (silence, <, lifetime);
      g_assert_cmpint (silence, >=, MIN (lifetime, 118 * SECOND) * 6 / 10);
      g_assert_cmpint (silence, <=, SRUDP_KEEPALIVE_MAX_US);
      g_assert_cmpuint (n_lost, <=, 2);
    }
}

static void
test_shorter_than_ten_seconds_is_not_tried (void)
{
  SrudpKeepalive keepalive;

  srudp_keepalive_init (&keepalive, FALSE);
  for (guint i = 0; i < 10; i++)
    srudp_keepalive_on_lost (&keepalive, 0, 14 * SECOND);

  g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, 0, NO_LIMIT), ==,
                   SRUDP_KEEPALIVE_MIN_US);
}

static void
test_longer_is_tried_again_ever_more_seldom (void)
{
  SrudpKeepalive keepalive;
  gint64 now = 5 * SECOND, ceiling;

  srudp_keepalive_init (&keepalive, FALSE);
  for (guint i = 0; i < 4; i++)
    {
      srudp_keepalive_on_reached (&keepalive, 40 * SECOND);
      srudp_keepalive_on_lost (&keepalive, now, 45 * SECOND);
      ceiling = srudp_keepalive_get_wait (&keepalive, now, NO_LIMIT);
      g_assert_cmpint (ceiling, <=, 30 * SECOND);
      now += HOUR << i;
      g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, now - 1, NO_LIMIT),
                       ==, ceiling);
      g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, now, NO_LIMIT), >,
                       ceiling);
    }
}

static void
test_loss_after_a_short_pause_says_nothing (void)
{
  SrudpKeepalive keepalive;

  srudp_keepalive_init (&keepalive, FALSE);
  srudp_keepalive_on_lost (&keepalive, 0, 9 * SECOND);

  g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, 0, NO_LIMIT), ==,
                   15 * SECOND);
}

/* An answer says nothing of our own mapping: the first packet may have made it
 * anew. */
static void
test_answers_alone_don_t_lead_far (void)
{
  SrudpKeepalive keepalive;

  srudp_keepalive_init (&keepalive, TRUE);
  for (guint i = 0; i < 100; i++)
    srudp_keepalive_on_answered (
      &keepalive, srudp_keepalive_get_wait (&keepalive, 0, NO_LIMIT), TRUE);

  g_assert_cmpint (srudp_keepalive_get_wait (&keepalive, 0, NO_LIMIT), <,
                   21 * SECOND);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keepalive/begins-with-fifteen-seconds",
                   test_begins_with_fifteen_seconds);
  g_test_add_func ("/keepalive/never-waits-longer-than-the-limit",
                   test_never_waits_longer_than_the_limit);
  g_test_add_func ("/keepalive/a-silence-that-went-well-is-usual",
                   test_a_silence_that_went_well_is_usual);
  g_test_add_func ("/keepalive/sides-take-turns", test_sides_take_turns);
  g_test_add_func ("/keepalive/crossed-packets-leave-one-turn",
                   test_crossed_packets_leave_one_turn);
  g_test_add_func ("/keepalive/learns-how-long-mappings-live",
                   test_learns_how_long_mappings_live);
  g_test_add_func ("/keepalive/shorter-than-ten-seconds-is-not-tried",
                   test_shorter_than_ten_seconds_is_not_tried);
  g_test_add_func ("/keepalive/longer-is-tried-again-ever-more-seldom",
                   test_longer_is_tried_again_ever_more_seldom);
  g_test_add_func ("/keepalive/loss-after-a-short-pause-says-nothing",
                   test_loss_after_a_short_pause_says_nothing);
  g_test_add_func ("/keepalive/answers-alone-don-t-lead-far",
                   test_answers_alone_don_t_lead_far);

  return g_test_run ();
}
