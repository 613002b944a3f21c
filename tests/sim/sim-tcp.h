/*
 * SPDX-License-Identifier: MIT
 *
 * sim-tcp.h: a model of a TCP bulk transfer, to share links with
 *
 * CUBIC (RFC 9438), slow start that ends at a delay (HyStart), selective
 * acknowledgements with loss detection by time (RACK, RFC 8985), delayed ACKs,
 * no pacing: what a Linux host does. It has no handshake and no end, and
 * numbers count segments.
 */
#pragma once

#include "srudp-range-set.h"

#include "sim-world.h"

G_BEGIN_DECLS

#define SIM_TCP_SEGMENT_BYTES 1448

typedef struct
{
  /* Numbered from `unacked` on: GArray of segments. */
  guint64 unacked, next;
  GArray *segments;
  guint first;
  guint64 n_sacked, n_lost; /* lost: and not repeated yet */
  gint64 newest_delivered_us; /* when the newest of those was sent */
  /* Round trips. */
  gint64 min_rtt_us, srtt_us, rttvar_us;
  guint n_timeouts;
  gint64 timeout_at_us;
  /* CUBIC, in segments. */
  double window, threshold, w_max, w_est, k;
  gint64 epoch_us;
  guint64 recovery_end;
  /* HyStart. */
  guint64 round_end;
  guint n_samples;
  gint64 round_rtt_us, last_round_rtt_us;
} SimTcpSender;

typedef struct
{
  SrudpRangeSet received; /* above `next` */
  guint64 next;
  guint n_unacked;
  gint64 ack_at_us;
  gint64 echo_us; /* when the segment was sent that made an ACK due */
} SimTcpReceiver;

typedef struct
{
  SimSink data_in; /* of the receiver's machine */
  SimSink ack_in;  /* of the sender's machine */
  SimClock *clock;
  SimSink *way_there, *way_back;
  SrudpAddress from, to;
  SimTcpSender sender;
  SimTcpReceiver receiver;
  gint64 timer_at_us;
} SimTcp;

/* From 10.0.0.`from_host` to 10.0.0.`to_host`. The owner sets the two ways and
 * calls start. */
void    sim_tcp_init          (SimTcp   *tcp,
                               SimClock *clock,
                               guint     from_host,
                               guint     to_host);
void    sim_tcp_clear         (SimTcp   *tcp);
void    sim_tcp_start         (SimTcp   *tcp);
/* Bytes that arrived in order. */
guint64 sim_tcp_get_delivered (SimTcp   *tcp);

G_END_DECLS
