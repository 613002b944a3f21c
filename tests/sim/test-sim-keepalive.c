/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-keepalive.c: silent connections behind NATs that forget
 *
 * Both sides are behind a NAT that lets in only what has been sent to, and
 * that forgets a mapping which sends nothing for some time.
 */
#include "sim-match.h"

#define MINUTE (60 * SIM_S)
#define WRITE_BYTES 100

static const SimLinkConfig link_config = { .delay_us = 25 * SIM_MS,
                                           .rate_bps = 10000000,
                                           .queue_packets = 50,
                                           .mtu_bytes = 1500 };

typedef struct
{
  gint64 lifetime_us;  /* of mappings */
  gboolean other_port; /* than the machine's own, and each time another one */
  double loss;
  gint64 keepalive_us, idle_us;
  gint64 warm_up_us;   /* silence in which they may learn */
} Scenario;

typedef struct
{
  const Scenario *scenario;
  SimTalk talk;
  SimNat *nats[2];
  SimEnd *ends[2];
} Fixture;

static SimNat *
add_nat (Fixture  *fixture,
         guint     host,
         SimNode  *node,
         SimLink  *out,
         SimLink  *in)
{
  SimNatConfig config = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                          .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
                          .keep_port = !fixture->scenario->other_port,
                          .lifetime_us = fixture->scenario->lifetime_us };
  SimNat *nat;

  sim_address (&config.external, host, 0);
  nat = sim_world_add_nat (fixture->talk.world, &config, &out->sink,
                           &node->sink);
  node->uplink = &nat->inside;
  in->next = &nat->outside;

  return nat;
}

/* What a STUN server would say. */
static SrudpAddress
get_public (Fixture *fixture,
            guint    i,
            SimNode *node)
{
  SimNat *nat = fixture->nats[i];
  SrudpAddress address = nat->config.external;
  SrudpAddress server;

  sim_address (&server, 53, 3478);
  address.port = sim_nat_ask (nat, &node->config.address, &server);

  return address;
}

static void
open_to (Fixture *fixture,
         SimApp  *app,
         guint    i,
         SimNode *peer)
{
  SrudpAddress address = get_public (fixture, i, peer);
  SrudpOpenConfig config = {
    .candidates = &address,
    .n_candidates = 1,
    .open_timeout_us = 30 * SIM_S,
    .idle_timeout_us = fixture->scenario->idle_us,
    .keepalive_us = fixture->scenario->keepalive_us,
  };

  srudp_engine_set_local_candidates (app->node->engine, sim_node_now (app->node),
                                     app->node->config.address.port, NULL, 0);
  sim_app_open_full (app, &config);
}

static gboolean
fixture_init (Fixture        *fixture,
              guint64         seed,
              const Scenario *scenario,
              SimOutcome     *outcome)
{
  SimTalk *talk = &fixture->talk;
  SimLinkConfig config = link_config;

  fixture->scenario = scenario;
  sim_talk_init (talk, seed, &config, &config, 0);
  talk->app_a->keep_open = talk->app_b->keep_open = TRUE;
  fixture->nats[0] = add_nat (fixture, 98, talk->pair.a, talk->pair.a_to_b,
                              talk->pair.b_to_a);
  fixture->nats[1] = add_nat (fixture, 99, talk->pair.b, talk->pair.b_to_a,
                              talk->pair.a_to_b);
  open_to (fixture, talk->app_a, 1, talk->pair.b);
  open_to (fixture, talk->app_b, 0, talk->pair.a);
  if (!sim_talk_connect (talk, 30 * SIM_S, outcome))
    return FALSE;

  fixture->ends[0] = sim_talk_end_a (talk);
  fixture->ends[1] = sim_talk_end_b (talk);
  talk->pair.a_to_b->config.loss = scenario->loss;
  talk->pair.b_to_a->config.loss = scenario->loss;

  return TRUE;
}

