/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-repeat.c: rows that fail on purpose, to be repeated
 *
 * test_repeat.py runs this and then the commands it prints.
 */
#include "sim-match.h"

#define TRANSFER_BYTES 300000
#define UNLUCKY_SEED 3

static const SimLinkConfig rough_link = {
  .delay_us = 15 * SIM_MS, .rate_bps = 10000000, .queue_packets = 25,
  .mtu_bytes = 1500, .loss = 0.05, .duplicate = 0.02, .corrupt = 0.01,
  .reorder = 0.1, .reorder_us = 20 * SIM_MS,
};

static void
run_transfer (guint64       seed,
              gconstpointer scenario,
              SimOutcome   *outcome)
{
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &rough_link, &rough_link, TRANSFER_BYTES);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;
  sim_talk_finish (&talk, 60 * SIM_S, outcome);
  outcome->value = (double) talk.world->clock.now_us / 1e6;
}

static void
run_unlucky (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  run_transfer (seed, scenario, outcome);
  if (seed == UNLUCKY_SEED)
    sim_outcome_fail (outcome, "this seed is unlucky");
}

static void
run_crash (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  run_transfer (seed, scenario, outcome);
  if (seed == UNLUCKY_SEED)
    g_error ("this seed crashes");
}

static void
test_run (gconstpointer data)
{
  SimRow row = { .name = "row that fails", .unit = "s", .n_seeds = 4,
                 .func = (SimSeedFunc) data };

  sim_report_run (&row);
}

static void
test_missed (void)
{
  SimRow row = { .name = "row of a budget nobody meets", .unit = "s",
                 .n_seeds = 4, .func = run_transfer, .worst_budget = 0.001 };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sim/repeat/a-seed-that-fails", run_unlucky, test_run);
  g_test_add_func ("/sim/repeat/a-budget-that-is-missed", test_missed);
  g_test_add_data_func ("/sim/repeat/a-seed-that-crashes", run_crash, test_run);

  return g_test_run ();
}
