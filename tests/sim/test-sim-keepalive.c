/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-keepalive.c: silent connections behind NATs that forget
 *
 * Both sides are behind a NAT that lets in only what has been sent to, and
 * that forgets a mapping which sends nothing for some time.
 */
#include "sim-homes.h"

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

static gboolean
connect_homes (SimHomes       *homes,
               guint64         seed,
               const Scenario *scenario,
               SimOutcome     *outcome)
{
  const SimNatConfig nat = {
    .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
    .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
    .keep_port = !scenario->other_port,
    .lifetime_us = scenario->lifetime_us,
  };
  const SrudpOpenConfig config = {
    .open_timeout_us = 30 * SIM_S,
    .idle_timeout_us = scenario->idle_us,
    .keepalive_us = scenario->keepalive_us,
  };

  sim_homes_init (homes, seed, &link_config, (SimNatConfig[]) { nat, nat });
  if (!sim_homes_connect (homes, &config, outcome))
    return FALSE;

  sim_homes_set_loss (homes, scenario->loss);
  sim_homes_pass (homes, scenario->warm_up_us);

  return TRUE;
}

/* One side speaks after a silence, again and again. */
static void
run_writes (guint64       seed,
            gconstpointer data,
            SimOutcome   *outcome)
{
  const Scenario *scenario = data;
  g_auto (SimHomes) homes = { 0 };

  if (!connect_homes (&homes, seed, scenario, outcome))
    return;

  for (guint i = 0; i < 15 && sim_ends_are_up (homes.ends, outcome); i++)
    {
      SimRng *rng = &homes.talk.world->rng;
      gint64 took;

      sim_homes_pass (&homes, 90 * SIM_S
                                + (gint64) sim_rng_below (rng, 90 * SIM_S));
      took = sim_homes_write (&homes, i % 2, WRITE_BYTES, outcome);
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
  g_auto (SimHomes) homes = { 0 };
  SimPair *pair = &homes.talk.pair;
  guint64 before;

  if (!connect_homes (&homes, seed, scenario, outcome))
    return;
  before = pair->a->n_sent + pair->b->n_sent;
  sim_homes_pass (&homes, 60 * MINUTE);
  outcome->value = (double) (pair->a->n_sent + pair->b->n_sent - before);
  sim_ends_are_up (homes.ends, outcome);
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
