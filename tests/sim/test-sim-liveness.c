/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-liveness.c: silence, black-outs, changing addresses, and the end
 */
#include "sim-match.h"

#define DEFAULT_LINK .delay_us = 15 * SIM_MS, .rate_bps = 10000000, \
                     .queue_packets = 25, .mtu_bytes = 1500
#define IDLE_TIMEOUT (21 * SIM_S)

static const SimLinkConfig default_link = { DEFAULT_LINK };

static void
run_row (SimSeedFunc   func,
         gconstpointer scenario,
         guint         n_seeds,
         const char   *unit,
         double        worst_budget)
{
  SimRow row = { g_test_get_path (), unit, n_seeds, func, scenario,
                 SIM_LOWER_IS_BETTER, 0, worst_budget };

  sim_report_run (&row);
}

static gboolean
connect_both (SimTalk    *talk,
              SimOutcome *outcome)
{
  sim_talk_open_a (talk, FALSE);
  sim_talk_open_b (talk, FALSE);

  return sim_talk_connect (talk, 30 * SIM_S, outcome);
}

static void
cut (SimTalk *talk,
     gint64   from_us,
     gint64   until_us)
{
  sim_link_add_blackout (talk->pair.a_to_b, from_us, until_us);
  sim_link_add_blackout (talk->pair.b_to_a, from_us, until_us);
}

/* The wire is cut for good: both ends notice, and say why. */
static void
run_dead_wire (guint64       seed,
               gconstpointer scenario,
               SimOutcome   *outcome)
{
  gboolean is_busy = GPOINTER_TO_INT (scenario);
  g_auto (SimTalk) talk = { 0 };
  SimEnd *ends[2];
  gint64 cut_at;

  sim_talk_init (&talk, seed, &default_link, &default_link,
                 is_busy ? 50000000 : 1000);
  talk.app_a->keep_open = talk.app_b->keep_open = TRUE;
  if (!connect_both (&talk, outcome))
    return;
  cut_at = talk.world->clock.now_us + 3 * SIM_S;
  cut (&talk, cut_at, G_MAXINT64);
  sim_world_run (talk.world, cut_at + IDLE_TIMEOUT + 2 * SIM_S);

  ends[0] = sim_talk_end_a (&talk);
  ends[1] = sim_talk_end_b (&talk);
  for (guint i = 0; i < 2; i++)
    {
      if (ends[i]->state != SRUDP_STATE_CLOSED
          || ends[i]->reason != SRUDP_REASON_IDLE_TIMEOUT)
        sim_outcome_fail (outcome, "state %d, reason %d", ends[i]->state,
                          ends[i]->reason);
      if (ends[i]->n_unreachable == 0)
        sim_outcome_fail (outcome, "never unreachable");
      outcome->value = MAX (outcome->value,
                            (double) (ends[i]->closed_us - cut_at) / 1e6);
    }
}

static void
test_dead_wire (gconstpointer data)
{
  run_row (run_dead_wire, data, 20, "s", 22);
}

/* An hour without a word from the applications, through a NAT that forgets
 * after 30 s. */
static void
run_quiet_hour (guint64       seed,
                gconstpointer scenario,
                SimOutcome   *outcome)
{
  SimNatConfig config = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                          .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
                          .lifetime_us = 30 * SIM_S };
  g_auto (SimTalk) talk = { 0 };
  guint64 before;
  SimNat *nat;

  sim_talk_init (&talk, seed, &default_link, &default_link, 1000);
  talk.app_a->keep_open = talk.app_b->keep_open = TRUE;
  sim_address (&config.external, 99, 0);
  nat = sim_world_add_nat (talk.world, &config, &talk.pair.a_to_b->sink,
                           &talk.pair.a->sink);
  talk.pair.a->uplink = &nat->inside;
  talk.pair.b_to_a->next = &nat->outside;
  srudp_engine_set_accepting (talk.pair.b->engine, TRUE);
  sim_talk_open_a (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;

  sim_world_run (talk.world, talk.world->clock.now_us + 60 * SIM_S);
  before = talk.pair.a->n_sent + talk.pair.b->n_sent;
  sim_world_run (talk.world, talk.world->clock.now_us + 3600 * SIM_S);
  outcome->value = (double) (talk.pair.a->n_sent + talk.pair.b->n_sent
                             - before);
  if (sim_app_count_established (talk.app_a) != 1
      || sim_app_count_established (talk.app_b) != 1)
    sim_outcome_fail (outcome, "lost: states %d and %d",
                      sim_talk_end_a (&talk)->state,
                      sim_talk_end_b (&talk)->state);
}

