/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-open.c: they always find each other, and agree on what they found
 */
#include "sim-match.h"

#include <string.h>

#define LOSSY { .delay_us = 15 * SIM_MS, .loss = 0.3 }
/* Both ways need three packets; each is repeated often enough. */
#define CONNECT_LIMIT (30 * SIM_S)
#define MAX_SKEW (2 * SIM_S)

typedef struct
{
  SimLinkConfig link;
  gboolean a_accepts, b_accepts, b_opens, pinned;
} OpenScenario;

static void
open_a_cb (gpointer data)
{
  sim_talk_open_a (data, FALSE);
}

static void
open_b_cb (gpointer data)
{
  sim_talk_open_b (data, FALSE);
}

static void
open_a_pinned_cb (gpointer data)
{
  sim_talk_open_a (data, TRUE);
}

static void
open_b_pinned_cb (gpointer data)
{
  sim_talk_open_b (data, TRUE);
}

/* Returns the later of both starts. */
static gint64
plan_opens (SimTalk            *talk,
            const OpenScenario *s)
{
  SimWorld *world = talk->world;
  gint64 skew = (gint64) sim_rng_below (&world->rng, 2 * MAX_SKEW) - MAX_SKEW;
  gint64 a_at = MAX_SKEW, b_at = MAX_SKEW + skew;

  talk->app_a->n_opens_to_come = 1;
  talk->app_b->n_opens_to_come = s->b_opens;
  srudp_engine_set_accepting (talk->pair.a->engine, s->a_accepts);
  srudp_engine_set_accepting (talk->pair.b->engine, s->b_accepts);
  sim_world_at (world, a_at, s->pinned ? open_a_pinned_cb : open_a_cb, talk);
  if (!s->b_opens)
    return a_at;
  sim_world_at (world, b_at, s->pinned ? open_b_pinned_cb : open_b_cb, talk);

  return MAX (a_at, b_at);
}

/* Long after, there is still one session on each side and no other. */
static void
check_single (SimTalk            *talk,
              const OpenScenario *s,
              SimOutcome         *outcome)
{

  sim_world_run (talk->world, talk->world->clock.now_us + 5 * SIM_S);
  if (sim_app_count_established (talk->app_a) != 1
      || sim_app_count_established (talk->app_b) != 1)
    sim_outcome_fail (outcome, "%u and %u sessions are up",
                      sim_app_count_established (talk->app_a),
                      sim_app_count_established (talk->app_b));
  if (sim_talk_end_a (talk)->incoming
      || sim_talk_end_b (talk)->incoming == s->b_opens)
    sim_outcome_fail (outcome, "an open is not what was opened");
}

static void
run_open (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  const OpenScenario *s = scenario;
  g_auto (SimTalk) talk = { 0 };
  gint64 later_us, up_us;

  sim_talk_init (&talk, seed, &s->link, &s->link, 1000);
  later_us = plan_opens (&talk, s);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT + MAX_SKEW, outcome))
    return;

  up_us = MAX (sim_talk_end_a (&talk)->established_us,
               sim_talk_end_b (&talk)->established_us);
  outcome->value = (double) MAX (up_us - later_us, 0) / 1e3;
  if (sim_talk_finish (&talk, 30 * SIM_S, outcome))
    check_single (&talk, s, outcome);
}

static void
test_open (gconstpointer data)
{
  const OpenScenario *s = data;
  SimRow row = { g_test_get_path (), "ms", 1000, run_open, s,
                 SIM_LOWER_IS_BETTER, 300, 2500 };

  sim_report_run (&row);
}

static const OpenScenario both_open = { LOSSY, 0, 0, TRUE, FALSE };
static const OpenScenario both_open_pinned = { LOSSY, 0, 0, TRUE, TRUE };
static const OpenScenario one_accepts = { LOSSY, 0, TRUE, FALSE, FALSE };
static const OpenScenario one_accepts_pinned = { LOSSY, 0, TRUE, FALSE, TRUE };
static const OpenScenario all_open_and_accept
  = { LOSSY, TRUE, TRUE, TRUE, FALSE };
static const OpenScenario all_pinned = { LOSSY, TRUE, TRUE, TRUE, TRUE };
static const OpenScenario corrupting = {
  { .delay_us = 15 * SIM_MS, .corrupt = 0.3 }, 0, 0, TRUE, FALSE
};

