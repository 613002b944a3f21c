/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-session.c: one connection, from its first HELLO to its end
 */
#include "srudp-session.h"

#include "srudp-engine-private.h"
#include "srudp-key-log.h"

#include <string.h>

/* How long a peer that seems to have restarted has to show that the old
 * session still lives: this, or three probe timeouts. */
#define RESTART_GRACE_US (2 * G_USEC_PER_SEC)
/* Somebody who doesn't know the secret may be faster than the peer: that one
 * still has so long. */
#define WRONG_SECRET_GRACE_US (2 * G_USEC_PER_SEC)
/* What was on its way when the peer died may pass for one answer. */
#define RESTART_QUESTIONS 2

SrudpSession *
srudp_session_new (SrudpEngine *engine)
{
  SrudpSession *session = g_new0 (SrudpSession, 1);

  session->engine = engine;
  session->link.data = session;
  session->opening_link.data = session;
  session->ready_link.data = session;
  session->open_deadline = -1;
  session->sockets_until = -1;
  session->restart_check_at = -1;
  session->idle_timeout_us = engine->idle_timeout_us;
  session->keepalive_us = engine->keepalive_us;
  session->max_window = engine->local.max_window;
  g_queue_push_tail_link (&engine->sessions, &session->link);

  return session;
}

static void
forget_events (SrudpSession *session,
               gboolean      incoming_only)
{
  SrudpEventQueue *queue = &session->engine->events;

  for (gsize i = 0; i < queue->length; i++)
    {
      SrudpEvent *event = &queue->events[(queue->head + i) % queue->capacity];

      if (event->session != session ||
          (incoming_only && event->type != SRUDP_EVENT_INCOMING))
        continue;

      g_clear_pointer (&event->datagram, g_bytes_unref);
      event->session = NULL;
      event->type = SRUDP_EVENT_NONE;
    }
}

static void
set_ready (SrudpSession *session,
           gboolean      is_ready)
{
  if (session->is_ready == is_ready)
    return;

  session->is_ready = is_ready;
  if (is_ready)
    g_queue_push_tail_link (&session->engine->ready, &session->ready_link);
  else
    g_queue_unlink (&session->engine->ready, &session->ready_link);
}

gboolean
srudp_session_is_unclaimed (const SrudpSession *session)
{
  return session->inbound && !session->claimed && session->has_peer &&
         session->state != SRUDP_STATE_CLOSED;
}

static void
update_backlog (SrudpSession *session)
{
  gboolean is_unclaimed = srudp_session_is_unclaimed (session);

  if (is_unclaimed && !session->in_backlog)
    session->engine->n_unclaimed++;
  else if (!is_unclaimed && session->in_backlog)
    session->engine->n_unclaimed--;
  session->in_backlog = is_unclaimed;
}

/* Where others have to look for it: at its path, while it is open. */
static void
update_place (SrudpSession *session)
{
  SrudpPath path;

  if (!session->has_peer || session->state >= SRUDP_STATE_CLOSING)
    {
      srudp_place_table_remove (&session->engine->places, &session->place_node);
      return;
    }

  srudp_session_get_path (session, &path);
  srudp_place_table_move (&session->engine->places, &session->place_node,
                          &path.remote, session);
}

static void
forget_more_id (SrudpSession *session,
                guint64      *id)
{
  g_hash_table_remove (session->engine->by_id, id);
  *id = 0;
}

