/*
 * SPDX-License-Identifier: MIT
 *
 * test-cubic.c: tests of srudp-cubic.c and srudp-congestion.c
 */
#include <srudp-cubic.h>

#define MS 1000
#define MSS 1000
#define RTT_MS 100

/* A controller, and a clock that moves one round trip at a time. */
typedef struct
{
  SrudpCongestion *congestion;
  SrudpRtt rtt;
  gint64 now;
  guint64 number;
  guint64 rate; /* delivered, bytes per second; 0: unknown */
} Fixture;

static void
fixture_init (Fixture                    *f,
              const SrudpCongestionClass *klass)
{
  *f = (Fixture) { .now = 1000 * MS };
  f->congestion = srudp_congestion_new (klass, f->now, MSS);
  srudp_rtt_init (&f->rtt, 25 * MS);
}

static void
fixture_clear (Fixture *f)
{
  srudp_congestion_free (f->congestion);
}

static guint64
get_packets (Fixture *f)
{
  return f->congestion->klass->get_window (f->congestion) / MSS;
}

static void
ack_bytes (Fixture  *f,
           guint64   bytes,
           gint64    rtt_ms,
           gboolean  app_limited)
{
  SrudpLossOutcome outcome = {
    .acked_bytes = bytes,
    .n_acked = MAX (bytes / MSS, 1),
    .largest_newly_acked = f->number,
    .largest_acked_sent_time = f->now - rtt_ms * MS,
    .rtt_sample_us = rtt_ms * MS,
    .rate.bytes_per_second = f->rate,
    .largest_lost_sent_time = -1,
  };
  SrudpAckEvent event = {
    .now = f->now,
    .rtt = &f->rtt,
    .outcome = &outcome,
    .in_flight_before = bytes,
    .next_number = f->number + get_packets (f),
    .app_limited = app_limited,
  };

  srudp_rtt_update (&f->rtt, f->now, rtt_ms * MS, 0);
  f->congestion->klass->on_ack (f->congestion, &event);
  f->number++;
}

/* A whole window is sent and acknowledged, packet by packet. */
static void
run_round (Fixture  *f,
           gint64    rtt_ms,
           gboolean  app_limited)
{
  guint64 n = get_packets (f);

  for (guint64 i = 0; i < n; i++)
    {
      ack_bytes (f, MSS, rtt_ms, app_limited);
      f->now += rtt_ms * MS / (gint64) n;
    }
}

static void
lose (Fixture *f,
      guint64  n)
{
  SrudpLossEvent event = {
    .now = f->now,
    .rtt = &f->rtt,
    .n_lost = n,
    .lost_bytes = n * MSS,
    .largest_sent_time = f->now - RTT_MS * MS,
  };

  f->congestion->klass->on_loss (f->congestion, &event);
}

static void
test_slow_start_doubles (void)
{
  Fixture f;

  fixture_init (&f, &srudp_cubic);
  g_assert_cmpuint (get_packets (&f), ==, 10);
  run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 20);
  run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 40);
  /* Paced at twice the window per round trip. */
  g_assert_cmpuint (f.congestion->klass->get_pacing_rate (f.congestion,
                                                          &f.rtt), ==,
                    2 * 40 * MSS * 10 + 1);
  fixture_clear (&f);
}

static void
test_hystart_ends_slow_start (void)
{
  Fixture f;
  guint64 before;

  fixture_init (&f, &srudp_cubic);
  for (guint i = 0; i < 4; i++)
    run_round (&f, RTT_MS, FALSE);
  for (guint i = 0; i < 7; i++)
    run_round (&f, RTT_MS + 20, FALSE);
  before = get_packets (&f);
  g_assert_cmpuint (before, <, 10 * 16 * 8);
  run_round (&f, RTT_MS + 20, FALSE);
  /* Now it grows along the cubic: slowly at first. */
  g_assert_cmpuint (get_packets (&f), <=, before + before / 10);
  g_assert_cmpuint (f.congestion->klass->get_pacing_rate (f.congestion,
                                                          &f.rtt), <,
                    13 * before * MSS);
  fixture_clear (&f);
}

