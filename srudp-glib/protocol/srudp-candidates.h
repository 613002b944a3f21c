/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-candidates.h: the addresses an open tries, and when
 *
 * Every candidate is tried every 20 to 50 ms in its first second, then ever
 * more slowly, down to about once a second. All together never exceed 200
 * packets a second. The intervals are random so that two sides that started
 * in step, or a periodic loss, don't stay in step. Of those that are due at
 * the same time, families take turns (RFC 8305, section 4).
 */
#pragma once

#include "srudp-engine.h"

G_BEGIN_DECLS

/* Of each kind; SRUDP_MAX_CANDIDATES of all together. */
#define SRUDP_MAX_GIVEN_CANDIDATES 40
#define SRUDP_MAX_PREDICTED_CANDIDATES 16
#define SRUDP_MAX_REFLEXIVE_CANDIDATES 8
/* At most 200 packets a second (RFC 8445, section 14.2, paces at 50 ms for
 * each check; HELLOs are few and end with the attempt). */
#define SRUDP_PROBE_GAP_US 5000
/* NATs give out no lower ones for unprivileged ones (RFC 4787, section 4.2.2). */
#define SRUDP_FIRST_NAT_PORT 1024

typedef struct
{
  SrudpPath path; /* the local part is unset: any */
  SrudpCandidateKind kind;
  gint64 added_at;
  gint64 due; /* -1: not until it is heard */
  guint n_sent, n_heard;
  gboolean came_back; /* our own HELLO was received from there */
  gboolean hurried;   /* once it needn't wait for its turn */
} SrudpCandidate;

typedef struct
{
  SrudpCandidate items[SRUDP_MAX_CANDIDATES];
  guint n_items;
  guint8 last_family;
  gint64 next_slot; /* no packet before this */
} SrudpCandidates;

/* All zero is an empty list. FALSE: already there, full, or not an address
 * to send to. */
gboolean srudp_candidates_add      (SrudpCandidates    *candidates,
                                    gint64              now,
                                    SrudpCandidateKind  kind,
                                    const SrudpAddress *address);
/* The ports that a NAT in sequence gives to its next peers. Two that guess at
 * each other have to meet: one walks in single steps, the other takes the odd
 * ones first. */
void     srudp_candidates_predict  (SrudpCandidates    *candidates,
                                    gint64              now,
                                    const SrudpNatFacts *hint,
                                    gboolean            odd_first);
gboolean srudp_candidates_contains (const SrudpCandidates *candidates,
                                    const SrudpAddress    *address);
gboolean srudp_candidates_contains_ip (const SrudpCandidates *candidates,
                                       const SrudpAddress    *address);
/* The peer was heard along this path, though by nothing that proves it: one
 * we didn't know is tried as well, twice for each time it is heard. */
void     srudp_candidates_hear     (SrudpCandidates    *candidates,
                                    gint64              now,
                                    const SrudpPath    *path);
/* Our own HELLO was received from there. */
void     srudp_candidates_note_reflection (SrudpCandidates    *candidates,
                                           const SrudpAddress *from);
/* It was from all that we were given, and nobody was heard anywhere. */
gboolean srudp_candidates_all_came_back   (const SrudpCandidates *candidates);
/* When the next probe is due; -1: never. */
gint64   srudp_candidates_get_deadline (const SrudpCandidates *candidates);
/* The path to probe now, which is then not due for a while. `random` is
 * any number; `slow` is for an attempt that waits for its confirmation. FALSE:
 * nothing is due. */
gboolean srudp_candidates_next     (SrudpCandidates *candidates,
                                    gint64           now,
                                    guint32          random,
                                    gboolean         slow,
                                    SrudpPath       *path);
guint    srudp_candidates_describe (const SrudpCandidates *candidates,
                                    SrudpCandidateInfo    *out,
                                    guint                  max);

/* The probe of this one, if it is a candidate, is due now; the first time it
 * doesn't wait for the gap after the one before. */
void     srudp_candidates_hurry    (SrudpCandidates    *candidates,
                                    gint64              now,
                                    const SrudpAddress *address);

/* The same pace for anything else that is repeated: `age_us` since it began,
 * to each of `n_targets`. */
gint64   srudp_probe_interval      (gint64           age_us,
                                    guint            n_targets,
                                    guint32          random);

G_END_DECLS
