/*
 * SPDX-License-Identifier: MIT
 *
 * test-ack-ranges.c: tests of srudp-ack-ranges.c
 */
#include <srudp-ack-ranges.h>

#define MAX_DELAY 25000

static void
add (SrudpAckRanges *ranges,
     guint64         number)
{
  g_assert_true (srudp_ack_ranges_add (ranges, 0, number, TRUE,
                                       SRUDP_ECN_NOT_ECT));
}

static char *
to_string (const SrudpAckRanges *ranges)
{
  GString *string = g_string_new (NULL);

  for (guint i = 0; i < ranges->n_ranges; i++)
    g_string_append_printf (string, "%s%" G_GUINT64_FORMAT
                            "-%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                            ranges->ranges[i].first, ranges->ranges[i].last);

  return g_string_free (string, FALSE);
}

static void
assert_ranges (const SrudpAckRanges *ranges,
               const char           *expected)
{
  g_autofree char *string = to_string (ranges);

  g_assert_cmpstr (string, ==, expected);
}

static void
test_ranges_grow_and_merge (void)
{
  static const struct { guint64 number; const char *after; } steps[] = {
    { 5, "5-5" },
    { 6, "5-6" },
    { 4, "4-6" },
    { 9, "9-9 4-6" },
    { 1, "9-9 4-6 1-1" },
    { 7, "9-9 4-7 1-1" },
    { 8, "4-9 1-1" },
    { 3, "3-9 1-1" },
    { 0, "3-9 0-1" },
    { 2, "0-9" },
    { G_MAXUINT64 - 1, "18446744073709551614-18446744073709551614 0-9" },
  };
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      add (&ranges, steps[i].number);
      assert_ranges (&ranges, steps[i].after);
      g_assert_true (srudp_ack_ranges_contains (&ranges, steps[i].number));
      g_assert_false (srudp_ack_ranges_add (&ranges, 0, steps[i].number, TRUE,
                                            SRUDP_ECN_NOT_ECT));
    }
  g_assert_false (srudp_ack_ranges_contains (&ranges, 10));
}

static void
test_only_the_newest_ranges_are_kept (void)
{
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  for (guint64 i = 0; i < 100; i++)
    add (&ranges, 2 * i);

  g_assert_cmpuint (ranges.n_ranges, ==, SRUDP_ACK_MAX_RANGES);
  g_assert_cmpuint (ranges.ranges[0].last, ==, 198);
  g_assert_cmpuint (ranges.ranges[SRUDP_ACK_MAX_RANGES - 1].first, ==, 72);
  /* Older than all of them: it can't be acknowledged. */
  g_assert_false (srudp_ack_ranges_add (&ranges, 0, 3, TRUE,
                                        SRUDP_ECN_NOT_ECT));
}

typedef struct
{
  gint64 now;
  guint64 number;
  gboolean eliciting;
  SrudpEcn ecn;
  gint64 deadline; /* after it */
} Arrival;

static void
run_arrivals (SrudpAckRanges *ranges,
              const Arrival  *arrivals,
              guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      const Arrival *a = &arrivals[i];

      g_test_message ("packet %" G_GUINT64_FORMAT, a->number);
      g_assert_true (srudp_ack_ranges_add (ranges, a->now, a->number,
                                           a->eliciting, a->ecn));
      g_assert_cmpint (srudp_ack_ranges_get_deadline (ranges), ==,
                       a->deadline);
      if (a->deadline >= 0 && a->deadline <= a->now)
        srudp_ack_ranges_sent (ranges);
    }
}

static void
test_an_ack_is_due (void)
{
  static const Arrival arrivals[] = {
    /* The first waits, the second does not, the third waits again. */
    { 1000, 0, TRUE, SRUDP_ECN_NOT_ECT, 26000 },
    { 2000, 1, TRUE, SRUDP_ECN_NOT_ECT, 2000 },
    { 3000, 2, TRUE, SRUDP_ECN_NOT_ECT, 28000 },
    { 4000, 3, TRUE, SRUDP_ECN_ECT0, 4000 },
    /* What elicits no ACK owes none. */
    { 5000, 4, FALSE, SRUDP_ECN_NOT_ECT, -1 },
    /* A gap shows up: at once, and once. */
    { 6000, 6, TRUE, SRUDP_ECN_NOT_ECT, 6000 },
    { 7000, 7, TRUE, SRUDP_ECN_NOT_ECT, 32000 },
    /* A late one fills it: at once. */
    { 8000, 5, TRUE, SRUDP_ECN_NOT_ECT, 8000 },
    { 9000, 8, TRUE, SRUDP_ECN_CE, 9000 },
    { 9500, 9, TRUE, SRUDP_ECN_ECT1, 34500 },
  };
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  run_arrivals (&ranges, arrivals, G_N_ELEMENTS (arrivals));

  g_assert_cmpuint (ranges.ecn.ect0, ==, 1);
  g_assert_cmpuint (ranges.ecn.ect1, ==, 1);
  g_assert_cmpuint (ranges.ecn.ce, ==, 1);
  g_assert_cmpint (srudp_ack_ranges_get_delay (&ranges, 10000), ==, 500);
}

