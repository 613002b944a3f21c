/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-hystart.c: when slow start has done enough (RFC 9406)
 */
#include "srudp-hystart.h"

/* RFC 9406 4.3. A paced sender needs no limit on the increase of one ACK. */
#define MIN_RTT_THRESH_US 4000
#define MAX_RTT_THRESH_US 16000
#define MIN_RTT_DIVISOR 8
#define N_RTT_SAMPLE 8
#define CSS_ROUNDS 5

void
srudp_hystart_init (SrudpHystart *self)
{
  *self = (SrudpHystart) {
    .round_rtt_us = -1,
    .last_round_rtt_us = -1,
    .baseline_us = -1,
  };
}

static void
note_sample (SrudpHystart *self,
             gint64        rtt_us)
{
  if (rtt_us < 0)
    return;

  self->n_samples++;
  if (self->round_rtt_us < 0 || rtt_us < self->round_rtt_us)
    self->round_rtt_us = rtt_us;
}

static void
judge_rtt (SrudpHystart *self)
{
  gint64 threshold_us;

  if (self->n_samples < N_RTT_SAMPLE)
    return;

  if (self->phase == SRUDP_HYSTART_CONSERVATIVE)
    {
      /* The rise was a fluke. */
      if (self->round_rtt_us < self->baseline_us)
        self->phase = SRUDP_HYSTART_GROW;
      return;
    }
  if (self->phase != SRUDP_HYSTART_GROW || self->last_round_rtt_us < 0)
    return;

  threshold_us = CLAMP (self->last_round_rtt_us / MIN_RTT_DIVISOR,
                        MIN_RTT_THRESH_US, MAX_RTT_THRESH_US);
  if (self->round_rtt_us >= self->last_round_rtt_us + threshold_us)
    {
      self->phase = SRUDP_HYSTART_CONSERVATIVE;
      self->baseline_us = self->round_rtt_us;
      self->conservative_rounds = 0;
    }
}

static void
end_round (SrudpHystart *self,
           guint64       next_number)
{
  self->round_end = next_number;
  self->n_rounds++;
  self->last_n_samples = self->n_samples;
  self->n_samples = 0;
  self->last_round_rtt_us = self->round_rtt_us;
  self->round_rtt_us = -1;
  if (self->phase == SRUDP_HYSTART_CONSERVATIVE
      && ++self->conservative_rounds >= CSS_ROUNDS)
    self->phase = SRUDP_HYSTART_DONE;
}

gboolean
srudp_hystart_on_ack (SrudpHystart *self,
                      guint64       largest_acked,
                      guint64       next_number,
                      gint64        rtt_us)
{
  note_sample (self, rtt_us);
  judge_rtt (self);
  if (largest_acked < self->round_end)
    return FALSE;

  end_round (self, next_number);
  return TRUE;
}

gint64
srudp_hystart_get_rtt (const SrudpHystart *self)
{
  /* The first few samples of a round may all be outliers. */
  if (self->n_samples >= N_RTT_SAMPLE || self->last_round_rtt_us < 0)
    return self->round_rtt_us;
  if (self->round_rtt_us < 0)
    return self->last_round_rtt_us;

  return MIN (self->round_rtt_us, self->last_round_rtt_us);
}