/* RFC 9438 4.2: W(t) = C (t - K)^3 + W_max, K = cbrt (W_max 0.3 / C). A
 * window of 640 packets is cut to 448, and K = cbrt (480) = 7.83 s. */
static void
test_growth_follows_the_cubic (void)
{
  static const struct { gint64 seconds; guint64 expected; } points[] = {
    { 1, 512 }, { 2, 561 }, { 4, 617 }, { 6, 637 }, { 8, 640 }, { 10, 644 },
    { 12, 669 }, { 14, 734 },
  };
  Fixture f;
  gint64 start;
  guint i = 0;

  fixture_init (&f, &srudp_cubic);
  for (guint k = 0; k < 6; k++)
    run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 640);
  lose (&f, 1);
  g_assert_cmpuint (get_packets (&f), ==, 448);
  start = f.now;
  f.now += RTT_MS * MS + 1;
  while (i < G_N_ELEMENTS (points))
    {
      run_round (&f, RTT_MS, FALSE);
      if (f.now - start < points[i].seconds * G_USEC_PER_SEC)
        continue;
      g_test_message ("after %d s: %d", (int) points[i].seconds,
                      (int) get_packets (&f));
      /* One round trip's growth is the tolerance. */
      g_assert_cmpuint (get_packets (&f), >=, points[i].expected - 4);
      g_assert_cmpuint (get_packets (&f), <=, points[i].expected + 12);
      i++;
    }
  fixture_clear (&f);
}

/* RFC 9438 4.3: on a short path Reno would be faster, so as fast as Reno. */
static void
test_short_paths_grow_like_reno (void)
{
  Fixture f;
  guint64 start;

  fixture_init (&f, &srudp_cubic);
  run_round (&f, 10, FALSE);
  lose (&f, 1);
  f.now += RTT_MS * MS + 1;
  start = get_packets (&f);
  g_assert_cmpuint (start, ==, 14);
  for (guint i = 0; i < 50; i++)
    run_round (&f, 10, FALSE);

  /* Half a packet each up to 20, one each then. */
  g_assert_cmpuint (get_packets (&f), >=, 20 + 50 - 13);
  g_assert_cmpuint (get_packets (&f), <=, 20 + 50 - 8);
  fixture_clear (&f);
}

static void
test_one_cut_a_round_trip (void)
{
  Fixture f;

  fixture_init (&f, &srudp_cubic);
  for (guint i = 0; i < 4; i++)
    run_round (&f, RTT_MS, FALSE);
  lose (&f, 1);
  g_assert_cmpuint (get_packets (&f), ==, 112);
  f.now += 50 * MS;
  lose (&f, 5);
  g_assert_cmpuint (get_packets (&f), ==, 112);
  f.now += 60 * MS;
  lose (&f, 1);
  g_assert_cmpuint (get_packets (&f), ==, 78);

  /* And never below two. */
  for (guint i = 0; i < 50; i++)
    {
      f.now += 200 * MS;
      lose (&f, 1);
    }
  g_assert_cmpuint (get_packets (&f), ==, SRUDP_MINIMUM_WINDOW_PACKETS);
  fixture_clear (&f);
}

static void
test_spurious_loss_is_undone (void)
{
  Fixture f;
  const SrudpCongestionClass *klass = &srudp_cubic;
  gint64 cut;

  fixture_init (&f, klass);
  for (guint i = 0; i < 4; i++)
    run_round (&f, RTT_MS, FALSE);
  cut = f.now;
  lose (&f, 2);
  f.now += 5 * MS;
  lose (&f, 1);

  /* Only when all of them had been late. */
  klass->on_spurious (f.congestion, f.now, cut, 2);
  g_assert_cmpuint (get_packets (&f), ==, 112);
  klass->on_spurious (f.congestion, f.now, cut - 1, 1);
  g_assert_cmpuint (get_packets (&f), ==, 112);
  klass->on_spurious (f.congestion, f.now, cut + 5 * MS, 1);
  g_assert_cmpuint (get_packets (&f), ==, 160);

  /* Slow start goes on where it was. */
  run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 320);
  fixture_clear (&f);
}

