/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-candidates.h: the addresses an open tries, and when
 *
 * Every candidate is tried every 20 to 50 ms in its first second, then ever
 * more slowly, down to about once a second. All together never exceed 200
 * packets a second. The intervals are random so that two sides that started
 * in step, or a periodic loss, don't stay in step.
 */
#pragma once

#include "srudp-engine.h"

G_BEGIN_DECLS

#define SRUDP_MAX_CANDIDATES 32
/* At most 200 packets a second (RFC 8445, section 14.2, paces at 50 ms for
 * each check; HELLOs are few and end with the attempt). */
#define SRUDP_PROBE_GAP_US 5000

typedef struct
{
  SrudpAddress address;
  gint64 added_at;
  gint64 due;
} SrudpCandidate;

typedef struct
{
  SrudpCandidate items[SRUDP_MAX_CANDIDATES];
  guint n_items;
  gint64 next_slot; /* no packet before this */
} SrudpCandidates;

/* All zero is an empty list. FALSE: already there, full, or not an address
 * to send to. */
gboolean srudp_candidates_add      (SrudpCandidates    *candidates,
                                    gint64              now,
                                    const SrudpAddress *address);
gboolean srudp_candidates_contains (const SrudpCandidates *candidates,
                                    const SrudpAddress    *address);
gboolean srudp_candidates_contains_ip (const SrudpCandidates *candidates,
                                       const SrudpAddress    *address);
/* When the next probe is due; -1 without candidates. */
gint64   srudp_candidates_get_deadline (const SrudpCandidates *candidates);
/* The address to probe now, which is then not due for a while. `random` is
 * any number; `slow` is for an attempt that waits for its confirmation. FALSE:
 * nothing is due. */
gboolean srudp_candidates_next     (SrudpCandidates *candidates,
                                    gint64           now,
                                    guint32          random,
                                    gboolean         slow,
                                    SrudpAddress    *address);

/* The same pace for anything else that is repeated: `age_us` since it began. */
gint64   srudp_probe_interval      (gint64           age_us,
                                    guint32          random);

G_END_DECLS
