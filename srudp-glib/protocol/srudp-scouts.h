/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-scouts.h: where else a silent peer may be
 *
 * Addresses that were of use before, or that somebody named. While the path
 * in use is silent each is sent a PATH_CHALLENGE of its own now and then; the
 * one that is answered becomes the path.
 */
#pragma once

#include "srudp-frame.h"

G_BEGIN_DECLS

typedef enum
{
  SRUDP_SCOUT_NAMED = 0, /* by the application, or tried while opening */
  SRUDP_SCOUT_FORMER,    /* a path we have left: the oldest makes room */
  SRUDP_SCOUT_PEERS,     /* by the peer, which could name victims */
} SrudpScoutKind;
#define SRUDP_N_SCOUT_KINDS (SRUDP_SCOUT_PEERS + 1)
/* Of all kinds together. */
#define SRUDP_MAX_SCOUTS (12 + 4 + 9)

typedef struct
{
  SrudpPath path;     /* the local part may be unset: any */
  SrudpScoutKind kind;
  guint64 sequence;   /* of its ADD_ADDRESS, if from the peer */
  gboolean is_due;
  gboolean is_sent;   /* the challenge is on its way */
  guint8 challenge[SRUDP_PATH_CHALLENGE_BYTES];
} SrudpScout;

/* All zero is an empty list, which owns no memory. */
typedef struct
{
  SrudpScout *items;
  guint n_items, n_allocated;
  gboolean are_out;
} SrudpScouts;

void     srudp_scouts_clear       (SrudpScouts        *scouts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpScouts, srudp_scouts_clear)

/* `sequence` is that of ADD_ADDRESS. What is known already, one too many, or
 * an address that nobody honest would name is ignored. */
void     srudp_scouts_add         (SrudpScouts        *scouts,
                                   SrudpScoutKind      kind,
                                   const SrudpPath    *path,
                                   guint64             sequence);
gboolean srudp_scouts_contain     (const SrudpScouts  *scouts,
                                   const SrudpPath    *path);
/* REMOVE_ADDRESS. */
void     srudp_scouts_remove      (SrudpScouts        *scouts,
                                   guint64             sequence);
/* Every one but that for `active` becomes due. */
void     srudp_scouts_send_out    (SrudpScouts        *scouts,
                                   const SrudpPath    *active);
void     srudp_scouts_call_back   (SrudpScouts        *scouts);
/* One that is due, NULL: none. Fill in the challenge, and send it. */
SrudpScout *srudp_scouts_next     (SrudpScouts        *scouts);
/* Whose challenge this answers; NULL: none. */
const SrudpScout *srudp_scouts_find (const SrudpScouts *scouts,
                                     const guint8      answer[SRUDP_PATH_CHALLENGE_BYTES]);

G_END_DECLS
