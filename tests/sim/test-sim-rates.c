/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-rates.c: what share of a link an application gets
 *
 * Share = application bytes in the 20 s after the first one, over what the
 * link carries in IP bytes. The budgets here are goals: a row that misses one
 * says so and does not fail; a byte that is wrong does.
 */
#include "sim-match.h"

#define MBIT G_GUINT64_CONSTANT (1000000)
#define WINDOW (20 * SIM_S)
#define TIME_LIMIT (600 * SIM_S)
#define ENDLESS G_GUINT64_CONSTANT (1000000000000)

static gsize
bdp_bytes (guint64 rate_bps,
           gint64  rtt_us)
{
  return (gsize) (rate_bps / 8 * (guint64) rtt_us / 1000000);
}

typedef struct
{
  const char *path;
  guint64 rate_bps, back_rate_bps; /* 0: the same */
  gint64 rtt_us;
  double queue_bdp;                /* 0: 25 packets */
  double loss, corrupt;
  double burst_loss, burst_packets;
  double reorder;
  gint64 reorder_us;
  guint64 bytes;                   /* 0: the share of 20 s, else how long */
  gint64 blackout_at_us, blackout_us;
  double budget;
  guint n_seeds;
} RateScenario;

static void
make_links (const RateScenario *s,
            SimLinkConfig      *there,
            SimLinkConfig      *back)
{
  *there = (SimLinkConfig) { .delay_us = s->rtt_us / 2,
                             .rate_bps = s->rate_bps,
                             .mtu_bytes = 1500,
                             .loss = s->loss,
                             .corrupt = s->corrupt,
                             .burst_loss = s->burst_loss,
                             .burst_packets = s->burst_packets,
                             .reorder = s->reorder,
                             .reorder_us = s->reorder_us };
  if (s->queue_bdp > 0)
    there->queue_bytes = (gsize) (s->queue_bdp
                                  * (double) bdp_bytes (s->rate_bps,
                                                        s->rtt_us));
  else
    there->queue_packets = 25;
  *back = *there;
  if (s->back_rate_bps != 0)
    back->rate_bps = s->back_rate_bps;
}

/* The share of the link from the first byte on. */
static void
measure_share (SimTalk            *talk,
               const RateScenario *s,
               SimOutcome         *outcome)
{
  SimWorld *world = talk->world;
  SimEnd *end = sim_talk_end_b (talk);

  while (end->first_byte_us < 0 && sim_clock_step (&world->clock, 60 * SIM_S))
    ;
  sim_world_run (world, world->clock.now_us + WINDOW);
  outcome->value = 100.0 * 8 * (double) end->received
    / ((double) s->rate_bps * WINDOW / SIM_S);
  sim_match_check (sim_talk_end_a (talk), end, outcome);
}

/* One that can't be done in time counts as the whole time: only what is wrong
 * is a failure here. */
static void
measure_time (SimTalk    *talk,
              SimOutcome *outcome)
{
  gint64 start = talk->world->clock.now_us;
  SimOutcome unfinished = { 0 };

  if (sim_talk_connect (talk, 60 * SIM_S, &unfinished))
    sim_talk_finish (talk, TIME_LIMIT, &unfinished);
  outcome->value = (double) (talk->world->clock.now_us - start) / 1e6;
  if (unfinished.error != NULL)
    {
      g_test_message ("%s", unfinished.error);
      outcome->value = (double) TIME_LIMIT / 1e6;
    }
  if (sim_app_get_error (talk->app_b) != NULL)
    sim_outcome_fail (outcome, "%s", sim_app_get_error (talk->app_b));
  g_free (unfinished.error);
}

