/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-queue-guard.c: is there a queue, and is it ours alone?
 */
#include "srudp-queue-guard.h"

/* A queue longer than this part of the round trip is too long; in slow start
 * much less is, as the window doubles in the time it takes to see it. */
#define LIMIT_PERCENT 80
#define MIN_LIMIT_US 10000
#define SLOW_START_DIVISOR 5
/* Alone, the cut leaves nothing of it; with an equal, half. */
#define DRAINED_DIVISOR 4
/* The cut shows after one round trip, and the queue needs one to drain. */
#define TEST_ROUNDS 3
/* How long others are left alone before they are looked for again. */
#define QUIET_US (10 * G_USEC_PER_SEC)

void
srudp_queue_guard_init (SrudpQueueGuard *self)
{
  *self = (SrudpQueueGuard) { .quiet_until = -1, .keep = 1.0 };
}

void
srudp_queue_guard_cancel (SrudpQueueGuard *self)
{
  self->draining = FALSE;
}

static SrudpQueueGuardAdvice
end_test (SrudpQueueGuard *self,
          gint64           now,
          gint64           queue_us)
{
  self->draining = FALSE;
  if (queue_us < self->queue_us / DRAINED_DIVISOR)
    {
      self->quiet_until = -1;
      return SRUDP_QUEUE_GUARD_NOTHING;
    }

  self->quiet_until = now + QUIET_US;
  return SRUDP_QUEUE_GUARD_RESTORE;
}

SrudpQueueGuardAdvice
srudp_queue_guard_on_round (SrudpQueueGuard *self,
                            gint64           now,
                            gint64           round_rtt_us,
                            gint64           min_rtt_us,
                            gboolean         slow_start)
{
  gint64 queue_us = round_rtt_us - min_rtt_us;
  gint64 limit_us = MAX (min_rtt_us * LIMIT_PERCENT / 100, MIN_LIMIT_US);

  if (slow_start)
    limit_us /= SLOW_START_DIVISOR;

  if (round_rtt_us < 0 || min_rtt_us <= 0)
    return SRUDP_QUEUE_GUARD_NOTHING;

  if (self->draining)
    return ++self->rounds < TEST_ROUNDS
      ? SRUDP_QUEUE_GUARD_NOTHING : end_test (self, now, queue_us);

  if (queue_us < limit_us || now < self->quiet_until)
    return SRUDP_QUEUE_GUARD_NOTHING;

  self->draining = TRUE;
  self->rounds = 0;
  self->queue_us = queue_us;
  self->keep = (double) min_rtt_us / (double) round_rtt_us;
  return SRUDP_QUEUE_GUARD_DRAIN;
}
