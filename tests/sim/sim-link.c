/*
 * SPDX-License-Identifier: MIT
 *
 * sim-link.c: one direction of a wire, with everything that goes wrong on one
 */
#include "sim-link.h"

#include <math.h>

/* Few, so that the memory of a link is that of its packets. */
#define KEPT_DEPARTURES 64

typedef struct
{
  gint64 at_ns;
  gsize bytes;
} Departure;

typedef struct
{
  gint64 from_us, until_us;
} Blackout;

typedef struct
{
  SimLink *link;
  SimPacket *packet;
} Arrival;

static void
arrival_free (gpointer data)
{
  Arrival *arrival = data;

  sim_packet_free (arrival->packet);
  g_free (arrival);
}

static void
arrival_cb (gpointer data)
{
  Arrival *arrival = data;
  SimLink *link = arrival->link;
  SimPacket *packet = arrival->packet;

  g_free (arrival);
  link->counters.packets_out++;
  link->counters.bytes_out += sim_packet_wire_bytes (packet);
  sim_sink_receive (link->next, packet);
}

static gboolean
is_blacked_out (SimLink *link)
{
  for (guint i = 0; i < link->blackouts->len; i++)
    {
      const Blackout *b = &g_array_index (link->blackouts, Blackout, i);

      if (link->clock->now_us >= b->from_us && link->clock->now_us < b->until_us)
        return TRUE;
    }

  return FALSE;
}

static void
forget_departed (SimLink *link)
{
  gint64 now_ns = link->clock->now_us * 1000;
  GArray *queue = link->departures;

  while (link->first < queue->len)
    {
      const Departure *d = &g_array_index (queue, Departure, link->first);

      if (d->at_ns > now_ns)
        break;
      link->queued_bytes -= d->bytes;
      link->first++;
    }
  if (link->first > KEPT_DEPARTURES && link->first * 2 > queue->len)
    {
      g_array_remove_range (queue, 0, link->first);
      link->first = 0;
    }
}

static gboolean
is_queue_full (SimLink *link,
               gsize    bytes)
{
  const SimLinkConfig *c = &link->config;
  guint waiting = link->departures->len - link->first;

  if (c->queue_packets != 0 && waiting >= c->queue_packets)
    return TRUE;

  return c->queue_bytes != 0 && link->queued_bytes + bytes > c->queue_bytes;
}

static void
mark_congestion (SimLink   *link,
                 SimPacket *packet)
{
  if (link->config.mark_bytes == 0
      || link->queued_bytes < link->config.mark_bytes
      || packet->ecn == SRUDP_ECN_NOT_ECT)
    return;
  packet->ecn = SRUDP_ECN_CE;
  link->counters.marked++;
}

/* Returns when the last bit has left, in nanoseconds. */
static gint64
serialize (SimLink *link,
           gsize    bytes)
{
  gint64 now_ns = link->clock->now_us * 1000;
  Departure departure = { 0, bytes };

  if (link->config.rate_bps == 0)
    return now_ns;

  link->busy_until_ns = MAX (link->busy_until_ns, now_ns)
    + (gint64) ((double) bytes * 8e9 / (double) link->config.rate_bps);
  departure.at_ns = link->busy_until_ns;
  g_array_append_val (link->departures, departure);
  link->queued_bytes += bytes;

  return departure.at_ns;
}

static gint64
draw_exponential (SimRng *rng,
                  double  mean)
{
  double uniform = (double) (sim_rng_next (rng) >> 11) / 9007199254740992.0;

  return 1 + (gint64) (-log (1.0 - uniform) * mean);
}

/* The same two states, but as time goes by: silence does not prolong a burst. */
static gboolean
is_in_timed_burst (SimLink *link)
{
  const SimLinkConfig *c = &link->config;

  while (link->burst_flip_us <= link->clock->now_us)
    {
      /* At the very start the good state begins. */
      if (link->burst_flip_us > 0)
        link->in_burst = !link->in_burst;
      link->burst_flip_us
        += draw_exponential (&link->rng, link->in_burst ? (double) c->burst_us
                             : (double) c->burst_us * (1 - c->burst_loss)
                                 / c->burst_loss);
    }

  return link->in_burst;
}

/* Gilbert-Elliott: everything is lost in the bad state, nothing in the good
 * one. The odds of the two edges follow from share and mean length. */
static gboolean
is_lost_in_burst (SimLink *link)
{
  const SimLinkConfig *c = &link->config;
  double length = MAX (c->burst_packets, 1);

  if (c->burst_loss <= 0)
    return FALSE;
  if (c->burst_us > 0)
    return is_in_timed_burst (link);
  if (link->in_burst)
    link->in_burst = !sim_rng_chance (&link->rng, 1 / length);
  else
    link->in_burst = sim_rng_chance (&link->rng, c->burst_loss
                                     / (1 - c->burst_loss) / length);

  return link->in_burst;
}

