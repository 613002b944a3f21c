/*
 * SPDX-License-Identifier: MIT
 *
 * test-prospects.c: which path is worth a move, and what asking costs
 */
#include "srudp-prospects.h"

#include <string.h>

#define MS 1000
#define SECOND G_USEC_PER_SEC

static SrudpAddress
make_address (guint8 a,
              guint8 d)
{
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, (const guint8[4]) { a, 1, 113, d }, 4000);

  return address;
}

static SrudpAddress
make_ipv6 (void)
{
  SrudpAddress address;

  srudp_address_init_ipv6 (&address, (const guint8[16]) { 0x20, 1, [15] = 1 },
                           4000, 0);

  return address;
}

/* How long it takes until a path with such a round trip is moved to; -1: it
 * isn't. `every` so many answers take as long as the path in use. */
static gint64
seek (SrudpAddress remote,
      gint64       rtt_us,
      gint64       active_rtt_us,
      guint        every)
{
  SrudpProspects prospects = { 0 };
  SrudpPath active = { .remote = make_address (203, 1) };
  const SrudpPath *better;
  gint64 now = 0;
  guint n = 0;

  srudp_prospects_add (&prospects, 0, &remote);
  while ((now = MAX (now, srudp_prospects_get_deadline (&prospects))) >= 0
         && srudp_prospects_get_deadline (&prospects) >= 0)
    {
      SrudpProspect *item = srudp_prospects_next (&prospects, now);
      SrudpPath path;

      if (item == NULL)
        continue;
      memset (item->challenge, (int) ++n, sizeof item->challenge);
      path = item->path;
      now += every > 0 && n % every == 0 ? active_rtt_us : rtt_us;
      g_assert_true (srudp_prospects_answer (&prospects, now, &path,
                                             item->challenge, &active,
                                             active_rtt_us, &better));
      if (better != NULL)
        {
          g_assert_true (srudp_address_equal (&better->remote, &remote));
          srudp_prospects_clear (&prospects);
          return now;
        }
    }
  g_assert_cmpuint (n, >, 4);
  srudp_prospects_clear (&prospects);

  return -1;
}

static void
test_better (void)
{
  SrudpAddress public = make_address (203, 2), home = make_address (10, 2);
  static const struct
  {
    gint64 rtt_us, active_us;
    guint every;
    gboolean moves;
  } rows[] = {
    { 100 * MS, 100 * MS, 0, FALSE }, { 91 * MS, 100 * MS, 0, FALSE },
    { 89 * MS, 100 * MS, 0, TRUE },   { 17 * MS, 20 * MS, 0, FALSE },
    { 15 * MS, 20 * MS, 0, TRUE },    { 300, 600, 0, FALSE },
    { 50 * MS, 100 * MS, 3, FALSE },  { 50 * MS, 100 * MS, 15, TRUE },
    { 50 * MS, -1, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 at_us = seek (public, rows[i].rtt_us, rows[i].active_us,
                           rows[i].every);

      g_test_message ("row %u", i);
      if (!rows[i].moves)
        g_assert_cmpint (at_us, ==, -1);
      else
        {
          g_assert_cmpint (at_us, >=, 2 * SECOND);
          g_assert_cmpint (at_us, <=, 7 * SECOND);
        }
    }

  /* The way within the local network, and that without a NAT. */
  g_assert_cmpint (seek (home, 600, 600, 0), >, 0);
  g_assert_cmpint (seek (home, 9 * MS, 5 * MS, 0), ==, -1);
  g_assert_cmpint (seek (make_ipv6 (), 21 * MS, 20 * MS, 0), >, 0);
  g_assert_cmpint (seek (make_ipv6 (), 30 * MS, 20 * MS, 0), ==, -1);
}

/* Asks along all of them until nobody wants to any more. */
static guint
ask_all (SrudpProspects *prospects,
         gint64         *now)
{
  guint n = 0;

  while (srudp_prospects_get_deadline (prospects) >= 0)
    {
      *now = MAX (*now, srudp_prospects_get_deadline (prospects));
      while (srudp_prospects_next (prospects, *now) != NULL)
        n++;
    }

  return n;
}

static void
test_silent (void)
{
  SrudpProspects prospects = { 0 };
  SrudpAddress address = make_address (203, 2);
  gint64 now = 5 * SECOND;

  srudp_prospects_add (&prospects, now, &address);
  srudp_prospects_add (&prospects, now, &address);
  g_assert_cmpuint (ask_all (&prospects, &now), ==, 6);
  g_assert_cmpint (now, <, 10 * SECOND);
  srudp_prospects_clear (&prospects);
}

/* A peer may name ever more addresses: it is heard once a second. */
static void
test_bounded (void)
{
  SrudpProspects prospects = { 0 };
  gint64 now = SECOND;
  guint n = 0;

  for (guint round = 0; round < 100; round++)
    {
      for (guint i = 0; i < 50; i++)
        {
          SrudpAddress address = make_address (203, (guint8) i);

          srudp_prospects_add (&prospects, now, &address);
        }
      g_assert_cmpuint (prospects.n_items, ==, SRUDP_MAX_PROSPECTS);
      n += ask_all (&prospects, &now);
      srudp_prospects_clear (&prospects);
    }
  g_assert_cmpuint (n, <=, 120 + (guint) (now / SECOND));
}

static void
test_forged (void)
{
  SrudpProspects prospects = { 0 };
  SrudpAddress address = make_address (203, 2);
  SrudpPath active = { .remote = make_address (203, 1) };
  SrudpPath path = { .remote = address };
  const SrudpPath *better;
  guint8 answer[SRUDP_PATH_CHALLENGE_BYTES] = { 0 };
  SrudpProspect *item;

  srudp_prospects_add (&prospects, 0, &address);
  g_assert_false (srudp_prospects_answer (&prospects, 0, &path, answer, &active,
                                          SECOND, &better));
  item = srudp_prospects_next (&prospects, 0);
  memset (item->challenge, 7, sizeof item->challenge);
  g_assert_false (srudp_prospects_answer (&prospects, MS, &path, answer,
                                          &active, SECOND, &better));
  memset (answer, 7, sizeof answer);
  g_assert_true (srudp_prospects_answer (&prospects, MS, &path, answer,
                                         &active, SECOND, &better));
  /* Once. */
  g_assert_false (srudp_prospects_answer (&prospects, MS, &path, answer,
                                          &active, SECOND, &better));
  srudp_prospects_clear (&prospects);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/prospects/better-for-two-seconds", test_better);
  g_test_add_func ("/prospects/silent-ones-are-given-up", test_silent);
  g_test_add_func ("/prospects/what-a-peer-names-is-bounded", test_bounded);
  g_test_add_func ("/prospects/only-their-own-answers-count", test_forged);

  return g_test_run ();
}
