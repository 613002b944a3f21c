/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-session-ghost.c: answers that did not become the session
 *
 * A responder is established when message 3 arrives, even if its initiator has
 * meanwhile chosen another answer or given up. A ghost keeps the keys of such
 * an answer, silently: should its responder speak, it gets a CLOSE at once
 * instead of waiting for its idle timeout.
 */
#include "srudp-engine-private.h"

/* A responder repeats HANDSHAKE_DONE about once a second. */
#define GHOST_LIFETIME_US (10 * G_USEC_PER_SEC)

void
srudp_engine_dismiss_answer (SrudpEngine *engine,
                             SrudpAnswer *answer,
                             gint64       idle_timeout_us)
{
  SrudpSession *ghost;

  /* One for each id: further answers of one attempt are very rare. */
  if (g_hash_table_contains (engine->ghosts, &answer->result.local_id))
    return;

  ghost = srudp_session_new (engine);
  ghost->released = ghost->claimed = TRUE;
  ghost->transport = g_steal_pointer (&answer->transport);
  if (ghost->transport == NULL)
    ghost->transport =
      srudp_session_make_transport (engine, &answer->result, &answer->path,
                                    answer->rtt_us, idle_timeout_us, 0);
  /* The trace is of the session it was to become. */
  srudp_transport_set_trace (ghost->transport, NULL);

  ghost->ghost_id = answer->result.local_id;
  ghost->ghost_until = engine->now + GHOST_LIFETIME_US;
  ghost->is_asleep = TRUE;
  g_hash_table_insert (engine->ghosts, &ghost->ghost_id, ghost);
  srudp_session_set_state (ghost, SRUDP_STATE_ESTABLISHED);
  srudp_session_touch (ghost);
}

gboolean
srudp_engine_receive_for_ghost (SrudpEngine     *engine,
                                guint64          id,
                                const SrudpPath *path,
                                SrudpEcn         ecn,
                                guint8          *data,
                                gsize            size)
{
  SrudpSession *ghost = g_hash_table_lookup (engine->ghosts, &id);

  if (ghost == NULL ||
      srudp_transport_receive (ghost->transport, engine->now, path, ecn,
                               data, size) != SRUDP_RECEIVE_OK)
    return FALSE;

  if (ghost->is_asleep)
    srudp_session_abort (ghost, engine->now);
  srudp_session_touch (ghost);

  return TRUE;
}
