/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-ack-ranges.c: which packets arrived, and when to say so
 */
#include "srudp-ack-ranges.h"

#include <string.h>

/* RFC 9000 13.2.2: an ACK for every second ack-eliciting packet. */
#define DEFAULT_TOLERANCE 2
/* Room for so many at first, for gaps are rare; twice as many when needed. */
#define FEW_RANGES 4

void
srudp_ack_ranges_init (SrudpAckRanges *self,
                       gint64          max_delay_us)
{
  memset (self, 0, sizeof *self);
  self->deadline = -1;
  srudp_ack_ranges_set_frequency (self, DEFAULT_TOLERANCE, 1, max_delay_us);
}

void
srudp_ack_ranges_clear (SrudpAckRanges *self)
{
  g_clear_pointer (&self->ranges, g_free);
  self->n_ranges = self->n_allocated = 0;
}

void
srudp_ack_ranges_set_frequency (SrudpAckRanges *self,
                                guint           tolerance,
                                guint           reordering,
                                gint64          max_delay_us)
{
  self->tolerance = MAX (tolerance, 1);
  self->reordering = reordering;
  self->max_delay_us = MAX (max_delay_us, 0);
}

/* The index of the first range, newest first, that starts at or below
 * `number`; n_ranges when there is none. */
static guint
find_range (const SrudpAckRanges *self,
            guint64               number)
{
  guint low = 0, high = self->n_ranges;

  /* Nearly all packets arrive in order, and so belong to the newest. */
  if (high > 0 && self->ranges[0].first <= number)
    return 0;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->ranges[middle].first <= number)
        high = middle;
      else
        low = middle + 1;
    }

  return low;
}

static void
remove_range (SrudpAckRanges *self,
              guint           i)
{
  self->n_ranges--;
  memmove (self->ranges + i, self->ranges + i + 1,
           (self->n_ranges - i) * sizeof self->ranges[0]);
}

static void
make_room (SrudpAckRanges *self)
{
  if (self->n_ranges < self->n_allocated)
    return;

  self->n_allocated = CLAMP (2 * self->n_allocated, FEW_RANGES,
                             SRUDP_ACK_MAX_RANGES);
  self->ranges = g_renew (SrudpAckRange, self->ranges, self->n_allocated);
}

/* FALSE: full, and older than all that is in it. */
static gboolean
insert_range (SrudpAckRanges *self,
              guint           i,
              guint64         number)
{
  if (i == SRUDP_ACK_MAX_RANGES)
    return FALSE;

  if (self->n_ranges == SRUDP_ACK_MAX_RANGES)
    self->n_ranges--;
  make_room (self);
  memmove (self->ranges + i + 1, self->ranges + i,
           (self->n_ranges - i) * sizeof self->ranges[0]);
  self->ranges[i] = (SrudpAckRange) { number, number };
  self->n_ranges++;
  return TRUE;
}

static gboolean
add_number (SrudpAckRanges *self,
            guint64         number)
{
  guint i = find_range (self, number);
  gboolean joins_older, joins_newer;

  if (i < self->n_ranges && number <= self->ranges[i].last)
    return FALSE;

  joins_older = i < self->n_ranges && self->ranges[i].last + 1 == number;
  joins_newer = i > 0 && self->ranges[i - 1].first == number + 1;

  if (joins_older && joins_newer)
    {
      self->ranges[i - 1].first = self->ranges[i].first;
      remove_range (self, i);
    }
  else if (joins_older)
    self->ranges[i].last = number;
  else if (joins_newer)
    self->ranges[i - 1].first = number;
  else
    return insert_range (self, i, number);

  return TRUE;
}

/* RFC 9000 13.2.1, with the threshold of the ACK frequency extension: is this
 * packet late itself, or the first to show that a gap is old enough? */
