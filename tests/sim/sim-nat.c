/*
 * SPDX-License-Identifier: MIT
 *
 * sim-nat.c: a box that rewrites addresses, and may change its mind
 */
#include "sim-nat.h"

#include <stddef.h>

#define FIRST_PORT 20000
#define N_PORTS 40000
#define MAX_RETIRED 64

typedef struct
{
  SrudpAddress inside;
  SrudpAddress remote; /* the first one; what it means is the config's thing */
  guint16 port;
  gint64 born_us, last_out_us;
  gboolean retired; /* still lets packets in, but no new ones out */
  GArray *allowed; /* SrudpAddress: where it has sent to */
} Mapping;

static void
mapping_free (gpointer data)
{
  Mapping *mapping = data;

  g_array_unref (mapping->allowed);
  g_free (mapping);
}

static gboolean
behaves_as_same (SimNatBehaviour     behaviour,
                 const SrudpAddress *a,
                 const SrudpAddress *b)
{
  switch (behaviour)
    {
    case SIM_NAT_ENDPOINT_INDEPENDENT:
      return TRUE;
    case SIM_NAT_ADDRESS_DEPENDENT:
      return srudp_address_same_ip (a, b);
    case SIM_NAT_ADDRESS_AND_PORT_DEPENDENT:
    default:
      return srudp_address_equal (a, b);
    }
}

static void
forget_expired (SimNat *nat)
{
  const SimNatConfig *config = &nat->config;
  gint64 now = nat->clock->now_us;

  if (config->lifetime_us == 0 && config->max_age_us == 0)
    return;

  for (guint i = nat->mappings->len; i-- > 0;)
    {
      Mapping *mapping = g_ptr_array_index (nat->mappings, i);

      if ((config->lifetime_us != 0
           && mapping->last_out_us + config->lifetime_us <= now)
          || (config->max_age_us != 0
              && mapping->born_us + config->max_age_us <= now))
        g_ptr_array_remove_index (nat->mappings, i);
    }
}

static Mapping *
find_by_port (SimNat *nat,
              guint16 port)
{
  for (guint i = 0; i < nat->mappings->len; i++)
    {
      Mapping *mapping = g_ptr_array_index (nat->mappings, i);

      if (mapping->port == port)
        return mapping;
    }

  return NULL;
}

static guint16
choose_port (SimNat *nat,
             guint16 wanted)
{
  guint16 port = wanted;

  if (nat->config.port_delta != 0)
    {
      nat->next_port += nat->config.port_delta;
      port = nat->next_port;
    }
  else if (!nat->config.keep_port)
    port = FIRST_PORT + (guint16) sim_rng_below (&nat->rng, N_PORTS);
  while (find_by_port (nat, port) != NULL)
    port = FIRST_PORT + (guint16) sim_rng_below (&nat->rng, N_PORTS);

  return port;
}

static Mapping *
find_or_map (SimNat             *nat,
             const SrudpAddress *source,
             const SrudpAddress *destination)
{
  Mapping *mapping;

  for (guint i = 0; i < nat->mappings->len; i++)
    {
      mapping = g_ptr_array_index (nat->mappings, i);
      if (!mapping->retired
          && srudp_address_equal (&mapping->inside, source)
          && behaves_as_same (nat->config.mapping, &mapping->remote,
                              destination))
        return mapping;
    }

  mapping = g_new0 (Mapping, 1);
  mapping->inside = *source;
  mapping->remote = *destination;
  mapping->born_us = nat->clock->now_us;
  mapping->port = choose_port (nat, source->port);
  mapping->allowed = g_array_new (FALSE, FALSE, sizeof (SrudpAddress));
  g_ptr_array_add (nat->mappings, mapping);

  return mapping;
}

/* Ports change, yet what is on its way to the old ones still comes in. */
static void
retire_all (SimNat *nat)
{
  for (guint i = 0; i < nat->mappings->len; i++)
    ((Mapping *) g_ptr_array_index (nat->mappings, i))->retired = TRUE;
  if (nat->mappings->len > MAX_RETIRED)
    g_ptr_array_remove_range (nat->mappings, 0,
                              nat->mappings->len - MAX_RETIRED);
  nat->config.keep_port = FALSE;
}

static gboolean
is_allowed (SimNat             *nat,
            Mapping            *mapping,
            const SrudpAddress *remote)
{
  for (guint i = 0; i < mapping->allowed->len; i++)
    if (behaves_as_same (nat->config.filtering, remote,
                         &g_array_index (mapping->allowed, SrudpAddress, i)))
      return TRUE;

  return FALSE;
}

static gboolean
has_sent_to (Mapping            *mapping,
             const SrudpAddress *remote)
{
  for (guint i = 0; i < mapping->allowed->len; i++)
    if (srudp_address_equal (remote, &g_array_index (mapping->allowed,
                                                     SrudpAddress, i)))
      return TRUE;

  return FALSE;
}

static void
nat_receive_inside (SimSink   *sink,
                    SimPacket *packet)
{
  SimNat *nat = (SimNat *) sink;
  Mapping *mapping;

  nat->n_out++;
  if (nat->config.rebind_every != 0
      && nat->n_out % nat->config.rebind_every == 0)
    retire_all (nat);
  forget_expired (nat);

  mapping = find_or_map (nat, &packet->source, &packet->destination);
  mapping->last_out_us = nat->clock->now_us;
  if (!has_sent_to (mapping, &packet->destination))
    g_array_append_val (mapping->allowed, packet->destination);

  packet->source = nat->config.external;
  packet->source.port = mapping->port;
  sim_sink_receive (nat->next_out, packet);
}

static void
nat_receive_outside (SimSink   *sink,
                     SimPacket *packet)
{
  SimNat *nat = (SimNat *) (gpointer) ((guint8 *) sink
                                       - offsetof (SimNat, outside));
  Mapping *mapping;

  forget_expired (nat);
  mapping = find_by_port (nat, packet->destination.port);
  if (mapping == NULL || !is_allowed (nat, mapping, &packet->source))
    {
      if (mapping == NULL)
        nat->n_unmapped++;
      else
        nat->n_filtered++;
      sim_packet_free (packet);
      return;
    }
  packet->destination = mapping->inside;
  sim_sink_receive (nat->next_in, packet);
}

void
sim_nat_init (SimNat             *nat,
              SimClock           *clock,
              const SimNatConfig *config,
              guint64             seed,
              guint64             stream,
              SimSink            *next_out,
              SimSink            *next_in)
{
  *nat = (SimNat) { .inside.receive = nat_receive_inside,
                    .outside.receive = nat_receive_outside,
                    .config = *config,
                    .clock = clock,
                    .next_out = next_out,
                    .next_in = next_in };
  sim_rng_init (&nat->rng, seed, stream);
  nat->next_port = FIRST_PORT + (guint16) sim_rng_below (&nat->rng, N_PORTS);
  nat->mappings = g_ptr_array_new_with_free_func (mapping_free);
}

void
sim_nat_clear (SimNat *nat)
{
  g_clear_pointer (&nat->mappings, g_ptr_array_unref);
}

void
sim_nat_rebind (SimNat             *nat,
                const SrudpAddress *external)
{
  g_ptr_array_set_size (nat->mappings, 0);
  nat->config.keep_port = FALSE;
  if (external != NULL)
    nat->config.external = *external;
}

guint16
sim_nat_ask (SimNat             *nat,
             const SrudpAddress *inside,
             const SrudpAddress *remote)
{
  Mapping *mapping = find_or_map (nat, inside, remote);

  mapping->last_out_us = nat->clock->now_us;

  return mapping->port;
}
