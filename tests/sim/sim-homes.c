/*
 * SPDX-License-Identifier: MIT
 *
 * sim-homes.c: two who talk, each behind a NAT, and know each other's address
 */
#include "sim-homes.h"

#define FIRST_HOST 98
#define STUN_HOST 53
#define STUN_PORT 3478
#define CONNECT_LIMIT_US (30 * SIM_S)
#define ARRIVAL_LIMIT_US (60 * SIM_S)

static SimNat *
add_nat (SimHomes           *homes,
         guint               i,
         const SimNatConfig *config)
{
  SimPair *pair = &homes->talk.pair;
  SimNode *node = i == 0 ? pair->a : pair->b;
  SimLink *out = i == 0 ? pair->a_to_b : pair->b_to_a;
  SimLink *in = i == 0 ? pair->b_to_a : pair->a_to_b;
  SimNatConfig with_address = *config;
  SimNat *nat;

  sim_address (&with_address.external, FIRST_HOST + i, 0);
  nat = sim_world_add_nat (homes->talk.world, &with_address, &out->sink,
                           &node->sink);
  node->uplink = &nat->inside;
  in->next = &nat->outside;

  return nat;
}

void
sim_homes_init (SimHomes            *homes,
                guint64              seed,
                const SimLinkConfig *link,
                const SimNatConfig   nats[2])
{
  SimTalk *talk = &homes->talk;

  sim_talk_init (talk, seed, link, link, 0);
  talk->app_a->keep_open = talk->app_b->keep_open = TRUE;
  for (guint i = 0; i < 2; i++)
    homes->nats[i] = add_nat (homes, i, &nats[i]);
}

void
sim_homes_clear (SimHomes *homes)
{
  sim_talk_clear (&homes->talk);
}

static SrudpAddress
get_public (SimHomes *homes,
            guint     i,
            SimNode  *node)
{
  SimNat *nat = homes->nats[i];
  SrudpAddress address = nat->config.external;
  SrudpAddress server;

  sim_address (&server, STUN_HOST, STUN_PORT);
  address.port = sim_nat_ask (nat, &node->config.address, &server);

  return address;
}

static void
open_from (SimHomes              *homes,
           guint                  i,
           const SrudpOpenConfig *config)
{
  SimApp *app = i == 0 ? homes->talk.app_a : homes->talk.app_b;
  SimApp *peer = i == 0 ? homes->talk.app_b : homes->talk.app_a;
  SrudpAddress address = get_public (homes, 1 - i, peer->node);
  SrudpOpenConfig with_candidate = *config;

  with_candidate.candidates = &address;
  with_candidate.n_candidates = 1;
  srudp_engine_set_local_candidates (app->node->engine, sim_node_now (app->node),
                                     app->node->config.address.port, NULL, 0);
  sim_app_open_full (app, &with_candidate);
}

gboolean
sim_homes_connect (SimHomes              *homes,
                   const SrudpOpenConfig *config,
                   SimOutcome            *outcome)
{
  SimTalk *talk = &homes->talk;

  open_from (homes, 0, config);
  open_from (homes, 1, config);
  if (!sim_talk_connect (talk, CONNECT_LIMIT_US, outcome))
    return FALSE;

  homes->ends[0] = sim_talk_end_a (talk);
  homes->ends[1] = sim_talk_end_b (talk);

  return TRUE;
}

void
sim_homes_set_loss (SimHomes *homes,
                    double    loss)
{
  homes->talk.pair.a_to_b->config.loss = loss;
  homes->talk.pair.b_to_a->config.loss = loss;
}

void
sim_homes_pass (SimHomes *homes,
                gint64    us)
{
  SimWorld *world = homes->talk.world;

  sim_world_run (world, world->clock.now_us + us);
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

gint64
sim_homes_write (SimHomes   *homes,
                 guint       i,
                 guint64     n_bytes,
                 SimOutcome *outcome)
{
  SimWorld *world = homes->talk.world;
  gint64 start = world->clock.now_us;
  Arrival arrival = { homes->ends[1 - i], homes->ends[i]->sent + n_bytes };

  sim_end_write (homes->ends[i], n_bytes);
  if (!sim_world_run_until (world, has_arrived, &arrival,
                            start + ARRIVAL_LIMIT_US))
    sim_outcome_fail (outcome, "what end %u wrote is not there after %.0f s", i,
                      (double) ARRIVAL_LIMIT_US / 1e6);

  return world->clock.now_us - start;
}
