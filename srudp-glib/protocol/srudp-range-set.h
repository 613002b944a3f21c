/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-range-set.h: a sorted set of disjoint ranges of 64-bit numbers
 *
 * Ranges are half open, [start, end), and never touch each other. They lie in
 * one array: a lookup is a binary search, and appending at the end or taking
 * away at the start, the usual cases, moves nothing.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 start;
  guint64 end; /* first number that is not in it */
} SrudpRange;

typedef struct
{
  SrudpRange *ranges; /* an allocation of `allocated` ranges, or NULL */
  guint first;        /* index of the lowest range in use */
  guint n_ranges;
  guint allocated;
  guint max_ranges;
} SrudpRangeSet;

/* An empty set owns no memory. */
void     srudp_range_set_init     (SrudpRangeSet       *set,
                                   guint                max_ranges);
void     srudp_range_set_clear    (SrudpRangeSet       *set);

/* FALSE, and no change, when the set would have more than max_ranges. */
gboolean srudp_range_set_add      (SrudpRangeSet       *set,
                                   guint64              start,
                                   guint64              end);
/* The same: removing from the middle of a range makes two of it. */
gboolean srudp_range_set_remove   (SrudpRangeSet       *set,
                                   guint64              start,
                                   guint64              end);
/* Forgets the lowest range; does nothing when empty. */
void     srudp_range_set_drop_first (SrudpRangeSet     *set);

gboolean srudp_range_set_contains (const SrudpRangeSet *set,
                                   guint64              value);
/* The index of the lowest range that ends after `value`; n_ranges if none. */
guint    srudp_range_set_find     (const SrudpRangeSet *set,
                                   guint64              value);

static inline guint
srudp_range_set_get_n_ranges (const SrudpRangeSet *set)
{
  return set->n_ranges;
}

/* Lowest first. The pointer is good until the next change. */
static inline const SrudpRange *
srudp_range_set_get (const SrudpRangeSet *set,
                     guint                index)
{
  return index < set->n_ranges ? &set->ranges[set->first + index] : NULL;
}

G_END_DECLS