void
srudp_session_free (SrudpSession *session)
{
  SrudpEngine *engine = session->engine;

  session->claimed = TRUE;
  update_backlog (session);
  if (engine->recent == session)
    engine->recent = NULL;
  srudp_session_end_attempt (session, NULL);
  srudp_session_end_trace (session);
  forget_events (session, FALSE);
  set_ready (session, FALSE);
  srudp_deadline_heap_set (&engine->deadlines, &session->node, -1);
  for (guint i = 0; i < session->n_used; i++)
    g_hash_table_remove (engine->used, &session->used[i]);
  if (session->local_id != 0)
    g_hash_table_remove (engine->by_id, &session->local_id);
  for (guint i = 0; i < SRUDP_MAX_LOCAL_IDS; i++)
    if (session->more_ids[i] != 0)
      forget_more_id (session, &session->more_ids[i]);
  if (session->ghost_id != 0)
    g_hash_table_remove (engine->ghosts, &session->ghost_id);
  srudp_session_drop_sockets (session, 0);
  g_clear_pointer (&session->transport, srudp_transport_free);
  g_clear_pointer (&session->passphrase, srudp_passphrase_unref);
  srudp_peer_table_remove (&engine->peers, &session->peer_node);
  srudp_place_table_remove (&engine->places, &session->place_node);
  g_queue_unlink (&engine->sessions, &session->link);
  g_free (session->tried);
  g_free (session);
}

gboolean
srudp_session_reap (SrudpSession *session)
{
  if (session->state != SRUDP_STATE_CLOSED ||
      (session->transport != NULL &&
       !srudp_transport_is_drained (session->transport)) ||
      !session->released)
    return FALSE;

  srudp_session_free (session);

  return TRUE;
}

gboolean
srudp_session_edge_is_legal (SrudpState from,
                             SrudpState to)
{
#define TO(state) (1u << SRUDP_STATE_##state)
  static const guint legal[SRUDP_N_STATES] = {
    [SRUDP_STATE_NEW] = TO (WAITING) | TO (ESTABLISHED) | TO (CLOSED),
    [SRUDP_STATE_WAITING] = TO (PUNCHING) | TO (CLOSED),
    [SRUDP_STATE_PUNCHING] = TO (SECURING) | TO (CLOSED),
    [SRUDP_STATE_SECURING] = TO (ESTABLISHED) | TO (CLOSED),
    [SRUDP_STATE_ESTABLISHED] = TO (UNREACHABLE) | TO (CLOSING) | TO (CLOSED),
    [SRUDP_STATE_UNREACHABLE] = TO (ESTABLISHED) | TO (CLOSING) | TO (CLOSED),
    [SRUDP_STATE_CLOSING] = TO (CLOSED),
  };
#undef TO

  return (legal[from] & 1u << to) != 0;
}

void
srudp_session_set_state (SrudpSession *session,
                         SrudpState    state)
{
  SrudpEvent event = {
    .type = SRUDP_EVENT_STATE,
    .session = session,
    .state = state,
    .reason = state == SRUDP_STATE_CLOSED ? session->reason : SRUDP_REASON_NONE,
  };

  g_assert (srudp_session_edge_is_legal (session->state, state));
  if (session->trace != NULL)
    srudp_session_trace_state (session, session->state, state);

  /* An inbound session is born established. */
  if (session->state == SRUDP_STATE_NEW && state == SRUDP_STATE_ESTABLISHED)
    event.type = SRUDP_EVENT_INCOMING;
  session->state = state;
  update_backlog (session);
  update_place (session);
  if (!session->released)
    srudp_event_queue_push (&session->engine->events, &event);
}

void
srudp_session_step_to (SrudpSession *session,
                       SrudpState    state)
{
  while (session->state < state)
    srudp_session_set_state (session, session->state + 1);
}

static void
add_candidate (SrudpSession       *session,
               const SrudpAddress *address)
{
  SrudpAttempt *attempt = session->attempt;

  if (srudp_candidates_add (&attempt->candidates, session->engine->now,
                            SRUDP_CANDIDATE_GIVEN, address))
    session->candidates_tried++;
  srudp_spray_add_target (&attempt->spray, address);
}

/* Guesses go before all others: each of those takes a port of our own NAT. */
static void
predict_candidates (SrudpSession        *session,
                    const SrudpNatFacts *peer_nat,
                    const guint8        *expected_peer)
{
  SrudpEngine *engine = session->engine;

  if (peer_nat == NULL || expected_peer == NULL)
    return;

  session->peer_nat = *peer_nat;
  srudp_candidates_predict (&session->attempt->candidates, engine->now,
                            peer_nat,
                            memcmp (engine->local.keys.public_key,
                                    expected_peer, SRUDP_KEY_BYTES) > 0);
}