/* Each keepalive is a packet and its acknowledgement, 240 times an hour, and
 * at worst both sides send their own. */
static void
test_quiet_hour (void)
{
  run_row (run_quiet_hour, NULL, 5, "packets", 2 * 2 * 240 + 10);
}

typedef struct
{
  gint64 from_us, length_us;
  guint64 bytes;
  gboolean is_unreachable;
} Blackout;

/* How long after its end the data flows again. */
static void
run_blackout (guint64       seed,
              gconstpointer scenario,
              SimOutcome   *outcome)
{
  const Blackout *b = scenario;
  g_auto (SimTalk) talk = { 0 };
  SimEnd *end;

  sim_talk_init (&talk, seed, &default_link, &default_link, b->bytes);
  if (!connect_both (&talk, outcome))
    return;
  cut (&talk, b->from_us, b->from_us + b->length_us);
  if (!sim_talk_finish (&talk, 120 * SIM_S, outcome))
    return;
  end = sim_talk_end_a (&talk);
  outcome->value = (double) (end->longest_stall_us - b->length_us) / 1e6;
  if (b->is_unreachable && end->n_unreachable == 0)
    sim_outcome_fail (outcome, "a long silence was not told");
}

static void
test_blackout (gconstpointer data)
{
  run_row (run_blackout, data, 20, "s after its end", 0);
}

static const Blackout short_blackout
  = { 2 * SIM_S, 2 * SIM_S, 5000000, FALSE };
static const Blackout long_blackout
  = { 2 * SIM_S, 15 * SIM_S, 5000000, TRUE };

/* The NAT before A changes its mind while data flows both ways. */
typedef struct
{
  gint64 first_us, every_us;
  gboolean address_too;
  guint storm;
  guint64 bytes;
} Rebinding;

typedef struct
{
  SimTalk *talk;
  SimNat *nat;
  const Rebinding *scenario;
  guint n;
} Rebinder;

static void
rebind_cb (gpointer data)
{
  Rebinder *r = data;
  SrudpAddress external;

  sim_address (&external, 200 + r->n++, 0);
  sim_nat_rebind (r->nat, r->scenario->address_too ? &external : NULL);
  if (r->scenario->every_us != 0)
    sim_world_at (r->talk->world,
                  r->talk->world->clock.now_us + r->scenario->every_us,
                  rebind_cb, r);
}

/* All that is sent to any public address of A comes back through its NAT,
 * which knows what it still maps. */
static void
put_behind_nat (SimTalk  *talk,
                Rebinder *rebinder)
{
  SimNatConfig config = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                          .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT };
  SimNat *nat;

  sim_address (&config.external, 199, 0);
  nat = sim_world_add_nat (talk->world, &config, &talk->pair.a_to_b->sink,
                           &talk->pair.a->sink);
  talk->pair.a->uplink = &nat->inside;
  talk->pair.b_to_a->next = &nat->outside;
  rebinder->nat = nat;
}

