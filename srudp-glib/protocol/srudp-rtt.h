/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-rtt.h: round-trip time estimate (RFC 9002 section 5)
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 9002 6.2.2: before the first sample. */
#define SRUDP_INITIAL_RTT_US 333000
/* RFC 9002 6.1.2: timer granularity. */
#define SRUDP_GRANULARITY_US 1000
/* RFC 9000 18.2. */
#define SRUDP_DEFAULT_MAX_ACK_DELAY_US 25000

typedef struct
{
  gint64 latest_us;   /* last raw sample, -1 before the first */
  gint64 min_us;      /* -1 before the first sample */
  gint64 smoothed_us; /* the initial guess before the first sample */
  gint64 variance_us;
  gint64 first_sample_time;  /* -1 before the first sample */
  gint64 max_ack_delay_us;   /* the peer's */
  /* Smallest of this period and of the last one, less what the peer held its
   * ACKs back; -1: none. */
  gint64 period_start;
  gint64 period_min_us, last_period_min_us;
} SrudpRtt;

void     srudp_rtt_init       (SrudpRtt       *rtt,
                               gint64          max_ack_delay_us);
/* `ack_delay_us` is what the peer's ACK frame says: it is clamped. */
void     srudp_rtt_update     (SrudpRtt       *rtt,
                               gint64          now,
                               gint64          sample_us,
                               gint64          ack_delay_us);
/* The next sample is the smallest one. */
void     srudp_rtt_forget_min (SrudpRtt       *rtt);
gboolean srudp_rtt_has_sample (const SrudpRtt *rtt);
/* smoothed + 4 variances + the peer's max ack delay, no back-off (6.2.1). */
gint64   srudp_rtt_get_pto    (const SrudpRtt *rtt);

G_END_DECLS
