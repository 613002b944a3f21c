/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-paths.c: addresses that change, are copied, or grow small
 */
#include "sim-probe.h"

#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define RTT_US (30 * SIM_MS)
#define LIMIT (120 * SIM_S)
#define CONNECT_LIMIT (30 * SIM_S)
/* RFC 9000, section 8.1. */
#define AMPLIFICATION 3.0
#define N_SEEDS 50

/* As the QUIC interop runner's. */
static const SimLinkConfig default_link
  = { .delay_us = RTT_US / 2, .rate_bps = 10000000, .queue_packets = 25,
      .mtu_bytes = 1500 };

static void
check_amplification (SimProbe   *probe,
                     SimOutcome *outcome)
{
  if (probe->worst_ratio > AMPLIFICATION)
    sim_outcome_fail (outcome, "%.1f times as much was sent to an address"
                      " that had not proven itself", probe->worst_ratio);
}

/* --- A NAT that changes its mind ----------------------------------------- */

typedef struct
{
  gint64 every_us;
  gboolean address_too;
  guint storm;             /* a new port every so many packets */
  guint64 bytes;           /* each way */
  double worst_budget;     /* s */
} Rebinding;

typedef struct
{
  const Rebinding *scenario;
  SimTalk talk;
  SimNat *nat;
  SimProbe probe;
  guint n;
} Move;

static void
move_clear (Move *move)
{
  sim_talk_clear (&move->talk);
  sim_probe_clear (&move->probe);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Move, move_clear)

static void
rebind_cb (gpointer data)
{
  Move *move = data;
  SimWorld *world = move->talk.world;
  SrudpAddress external;

  sim_address (&external, 200 + move->n++ % 50, 0);
  sim_nat_rebind (move->nat, move->scenario->address_too ? &external : NULL);
  sim_world_at (world, world->clock.now_us + move->scenario->every_us,
                rebind_cb, move);
}

static void
move_init (Move            *move,
           guint64          seed,
           const Rebinding *s)
{
  SimNatConfig config = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                          .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT };
  SimTalk *talk = &move->talk;

  move->scenario = s;
  sim_talk_init (talk, seed, &default_link, &default_link, s->bytes);
  sim_address (&config.external, 199, 0);
  move->nat = sim_world_add_nat (talk->world, &config,
                                 &talk->pair.a_to_b->sink,
                                 &talk->pair.a->sink);
  talk->pair.a->uplink = &move->nat->inside;
  talk->pair.b_to_a->next = &move->nat->outside;
  sim_probe_init (&move->probe, talk->pair.b, talk->pair.a_to_b, RTT_US);
  srudp_engine_set_accepting (talk->pair.b->engine, TRUE);
}

static void
run_rebinding (guint64       seed,
               gconstpointer scenario,
               SimOutcome   *outcome)
{
  const Rebinding *s = scenario;
  g_auto (Move) move = { 0 };

  move_init (&move, seed, s);
  sim_talk_open_a (&move.talk, FALSE);
  if (!sim_talk_connect (&move.talk, CONNECT_LIMIT, outcome))
    return;
  move.nat->config.rebind_every = s->storm;
  if (s->every_us != 0)
    sim_world_at (move.talk.world, SIM_S, rebind_cb, &move);
  sim_talk_finish (&move.talk, LIMIT, outcome);
  outcome->value = (double) move.talk.world->clock.now_us / 1e6;
  check_amplification (&move.probe, outcome);
}

static const Rebinding port = { 5 * SIM_S, FALSE, 0, 10 * MEGABYTE, 13 };
static const Rebinding address = { 5 * SIM_S, TRUE, 0, 10 * MEGABYTE, 13 };

static void
run_row (SimSeedFunc   func,
         gconstpointer scenario,
         const char   *name,
         const char   *unit,
         double        worst_budget)
{
  SimRow row = { .name = name, .unit = unit, .n_seeds = N_SEEDS, .func = func,
                 .scenario = scenario, .better = SIM_LOWER_IS_BETTER,
                 .worst_budget = worst_budget };

  sim_report_run (&row);
}

static void
test_port (void)
{
  run_row (run_rebinding, &port, "rebind-port-every-5-s", "s for 10 MB each way",
           port.worst_budget);
}

static void
test_address (void)
{
  run_row (run_rebinding, &address, "rebind-port-and-address-every-5-s",
           "s for 10 MB each way", address.worst_budget);
}

/* --- A storm: each packet comes from another port ------------------------- */

/* A path is asked for its proof no more often than this, in all. */
#define MAX_CHALLENGES_PER_S 100