static void
test_the_peer_may_ask_for_fewer (void)
{
  static const Arrival arrivals[] = {
    { 0, 0, TRUE, SRUDP_ECN_NOT_ECT, 50000 },
    { 1, 1, TRUE, SRUDP_ECN_NOT_ECT, 50000 },
    { 2, 2, TRUE, SRUDP_ECN_NOT_ECT, 50000 },
    { 3, 3, TRUE, SRUDP_ECN_NOT_ECT, 3 },
    /* 4 is missing: it counts when three packets have passed it. */
    { 4, 5, TRUE, SRUDP_ECN_NOT_ECT, 50004 },
    { 5, 6, TRUE, SRUDP_ECN_NOT_ECT, 50004 },
    { 6, 7, TRUE, SRUDP_ECN_NOT_ECT, 6 },
    { 7, 8, TRUE, SRUDP_ECN_NOT_ECT, 50007 },
  };
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  srudp_ack_ranges_set_frequency (&ranges, 4, 3, 50000);
  run_arrivals (&ranges, arrivals, G_N_ELEMENTS (arrivals));
}

static void
test_an_ack_can_be_asked_for (void)
{
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  srudp_ack_ranges_request (&ranges, 10);
  g_assert_cmpint (srudp_ack_ranges_get_deadline (&ranges), ==, -1);

  srudp_ack_ranges_add (&ranges, 20, 0, FALSE, SRUDP_ECN_NOT_ECT);
  srudp_ack_ranges_request (&ranges, 30);
  g_assert_cmpint (srudp_ack_ranges_get_deadline (&ranges), ==, 30);
}

static void
test_what_the_peer_knows_is_forgotten (void)
{
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  for (guint64 i = 0; i < 20; i++)
    if (i % 5 != 4)
      add (&ranges, i);
  assert_ranges (&ranges, "15-18 10-13 5-8 0-3");
  srudp_ack_ranges_sent (&ranges);

  srudp_ack_ranges_forget (&ranges, 11);
  assert_ranges (&ranges, "15-18 12-13");
  /* Forgotten is not missing: no ACK at once for what follows. */
  srudp_ack_ranges_forget (&ranges, 18);
  assert_ranges (&ranges, "");
  add (&ranges, 19);
  g_assert_cmpint (srudp_ack_ranges_get_deadline (&ranges), ==, MAX_DELAY);
}

static void
test_what_no_ack_has_told_is_kept (void)
{
  g_auto (SrudpAckRanges) ranges = { 0 };

  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  for (guint64 i = 0; i < 10; i++)
    if (i != 4)
      add (&ranges, i);
  srudp_ack_ranges_sent (&ranges);

  add (&ranges, 4);
  srudp_ack_ranges_forget (&ranges, 9);
  assert_ranges (&ranges, "4-9");
  srudp_ack_ranges_sent (&ranges);
  srudp_ack_ranges_forget (&ranges, 9);
  assert_ranges (&ranges, "");
}

#define MODEL 512

/* Random arrivals and forgetting against a plain array. */
static void
test_random_agrees_with_a_model (void)
{
  guint32 seed = g_test_rand_int ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  gboolean model[MODEL] = { FALSE };
  g_auto (SrudpAckRanges) ranges = { 0 };

  g_test_message ("seed %u", seed);
  srudp_ack_ranges_init (&ranges, MAX_DELAY);
  for (guint step = 0; step < 20000; step++)
    {
      guint number = (guint) g_rand_int_range (rand, 0, 100) + step / 50;

      if (g_rand_int_range (rand, 0, 100) == 0)
        {
          srudp_ack_ranges_sent (&ranges);
          srudp_ack_ranges_forget (&ranges, number);
          for (guint i = 0; i <= number; i++)
            model[i] = FALSE;
        }
      else if (srudp_ack_ranges_add (&ranges, step, number, TRUE,
                                     SRUDP_ECN_NOT_ECT))
        {
          g_assert_false (model[number]);
          model[number] = TRUE;
        }

      /* At most 64 gaps fit into what the steps reach. */
      for (guint i = 0; i < ranges.n_ranges; i++)
        {
          g_assert_cmpuint (ranges.ranges[i].first, <=,
                            ranges.ranges[i].last);
          if (i > 0)
            g_assert_cmpuint (ranges.ranges[i].last + 1, <,
                              ranges.ranges[i - 1].first);
        }
      if (step % 16 == 0)
        for (guint i = 0; i < MODEL; i++)
          g_assert_cmpint (srudp_ack_ranges_contains (&ranges, i), ==,
                           model[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ack-ranges/ranges-grow-and-merge",
                   test_ranges_grow_and_merge);
  g_test_add_func ("/ack-ranges/only-the-newest-ranges-are-kept",
                   test_only_the_newest_ranges_are_kept);
  g_test_add_func ("/ack-ranges/an-ack-is-due", test_an_ack_is_due);
  g_test_add_func ("/ack-ranges/the-peer-may-ask-for-fewer",
                   test_the_peer_may_ask_for_fewer);
  g_test_add_func ("/ack-ranges/an-ack-can-be-asked-for",
                   test_an_ack_can_be_asked_for);
  g_test_add_func ("/ack-ranges/what-the-peer-knows-is-forgotten",
                   test_what_the_peer_knows_is_forgotten);
  g_test_add_func ("/ack-ranges/what-no-ack-has-told-is-kept",
                   test_what_no_ack_has_told_is_kept);
  g_test_add_func ("/ack-ranges/random-agrees-with-a-model",
                   test_random_agrees_with_a_model);

  return g_test_run ();
}
