/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-candidates.c: the addresses an open tries, and when
 */
#include "srudp-candidates.h"

#define FAST_PHASE_US G_USEC_PER_SEC
#define FAST_MIN_US (20 * 1000)
#define FAST_MAX_US (50 * 1000)
#define SLOWEST_US G_USEC_PER_SEC
/* After the fast phase the interval is this part of the age. */
#define AGE_DIVISOR 8
/* While waiting for confirmation only a lost slot at the peer needs HELLO. */
#define SECURING_MIN_US (250 * 1000)

gboolean
srudp_candidates_add (SrudpCandidates    *candidates,
                      gint64              now,
                      const SrudpAddress *address)
{
  if (!srudp_address_is_set (address) || !srudp_address_is_unicast (address) ||
      srudp_candidates_contains (candidates, address) ||
      candidates->n_items == SRUDP_MAX_CANDIDATES)
    return FALSE;

  candidates->items[candidates->n_items++] = (SrudpCandidate) {
    .address = *address,
    .added_at = now,
    .due = now,
  };

  return TRUE;
}

gboolean
srudp_candidates_contains (const SrudpCandidates *candidates,
                           const SrudpAddress    *address)
{
  for (guint i = 0; i < candidates->n_items; i++)
    if (srudp_address_equal (&candidates->items[i].address, address))
      return TRUE;

  return FALSE;
}

gboolean
srudp_candidates_contains_ip (const SrudpCandidates *candidates,
                              const SrudpAddress    *address)
{
  for (guint i = 0; i < candidates->n_items; i++)
    if (srudp_address_same_ip (&candidates->items[i].address, address))
      return TRUE;

  return FALSE;
}

static const SrudpCandidate *
find_next (const SrudpCandidates *candidates)
{
  const SrudpCandidate *next = NULL;

  for (guint i = 0; i < candidates->n_items; i++)
    if (next == NULL || candidates->items[i].due < next->due)
      next = &candidates->items[i];

  return next;
}

gint64
srudp_candidates_get_deadline (const SrudpCandidates *candidates)
{
  const SrudpCandidate *next = find_next (candidates);

  return next != NULL ? MAX (next->due, candidates->next_slot) : -1;
}

gint64
srudp_probe_interval (gint64  age_us,
                      guint32 random)
{
  gint64 base;

  if (age_us < FAST_PHASE_US)
    return FAST_MIN_US + random % (FAST_MAX_US - FAST_MIN_US + 1);

  /* A quarter of jitter, downwards. */
  base = MIN (age_us / AGE_DIVISOR, SLOWEST_US);

  return base - random % (base / 4);
}

gboolean
srudp_candidates_next (SrudpCandidates *candidates,
                       gint64           now,
                       guint32          random,
                       gboolean         slow,
                       SrudpAddress    *address)
{
  SrudpCandidate *next = (SrudpCandidate *) find_next (candidates);
  gint64 interval;

  if (next == NULL || now < next->due || now < candidates->next_slot)
    return FALSE;

  interval = srudp_probe_interval (now - next->added_at, random);
  if (slow)
    interval = MAX (interval, SECURING_MIN_US);

  next->due = now + interval;
  candidates->next_slot = now + SRUDP_PROBE_GAP_US;
  *address = next->address;

  return TRUE;
}
