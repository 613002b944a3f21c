/*
 * SPDX-License-Identifier: MIT
 *
 * sim-villain.h: a peer that connects as it should, and then does what it likes
 *
 * It takes over the keys of a session, whose machine is stopped for good. Its
 * packets are authentic, whatever is in them, and take the same wire.
 */
#pragma once

#include "sim-world.h"
#include "srudp-frame.h"
#include "srudp-transport.h"

G_BEGIN_DECLS

/* The largest payload it sends. */
#define SIM_VILLAIN_PAYLOAD_BYTES 1100

typedef struct
{
  SimSink sink; /* what the victim sends comes here */
  SimNode *node;
  SrudpAddress victim;
  SrudpPacketKeys *send_keys, *receive_keys; /* of the transport */
  guint64 victim_id, next_number;
  guint64 max_data, max_stream_data; /* what the victim lets it send */
  gint64 largest_received; /* packet number */
  SrudpAckRanges received;
  gboolean acknowledges;   /* each packet, as it comes */
  gboolean was_told;       /* a CLOSE came … */
  guint64 close_code;      /* … with this code, and in words */
  gboolean has_words;
  guint64 max_stream_offset; /* the furthest byte that came */
} SimVillain;

/* `session` is that of pair->a, and pair->b is the victim. */
void sim_villain_init  (SimVillain       *villain,
                        SimPair          *pair,
                        SrudpSession     *session);
void sim_villain_clear (SimVillain       *villain);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimVillain, sim_villain_clear)

/* One packet with these frames. */
void sim_villain_send  (SimVillain       *villain,
                        const guint8     *payload,
                        gsize             size);
void sim_villain_send_frame (SimVillain       *villain,
                             const SrudpFrame *frame);
/* A STREAM frame with so many copies of one byte. */
void sim_villain_send_stream (SimVillain *villain,
                              guint64     stream_id,
                              guint64     offset,
                              gsize       length,
                              guint8      byte,
                              gboolean    fin);

G_END_DECLS
