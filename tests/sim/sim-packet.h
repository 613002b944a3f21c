/*
 * SPDX-License-Identifier: MIT
 *
 * sim-packet.h: a UDP datagram on its way, and what can receive one
 */
#pragma once

#include "srudp-engine.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpAddress source, destination;
  SrudpEcn ecn;
  gsize size;
  guint8 data[];
} SimPacket;

SimPacket *sim_packet_new  (const SrudpAddress *source,
                            const SrudpAddress *destination,
                            SrudpEcn            ecn,
                            const guint8       *data,
                            gsize               size);
SimPacket *sim_packet_copy (const SimPacket    *packet);
void       sim_packet_free (SimPacket          *packet);
/* With its IP and UDP header. */
gsize      sim_packet_wire_bytes (const SimPacket *packet);

/* Links, NATs, routers and nodes all begin with one of these. */
typedef struct _SimSink SimSink;
struct _SimSink
{
  /* Takes the packet over. */
  void (*receive) (SimSink   *sink,
                   SimPacket *packet);
};

static inline void
sim_sink_receive (SimSink   *sink,
                  SimPacket *packet)
{
  sink->receive (sink, packet);
}

/* Forwards by destination IP; what has no way is dropped and counted. */
typedef struct
{
  SimSink sink;
  GHashTable *ways;
  guint64 n_lost;
} SimRouter;

void sim_router_init  (SimRouter          *router);
void sim_router_clear (SimRouter          *router);
/* NULL takes the way out again. */
void sim_router_set   (SimRouter          *router,
                       const SrudpAddress *destination,
                       SimSink            *next);

/* 10.0.0.`host` and a port: enough for most worlds. */
void sim_address (SrudpAddress *address,
                  guint         host,
                  guint16       port);

G_END_DECLS