static void
flip_bits (SimLink   *link,
           SimPacket *packet)
{
  guint n = 1 + (guint) sim_rng_below (&link->rng, 8);

  if (packet->size == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      gsize bit = sim_rng_below (&link->rng, packet->size * 8);

      packet->data[bit / 8] ^= (guint8) (1u << (bit % 8));
    }
  link->counters.corrupted++;
}

static void
schedule_arrival (SimLink   *link,
                  SimPacket *packet,
                  gint64     departure_us)
{
  const SimLinkConfig *c = &link->config;
  Arrival *arrival = g_new (Arrival, 1);
  gint64 at_us = departure_us + c->delay_us
    + (gint64) sim_rng_below (&link->rng, (guint64) c->jitter_us + 1);

  if (sim_rng_chance (&link->rng, c->reorder))
    {
      at_us += (gint64) sim_rng_below (&link->rng, (guint64) c->reorder_us + 1);
      link->counters.reordered++;
    }
  else
    {
      at_us = MAX (at_us, link->last_arrival_us);
      link->last_arrival_us = at_us;
    }
  arrival->link = link;
  arrival->packet = packet;
  sim_clock_schedule (link->clock, at_us, arrival_cb, arrival, arrival_free);
}

static void
fly (SimLink   *link,
     SimPacket *packet,
     gint64     departure_us)
{
  const SimLinkConfig *c = &link->config;

  if (sim_rng_chance (&link->rng, c->loss))
    {
      link->counters.lost_random++;
      sim_packet_free (packet);
      return;
    }
  if (sim_rng_chance (&link->rng, c->duplicate))
    {
      link->counters.duplicated++;
      schedule_arrival (link, sim_packet_copy (packet), departure_us);
    }
  if (sim_rng_chance (&link->rng, c->corrupt))
    flip_bits (link, packet);
  schedule_arrival (link, packet, departure_us);
}

/* NULL, or the counter of the reason why it never leaves. */
static guint64 *
refuse (SimLink *link,
        gsize    bytes)
{
  if (link->config.mtu_bytes != 0 && bytes > link->config.mtu_bytes)
    return &link->counters.lost_mtu;
  if (is_blacked_out (link))
    return &link->counters.lost_blackout;
  if (is_queue_full (link, bytes))
    return &link->counters.lost_queue;

  return NULL;
}

static void
link_receive (SimSink   *sink,
              SimPacket *packet)
{
  SimLink *link = (SimLink *) sink;
  gsize bytes = sim_packet_wire_bytes (packet);
  guint64 *reason;
  gint64 departure_ns;

  if (link->tap != NULL && link->tap (packet, link->tap_data))
    return;

  link->counters.packets_in++;
  link->counters.bytes_in += bytes;
  forget_departed (link);
  reason = refuse (link, bytes);
  if (reason != NULL)
    {
      (*reason)++;
      sim_packet_free (packet);
      return;
    }

  mark_congestion (link, packet);
  departure_ns = serialize (link, bytes);
  if (is_lost_in_burst (link))
    {
      link->counters.lost_burst++;
      sim_packet_free (packet);
      return;
    }
  fly (link, packet, (departure_ns + 999) / 1000);
}

void
sim_link_init (SimLink             *link,
               SimClock            *clock,
               const SimLinkConfig *config,
               guint64              seed,
               guint64              stream,
               SimSink             *next)
{
  *link = (SimLink) { .sink.receive = link_receive,
                      .config = *config,
                      .clock = clock,
                      .next = next };
  sim_rng_init (&link->rng, seed, stream);
  link->departures = g_array_new (FALSE, FALSE, sizeof (Departure));
  link->blackouts = g_array_new (FALSE, FALSE, sizeof (Blackout));
}

void
sim_link_clear (SimLink *link)
{
  g_clear_pointer (&link->departures, g_array_unref);
  g_clear_pointer (&link->blackouts, g_array_unref);
}

void
sim_link_add_blackout (SimLink *link,
                       gint64   from_us,
                       gint64   until_us)
{
  Blackout blackout = { from_us, until_us };

  g_array_append_val (link->blackouts, blackout);
}

gboolean
sim_thief_tap (SimPacket *packet,
               gpointer   data)
{
  SimThief *thief = data;
  guint n = thief->n_seen++;

  if (n != thief->first && n != thief->second)
    return FALSE;
  sim_packet_free (packet);

  return TRUE;
}
