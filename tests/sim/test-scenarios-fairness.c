/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-fairness.c: what we leave to others, and to ourselves
 */
#include "sim-match.h"
#include "sim-tcp.h"

#include <string.h>

#define MBIT G_GUINT64_CONSTANT (1000000)
#define ENDLESS G_GUINT64_CONSTANT (1000000000000)
#define RATE_BPS (100 * MBIT)
#define RTT_US (50 * SIM_MS)
#define BDP_BYTES (RATE_BPS / 8 * RTT_US / SIM_S)
#define SEGMENTS 16
#define FROM_US (30 * SIM_S)
#define UNTIL_US (120 * SIM_S)
/* Two that share a link must not leave it idle. */
#define MIN_USE 0.85

typedef struct
{
  gboolean with_tcp;
  guint queue_bdps;
  double least, most; /* the part of the first */
} Contest;

/* Senders 1 and 2, receivers 11 and 12, one queue. */
typedef struct
{
  SimWorld *world;
  SimRouter *far_side, *near_side;
  SimLink *shared, *back;
  SimNode *from_node[2], *to_node[2];
  SimApp *from[2], *to[2];
  SimTcp tcp;
} Field;

static void
field_init (Field         *f,
            guint64        seed,
            const Contest *contest)
{
  const SimLinkConfig shared = { .delay_us = RTT_US / 2,
                                 .rate_bps = RATE_BPS,
                                 .queue_bytes = contest->queue_bdps * BDP_BYTES,
                                 .mtu_bytes = 1500 };
  const SimLinkConfig back = { .delay_us = RTT_US / 2 };

  f->world = sim_world_new (seed);
  f->far_side = sim_world_add_router (f->world);
  f->near_side = sim_world_add_router (f->world);
  f->shared = sim_world_add_link (f->world, &shared, &f->far_side->sink);
  f->back = sim_world_add_link (f->world, &back, &f->near_side->sink);
  sim_tcp_init (&f->tcp, &f->world->clock, 3, 13);
  f->tcp.way_there = &f->shared->sink;
  f->tcp.way_back = &f->back->sink;
  sim_router_set (f->far_side, &f->tcp.to, &f->tcp.data_in);
  sim_router_set (f->near_side, &f->tcp.from, &f->tcp.ack_in);
}

static void
field_clear (Field *f)
{
  sim_world_free (f->world);
  sim_tcp_clear (&f->tcp);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&f->from[i], sim_app_free);
      g_clear_pointer (&f->to[i], sim_app_free);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Field, field_clear)

static void
start_pair (Field *f,
            guint  i)
{
  f->from_node[i] = sim_world_add_node (f->world, 1 + i, NULL);
  f->to_node[i] = sim_world_add_node (f->world, 11 + i, NULL);
  f->from_node[i]->uplink = &f->shared->sink;
  f->to_node[i]->uplink = &f->back->sink;
  f->from_node[i]->config.max_segments = SEGMENTS;
  sim_router_set (f->near_side, &f->from_node[i]->config.address,
                  &f->from_node[i]->sink);
  sim_router_set (f->far_side, &f->to_node[i]->config.address,
                  &f->to_node[i]->sink);
  f->from[i] = sim_app_new (f->world, f->from_node[i], ENDLESS);
  f->to[i] = sim_app_new (f->world, f->to_node[i], 0);
  srudp_engine_set_accepting (f->to_node[i]->engine, TRUE);
  sim_app_open (f->from[i], &f->to_node[i]->config.address, NULL);
}

static guint64
get_received (Field *f,
              guint  i)
{
  SimEnd *end = sim_app_find_established (f->to[i]);

  return end == NULL ? 0 : end->received;
}

static guint64
get_other (Field         *f,
           const Contest *contest)
{
  return contest->with_tcp ? sim_tcp_get_delivered (&f->tcp)
                           : get_received (f, 1);
}

static void
start_first (Field *f)
{
  start_pair (f, 0);
}

static void
start_second (Field         *f,
              const Contest *contest)
{
  if (contest->with_tcp)
    sim_tcp_start (&f->tcp);
  else
    start_pair (f, 1);
}

/* Either may be there first, by up to two seconds. */
static void
start_both (Field         *f,
            const Contest *contest)
{
  gint64 stagger = (gint64) sim_rng_below (&f->world->rng, 2 * SIM_S);

  if (sim_rng_chance (&f->world->rng, 0.5))
    {
      start_first (f);
      sim_world_run (f->world, stagger);
      start_second (f, contest);
    }
  else
    {
      start_second (f, contest);
      sim_world_run (f->world, stagger);
      start_first (f);
    }
}

