/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-transfer.c: every byte arrives, once, in order, whatever happens
 */
#include "sim-match.h"

#include <string.h>

/* The QUIC interop runner's link: 15 ms, 10 Mbit/s, 25 packets of queue. */
#define DEFAULT_LINK .delay_us = 15 * SIM_MS, .rate_bps = 10000000, \
                     .queue_packets = 25, .mtu_bytes = 1500
#define PROMPT { .max_segments = 1 }
#define TWO_MEGABYTES 2000000
#define LIMIT (600 * SIM_S)

typedef struct
{
  SimLinkConfig link;
  SimNodeConfig machine; /* only how it is served */
  guint64 bytes;
  guint n_seeds;
} TransferScenario;

static void
serve_badly (SimNode             *node,
             const SimNodeConfig *how)
{
  node->config.late_timer_us = how->late_timer_us;
  node->config.receive_batch_us = how->receive_batch_us;
  node->config.cpu_per_packet_us = how->cpu_per_packet_us;
  node->config.receive_queue_packets = how->receive_queue_packets;
  node->config.max_segments = how->max_segments;
}

static void
run_transfer (guint64       seed,
              gconstpointer scenario,
              SimOutcome   *outcome)
{
  const TransferScenario *s = scenario;
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &s->link, &s->link, s->bytes);
  serve_badly (talk.pair.a, &s->machine);
  serve_badly (talk.pair.b, &s->machine);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 60 * SIM_S, outcome))
    return;
  sim_talk_finish (&talk, LIMIT, outcome);
  outcome->value = (double) talk.world->clock.now_us / 1e6;
}

static void
test_transfer (gconstpointer data)
{
  const TransferScenario *s = data;
  SimRow row = { g_test_get_path (), "s", s->n_seeds, run_transfer, s,
                 SIM_LOWER_IS_BETTER, 0, 0 };

  sim_report_run (&row);
}

typedef struct
{
  const char *path;
  TransferScenario scenario;
} NamedScenario;

static const NamedScenario scenarios[] = {
  { "/sim/transfer/clean",
    { { DEFAULT_LINK }, PROMPT, TWO_MEGABYTES, 20 } },
  { "/sim/transfer/loss",
    { { DEFAULT_LINK, .loss = 0.02 }, PROMPT, TWO_MEGABYTES, 200 } },
  { "/sim/transfer/duplication",
    { { DEFAULT_LINK, .duplicate = 0.05 }, PROMPT, TWO_MEGABYTES, 200 } },
  { "/sim/transfer/reorder",
    { { DEFAULT_LINK, .reorder = 1, .reorder_us = 200 * SIM_MS },
      PROMPT, TWO_MEGABYTES, 200 } },
  { "/sim/transfer/corruption",
    { { DEFAULT_LINK, .corrupt = 0.01 }, PROMPT, TWO_MEGABYTES, 200 } },
  { "/sim/transfer/all-at-once",
    { { DEFAULT_LINK, .loss = 0.02, .duplicate = 0.05, .corrupt = 0.01,
        .reorder = 0.1, .reorder_us = 200 * SIM_MS },
      PROMPT, TWO_MEGABYTES / 4, 100 } },
  { "/sim/transfer/heavy-loss",
    { { DEFAULT_LINK, .loss = 0.3 }, PROMPT, 20000, 100 } },
  { "/sim/transfer/nothing-at-all",
    { { DEFAULT_LINK, .loss = 0.1 }, PROMPT, 0, 100 } },
  { "/sim/transfer/one-byte",
    { { DEFAULT_LINK, .loss = 0.1 }, PROMPT, 1, 100 } },
  { "/sim/machine/late-timers",
    { { DEFAULT_LINK, .loss = 0.02 },
      { .late_timer_us = 30 * SIM_MS }, TWO_MEGABYTES / 4, 50 } },
  { "/sim/machine/merged-receives",
    { { DEFAULT_LINK, .loss = 0.02 },
      { .receive_batch_us = 5 * SIM_MS, .max_segments = 16 },
      TWO_MEGABYTES / 4, 50 } },
  { "/sim/machine/slow-cpu",
    { { DEFAULT_LINK, .loss = 0.02 },
      { .cpu_per_packet_us = 2 * SIM_MS, .receive_queue_packets = 50 },
      TWO_MEGABYTES / 4, 50 } },
  { "/sim/machine/segments",
    { { .delay_us = 15 * SIM_MS, .rate_bps = 100000000, .queue_packets = 100 },
      { .max_segments = 64 }, TWO_MEGABYTES * 4, 10 } },
};

/* Five hundred clients of one server. */
#define N_CLIENTS 500
#define CLIENT_BYTES 100000
#define REAL_TIME_LIMIT (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  SimStar star;
  SimApp *apps[N_CLIENTS + 1]; /* the first is the server */
} Crowd;

typedef struct
{
  Crowd *crowd;
  guint client;
} CrowdOpen;

static SimNode *
crowd_node (Crowd *crowd,
            guint  i)
{
  return g_ptr_array_index (crowd->star.nodes, i);
}

static void
crowd_open_cb (gpointer data)
{
  CrowdOpen *open = data;

  sim_app_open (open->crowd->apps[open->client],
                &crowd_node (open->crowd, 0)->config.address, NULL);
}

static gboolean
crowd_is_done (gpointer data)
{
  Crowd *crowd = data;

  return crowd->apps[0]->n_done == N_CLIENTS;
}

static void
check_crowd (Crowd      *crowd,
             SimOutcome *outcome)
{
  for (guint i = 1; i <= N_CLIENTS; i++)
    {
      SimEnd *there = sim_app_find_peer (crowd->apps[i], crowd_node (crowd, 0));
      SimEnd *here = sim_app_find_peer (crowd->apps[0], crowd_node (crowd, i));

      if (!sim_match_check_done (here, there, outcome))
        return;
    }
}

