/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-rtt.c: round-trip time estimate (RFC 9002 section 5)
 */
#include "srudp-rtt.h"

/* An ACK held back for so long is not the first that tells of its packet: that
 * one was lost, and how long the packet was on its way nobody knows any more.
 * Counted as a sample, it would stretch the probe timeout to many seconds. */
#define LATE_ACK_US G_USEC_PER_SEC

/* What was not reached again in two of these is no longer the smallest: the
 * route has changed (RFC 9002 5.2 lets it be found anew). Shorter ones would
 * mistake a queue that others keep filled for the path. */
#define MIN_PERIOD_US (30 * G_USEC_PER_SEC)

static void
start_period (SrudpRtt *rtt,
              gint64    now)
{
  rtt->period_start = now;
  rtt->last_period_min_us = rtt->period_min_us;
  rtt->period_min_us = -1;
}

void
srudp_rtt_init (SrudpRtt *rtt,
                gint64    max_ack_delay_us)
{
  rtt->latest_us = -1;
  rtt->min_us = -1;
  rtt->smoothed_us = SRUDP_INITIAL_RTT_US;
  rtt->variance_us = SRUDP_INITIAL_RTT_US / 2;
  rtt->first_sample_time = -1;
  rtt->max_ack_delay_us = MAX (max_ack_delay_us, 0);
  rtt->period_start = 0;
  rtt->period_min_us = rtt->last_period_min_us = -1;
}

void
srudp_rtt_forget_min (SrudpRtt *rtt)
{
  rtt->min_us = -1;
  rtt->period_min_us = rtt->last_period_min_us = -1;
}

static void
age_min (SrudpRtt *rtt,
         gint64    now,
         gint64    adjusted_us)
{
  gint64 min_us = MIN (rtt->last_period_min_us, rtt->period_min_us);

  if (now - rtt->period_start >= MIN_PERIOD_US)
    {
      if (min_us >= 0)
        rtt->min_us = MAX (rtt->min_us, MIN (min_us, adjusted_us));
      start_period (rtt, now);
    }
  if (rtt->period_min_us < 0 || adjusted_us < rtt->period_min_us)
    rtt->period_min_us = adjusted_us;
}

gboolean
srudp_rtt_has_sample (const SrudpRtt *rtt)
{
  return rtt->first_sample_time >= 0;
}

void
srudp_rtt_update (SrudpRtt *rtt,
                  gint64    now,
                  gint64    sample_us,
                  gint64    ack_delay_us)
{
  gint64 adjusted_us, error_us;

  if (ack_delay_us > MAX (LATE_ACK_US, srudp_rtt_get_pto (rtt)))
    return;

  /* Two events within the clock's resolution are still apart. */
  sample_us = MAX (sample_us, 1);
  rtt->latest_us = sample_us;

  if (rtt->first_sample_time < 0)
    {
      rtt->first_sample_time = MAX (now, 0);
      rtt->min_us = sample_us;
      start_period (rtt, now);
      rtt->smoothed_us = sample_us;
      rtt->variance_us = sample_us / 2;
      return;
    }

  /* The minimum ignores the delay the peer claims (5.2). */
  rtt->min_us = rtt->min_us < 0 ? sample_us : MIN (rtt->min_us, sample_us);
  ack_delay_us = CLAMP (ack_delay_us, 0, rtt->max_ack_delay_us);
  adjusted_us = sample_us;
  if (sample_us - rtt->min_us >= ack_delay_us)
    adjusted_us -= ack_delay_us;
  age_min (rtt, now, adjusted_us);

  /* RFC 9002 5.3: weights 1/4 and 1/8. */
  error_us = ABS (rtt->smoothed_us - adjusted_us);
  rtt->variance_us = (3 * rtt->variance_us + error_us) / 4;
  rtt->smoothed_us = (7 * rtt->smoothed_us + adjusted_us) / 8;
}

gint64
srudp_rtt_get_pto (const SrudpRtt *rtt)
{
  return rtt->smoothed_us + MAX (4 * rtt->variance_us, SRUDP_GRANULARITY_US)
         + rtt->max_ack_delay_us;
}