static gboolean
is_out_of_order (const SrudpAckRanges *self,
                 guint64               number)
{
  guint64 gap_start;

  if (!self->any_eliciting || self->reordering == 0)
    return FALSE;
  if (number < self->largest_eliciting)
    return self->largest_eliciting - number >= self->reordering;

  gap_start = self->forgotten_end;
  if (self->n_ranges > 1)
    gap_start = MAX (gap_start, self->ranges[1].last + 1);

  return self->ranges[0].first > gap_start
         && number - gap_start >= self->reordering
         && self->largest_eliciting < gap_start + self->reordering;
}

static void
count_mark (SrudpAckRanges *self,
            SrudpEcn        ecn)
{
  switch (ecn)
    {
    case SRUDP_ECN_ECT0:
      self->ecn.ect0++;
      break;
    case SRUDP_ECN_ECT1:
      self->ecn.ect1++;
      break;
    case SRUDP_ECN_CE:
      self->ecn.ce++;
      break;
    case SRUDP_ECN_NOT_ECT:
      break;
    }
}

static void
owe_by (SrudpAckRanges *self,
        gint64          at)
{
  if (self->deadline < 0 || at < self->deadline)
    self->deadline = at;
}

static void
note_eliciting (SrudpAckRanges *self,
                gint64          now,
                guint64         number,
                SrudpEcn        ecn)
{
  gboolean at_once = ecn == SRUDP_ECN_CE || is_out_of_order (self, number);

  self->n_eliciting++;
  owe_by (self, at_once || self->n_eliciting >= self->tolerance
                  ? now : now + self->max_delay_us);
  if (!self->any_eliciting || number > self->largest_eliciting)
    self->largest_eliciting = number;
  self->any_eliciting = TRUE;
}

gboolean
srudp_ack_ranges_add (SrudpAckRanges *self,
                      gint64          now,
                      guint64         number,
                      gboolean        ack_eliciting,
                      SrudpEcn        ecn)
{
  if (!add_number (self, number))
    return FALSE;

  count_mark (self, ecn);
  if (!self->any || number > self->largest)
    {
      self->any = TRUE;
      self->largest = number;
      self->largest_time = now;
    }
  self->unsent_first = self->unsent ? MIN (self->unsent_first, number)
                                    : number;
  self->unsent = TRUE;
  if (ack_eliciting)
    note_eliciting (self, now, number, ecn);

  return TRUE;
}

gboolean
srudp_ack_ranges_contains (const SrudpAckRanges *self,
                           guint64               number)
{
  guint i = find_range (self, number);

  return i < self->n_ranges && number <= self->ranges[i].last;
}

void
srudp_ack_ranges_request (SrudpAckRanges *self,
                          gint64          now)
{
  if (self->n_ranges > 0)
    owe_by (self, now);
}

gint64
srudp_ack_ranges_get_deadline (const SrudpAckRanges *self)
{
  return self->deadline;
}

gint64
srudp_ack_ranges_get_delay (const SrudpAckRanges *self,
                            gint64                now)
{
  return self->any ? MAX (now - self->largest_time, 0) : 0;
}

void
srudp_ack_ranges_sent (SrudpAckRanges *self)
{
  self->unsent = FALSE;
  self->n_eliciting = 0;
  self->deadline = -1;
}

void
srudp_ack_ranges_forget (SrudpAckRanges *self,
                         guint64         largest)
{
  /* What came in late since then has to be told first. */
  if (self->unsent && self->unsent_first <= largest)
    {
      if (self->unsent_first == 0)
        return;
      largest = self->unsent_first - 1;
    }

  self->forgotten_end = MAX (self->forgotten_end, largest + 1);
  while (self->n_ranges > 0
         && self->ranges[self->n_ranges - 1].last <= largest)
    self->n_ranges--;
  if (self->n_ranges > 0 && self->ranges[self->n_ranges - 1].first <= largest)
    self->ranges[self->n_ranges - 1].first = largest + 1;
}
