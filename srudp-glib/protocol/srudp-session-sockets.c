/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-session-sockets.c: extra sockets, to find ports by chance, or because
 * the mapping of the one in use will end
 */
#include "srudp-engine-private.h"

/* What the peer has sent to another of them may still be on its way. */
#define LINGER_US (3 * G_USEC_PER_SEC)
/* How long a second path may take to be proven, or to fail. */
#define SECOND_PATH_US (15 * G_USEC_PER_SEC)

static gboolean
is_hard (const SrudpNatFacts *facts)
{
  return facts != NULL && facts->mapping == SRUDP_MAPPING_ENDPOINT_DEPENDENT;
}

static void
plan_openers (SrudpSession        *session,
              const SrudpNatFacts *own)
{
  SrudpEngine *engine = session->engine;

  if (session->n_sockets > 0)
    return;

  session->n_sockets = srudp_engine_take_sockets (engine,
                                                  engine->punching.max_sockets,
                                                  SRUDP_MAX_SPRAY_SOCKETS,
                                                  &session->first_socket);
  session->sockets_used = session->n_sockets;
  if (session->n_sockets > 0)
    srudp_spray_plan_openers (&session->attempt->spray, engine->now,
                              own->port_delta != 0,
                              session->first_socket, session->n_sockets);
}

static void
plan_probes (SrudpSession *session)
{
  SrudpEngine *engine = session->engine;
  SrudpSpray *spray = &session->attempt->spray;
  guint max_probes = engine->punching.max_probes;

  if (max_probes > 0 && spray->max_probes == 0
      && session->peer_nat.address.family == SRUDP_FAMILY_IPV4)
    srudp_spray_plan_probes (spray, engine->now, &session->peer_nat, max_probes,
                             srudp_local_random_u32 (&engine->local));
}

/* Where both NATs are hard, nobody has an address to send to. */
void
srudp_session_plan_spray (SrudpSession *session)
{
  const SrudpNatFacts *own
    = srudp_engine_get_nat (session->engine, SRUDP_FAMILY_IPV4);

  if (is_hard (own) && !is_hard (&session->peer_nat))
    plan_openers (session, own);
  else if (is_hard (&session->peer_nat) && !is_hard (own))
    plan_probes (session);
}

void
srudp_session_drop_sockets (SrudpSession *session,
                            guint16       kept)
{
  gboolean is_kept = kept != 0 && kept >= session->first_socket
                     && kept - session->first_socket < (int) session->n_sockets;
  guint16 second = session->second_socket;

  if (second != 0 && second == kept)
    is_kept = TRUE;
  else if (second != 0)
    {
      if (session->transport != NULL)
        srudp_transport_give_up_socket (session->transport, second);
      srudp_engine_drop_socket (session->engine, second);
    }

  for (guint i = 0; i < session->n_sockets; i++)
    if (session->first_socket + i != kept)
      srudp_engine_drop_socket (session->engine,
                                (guint16) (session->first_socket + i));
  session->first_socket = is_kept ? kept : 0;
  session->n_sockets = is_kept ? 1 : 0;
  session->second_socket = 0;
  session->sockets_until = -1;
}

void
srudp_session_leave_sockets (SrudpSession *session)
{
  if (session->n_sockets == 0 && session->second_socket == 0)
    return;

  if (session->transport == NULL)
    srudp_session_drop_sockets (session, 0);
  else
    session->sockets_until = session->engine->now + LINGER_US;
}

gint64
srudp_session_get_sockets_deadline (const SrudpSession *session)
{
  if (session->n_sockets > 0 && session->attempt != NULL)
    return srudp_spray_get_end (&session->attempt->spray);

  return session->sockets_until;
}

void
srudp_session_review_sockets (SrudpSession *session)
{
  gint64 deadline = srudp_session_get_sockets_deadline (session);
  SrudpPath path = { 0 };

  if (session->n_sockets == 0 && session->second_socket == 0)
    return;

  if (session->transport != NULL
      && srudp_transport_is_drained (session->transport))
    srudp_session_drop_sockets (session, 0);
  else if (deadline >= 0 && deadline <= session->engine->now)
    {
      if (session->transport != NULL)
        srudp_transport_get_path (session->transport, &path);
      srudp_session_drop_sockets (session, path.socket);
    }
}

void
srudp_session_review_second_path (SrudpSession *session)
{
  SrudpEngine *engine = session->engine;

  if (!srudp_transport_pop_socket_wish (session->transport)
      || session->second_socket != 0 || session->n_sockets > 1)
    return;

  session->second_socket = srudp_engine_take_second_socket (engine, session);
  if (session->second_socket == 0)
    return;

  session->sockets_until = engine->now + SECOND_PATH_US;
  srudp_transport_try_socket (session->transport, engine->now,
                              session->second_socket);
}
