/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-sockets.c: extra sockets, for ports found by chance and second paths
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
                           guint        limit,
                           guint        n,
                           guint16     *first)
{
  guint taken = g_hash_table_size (engine->sockets);
  guint start;

  n = MIN (n, limit - MIN (limit, taken));
  if (n == 0 || !find_row (engine, n, &start))
    return 0;

  *first = (guint16) start;
  engine->last_socket = start + n - 1;
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (engine->sockets, GUINT_TO_POINTER (start + i), NULL);

  return n;
}

guint16
srudp_engine_take_second_socket (SrudpEngine  *engine,
                                 SrudpSession *session)
{
  guint16 socket;

  if (!engine->punching.second_paths
      || srudp_engine_take_sockets (engine, SRUDP_MAX_SPRAY_SOCKETS, 1,
                                    &socket) == 0)
    return 0;

  g_hash_table_insert (engine->sockets, GUINT_TO_POINTER (socket), session);

  return socket;
}

void
srudp_engine_set_socket_port (SrudpEngine *engine,
                              gint64       now,
                              guint16      socket,
                              guint16      port)
{
  SrudpSession *session
    = g_hash_table_lookup (engine->sockets, GUINT_TO_POINTER (socket));

  now = srudp_engine_set_now (engine, now);
  if (session == NULL || session->second_socket != socket
      || session->transport == NULL)
    return;

  srudp_transport_set_socket_port (session->transport, now, socket, port);
  srudp_session_touch (session);
}

void
srudp_engine_expect_mapping_end (SrudpEngine *engine,
                                 gint64       now,
                                 gint64       end)
{
  now = srudp_engine_set_now (engine, now);
  for (GList *l = engine->sessions.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (session->transport == NULL || session->is_asleep)
        continue;
      srudp_transport_expect_end (session->transport, now, end);
      srudp_session_touch (session);
    }
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
