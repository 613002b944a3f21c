/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-lifetime.c: when a mapping ends, whatever goes through it
 */
#include "srudp-lifetime.h"

/* One loss may be noticed twice: by what did not come, and by what the peer
 * says of our port. */
#define SAME_LOSS_US (3 * (gint64) G_USEC_PER_SEC)
/* What is taken for equal: it may last a while until a loss is noticed. */
#define TOLERANCE_US (2 * (gint64) G_USEC_PER_SEC)
#define TOLERANCE_DIVISOR 20
#define MAX_UNNOTICED 3

void
srudp_lifetime_init (SrudpLifetime *self,
                     gint64         now)
{
  *self = (SrudpLifetime) {
    .born_at = now,
    .last_us = -1,
    .lifetime_us = -1,
    .told_end = -1,
  };
}

void
srudp_lifetime_on_born (SrudpLifetime *self,
                        gint64         now)
{
  self->born_at = now;
  self->told_end = -1;
}

/* The lifetime of which both are a sign; -1: none. A loss that nothing was sent
 * into is not noticed, so one of them may stand for a few. */
static gint64
compare (gint64 a,
         gint64 b)
{
  gint64 shorter = MIN (a, b), longer = MAX (a, b);
  gint64 tolerance = MAX (TOLERANCE_US, shorter / TOLERANCE_DIVISOR);
  gint64 n;

  if (shorter < 0)
    return -1;
  n = (longer + shorter / 2) / shorter;

  return n <= MAX_UNNOTICED + 1 && ABS (longer - n * shorter) <= tolerance
           ? shorter : -1;
}

/* One that ended at another time than expected shows that nothing is known. */
void
srudp_lifetime_on_lost (SrudpLifetime *self,
                        gint64         alive_at,
                        gint64         now)
{
  gint64 lived_us = alive_at - self->born_at;

  if (now - self->born_at < SAME_LOSS_US)
    return;

  if (lived_us < SRUDP_LIFETIME_MIN_US)
    lived_us = -1;
  self->lifetime_us = compare (lived_us, self->last_us);
  self->last_us = lived_us;
  srudp_lifetime_on_born (self, now);
}

void
srudp_lifetime_tell_end (SrudpLifetime *self,
                         gint64         end)
{
  self->told_end = end;
}

gint64
srudp_lifetime_get_move (const SrudpLifetime *self)
{
  gint64 end = self->lifetime_us >= 0 ? self->born_at + self->lifetime_us : -1;

  if (self->told_end >= 0 && (end < 0 || self->told_end < end))
    end = self->told_end;

  return end >= 0 ? MAX (end - SRUDP_LIFETIME_LEAD_US, 0) : -1;
}
