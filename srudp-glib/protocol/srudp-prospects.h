/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prospects.h: paths that may be better than the one in use
 *
 * Each is sent PATH_CHALLENGE, a few times if nothing answers. From one that
 * answers a sample is taken every now and then; when all of two seconds were
 * better than the path in use, it is worth a move.
 */
#pragma once

#include "srudp-frame.h"

#include "srudp-address.h"

G_BEGIN_DECLS

#define SRUDP_MAX_PROSPECTS 12

typedef struct
{
  SrudpPath path;  /* the local part is unset until it has answered */
  guint8 challenge[SRUDP_PATH_CHALLENGE_BYTES];
  gint64 sent_at, due; /* -1: not sent yet; no more */
  guint n_sent;
  gint64 better_since; /* -1: it is not, or was not heard */
  gint64 until;        /* of taking samples; -1: it was not heard */
  gint64 rtt_us;       /* the last sample; -1: none */
} SrudpProspect;

/* All zero is an empty list. */
typedef struct
{
  SrudpProspect *items; /* as many as there are */
  guint n_items;
  guint budget;          /* packets; what a peer names costs no more … */
  gint64 budget_since;   /* … than one a second in the long run; 0: full */
} SrudpProspects;

void     srudp_prospects_add     (SrudpProspects     *self,
                                  gint64              now,
                                  const SrudpAddress *remote);
/* The path in use has changed, or nobody is to be asked any more. What was
 * spent is remembered. */
void     srudp_prospects_clear   (SrudpProspects     *self);
/* -1: never. */
gint64   srudp_prospects_get_deadline (const SrudpProspects *self);
/* One that is to be challenged now, NULL: none. Fill in the challenge, and
 * send it. */
SrudpProspect *srudp_prospects_next (SrudpProspects *self,
                                     gint64          now);
/* A PATH_RESPONSE that came along `path`, while the path in use has a round
 * trip of `active_rtt_us` at best (-1: not known). TRUE: it is the answer of
 * one of these. `better` is then the path to move to, if it is worth it. */
gboolean srudp_prospects_answer  (SrudpProspects     *self,
                                  gint64              now,
                                  const SrudpPath    *path,
                                  const guint8        answer[SRUDP_PATH_CHALLENGE_BYTES],
                                  const SrudpPath    *active,
                                  gint64              active_rtt_us,
                                  const SrudpPath   **better);

G_END_DECLS
