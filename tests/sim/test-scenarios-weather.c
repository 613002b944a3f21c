/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-weather.c: opening in bad weather, and packets out of order
 */
#include "sim-match.h"

#include <string.h>

#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define CONNECT_LIMIT (30 * SIM_S)
#define TRANSFER_LIMIT (120 * SIM_S)
/* As the QUIC interop runner's. */
#define DEFAULT_LINK .delay_us = 15 * SIM_MS, .rate_bps = 10000000, \
                     .queue_packets = 25, .mtu_bytes = 1500
#define PACKET_US 1200 /* 1,500 bytes at 10 Mbit/s */

static const char *
get_row_name (void)
{
  return g_test_get_path () + strlen ("/scenarios/weather/");
}

/* --- Opening --------------------------------------------------------------- */

static const SimLinkConfig lossy = { DEFAULT_LINK, .loss = 0.3 };
static const SimLinkConfig corrupting = { DEFAULT_LINK, .corrupt = 0.3 };

/* How long it takes until both are up; then 1 KB each way. */
static void
run_open (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  const SimLinkConfig *link = scenario;
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, link, link, 1000);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT, outcome))
    return;
  outcome->value = (double) talk.world->clock.now_us / 1e3;
  sim_talk_finish (&talk, TRANSFER_LIMIT, outcome);
}

static void
test_open (gconstpointer data)
{
  SimRow row = { .name = get_row_name (), .unit = "ms", .n_seeds = 1000,
                 .func = run_open, .scenario = data,
                 .better = SIM_LOWER_IS_BETTER, .median_budget = 300,
                 .p99_budget = 2500 };

  sim_report_run (&row);
}

/* The first packets, both ways counted together, of which two vanish. */
#define N_FIRST 16

/* The seed is the pair; one with itself is a single packet. */
static void
run_theft (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  static const SimLinkConfig link = { DEFAULT_LINK };
  guint pair = (guint) ((seed - 1) % (N_FIRST * N_FIRST));
  SimThief thief = { 0, pair / N_FIRST, pair % N_FIRST };
  gboolean both = GPOINTER_TO_INT (scenario);
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &link, &link, 1000);
  talk.pair.a_to_b->tap = talk.pair.b_to_a->tap = sim_thief_tap;
  talk.pair.a_to_b->tap_data = talk.pair.b_to_a->tap_data = &thief;
  sim_talk_open_a (&talk, FALSE);
  if (both)
    sim_talk_open_b (&talk, FALSE);
  else
    srudp_engine_set_accepting (talk.pair.b->engine, TRUE);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT, outcome))
    return;
  outcome->value = (double) talk.world->clock.now_us / 1e3;
  sim_talk_finish (&talk, TRANSFER_LIMIT, outcome);
}

static void
test_theft (gconstpointer data)
{
  SimRow row = { .name = get_row_name (), .unit = "ms",
                 .n_seeds = N_FIRST * N_FIRST, .func = run_theft,
                 .scenario = data, .better = SIM_LOWER_IS_BETTER,
                 .worst_budget = 1500 };

  sim_report_run (&row);
}

/* --- Out of order ------------------------------------------------------------ */

typedef struct
{
  double share;       /* of packets that are held back … */
  guint most_packets; /* … behind up to so many others */
} Disorder;

/* How long 10 MB take, and which share of the packets was repeated in vain. */
static double
transfer (guint64         seed,
          const Disorder *disorder,
          double         *spurious,
          SimOutcome     *outcome)
{
  /* Nothing is lost but for want of room: only what is late can be repeated. */
  SimLinkConfig link = { DEFAULT_LINK };
  g_auto (SimTalk) talk = { 0 };
  SrudpSessionStats stats;
  guint64 lost;

  if (disorder != NULL)
    {
      link.reorder = disorder->share;
      link.reorder_us = disorder->most_packets * PACKET_US;
    }
  sim_talk_init (&talk, seed, &link, &link, 10 * MEGABYTE);
  talk.app_b->send_bytes = 0;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT, outcome)
      || !sim_talk_finish (&talk, TRANSFER_LIMIT, outcome))
    return 1;

  srudp_session_get_stats (sim_talk_end_a (&talk)->session, &stats);
  lost = talk.pair.a_to_b->counters.lost_queue;
  *spurious = stats.packets_lost <= lost ? 0
    : (double) (stats.packets_lost - lost) / (double) stats.packets_sent;

  return (double) talk.world->clock.now_us;
}

static void
run_disorder (guint64       seed,
              gconstpointer scenario,
              SimOutcome   *outcome)
{
  double spurious = 0, plain, disordered;

  plain = transfer (seed, NULL, &spurious, outcome);
  disordered = transfer (seed, scenario, &spurious, outcome);
  outcome->value = 100 * (1 - plain / disordered);
  if (spurious >= 0.01)
    sim_outcome_fail (outcome, "%.1f %% of the packets were repeated in vain",
                      spurious * 100);
}

static void
test_disorder (gconstpointer data)
{
  SimRow row = { .name = get_row_name (), .unit = "% of goodput lost",
                 .n_seeds = 50, .func = run_disorder, .scenario = data,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 5 };

  sim_report_run (&row);
}

static const Disorder three = { 0.1, 3 };
static const Disorder fifty = { 0.1, 50 };
static const Disorder fifty_often = { 0.3, 50 };

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/scenarios/weather/handshake-loss-30-percent",
                        &lossy, test_open);
  g_test_add_data_func ("/scenarios/weather/handshake-corruption-30-percent",
                        &corrupting, test_open);
  g_test_add_data_func ("/scenarios/weather/any-two-packets-lost-both-open",
                        GINT_TO_POINTER (TRUE), test_theft);
  g_test_add_data_func ("/scenarios/weather/any-two-packets-lost-one-accepts",
                        GINT_TO_POINTER (FALSE), test_theft);
  g_test_add_data_func ("/scenarios/weather/reorder-3-packets", &three,
                        test_disorder);
  g_test_add_data_func ("/scenarios/weather/reorder-50-packets", &fifty,
                        test_disorder);
  g_test_add_data_func ("/scenarios/weather/reorder-50-packets-often",
                        &fifty_often, test_disorder);

  return g_test_run ();
}