static void
fixture_clear (Fixture *fixture)
{
  sim_talk_clear (&fixture->talk);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
pass_time (Fixture *fixture,
           gint64   us)
{
  sim_world_run (fixture->talk.world, fixture->talk.world->clock.now_us + us);
}

typedef struct
{
  SimEnd *reader;
  guint64 goal;
} Arrival;

static gboolean
has_arrived (gpointer data)
{
  Arrival *arrival = data;

  return arrival->reader->received >= arrival->goal;
}

/* How long it takes until it can be read. */
static gint64
write_from (Fixture    *fixture,
            guint       i,
            SimOutcome *outcome)
{
  SimWorld *world = fixture->talk.world;
  gint64 start = world->clock.now_us;
  Arrival arrival = { .reader = fixture->ends[1 - i] };

  arrival.goal = fixture->ends[i]->sent + WRITE_BYTES;
  sim_end_write (fixture->ends[i], WRITE_BYTES);
  if (!sim_world_run_until (world, has_arrived, &arrival, start + 60 * SIM_S))
    sim_outcome_fail (outcome, "what end %u wrote is not there after 60 s", i);

  return world->clock.now_us - start;
}

/* One side speaks after a silence, again and again. */
static void
run_writes (guint64       seed,
            gconstpointer data,
            SimOutcome   *outcome)
{
  const Scenario *scenario = data;
  g_auto (Fixture) fixture = { 0 };

  if (!fixture_init (&fixture, seed, scenario, outcome))
    return;
  pass_time (&fixture, scenario->warm_up_us);

  for (guint i = 0; i < 15 && sim_ends_are_up (fixture.ends, outcome); i++)
    {
      SimRng *rng = &fixture.talk.world->rng;
      gint64 took;

      pass_time (&fixture, 90 * SIM_S
                             + (gint64) sim_rng_below (rng, 90 * SIM_S));
      took = write_from (&fixture, i % 2, outcome);
      outcome->value = MAX (outcome->value, (double) took / 1e6);
    }
}

static void
test_writes (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "s", 20, run_writes, data,
                 SIM_LOWER_IS_BETTER, 0, 0, 2 };

  sim_report_run (&row);
}

/* Packets of both sides in an hour without a word. */
static void
run_quiet_hour (guint64       seed,
                gconstpointer data,
                SimOutcome   *outcome)
{
  const Scenario *scenario = data;
  g_auto (Fixture) fixture = { 0 };
  SimPair *pair = &fixture.talk.pair;
  guint64 before;

  if (!fixture_init (&fixture, seed, scenario, outcome))
    return;
  pass_time (&fixture, scenario->warm_up_us);
  before = pair->a->n_sent + pair->b->n_sent;
  pass_time (&fixture, 60 * MINUTE);
  outcome->value = (double) (pair->a->n_sent + pair->b->n_sent - before);
  sim_ends_are_up (fixture.ends, outcome);
}

static void
test_quiet_hour (gconstpointer data)
{
  const Scenario *scenario = data;
  /* At least half of what the NATs would allow is made use of, three packets
   * each time. Nothing is tried with NATs that don't keep ports. */
  gint64 lifetime = scenario->lifetime_us == 0 ? 120 * SIM_S
                    : scenario->other_port ? 15 * SIM_S : scenario->lifetime_us;
  double n_silences = 3600 * SIM_S / (0.5 * (double) lifetime);
  double most = n_silences * (3 + 12 * scenario->loss) + 20;
  SimRow row = { g_test_get_path (), "packets", 20, run_quiet_hour, data,
                 SIM_LOWER_IS_BETTER, 0, 0, most };

  sim_report_run (&row);
}

#define USUAL .keepalive_us = 15 * SIM_S, .idle_us = 21 * SIM_S
#define PATIENT .keepalive_us = 120 * SIM_S, .idle_us = 180 * SIM_S, \
                .warm_up_us = 20 * MINUTE

static const Scenario usual_12 = { 12 * SIM_S, USUAL,
                                   .warm_up_us = MINUTE };
static const Scenario usual_20 = { 20 * SIM_S, USUAL };
static const Scenario usual_20_port = { 20 * SIM_S, TRUE, USUAL };
static const Scenario patient_20 = { 20 * SIM_S, PATIENT };
static const Scenario patient_20_port = { 20 * SIM_S, TRUE, PATIENT };
static const Scenario patient_45 = { 45 * SIM_S, PATIENT };
static const Scenario patient_45_port = { 45 * SIM_S, TRUE, PATIENT };
static const Scenario patient_90 = { 90 * SIM_S, PATIENT };
static const Scenario patient_90_port = { 90 * SIM_S, TRUE, PATIENT };
static const Scenario patient_ever = { 0, PATIENT };
static const Scenario patient_lossy = { 45 * SIM_S, PATIENT, .loss = 0.1 };

static void
add (const char     *name,
     const Scenario *scenario)
{
  g_autofree char *writes = g_strconcat ("/sim/keepalive/writes/", name, NULL);
  g_autofree char *quiet = g_strconcat ("/sim/keepalive/hour/", name, NULL);

  g_test_add_data_func (writes, scenario, test_writes);
  g_test_add_data_func (quiet, scenario, test_quiet_hour);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("12-s", &usual_12);
  add ("20-s", &usual_20);
  add ("20-s-other-port", &usual_20_port);
  add ("20-s-patient", &patient_20);
  add ("20-s-patient-other-port", &patient_20_port);
  add ("45-s", &patient_45);
  add ("45-s-other-port", &patient_45_port);
  add ("90-s", &patient_90);
  add ("90-s-other-port", &patient_90_port);
  add ("for-ever", &patient_ever);
  add ("45-s-lossy", &patient_lossy);

  return g_test_run ();
}
