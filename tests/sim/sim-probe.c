/*
 * SPDX-License-Identifier: MIT
 *
 * sim-probe.c: watches what a node sends to addresses that are new to it
 */
#include "sim-probe.h"

static guint
hash_address (gconstpointer key)
{
  const SrudpAddress *address = key;
  guint hash = address->port;

  for (guint i = 0; i < sizeof address->ip; i++)
    hash = hash * 31 + address->ip[i];

  return hash;
}

static gboolean
equal_addresses (gconstpointer a,
                 gconstpointer b)
{
  return srudp_address_equal (a, b);
}

static SimProbeAddress *
note_address (SimProbe           *probe,
              const SrudpAddress *address)
{
  SimProbeAddress *entry = g_hash_table_lookup (probe->addresses, address);

  if (entry != NULL)
    return entry;

  entry = g_new0 (SimProbeAddress, 1);
  entry->address = *address;
  entry->first_seen_us = -1;
  g_hash_table_insert (probe->addresses, &entry->address, entry);

  return entry;
}

static void
probe_receive_in (SimSink   *sink,
                  SimPacket *packet)
{
  SimProbe *probe = (SimProbe *) sink;
  SimProbeAddress *entry = note_address (probe, &packet->source);

  if (entry->first_seen_us < 0)
    entry->first_seen_us = probe->node->clock->now_us;
  entry->received_bytes += packet->size;
  entry->received_packets++;
  sim_sink_receive (&probe->node->sink, packet);
}

static void
probe_receive_out (SimSink   *sink,
                   SimPacket *packet)
{
  SimProbe *probe = (SimProbe *) (gpointer) ((guint8 *) sink
                                             - offsetof (SimProbe, out));
  SimProbeAddress *entry = note_address (probe, &packet->destination);

  entry->sent_bytes += packet->size;
  entry->sent_packets++;
  /* What an open sends on its own accord is not an answer. */
  if (entry->received_bytes > 0
      && probe->node->clock->now_us < entry->first_seen_us + probe->rtt_us)
    probe->worst_ratio = MAX (probe->worst_ratio,
                              (double) entry->sent_bytes
                                / (double) entry->received_bytes);
  sim_sink_receive (probe->uplink, packet);
}

void
sim_probe_init (SimProbe *probe,
                SimNode  *node,
                SimLink  *way_in,
                gint64    rtt_us)
{
  *probe = (SimProbe) { .in.receive = probe_receive_in,
                        .out.receive = probe_receive_out,
                        .node = node,
                        .uplink = node->uplink,
                        .rtt_us = rtt_us };
  probe->addresses = g_hash_table_new_full (hash_address, equal_addresses,
                                            NULL, g_free);
  way_in->next = &probe->in;
  node->uplink = &probe->out;
}

void
sim_probe_clear (SimProbe *probe)
{
  g_clear_pointer (&probe->addresses, g_hash_table_unref);
}

const SimProbeAddress *
sim_probe_look_up (SimProbe           *probe,
                   const SrudpAddress *address)
{
  return g_hash_table_lookup (probe->addresses, address);
}
