/*
 * SPDX-License-Identifier: MIT
 *
 * sim-world.h: everything of one run, made from one seed
 */
#pragma once

#include "sim-link.h"
#include "sim-nat.h"
#include "sim-node.h"

G_BEGIN_DECLS

#define SIM_MS G_GINT64_CONSTANT (1000)
#define SIM_S G_GINT64_CONSTANT (1000000)

typedef struct
{
  guint64 seed;
  SimClock clock;
  SimRng rng; /* for the scenario's own choices */
  guint64 n_parts;
  GPtrArray *links, *nats, *nodes, *routers;
} SimWorld;

typedef gboolean (*SimPredicate) (gpointer data);

SimWorld  *sim_world_new        (guint64              seed);
void       sim_world_free       (SimWorld            *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimWorld, sim_world_free)

SimLink   *sim_world_add_link   (SimWorld            *world,
                                 const SimLinkConfig *config,
                                 SimSink             *next);
SimRouter *sim_world_add_router (SimWorld            *world);
SimNat    *sim_world_add_nat    (SimWorld            *world,
                                 const SimNatConfig  *config,
                                 SimSink             *next_out,
                                 SimSink             *next_in);
/* 10.0.0.`host`:4000 unless the config has an address. NULL is all zero. */
SimNode   *sim_world_add_node   (SimWorld            *world,
                                 guint                host,
                                 const SimNodeConfig *config);

/* Two machines and a wire each way between them. */
typedef struct
{
  SimNode *a, *b;
  SimLink *a_to_b, *b_to_a;
} SimPair;

void       sim_world_add_pair   (SimWorld            *world,
                                 const SimLinkConfig *a_to_b,
                                 const SimLinkConfig *b_to_a,
                                 SimPair             *pair);
/* Machines 1 … n_nodes around one router. Each one's way to the router is such
 * a link; the way from there is perfect, unless `down` is given. */
typedef struct
{
  SimRouter *router;
  GPtrArray *nodes; /* SimNode, in order of their hosts */
} SimStar;

void       sim_world_add_star   (SimWorld            *world,
                                 guint                n_nodes,
                                 const SimLinkConfig *up,
                                 const SimLinkConfig *down,
                                 SimStar             *star);
void       sim_star_clear       (SimStar             *star);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimStar, sim_star_clear)

void       sim_world_at         (SimWorld            *world,
                                 gint64               at_us,
                                 SimFunc              func,
                                 gpointer             data);
void       sim_world_run        (SimWorld            *world,
                                 gint64               until_us);
/* TRUE as soon as `done` says so; it is asked after every event. */
gboolean   sim_world_run_until  (SimWorld            *world,
                                 SimPredicate         done,
                                 gpointer             data,
                                 gint64               until_us);

G_END_DECLS