static void
run_contest (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  const Contest *contest = scenario;
  g_auto (Field) f = { 0 };
  guint64 own, other;
  double share, use;

  field_init (&f, seed, contest);
  start_both (&f, contest);
  sim_world_run (f.world, FROM_US);
  own = get_received (&f, 0);
  other = get_other (&f, contest);
  sim_world_run (f.world, UNTIL_US);
  own = get_received (&f, 0) - own;
  other = get_other (&f, contest) - other;

  share = (double) own / (double) MAX (own + other, 1);
  use = (double) (own + other) * 8 / (double) RATE_BPS
    / ((double) (UNTIL_US - FROM_US) / 1e6);
  outcome->value = share * 100;
  if (share > contest->most)
    sim_outcome_fail (outcome, "the other gets only %.0f %%",
                      (1 - share) * 100);
  if (use < MIN_USE)
    sim_outcome_fail (outcome, "only %.0f %% of the link is used", use * 100);
  if (sim_app_get_error (f.to[0]) != NULL)
    sim_outcome_fail (outcome, "%s", sim_app_get_error (f.to[0]));
}

static void
test_contest (gconstpointer data)
{
  const Contest *contest = data;
  SimRow row = { .name = g_test_get_path () + strlen ("/scenarios/fairness/"),
                 .unit = "% to the first", .n_seeds = 5,
                 .func = run_contest, .scenario = contest,
                 .better = SIM_HIGHER_IS_BETTER,
                 .worst_budget = contest->least * 100 };

  sim_report_run (&row);
}

static const Contest with_itself = { FALSE, 1, 0.35, 0.65 };
static const Contest with_tcp = { TRUE, 1, 0.25, 0.75 };
static const Contest with_tcp_deep = { TRUE, 4, 0.2, 0.8 };

/* The model itself: alone it fills the link as TCP does. */
static void
run_tcp_alone (guint64       seed,
               gconstpointer scenario,
               SimOutcome   *outcome)
{
  g_auto (Field) f = { 0 };

  field_init (&f, seed, &with_tcp);
  sim_tcp_start (&f.tcp);
  sim_world_run (f.world, 20 * SIM_S);
  outcome->value = 100.0 * 8 * (double) sim_tcp_get_delivered (&f.tcp)
    / (double) RATE_BPS / 20;
}

static void
test_tcp_alone (void)
{
  SimRow row = { .name = "model-tcp-alone", .unit = "% of the link",
                 .n_seeds = 1, .func = run_tcp_alone,
                 .better = SIM_HIGHER_IS_BETTER, .worst_budget = 90 };

  sim_report_run (&row);
}

/* --- The queue we make ------------------------------------------------------ */

#define DELAY_RATE_BPS (20 * MBIT)
#define BUFFER_S 4
#define MAX_ADDED_RTTS 1.5

/* How long a packet would wait, every 10 ms. */
typedef struct
{
  SimLink *link;
  SimClock *clock;
  GArray *waits_ms;
} Gauge;

static void
gauge_cb (gpointer data)
{
  Gauge *gauge = data;
  gint64 wait_ns = gauge->link->busy_until_ns - gauge->clock->now_us * 1000;
  double wait_ms = (double) MAX (wait_ns, 0) / 1e6;

  g_array_append_val (gauge->waits_ms, wait_ms);
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
  const SimLinkConfig link = { .delay_us = RTT_US / 2,
                               .rate_bps = DELAY_RATE_BPS,
                               .queue_bytes = DELAY_RATE_BPS / 8 * BUFFER_S,
                               .mtu_bytes = 1500 };
  g_autoptr (GArray) waits_ms = g_array_new (FALSE, FALSE, sizeof (double));
  g_auto (SimTalk) talk = { 0 };
  Gauge gauge;

  sim_talk_init (&talk, seed, &link, &link, ENDLESS);
  talk.app_b->send_bytes = 0;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 60 * SIM_S, outcome))
    return;
  gauge = (Gauge) { talk.pair.a_to_b, &talk.world->clock, waits_ms };
  gauge_cb (&gauge);
  sim_world_run (talk.world, talk.world->clock.now_us + 30 * SIM_S);
  g_array_sort (waits_ms, compare_doubles);
  outcome->value = g_array_index (waits_ms, double, waits_ms->len * 95 / 100);
  sim_match_check (sim_talk_end_a (&talk), sim_talk_end_b (&talk), outcome);
}

static void
test_queue_delay (void)
{
  SimRow row = { .name = "queue-delay-with-4-s-of-buffer",
                 .unit = "ms added, p95", .n_seeds = 5,
                 .func = run_queue_delay, .better = SIM_LOWER_IS_BETTER,
                 .worst_budget = MAX_ADDED_RTTS * RTT_US / 1000 };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/fairness/model-tcp-alone", test_tcp_alone);
  g_test_add_data_func ("/scenarios/fairness/two-with-itself", &with_itself,
                        test_contest);
  g_test_add_data_func ("/scenarios/fairness/with-tcp-cubic-queue-1-bdp",
                        &with_tcp, test_contest);
  g_test_add_data_func ("/scenarios/fairness/with-tcp-cubic-queue-4-bdp",
                        &with_tcp_deep, test_contest);
  g_test_add_func ("/scenarios/fairness/queue-delay", test_queue_delay);

  return g_test_run ();
}