static void
set_local_id (SrudpSession *session,
              guint64       id)
{
  GHashTable *by_id = session->engine->by_id;

  if (session->local_id != 0)
    g_hash_table_remove (by_id, &session->local_id);
  session->engine->recent = NULL;
  session->local_id = id;
  if (id != 0)
    g_hash_table_insert (by_id, &session->local_id, session);
}

void
srudp_session_start_attempt (SrudpSession          *session,
                             const SrudpOpenConfig *config)
{
  SrudpEngine *engine = session->engine;

  session->claimed = TRUE;
  session->idle_timeout_us = config->idle_timeout_us;
  session->keepalive_us = config->keepalive_us;
  if (config->open_timeout_us > 0)
    session->open_deadline = engine->now + config->open_timeout_us;

  set_local_id (session, srudp_engine_make_id (engine));
  srudp_session_start_trace (session, session->local_id);
  session->attempt = srudp_attempt_new (&engine->local, config->expected_peer,
                                        session->passphrase, config->invitation,
                                        session->local_id,
                                        session->idle_timeout_us);
  if (config->max_window > 0)
    srudp_session_set_max_window (session, config->max_window);
  session->attempt->began_at = engine->now;
  session->attempt->opener_ttl = engine->punching.opener_ttl;
  g_queue_push_tail_link (&engine->opening, &session->opening_link);
  predict_candidates (session, config->peer_nat, config->expected_peer);
  for (gsize i = 0; i < config->n_candidates; i++)
    add_candidate (session, &config->candidates[i]);
  srudp_session_plan_spray (session);

  srudp_session_set_state (session, SRUDP_STATE_WAITING);
  srudp_session_touch (session);
}

void
srudp_session_end_attempt (SrudpSession               *session,
                           const SrudpHandshakeResult *winner)
{
  SrudpAttempt *attempt = session->attempt;
  SrudpEngine *engine = session->engine;

  if (attempt == NULL)
    return;

  for (guint i = 0; i < attempt->n_answers; i++)
    {
      SrudpAnswer *answer = attempt->answers[i];

      if (winner == NULL || !srudp_answer_is_from (answer, winner))
        srudp_engine_dismiss_answer (engine, answer, session->idle_timeout_us);
      g_clear_pointer ((SrudpTransport **) &answer->transport,
                       srudp_transport_free);
    }

  session->probes_sent = attempt->probes_sent;
  session->probes_answered = attempt->probes_answered;
  session->ports_probed = attempt->spray.n_probes;
  session->tried = g_new (SrudpCandidateInfo, SRUDP_MAX_CANDIDATES);
  session->n_tried = srudp_candidates_describe (&attempt->candidates,
                                                session->tried,
                                                SRUDP_MAX_CANDIDATES);
  /* Mostly it is one or two, and they are kept as long as the session. */
  session->tried = g_renew (SrudpCandidateInfo, session->tried,
                            MAX (session->n_tried, 1));
  srudp_session_leave_sockets (session);
  session->open_deadline = -1;
  srudp_half_open_forget_waiting (&engine->half_open, session);
  g_queue_unlink (&engine->opening, &session->opening_link);
  g_clear_pointer (&session->attempt, srudp_attempt_free);
}

void
srudp_session_give_up_soon (SrudpSession *session,
                            SrudpReason   reason)
{
  gint64 deadline = session->engine->now + WRONG_SECRET_GRACE_US;

  session->attempt->hint = reason;
  if (session->open_deadline < 0 || deadline < session->open_deadline)
    session->open_deadline = deadline;
  srudp_session_touch (session);
}

void
srudp_session_give_up (SrudpSession *session,
                       SrudpReason   reason)
{
  srudp_session_end_attempt (session, NULL);
  set_local_id (session, 0);
  session->reason = reason;
  srudp_session_set_state (session, SRUDP_STATE_CLOSED);
  srudp_session_touch (session);
}