static void
run_crowd_world (SimWorld   *world,
                 Crowd      *crowd,
                 SimOutcome *outcome)
{
  CrowdOpen opens[N_CLIENTS];
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      opens[i] = (CrowdOpen) { crowd, i + 1 };
      sim_world_at (world, (gint64) sim_rng_below (&world->rng, 10 * SIM_S),
                    crowd_open_cb, &opens[i]);
    }
  sim_world_run_until (world, crowd_is_done, crowd, 120 * SIM_S);
  sim_world_run (world, world->clock.now_us + SIM_S);
  check_crowd (crowd, outcome);
  outcome->value = (double) (g_get_monotonic_time () - start) / 1e6;
}

static void
run_crowd (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  const SimLinkConfig link = { DEFAULT_LINK };
  const SimLinkConfig wide = { .delay_us = 1 };
  SimWorld *world = sim_world_new (seed);
  g_autofree Crowd *crowd = g_new0 (Crowd, 1);
  SimNode *server;

  sim_world_add_star (world, N_CLIENTS + 1, &link, &link, &crowd->star);
  server = crowd_node (crowd, 0);
  server->uplink = &sim_world_add_link (world, &wide,
                                        &crowd->star.router->sink)->sink;
  sim_router_set (crowd->star.router, &server->config.address, &server->sink);
  srudp_engine_set_accepting (server->engine, TRUE);
  for (guint i = 0; i <= N_CLIENTS; i++)
    crowd->apps[i] = sim_app_new (world, crowd_node (crowd, i), CLIENT_BYTES);

  run_crowd_world (world, crowd, outcome);

  sim_world_free (world);
  sim_star_clear (&crowd->star);
  for (guint i = 0; i <= N_CLIENTS; i++)
    sim_app_free (crowd->apps[i]);
}

/* Real time: the simulator itself has to be quick. */
static void
test_crowd (void)
{
  SimRow row = { g_test_get_path (), "s of real time", 1, run_crowd, NULL,
                 SIM_LOWER_IS_BETTER, 0, 0 };
  gint64 start = g_get_monotonic_time ();

  sim_report_run (&row);
  if (g_getenv ("SRUDP_SIM_FACTOR") == NULL)
    g_assert_cmpint (g_get_monotonic_time () - start, <, REAL_TIME_LIMIT);
}

/* Datagrams: at most once each, and all of them where nothing is lost. */
#define N_DATAGRAMS 1000

typedef struct
{
  guint counts[N_DATAGRAMS];
  guint n_wrong;
} Tally;

static void
tally_cb (SimApp  *app,
          GBytes  *datagram,
          gpointer data)
{
  Tally *tally = data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (datagram, &size);
  guint32 number;

  if (size != 100)
    {
      tally->n_wrong++;
      return;
    }
  memcpy (&number, bytes, sizeof number);
  if (number < N_DATAGRAMS)
    tally->counts[number]++;
  else
    tally->n_wrong++;
}

static void
send_datagrams (SimTalk    *talk,
                SimOutcome *outcome)
{
  SimEnd *end = sim_talk_end_a (talk);

  for (guint32 i = 0; i < N_DATAGRAMS; i++)
    {
      guint8 data[100] = { 0 };

      memcpy (data, &i, sizeof i);
      if (!srudp_session_send_datagram (end->session,
                                        sim_node_now (talk->pair.a), data,
                                        sizeof data))
        sim_outcome_fail (outcome, "datagram %u refused", i);
      sim_node_service (talk->pair.a);
      sim_world_run (talk->world, talk->world->clock.now_us + 2 * SIM_MS);
    }
  sim_world_run (talk->world, talk->world->clock.now_us + SIM_S);
}

static void
run_datagrams (guint64       seed,
               gconstpointer scenario,
               SimOutcome   *outcome)
{
  const SimLinkConfig *link = scenario;
  Tally tally = { 0 };
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, link, link, 0);
  talk.app_a->keep_open = talk.app_b->keep_open = TRUE;
  talk.app_b->on_datagram = tally_cb;
  talk.app_b->datagram_data = &tally;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 60 * SIM_S, outcome))
    return;
  send_datagrams (&talk, outcome);

  for (guint i = 0; i < N_DATAGRAMS; i++)
    {
      outcome->value += tally.counts[i];
      if (tally.counts[i] > 1)
        sim_outcome_fail (outcome, "datagram %u came %u times", i,
                          tally.counts[i]);
    }
  if (tally.n_wrong > 0)
    sim_outcome_fail (outcome, "%u datagrams were not sent so", tally.n_wrong);
}

static void
test_datagrams_clean (void)
{
  const SimLinkConfig link = { DEFAULT_LINK };
  SimRow row = { g_test_get_path (), "datagrams", 5, run_datagrams, &link,
                 SIM_HIGHER_IS_BETTER, N_DATAGRAMS, N_DATAGRAMS };

  sim_report_run (&row);
}

static void
test_datagrams_weather (void)
{
  const SimLinkConfig link = { DEFAULT_LINK, .loss = 0.05, .duplicate = 0.1,
                               .reorder = 0.2, .reorder_us = 50 * SIM_MS };
  SimRow row = { g_test_get_path (), "datagrams", 20, run_datagrams, &link,
                 SIM_HIGHER_IS_BETTER, 900, 850 };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    g_test_add_data_func (scenarios[i].path, &scenarios[i].scenario,
                          test_transfer);
  g_test_add_func ("/sim/crowd/five-hundred", test_crowd);
  g_test_add_func ("/sim/datagrams/clean", test_datagrams_clean);
  g_test_add_func ("/sim/datagrams/weather", test_datagrams_weather);

  return g_test_run ();
}