static void
run_storm (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  g_auto (Move) move = { 0 };
  SimNode *b;
  guint64 sent_before;
  gint64 start_us;
  double seconds;

  move_init (&move, seed, scenario);
  move.talk.app_b->send_bytes = 0;
  sim_talk_open_a (&move.talk, FALSE);
  if (!sim_talk_connect (&move.talk, CONNECT_LIMIT, outcome))
    return;
  b = move.talk.pair.b;
  sent_before = b->n_sent;
  start_us = move.talk.world->clock.now_us;
  move.nat->config.rebind_every = ((const Rebinding *) scenario)->storm;
  if (!sim_talk_finish (&move.talk, LIMIT, outcome))
    return;

  /* B has no data: what is more than its ACKs are challenges. */
  seconds = (double) (move.talk.world->clock.now_us - start_us) / 1e6;
  outcome->value = seconds;
  if ((double) (b->n_sent - sent_before)
      > (double) move.talk.pair.a->n_sent / 2 + MAX_CHALLENGES_PER_S * seconds)
    sim_outcome_fail (outcome, "%" G_GUINT64_FORMAT " packets sent for %"
                      G_GUINT64_FORMAT " received", b->n_sent - sent_before,
                      b->n_received);
  check_amplification (&move.probe, outcome);
}

static const Rebinding storm = { 0, FALSE, 1, 2 * MEGABYTE, 10 };

static void
test_storm (void)
{
  run_row (run_storm, &storm, "rebinding-storm", "s for 2 MB",
           storm.worst_budget);
}

/* --- Somebody else's copies ----------------------------------------------- */

#define ATTACK_US (3 * SIM_S)
/* The copies arrive before the originals. */
#define HEAD_START_US (10 * SIM_MS)

typedef struct
{
  SimTalk talk;
  SimProbe probe;
  SrudpAddress from;
  gboolean active;
} Hijack;

static void
hijack_clear (Hijack *hijack)
{
  sim_talk_clear (&hijack->talk);
  sim_probe_clear (&hijack->probe);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Hijack, hijack_clear)

typedef struct
{
  Hijack *hijack;
  SimPacket *packet;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  sim_packet_free (copy->packet);
  g_free (copy);
}

static void
copy_arrives_cb (gpointer data)
{
  Copy *copy = data;

  sim_sink_receive (&copy->hijack->probe.in, copy->packet);
  g_free (copy);
}

static gboolean
copy_tap (SimPacket *packet,
          gpointer   data)
{
  Hijack *hijack = data;
  SimClock *clock = &hijack->talk.world->clock;
  Copy *copy;

  if (!hijack->active)
    return FALSE;
  copy = g_new (Copy, 1);
  copy->hijack = hijack;
  copy->packet = sim_packet_copy (packet);
  copy->packet->source = hijack->from;
  sim_clock_schedule (clock, clock->now_us + default_link.delay_us
                             - HEAD_START_US,
                      copy_arrives_cb, copy, copy_free);

  return FALSE;
}

static gboolean
is_on_true_path (gpointer data)
{
  Hijack *hijack = data;
  SimEnd *end = sim_talk_end_b (&hijack->talk);
  SrudpPath path;

  srudp_session_get_path (end->session, &path);

  return srudp_address_equal (&path.remote,
                              &hijack->talk.pair.a->config.address);
}

static void
run_hijack (guint64       seed,
            gconstpointer scenario,
            SimOutcome   *outcome)
{
  g_auto (Hijack) hijack = { 0 };
  SimTalk *talk = &hijack.talk;
  const SimProbeAddress *thief;
  guint64 received;
  gint64 end_us;

  sim_talk_init (talk, seed, &default_link, &default_link, 5 * MEGABYTE);
  sim_address (&hijack.from, 66, 6666);
  sim_probe_init (&hijack.probe, talk->pair.b, talk->pair.a_to_b, RTT_US);
  talk->pair.a_to_b->tap = copy_tap;
  talk->pair.a_to_b->tap_data = &hijack;
  sim_talk_open_a (talk, FALSE);
  sim_talk_open_b (talk, FALSE);
  if (!sim_talk_connect (talk, CONNECT_LIMIT, outcome))
    return;

  sim_world_run (talk->world, SIM_S);
  hijack.active = TRUE;
  sim_world_run (talk->world, SIM_S + ATTACK_US);
  hijack.active = FALSE;
  end_us = talk->world->clock.now_us;
  received = sim_talk_end_a (talk)->received;
  if (!sim_world_run_until (talk->world, is_on_true_path, &hijack,
                            end_us + 10 * SIM_S))
    {
      sim_outcome_fail (outcome, "still on the thief's path after 10 s");
      return;
    }
  outcome->value = (double) (talk->world->clock.now_us - end_us) / 1e6;
  if (received < MEGABYTE)
    sim_outcome_fail (outcome, "only %" G_GUINT64_FORMAT " bytes came through"
                      " meanwhile", received);

  thief = sim_probe_look_up (&hijack.probe, &hijack.from);
  if (thief == NULL)
    sim_outcome_fail (outcome, "there was no attack");
  else if ((double) thief->sent_bytes
           > AMPLIFICATION * (double) thief->received_bytes)
    sim_outcome_fail (outcome, "the thief got %" G_GUINT64_FORMAT " bytes for %"
                      G_GUINT64_FORMAT, thief->sent_bytes,
                      thief->received_bytes);
  check_amplification (&hijack.probe, outcome);
  sim_talk_finish (talk, LIMIT, outcome);
}