static void
test_marks_count_as_loss_and_are_not_undone (void)
{
  Fixture f;
  SrudpLossEvent event = { .rtt = &f.rtt };

  fixture_init (&f, &srudp_cubic);
  run_round (&f, RTT_MS, FALSE);
  event.now = event.largest_sent_time = f.now;
  srudp_cubic.on_ecn (f.congestion, &event);
  g_assert_cmpuint (get_packets (&f), ==, 14);
  srudp_cubic.on_ecn (f.congestion, &event);
  g_assert_cmpuint (get_packets (&f), ==, 14);
  srudp_cubic.on_spurious (f.congestion, f.now, f.now, 10);
  g_assert_cmpuint (get_packets (&f), ==, 14);
  fixture_clear (&f);
}

static void
test_persistent_congestion_starts_again (void)
{
  Fixture f;

  fixture_init (&f, &srudp_cubic);
  for (guint i = 0; i < 4; i++)
    run_round (&f, RTT_MS, FALSE);
  lose (&f, 10);
  srudp_cubic.on_persistent (f.congestion, f.now);
  g_assert_cmpuint (get_packets (&f), ==, SRUDP_MINIMUM_WINDOW_PACKETS);

  /* Slow start up to what the loss left. */
  for (guint i = 0; i < 5; i++)
    run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 64);
  for (guint i = 0; i < 2; i++)
    run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), <, 125);
  fixture_clear (&f);
}

static void
test_an_unused_window_does_not_grow (void)
{
  Fixture f;
  guint64 before;

  fixture_init (&f, &srudp_cubic);
  run_round (&f, RTT_MS, TRUE);
  g_assert_cmpuint (get_packets (&f), ==, 10);

  for (guint i = 0; i < 4; i++)
    run_round (&f, RTT_MS, FALSE);
  lose (&f, 1);
  f.now += RTT_MS * MS + 1;
  run_round (&f, RTT_MS, FALSE);
  before = get_packets (&f);
  /* Not in an hour, and it does not catch up at once then. */
  run_round (&f, RTT_MS, TRUE);
  f.now += 3600 * (gint64) G_USEC_PER_SEC;
  run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), <=, before + before / 10);
  fixture_clear (&f);
}

static void
test_a_new_path_starts_again (void)
{
  for (guint i = 0; i < 2; i++)
    {
      const SrudpCongestionClass *klass = i == 0 ? &srudp_cubic
                                                 : &srudp_cubic_tolerant;
      Fixture f;

      fixture_init (&f, klass);
      run_round (&f, RTT_MS, FALSE);
      lose (&f, 20);
      klass->reset (f.congestion, f.now);
      g_assert_cmpuint (get_packets (&f), ==, 10);
      run_round (&f, RTT_MS, FALSE);
      g_assert_cmpuint (get_packets (&f), ==, 20);
      fixture_clear (&f);
    }
}

/* The tolerant kind: what the same loss does at different queues. */
static void
test_tolerance_depends_on_the_queue (void)
{
  static const struct
  {
    gint64 rtt_ms;
    guint64 n_lost, expected;
  } cases[] = {
    { 100, 2, 224 },  /* no queue: chance */
    { 110, 2, 224 },
    { 100, 100, 156 },/* no queue, but heavy */
    { 125, 2, 185 },  /* a queue: it is cut to what fits, and 3 % */
    { 190, 2, 156 },  /* a long one: by the book */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture f;

      fixture_init (&f, &srudp_cubic_tolerant);
      for (guint k = 0; k < 5; k++)
        run_round (&f, RTT_MS, FALSE);
      /* Out of slow start. */
      lose (&f, 100);
      g_assert_cmpuint (get_packets (&f), ==, 224);
      f.now += 2 * RTT_MS * MS;
      ack_bytes (&f, 0, RTT_MS, FALSE);
      for (guint k = 0; k < 40; k++)
        ack_bytes (&f, 0, cases[i].rtt_ms, FALSE);
      f.now += RTT_MS * MS;
      lose (&f, cases[i].n_lost);
      g_test_message ("case %u", i);
      g_assert_cmpuint (get_packets (&f), ==, cases[i].expected);
      fixture_clear (&f);
    }
}

