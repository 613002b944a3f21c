/*
 * SPDX-License-Identifier: MIT
 *
 * sim-match.c: two apps that talk to each other, and whether they agree
 */
#include "sim-match.h"

#include <string.h>

SimEnd *
sim_app_find_peer (SimApp  *app,
                   SimNode *peer)
{
  guint8 key[SRUDP_KEY_BYTES];

  srudp_engine_get_public_key (peer->engine, key);
  for (guint i = 0; i < app->ends->len; i++)
    {
      SimEnd *end = g_ptr_array_index (app->ends, i);

      if (end->n_established > 0
          && memcmp (end->peer_key, key, sizeof key) == 0)
        return end;
    }

  return NULL;
}

static gboolean
has_key_of (SimEnd *end,
            SimEnd *peer)
{
  guint8 key[SRUDP_KEY_BYTES];

  srudp_engine_get_public_key (peer->app->node->engine, key);

  return memcmp (end->peer_key, key, sizeof key) == 0;
}

gboolean
sim_match_check (SimEnd     *a,
                 SimEnd     *b,
                 SimOutcome *outcome)
{
  if (a == NULL || b == NULL)
    return sim_outcome_fail (outcome, "no session at %s",
                             a == NULL ? "the first" : "the second");
  if (a->error != NULL || b->error != NULL)
    return sim_outcome_fail (outcome, "%s",
                             a->error != NULL ? a->error : b->error);
  if (memcmp (a->binding, b->binding, sizeof a->binding) != 0)
    return sim_outcome_fail (outcome, "different channel bindings");
  if (!has_key_of (a, b) || !has_key_of (b, a))
    return sim_outcome_fail (outcome, "a session with somebody else");

  return TRUE;
}

gboolean
sim_match_check_done (SimEnd     *a,
                      SimEnd     *b,
                      SimOutcome *outcome)
{
  if (!sim_match_check (a, b, outcome))
    return FALSE;
  if (!sim_end_is_done (a) || !sim_end_is_done (b))
    return sim_outcome_fail (outcome, "not done: %" G_GUINT64_FORMAT " of %"
                             G_GUINT64_FORMAT " bytes and %" G_GUINT64_FORMAT
                             " of %" G_GUINT64_FORMAT "; states %d %d, EOF %d"
                             " %d, delivered %d %d, reasons %d %d",
                             b->received, a->to_send, a->received, b->to_send,
                             a->state, b->state, a->eof, b->eof, a->delivered,
                             b->delivered, a->reason, b->reason);
  if (a->received != b->to_send || b->received != a->to_send)
    return sim_outcome_fail (outcome, "EOF at the wrong place");

  return TRUE;
}

void
sim_talk_init (SimTalk             *talk,
               guint64              seed,
               const SimLinkConfig *a_to_b,
               const SimLinkConfig *b_to_a,
               guint64              send_bytes)
{
  talk->world = sim_world_new (seed);
  sim_world_add_pair (talk->world, a_to_b, b_to_a, &talk->pair);
  talk->app_a = sim_app_new (talk->world, talk->pair.a, send_bytes);
  talk->app_b = sim_app_new (talk->world, talk->pair.b, send_bytes);
}

void
sim_talk_clear (SimTalk *talk)
{
  g_clear_pointer (&talk->world, sim_world_free);
  g_clear_pointer (&talk->app_a, sim_app_free);
  g_clear_pointer (&talk->app_b, sim_app_free);
}

static void
open_to (SimApp  *app,
         SimNode *peer,
         gboolean pinned)
{
  guint8 key[SRUDP_KEY_BYTES];

  srudp_engine_get_public_key (peer->engine, key);
  sim_app_open (app, &peer->config.address, pinned ? key : NULL);
}

void
sim_talk_open_a (SimTalk *talk,
                 gboolean pinned)
{
  open_to (talk->app_a, talk->pair.b, pinned);
}

void
sim_talk_open_b (SimTalk *talk,
                 gboolean pinned)
{
  open_to (talk->app_b, talk->pair.a, pinned);
}

SimEnd *
sim_talk_end_a (SimTalk *talk)
{
  return sim_app_find_peer (talk->app_a, talk->pair.b);
}

SimEnd *
sim_talk_end_b (SimTalk *talk)
{
  return sim_app_find_peer (talk->app_b, talk->pair.a);
}

static gboolean
both_are_up (gpointer data)
{
  SimTalk *talk = data;

  return sim_app_find_established (talk->app_a) != NULL
    && sim_app_find_established (talk->app_b) != NULL;
}

static int
state_of_first (SimApp *app)
{
  return app->ends->len == 0
    ? -1 : (int) ((SimEnd *) g_ptr_array_index (app->ends, 0))->state;
}

gboolean
sim_talk_connect (SimTalk    *talk,
                  gint64      limit_us,
                  SimOutcome *outcome)
{
  if (!sim_world_run_until (talk->world, both_are_up, talk,
                            talk->world->clock.now_us + limit_us))
    return sim_outcome_fail (outcome, "not connected after %.1f s: states %d"
                             " and %d", (double) limit_us / 1e6,
                             state_of_first (talk->app_a),
                             state_of_first (talk->app_b));

  return sim_match_check (sim_talk_end_a (talk), sim_talk_end_b (talk),
                          outcome);
}

static gboolean
both_are_done (gpointer data)
{
  SimTalk *talk = data;
  SimEnd *a = sim_app_find_established (talk->app_a);
  SimEnd *b = sim_app_find_established (talk->app_b);

  return a == NULL || b == NULL || a->error != NULL || b->error != NULL
    || (sim_end_is_done (a) && sim_end_is_done (b));
}

gboolean
sim_talk_finish (SimTalk    *talk,
                 gint64      limit_us,
                 SimOutcome *outcome)
{
  sim_world_run_until (talk->world, both_are_done, talk,
                       talk->world->clock.now_us + limit_us);

  return sim_match_check_done (sim_talk_end_a (talk), sim_talk_end_b (talk),
                               outcome);
}

gboolean
sim_ends_are_up (SimEnd *const  ends[2],
                 SimOutcome    *outcome)
{
  for (guint i = 0; i < 2; i++)
    if (ends[i]->state != SRUDP_STATE_ESTABLISHED)
      return sim_outcome_fail (outcome, "end %u is in state %d, reason %d", i,
                               ends[i]->state, ends[i]->reason);

  return TRUE;
}