static void
test_hijack (void)
{
  run_row (run_hijack, NULL, "off-path-hijack-3-s", "s until back", 2);
}

/* --- The path MTU ---------------------------------------------------------- */

#define SMALL_MTU 1280
#define HEADERS 28
#define SHRINK_AT (3 * SIM_S)
#define MAX_LOST_AFTERWARDS 40

static void
shrink_cb (gpointer data)
{
  ((SimLink *) data)->config.mtu_bytes = SMALL_MTU;
}

static void
run_shrink (guint64       seed,
            gconstpointer scenario,
            SimOutcome   *outcome)
{
  g_auto (SimTalk) talk = { 0 };
  SimLink *link;
  SrudpSessionStats stats;
  guint64 lost_before;

  sim_talk_init (&talk, seed, &default_link, &default_link, 8 * MEGABYTE);
  talk.app_b->send_bytes = 0;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT, outcome))
    return;
  link = talk.pair.a_to_b;
  sim_world_at (talk.world, SHRINK_AT, shrink_cb, link);
  sim_world_run (talk.world, SHRINK_AT + 4 * SIM_S);
  lost_before = link->counters.lost_mtu;
  if (!sim_talk_finish (&talk, LIMIT, outcome))
    return;

  outcome->value = (double) sim_talk_end_b (&talk)->longest_stall_us / 1e6;
  srudp_session_get_stats (sim_talk_end_a (&talk)->session, &stats);
  if (stats.path_mtu > SMALL_MTU - HEADERS)
    sim_outcome_fail (outcome, "packets of %u bytes are still sent",
                      stats.path_mtu);
  if (link->counters.lost_mtu - lost_before > MAX_LOST_AFTERWARDS)
    sim_outcome_fail (outcome, "%" G_GUINT64_FORMAT " packets were too large"
                      " 4 s later", link->counters.lost_mtu - lost_before);
}

static void
test_shrink (void)
{
  run_row (run_shrink, NULL, "mtu-1500-to-1280-mid-transfer", "s of stall", 3);
}

/* RFC 8899, section 5.1.1: tried again after ten minutes. */
#define RAISE_LIMIT (700 * SIM_S)

static void
run_grow (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  SimLinkConfig link = default_link;
  g_auto (SimTalk) talk = { 0 };
  SrudpSessionStats stats = { 0 };
  gint64 back_at_us;

  link.rate_bps = 500000;
  sim_talk_init (&talk, seed, &link, &link, 1000 * MEGABYTE);
  talk.app_b->send_bytes = 0;
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, CONNECT_LIMIT, outcome))
    return;
  sim_world_at (talk.world, SHRINK_AT, shrink_cb, talk.pair.a_to_b);
  back_at_us = SHRINK_AT + 10 * SIM_S;
  sim_world_run (talk.world, back_at_us);
  srudp_session_get_stats (sim_talk_end_a (&talk)->session, &stats);
  if (stats.path_mtu > SMALL_MTU - HEADERS)
    sim_outcome_fail (outcome, "packets of %u bytes are still sent",
                      stats.path_mtu);

  talk.pair.a_to_b->config.mtu_bytes = link.mtu_bytes;
  while (stats.path_mtu < link.mtu_bytes - HEADERS
         && talk.world->clock.now_us < back_at_us + RAISE_LIMIT)
    {
      sim_world_run (talk.world, talk.world->clock.now_us + SIM_S);
      srudp_session_get_stats (sim_talk_end_a (&talk)->session, &stats);
    }
  outcome->value = (double) (talk.world->clock.now_us - back_at_us) / 1e6;
  sim_match_check (sim_talk_end_a (&talk), sim_talk_end_b (&talk), outcome);
}

static void
test_grow (void)
{
  SimRow row = { .name = "mtu-back-to-1500", .unit = "s until used",
                 .n_seeds = 5, .func = run_grow,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 620 };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/paths/rebind-port", test_port);
  g_test_add_func ("/scenarios/paths/rebind-address", test_address);
  g_test_add_func ("/scenarios/paths/storm", test_storm);
  g_test_add_func ("/scenarios/paths/hijack", test_hijack);
  g_test_add_func ("/scenarios/paths/mtu-shrinks", test_shrink);
  g_test_add_func ("/scenarios/paths/mtu-grows", test_grow);

  return g_test_run ();
}
