/*
 * SPDX-License-Identifier: MIT
 *
 * test-random-operations.c: anything, at any time, on any network
 *
 * Two machines open, write, read, reset, close and do everything else that an
 * application may do, at random, while the network loses, repeats, reorders
 * and spoils packets, addresses change and are told, machines move and sleep,
 * and one of them is behind a NAT of any kind. Each run is followed by good
 * weather. Then
 *
 *  - what was written arrives, each byte and each end where it belongs;
 *  - both engines are at rest within so many steps, and stay there;
 *  - nothing ended for a reason that nobody gave;
 *  - nobody held more unread bytes than it offered to.
 */
#include "random-app.h"
#include "sim-report.h"

#include <string.h>

/* Times that either engine is driven from the end of all faults on. */
#define MAX_STEPS 1000
/* Of all three rows together. */
#define N_RUNS 20000
#define MAX_ACTIONS 80
/* That each thing is done in a row. */
#define MIN_TIMES 100
/* What a peer may be silent for without its session ending: a NAT may forget
 * it at the same time, and then it is not heard before its own keepalive, 15 of
 * the 21 seconds later. */
#define HARMLESS_SILENCE_US (5 * SIM_S)

typedef struct
{
  gboolean both_open;
  gboolean pinned;
  guint64 stream; /* of chance: no two rows do the same */
} Scenario;

typedef struct
{
  const Scenario *scenario;
  SimWorld *world;
  SimRng rng;
  SimPair pair;
  SimNat *nat;
  RandomApp *apps[2];
  gint64 silence_us; /* that was asked for, at the worst all in a row */
  guint64 steps_before[2];
} Run;

static const SimLinkConfig good_link = { .delay_us = 15 * SIM_MS };

static guint64
below (Run     *run,
       guint64  n)
{
  return sim_rng_below (&run->rng, n);
}

static double
fraction (Run    *run,
          double  most)
{
  return most * (double) below (run, 1001) / 1000;
}

/* Half of the links are good in each respect. */
static double
fault (Run    *run,
       double  most)
{
  return below (run, 2) == 0 ? 0 : fraction (run, most);
}

static void
set_weather (Run     *run,
             SimLink *link)
{
  static const guint64 rates[] = { 0, 0, 1000000, 10000000, 100000000 };

  link->config = (SimLinkConfig) {
    .delay_us = 1 * SIM_MS + (gint64) below (run, 100 * SIM_MS),
    .jitter_us = (gint64) below (run, 10 * SIM_MS),
    .rate_bps = rates[below (run, G_N_ELEMENTS (rates))],
    .queue_packets = 25,
    .mark_bytes = below (run, 4) == 0 ? 5000 : 0,
    .mtu_bytes = below (run, 4) == 0 ? 1280 : 1500,
    .loss = fault (run, 0.25),
    .reorder = fault (run, 0.3),
    .reorder_us = (gint64) below (run, 200 * SIM_MS),
    .duplicate = fault (run, 0.2),
    .corrupt = fault (run, 0.1),
  };
}

/* All kinds that let in whom one has sent to. */
static void
set_nat (Run          *run,
         SimNatConfig *nat)
{
  nat->mapping = below (run, 3);
  nat->filtering = MAX (nat->mapping, below (run, 3));
  nat->keep_port = below (run, 2) == 0;
  nat->lifetime_us = below (run, 4) == 0 ? 10 * SIM_S : 0;
  nat->max_age_us = below (run, 4) == 0 ? 12 * SIM_S : 0;
}

