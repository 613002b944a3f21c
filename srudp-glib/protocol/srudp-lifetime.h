/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-lifetime.h: when a mapping ends, whatever goes through it
 *
 * Some NATs take a mapping away after a fixed time. Two that were lost in the
 * middle of traffic and had lived equally long tell what that time is; before
 * the next one ends there can be another.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Nothing shorter is learned: it would be more moves than it is worth. */
#define SRUDP_LIFETIME_MIN_US (10 * (gint64) G_USEC_PER_SEC)
/* How long before the end a move is begun. */
#define SRUDP_LIFETIME_LEAD_US (5 * (gint64) G_USEC_PER_SEC)

typedef struct
{
  gint64 born_at;     /* when the mapping in use came to be */
  gint64 last_us;     /* how long the one before it lived; -1: not known */
  gint64 lifetime_us; /* of each of them; -1: not known */
  gint64 told_end;    /* of the one in use, as somebody knew; -1: nobody did */
} SrudpLifetime;

void     srudp_lifetime_init     (SrudpLifetime       *self,
                                  gint64               now);
/* There is a new mapping of our own choice. */
void     srudp_lifetime_on_born  (SrudpLifetime       *self,
                                  gint64               now);
/* A mapping was lost in spite of traffic: it was last of use at `alive_at`, and
 * there is another one since `now`. */
void     srudp_lifetime_on_lost  (SrudpLifetime       *self,
                                  gint64               alive_at,
                                  gint64               now);
/* The one in use will end then; -1: nobody says so any more. */
void     srudp_lifetime_tell_end (SrudpLifetime       *self,
                                  gint64               end);
/* When to look for another way; -1: nothing is known of an end. */
gint64   srudp_lifetime_get_move (const SrudpLifetime *self);

G_END_DECLS