SrudpTransport *
srudp_session_make_transport (SrudpEngine                *engine,
                              const SrudpHandshakeResult *result,
                              const SrudpPath            *path,
                              gint64                      rtt_us,
                              gint64                      idle_timeout_us,
                              gint64                      keepalive_us)
{
  SrudpTransportConfig config = {
    .initiator = result->initiator,
    .send_keys = srudp_packet_keys_new (result->cipher, result->send_secret),
    .receive_keys = srudp_packet_keys_new (result->cipher, result->receive_secret),
    .local_id = result->local_id,
    .remote_id = result->remote_id,
    .path = *path,
    .local_params = result->local_params,
    .remote_params = result->remote_params,
    .first_rtt_us = rtt_us,
    .idle_timeout_us = idle_timeout_us,
    .keepalive_us = keepalive_us,
    .max_receive_window = engine->local.max_window,
    .controller = engine->controller,
    .key_update_packets = engine->key_update_packets,
    .key_exchange_interval_us = engine->key_exchange_interval_us,
    .first = engine->first,
    .short_code = &result->short_code,
    .key_log = engine->key_log,
    .random = engine->local.random,
    .random_data = engine->local.random_data,
  };

  if (engine->key_log != NULL)
    srudp_key_log_add_secrets (engine->key_log, result);

  return srudp_transport_new (&config, engine->now);
}

void
srudp_session_use_hello (SrudpSession *session,
                         const guint8  e[SRUDP_KEY_BYTES])
{
  static const guint8 none[SRUDP_KEY_BYTES];
  SrudpEngine *engine = session->engine;
  SrudpTableKey *used = &session->used[session->n_used];

  if (memcmp (e, none, SRUDP_KEY_BYTES) == 0 ||
      srudp_engine_has_used_hello (engine, e))
    return;

  g_assert (session->n_used < G_N_ELEMENTS (session->used));
  srudp_table_key_init (used, engine->local.table_secret, e);
  session->n_used++;
  g_hash_table_insert (engine->used, used, session);
  srudp_half_open_remove_ephemeral (&engine->half_open, e);
}

/* Where the peer may be found when its path falls silent. */
static void
tell_candidates (SrudpSession *session)
{
  const SrudpCandidates *candidates = &session->attempt->candidates;

  for (guint i = 0; i < candidates->n_items; i++)
    if (candidates->items[i].kind == SRUDP_CANDIDATE_GIVEN)
      srudp_transport_add_candidate (session->transport, session->engine->now,
                                     &candidates->items[i].path.remote);
}

void
srudp_session_establish (SrudpSession               *session,
                         SrudpTransport             *transport,
                         const SrudpHandshakeResult *result,
                         const guint8               *initiator_e,
                         const guint8               *responder_e)
{
  SrudpHandshakeResult peer;
  SrudpAnswer *twin = NULL;
  guint8 twin_boot_id[SRUDP_BOOT_ID_BYTES];

  session->transport = transport;
  srudp_transport_set_max_window (transport, session->max_window);
  session->has_peer = TRUE;
  srudp_session_trace_establish (session, result);
  memcpy (session->peer_key, result->peer_key, SRUDP_KEY_BYTES);
  memcpy (session->binding, result->binding, SRUDP_KEY_BYTES);
  memcpy (session->boot_id, result->remote_params.boot_id, SRUDP_BOOT_ID_BYTES);
  srudp_peer_table_add (&session->engine->peers, &session->peer_node,
                        session->peer_key, session->boot_id, session);
  srudp_session_use_hello (session, initiator_e);
  if (responder_e != NULL)
    srudp_session_use_hello (session, responder_e);

  set_local_id (session, result->local_id);
  if (session->attempt != NULL)
    tell_candidates (session);
  if (session->engine->local.tells_addresses)
    srudp_transport_set_addresses (transport, session->engine->now,
                                   session->engine->local_port,
                                   session->engine->local_candidates,
                                   session->engine->n_local_candidates);

  /* The result may lie in the attempt: it is not to be used any more. */
  peer = *result;
  if (session->attempt != NULL)
    twin = srudp_attempt_find_twin (session->attempt, &peer);
  if (twin != NULL)
    memcpy (twin_boot_id, twin->result.remote_params.boot_id, SRUDP_BOOT_ID_BYTES);
  if (session->attempt != NULL)
    srudp_attempt_give_back_guesses (session->attempt, session->engine->now, &peer);
  srudp_session_end_attempt (session, &peer);
  srudp_crypto_wipe (&peer, sizeof peer);

  if (session->state == SRUDP_STATE_NEW)
    srudp_session_set_state (session, SRUDP_STATE_ESTABLISHED);
  else
    srudp_session_step_to (session, SRUDP_STATE_ESTABLISHED);
  if (session->claimed)
    srudp_transport_reveal (transport);
  if (twin != NULL)
    srudp_session_check_restart (session, twin_boot_id);
}

