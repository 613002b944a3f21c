/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-sockets.c: extra sockets for ports that are found by chance
 */
#include "srudp-engine-private.h"

void
srudp_engine_set_punching (SrudpEngine         *engine,
                           const SrudpPunching *punching)
{
  engine->punching = *punching;
}

void
srudp_engine_set_local_candidates (SrudpEngine        *engine,
                                   gint64              now,
                                   guint16             port,
                                   const SrudpAddress *addresses,
                                   gsize               n_addresses)
{
  now = srudp_engine_set_now (engine, now);
  engine->local.tells_addresses = TRUE;
  engine->local_port = port;
  engine->n_local_candidates = MIN (n_addresses, SRUDP_MAX_LOCAL_CANDIDATES);
  for (guint i = 0; i < engine->n_local_candidates; i++)
    engine->local_candidates[i] = addresses[i];

  for (GList *l = engine->sessions.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (session->transport == NULL || session->is_asleep)
        continue;
      srudp_transport_set_addresses (session->transport, now, port,
                                     engine->local_candidates,
                                     engine->n_local_candidates);
      srudp_session_touch (session);
    }
}

gboolean
srudp_engine_has_socket (SrudpEngine *engine,
                         guint16      socket)
{
  return socket == 0
         || g_hash_table_contains (engine->sockets, GUINT_TO_POINTER (socket));
}

static gboolean
find_row (SrudpEngine *engine,
          guint        n,
          guint       *first)
{
  guint free = 0;

  for (guint i = 0; i < 2 * G_MAXUINT16; i++)
    {
      guint socket = (engine->last_socket + i) % G_MAXUINT16 + 1;

      if (socket == 1 || srudp_engine_has_socket (engine, (guint16) socket))
        free = 0;
      if (!srudp_engine_has_socket (engine, (guint16) socket) && ++free == n)
        {
          *first = socket - n + 1;
          return TRUE;
        }
    }

  return FALSE;
}

guint
srudp_engine_take_sockets (SrudpEngine *engine,
                           guint        n,
                           guint16     *first)
{
  guint limit = MIN (engine->punching.max_sockets, SRUDP_MAX_SPRAY_SOCKETS);
  guint taken = g_hash_table_size (engine->sockets);
  guint start;

  n = MIN (n, limit - MIN (limit, taken));
  if (n == 0 || !find_row (engine, n, &start))
    return 0;

  *first = (guint16) start;
  engine->last_socket = start + n - 1;
  for (guint i = 0; i < n; i++)
    g_hash_table_add (engine->sockets, GUINT_TO_POINTER (start + i));

  return n;
}

void
srudp_engine_drop_socket (SrudpEngine *engine,
                          guint16      socket)
{
  if (g_hash_table_remove (engine->sockets, GUINT_TO_POINTER (socket)))
    g_queue_push_tail (&engine->idle_sockets, GUINT_TO_POINTER (socket));
}

gboolean
srudp_engine_poll_idle_socket (SrudpEngine *engine,
                               guint16     *socket)
{
  gpointer idle = g_queue_pop_head (&engine->idle_sockets);

  *socket = (guint16) GPOINTER_TO_UINT (idle);

  return idle != NULL;
}