static void
run_rate (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  const RateScenario *s = scenario;
  SimLinkConfig there, back;
  g_auto (SimTalk) talk = { 0 };

  make_links (s, &there, &back);
  sim_talk_init (&talk, seed, &there, &back, s->bytes == 0 ? ENDLESS : s->bytes);
  talk.app_b->send_bytes = 0;
  talk.pair.a->config.max_segments = talk.pair.b->config.max_segments = 16;
  if (s->blackout_us != 0)
    {
      gint64 until = s->blackout_at_us + s->blackout_us;

      sim_link_add_blackout (talk.pair.a_to_b, s->blackout_at_us, until);
      sim_link_add_blackout (talk.pair.b_to_a, s->blackout_at_us, until);
    }
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (s->bytes != 0)
    measure_time (&talk, outcome);
  else if (sim_talk_connect (&talk, 60 * SIM_S, outcome))
    measure_share (&talk, s, outcome);
}

static void
test_rate (gconstpointer data)
{
  const RateScenario *s = data;
  SimRow row = { .name = g_test_get_path (),
                 .unit = s->bytes == 0 ? "%" : "s",
                 .n_seeds = s->n_seeds,
                 .func = run_rate,
                 .scenario = s,
                 .better = s->bytes == 0 ? SIM_HIGHER_IS_BETTER
                                         : SIM_LOWER_IS_BETTER,
                 .median_budget = s->budget,
                 .is_information = TRUE };

  sim_report_run (&row);
}

static const RateScenario scenarios[] = {
  { .path = "/sim/rates/10-mbit-30-ms", .rate_bps = 10 * MBIT,
    .rtt_us = 30 * SIM_MS, .budget = 90, .n_seeds = 5 },
  /* 60 % of the link: 2 MB in 2.67 s. */
  { .path = "/sim/rates/loss-and-corruption-2-percent", .rate_bps = 10 * MBIT,
    .rtt_us = 30 * SIM_MS, .loss = 0.02, .corrupt = 0.02, .bytes = 2000000,
    .budget = 2.67, .n_seeds = 20 },
  { .path = "/sim/rates/20-mbit-280-ms-loss", .rate_bps = 20 * MBIT,
    .rtt_us = 280 * SIM_MS, .queue_bdp = 1, .loss = 0.0015, .budget = 87,
    .n_seeds = 5 },
  { .path = "/sim/rates/100-mbit-50-ms", .rate_bps = 100 * MBIT,
    .rtt_us = 50 * SIM_MS, .queue_bdp = 1, .budget = 92, .n_seeds = 2 },
  { .path = "/sim/rates/100-mbit-50-ms-loss", .rate_bps = 100 * MBIT,
    .rtt_us = 50 * SIM_MS, .queue_bdp = 1, .loss = 0.01, .budget = 90,
    .n_seeds = 2 },
  { .path = "/sim/rates/10-mbit-100-ms-loss", .rate_bps = 10 * MBIT,
    .rtt_us = 100 * SIM_MS, .queue_bdp = 1, .loss = 0.05, .budget = 85,
    .n_seeds = 5 },
  { .path = "/sim/rates/100-mbit-20-ms-half-queue", .rate_bps = 100 * MBIT,
    .rtt_us = 20 * SIM_MS, .queue_bdp = 0.5, .budget = 92, .n_seeds = 2 },
  { .path = "/sim/rates/long-rtt", .rate_bps = 10 * MBIT,
    .rtt_us = 1500 * SIM_MS, .queue_bdp = 1, .bytes = 2000000, .n_seeds = 5 },
  { .path = "/sim/rates/satellite", .rate_bps = 250 * MBIT,
    .back_rate_bps = 3 * MBIT, .rtt_us = 600 * SIM_MS, .queue_bdp = 1,
    .bytes = 100000000, .budget = 10.5, .n_seeds = 1 },
  { .path = "/sim/rates/satellite-loss", .rate_bps = 250 * MBIT,
    .back_rate_bps = 3 * MBIT, .rtt_us = 600 * SIM_MS, .queue_bdp = 1,
    .loss = 0.01, .bytes = 100000000, .budget = 13, .n_seeds = 1 },
  { .path = "/sim/rates/black-out", .rate_bps = 10 * MBIT,
    .rtt_us = 30 * SIM_MS, .bytes = 10000000, .blackout_at_us = 5 * SIM_S,
    .blackout_us = 2 * SIM_S, .budget = 13, .n_seeds = 5 },
  { .path = "/sim/rates/bursts-12-percent", .rate_bps = 500000,
    .rtt_us = 450 * SIM_MS, .burst_loss = 0.12, .burst_packets = 25,
    .bytes = 200000, .n_seeds = 20 },
  { .path = "/sim/rates/bursts-25-percent", .rate_bps = 256000,
    .rtt_us = 800 * SIM_MS, .burst_loss = 0.25, .burst_packets = 40,
    .bytes = 50000, .n_seeds = 20 },
  { .path = "/sim/rates/reorder", .rate_bps = 10 * MBIT, .rtt_us = 30 * SIM_MS,
    .reorder = 0.1, .reorder_us = 60 * SIM_MS, .budget = 85, .n_seeds = 5 },
};