static guint64 *
find_more_id (SrudpSession *session,
              guint64       id)
{
  for (guint i = 0; i < SRUDP_MAX_LOCAL_IDS; i++)
    if (session->more_ids[i] == id)
      return &session->more_ids[i];

  return NULL;
}

/* Packets for this session may bear several ids, which come and go. */
static void
renew_ids (SrudpSession *session)
{
  SrudpEngine *engine = session->engine;
  guint64 *slot;
  guint64 id;

  while (srudp_transport_pop_retired_id (session->transport, &id))
    if ((slot = find_more_id (session, id)) != NULL)
      forget_more_id (session, slot);

  while (srudp_transport_wants_id (session->transport)
         && (slot = find_more_id (session, 0)) != NULL)
    {
      *slot = srudp_engine_make_id (engine);
      g_hash_table_insert (engine->by_id, slot, session);
      srudp_transport_add_id (session->transport, *slot);
    }
}

void
srudp_session_collect_events (SrudpSession *session)
{
  SrudpEvent event;

  if (session->transport == NULL || !srudp_transport_has_news (session->transport))
    return;

  if (session->local_id != 0)
    renew_ids (session);
  while (session->transport != NULL &&
         srudp_transport_poll_event (session->transport, &event))
    {
      event.session = session;
      if (event.type == SRUDP_EVENT_PATH)
        {
          update_place (session);
          srudp_session_leave_sockets (session);
        }
      if (event.type == SRUDP_EVENT_STATE)
        {
          if (event.state == SRUDP_STATE_CLOSED)
            session->reason = srudp_transport_get_reason (session->transport);
          srudp_session_set_state (session, event.state);
        }
      else if (session->released)
        g_clear_pointer (&event.datagram, g_bytes_unref);
      else
        srudp_event_queue_push (&session->engine->events, &event);
    }
}

void
srudp_session_touch (SrudpSession *session)
{
  srudp_session_collect_events (session);
  set_ready (session, TRUE);
}

static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a < 0)
    return b;

  return b < 0 ? a : MIN (a, b);
}

gint64
srudp_session_compute_deadline (SrudpSession *session)
{
  gint64 deadline = earlier (session->open_deadline, session->restart_check_at);

  if (session->is_asleep)
    return session->ghost_until;
  if (session->attempt != NULL)
    deadline = earlier (deadline, srudp_attempt_get_deadline (session->attempt));
  deadline = earlier (deadline, srudp_session_get_sockets_deadline (session));
  if (session->transport != NULL &&
      !srudp_transport_is_drained (session->transport))
    deadline = earlier (deadline, srudp_transport_get_deadline (session->transport));

  return deadline;
}

static void
ask_whether_alive (SrudpSession *session)
{
  gint64 now = session->engine->now;

  session->restart_asked_at = now;
  session->restart_check_at =
    now + MAX (3 * srudp_transport_get_pto (session->transport), RESTART_GRACE_US);
  srudp_transport_ping (session->transport, now);
}

