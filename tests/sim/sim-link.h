/*
 * SPDX-License-Identifier: MIT
 *
 * sim-link.h: one direction of a wire, with everything that goes wrong on one
 *
 * A packet first meets the queue (tail drop, ECN marks), then the rate, then
 * the weather: loss, corruption, duplication, delay and reordering. Lost ones
 * have used up their time on the wire, as on a real radio link.
 */
#pragma once

#include "sim-clock.h"
#include "sim-packet.h"
#include "sim-rng.h"

G_BEGIN_DECLS

/* All zero is a perfect wire. It may be changed while packets fly. */
typedef struct
{
  gint64 delay_us;       /* one way */
  gint64 jitter_us;      /* added: uniform, order is kept */
  guint64 rate_bps;      /* IP bits per second; 0: no limit */
  guint queue_packets;   /* waiting for the rate; 0: no limit */
  gsize queue_bytes;     /* IP bytes; 0: no limit */
  gsize mark_bytes;      /* ECN: queue from which ECT is marked CE; 0: never */
  gsize mtu_bytes;       /* IP bytes; longer ones vanish; 0: no limit */
  double loss;           /* of each packet by itself */
  double burst_loss;     /* share lost in bursts (Gilbert-Elliott) */
  double burst_packets;  /* mean length of a burst … */
  gint64 burst_us;       /* … or in time, sent or not; 0: in packets */
  double reorder;        /* share that is held back … */
  gint64 reorder_us;     /* … for up to this long */
  double duplicate;
  double corrupt;        /* share with 1 to 8 bits flipped */
} SimLinkConfig;

typedef struct
{
  guint64 packets_in, packets_out, bytes_in, bytes_out; /* IP bytes */
  guint64 lost_random, lost_burst, lost_queue, lost_mtu, lost_blackout;
  guint64 duplicated, corrupted, reordered, marked;
} SimLinkCounters;

/* Sees each packet before the link does; TRUE: it has taken the packet. */
typedef gboolean (*SimTapFunc) (SimPacket *packet,
                                gpointer   data);

/* A tap, for one link or several, that takes two packets of all it sees. */
typedef struct
{
  guint n_seen;
  guint first, second;
} SimThief;

gboolean sim_thief_tap (SimPacket *packet,
                        gpointer   thief);

typedef struct
{
  SimSink sink;
  SimLinkConfig config;
  SimLinkCounters counters;
  SimClock *clock;
  SimRng rng;
  SimSink *next;
  SimTapFunc tap;
  gpointer tap_data;
  gboolean in_burst;
  gint64 burst_flip_us; /* when it begins or ends, if bursts go by time */
  gint64 busy_until_ns; /* when the last queued packet has left */
  gint64 last_arrival_us;
  GArray *departures;   /* of those still queued, oldest at `first` */
  guint first;
  gsize queued_bytes;
  GArray *blackouts;
} SimLink;

void  sim_link_init         (SimLink             *link,
                             SimClock            *clock,
                             const SimLinkConfig *config,
                             guint64              seed,
                             guint64              stream,
                             SimSink             *next);
void  sim_link_clear        (SimLink             *link);
/* Nothing that enters in [from, until) arrives. */
void  sim_link_add_blackout (SimLink             *link,
                             gint64               from_us,
                             gint64               until_us);

G_END_DECLS