static void
set_up (Run            *run,
        guint64         seed,
        const Scenario *scenario)
{
  SimNatConfig nat = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                       .filtering = SIM_NAT_ENDPOINT_INDEPENDENT,
                       .keep_port = TRUE };

  run->scenario = scenario;
  run->world = sim_world_new (seed);
  sim_rng_init (&run->rng, seed, scenario->stream);
  sim_world_add_pair (run->world, &good_link, &good_link, &run->pair);
  if (!scenario->both_open)
    set_nat (run, &nat);
  sim_address (&nat.external, 99, 0);
  run->nat = sim_world_add_nat (run->world, &nat, &run->pair.a_to_b->sink,
                                &run->pair.a->sink);
  run->pair.a->uplink = &run->nat->inside;
  run->pair.b_to_a->next = &run->nat->outside;
  set_weather (run, run->pair.a_to_b);
  set_weather (run, run->pair.b_to_a);

  run->apps[0] = random_app_new (run->world, run->pair.a, &run->rng);
  run->apps[1] = random_app_new (run->world, run->pair.b, &run->rng);
  for (guint i = 0; i < 2; i++)
    run->apps[i]->may_be_refused = scenario->both_open;
  run->apps[0]->peer = run->apps[1];
  run->apps[1]->peer = run->apps[0];
}

/* As often as the rules permit, so that both happen in each run. */
static void
hurry_keys (Run *run)
{
  SimNode *nodes[] = { run->pair.a, run->pair.b };

  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    srudp_engine_set_key_limits (nodes[i]->engine, 1 + below (run, 30),
                                 SIM_S / 2);
}

static void
count_faults (const SimLink *link)
{
  const SimLinkCounters *counters = &link->counters;

  random_tally[RANDOM_DROP] += counters->lost_random + counters->lost_queue;
  random_tally[RANDOM_REORDER] += counters->reordered;
  random_tally[RANDOM_DUPLICATE] += counters->duplicated;
  random_tally[RANDOM_CORRUPT] += counters->corrupted;
}

static void
count_sockets (Run *run)
{
  random_tally[RANDOM_SECOND_SOCKET] += run->pair.a->max_sockets
                                        + run->pair.b->max_sockets;
}

static void
tear_down (Run *run)
{
  count_faults (run->pair.a_to_b);
  count_faults (run->pair.b_to_a);
  count_sockets (run);
  sim_world_free (run->world);
  random_app_free (run->apps[0]);
  random_app_free (run->apps[1]);
}

static void
allow_second_paths (Run *run)
{
  const SrudpPunching punching = { .second_paths = TRUE };

  srudp_engine_set_punching (run->pair.a->engine, &punching);
  srudp_engine_set_punching (run->pair.b->engine, &punching);
}

static void
serve (Run *run)
{
  sim_node_service (run->pair.a);
  sim_node_service (run->pair.b);
}

static void
open_from_a (Run *run)
{
  random_app_open (run->apps[0], &run->pair.b->config.address,
                   run->scenario->pinned);
}

/* To the first mapping of A's NAT. */
static void
open_from_b (Run *run)
{
  SrudpAddress address;

  sim_address (&address, 99, run->pair.a->config.address.port);
  random_app_open (run->apps[1], &address, run->scenario->pinned);
}

static void
open_more (Run *run)
{
  open_from_a (run);
  if (run->scenario->both_open)
    open_from_b (run);
}

static void
add_silence (Run    *run,
             gint64  duration_us)
{
  run->silence_us += duration_us;
  if (run->silence_us > HARMLESS_SILENCE_US)
    run->apps[0]->may_time_out = run->apps[1]->may_time_out = TRUE;
}

/* Mostly short, now and then longer than any timeout. */
static gint64
pick_duration (Run *run)
{
  gint64 most = below (run, 10) == 0 ? 60 * SIM_S : 2 * SIM_S;

  return (gint64) below (run, (guint64) most);
}

static SimNode *
pick_node (Run *run)
{
  return below (run, 2) == 0 ? run->pair.a : run->pair.b;
}

static void
send_junk (Run *run)
{
  SimNode *from = pick_node (run);
  SimNode *to = from == run->pair.a ? run->pair.b : run->pair.a;
  guint8 junk[600];
  gsize size = below (run, sizeof junk);

  sim_rng_fill (&run->rng, junk, size);
  sim_sink_receive (&to->sink,
                    sim_packet_new (&from->config.address, &to->config.address,
                                    SRUDP_ECN_NOT_ECT, junk, size));
}

