/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-range-set.c: a sorted set of disjoint ranges of 64-bit numbers
 */
#include "srudp-range-set.h"

#include <string.h>

#define INITIAL_RANGES 8

void
srudp_range_set_init (SrudpRangeSet *set,
                      guint          max_ranges)
{
  *set = (SrudpRangeSet) { .max_ranges = max_ranges };
}

void
srudp_range_set_clear (SrudpRangeSet *set)
{
  g_free (set->ranges);
  srudp_range_set_init (set, set->max_ranges);
}

guint
srudp_range_set_find (const SrudpRangeSet *set,
                      guint64              value)
{
  const SrudpRange *ranges;
  guint low = 0, high = set->n_ranges;

  if (high == 0)
    return 0;

  /* What is asked about is mostly at one of the ends. */
  ranges = set->ranges + set->first;
  if (value < ranges[0].end)
    return 0;
  if (value >= ranges[high - 1].end)
    return high;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ranges[middle].end > value)
        high = middle;
      else
        low = middle + 1;
    }

  return low;
}

gboolean
srudp_range_set_contains (const SrudpRangeSet *set,
                          guint64              value)
{
  const SrudpRange *range = srudp_range_set_get (set, srudp_range_set_find (set, value));

  return range != NULL && range->start <= value;
}

/* Room for one more range behind the last one. */
static void
ensure_room (SrudpRangeSet *set)
{
  if (set->first + set->n_ranges < set->allocated)
    return;

  /* Sliding down costs as much as it frees; below half it would thrash. */
  if (set->first > set->allocated / 2)
    {
      memmove (set->ranges, set->ranges + set->first,
               set->n_ranges * sizeof (SrudpRange));
    }
  else
    {
      guint allocated = MAX (INITIAL_RANGES, set->allocated * 2);
      SrudpRange *ranges = g_new (SrudpRange, allocated);

      if (set->n_ranges > 0)
        memcpy (ranges, set->ranges + set->first,
                set->n_ranges * sizeof (SrudpRange));
      g_free (set->ranges);
      set->ranges = ranges;
      set->allocated = allocated;
    }
  set->first = 0;
}

/* Makes place for a range before `index`. */
static SrudpRange *
insert_at (SrudpRangeSet *set,
           guint          index)
{
  SrudpRange *range;

  if (index == 0 && set->first > 0)
    {
      set->first--;
    }
  else
    {
      ensure_room (set);
      range = set->ranges + set->first + index;
      memmove (range + 1, range, (set->n_ranges - index) * sizeof (SrudpRange));
    }
  set->n_ranges++;

  return set->ranges + set->first + index;
}

static void
remove_at (SrudpRangeSet *set,
           guint          index,
           guint          n_removed)
{
  SrudpRange *range = set->ranges + set->first + index;

  if (n_removed == 0)
    return;

  set->n_ranges -= n_removed;
  if (set->n_ranges == 0)
    set->first = 0;
  else if (index == 0)
    set->first += n_removed;
  else
    memmove (range, range + n_removed,
             (set->n_ranges - index) * sizeof (SrudpRange));
}

/* The usual cases: the last range goes on, or the first one grows downwards. */
static gboolean
extend_at_ends (SrudpRangeSet *set,
                guint64        start,
                guint64        end)
{
  SrudpRange *first, *last;

  if (set->n_ranges == 0)
    return FALSE;

  first = set->ranges + set->first;
  last = first + set->n_ranges - 1;
  if (last->end == start)
    last->end = end;
  else if (first->start == end)
    first->start = start;
  else
    return FALSE;

  return TRUE;
}

gboolean
srudp_range_set_add (SrudpRangeSet *set,
                     guint64        start,
                     guint64        end)
{
  SrudpRange *range;
  guint index, next;

  if (start >= end || extend_at_ends (set, start, end))
    return TRUE;

  /* The lowest range that touches the new one, or lies behind it. */
  index = srudp_range_set_find (set, start > 0 ? start - 1 : 0);
  range = index < set->n_ranges ? &set->ranges[set->first + index] : NULL;

  if (range == NULL || range->start > end)
    {
      if (set->n_ranges >= set->max_ranges)
        return FALSE;
      *insert_at (set, index) = (SrudpRange) { start, end };
      return TRUE;
    }

  range->start = MIN (range->start, start);
  range->end = MAX (range->end, end);
  for (next = index + 1; next < set->n_ranges; next++)
    {
      const SrudpRange *other = srudp_range_set_get (set, next);

      if (other->start > range->end)
        break;
      range->end = MAX (range->end, other->end);
    }
  remove_at (set, index + 1, next - index - 1);

  return TRUE;
}

gboolean
srudp_range_set_remove (SrudpRangeSet *set,
                        guint64        start,
                        guint64        end)
{
  SrudpRange *range;
  guint index, next;

  if (start >= end || set->n_ranges == 0)
    return TRUE;

  index = srudp_range_set_find (set, start);
  if (index == set->n_ranges)
    return TRUE;

  range = set->ranges + set->first + index;
  if (range->start < start && range->end > end)
    {
      SrudpRange low = { range->start, start };

      if (set->n_ranges >= set->max_ranges)
        return FALSE;
      range->start = end;
      *insert_at (set, index) = low;
      return TRUE;
    }

  if (range->start < start)
    {
      range->end = start;
      index++;
    }
  for (next = index; next < set->n_ranges; next++)
    {
      range = set->ranges + set->first + next;
      if (range->end > end)
        {
          range->start = MAX (range->start, end);
          break;
        }
    }
  remove_at (set, index, next - index);

  return TRUE;
}

void
srudp_range_set_drop_first (SrudpRangeSet *set)
{
  if (set->n_ranges > 0)
    remove_at (set, 0, 1);
}