/* Host 1 opens to 2 and 3, who open to it, and accepts 4. */
typedef struct
{
  SimStar star;
  SimApp *apps[4];
  gboolean pinned;
} Party;

typedef struct
{
  Party *party;
  guint from, to;
} PartyOpen;

static SimNode *
party_node (Party *party,
            guint  i)
{
  return g_ptr_array_index (party->star.nodes, i);
}

static void
party_open_cb (gpointer data)
{
  PartyOpen *open = data;
  SimNode *peer = party_node (open->party, open->to);
  guint8 key[SRUDP_KEY_BYTES];

  srudp_engine_get_public_key (peer->engine, key);
  sim_app_open (open->party->apps[open->from], &peer->config.address,
                open->party->pinned ? key : NULL);
}

static gboolean
party_is_up (gpointer data)
{
  Party *party = data;

  if (sim_app_count_established (party->apps[0]) < 3)
    return FALSE;
  for (guint i = 1; i < 4; i++)
    if (sim_app_count_established (party->apps[i]) < 1)
      return FALSE;

  return TRUE;
}

static gboolean
party_is_done (gpointer data)
{
  Party *party = data;

  for (guint i = 0; i < 4; i++)
    for (guint j = 0; j < party->apps[i]->ends->len; j++)
      if (!sim_end_is_done (g_ptr_array_index (party->apps[i]->ends, j)))
        return FALSE;

  return TRUE;
}

/* From the later of the opens to the later of the two being up. */
static double
set_up_ms (const SimEnd *here,
           const SimEnd *there)
{
  gint64 later_us = there->started_us;

  if (!here->incoming)
    later_us = MAX (later_us, here->started_us);

  return (double) (MAX (here->established_us, there->established_us)
                   - later_us) / 1e3;
}

/* The outcome is the slowest of the three. */
static void
check_party (Party      *party,
             SimOutcome *outcome)
{
  for (guint i = 1; i < 4; i++)
    {
      SimEnd *there = sim_app_find_peer (party->apps[i], party_node (party, 0));
      SimEnd *here = sim_app_find_peer (party->apps[0], party_node (party, i));

      if (!sim_match_check_done (here, there, outcome))
        return;
      if (here->incoming != (i == 3) || there->incoming)
        sim_outcome_fail (outcome, "the wrong object was opened by %u", i + 1);
      if (sim_app_count_established (party->apps[i]) != 1)
        sim_outcome_fail (outcome, "%u has more than one session", i + 1);
      outcome->value = MAX (outcome->value, set_up_ms (here, there));
    }
  if (sim_app_count_established (party->apps[0]) != 3)
    sim_outcome_fail (outcome, "host 1 has %u sessions",
                      sim_app_count_established (party->apps[0]));
}

static void
run_party_world (SimWorld   *world,
                 Party      *party,
                 SimOutcome *outcome)
{
  PartyOpen opens[] = { { party, 0, 1 }, { party, 0, 2 }, { party, 1, 0 },
                        { party, 2, 0 }, { party, 3, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (opens); i++)
    sim_world_at (world, (gint64) sim_rng_below (&world->rng, 2 * MAX_SKEW),
                  party_open_cb, &opens[i]);
  if (!sim_world_run_until (world, party_is_up, party, CONNECT_LIMIT))
    {
      sim_outcome_fail (outcome, "not all connected: %u of 3",
                        sim_app_count_established (party->apps[0]));
      return;
    }
  sim_world_run_until (world, party_is_done, party, 90 * SIM_S);
  sim_world_run (world, world->clock.now_us + 5 * SIM_S);
  check_party (party, outcome);
}

static void
run_party (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  const SimLinkConfig link = LOSSY;
  SimWorld *world = sim_world_new (seed);
  Party party = { .pinned = GPOINTER_TO_INT (scenario) };

  sim_world_add_star (world, 4, &link, NULL, &party.star);
  for (guint i = 0; i < 4; i++)
    party.apps[i] = sim_app_new (world, party_node (&party, i), 1000);
  party.apps[0]->n_opens_to_come = 2;
  srudp_engine_set_accepting (party_node (&party, 0)->engine, TRUE);

  run_party_world (world, &party, outcome);

  sim_world_free (world);
  sim_star_clear (&party.star);
  for (guint i = 0; i < 4; i++)
    sim_app_free (party.apps[i]);
}

static void
test_party (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "ms", 1000, run_party, data,
                 SIM_LOWER_IS_BETTER, 0, 2500 };

  sim_report_run (&row);
}

