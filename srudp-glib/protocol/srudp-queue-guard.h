/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-queue-guard.h: is there a queue, and is it ours alone?
 *
 * A window-based sender alone on a path with a deep buffer fills it, to
 * nobody's use. When the round-trip time shows a long queue, the guard asks
 * for a cut that would drain it if it were all ours. If the queue goes, we are
 * alone, and the guard will do so again. If it stays, somebody else fills it:
 * to yield would only starve us, so the cut is undone and the guard keeps
 * quiet for a while.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  SRUDP_QUEUE_GUARD_NOTHING = 0,
  SRUDP_QUEUE_GUARD_DRAIN,   /* cut the window to `keep` of what it is */
  SRUDP_QUEUE_GUARD_RESTORE, /* undo that cut */
} SrudpQueueGuardAdvice;

typedef struct
{
  gboolean draining;
  guint rounds;            /* since the cut */
  gint64 queue_us;         /* before the cut */
  gint64 quiet_until;      /* others are here; -1: we are alone */
  double keep;             /* with DRAIN: the part of the window to keep */
} SrudpQueueGuard;

void srudp_queue_guard_init (SrudpQueueGuard *self);
/* A round trip ended; its smallest RTT, and the smallest ever. */
SrudpQueueGuardAdvice
     srudp_queue_guard_on_round (SrudpQueueGuard *self,
                                 gint64           now,
                                 gint64           round_rtt_us,
                                 gint64           min_rtt_us,
                                 gboolean         slow_start);
/* The window was cut for another reason: the test proves nothing. */
void srudp_queue_guard_cancel (SrudpQueueGuard *self);

G_END_DECLS
