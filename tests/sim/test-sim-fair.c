/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-fair.c: what others on the path notice of us, and we of the path
 *
 * The budgets here are goals: a row that misses one says so and does not fail;
 * a byte that is wrong does.
 */
#include "sim-match.h"

#define MBIT G_GUINT64_CONSTANT (1000000)
#define ENDLESS G_GUINT64_CONSTANT (1000000000000)

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
  g_test_add_func ("/sim/fair/with-itself", test_rivals);
  g_test_add_func ("/sim/fair/queue-delay", test_queue_delay);
  g_test_add_func ("/sim/fair/mtu-shrinks-and-grows", test_mtu);

  return g_test_run ();
}
