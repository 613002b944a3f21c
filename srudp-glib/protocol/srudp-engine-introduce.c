/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-introduce.c: whom an introduction is about, here
 */
#include "srudp-engine-private.h"

#include <string.h>

static gboolean
is_open (const SrudpSession *session)
{
  return session->state == SRUDP_STATE_ESTABLISHED
         || session->state == SRUDP_STATE_UNREACHABLE;
}

gboolean
srudp_engine_is_connected_to (SrudpEngine  *engine,
                              const guint8  peer_key[SRUDP_KEY_BYTES])
{
  const SrudpPeer *peer = srudp_peer_table_find (&engine->peers, peer_key);

  for (GList *p = peer != NULL ? peer->processes.head : NULL; p != NULL; p = p->next)
    {
      const SrudpPeerProcess *process = p->data;

      for (GList *l = process->connections.head; l != NULL; l = l->next)
        if (is_open (l->data))
          return TRUE;
    }

  return FALSE;
}

gboolean
srudp_engine_point_to_peer (SrudpEngine         *engine,
                            gint64               now,
                            const guint8         peer_key[SRUDP_KEY_BYTES],
                            const SrudpNatFacts *nat,
                            const SrudpAddress  *addresses,
                            gsize                n_addresses)
{
  gboolean found = FALSE;

  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;
      const SrudpAttempt *attempt = session->attempt;

      if (!attempt->pinned
          || memcmp (attempt->expected_peer, peer_key, SRUDP_KEY_BYTES) != 0)
        continue;
      found = TRUE;
      if (nat != NULL)
        srudp_session_set_peer_nat (session, now, nat);
      for (gsize i = 0; i < n_addresses; i++)
        srudp_session_add_candidate (session, now, &addresses[i]);
    }

  return found;
}