static void
check_restart (SrudpSession *session)
{
  if (session->restart_check_at < 0 ||
      session->engine->now < session->restart_check_at)
    return;

  session->restart_check_at = -1;
  if (session->state == SRUDP_STATE_CLOSED)
    return;

  if (srudp_transport_get_last_heard (session->transport) < session->restart_asked_at)
    srudp_transport_fail (session->transport, session->engine->now,
                          SRUDP_REASON_PEER_RESTARTED);
  else if (session->restart_questions-- > 0)
    ask_whether_alive (session);
}

/* Why nobody could be connected to, as far as can be told. */
static SrudpReason
explain_silence (const SrudpAttempt *attempt)
{
  if (attempt->hint != SRUDP_REASON_NONE)
    return attempt->hint;
  if (srudp_candidates_all_came_back (&attempt->candidates))
    return SRUDP_REASON_OWN_IDENTITY;

  return SRUDP_REASON_OPEN_TIMEOUT;
}

SrudpReason
srudp_session_get_hint (SrudpSession *session)
{
  return session->attempt != NULL ? session->attempt->hint : SRUDP_REASON_NONE;
}

void
srudp_session_advance (SrudpSession *session)
{
  gint64 now = session->engine->now;

  if (session->is_asleep)
    {
      g_clear_pointer (&session->transport, srudp_transport_free);
      session->is_asleep = FALSE;
      srudp_session_set_state (session, SRUDP_STATE_CLOSED);
      return;
    }

  if (session->open_deadline >= 0 && session->open_deadline <= now)
    {
      srudp_session_give_up (session, explain_silence (session->attempt));
      return;
    }

  if (session->transport != NULL)
    {
      srudp_transport_advance (session->transport, now);
      check_restart (session);
      srudp_session_review_second_path (session);
    }
  srudp_session_review_sockets (session);
  srudp_session_touch (session);
}

void
srudp_session_check_restart (SrudpSession *session,
                             const guint8  boot_id[SRUDP_BOOT_ID_BYTES])
{
  if (session->transport == NULL || session->restart_check_at >= 0 ||
      session->state == SRUDP_STATE_CLOSED ||
      memcmp (session->boot_id, boot_id, SRUDP_BOOT_ID_BYTES) == 0)
    return;

  session->restart_questions = RESTART_QUESTIONS - 1;
  ask_whether_alive (session);
  srudp_session_touch (session);
}

/* From here on: calls of srudp-engine.h about opening; those about a session
 * that is there are in srudp-session-control.c. */

void
srudp_session_claim (SrudpSession *session)
{
  session->claimed = TRUE;
  update_backlog (session);
  forget_events (session, TRUE);
  /* Not before somebody knows of it: else a stranger could try in secret how
   * codes turn out. */
  if (session->transport != NULL)
    {
      srudp_transport_reveal (session->transport);
      srudp_session_touch (session);
    }
}

void
srudp_session_release (SrudpSession *session,
                       gint64        now)
{
  srudp_engine_set_now (session->engine, now);
  session->released = TRUE;
  session->claimed = TRUE;
  update_backlog (session);
  session->user_data = NULL;
  forget_events (session, FALSE);
  if (session->state < SRUDP_STATE_CLOSING)
    srudp_session_close (session, now);
  srudp_session_reap (session);
}

void
srudp_session_add_candidate (SrudpSession       *session,
                             gint64              now,
                             const SrudpAddress *address)
{
  srudp_engine_set_now (session->engine, now);
  if (session->attempt != NULL)
    add_candidate (session, address);
  else if (session->transport != NULL)
    srudp_transport_add_candidate (session->transport, session->engine->now,
                                   address);
  srudp_session_touch (session);
}

void
srudp_session_set_peer_nat (SrudpSession        *session,
                            gint64               now,
                            const SrudpNatFacts *nat)
{
  SrudpAttempt *attempt = session->attempt;

  srudp_engine_set_now (session->engine, now);
  if (attempt == NULL || !attempt->pinned
      || session->peer_nat.mapping != SRUDP_MAPPING_UNKNOWN)
    return;

  predict_candidates (session, nat, attempt->expected_peer);
  srudp_session_plan_spray (session);
  srudp_session_touch (session);
}
