/*
 * SPDX-License-Identifier: MIT
 *
 * sim-homes.h: two who talk, each behind a NAT, and know each other's address
 */
#pragma once

#include "sim-match.h"

G_BEGIN_DECLS

typedef struct
{
  SimTalk talk;
  SimNat *nats[2];
  SimEnd *ends[2]; /* since they are connected */
} SimHomes;

/* The NATs get their public addresses here. */
void     sim_homes_init     (SimHomes              *homes,
                             guint64                seed,
                             const SimLinkConfig   *link,
                             const SimNatConfig     nats[2]);
void     sim_homes_clear    (SimHomes              *homes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimHomes, sim_homes_clear)

/* Both open to what a STUN server says of the other's address: it is the
 * candidate; the rest is as `config` says. */
gboolean sim_homes_connect  (SimHomes              *homes,
                             const SrudpOpenConfig *config,
                             SimOutcome            *outcome);
/* From now on, in either direction. */
void     sim_homes_set_loss (SimHomes              *homes,
                             double                 loss);
void     sim_homes_pass     (SimHomes              *homes,
                             gint64                 us);
/* How long it takes until what end `i` writes can be read. */
gint64   sim_homes_write    (SimHomes              *homes,
                             guint                  i,
                             guint64                n_bytes,
                             SimOutcome            *outcome);

G_END_DECLS
