/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-hystart.h: when slow start has done enough (RFC 9406)
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  SRUDP_HYSTART_GROW = 0,     /* slow start */
  SRUDP_HYSTART_CONSERVATIVE, /* the RTT rises: grow by a quarter of it */
  SRUDP_HYSTART_DONE,         /* it did not fall again: congestion avoidance */
} SrudpHystartPhase;

typedef struct
{
  SrudpHystartPhase phase;
  guint64 round_end;          /* a packet number; ends when it is acked */
  guint n_rounds;             /* completed since the start */
  guint n_samples;            /* of this round */
  gint64 round_rtt_us;        /* smallest of this round, -1: no sample */
  gint64 last_round_rtt_us;   /* of the round before */
  guint last_n_samples;
  gint64 baseline_us;         /* of the round that raised the suspicion */
  guint conservative_rounds;
} SrudpHystart;

void     srudp_hystart_init    (SrudpHystart *self);
/* An ACK in slow start or after: rounds are counted in both. `rtt_us` -1: no
 * sample. `next_number` is that of the packet to be sent next. TRUE: a round
 * ended with this ACK, `last_round_rtt_us` is what it saw. */
gboolean srudp_hystart_on_ack  (SrudpHystart *self,
                                guint64       largest_acked,
                                guint64       next_number,
                                gint64        rtt_us);
/* The smallest RTT of late, -1: unknown. */
gint64   srudp_hystart_get_rtt (const SrudpHystart *self);

G_END_DECLS
