/*
 * SPDX-License-Identifier: MIT
 *
 * test-candidates.c: which address is tried when, and path tokens
 */
#include "srudp-candidates.h"

#include "srudp-path-token.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

static SrudpAddress
make_address (guint n)
{
  SrudpAddress address;
  guint8 ip[4] = { 203, 0, 113, (guint8) n };

  srudp_address_init_ipv4 (&address, ip, 4000);

  return address;
}

static void
test_add (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpAddress none = { 0 };
  SrudpAddress broadcast;

  srudp_address_init_ipv4 (&broadcast, (const guint8[4]) { 255, 255, 255, 255 }, 1);
  g_assert_false (srudp_candidates_add (&candidates, 0, &none));
  g_assert_false (srudp_candidates_add (&candidates, 0, &broadcast));
  for (guint i = 0; i < SRUDP_MAX_CANDIDATES; i++)
    {
      SrudpAddress address = make_address (i);

      g_assert_true (srudp_candidates_add (&candidates, 0, &address));
      g_assert_false (srudp_candidates_add (&candidates, 0, &address));
      g_assert_true (srudp_candidates_contains (&candidates, &address));
      address.port++;
      g_assert_false (srudp_candidates_contains (&candidates, &address));
      g_assert_true (srudp_candidates_contains_ip (&candidates, &address));
    }

  {
    SrudpAddress address = make_address (SRUDP_MAX_CANDIDATES);

    g_assert_false (srudp_candidates_add (&candidates, 0, &address));
  }
}

/* Probes of the first `n` candidates until `end`; returns how many. */
static guint
probe (SrudpCandidates *candidates,
       GRand           *rand,
       gint64           from,
       gint64           end,
       guint           *per_candidate)
{
  guint n_probes = 0;

  for (gint64 now = from; now < end;
       now = MAX (now, srudp_candidates_get_deadline (candidates)))
    {
      SrudpAddress address;

      if (!srudp_candidates_next (candidates, now, g_rand_int (rand), FALSE, &address))
        {
          g_assert_cmpint (srudp_candidates_get_deadline (candidates), >, now);
          continue;
        }
      per_candidate[address.ip[3]]++;
      n_probes++;
    }

  return n_probes;
}

static void
test_pace_of_one (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  SrudpCandidates candidates = { 0 };
  SrudpAddress address = make_address (0);
  guint count[256] = { 0 };
  guint n_probes;

  srudp_candidates_add (&candidates, 0, &address);
  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, 0);
  n_probes = probe (&candidates, rand, 0, SECOND, count);
  g_assert_cmpuint (n_probes, >=, 20);
  g_assert_cmpuint (n_probes, <=, 50);

  /* Later about once a second, for ever. */
  probe (&candidates, rand, SECOND, 60 * SECOND, count);
  n_probes = probe (&candidates, rand, 60 * SECOND, 160 * SECOND, count);
  g_assert_cmpuint (n_probes, >=, 100);
  g_assert_cmpuint (n_probes, <=, 140);
}

static void
test_pace_of_many (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  SrudpCandidates candidates = { 0 };
  guint count[256] = { 0 };

  for (guint i = 0; i < SRUDP_MAX_CANDIDATES; i++)
    {
      SrudpAddress address = make_address (i);

      srudp_candidates_add (&candidates, 0, &address);
    }
  g_assert_cmpuint (probe (&candidates, rand, 0, SECOND, count), <=, 200);
  for (guint i = 0; i < SRUDP_MAX_CANDIDATES; i++)
    g_assert_cmpuint (count[i], >=, 5);
}

static void
test_late_candidate (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  SrudpCandidates candidates = { 0 };
  SrudpAddress address = make_address (0), late = make_address (1);
  guint count[256] = { 0 };

  srudp_candidates_add (&candidates, 0, &address);
  probe (&candidates, rand, 0, 20 * SECOND, count);
  srudp_candidates_add (&candidates, 20 * SECOND, &late);
  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, 20 * SECOND);
  probe (&candidates, rand, 20 * SECOND, 21 * SECOND, count);
  g_assert_cmpuint (count[1], >=, 20);
}

static void
test_no_candidates (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpAddress address;

  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, -1);
  g_assert_false (srudp_candidates_next (&candidates, 0, 0, FALSE, &address));
}

static void
test_token (void)
{
  const guint8 key[SRUDP_KEY_BYTES] = { 1 }, other_key[SRUDP_KEY_BYTES] = { 2 };
  SrudpAddress address = make_address (1), other = make_address (2);
  gint64 now = 1000 * SECOND;
  guint64 token = srudp_path_token_make (key, now, &address, 5);

  g_assert_true (srudp_path_token_check (key, now, &address, 5, token));
  g_assert_true (srudp_path_token_check (key, now + SRUDP_PATH_TOKEN_SLOT_US,
                                         &address, 5, token));
  g_assert_false (srudp_path_token_check (key, now + 2 * SRUDP_PATH_TOKEN_SLOT_US,
                                          &address, 5, token));
  g_assert_false (srudp_path_token_check (key, now, &address, 6, token));
  g_assert_false (srudp_path_token_check (key, now, &address, 5, token ^ 1));
  g_assert_false (srudp_path_token_check (key, now, &other, 5, token));
  g_assert_false (srudp_path_token_check (other_key, now, &address, 5, token));
  address.port++;
  g_assert_false (srudp_path_token_check (key, now, &address, 5, token));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!srudp_crypto_init ())
    return 1;

  g_test_add_func ("/candidates/add", test_add);
  g_test_add_func ("/candidates/none", test_no_candidates);
  g_test_add_func ("/candidates/pace/one", test_pace_of_one);
  g_test_add_func ("/candidates/pace/many", test_pace_of_many);
  g_test_add_func ("/candidates/pace/late-one-starts-fast", test_late_candidate);
  g_test_add_func ("/path-token/holds-for-its-path-and-time", test_token);

  return g_test_run ();
}