/* Some of them are one's own, or lead to the peer by another way. */
static void
tell_addresses (Run     *run,
                SimNode *node)
{
  SrudpAddress addresses[SRUDP_MAX_LOCAL_CANDIDATES];
  gsize n = below (run, G_N_ELEMENTS (addresses) + 1);

  for (gsize i = 0; i < n; i++)
    {
      addresses[i] = below (run, 2) == 0 ? run->pair.a->config.address
                                         : run->pair.b->config.address;
      addresses[i].ip[2] = (guint8) below (run, 3);
      addresses[i].port += below (run, 4) == 0;
    }
  random_tally[RANDOM_TELL_ADDRESSES]++;
  srudp_engine_set_local_candidates (node->engine, sim_node_now (node),
                                     node->config.address.port, addresses, n);
}

static void
upset (Run *run)
{
  gint64 duration = pick_duration (run);
  gint64 now = run->world->clock.now_us;
  SimNode *node = pick_node (run);

  switch (below (run, 12))
    {
    case 0:
      set_weather (run, run->pair.a_to_b);
      break;
    case 1:
      set_weather (run, run->pair.b_to_a);
      break;
    case 2:
      random_tally[RANDOM_REBIND]++;
      sim_nat_rebind (run->nat, NULL);
      break;
    case 3:
      random_tally[RANDOM_BLACK_OUT]++;
      sim_link_add_blackout (run->pair.a_to_b, now, now + duration);
      add_silence (run, duration);
      break;
    case 4:
      random_tally[RANDOM_BLACK_OUT]++;
      sim_link_add_blackout (run->pair.b_to_a, now, now + duration);
      add_silence (run, duration);
      break;
    case 5: /* the machine sleeps, and its clock with it or not */
      random_tally[RANDOM_SLEEP]++;
      node->busy_until_us = now + duration;
      add_silence (run, duration);
      break;
    case 6:
      random_tally[RANDOM_CLOCK_JUMP]++;
      node->config.clock_offset_us += duration;
      add_silence (run, duration);
      break;
    case 7:
      srudp_engine_hint_unreachable (node->engine, sim_node_now (node),
                                     &run->pair.b->config.address);
      break;
    case 8:
      random_tally[RANDOM_NETWORK_CHANGE]++;
      srudp_engine_on_network_change (node->engine, sim_node_now (node));
      break;
    case 9:
      tell_addresses (run, node);
      break;
    case 10: /* a second path, five seconds before */
      srudp_engine_expect_mapping_end (node->engine, sim_node_now (node),
                                       sim_node_now (node) + 5 * SIM_S
                                         + duration);
      break;
    default:
      send_junk (run);
      break;
    }
}

static void
act_at_random (Run *run)
{
  guint n_actions = (guint) below (run, MAX_ACTIONS);

  for (guint i = 0; i < n_actions; i++)
    {
      RandomApp *app = run->apps[below (run, 2)];
      gboolean asleep = app->node->busy_until_us > run->world->clock.now_us;

      if (below (run, 6) == 0)
        upset (run);
      else if (below (run, 40) == 0)
        open_more (run);
      else if (!asleep)
        random_app_act (app);
      serve (run);
      sim_world_run (run->world, run->world->clock.now_us
                     + (gint64) below (run, below (run, 8) == 0 ? 500 * SIM_MS
                                                                : 20 * SIM_MS));
    }
}

/* Of the engine that was driven more often. */
static guint64
count_steps (Run *run)
{
  return MAX (run->pair.a->n_served - run->steps_before[0],
              run->pair.b->n_served - run->steps_before[1]);
}

static void
clear_up (Run *run)
{
  gint64 end = run->world->clock.now_us + 61 * SIM_S;

  run->pair.a_to_b->config = run->pair.b_to_a->config = good_link;
  /* Black-outs and sleep that have begun are over then. */
  if (run->apps[0]->may_time_out)
    sim_world_run (run->world, end);
  else
    sim_world_run (run->world, run->world->clock.now_us + HARMLESS_SILENCE_US);
  run->steps_before[0] = run->pair.a->n_served;
  run->steps_before[1] = run->pair.b->n_served;
}

static gboolean
is_settled (Run *run)
{
  for (guint i = 0; i < 2; i++)
    random_app_calm_down (run->apps[i]);
  serve (run);

  return random_app_is_settled (run->apps[0])
         && random_app_is_settled (run->apps[1]);
}

