/*
 * SPDX-License-Identifier: MIT
 *
 * sim-node.h: a machine: one engine, one port, and how badly it is served
 *
 * It drives the engine in the order srudp-engine.h asks for, on a clock of its
 * own: late timers, merged receives and a slow CPU are what a busy machine
 * does to an engine.
 */
#pragma once

#include "sim-clock.h"
#include "sim-packet.h"
#include "sim-rng.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpAddress address;
  gboolean hide_local;       /* a transport that can't tell the local address */
  gint64 clock_offset_us;    /* its monotonic time minus the world's */
  gint64 late_timer_us;      /* timers are served up to this late */
  gint64 receive_batch_us;   /* waits so long for more before it receives */
  gint64 cpu_per_packet_us;  /* each datagram received or sent costs this */
  guint receive_queue_packets; /* socket buffer; 0: no limit */
  guint max_segments;        /* GSO; 0 is taken as 1 */
} SimNodeConfig;

typedef struct _SimNode SimNode;

typedef void (*SimEventFunc) (SimNode          *node,
                              const SrudpEvent *event,
                              gpointer          data);

struct _SimNode
{
  SimSink sink;
  SimNodeConfig config;
  SimClock *clock;
  SimRng rng;        /* of the machine */
  SimRng engine_rng; /* of its engine */
  guint8 static_secret[SRUDP_KEY_BYTES];
  SrudpEngine *engine;
  SimSink *uplink;
  SimEventFunc on_event;
  gpointer event_data;
  GQueue received;
  gint64 armed_at_us;  /* the wake-up that counts, -1: none */
  guint n_stale;       /* about so many others are set */
  gint64 busy_until_us;
  gboolean in_service;
  gint64 spin_at_us;
  guint n_spins;
  guint64 n_served;    /* times the engine was driven */
  guint8 *buffer;
  guint64 n_sent, n_received, n_overflow, bytes_sent, bytes_received;
  /* Extra sockets: number n has the port n above that of the node. */
  GHashTable *sockets;
  guint max_sockets; /* that were open at one time */
  guint8 ttl;        /* of what was sent last; 0: the system's own */
};

void   sim_node_init    (SimNode             *node,
                         SimClock            *clock,
                         const SimNodeConfig *config,
                         guint64              seed,
                         guint64              stream,
                         SimSink             *uplink);
void   sim_node_clear   (SimNode             *node);
/* The process is killed and started again: same key, nothing remembered. */
void   sim_node_restart (SimNode             *node);
/* What the engine is told the time is. */
gint64 sim_node_now     (SimNode             *node);
/* After any operation on the engine: handles events, sends, sets the timer. */
void   sim_node_service (SimNode             *node);

G_END_DECLS
