/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-keys.c: keys that change all the time, in bad weather
 *
 * That no nonce is used twice is asserted where packets are sealed, and that
 * both ends agree on every key shows in the bytes.
 */
#include "sim-match.h"

#include <string.h>

#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define CONNECT_LIMIT (30 * SIM_S)
#define TRANSFER_LIMIT (60 * SIM_S)
#define NEVER (G_GUINT64_CONSTANT (1) << 40)
/* 60 % of the link, as where less is lost. It is the losses that take the time:
 * the slowest of 500 seeds takes as long with no update at all. */
#define SLOWEST_S 10.7

/* As the QUIC interop runner's, with a twentieth lost each way. */
static const SimLinkConfig lossy_link
  = { .delay_us = 15 * SIM_MS, .rate_bps = 10000000, .queue_packets = 25,
      .mtu_bytes = 1500, .loss = 0.05 };

typedef struct
{
  const char *name;
  guint64 update_packets;
  gint64 exchange_interval_us;
  guint64 least_updates, least_exchanges; /* or the row shows nothing */
} Hurry;

/* An update has to be acknowledged, and waits three probe timeouts more. */
static const Hurry hurries[] = {
  { "key-update-every-100-packets", 100, NEVER, 25, 0 },
  { "fresh-dh-every-half-second", NEVER, SIM_S / 2, 10, 10 },
  { "key-update-and-fresh-dh-at-once", 100, SIM_S / 2, 25, 8 },
  { "key-update-and-fresh-dh-as-often-as-can-be", 1, 1, 25, 25 },
};

static void
check_hurry (SimEnd      *end,
             const Hurry *hurry,
             SimOutcome  *outcome)
{
  SrudpSessionStats stats;

  srudp_session_get_stats (end->session, &stats);
  if (stats.key_updates < hurry->least_updates
      || stats.key_exchanges < hurry->least_exchanges)
    sim_outcome_fail (outcome, "only %" G_GUINT64_FORMAT " updates and %"
                      G_GUINT64_FORMAT " exchanges", stats.key_updates,
                      stats.key_exchanges);
}

static void
run_hurry (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  const Hurry *hurry = scenario;
  g_auto (SimTalk) talk = { 0 };
  SimNode *nodes[2];

  sim_talk_init (&talk, seed, &lossy_link, &lossy_link, 8 * MEGABYTE);
  nodes[0] = talk.pair.a;
  nodes[1] = talk.pair.b;
  for (guint i = 0; i < 2; i++)
    srudp_engine_set_key_limits (nodes[i]->engine, hurry->update_packets,
                                 hurry->exchange_interval_us);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT, outcome)
      || !sim_talk_finish (&talk, TRANSFER_LIMIT, outcome))
    return;

  outcome->value = (double) talk.world->clock.now_us / 1e6;
  check_hurry (sim_talk_end_a (&talk), hurry, outcome);
  check_hurry (sim_talk_end_b (&talk), hurry, outcome);
}

static void
test_hurry (gconstpointer data)
{
  const Hurry *hurry = data;
  SimRow row = { .name = hurry->name, .unit = "s for 8 MB each way",
                 .n_seeds = 50, .func = run_hurry, .scenario = data,
                 .better = SIM_LOWER_IS_BETTER,
                 .p99_budget = 10, .worst_budget = SLOWEST_S };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (hurries); i++)
    {
      g_autofree char *path = g_strconcat ("/scenarios/keys/", hurries[i].name,
                                           NULL);

      g_test_add_data_func (path, &hurries[i], test_hurry);
    }

  return g_test_run ();
}