/* Two pairs through one queue: the first one's part of what both get. */
typedef struct
{
  SimNode *senders[2], *receivers[2];
  SimApp *from[2], *to[2];
} Rivals;

static void
rivals_init (Rivals   *r,
             SimWorld *world)
{
  const SimLinkConfig bottleneck = { .delay_us = 25 * SIM_MS,
                                     .rate_bps = 100 * MBIT,
                                     .queue_bytes = 625000,
                                     .mtu_bytes = 1500 };
  const SimLinkConfig back = { .delay_us = 25 * SIM_MS };
  SimRouter *far_side = sim_world_add_router (world);
  SimLink *shared = sim_world_add_link (world, &bottleneck, &far_side->sink);

  for (guint i = 0; i < 2; i++)
    {
      r->senders[i] = sim_world_add_node (world, 1 + i, NULL);
      r->receivers[i] = sim_world_add_node (world, 11 + i, NULL);
      r->senders[i]->uplink = &shared->sink;
      r->receivers[i]->uplink
        = &sim_world_add_link (world, &back, &r->senders[i]->sink)->sink;
      sim_router_set (far_side, &r->receivers[i]->config.address,
                      &r->receivers[i]->sink);
      r->from[i] = sim_app_new (world, r->senders[i], ENDLESS);
      r->to[i] = sim_app_new (world, r->receivers[i], 0);
      srudp_engine_set_accepting (r->receivers[i]->engine, TRUE);
      r->senders[i]->config.max_segments = 16;
    }
}

static guint64
received_by (SimApp *app)
{
  SimEnd *end = sim_app_find_established (app);

  return end == NULL ? 0 : end->received;
}

static void
run_rivals (guint64       seed,
            gconstpointer scenario,
            SimOutcome   *outcome)
{
  SimWorld *world = sim_world_new (seed);
  guint64 before[2], got[2];
  Rivals r;

  rivals_init (&r, world);
  sim_app_open (r.from[0], &r.receivers[0]->config.address, NULL);
  sim_world_run (world, (gint64) sim_rng_below (&world->rng, SIM_S));
  sim_app_open (r.from[1], &r.receivers[1]->config.address, NULL);
  sim_world_run (world, 30 * SIM_S);
  for (guint i = 0; i < 2; i++)
    before[i] = received_by (r.to[i]);
  sim_world_run (world, 60 * SIM_S);
  for (guint i = 0; i < 2; i++)
    got[i] = received_by (r.to[i]) - before[i];
  outcome->value = 100.0 * (double) MIN (got[0], got[1])
    / (double) MAX (got[0] + got[1], 1);

  sim_world_free (world);
  for (guint i = 0; i < 2; i++)
    {
      if (sim_app_get_error (r.to[i]) != NULL)
        sim_outcome_fail (outcome, "%s", sim_app_get_error (r.to[i]));
      sim_app_free (r.from[i]);
      sim_app_free (r.to[i]);
    }
}

