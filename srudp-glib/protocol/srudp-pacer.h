/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pacer.h: spreads packets over time, in bursts a NIC can carry
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 9002 7.7: a burst no larger than the initial window. */
#define SRUDP_PACER_BURST_PACKETS 10

typedef struct
{
  guint64 rate;        /* bytes per second; 0: not paced */
  guint64 quantum;     /* a burst is worth waking up for */
  guint64 capacity;    /* the most that is saved up */
  gint64 credit;       /* bytes that may go now; below 0: overdrawn */
  guint64 remainder;   /* of the division, so that nothing is rounded away */
  gint64 updated;
  guint packet_size;
  gboolean exhausted;  /* nothing goes until a quantum is saved up again */
} SrudpPacer;

void     srudp_pacer_init      (SrudpPacer       *pacer,
                                gint64            now,
                                guint             max_datagram_size);
/* Called as often as the rate changes; the credit is kept. */
void     srudp_pacer_set_rate  (SrudpPacer       *pacer,
                                gint64            now,
                                guint64           bytes_per_second,
                                guint             max_datagram_size);
/* How many bytes may go at `now`: 0, or room for a packet at least. */
guint64  srudp_pacer_get_allowance (SrudpPacer   *pacer,
                                    gint64        now);
/* When the next burst may go: not after `now` when it may go at once. */
gint64   srudp_pacer_get_release_time (SrudpPacer *pacer,
                                       gint64      now);
/* Until now something else than the pacer held packets back: what was saved up
 * meanwhile is no leave for a burst. */
void     srudp_pacer_hold      (SrudpPacer       *pacer,
                                gint64            now);
/* May overdraw: the debt is paid back by waiting. */
void     srudp_pacer_on_sent   (SrudpPacer       *pacer,
                                gint64            now,
                                gsize             size);

G_END_DECLS
