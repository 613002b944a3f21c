/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-rates.c: what an application gets out of all kinds of links
 *
 * Share = application bytes in the 20 s after the first one, over what the
 * link carries in IP bytes.
 */
#include "sim-match.h"

#define MBIT G_GUINT64_CONSTANT (1000000)
#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define WINDOW (20 * SIM_S)
#define AGEING (100 * SIM_S)
#define CONNECT_LIMIT (60 * SIM_S)
#define TRANSFER_LIMIT (600 * SIM_S)
#define ENDLESS G_GUINT64_CONSTANT (1000000000000)
#define SEGMENTS 16
/* The ACKs of a download may take this part of a thin way back. */
#define MAX_ACK_SHARE 0.1
/* How soon after a black-out data must flow. */
#define MAX_WAKE_US SIM_S

typedef struct
{
  const char *path;
  SimLinkConfig link;
  double queue_bdp;            /* sets queue_bytes */
  guint64 back_rate_bps;       /* 0: the same as there */
  guint64 max_window;          /* 0: the default */
  guint64 bytes;               /* to transfer; 0: the share of 20 s */
  gint64 blackout_at_us, blackout_us;
  gint64 longer_by_us;         /* each way, after WINDOW; the share is that of
                                * the same time AGEING later */
  double median_budget, worst_budget; /* %, or seconds for `bytes` */
  guint n_seeds;
} Scenario;

#define LINK(mbit, rtt_ms) .rate_bps = (guint64) ((mbit) * MBIT), \
                           .delay_us = (rtt_ms) * SIM_MS / 2, .mtu_bytes = 1500
/* As the QUIC interop runner's. */
#define DEFAULT_LINK LINK (10, 30), .queue_packets = 25

static const Scenario scenarios[] = {
  { .path = "plain", .link = { DEFAULT_LINK }, .bytes = 5 * MEGABYTE,
    .worst_budget = 4.6, .n_seeds = 50 },
  /* 60 % of the link. */
  { .path = "loss-2-percent-and-corruption-2-percent",
    .link = { DEFAULT_LINK, .loss = 0.02, .corrupt = 0.02 },
    .bytes = 2 * MEGABYTE, .worst_budget = 2.67, .n_seeds = 50 },
  { .path = "20-mbit-280-ms-loss-0.15-percent",
    .link = { LINK (20, 280), .loss = 0.0015 }, .queue_bdp = 1,
    .median_budget = 87, .worst_budget = 87, .n_seeds = 5 },
  { .path = "100-mbit-50-ms", .link = { LINK (100, 50) }, .queue_bdp = 1,
    .worst_budget = 92, .n_seeds = 5 },
  { .path = "100-mbit-50-ms-loss-1-percent",
    .link = { LINK (100, 50), .loss = 0.01 }, .queue_bdp = 1,
    .worst_budget = 90, .n_seeds = 5 },
  { .path = "10-mbit-100-ms-loss-5-percent",
    .link = { LINK (10, 100), .loss = 0.05 }, .queue_bdp = 1,
    .worst_budget = 85, .n_seeds = 5 },
  { .path = "route-longer-by-100-ms-loss-1-percent",
    .link = { LINK (10, 30), .loss = 0.01 }, .queue_bdp = 3,
    .longer_by_us = 50 * SIM_MS, .worst_budget = 85, .n_seeds = 5 },
  { .path = "100-mbit-20-ms-queue-0.5-bdp", .link = { LINK (100, 20) },
    .queue_bdp = 0.5, .worst_budget = 92, .n_seeds = 5 },
  { .path = "rtt-1.5-s", .link = { LINK (10, 1500) }, .queue_bdp = 1,
    .bytes = 2 * MEGABYTE, .worst_budget = 20, .n_seeds = 50 },
  { .path = "satellite", .link = { LINK (250, 600) }, .queue_bdp = 1,
    .back_rate_bps = 3 * MBIT, .max_window = 64 << 20,
    .bytes = 100 * MEGABYTE, .worst_budget = 10.5, .n_seeds = 5 },
  { .path = "satellite-loss-1-percent",
    .link = { LINK (250, 600), .loss = 0.01 }, .queue_bdp = 1,
    .back_rate_bps = 3 * MBIT, .max_window = 64 << 20,
    .bytes = 100 * MEGABYTE, .worst_budget = 13, .n_seeds = 5 },
  { .path = "black-out-2-s", .link = { DEFAULT_LINK }, .bytes = 10 * MEGABYTE,
    .blackout_at_us = 5 * SIM_S, .blackout_us = 2 * SIM_S, .worst_budget = 13,
    .n_seeds = 50 },
  /* 25 packets at 500 kbit/s are 0.6 s, 40 at 256 kbit/s 1.9 s. */
  { .path = "bursts-12-percent-of-0.6-s",
    .link = { LINK (0.5, 450), .queue_packets = 25, .burst_loss = 0.12,
              .burst_us = 600 * SIM_MS },
    .bytes = 200000, .worst_budget = 60, .n_seeds = 50 },
  { .path = "bursts-25-percent-of-1.9-s",
    .link = { LINK (0.256, 800), .queue_packets = 25, .burst_loss = 0.25,
              .burst_us = 1875 * SIM_MS },
    .bytes = 50000, .worst_budget = 120, .n_seeds = 50 },
  /* Counted in packets a burst lasts the longer the less is sent. */
  { .path = "bursts-12-percent-of-25-packets",
    .link = { LINK (0.5, 450), .queue_packets = 25, .burst_loss = 0.12,
              .burst_packets = 25 },
    .bytes = 200000, .worst_budget = 60, .n_seeds = 50 },
  { .path = "bursts-25-percent-of-40-packets",
    .link = { LINK (0.256, 800), .queue_packets = 25, .burst_loss = 0.25,
              .burst_packets = 40 },
    .bytes = 50000, .worst_budget = 120, .n_seeds = 50 },
};