static void
run_rebinding (guint64       seed,
               gconstpointer scenario,
               SimOutcome   *outcome)
{
  const Rebinding *s = scenario;
  g_auto (SimTalk) talk = { 0 };
  Rebinder rebinder = { &talk, NULL, s, 0 };

  sim_talk_init (&talk, seed, &default_link, &default_link, s->bytes);
  put_behind_nat (&talk, &rebinder);
  srudp_engine_set_accepting (talk.pair.b->engine, TRUE);
  sim_talk_open_a (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;
  rebinder.nat->config.rebind_every = s->storm;
  if (s->first_us != 0)
    sim_world_at (talk.world, s->first_us, rebind_cb, &rebinder);
  sim_talk_finish (&talk, 120 * SIM_S, outcome);
  outcome->value = (double) talk.world->clock.now_us / 1e6;
}

static void
test_rebinding (gconstpointer data)
{
  run_row (run_rebinding, data, 20, "s", 0);
}

static const Rebinding one_port = { SIM_S, 0, FALSE, 0, 5000000 };
static const Rebinding many_ports = { SIM_S, SIM_S, FALSE, 0, 5000000 };
static const Rebinding one_address = { SIM_S, 0, TRUE, 0, 5000000 };
/* Another port for each packet. */
static const Rebinding storm = { 0, 0, FALSE, 1, 50000 };

/* The end: what was written before a close arrives, then EOF, then nobody has
 * anything left to do. */
static void
run_close (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  const SimLinkConfig *link = scenario;
  g_auto (SimTalk) talk = { 0 };
  SimEnd *a, *b;

  sim_talk_init (&talk, seed, link, link, 200000);
  talk.app_a->close_when_done = talk.app_b->close_when_done = TRUE;
  if (!connect_both (&talk, outcome))
    return;
  sim_world_run (talk.world, talk.world->clock.now_us + 60 * SIM_S);

  a = sim_talk_end_a (&talk);
  b = sim_talk_end_b (&talk);
  if (!sim_match_check_done (a, b, outcome))
    return;
  if (a->state != SRUDP_STATE_CLOSED || b->state != SRUDP_STATE_CLOSED)
    sim_outcome_fail (outcome, "states %d and %d after 60 s", a->state,
                      b->state);
  if (a->reason > SRUDP_REASON_PEER_CLOSED
      || b->reason > SRUDP_REASON_PEER_CLOSED)
    sim_outcome_fail (outcome, "reasons %d and %d", a->reason, b->reason);
  if (!srudp_engine_is_idle (talk.pair.a->engine)
      || !srudp_engine_is_idle (talk.pair.b->engine))
    sim_outcome_fail (outcome, "an engine is not idle");
  outcome->value = (double) MAX (a->closed_us, b->closed_us) / 1e6;
}

static void
test_close (gconstpointer data)
{
  run_row (run_close, data, 100, "s", 0);
}

static const SimLinkConfig lossy_link = { DEFAULT_LINK, .loss = 0.1 };
static const SimLinkConfig foul_link = { DEFAULT_LINK, .loss = 0.3 };
/* Two links in a row of which each loses 30 %. */
static const SimLinkConfig fouler_link = { .delay_us = 40 * SIM_MS,
                                           .rate_bps = 10000000,
                                           .queue_packets = 50,
                                           .mtu_bytes = 1500,
                                           .loss = 0.51 };

/* A closes at once after its writes; B has read nothing by then. */
static void
run_close_at_once (guint64       seed,
                   gconstpointer scenario,
                   SimOutcome   *outcome)
{
  const SimLinkConfig *link = scenario;
  g_auto (SimTalk) talk = { 0 };
  SimEnd *a, *b;

  sim_talk_init (&talk, seed, link, link, 50000);
  talk.app_b->send_bytes = 0;
  if (!connect_both (&talk, outcome))
    return;
  a = sim_talk_end_a (&talk);
  b = sim_talk_end_b (&talk);
  if (a->sent != a->to_send)
    sim_outcome_fail (outcome, "50 kB don't fit into the send buffer");
  sim_end_close (a);
  sim_world_run (talk.world, talk.world->clock.now_us + 30 * SIM_S);
  if (!b->eof || b->received != a->to_send)
    sim_outcome_fail (outcome, "%" G_GUINT64_FORMAT " bytes arrived, EOF %d",
                      b->received, b->eof);
  if (a->state != SRUDP_STATE_CLOSED)
    sim_outcome_fail (outcome, "the closing side is in state %d", a->state);
  if (b->error != NULL)
    sim_outcome_fail (outcome, "%s", b->error);
  outcome->value = (double) a->closed_us / 1e6;
}

static void
test_close_at_once (gconstpointer data)
{
  run_row (run_close_at_once, data, 100, "s", 0);
}

/* Nobody is there. */
static void
run_nobody (guint64       seed,
            gconstpointer scenario,
            SimOutcome   *outcome)
{
  g_auto (SimTalk) talk = { 0 };
  SimEnd *end;

  sim_talk_init (&talk, seed, &default_link, &default_link, 1);
  sim_talk_open_a (&talk, FALSE);
  sim_world_run (talk.world, 40 * SIM_S);
  end = g_ptr_array_index (talk.app_a->ends, 0);
  if (end->state != SRUDP_STATE_CLOSED
      || end->reason != SRUDP_REASON_OPEN_TIMEOUT)
    sim_outcome_fail (outcome, "state %d, reason %d", end->state, end->reason);
  outcome->value = (double) end->closed_us / 1e6;
  if (talk.pair.b->n_sent > 0)
    sim_outcome_fail (outcome, "one that neither opens nor accepts answered");
}

static void
test_nobody (void)
{
  run_row (run_nobody, NULL, 10, "s", 30.1);
}

/* As run_close_at_once(), and the moment A may think that B knows of the end,
 * A's process ends. B must not have to find out by waiting. */
static gboolean
a_is_drained (gpointer data)
{
  SimEnd *a = sim_talk_end_a (data);

  return a != NULL && a->drained_us >= 0;
}

static void
run_close_and_exit (guint64       seed,
                    gconstpointer scenario,
                    SimOutcome   *outcome)
{
  const SimLinkConfig *link = scenario;
  g_auto (SimTalk) talk = { 0 };
  SimEnd *b;
  gint64 exit_us;

  sim_talk_init (&talk, seed, link, link, 1000);
  talk.app_b->send_bytes = 0;
  if (!connect_both (&talk, outcome))
    return;
  sim_end_close (sim_talk_end_a (&talk));
  if (!sim_world_run_until (talk.world, a_is_drained, &talk,
                            talk.world->clock.now_us + 30 * SIM_S))
    sim_outcome_fail (outcome, "A waits after 30 s");

  exit_us = talk.world->clock.now_us;
  cut (&talk, exit_us, G_MAXINT64);
  sim_world_run (talk.world, exit_us + 2 * SIM_S);
  b = sim_talk_end_b (&talk);
  if (b->state != SRUDP_STATE_CLOSED
      || b->reason != SRUDP_REASON_PEER_CLOSED)
    sim_outcome_fail (outcome, "B is in state %d, for reason %d", b->state,
                      b->reason);
  outcome->value = (double) exit_us / 1e6;
}

static void
test_close_and_exit (gconstpointer data)
{
  run_row (run_close_and_exit, data, 100, "s", 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/live/nobody-answers", test_nobody);
  g_test_add_data_func ("/sim/live/dead-wire-idle", GINT_TO_POINTER (FALSE),
                        test_dead_wire);
  g_test_add_data_func ("/sim/live/dead-wire-busy", GINT_TO_POINTER (TRUE),
                        test_dead_wire);
  g_test_add_func ("/sim/live/quiet-hour", test_quiet_hour);
  g_test_add_data_func ("/sim/live/black-out", &short_blackout, test_blackout);
  g_test_add_data_func ("/sim/live/long-black-out", &long_blackout,
                        test_blackout);
  g_test_add_data_func ("/sim/rebind/port", &one_port, test_rebinding);
  g_test_add_data_func ("/sim/rebind/ports", &many_ports, test_rebinding);
  g_test_add_data_func ("/sim/rebind/address", &one_address, test_rebinding);
  g_test_add_data_func ("/sim/rebind/storm", &storm, test_rebinding);
  g_test_add_data_func ("/sim/end/close", &default_link, test_close);
  g_test_add_data_func ("/sim/end/close-lossy", &lossy_link, test_close);
  g_test_add_data_func ("/sim/end/close-at-once", &default_link,
                        test_close_at_once);
  g_test_add_data_func ("/sim/end/close-at-once-lossy", &lossy_link,
                        test_close_at_once);
  g_test_add_data_func ("/sim/end/close-and-exit", &default_link,
                        test_close_and_exit);
  g_test_add_data_func ("/sim/end/close-and-exit-lossy", &lossy_link,
                        test_close_and_exit);
  g_test_add_data_func ("/sim/end/close-and-exit-foul", &foul_link,
                        test_close_and_exit);
  g_test_add_data_func ("/sim/end/close-and-exit-fouler", &fouler_link,
                        test_close_and_exit);

  return g_test_run ();
}
