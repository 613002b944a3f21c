/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-keepalive.h: how long NATs on the way remember a silent connection
 *
 * A packet that comes in shows that the mapping has outlived our silence. Two
 * sides take turns in ending a silence, so that both get to know, and each is
 * a quarter longer than the one before, until one was too long.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is learned lies between these, and begins there. RFC 8445, section 11:
 * keepalives every 15 s do almost everywhere. */
#define SRUDP_KEEPALIVE_MIN_US (10 * (gint64) G_USEC_PER_SEC)
#define SRUDP_KEEPALIVE_MAX_US (120 * (gint64) G_USEC_PER_SEC)
#define SRUDP_KEEPALIVE_FIRST_US (15 * (gint64) G_USEC_PER_SEC)

typedef struct
{
  gint64 reached_us;    /* the longest silence of ours that a packet came into */
  gint64 usual_us;      /* the same, whatever came after; -1: none did */
  gint64 proven_us;     /* the first, or a little more that had an answer */
  gint64 ceiling_us;    /* a mapping was lost: no longer than this … */
  gint64 ceiling_until; /* … before then; -1: none was */
  guint n_lost;
  gboolean is_own_turn; /* to end the next silence */
  gboolean is_initiator;
} SrudpKeepalive;

void     srudp_keepalive_init        (SrudpKeepalive       *self,
                                      gboolean              is_initiator);
/* How long after the last packet heard to speak: `limit_us` at most. */
gint64   srudp_keepalive_get_wait    (const SrudpKeepalive *self,
                                      gint64                now,
                                      gint64                limit_us);

/* Packets have come into silences of ours as long as that: what is lost in one
 * was not forgotten for want of use. */
gboolean srudp_keepalive_is_usual    (const SrudpKeepalive *self,
                                      gint64                silence_us);

/* A packet came into our silence of that length. */
void     srudp_keepalive_on_reached  (SrudpKeepalive       *self,
                                      gint64                silence_us);
/* We ended our silence, and were answered. `at_once`: nothing got lost on
 * either side for longer than chance explains. */
void     srudp_keepalive_on_answered (SrudpKeepalive       *self,
                                      gint64                silence_us,
                                      gboolean              at_once);
/* Both ended it at the same time. */
void     srudp_keepalive_on_crossed  (SrudpKeepalive       *self);
/* After a silence of that length packets did not come in, or came from another
 * port. */
void     srudp_keepalive_on_lost     (SrudpKeepalive       *self,
                                      gint64                now,
                                      gint64                silence_us);

G_END_DECLS
