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
/* After the fast phase the interval is this part of the age for each target, of
 * which no more than so many count: few are asked more often, as long bursts of
 * loss end the sooner the more is sent. */
#define AGE_DIVISOR 48
#define MAX_TARGETS 6
/* While waiting for confirmation only a lost slot at the peer needs HELLO. */
#define SECURING_MIN_US (500 * 1000)
/* A HELLO may come from a forged address: with the answer to it no more than
 * three packets go there for each that came (RFC 9000, section 8.1). */
#define SENDS_PER_HEARD 2

static const guint limits[] = {
  [SRUDP_CANDIDATE_GIVEN] = SRUDP_MAX_GIVEN_CANDIDATES,
  [SRUDP_CANDIDATE_PREDICTED] = SRUDP_MAX_PREDICTED_CANDIDATES,
  [SRUDP_CANDIDATE_PEER_REFLEXIVE] = SRUDP_MAX_REFLEXIVE_CANDIDATES,
};

static SrudpCandidate *
find (SrudpCandidates    *candidates,
      const SrudpAddress *remote,
      guint16             socket)
{
  for (guint i = 0; i < candidates->n_items; i++)
    {
      SrudpCandidate *item = &candidates->items[i];

      if (item->path.socket == socket
          && srudp_address_equal (&item->path.remote, remote))
        return item;
    }

  return NULL;
}

static guint
count (const SrudpCandidates *candidates,
       SrudpCandidateKind     kind)
{
  guint n = 0;

  for (guint i = 0; i < candidates->n_items; i++)
    n += candidates->items[i].kind == kind ? 1 : 0;

  return n;
}

static SrudpCandidate *
add_path (SrudpCandidates    *candidates,
          gint64              now,
          SrudpCandidateKind  kind,
          const SrudpAddress *remote,
          guint16             socket)
{
  SrudpCandidate *item;

  if (!srudp_address_is_set (remote) || !srudp_address_is_unicast (remote)
      || count (candidates, kind) == limits[kind])
    return NULL;

  item = &candidates->items[candidates->n_items++];
  *item = (SrudpCandidate) {
    .path = { .remote = *remote, .socket = socket },
    .kind = kind,
    .added_at = now,
    .due = now,
  };

  return item;
}

gboolean
srudp_candidates_add (SrudpCandidates    *candidates,
                      gint64              now,
                      SrudpCandidateKind  kind,
                      const SrudpAddress *address)
{
  SrudpCandidate *known = find (candidates, address, 0);

  if (known == NULL)
    return add_path (candidates, now, kind, address, 0) != NULL;

  /* What only was guessed, or heard, is now known for good. */
  if (kind == SRUDP_CANDIDATE_GIVEN && known->kind != kind
      && count (candidates, kind) < limits[kind])
    {
      known->kind = kind;
      if (known->due < 0)
        known->due = now;
    }

  return FALSE;
}

/* Of one side the k-th guess is the k-th port after the last one known. Were
 * the other side's the same, they would meet only if neither NAT had given out
 * another port since. With the odd ones first they meet at k = a + b + 1 when
 * those have given out a and b. */
static guint
get_guess (guint    k,
           gboolean odd_first)
{
  guint n_odd = SRUDP_MAX_PREDICTED_CANDIDATES / 2;

  if (!odd_first)
    return k + 1;

  return k < n_odd ? 2 * k + 1 : 2 * (k - n_odd) + 2;
}

void
srudp_candidates_predict (SrudpCandidates    *candidates,
                          gint64              now,
                          const SrudpNatFacts *hint,
                          gboolean            odd_first)
{
  if (hint->mapping != SRUDP_MAPPING_ENDPOINT_DEPENDENT
      || hint->port_delta == 0)
    return;

  for (guint k = 0; k < SRUDP_MAX_PREDICTED_CANDIDATES; k++)
    {
      SrudpAddress guess = hint->address;
      gint64 port = (gint64) guess.port
                    + (gint64) hint->port_delta * get_guess (k, odd_first);

      if (port < SRUDP_FIRST_NAT_PORT || port > G_MAXUINT16)
        continue;
      guess.port = (guint16) port;
      srudp_candidates_add (candidates, now, SRUDP_CANDIDATE_PREDICTED, &guess);
    }
}

gboolean
srudp_candidates_contains (const SrudpCandidates *candidates,
                           const SrudpAddress    *address)
{
  for (guint i = 0; i < candidates->n_items; i++)
    if (srudp_address_equal (&candidates->items[i].path.remote, address))
      return TRUE;

  return FALSE;
}

gboolean
srudp_candidates_contains_ip (const SrudpCandidates *candidates,
                              const SrudpAddress    *address)
{
  for (guint i = 0; i < candidates->n_items; i++)
    if (srudp_address_same_ip (&candidates->items[i].path.remote, address))
      return TRUE;

  return FALSE;
}