static void
make_links (const Scenario *s,
            SimLinkConfig  *there,
            SimLinkConfig  *back)
{
  double bdp_bytes = (double) s->link.rate_bps / 8
    * (double) s->link.delay_us * 2 / SIM_S;

  *there = s->link;
  if (s->queue_bdp > 0)
    there->queue_bytes = (gsize) (s->queue_bdp * bdp_bytes);
  *back = *there;
  if (s->back_rate_bps != 0)
    back->rate_bps = s->back_rate_bps;
}

static void
begin (SimTalk        *talk,
       guint64         seed,
       const Scenario *s)
{
  SimNode *nodes[2];
  SimLinkConfig there, back;

  make_links (s, &there, &back);
  sim_talk_init (talk, seed, &there, &back,
                 s->bytes == 0 ? ENDLESS : s->bytes);
  talk->app_b->send_bytes = 0;
  nodes[0] = talk->pair.a;
  nodes[1] = talk->pair.b;
  for (guint i = 0; i < 2; i++)
    {
      nodes[i]->config.max_segments = SEGMENTS;
      if (s->max_window != 0)
        srudp_engine_set_max_window (nodes[i]->engine, s->max_window);
    }
  if (s->blackout_us != 0)
    {
      gint64 until_us = s->blackout_at_us + s->blackout_us;

      sim_link_add_blackout (talk->pair.a_to_b, s->blackout_at_us, until_us);
      sim_link_add_blackout (talk->pair.b_to_a, s->blackout_at_us, until_us);
    }
  sim_talk_open_a (talk, FALSE);
  sim_talk_open_b (talk, FALSE);
}

static void
measure_share (SimTalk        *talk,
               const Scenario *s,
               SimOutcome     *outcome)
{
  SimWorld *world = talk->world;
  SimEnd *end = sim_talk_end_b (talk);
  guint64 before = 0;

  while (end->first_byte_us < 0
         && sim_clock_step (&world->clock, CONNECT_LIMIT))
    ;
  if (s->longer_by_us != 0)
    {
      sim_world_run (world, world->clock.now_us + WINDOW);
      talk->pair.a_to_b->config.delay_us += s->longer_by_us;
      talk->pair.b_to_a->config.delay_us += s->longer_by_us;
      sim_world_run (world, world->clock.now_us + AGEING);
      before = end->received;
    }
  sim_world_run (world, world->clock.now_us + WINDOW);
  outcome->value = 100.0 * 8 * (double) (end->received - before)
    / ((double) s->link.rate_bps * WINDOW / SIM_S);
  sim_match_check (sim_talk_end_a (talk), end, outcome);
}

static void
check_ack_share (SimTalk        *talk,
                 const Scenario *s,
                 SimOutcome     *outcome)
{
  double seconds = (double) talk->world->clock.now_us / 1e6;
  double share = (double) talk->pair.b_to_a->counters.bytes_in * 8 / seconds
    / (double) talk->pair.b_to_a->config.rate_bps;

  if (s->back_rate_bps != 0 && share > MAX_ACK_SHARE)
    sim_outcome_fail (outcome, "ACKs take %.0f %% of the way back",
                      share * 100);
}

/* From the first HELLO to the last byte acknowledged. */
static void
measure_time (SimTalk        *talk,
              const Scenario *s,
              SimOutcome     *outcome)
{
  SimEnd *end;

  if (!sim_talk_connect (talk, CONNECT_LIMIT, outcome)
      || !sim_talk_finish (talk, TRANSFER_LIMIT, outcome))
    return;

  outcome->value = (double) talk->world->clock.now_us / 1e6;
  end = sim_talk_end_b (talk);
  if (s->blackout_us != 0
      && end->longest_stall_us > s->blackout_us + MAX_WAKE_US)
    sim_outcome_fail (outcome, "no data for %.2f s",
                      (double) end->longest_stall_us / 1e6);
  check_ack_share (talk, s, outcome);
}

static void
run (guint64       seed,
     gconstpointer scenario,
     SimOutcome   *outcome)
{
  const Scenario *s = scenario;
  g_auto (SimTalk) talk = { 0 };

  begin (&talk, seed, s);
  if (s->bytes != 0)
    measure_time (&talk, s, outcome);
  else if (sim_talk_connect (&talk, CONNECT_LIMIT, outcome))
    measure_share (&talk, s, outcome);
}

static void
test_rate (gconstpointer data)
{
  const Scenario *s = data;
  SimRow row = {
    .name = s->path,
    .unit = s->bytes == 0 ? "% of the link" : "s",
    .n_seeds = s->n_seeds,
    .func = run,
    .scenario = s,
    .better = s->bytes == 0 ? SIM_HIGHER_IS_BETTER : SIM_LOWER_IS_BETTER,
    .median_budget = s->median_budget,
    .worst_budget = s->worst_budget,
  };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autofree char *path = g_strconcat ("/scenarios/rates/",
                                           scenarios[i].path, NULL);

      g_test_add_data_func (path, &scenarios[i], test_rate);
    }

  return g_test_run ();
}
