/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-ack-ranges.h: which packets arrived, and when to say so
 */
#pragma once

#include "srudp-engine.h"

G_BEGIN_DECLS

/* The newest ranges are kept; older ones are forgotten (RFC 9000 13.2.3). */
#define SRUDP_ACK_MAX_RANGES 64

/* Packet numbers first..last, both included. */
typedef struct
{
  guint64 first, last;
} SrudpAckRange;

/* What a peer's ACK frame says about ECN marks (RFC 9000 19.3.2). */
typedef struct
{
  guint64 ect0, ect1, ce;
} SrudpEcnCounts;

typedef struct
{
  SrudpAckRange *ranges;    /* newest first, with gaps */
  guint n_ranges, n_allocated;
  gboolean any;             /* `largest` is valid */
  guint64 largest;          /* largest number that ever arrived */
  gint64 largest_time;      /* its arrival */
  guint64 largest_eliciting;
  gboolean any_eliciting;
  guint64 forgotten_end;    /* no range needs to tell of numbers below */
  guint64 unsent_first;     /* smallest number no ACK has told yet */
  gboolean unsent;          /* something arrived since the last ACK */
  guint n_eliciting;        /* ack-eliciting ones since the last ACK */
  gint64 deadline;          /* of the next ACK, -1 when nothing is owed */
  SrudpEcnCounts ecn;
  /* Parameters. */
  guint tolerance;          /* an ACK for every so many packets */
  guint reordering;         /* 0: never at once when out of order */
  gint64 max_delay_us;
} SrudpAckRanges;

void     srudp_ack_ranges_init (SrudpAckRanges *self,
                                gint64          max_delay_us);
void     srudp_ack_ranges_clear (SrudpAckRanges *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpAckRanges, srudp_ack_ranges_clear)
/* As the peer's ACK_FREQUENCY asks: an ACK after every `tolerance`
 * ack-eliciting packets (2 at first), at once when a packet is `reordering` or more out of
 * order (1 at first; 0: not for that reason), else after `max_delay_us`. */
void     srudp_ack_ranges_set_frequency (SrudpAckRanges *self,
                                         guint           tolerance,
                                         guint           reordering,
                                         gint64          max_delay_us);

/* An authentic packet arrived. FALSE when it is in the ranges already, or
 * older than all that can be remembered: it won't be acknowledged. */
gboolean srudp_ack_ranges_add  (SrudpAckRanges *self,
                                gint64          now,
                                guint64         number,
                                gboolean        ack_eliciting,
                                SrudpEcn        ecn);
gboolean srudp_ack_ranges_contains (const SrudpAckRanges *self,
                                    guint64               number);
/* IMMEDIATE_ACK, or any other reason to answer now. */
void     srudp_ack_ranges_request (SrudpAckRanges *self,
                                   gint64          now);

/* When an ACK must be sent: a time not after `now` means at once, -1 that
 * none is owed. An ACK may always ride along when there are ranges. */
gint64   srudp_ack_ranges_get_deadline (const SrudpAckRanges *self);
/* Ranges for the frame, newest first: i < n_ranges of .ranges. The delay for
 * the frame's field, from the arrival of the largest number: */
gint64   srudp_ack_ranges_get_delay (const SrudpAckRanges *self,
                                     gint64                now);
/* The ACK has been put into a packet: nothing is owed any more. */
void     srudp_ack_ranges_sent (SrudpAckRanges *self);
/* The peer acknowledged a packet of ours that carried an ACK up to `largest`:
 * what that ACK told need not be repeated (RFC 9000 13.2.4). */
void     srudp_ack_ranges_forget (SrudpAckRanges *self,
                                  guint64         largest);

G_END_DECLS