static void
test_long_paths_start_with_more (void)
{
  static const struct { gint64 rtt_ms; guint64 expected; } cases[] = {
    { 1, 10 }, { 50, 10 }, { 280, 56 }, { 600, 120 }, { 5000, 120 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture f;

      fixture_init (&f, &srudp_cubic_tolerant);
      srudp_cubic_tolerant.on_first_rtt (f.congestion, cases[i].rtt_ms * MS);
      g_assert_cmpuint (get_packets (&f), ==, cases[i].expected);
      fixture_clear (&f);
    }
}

/* The tolerant kind, alone: slow start is over as soon as the queue shows,
 * with the window that the path is seen to take. */
static void
test_slow_start_ends_at_what_is_delivered (void)
{
  Fixture f;

  fixture_init (&f, &srudp_cubic_tolerant);
  for (guint i = 0; i < 5; i++)
    run_round (&f, RTT_MS, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 320);
  f.rate = 200 * MSS * 10;
  for (guint i = 0; i < 10; i++)
    ack_bytes (&f, MSS, RTT_MS + 60, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 200);

  /* The cut was too deep, as what was sent before it tells … */
  f.now += RTT_MS * MS;
  f.rate = 250 * MSS * 10;
  ack_bytes (&f, MSS, RTT_MS + 60, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 250);
  /* … but not what was sent after it. */
  f.now += (RTT_MS + 60) * MS;
  f.rate = 300 * MSS * 10;
  ack_bytes (&f, MSS, RTT_MS + 60, FALSE);
  g_assert_cmpuint (get_packets (&f), ==, 250);
  fixture_clear (&f);
}

static void
test_controllers_have_names (void)
{
  g_assert_true (srudp_congestion_find ("cubic") == &srudp_cubic);
  g_assert_true (srudp_congestion_find ("cubic-tolerant")
                 == &srudp_cubic_tolerant);
  g_assert_null (srudp_congestion_find ("reno"));
  g_assert_cmpstr (srudp_congestion_get_default ()->name, ==,
                   "cubic-tolerant");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cubic/slow-start-doubles", test_slow_start_doubles);
  g_test_add_func ("/cubic/hystart-ends-slow-start",
                   test_hystart_ends_slow_start);
  g_test_add_func ("/cubic/growth-follows-the-cubic",
                   test_growth_follows_the_cubic);
  g_test_add_func ("/cubic/short-paths-grow-like-reno",
                   test_short_paths_grow_like_reno);
  g_test_add_func ("/cubic/one-cut-a-round-trip", test_one_cut_a_round_trip);
  g_test_add_func ("/cubic/spurious-loss-is-undone",
                   test_spurious_loss_is_undone);
  g_test_add_func ("/cubic/marks-count-as-loss-and-are-not-undone",
                   test_marks_count_as_loss_and_are_not_undone);
  g_test_add_func ("/cubic/persistent-congestion-starts-again",
                   test_persistent_congestion_starts_again);
  g_test_add_func ("/cubic/an-unused-window-does-not-grow",
                   test_an_unused_window_does_not_grow);
  g_test_add_func ("/cubic/a-new-path-starts-again",
                   test_a_new_path_starts_again);
  g_test_add_func ("/cubic/tolerance-depends-on-the-queue",
                   test_tolerance_depends_on_the_queue);
  g_test_add_func ("/cubic/long-paths-start-with-more",
                   test_long_paths_start_with_more);
  g_test_add_func ("/cubic/slow-start-ends-at-what-is-delivered",
                   test_slow_start_ends_at_what_is_delivered);
  g_test_add_func ("/cubic/controllers-have-names",
                   test_controllers_have_names);

  return g_test_run ();
}