static gboolean
is_at_rest (Run *run)
{
  return srudp_engine_is_idle (run->pair.a->engine)
         && srudp_engine_is_idle (run->pair.b->engine);
}

static gboolean
run_until (Run        *run,
           gboolean  (*is_there) (Run *run),
           const char *what,
           SimOutcome *outcome)
{
  gint64 end = run->world->clock.now_us + 200 * SIM_S;

  while (!is_there (run))
    {
      if (count_steps (run) > MAX_STEPS)
        return sim_outcome_fail (outcome, "not %s after %d steps", what,
                                 MAX_STEPS);
      if (!sim_clock_step (&run->world->clock, end))
        return sim_outcome_fail (outcome, "never %s", what);
    }

  return TRUE;
}

/* Nobody says anything any more. */
static void
check_silence (Run        *run,
               SimOutcome *outcome)
{
  guint64 n_sent = run->pair.a->n_sent + run->pair.b->n_sent;

  sim_world_run (run->world, run->world->clock.now_us + 120 * SIM_S);
  if (run->pair.a->n_sent + run->pair.b->n_sent != n_sent)
    sim_outcome_fail (outcome, "packets after the end");
}

static void
come_to_an_end (Run        *run,
                SimOutcome *outcome)
{
  clear_up (run);
  if (!run_until (run, is_settled, "settled", outcome))
    return;

  for (guint i = 0; i < 2; i++)
    random_app_close_all (run->apps[i]);
  serve (run);
  if (!run_until (run, is_at_rest, "at rest", outcome))
    return;
  outcome->value = (double) count_steps (run);

  for (guint i = 0; i < 2; i++)
    random_app_release_all (run->apps[i]);
  serve (run);
  check_silence (run, outcome);
}

static void
run_anything (guint64       seed,
              gconstpointer scenario,
              SimOutcome   *outcome)
{
  Run run = { 0 };

  set_up (&run, seed, scenario);
  hurry_keys (&run);
  allow_second_paths (&run);
  srudp_engine_set_accepting (run.pair.b->engine, !run.scenario->both_open);
  open_more (&run);
  serve (&run);
  sim_world_run (run.world, (gint64) below (&run, SIM_S));
  act_at_random (&run);
  /* Some engines are freed with everything alive. */
  if (below (&run, 10) != 0)
    come_to_an_end (&run, outcome);

  for (guint i = 0; i < 2; i++)
    if (run.apps[i]->error != NULL)
      sim_outcome_fail (outcome, "%c: %s", 'A' + (int) i, run.apps[i]->error);
  tear_down (&run);
}

static const Scenario one_opens = { FALSE, FALSE, 71 };
static const Scenario one_opens_pinned = { FALSE, TRUE, 72 };
static const Scenario both_open = { TRUE, TRUE, 73 };

/* Each thing was done many times; fewer seeds than usual need not do all. */
static void
check_tally (void)
{
  for (guint i = 0; i < RANDOM_N_THINGS; i++)
    {
      g_test_message ("%s: %" G_GUINT64_FORMAT " times", random_thing_names[i],
                      random_tally[i]);
      if (g_getenv ("SRUDP_SIM_SEED") == NULL
          && g_getenv ("SRUDP_SIM_FACTOR") == NULL)
        g_assert_cmpuint (random_tally[i], >=, MIN_TIMES);
    }
}

static void
test_row (gconstpointer data)
{
  SimRow row = {
    .name = g_test_get_path (),
    .unit = "steps",
    .n_seeds = N_RUNS / 3 + 1,
    .func = run_anything,
    .scenario = data,
    .worst_budget = MAX_STEPS,
  };

  memset (random_tally, 0, sizeof random_tally);
  sim_report_run (&row);
  check_tally ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/random-operations/one-opens", &one_opens, test_row);
  g_test_add_data_func ("/random-operations/one-opens-to-whom-it-knows",
                        &one_opens_pinned, test_row);
  g_test_add_data_func ("/random-operations/both-open", &both_open, test_row);

  return g_test_run ();
}
