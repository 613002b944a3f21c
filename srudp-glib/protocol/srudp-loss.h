/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-loss.h: loss detection and probe timeout (RFC 9002 section 6)
 *
 * Works on the ledger of srudp-sent-packets.h. After srudp_loss_on_ack() or
 * srudp_loss_on_timer(), take the packets from both lists until they are
 * empty:
 *
 *     while ((packet = srudp_loss_next_acked (loss)) != NULL) …
 *     while ((packet = srudp_loss_next_lost (loss)) != NULL) …
 */
#pragma once

#include "srudp-ack-ranges.h"
#include "srudp-rtt.h"
#include "srudp-sent-packets.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 head, tail; /* packet numbers */
  gboolean any;
} SrudpSentList;

typedef struct
{
  SrudpSentPackets *ledger;  /* not owned */
  SrudpRtt *rtt;             /* not owned */
  gboolean any_acked;
  guint64 largest_acked;
  gint64 loss_time;          /* when the next one is lost by time, -1: none */
  gint64 last_eliciting_time;/* when the last ack-eliciting one was sent */
  guint pto_count;
  guint64 scan_from;         /* nothing outstanding below this number */
  gint64 lost_since;         /* when the first of the packets was sent that
                              * were all lost in a row, -1: none */
  /* Adaptation to reordering. */
  guint64 packet_threshold;
  gint64 lateness_us;        /* beyond the round trip */
  gint64 reordering_until;   /* then half of the way back to normal */
  /* Where packets come late: what is in flight though later ones arrived. */
  guint64 overtaken_bytes;
  guint64 overtaken_until;   /* numbers below are counted */
  guint n_unanswered;        /* sent since a probe timeout, none acknowledged */
  SrudpSentList acked, lost;
  guint64 n_lost, n_spurious;/* packets since the start */
} SrudpLoss;

/* What one ACK, or one expiry of the timer, brought about. All counts are of
 * this path only. */
typedef struct
{
  guint64 acked_bytes;           /* newly, and in flight until now */
  guint64 n_acked;
  guint64 largest_newly_acked;   /* valid when n_acked > 0 */
  gint64 largest_acked_sent_time;/* -1: nothing newly acked */
  guint64 acked_ect0;            /* packets sent as ECT(0) among them */
  gint64 rtt_sample_us;          /* -1: none was taken */
  SrudpRateSample rate;
  guint64 lost_bytes;            /* without MTU probes */
  guint64 n_lost;
  guint64 largest_lost;
  gint64 largest_lost_sent_time; /* -1: nothing lost */
  guint64 n_spurious;            /* declared lost earlier, but arrived */
  gint64 spurious_lost_time;     /* when the newest of them was declared lost */
  gboolean persistent_congestion;
  guint n_probes;                /* a probe timeout: send so many now */
} SrudpLossOutcome;

void     srudp_loss_init         (SrudpLoss           *self,
                                  SrudpSentPackets    *ledger,
                                  SrudpRtt            *rtt);
/* After srudp_sent_packets_start_path() and with the RTT started again. */
void     srudp_loss_start_path   (SrudpLoss           *self);
/* Before a packet is committed. */
void     srudp_loss_make_room    (SrudpLoss           *self,
                                  gint64               now);
void     srudp_loss_on_sent      (SrudpLoss             *self,
                                  const SrudpSentPacket *packet);
/* `ranges` newest first, as in the frame. FALSE: it names a packet that was
 * never sent, which is a PROTOCOL error; nothing has changed then. */
gboolean srudp_loss_on_ack       (SrudpLoss           *self,
                                  gint64               now,
                                  const SrudpAckRange *ranges,
                                  guint                n_ranges,
                                  gint64               ack_delay_us,
                                  SrudpLossOutcome    *outcome);
/* Loss by time, or a probe timeout when the deadline has passed. */
void     srudp_loss_on_timer     (SrudpLoss           *self,
                                  gint64               now,
                                  SrudpLossOutcome    *outcome);
/* -1: never. */
gint64   srudp_loss_get_deadline (const SrudpLoss     *self);
/* The probe timeout as it is now, with back-off (and its cap). */
gint64   srudp_loss_get_pto      (const SrudpLoss     *self);

/* Bytes in flight that are no part of a queue, as they are only late. */
guint64  srudp_loss_get_late_bytes (const SrudpLoss   *self);

const SrudpSentPacket *srudp_loss_next_acked (SrudpLoss *self);
const SrudpSentPacket *srudp_loss_next_lost  (SrudpLoss *self);

G_END_DECLS