void
srudp_candidates_hear (SrudpCandidates *candidates,
                       gint64           now,
                       const SrudpPath *path)
{
  SrudpCandidate *item = find (candidates, &path->remote, path->socket);

  if (item == NULL)
    item = add_path (candidates, now, SRUDP_CANDIDATE_PEER_REFLEXIVE,
                     &path->remote, path->socket);
  if (item == NULL)
    return;

  item->n_heard++;
  /* What came has just been answered. */
  if (item->n_sent == 0 || item->due < 0)
    item->due = now + FAST_MIN_US;
}

/* The only one may answer from another address: so does a router that sends
 * what is for its own public address back in. */
void
srudp_candidates_note_reflection (SrudpCandidates    *candidates,
                                  const SrudpAddress *from)
{
  for (guint i = 0; i < candidates->n_items; i++)
    {
      SrudpCandidate *item = &candidates->items[i];

      if (candidates->n_items == 1
          || srudp_address_equal (&item->path.remote, from))
        item->came_back = TRUE;
    }
}

gboolean
srudp_candidates_all_came_back (const SrudpCandidates *candidates)
{
  for (guint i = 0; i < candidates->n_items; i++)
    {
      const SrudpCandidate *item = &candidates->items[i];

      if (item->n_heard > 0
          || (item->kind == SRUDP_CANDIDATE_GIVEN && !item->came_back))
        return FALSE;
    }

  return count (candidates, SRUDP_CANDIDATE_GIVEN) > 0;
}

/* TRUE: `a` goes before `b`. */
static gboolean
is_earlier (const SrudpCandidates *candidates,
            const SrudpCandidate  *a,
            const SrudpCandidate  *b)
{
  if (a->due != b->due)
    return a->due < b->due;

  return a->path.remote.family != candidates->last_family
         && b->path.remote.family == candidates->last_family;
}

static const SrudpCandidate *
find_next (const SrudpCandidates *candidates)
{
  const SrudpCandidate *next = NULL;

  for (guint i = 0; i < candidates->n_items; i++)
    {
      const SrudpCandidate *item = &candidates->items[i];

      if (item->due >= 0
          && (next == NULL || is_earlier (candidates, item, next)))
        next = item;
    }

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
                      guint   n_targets,
                      guint32 random)
{
  gint64 base;

  if (age_us < FAST_PHASE_US)
    return FAST_MIN_US + random % (FAST_MAX_US - FAST_MIN_US + 1);

  /* A quarter of jitter, downwards. */
  base = CLAMP (age_us * MIN (n_targets, MAX_TARGETS) / AGE_DIVISOR,
                FAST_MAX_US, SLOWEST_US);

  return base - random % (base / 4);
}

void
srudp_candidates_hurry (SrudpCandidates    *candidates,
                        gint64              now,
                        const SrudpAddress *address)
{
  for (guint i = 0; i < candidates->n_items; i++)
    {
      SrudpCandidate *candidate = &candidates->items[i];

      if (!srudp_address_equal (&candidate->path.remote, address))
        continue;
      if (candidate->due < 0 || candidate->due > now)
        candidate->due = now;
      /* Once: whoever repeats himself doesn't set our pace. */
      if (!candidate->hurried)
        candidates->next_slot = MIN (candidates->next_slot, now);
      candidate->hurried = TRUE;
    }
}

gboolean
srudp_candidates_next (SrudpCandidates *candidates,
                       gint64           now,
                       guint32          random,
                       gboolean         slow,
                       SrudpPath       *path)
{
  SrudpCandidate *next = (SrudpCandidate *) find_next (candidates);
  gint64 interval;

  if (next == NULL || now < next->due || now < candidates->next_slot)
    return FALSE;

  interval = srudp_probe_interval (now - next->added_at,
                                   candidates->n_items, random);
  if (slow)
    interval = MAX (interval, SECURING_MIN_US);

  next->n_sent++;
  next->due = now + interval;
  if (next->kind == SRUDP_CANDIDATE_PEER_REFLEXIVE
      && next->n_sent >= SENDS_PER_HEARD * next->n_heard)
    next->due = -1;
  candidates->last_family = next->path.remote.family;
  candidates->next_slot = now + SRUDP_PROBE_GAP_US;
  *path = next->path;

  return TRUE;
}

guint
srudp_candidates_describe (const SrudpCandidates *candidates,
                           SrudpCandidateInfo    *out,
                           guint                  max)
{
  guint n = MIN (candidates->n_items, max);

  for (guint i = 0; i < n; i++)
    {
      const SrudpCandidate *item = &candidates->items[i];

      out[i] = (SrudpCandidateInfo) {
        .address = item->path.remote,
        .kind = item->kind,
        .n_sent = item->n_sent,
        .n_heard = item->n_heard,
      };
    }

  return n;
}
