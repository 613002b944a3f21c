/*
 * SPDX-License-Identifier: MIT
 *
 * sim-packet.c: a UDP datagram on its way, and what can receive one
 */
#include "sim-packet.h"

#include <string.h>

/* RFC 791 and RFC 8200 without options, RFC 768. */
#define IPV4_AND_UDP_BYTES (20 + 8)
#define IPV6_AND_UDP_BYTES (40 + 8)

SimPacket *
sim_packet_new (const SrudpAddress *source,
                const SrudpAddress *destination,
                SrudpEcn            ecn,
                const guint8       *data,
                gsize               size)
{
  SimPacket *packet = g_malloc (sizeof (SimPacket) + size);

  packet->source = *source;
  packet->destination = *destination;
  packet->ecn = ecn;
  packet->size = size;
  if (size > 0)
    memcpy (packet->data, data, size);

  return packet;
}

SimPacket *
sim_packet_copy (const SimPacket *packet)
{
  return sim_packet_new (&packet->source, &packet->destination, packet->ecn,
                         packet->data, packet->size);
}

void
sim_packet_free (SimPacket *packet)
{
  g_free (packet);
}

gsize
sim_packet_wire_bytes (const SimPacket *packet)
{
  return packet->size + (packet->destination.family == SRUDP_FAMILY_IPV6
                           ? IPV6_AND_UDP_BYTES
                           : IPV4_AND_UDP_BYTES);
}

static guint
ip_hash (gconstpointer key)
{
  const SrudpAddress *address = key;
  guint64 word[2];

  memcpy (word, address->ip, sizeof word);

  return (guint) ((word[0] ^ (word[1] * 31)) % 4294967291u);
}

static gboolean
ip_equal (gconstpointer a,
          gconstpointer b)
{
  return srudp_address_same_ip (a, b);
}

static void
router_receive (SimSink   *sink,
                SimPacket *packet)
{
  SimRouter *router = (SimRouter *) sink;
  SimSink *next = g_hash_table_lookup (router->ways, &packet->destination);

  if (next == NULL)
    {
      router->n_lost++;
      sim_packet_free (packet);
      return;
    }
  sim_sink_receive (next, packet);
}

void
sim_router_init (SimRouter *router)
{
  router->sink.receive = router_receive;
  router->ways = g_hash_table_new_full (ip_hash, ip_equal, g_free, NULL);
  router->n_lost = 0;
}

void
sim_router_clear (SimRouter *router)
{
  g_clear_pointer (&router->ways, g_hash_table_unref);
}

void
sim_router_set (SimRouter          *router,
                const SrudpAddress *destination,
                SimSink            *next)
{
  if (next == NULL)
    g_hash_table_remove (router->ways, destination);
  else
    g_hash_table_replace (router->ways,
                          g_memdup2 (destination, sizeof *destination), next);
}

void
sim_address (SrudpAddress *address,
             guint         host,
             guint16       port)
{
  guint8 ip[4] = { 10, (host >> 16) & 0xff, (host >> 8) & 0xff, host & 0xff };

  srudp_address_init_ipv4 (address, ip, port);
}
