/*
 * SPDX-License-Identifier: MIT
 *
 * sim-world.c: everything of one run, made from one seed
 */
#include "sim-world.h"

#define PORT 4000

#define DEFINE_FREE(Type, name)                                               \
  static void name##_free (gpointer data)                                     \
  {                                                                           \
    sim_##name##_clear ((Type *) data);                                       \
    g_free (data);                                                            \
  }

DEFINE_FREE (SimLink, link)
DEFINE_FREE (SimNat, nat)
DEFINE_FREE (SimNode, node)
DEFINE_FREE (SimRouter, router)

SimWorld *
sim_world_new (guint64 seed)
{
  SimWorld *world = g_new0 (SimWorld, 1);

  world->seed = seed;
  sim_clock_init (&world->clock);
  sim_rng_init (&world->rng, seed, world->n_parts++);
  world->links = g_ptr_array_new_with_free_func (link_free);
  world->nats = g_ptr_array_new_with_free_func (nat_free);
  world->nodes = g_ptr_array_new_with_free_func (node_free);
  world->routers = g_ptr_array_new_with_free_func (router_free);

  return world;
}

void
sim_world_free (SimWorld *world)
{
  sim_clock_clear (&world->clock);
  g_ptr_array_unref (world->nodes);
  g_ptr_array_unref (world->links);
  g_ptr_array_unref (world->nats);
  g_ptr_array_unref (world->routers);
  g_free (world);
}

SimLink *
sim_world_add_link (SimWorld            *world,
                    const SimLinkConfig *config,
                    SimSink             *next)
{
  SimLink *link = g_new (SimLink, 1);

  sim_link_init (link, &world->clock, config, world->seed, world->n_parts++,
                 next);
  g_ptr_array_add (world->links, link);

  return link;
}

SimRouter *
sim_world_add_router (SimWorld *world)
{
  SimRouter *router = g_new (SimRouter, 1);

  sim_router_init (router);
  g_ptr_array_add (world->routers, router);

  return router;
}

SimNat *
sim_world_add_nat (SimWorld           *world,
                   const SimNatConfig *config,
                   SimSink            *next_out,
                   SimSink            *next_in)
{
  SimNat *nat = g_new (SimNat, 1);

  sim_nat_init (nat, &world->clock, config, world->seed, world->n_parts++,
                next_out, next_in);
  g_ptr_array_add (world->nats, nat);

  return nat;
}

/* Machines don't agree on the time, and none of them has just been started. */
static gint64
choose_clock_offset (SimWorld *world)
{
  return SIM_S + (gint64) sim_rng_below (&world->rng, 1000000) * SIM_S
    + (gint64) sim_rng_below (&world->rng, 1000000);
}

SimNode *
sim_world_add_node (SimWorld            *world,
                    guint                host,
                    const SimNodeConfig *config)
{
  SimNode *node = g_new (SimNode, 1);
  SimNodeConfig own = { 0 };

  if (config != NULL)
    own = *config;
  if (!srudp_address_is_set (&own.address))
    sim_address (&own.address, host, PORT);
  if (own.clock_offset_us == 0)
    own.clock_offset_us = choose_clock_offset (world);

  sim_node_init (node, &world->clock, &own, world->seed, world->n_parts++,
                 NULL);
  g_ptr_array_add (world->nodes, node);

  return node;
}

void
sim_world_add_pair (SimWorld            *world,
                    const SimLinkConfig *a_to_b,
                    const SimLinkConfig *b_to_a,
                    SimPair             *pair)
{
  pair->a = sim_world_add_node (world, 1, NULL);
  pair->b = sim_world_add_node (world, 2, NULL);
  pair->a_to_b = sim_world_add_link (world, a_to_b, &pair->b->sink);
  pair->b_to_a = sim_world_add_link (world, b_to_a, &pair->a->sink);
  pair->a->uplink = &pair->a_to_b->sink;
  pair->b->uplink = &pair->b_to_a->sink;
}

void
sim_world_add_star (SimWorld            *world,
                    guint                n_nodes,
                    const SimLinkConfig *up,
                    const SimLinkConfig *down,
                    SimStar             *star)
{
  star->router = sim_world_add_router (world);
  star->nodes = g_ptr_array_new ();
  for (guint i = 0; i < n_nodes; i++)
    {
      SimNode *node = sim_world_add_node (world, i + 1, NULL);
      SimSink *way_in = &node->sink;

      node->uplink = &sim_world_add_link (world, up,
                                          &star->router->sink)->sink;
      if (down != NULL)
        way_in = &sim_world_add_link (world, down, way_in)->sink;
      sim_router_set (star->router, &node->config.address, way_in);
      g_ptr_array_add (star->nodes, node);
    }
}

void
sim_star_clear (SimStar *star)
{
  g_clear_pointer (&star->nodes, g_ptr_array_unref);
}

void
sim_world_at (SimWorld *world,
              gint64    at_us,
              SimFunc   func,
              gpointer  data)
{
  sim_clock_schedule (&world->clock, at_us, func, data, NULL);
}

void
sim_world_run (SimWorld *world,
               gint64    until_us)
{
  sim_clock_run (&world->clock, until_us);
}

gboolean
sim_world_run_until (SimWorld    *world,
                     SimPredicate done,
                     gpointer     data,
                     gint64       until_us)
{
  if (done (data))
    return TRUE;
  while (sim_clock_step (&world->clock, until_us))
    if (done (data))
      return TRUE;

  return FALSE;
}
