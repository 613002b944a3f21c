/*
 * SPDX-License-Identifier: MIT
 *
 * test-range-set.c: ranges merge, split and stay sorted
 */
#include "srudp-range-set.h"

#include <string.h>

typedef struct
{
  char operation; /* '+' add, '-' remove, '1' drop the first */
  guint64 start, end;
  const char *expected;
} Step;

static const Step steps[] = {
  { '+', 10, 20, "10-20" },
  { '+', 5, 5, "10-20" },
  { '+', 30, 40, "10-20 30-40" },
  { '+', 0, 2, "0-2 10-20 30-40" },
  { '+', 20, 25, "0-2 10-25 30-40" },
  { '+', 8, 10, "0-2 8-25 30-40" },
  { '+', 25, 30, "0-2 8-40" },
  { '-', 10, 12, "0-2 8-10 12-40" },
  { '-', 9, 13, "0-2 8-9 13-40" },
  { '-', 2, 8, "0-2 8-9 13-40" },
  { '-', 38, 100, "0-2 8-9 13-38" },
  { '1', 0, 0, "8-9 13-38" },
  { '+', 0, 100, "0-100" },
  { '-', 0, 1, "1-100" },
  { '-', 0, G_MAXUINT64, "" },
  { '1', 0, 0, "" },
  { '+', G_MAXUINT64 - 1, G_MAXUINT64, "18446744073709551614-18446744073709551615" },
};

static char *
format_set (const SrudpRangeSet *set)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < srudp_range_set_get_n_ranges (set); i++)
    {
      const SrudpRange *range = srudp_range_set_get (set, i);

      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                              i > 0 ? " " : "", range->start, range->end);
    }

  return g_string_free (text, FALSE);
}

static void
test_merges_and_splits (void)
{
  SrudpRangeSet set;

  srudp_range_set_init (&set, 100);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *text = NULL;

      if (steps[i].operation == '+')
        g_assert_true (srudp_range_set_add (&set, steps[i].start, steps[i].end));
      else if (steps[i].operation == '-')
        g_assert_true (srudp_range_set_remove (&set, steps[i].start, steps[i].end));
      else
        srudp_range_set_drop_first (&set);
      text = format_set (&set);
      g_assert_cmpstr (text, ==, steps[i].expected);
    }
  srudp_range_set_clear (&set);
}

static void
test_is_bounded (void)
{
  SrudpRangeSet set;

  srudp_range_set_init (&set, 3);
  g_assert_true (srudp_range_set_add (&set, 0, 10));
  g_assert_true (srudp_range_set_add (&set, 20, 30));
  g_assert_true (srudp_range_set_add (&set, 40, 50));
  g_assert_false (srudp_range_set_add (&set, 60, 70));
  g_assert_false (srudp_range_set_remove (&set, 4, 5));
  g_assert_cmpuint (srudp_range_set_get_n_ranges (&set), ==, 3);
  g_assert_true (srudp_range_set_contains (&set, 4));
  /* What makes no more of them is still possible. */
  g_assert_true (srudp_range_set_add (&set, 50, 55));
  g_assert_true (srudp_range_set_add (&set, 5, 60));
  g_assert_cmpuint (srudp_range_set_get_n_ranges (&set), ==, 1);
  srudp_range_set_clear (&set);
  g_assert_null (set.ranges);
}

#define UNIVERSE 300

static void
assert_equals_model (const SrudpRangeSet *set,
                     const guint8        *model)
{
  guint n_ranges = 0;

  for (guint i = 0; i < UNIVERSE; i++)
    {
      const SrudpRange *found = srudp_range_set_get (set, srudp_range_set_find (set, i));

      g_assert_cmpint (srudp_range_set_contains (set, i), ==, model[i]);
      if (found != NULL)
        g_assert_cmpuint (found->end, >, i);
      n_ranges += model[i] && (i == 0 || !model[i - 1]);
    }
  g_assert_cmpuint (srudp_range_set_get_n_ranges (set), ==, n_ranges);
}

static void
test_equals_model (void)
{
  guint8 model[UNIVERSE] = { 0 };
  SrudpRangeSet set;

  srudp_range_set_init (&set, UNIVERSE);
  for (guint i = 0; i < 3000; i++)
    {
      guint start = (guint) g_test_rand_int_range (0, UNIVERSE);
      guint end = start + (guint) g_test_rand_int_range (0, 12);
      gboolean add = g_test_rand_int_range (0, 2);

      end = MIN (end, UNIVERSE);
      if (add)
        g_assert_true (srudp_range_set_add (&set, start, end));
      else
        g_assert_true (srudp_range_set_remove (&set, start, end));
      memset (model + start, add, end - start);
      if (g_test_rand_int_range (0, 10) == 0)
        {
          const SrudpRange *first = srudp_range_set_get (&set, 0);

          if (first != NULL)
            memset (model + first->start, 0, first->end - first->start);
          srudp_range_set_drop_first (&set);
        }
      assert_equals_model (&set, model);
    }
  srudp_range_set_clear (&set);
}

/* A window that slides up, as for acknowledged bytes, stays small. */
static void
test_sliding_stays_small (void)
{
  SrudpRangeSet set;

  srudp_range_set_init (&set, 100);
  for (guint64 i = 0; i < 100000; i++)
    {
      srudp_range_set_add (&set, i * 10, i * 10 + 5);
      if (i >= 20)
        srudp_range_set_drop_first (&set);
    }
  g_assert_cmpuint (srudp_range_set_get_n_ranges (&set), ==, 20);
  g_assert_cmpuint (set.allocated, <=, 64);
  srudp_range_set_clear (&set);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/range-set/merges-and-splits", test_merges_and_splits);
  g_test_add_func ("/range-set/is-bounded", test_is_bounded);
  g_test_add_func ("/range-set/equals-model", test_equals_model);
  g_test_add_func ("/range-set/sliding-stays-small", test_sliding_stays_small);

  return g_test_run ();
}
