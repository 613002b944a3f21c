/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-trace.c: a connection with something of everything, to be traced
 *
 * test_trace.py runs this with SRUDP_QLOG set and reads what it leaves.
 */
#include "sim-match.h"

#define LOSSY_LINK .delay_us = 15 * SIM_MS, .rate_bps = 10000000, \
                   .queue_packets = 25, .mtu_bytes = 1500, .loss = 0.02, \
                   .duplicate = 0.02, .corrupt = 0.01
#define TRANSFER_BYTES 500000

static const SimLinkConfig lossy_link = { LOSSY_LINK };
static const SimLinkConfig dead_wire = { .loss = 1.0 };

static void
add_nat (SimTalk *talk,
         SimNat **nat)
{
  SimNatConfig config = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                          .filtering = SIM_NAT_ENDPOINT_INDEPENDENT };

  sim_address (&config.external, 99, 0);
  *nat = sim_world_add_nat (talk->world, &config, &talk->pair.a_to_b->sink,
                            &talk->pair.a->sink);
  talk->pair.a->uplink = &(*nat)->inside;
  talk->pair.b_to_a->next = &(*nat)->outside;
}

static void
rebind_cb (gpointer data)
{
  sim_nat_rebind (data, NULL);
}

static void
run_transfer (guint64       seed,
              gconstpointer scenario,
              SimOutcome   *outcome)
{
  g_auto (SimTalk) talk = { 0 };
  static const guint8 words[] = "not for anybody else";
  SimNat *nat;

  sim_talk_init (&talk, seed, &lossy_link, &lossy_link, TRANSFER_BYTES);
  add_nat (&talk, &nat);
  srudp_engine_set_accepting (talk.pair.b->engine, TRUE);
  sim_talk_open_a (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;

  srudp_session_send_datagram (sim_talk_end_a (&talk)->session,
                               sim_node_now (talk.pair.a), words, sizeof words);
  sim_world_at (talk.world, talk.world->clock.now_us + 200 * SIM_MS, rebind_cb,
                nat);
  if (!sim_talk_finish (&talk, 60 * SIM_S, outcome))
    return;
  sim_end_close (sim_talk_end_a (&talk));
  sim_end_close (sim_talk_end_b (&talk));
  sim_world_run (talk.world, talk.world->clock.now_us + 30 * SIM_S);
}

static void
run_in_vain (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &dead_wire, &dead_wire, 0);
  sim_talk_open_a (&talk, FALSE);
  sim_world_run (talk.world, 60 * SIM_S);
}

static void
test_run (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "", 1, (SimSeedFunc) data, NULL,
                 SIM_LOWER_IS_BETTER, 0, 0 };

  sim_report_run (&row);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/sim/trace/transfer", run_transfer, test_run);
  g_test_add_data_func ("/sim/trace/nobody-answers", run_in_vain, test_run);

  return g_test_run ();
}
