/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-keepalive.c: how long NATs on the way remember a silent connection
 *
 * What our own packet after a silence shows is the mapping of the peer's side
 * alone: ours may have been made anew by it. It still counts, a step ahead of
 * what came in, for if nobody went ahead both would stay where they are.
 */
#include "srudp-keepalive.h"

/* Who has the turn speaks so much earlier, or a sixth of the time. It is more
 * than a round trip mostly takes, so that the other one need not. */
#define TURN_US (1500 * (gint64) 1000)
#define TURN_DIVISOR 6
/* What an answer may be ahead of a packet that came in, besides a step. */
#define AHEAD_US G_USEC_PER_SEC
/* What a timer, or the peer's, may be late. */
#define LATE_US (500 * (gint64) 1000)
/* It may have been an accident: try again, ever more seldom. */
#define CEILING_US (3600 * (gint64) G_USEC_PER_SEC)
#define MAX_DOUBLINGS 8

static gint64
step (gint64 silence_us)
{
  return silence_us + silence_us / 4;
}

void
srudp_keepalive_init (SrudpKeepalive *self,
                      gboolean        is_initiator)
{
  *self = (SrudpKeepalive) {
    .reached_us = (SRUDP_KEEPALIVE_FIRST_US - TURN_US) * 4 / 5,
    .usual_us = -1,
    .proven_us = (SRUDP_KEEPALIVE_FIRST_US - TURN_US) * 4 / 5,
    .ceiling_until = -1,
    .is_own_turn = is_initiator,
    .is_initiator = is_initiator,
  };
}

static gint64
get_longest (const SrudpKeepalive *self,
             gint64                now)
{
  gint64 longest = CLAMP (step (self->proven_us) + TURN_US,
                          SRUDP_KEEPALIVE_MIN_US, SRUDP_KEEPALIVE_MAX_US);

  return now < self->ceiling_until ? MIN (longest, self->ceiling_us) : longest;
}

gint64
srudp_keepalive_get_wait (const SrudpKeepalive *self,
                          gint64                now,
                          gint64                limit_us)
{
  gint64 wait = MIN (get_longest (self, now), limit_us);

  return self->is_own_turn ? wait - MIN (TURN_US, wait / TURN_DIVISOR) : wait;
}

/* Who hasn't the turn waits a little longer. */
gboolean
srudp_keepalive_is_usual (const SrudpKeepalive *self,
                          gint64                silence_us)
{
  return self->usual_us >= 0 && silence_us <= self->usual_us + TURN_US + LATE_US;
}

void
srudp_keepalive_on_reached (SrudpKeepalive *self,
                            gint64          silence_us)
{
  self->usual_us = MAX (self->usual_us, silence_us);
  self->reached_us = MAX (self->reached_us, silence_us);
  self->proven_us = MAX (self->proven_us, silence_us);
  self->is_own_turn = TRUE;
}

void
srudp_keepalive_on_answered (SrudpKeepalive *self,
                             gint64          silence_us,
                             gboolean        at_once)
{
  gint64 most = step (self->reached_us) + AHEAD_US;

  if (at_once)
    self->proven_us = MAX (self->proven_us, MIN (silence_us, most));
  self->is_own_turn = FALSE;
}

/* The initiator waits, next time. */
void
srudp_keepalive_on_crossed (SrudpKeepalive *self)
{
  self->is_own_turn = !self->is_initiator;
}

/* A silence was tried that is up to 1.6 times as long as one that went well:
 * two thirds of it go well again, or the next time does it. What is shorter
 * than any NAT's memory says nothing about it. */
void
srudp_keepalive_on_lost (SrudpKeepalive *self,
                         gint64          now,
                         gint64          silence_us)
{
  gint64 ceiling = MAX (silence_us * 2 / 3, SRUDP_KEEPALIVE_MIN_US);

  if (silence_us < SRUDP_KEEPALIVE_MIN_US)
    return;

  if (now < self->ceiling_until)
    ceiling = MIN (ceiling, self->ceiling_us);
  self->ceiling_us = ceiling;
  self->ceiling_until = now + (CEILING_US << MIN (self->n_lost, MAX_DOUBLINGS));
  self->n_lost++;
  self->reached_us = MIN (self->reached_us, ceiling);
  self->proven_us = MIN (self->proven_us, ceiling);
}
