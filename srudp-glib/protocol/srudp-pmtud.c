/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pmtud.c: search for the largest packet a path carries (RFC 8899)
 */
#include "srudp-pmtud.h"

/* RFC 8899 5.1.2: a probe is tried three times. */
#define MAX_PROBES 3
/* RFC 8899 5.1.1: look for more again after ten minutes. */
#define RAISE_TIMER_US (600 * G_USEC_PER_SEC)
/* Between two tries, so that one burst of loss can't fail a size. */
#define RETRY_US (250 * 1000)
/* Full-sized packets lost in a row, over at least this time, with none of
 * that size arriving: the path has shrunk. */
#define BLACK_HOLE_PACKETS 6
#define BLACK_HOLE_US (500 * 1000)
/* The search ends when less than this, or than one part in so many, is to be
 * won. */
#define SEARCH_STEP 16
#define SEARCH_DIVISOR 32

/* Payload sizes that real paths have, tried first: 1500 - 8 (PPPoE), tunnels,
 * Ethernet with IPv6 and IPv4, jumbo frames, loopback. */
static const guint likely_sizes[] = {
  1232, 1352, 1400, 1444, 1452, 1472, 4044, 8924, 8952, 8972, 16356, 32740,
  65459, 65487, 65507,
};

/* The size to try next: 0 when nothing is left to win. Going up, the likely
 * ones one after the other; between a success and a failure, the half. */
static guint
choose_probe (const SrudpPmtud *self)
{
  guint best = 0;

  if (!self->base_confirmed)
    return MIN (SRUDP_PMTUD_BASE, self->maximum);

  for (guint i = 0; i < G_N_ELEMENTS (likely_sizes); i++)
    if (likely_sizes[i] > self->current && likely_sizes[i] < self->failed)
      {
        best = likely_sizes[i];
        break;
      }
  if (best == 0 && self->failed > self->maximum
      && self->current < self->maximum)
    best = self->maximum;
  if (best == 0 && self->failed - self->current
                   > MAX (SEARCH_STEP, self->current / SEARCH_DIVISOR))
    best = self->current + (self->failed - self->current) / 2;

  return best;
}

static void
schedule (SrudpPmtud *self,
          gint64      at)
{
  self->in_flight = FALSE;
  self->probe_size = choose_probe (self);
  if (self->probe_size != 0)
    self->next_probe_time = at;
  else
    self->next_probe_time = self->current < self->maximum
      ? at + RAISE_TIMER_US : -1;
}

static void
start_search (SrudpPmtud *self,
              gint64      now)
{
  self->n_tries = 0;
  self->failed = self->maximum + 1;
  schedule (self, now);
}

void
srudp_pmtud_init (SrudpPmtud *self,
                  gint64      now,
                  guint       minimum,
                  guint       maximum)
{
  *self = (SrudpPmtud) {
    .minimum = MIN (minimum, maximum),
    .maximum = maximum,
    .current = MIN (SRUDP_PMTUD_BASE, maximum),
    .first_lost_time = -1,
  };
  start_search (self, now);
}

guint
srudp_pmtud_get_size (const SrudpPmtud *self)
{
  return self->current;
}

guint
srudp_pmtud_get_probe (const SrudpPmtud *self,
                       gint64            now)
{
  if (self->in_flight || self->next_probe_time < 0
      || now < self->next_probe_time)
    return 0;

  /* The raise timer: everything above is unknown again. */
  if (self->probe_size == 0)
    {
      SrudpPmtud fresh = *self;

      fresh.failed = fresh.maximum + 1;
      return choose_probe (&fresh);
    }

  return self->probe_size;
}

void
srudp_pmtud_on_probe_sent (SrudpPmtud *self,
                           gint64      now,
                           guint64     number)
{
  if (self->probe_size == 0)
    start_search (self, now);
  self->in_flight = TRUE;
  self->probe_number = number;
}

static void
fail_probe (SrudpPmtud *self,
            gint64      now)
{
  self->n_tries = 0;
  if (!self->base_confirmed)
    {
      /* Not even the base: go below, and search up from there. */
      self->current = self->minimum;
      self->base_confirmed = TRUE;
      self->failed = SRUDP_PMTUD_BASE;
    }
  else
    self->failed = MIN (self->failed, self->probe_size);
  schedule (self, now);
}

void
srudp_pmtud_on_too_big (SrudpPmtud *self,
                        gint64      now,
                        guint       size)
{
  if (size <= self->current || size >= self->failed)
    return;

  self->failed = size;
  if (size <= self->probe_size)
    {
      self->n_tries = 0;
      schedule (self, now);
    }
}

gboolean
srudp_pmtud_on_acked (SrudpPmtud *self,
                      gint64      now,
                      guint64     number,
                      guint       size)
{
  guint before = self->current;

  if (size >= self->current)
    {
      self->n_lost_large = 0;
      self->first_lost_time = -1;
    }
  if (!self->in_flight || number != self->probe_number)
    return FALSE;

  self->n_tries = 0;
  self->base_confirmed = TRUE;
  self->current = MAX (self->current, self->probe_size);
  schedule (self, now);

  return self->current != before;
}

static gboolean
on_probe_lost (SrudpPmtud *self,
               gint64      now)
{
  guint before = self->current;

  self->in_flight = FALSE;
  if (++self->n_tries < MAX_PROBES)
    self->next_probe_time = now + RETRY_US;
  else
    fail_probe (self, now);

  return self->current != before;
}

/* RFC 8899 4.3: back to the base, and up again from there. */
static gboolean
fall_back (SrudpPmtud *self,
           gint64      now)
{
  guint before = self->current;

  self->failed = MIN (self->failed, self->current);
  self->current = before > SRUDP_PMTUD_BASE ? SRUDP_PMTUD_BASE
                                            : self->minimum;
  self->n_lost_large = 0;
  self->first_lost_time = -1;
  self->n_tries = 0;
  schedule (self, now);

  return self->current != before;
}

gboolean
srudp_pmtud_on_lost (SrudpPmtud *self,
                     gint64      now,
                     guint64     number,
                     guint       size)
{
  if (self->in_flight && number == self->probe_number)
    return on_probe_lost (self, now);
  if (size < self->current || self->current <= self->minimum)
    return FALSE;

  if (self->first_lost_time < 0)
    self->first_lost_time = now;
  self->n_lost_large++;
  if (self->n_lost_large < BLACK_HOLE_PACKETS
      || now - self->first_lost_time < BLACK_HOLE_US)
    return FALSE;

  return fall_back (self, now);
}

gint64
srudp_pmtud_get_deadline (const SrudpPmtud *self)
{
  return self->in_flight ? -1 : self->next_probe_time;
}
