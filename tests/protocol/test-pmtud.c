/*
 * SPDX-License-Identifier: MIT
 *
 * test-pmtud.c: tests of srudp-pmtud.c
 */
#include <srudp-pmtud.h>

#define MS 1000

typedef struct
{
  SrudpPmtud pmtud;
  gint64 now;
  guint64 next_number;
  guint path;       /* what it carries */
  guint n_probes;
} Search;

static void
search_init (Search *search,
             guint   minimum,
             guint   maximum,
             guint   path)
{
  *search = (Search) { .path = path };
  srudp_pmtud_init (&search->pmtud, 0, minimum, maximum);
}

/* Probes, each answered after 10 ms, until the search rests. */
static void
search_run (Search *search)
{
  SrudpPmtud *pmtud = &search->pmtud;
  gint64 deadline;

  while ((deadline = srudp_pmtud_get_deadline (pmtud)) >= 0
         && deadline < search->now + 10 * G_USEC_PER_SEC)
    {
      guint size;

      search->now = MAX (search->now, deadline);
      size = srudp_pmtud_get_probe (pmtud, search->now);
      g_assert_cmpuint (size, >, 0);
      srudp_pmtud_on_probe_sent (pmtud, search->now, search->next_number);
      g_assert_cmpuint (srudp_pmtud_get_probe (pmtud, search->now), ==, 0);
      search->n_probes++;
      search->now += 10 * MS;
      if (size <= search->path)
        srudp_pmtud_on_acked (pmtud, search->now, search->next_number, size);
      else
        srudp_pmtud_on_lost (pmtud, search->now, search->next_number, size);
      search->next_number++;
    }
}

static void
test_the_search_finds_what_fits (void)
{
  static const struct
  {
    guint minimum, maximum, path, at_least, max_probes;
  } cases[] = {
    { 1200, 1472, 1472, 1472, 8 },       /* Ethernet, IPv4 */
    { 1200, 65507, 65507, 65507, 20 },   /* loopback */
    { 1200, 65507, 1472, 1456, 30 },     /* Ethernet, not known to be */
    { 1200, 1452, 1392, 1360, 20 },      /* a tunnel */
    { 1200, 1472, 1200, 1200, 20 },      /* exactly the base */
    { 1200, 8972, 8952, 8952, 20 },      /* jumbo frames, IPv6 */
    { 548, 1472, 600, 580, 30 },         /* below the base, IPv4 only */
    { 548, 1472, 548, 548, 30 },
    { 1200, 1000, 1000, 1000, 3 },       /* the peer takes no more */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Search search;
      guint size;

      search_init (&search, cases[i].minimum, cases[i].maximum,
                   cases[i].path);
      search_run (&search);
      size = srudp_pmtud_get_size (&search.pmtud);
      g_test_message ("path %u: %u in %u probes", cases[i].path, size,
                      search.n_probes);
      g_assert_cmpuint (size, >=, cases[i].at_least);
      g_assert_cmpuint (size, <=, cases[i].path);
      g_assert_cmpuint (search.n_probes, <=, cases[i].max_probes);
    }
}

static void
test_one_lost_probe_proves_nothing (void)
{
  Search search;
  SrudpPmtud *pmtud = &search.pmtud;

  search_init (&search, 1200, 1472, 1472);
  for (guint i = 0; i < 2; i++)
    {
      search.now = srudp_pmtud_get_deadline (pmtud);
      srudp_pmtud_on_probe_sent (pmtud, search.now, i);
      g_assert_false (srudp_pmtud_on_lost (pmtud, search.now, i, 1200));
      g_assert_cmpint (srudp_pmtud_get_deadline (pmtud), >, search.now);
    }
  search.next_number = 2;
  search_run (&search);

  g_assert_cmpuint (srudp_pmtud_get_size (pmtud), ==, 1472);
}

static void
test_a_refused_probe_ends_that_size (void)
{
  Search search;
  SrudpPmtud *pmtud = &search.pmtud;
  guint size;

  search_init (&search, 1200, 65507, 1400);
  while ((size = srudp_pmtud_get_probe (pmtud, search.now)) <= 1400)
    {
      srudp_pmtud_on_probe_sent (pmtud, search.now, search.next_number);
      srudp_pmtud_on_acked (pmtud, search.now, search.next_number++, size);
    }
  srudp_pmtud_on_too_big (pmtud, search.now, size);

  g_assert_cmpuint (srudp_pmtud_get_probe (pmtud, search.now), <, size);
}

/* Full-sized packets vanish for a second, small ones arrive. */
static void
lose_large_ones (Search *search)
{
  for (guint i = 0; i < 20; i++)
    {
      guint size = srudp_pmtud_get_size (&search->pmtud);

      search->now += 60 * MS;
      if (size > search->path)
        srudp_pmtud_on_lost (&search->pmtud, search->now,
                             search->next_number++, size);
      srudp_pmtud_on_acked (&search->pmtud, search->now,
                            search->next_number++, 100);
    }
}

static void
test_a_black_hole_is_left_and_grown_out_of (void)
{
  Search search;

  search_init (&search, 1200, 1472, 1472);
  search_run (&search);

  search.path = 1252;
  lose_large_ones (&search);
  g_assert_cmpuint (srudp_pmtud_get_size (&search.pmtud), ==, 1200);
  search_run (&search);
  g_assert_cmpuint (srudp_pmtud_get_size (&search.pmtud), <=, 1252);
  g_assert_cmpuint (srudp_pmtud_get_size (&search.pmtud), >=, 1232);

  /* The path is as it was, and the raise timer finds out. */
  search.path = 1472;
  search.now += 600 * (gint64) G_USEC_PER_SEC;
  search_run (&search);
  g_assert_cmpuint (srudp_pmtud_get_size (&search.pmtud), ==, 1472);
}

static void
test_ordinary_loss_is_no_black_hole (void)
{
  Search search;

  search_init (&search, 1200, 1472, 1472);
  search_run (&search);
  for (guint i = 0; i < 1000; i++)
    {
      search.now += MS;
      if (i % 6 == 0)
        srudp_pmtud_on_acked (&search.pmtud, search.now,
                              search.next_number++, 1472);
      else
        g_assert_false (srudp_pmtud_on_lost (&search.pmtud, search.now,
                                             search.next_number++, 1472));
    }
  /* A burst that is over quickly is none either. */
  for (guint i = 0; i < 100; i++)
    g_assert_false (srudp_pmtud_on_lost (&search.pmtud, search.now + i,
                                         search.next_number++, 1472));

  g_assert_cmpuint (srudp_pmtud_get_size (&search.pmtud), ==, 1472);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pmtud/the-search-finds-what-fits",
                   test_the_search_finds_what_fits);
  g_test_add_func ("/pmtud/one-lost-probe-proves-nothing",
                   test_one_lost_probe_proves_nothing);
  g_test_add_func ("/pmtud/a-refused-probe-ends-that-size",
                   test_a_refused_probe_ends_that_size);
  g_test_add_func ("/pmtud/a-black-hole-is-left-and-grown-out-of",
                   test_a_black_hole_is_left_and_grown_out_of);
  g_test_add_func ("/pmtud/ordinary-loss-is-no-black-hole",
                   test_ordinary_loss_is_no_black_hole);

  return g_test_run ();
}