/* One wire loses exactly two packets of the first ones: seed after seed, all
 * pairs of them (and, where both are the same, a single one). */
#define N_EARLY 14

static void
run_stolen (guint64       seed,
            gconstpointer scenario,
            SimOutcome   *outcome)
{
  const OpenScenario *s = scenario;
  SimThief thief = { 0, (guint) ((seed - 1) / N_EARLY) % N_EARLY,
                  (guint) ((seed - 1) % N_EARLY) };
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &s->link, &s->link, 1000);
  talk.pair.a_to_b->tap = talk.pair.b_to_a->tap = sim_thief_tap;
  talk.pair.a_to_b->tap_data = talk.pair.b_to_a->tap_data = &thief;
  srudp_engine_set_accepting (talk.pair.b->engine, s->b_accepts);
  sim_talk_open_a (&talk, s->pinned);
  if (s->b_opens)
    sim_talk_open_b (&talk, s->pinned);
  if (!sim_talk_connect (&talk, 5 * SIM_S, outcome))
    return;
  outcome->value = (double) talk.world->clock.now_us / 1e3;
  sim_talk_finish (&talk, 10 * SIM_S, outcome);
}

static void
test_stolen (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "ms", N_EARLY * N_EARLY, run_stolen, data,
                 SIM_LOWER_IS_BETTER, 0, 1500 };

  sim_report_run (&row);
}

static const OpenScenario both_open_clean
  = { { .delay_us = 15 * SIM_MS }, 0, 0, TRUE, FALSE };
static const OpenScenario one_accepts_clean
  = { { .delay_us = 15 * SIM_MS }, 0, TRUE, FALSE, FALSE };

/* The same seed gives the same run, to the last bit. */
static gboolean
hash_packets (SimPacket *packet,
              gpointer   data)
{
  guint64 *hash = data;

  for (gsize i = 0; i < packet->size; i++)
    *hash = sim_mix (*hash ^ packet->data[i]);

  return FALSE;
}

static guint64
run_and_hash (guint64 seed)
{
  SimOutcome outcome = { 0 };
  g_auto (SimTalk) talk = { 0 };
  guint64 hash = 0;

  sim_talk_init (&talk, seed, &both_open.link, &both_open.link, 20000);
  talk.pair.a_to_b->tap = talk.pair.b_to_a->tap = hash_packets;
  talk.pair.a_to_b->tap_data = talk.pair.b_to_a->tap_data = &hash;
  plan_opens (&talk, &both_open);
  sim_talk_connect (&talk, CONNECT_LIMIT, &outcome);
  sim_talk_finish (&talk, 30 * SIM_S, &outcome);
  g_assert_cmpstr (outcome.error, ==, NULL);

  return hash;
}

static void
test_same_seed_same_run (void)
{
  g_assert_cmpuint (run_and_hash (7), ==, run_and_hash (7));
  g_assert_cmpuint (run_and_hash (7), !=, run_and_hash (8));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/open/same-seed-same-run", test_same_seed_same_run);
  g_test_add_data_func ("/sim/open/both", &both_open, test_open);
  g_test_add_data_func ("/sim/open/both-pinned", &both_open_pinned, test_open);
  g_test_add_data_func ("/sim/open/one-accepts", &one_accepts, test_open);
  g_test_add_data_func ("/sim/open/one-accepts-pinned", &one_accepts_pinned,
                        test_open);
  g_test_add_data_func ("/sim/open/both-open-and-accept", &all_open_and_accept,
                        test_open);
  g_test_add_data_func ("/sim/open/both-open-and-accept-pinned", &all_pinned,
                        test_open);
  g_test_add_data_func ("/sim/open/corruption", &corrupting, test_open);
  g_test_add_data_func ("/sim/party/two-opens-and-an-accept",
                        GINT_TO_POINTER (FALSE), test_party);
  g_test_add_data_func ("/sim/party/two-opens-and-an-accept-pinned",
                        GINT_TO_POINTER (TRUE), test_party);
  g_test_add_data_func ("/sim/open/any-two-packets-lost", &both_open_clean,
                        test_stolen);
  g_test_add_data_func ("/sim/open/any-two-packets-lost-accepting",
                        &one_accepts_clean, test_stolen);

  return g_test_run ();
}
