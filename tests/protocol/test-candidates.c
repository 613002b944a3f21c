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
  g_assert_false (srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &none));
  g_assert_false (srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &broadcast));
  for (guint i = 0; i < SRUDP_MAX_GIVEN_CANDIDATES; i++)
    {
      SrudpAddress address = make_address (i);

      g_assert_true (srudp_candidates_add (&candidates, 0,
                                           SRUDP_CANDIDATE_GIVEN, &address));
      g_assert_false (srudp_candidates_add (&candidates, 0,
                                           SRUDP_CANDIDATE_GIVEN, &address));
      g_assert_true (srudp_candidates_contains (&candidates, &address));
      address.port++;
      g_assert_false (srudp_candidates_contains (&candidates, &address));
      g_assert_true (srudp_candidates_contains_ip (&candidates, &address));
    }

  {
    SrudpAddress address = make_address (SRUDP_MAX_GIVEN_CANDIDATES);

    g_assert_false (srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &address));
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
      SrudpPath path;

      if (!srudp_candidates_next (candidates, now, g_rand_int (rand), FALSE, &path))
        {
          g_assert_cmpint (srudp_candidates_get_deadline (candidates), >, now);
          continue;
        }
      per_candidate[path.remote.ip[3]]++;
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

  srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &address);
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

  for (guint i = 0; i < SRUDP_MAX_GIVEN_CANDIDATES; i++)
    {
      SrudpAddress address = make_address (i);

      srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &address);
    }
  g_assert_cmpuint (probe (&candidates, rand, 0, SECOND, count), <=, 200);
  for (guint i = 0; i < SRUDP_MAX_GIVEN_CANDIDATES; i++)
    g_assert_cmpuint (count[i], >=, 4);
}

static void
test_late_candidate (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  SrudpCandidates candidates = { 0 };
  SrudpAddress address = make_address (0), late = make_address (1);
  guint count[256] = { 0 };

  srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &address);
  probe (&candidates, rand, 0, 20 * SECOND, count);
  srudp_candidates_add (&candidates, 20 * SECOND,
                        SRUDP_CANDIDATE_GIVEN, &late);
  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, 20 * SECOND);
  probe (&candidates, rand, 20 * SECOND, 21 * SECOND, count);
  g_assert_cmpuint (count[1], >=, 20);
}

static void
test_no_candidates (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpPath path;

  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, -1);
  g_assert_false (srudp_candidates_next (&candidates, 0, 0, FALSE, &path));
}

/* The next `n` ports that are tried. */
static void
collect_ports (SrudpCandidates *candidates,
               guint            n,
               guint16          ports[])
{
  gint64 now = 0;

  for (guint i = 0; i < n; i++, now += SRUDP_PROBE_GAP_US)
    {
      SrudpPath path;

      g_assert_true (srudp_candidates_next (candidates, now, 0, FALSE, &path));
      ports[i] = path.remote.port;
    }
}

/* Each guess of a side takes the next port of its own NAT. */
static gboolean
meet (guint a_skipped,
      guint b_skipped)
{
  SrudpCandidates a = { 0 }, b = { 0 };
  SrudpNatFacts of_a = { .mapping = SRUDP_MAPPING_ENDPOINT_DEPENDENT,
                         .address = make_address (1),
                         .port_delta = 1 };
  SrudpNatFacts of_b = { .mapping = SRUDP_MAPPING_ENDPOINT_DEPENDENT,
                         .address = make_address (2),
                         .port_delta = -2 };
  guint16 from_a[SRUDP_MAX_PREDICTED_CANDIDATES];
  guint16 from_b[SRUDP_MAX_PREDICTED_CANDIDATES];

  srudp_candidates_predict (&a, 0, &of_b, FALSE);
  srudp_candidates_predict (&b, 0, &of_a, TRUE);
  collect_ports (&a, SRUDP_MAX_PREDICTED_CANDIDATES, from_a);
  collect_ports (&b, SRUDP_MAX_PREDICTED_CANDIDATES, from_b);
  for (guint i = 0; i < SRUDP_MAX_PREDICTED_CANDIDATES; i++)
    for (guint k = 0; k < SRUDP_MAX_PREDICTED_CANDIDATES; k++)
      if (from_a[i] == of_b.address.port - 2 * (int) (k + 1 + b_skipped)
          && from_b[k] == of_a.address.port + (int) (i + 1 + a_skipped))
        return TRUE;

  return FALSE;
}

