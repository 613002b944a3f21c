/*
 * SPDX-License-Identifier: MIT
 *
 * sim-match.h: two apps that talk to each other, and whether they agree
 */
#pragma once

#include "sim-app.h"
#include "sim-report.h"

G_BEGIN_DECLS

/* The session of `app` whose peer is `node`, or NULL. */
SimEnd  *sim_app_find_peer  (SimApp     *app,
                             SimNode    *peer);
/* Both see the same session: same channel binding, each the other's key,
 * neither itself; and no rule was broken on the way. */
gboolean sim_match_check    (SimEnd     *a,
                             SimEnd     *b,
                             SimOutcome *outcome);
/* Both are done, each has what the other sent and not a byte more. */
gboolean sim_match_check_done (SimEnd     *a,
                               SimEnd     *b,
                               SimOutcome *outcome);

/* Two apps with a wire between them: what most scenarios are about. */
typedef struct
{
  SimWorld *world;
  SimPair pair;
  SimApp *app_a, *app_b;
} SimTalk;

void     sim_talk_init      (SimTalk             *talk,
                             guint64              seed,
                             const SimLinkConfig *a_to_b,
                             const SimLinkConfig *b_to_a,
                             guint64              send_bytes);
void     sim_talk_clear     (SimTalk             *talk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimTalk, sim_talk_clear)

/* Each opens to the other, now. */
void     sim_talk_open_a    (SimTalk             *talk,
                             gboolean             pinned);
void     sim_talk_open_b    (SimTalk             *talk,
                             gboolean             pinned);
/* Runs until both are up, or fails the outcome. */
gboolean sim_talk_connect   (SimTalk             *talk,
                             gint64               limit_us,
                             SimOutcome          *outcome);
/* Runs until both are done, or fails the outcome with where they stand. */
gboolean sim_talk_finish    (SimTalk             *talk,
                             gint64               limit_us,
                             SimOutcome          *outcome);
SimEnd  *sim_talk_end_a     (SimTalk             *talk);
SimEnd  *sim_talk_end_b     (SimTalk             *talk);
/* Both are established, or the outcome fails with the state of one that isn't. */
gboolean sim_ends_are_up    (SimEnd *const        ends[2],
                             SimOutcome          *outcome);

G_END_DECLS
