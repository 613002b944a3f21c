/*
 * SPDX-License-Identifier: MIT
 *
 * sim-probe.h: watches what a node sends to addresses that are new to it
 *
 * It sits between a node and its wires. Until a round trip can have passed
 * since an address first sent something, nobody can have proven to be there:
 * what goes to it meanwhile is held against what came from it.
 */
#pragma once

#include "sim-match.h"

G_BEGIN_DECLS

typedef struct
{
  SimSink in;  /* in front of the node */
  SimSink out; /* in front of its uplink */
  SimNode *node;
  SimSink *uplink;
  gint64 rtt_us;
  GHashTable *addresses; /* SrudpAddress → SimProbeAddress */
  double worst_ratio;    /* sent : received, while not proven */
} SimProbe;

typedef struct
{
  SrudpAddress address;
  gint64 first_seen_us;
  guint64 received_bytes, sent_bytes; /* UDP payload */
  guint64 received_packets, sent_packets;
} SimProbeAddress;

/* In front of `node`, at the end of `way_in`. */
void     sim_probe_init  (SimProbe *probe,
                          SimNode  *node,
                          SimLink  *way_in,
                          gint64    rtt_us);
void     sim_probe_clear (SimProbe *probe);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimProbe, sim_probe_clear)
/* NULL: nothing came from there, nothing went there. */
const SimProbeAddress *
         sim_probe_look_up (SimProbe           *probe,
                            const SrudpAddress *address);

G_END_DECLS