static void
test_predictions_meet (void)
{
  for (guint a_skipped = 0; a_skipped < 4; a_skipped++)
    for (guint b_skipped = 0; b_skipped < 4; b_skipped++)
      g_assert_true (meet (a_skipped, b_skipped));
}

static void
test_predictions_bounded (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpNatFacts hint = { .mapping = SRUDP_MAPPING_ENDPOINT_DEPENDENT,
                         .address = make_address (1),
                         .port_delta = 1 };

  hint.address.port = 65530;
  srudp_candidates_predict (&candidates, 0, &hint, FALSE);
  g_assert_cmpuint (candidates.n_items, ==, 5);
  hint.address.port = 1026;
  hint.port_delta = -1;
  srudp_candidates_predict (&candidates, 0, &hint, FALSE);
  g_assert_cmpuint (candidates.n_items, ==, 7);
  hint.port_delta = 0;
  srudp_candidates_predict (&candidates, 0, &hint, FALSE);
  hint.port_delta = 1;
  hint.mapping = SRUDP_MAPPING_ENDPOINT_INDEPENDENT;
  srudp_candidates_predict (&candidates, 0, &hint, FALSE);
  g_assert_cmpuint (candidates.n_items, ==, 7);
}

static void
test_families_take_turns (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpPath path;
  guint8 last = 0;

  for (guint i = 0; i < 8; i++)
    {
      SrudpAddress address = make_address (i);
      guint8 ip[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = (guint8) i };

      if (i >= 4)
        srudp_address_init_ipv6 (&address, ip, 4000, 0);
      srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &address);
    }
  for (guint i = 0; i < 8; i++)
    {
      g_assert_true (srudp_candidates_next (&candidates, i * SRUDP_PROBE_GAP_US,
                                            0, FALSE, &path));
      g_assert_cmpuint (path.remote.family, !=, last);
      last = path.remote.family;
    }
}

/* Who asks to come again is answered at once, but not a second time so. */
static void
test_hurry (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpAddress address = make_address (1), stranger = make_address (2);
  SrudpPath path;

  srudp_candidates_add (&candidates, 0, SRUDP_CANDIDATE_GIVEN, &address);
  g_assert_true (srudp_candidates_next (&candidates, 0, 0, FALSE, &path));

  srudp_candidates_hurry (&candidates, 100, &stranger);
  g_assert_false (srudp_candidates_next (&candidates, 100, 0, FALSE, &path));
  srudp_candidates_hurry (&candidates, 100, &address);
  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, 100);
  g_assert_true (srudp_candidates_next (&candidates, 100, 0, FALSE, &path));

  srudp_candidates_hurry (&candidates, 200, &address);
  g_assert_false (srudp_candidates_next (&candidates, 200, 0, FALSE, &path));
  g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==,
                   100 + SRUDP_PROBE_GAP_US);
}

/* What is heard from an address that nobody named is worth two packets. */
static void
test_peer_reflexive (void)
{
  SrudpCandidates candidates = { 0 };
  SrudpPath path = { .remote = make_address (1), .socket = 7 }, out;
  gint64 now = 0;

  for (guint n = 1; n <= 2; n++)
    {
      srudp_candidates_hear (&candidates, now, &path);
      for (guint i = 0; i < 2; i++)
        {
          now = srudp_candidates_get_deadline (&candidates);
          g_assert_true (srudp_candidates_next (&candidates, now, 0, FALSE, &out));
          g_assert_true (srudp_path_equal (&path, &out));
        }
      g_assert_cmpint (srudp_candidates_get_deadline (&candidates), ==, -1);
    }

  for (guint i = 0; i < 2 * SRUDP_MAX_REFLEXIVE_CANDIDATES; i++)
    {
      path.remote.port++;
      srudp_candidates_hear (&candidates, now, &path);
    }
  g_assert_cmpuint (candidates.n_items, ==, SRUDP_MAX_REFLEXIVE_CANDIDATES);
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
  g_test_add_func ("/candidates/families-take-turns", test_families_take_turns);
  g_test_add_func ("/candidates/who-asks-to-come-again-is-answered-at-once",
                   test_hurry);
  g_test_add_func ("/candidates/peer-reflexive-ones-are-bounded",
                   test_peer_reflexive);
  g_test_add_func ("/candidates/predicted/two-sides-meet", test_predictions_meet);
  g_test_add_func ("/candidates/predicted/only-real-ports",
                   test_predictions_bounded);
  g_test_add_func ("/path-token/holds-for-its-path-and-time", test_token);

  return g_test_run ();
}
