/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-recovery.h: ledger, RTT, loss, congestion and pacing as one
 *
 * What a connection needs to know before it sends, and to tell after. The
 * order of calls:
 *
 *  1. srudp_recovery_get_allowance() tells how many bytes of ack-eliciting
 *     packets may go now. Pure ACKs, CLOSE and probes (n_probes > 0, at
 *     least one ack-eliciting packet each) may always go.
 *  2. Build a packet as srudp-sent-packets.h says, on .ledger; then
 *     srudp_recovery_on_sent().
 *  3. Nothing left to send though it was allowed:
 *     srudp_recovery_on_app_limited().
 *  4. srudp_recovery_on_ack() for each ACK frame, srudp_recovery_on_timer()
 *     at the deadline; after both, take the packets from both lists.
 */
#pragma once

#include "srudp-congestion.h"
#include "srudp-pacer.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpSentPackets *ledger;
  SrudpRtt rtt;
  SrudpLoss loss;
  SrudpCongestion *congestion;
  SrudpPacer pacer;
  guint n_probes;          /* to send now, whatever the window is */
  gboolean app_limited;    /* there was room, and nothing to send */
  guint max_datagram_size;
  guint64 delivery_rate;   /* bytes per second, the latest good sample */
  /* ECN (RFC 9000 13.4.2). */
  gboolean ecn_failed;     /* the path or the peer spoils the marks */
  SrudpEcnCounts ecn;      /* as last reported */
  guint64 ecn_largest_acked;
  guint64 n_ect0_sent;
} SrudpRecovery;

typedef struct
{
  const SrudpCongestionClass *controller; /* NULL: the default */
  guint64 first_number;     /* of the first packet */
  gint64 first_rtt_us;      /* measured by the handshake, -1: unknown */
  gint64 max_ack_delay_us;  /* the peer's */
  guint max_datagram_size;
  guint32 random;           /* for the numbers left out */
} SrudpRecoveryConfig;

void     srudp_recovery_init     (SrudpRecovery             *self,
                                  const SrudpRecoveryConfig *config,
                                  gint64                     now);
void     srudp_recovery_clear    (SrudpRecovery             *self);

/* Bytes that window and pacer let go now, 0: wait. */
guint64  srudp_recovery_get_allowance (SrudpRecovery        *self,
                                       gint64                now);
/* When the pacer lets something go: -1 when the window is full (an ACK will
 * open it). Only worth a timer when there is something to send. */
gint64   srudp_recovery_get_send_time (SrudpRecovery        *self,
                                       gint64                now);
/* Commits the packet built on the ledger. */
const SrudpSentPacket *
         srudp_recovery_on_sent  (SrudpRecovery             *self,
                                  gint64                     now,
                                  guint                      size,
                                  SrudpSentFlags             flags);
void     srudp_recovery_on_app_limited (SrudpRecovery       *self,
                                        gint64               now);
/* `ecn` NULL: the frame had no counts. FALSE: PROTOCOL error. `outcome` may
 * be NULL. */
gboolean srudp_recovery_on_ack   (SrudpRecovery             *self,
                                  gint64                     now,
                                  const SrudpAckRange       *ranges,
                                  guint                      n_ranges,
                                  gint64                     ack_delay_us,
                                  const SrudpEcnCounts      *ecn,
                                  SrudpLossOutcome          *outcome);
/* Loss and probe timer; -1: never. */
gint64   srudp_recovery_get_deadline (const SrudpRecovery   *self);
void     srudp_recovery_on_timer (SrudpRecovery             *self,
                                  gint64                     now,
                                  SrudpLossOutcome          *outcome);
const SrudpSentPacket *srudp_recovery_next_acked (SrudpRecovery *self);
const SrudpSentPacket *srudp_recovery_next_lost  (SrudpRecovery *self);

/* Another address of the peer or ours: RTT, window and rate start again. Not
 * for a mere change of port. `rtt_us` -1: not known yet. */
void     srudp_recovery_start_path (SrudpRecovery           *self,
                                    gint64                   now,
                                    gint64                   rtt_us,
                                    guint                    max_datagram_size);
void     srudp_recovery_set_max_datagram_size (SrudpRecovery *self,
                                               gint64         now,
                                               guint          size);
guint64  srudp_recovery_get_window (const SrudpRecovery     *self);
guint64  srudp_recovery_get_pacing_rate (const SrudpRecovery *self);
/* For idle, key and path timers: the base PTO without back-off. */
gint64   srudp_recovery_get_pto  (const SrudpRecovery       *self);

G_END_DECLS
