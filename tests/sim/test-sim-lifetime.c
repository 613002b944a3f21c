/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-lifetime.c: a NAT that takes each mapping away after a fixed time
 *
 * Both sides are behind a NAT. That of the first one forgets a mapping some
 * time after it was made, however much goes through it. What is measured is the
 * longest pause in a steady stream once this was found out.
 */
#include "sim-homes.h"

#define WRITE_BYTES 2500
#define WRITE_EVERY_US (40 * SIM_MS)
#define LIFETIMES_TO_LEARN 8
#define LIFETIMES_TO_MEASURE 5
#define IDLE_WRITES 15

static const SimLinkConfig link_config = { .delay_us = 25 * SIM_MS,
                                           .rate_bps = 10000000,
                                           .queue_packets = 50,
                                           .mtu_bytes = 1500 };

typedef struct
{
  gint64 lifetime_us;
  gboolean keeps_ports;
  SimNatBehaviour mapping;   /* of the NAT that forgets */
  SimNatBehaviour filtering; /* of the other one */
  gboolean first_writes, second_writes;
  gboolean is_alone;         /* without a second socket */
  double loss;
  double worst;              /* pause, ms */
} Scenario;

typedef struct
{
  SimHomes homes;
  const Scenario *scenario;
} Fixture;

static void
fixture_clear (Fixture *fixture)
{
  sim_homes_clear (&fixture->homes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static gboolean
fixture_init (Fixture        *fixture,
              guint64         seed,
              const Scenario *scenario,
              SimOutcome     *outcome)
{
  SimHomes *homes = &fixture->homes;
  const SimNatConfig nats[2] = {
    { .mapping = scenario->mapping,
      .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
      .keep_port = scenario->keeps_ports,
      .max_age_us = scenario->lifetime_us },
    { .filtering = scenario->filtering, .keep_port = TRUE },
  };
  const SrudpPunching punching = { .second_paths = !scenario->is_alone };
  const SrudpOpenConfig config = { .open_timeout_us = 30 * SIM_S,
                                   .idle_timeout_us = 21 * SIM_S,
                                   .keepalive_us = 15 * SIM_S };

  fixture->scenario = scenario;
  sim_homes_init (homes, seed, &link_config, nats);
  srudp_engine_set_punching (homes->talk.pair.a->engine, &punching);
  srudp_engine_set_punching (homes->talk.pair.b->engine, &punching);
  if (!sim_homes_connect (homes, &config, outcome))
    return FALSE;

  sim_homes_set_loss (homes, scenario->loss);

  return TRUE;
}

static void
write_cb (gpointer data)
{
  Fixture *fixture = data;
  SimWorld *world = fixture->homes.talk.world;
  const Scenario *scenario = fixture->scenario;

  if (scenario->first_writes)
    sim_end_write (fixture->homes.ends[0], WRITE_BYTES);
  if (scenario->second_writes)
    sim_end_write (fixture->homes.ends[1], WRITE_BYTES);
  sim_world_at (world, world->clock.now_us + WRITE_EVERY_US, write_cb, fixture);
}

static void
pass_lifetimes (Fixture *fixture,
                guint    n)
{
  sim_homes_pass (&fixture->homes, n * fixture->scenario->lifetime_us);
}

static void
run_stream (guint64       seed,
            gconstpointer data,
            SimOutcome   *outcome)
{
  g_auto (Fixture) fixture = { 0 };

  if (!fixture_init (&fixture, seed, data, outcome))
    return;

  write_cb (&fixture);
  pass_lifetimes (&fixture, LIFETIMES_TO_LEARN);
  fixture.homes.ends[0]->longest_stall_us = fixture.homes.ends[1]->longest_stall_us = 0;
  pass_lifetimes (&fixture, LIFETIMES_TO_MEASURE);
  if (!sim_ends_are_up (fixture.homes.ends, outcome))
    return;

  outcome->value = (double) MAX (fixture.homes.ends[0]->longest_stall_us,
                                 fixture.homes.ends[1]->longest_stall_us) / 1e3;
  /* The socket before is closed once another one is in use. */
  if (g_hash_table_size (fixture.homes.talk.pair.a->sockets) > 2)
    sim_outcome_fail (outcome, "%u extra sockets are open",
                      g_hash_table_size (fixture.homes.talk.pair.a->sockets));
}

/* Nothing goes through it but keepalives; then somebody speaks. */
static void
run_idle (guint64       seed,
          gconstpointer data,
          SimOutcome   *outcome)
{
  g_auto (Fixture) fixture = { 0 };
  SimHomes *homes = &fixture.homes;

  if (!fixture_init (&fixture, seed, data, outcome))
    return;

  pass_lifetimes (&fixture, LIFETIMES_TO_LEARN);
  for (guint i = 0; i < IDLE_WRITES && sim_ends_are_up (homes->ends, outcome);
       i++)
    {
      SimRng *rng = &homes->talk.world->rng;
      gint64 took;

      sim_homes_pass (homes, 60 * SIM_S + (gint64) sim_rng_below (rng, 60 * SIM_S));
      took = sim_homes_write (homes, 1, WRITE_BYTES, outcome);
      outcome->value = MAX (outcome->value, (double) took / 1e3);
    }
}

static void
test_idle (gconstpointer data)
{
  const Scenario *scenario = data;
  SimRow row = { g_test_get_path (), "ms", 20, run_idle, data,
                 SIM_LOWER_IS_BETTER, 0, 0, scenario->worst };

  /* Not in each run does anybody speak when the mapping has just ended. */
  if (scenario->is_alone)
    {
      row.better = SIM_HIGHER_IS_BETTER;
      row.median_budget = scenario->worst;
      row.worst_budget = 0;
    }
  sim_report_run (&row);
}

static void
tell_end (SimNode *node,
          gint64   in_us)
{
  gint64 now = sim_node_now (node);

  srudp_engine_expect_mapping_end (node->engine, now, now + in_us);
  sim_node_service (node);
}

/* Somebody knows when it ends, before any has ended. */
static void
run_told (guint64       seed,
          gconstpointer data,
          SimOutcome   *outcome)
{
  g_auto (Fixture) fixture = { 0 };
  SimNode *node;

  if (!fixture_init (&fixture, seed, data, outcome))
    return;

  node = fixture.homes.talk.pair.a;
  tell_end (node, fixture.scenario->lifetime_us
                    - fixture.homes.talk.world->clock.now_us);
  write_cb (&fixture);
  pass_lifetimes (&fixture, 1);
  if (node->max_sockets != 1)
    sim_outcome_fail (outcome, "%u extra sockets were opened",
                      node->max_sockets);
  outcome->value = (double) fixture.homes.ends[0]->longest_stall_us / 1e3;
  sim_ends_are_up (fixture.homes.ends, outcome);
}

static void
test_told (gconstpointer data)
{
  const Scenario *scenario = data;
  SimRow row = { g_test_get_path (), "ms", 5, run_told, data,
                 SIM_LOWER_IS_BETTER, 0, 0, scenario->worst };

  sim_report_run (&row);
}

/* Nobody says anything, and one moves at some time between two keepalives: its
 * other port doesn't mean that the NAT forgets what is silent so long. */
static void
run_told_in_silence (guint64       seed,
                     gconstpointer data,
                     SimOutcome   *outcome)
{
  g_auto (Fixture) fixture = { 0 };
  SimHomes *homes = &fixture.homes;
  SimPair *pair = &homes->talk.pair;
  guint64 before;

  if (!fixture_init (&fixture, seed, data, outcome))
    return;

  sim_homes_pass (homes, 60 * SIM_S);
  tell_end (pair->a, 20 * SIM_S
                       + (gint64) sim_rng_below (&homes->talk.world->rng,
                                                 15 * SIM_S));
  sim_homes_pass (homes, 40 * SIM_S);
  if (pair->a->max_sockets != 1)
    sim_outcome_fail (outcome, "%u extra sockets were opened",
                      pair->a->max_sockets);
  before = pair->a->n_sent + pair->b->n_sent;
  sim_homes_pass (homes, 600 * SIM_S);
  outcome->value = (double) (pair->a->n_sent + pair->b->n_sent - before);
  sim_ends_are_up (homes->ends, outcome);
}

/* Three packets each 13.5 s, and not each 8.5 s. */
static void
test_told_in_silence (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "packets", 20, run_told_in_silence, data,
                 SIM_LOWER_IS_BETTER, 0, 0, 150 };

  sim_report_run (&row);
}

static void
test_stream (gconstpointer data)
{
  const Scenario *scenario = data;
  SimRow row = { g_test_get_path (), "ms", 5, run_stream, data,
                 scenario->is_alone ? SIM_HIGHER_IS_BETTER
                                    : SIM_LOWER_IS_BETTER,
                 0, 0, scenario->worst };

  sim_report_run (&row);
}

#define CONE .mapping = SIM_NAT_ENDPOINT_INDEPENDENT
#define SYMMETRIC .mapping = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT
#define ANY_PEER .filtering = SIM_NAT_ENDPOINT_INDEPENDENT
#define STRICT_PEER .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT
#define BOTH .first_writes = TRUE, .second_writes = TRUE

static const Scenario other_port = {
  50 * SIM_S, FALSE, CONE, ANY_PEER, BOTH, .worst = 150,
};
static const Scenario symmetric = {
  50 * SIM_S, FALSE, SYMMETRIC, ANY_PEER, BOTH, .worst = 150,
};
static const Scenario receiving = {
  50 * SIM_S, FALSE, CONE, ANY_PEER, .second_writes = TRUE, .worst = 150,
};
static const Scenario receiving_same_port = {
  50 * SIM_S, TRUE, CONE, STRICT_PEER, .second_writes = TRUE, .worst = 150,
};
static const Scenario sending = {
  50 * SIM_S, FALSE, CONE, ANY_PEER, .first_writes = TRUE, .worst = 150,
};
static const Scenario short_lived = {
  12 * SIM_S, FALSE, CONE, ANY_PEER, .second_writes = TRUE, .worst = 150,
};
static const Scenario lossy = {
  50 * SIM_S, FALSE, CONE, ANY_PEER, BOTH, .loss = 0.01, .worst = 500,
};
/* What it would be otherwise. */
static const Scenario receiving_alone = {
  50 * SIM_S, FALSE, CONE, ANY_PEER, .second_writes = TRUE, .is_alone = TRUE,
  .worst = 1000,
};

static const Scenario idle = {
  43 * SIM_S, FALSE, CONE, ANY_PEER, .worst = 150,
};
static const Scenario idle_symmetric = {
  43 * SIM_S, FALSE, SYMMETRIC, ANY_PEER, .worst = 150,
};
/* Only what the peer sends in vain shows that it ended. */
static const Scenario idle_same_port = {
  38 * SIM_S, TRUE, CONE, STRICT_PEER, .worst = 150,
};
static const Scenario idle_long = {
  600 * SIM_S, FALSE, CONE, ANY_PEER, .worst = 150,
};
static const Scenario idle_for_ever = {
  0, FALSE, CONE, ANY_PEER,
};
static const Scenario idle_alone = {
  38 * SIM_S, TRUE, CONE, STRICT_PEER, .is_alone = TRUE, .worst = 1000,
};

static void
add (const char     *name,
     const Scenario *scenario)
{
  g_autofree char *path = g_strconcat ("/sim/lifetime/", name, NULL);

  g_test_add_data_func (path, scenario, test_stream);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("other-port", &other_port);
  add ("symmetric", &symmetric);
  add ("receiving", &receiving);
  add ("receiving-same-port", &receiving_same_port);
  add ("sending", &sending);
  add ("short", &short_lived);
  add ("lossy", &lossy);
  add ("receiving-without-second-socket", &receiving_alone);

  g_test_add_data_func ("/sim/lifetime/told", &receiving, test_told);
  g_test_add_data_func ("/sim/lifetime/told-in-silence", &idle_for_ever,
                        test_told_in_silence);
  g_test_add_data_func ("/sim/lifetime/idle", &idle, test_idle);
  g_test_add_data_func ("/sim/lifetime/idle-symmetric", &idle_symmetric,
                        test_idle);
  g_test_add_data_func ("/sim/lifetime/idle-same-port", &idle_same_port,
                        test_idle);
  g_test_add_data_func ("/sim/lifetime/idle-long", &idle_long, test_idle);
  g_test_add_data_func ("/sim/lifetime/idle-without-second-socket",
                        &idle_alone, test_idle);

  return g_test_run ();
}