static void
test_rivals (void)
{
  SimRow row = { g_test_get_path (), "% to the weaker", 1, run_rivals, NULL,
                 SIM_HIGHER_IS_BETTER, 35, 0, TRUE };

  sim_report_run (&row);
}

/* How long a packet would wait in a buffer of 4 s, for 95 % of the time. */
typedef struct
{
  SimLink *link;
  SimClock *clock;
  GArray *waits;
} Gauge;

static void
gauge_cb (gpointer data)
{
  Gauge *gauge = data;
  gint64 wait_ns = gauge->link->busy_until_ns - gauge->clock->now_us * 1000;
  double wait_ms = (double) MAX (wait_ns, 0) / 1e6;

  g_array_append_val (gauge->waits, wait_ms);
  sim_clock_schedule (gauge->clock, gauge->clock->now_us + 10 * SIM_MS,
                      gauge_cb, gauge, NULL);
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
run_queue_delay (guint64       seed,
                 gconstpointer scenario,
                 SimOutcome   *outcome)
{
  const SimLinkConfig link = { .delay_us = 25 * SIM_MS,
                               .rate_bps = 20 * MBIT,
                               .queue_bytes = 20 * MBIT / 8 * 4,
                               .mtu_bytes = 1500 };
  g_autoptr (GArray) waits = g_array_new (FALSE, FALSE, sizeof (double));
  g_auto (SimTalk) talk = { 0 };
  Gauge gauge;

  sim_talk_init (&talk, seed, &link, &link, ENDLESS);
  talk.app_b->send_bytes = 0;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 60 * SIM_S, outcome))
    return;
  gauge = (Gauge) { talk.pair.a_to_b, &talk.world->clock, waits };
  gauge_cb (&gauge);
  sim_world_run (talk.world, talk.world->clock.now_us + 30 * SIM_S);
  g_array_sort (waits, compare_doubles);
  outcome->value = g_array_index (waits, double, waits->len * 95 / 100);
  sim_match_check (sim_talk_end_a (&talk), sim_talk_end_b (&talk), outcome);
}

static void
test_queue_delay (void)
{
  SimRow row = { g_test_get_path (), "ms added", 1, run_queue_delay, NULL,
                 SIM_LOWER_IS_BETTER, 75, 0, TRUE };

  sim_report_run (&row);
}

/* The path shrinks without a word, and grows again. */
static void
shrink_cb (gpointer data)
{
  ((SimLink *) data)->config.mtu_bytes = 1280;
}

static void
grow_cb (gpointer data)
{
  ((SimLink *) data)->config.mtu_bytes = 1500;
}

static void
run_mtu (guint64       seed,
         gconstpointer scenario,
         SimOutcome   *outcome)
{
  const SimLinkConfig link = { .delay_us = 15 * SIM_MS, .rate_bps = 10 * MBIT,
                               .queue_packets = 25, .mtu_bytes = 1500 };
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &link, &link, 10000000);
  talk.app_b->send_bytes = 0;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 60 * SIM_S, outcome))
    return;
  sim_world_at (talk.world, 3 * SIM_S, shrink_cb, talk.pair.a_to_b);
  sim_world_at (talk.world, 8 * SIM_S, grow_cb, talk.pair.a_to_b);
  sim_talk_finish (&talk, 300 * SIM_S, outcome);
  outcome->value = (double) sim_talk_end_b (&talk)->longest_stall_us / 1e6;
}

static void
test_mtu (void)
{
  SimRow row = { g_test_get_path (), "s of stall", 5, run_mtu, NULL,
                 SIM_LOWER_IS_BETTER, 3, 0, TRUE };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    g_test_add_data_func (scenarios[i].path, &scenarios[i], test_rate);
  g_test_add_func ("/sim/fair/with-itself", test_rivals);
  g_test_add_func ("/sim/fair/queue-delay", test_queue_delay);
  g_test_add_func ("/sim/fair/mtu-shrinks-and-grows", test_mtu);

  return g_test_run ();
}
