/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-confirm.c: messages 2 and 3, and which session comes of them
 *
 * From here on both sides know each other's key. Two opens of two peers may
 * have started two handshakes with each other, one in each direction; what
 * follows makes sure that only one of them becomes a session on both sides:
 *
 *  - an initiator that sent message 3 is in doubt until it is confirmed;
 *  - as responder, an open in doubt towards the same peer takes a message 3
 *    only if it can be in doubt with no other open of the peer than that one
 *    (its answers name that, or none), and that has the larger key. The peer
 *    decides by the same two keys, so it will not take the message 3 that this
 *    open sent; with the smaller key it is the peer who takes it;
 *  - a HELLO that became part of a session is never used again.
 */
#include "srudp-engine-private.h"

#include "srudp-path-token.h"

#include <string.h>

static gboolean
is_own_key (SrudpEngine  *engine,
            const guint8 *key)
{
  return memcmp (key, engine->local.keys.public_key, SRUDP_KEY_BYTES) == 0;
}

static gboolean
is_expected (SrudpEngine        *engine,
             const SrudpAttempt *attempt,
             const guint8       *key)
{
  if (attempt->pinned)
    return memcmp (attempt->expected_peer, key, SRUDP_KEY_BYTES) == 0;

  return srudp_engine_allows (engine, key);
}

static void
send_message_3_once (SrudpEngine  *engine,
                     SrudpSession *session)
{
  guint8 packet[SRUDP_HANDSHAKE_MAX_BYTES];
  SrudpPath path;
  guint8 ttl;
  gsize size = srudp_attempt_poll (session->attempt, &engine->local, engine->now,
                                   &path, &ttl, packet);

  if (size > 0)
    srudp_engine_queue_answer (engine, &path, packet, size);
}

static void
accept_answer (SrudpEngine                 *engine,
               SrudpSession                *session,
               const SrudpPath             *path,
               const SrudpHandshakePacket  *packet,
               const SrudpHandshakeMessage *message,
               SrudpNoise                  *after_2)
{
  SrudpAttempt *attempt = session->attempt;
  SrudpReason mismatch = srudp_handshake_negotiate (&attempt->own.fields,
                                                    &message->fields);
  SrudpAnswer *answer = srudp_attempt_add_answer (attempt, &engine->local,
                                                  engine->now, path, packet,
                                                  message, after_2);

  if (answer == NULL)
    {
      engine->counters.dropped_forged++;
      return;
    }

  /* This is authentic, so it is final: but the peer shall know it too. */
  if (mismatch != SRUDP_REASON_NONE)
    {
      send_message_3_once (engine, session);
      srudp_attempt_remove_answer (attempt, answer);
      srudp_session_give_up (session, mismatch);
      return;
    }

  srudp_attempt_hear (attempt, engine->now, path);
  srudp_session_step_to (session, SRUDP_STATE_SECURING);
}

void
srudp_engine_receive_message_2 (SrudpEngine                *engine,
                                const SrudpPath            *path,
                                const SrudpHandshakePacket *packet)
{
  SrudpSession *session = g_hash_table_lookup (engine->by_id,
                                               &packet->destination_id);
  SrudpHandshakeMessage message;
  SrudpNoise after_2;

  if (session == NULL || session->attempt == NULL)
    {
      engine->counters.dropped_unknown_id++;
      return;
    }

  switch (srudp_attempt_read_answer (session->attempt, &engine->local,
                                     engine->now, path, packet,
                                     &message, &after_2))
    {
    case SRUDP_ANSWER_FORGED:
      engine->counters.dropped_forged++;
      return;
    case SRUDP_ANSWER_LIMITED:
      engine->counters.dropped_limited++;
      return;
    case SRUDP_ANSWER_REPEATED:
      srudp_attempt_hear (session->attempt, engine->now, path);
      srudp_session_touch (session);
      return;
    case SRUDP_ANSWER_NEW:
      break;
    }

  if (is_own_key (engine, after_2.peer_static))
    engine->counters.dropped_reflected++;
  else if (!is_expected (engine, session->attempt, after_2.peer_static))
    session->attempt->hint = SRUDP_REASON_PEER_IDENTITY;
  else if (srudp_engine_has_used_hello (engine, message.named))
    engine->counters.dropped_replayed++; /* soon it will name another */
  else if (!srudp_attempt_take_guess (session->attempt, engine->now, path,
                                     &message))
    engine->counters.dropped_limited++; /* it will come again, until we may */
  else
    accept_answer (engine, session, path, packet, &message, &after_2);

  srudp_noise_clear (&after_2);
  srudp_session_touch (session);
}

static void
drop_answer (SrudpSession *session,
             SrudpAnswer  *answer)
{
  g_clear_pointer ((SrudpTransport **) &answer->transport, srudp_transport_free);
  srudp_attempt_remove_answer (session->attempt, answer);
}

/* One that waits for others still has them. */
static void
refuse_secret (SrudpSession *session,
               SrudpAnswer  *answer,
               SrudpReason   reason)
{
  if (session->attempt->n_answers == 1)
    {
      srudp_session_give_up (session, reason);
      return;
    }

  session->attempt->hint = reason;
  drop_answer (session, answer);
}

void
srudp_engine_receive_reject (SrudpEngine  *engine,
                             guint64       id,
                             const guint8 *data,
                             gsize         size)
{
  SrudpSession *session = g_hash_table_lookup (engine->by_id, &id);
  SrudpAttempt *attempt;

  if (session == NULL || session->attempt == NULL)
    {
      engine->counters.dropped_unknown_id++;
      return;
    }

  attempt = session->attempt;
  for (guint i = 0; i < attempt->n_answers; i++)
    {
      SrudpReason reason;
      SrudpAnswer *answer = attempt->answers[i];

      if (!srudp_reject_open (data, size, answer->reject_secret, &reason))
        continue;

      if (reason == SRUDP_REASON_NONE)
        drop_answer (session, answer);
      else if (reason == SRUDP_REASON_PASSPHRASE ||
               reason == SRUDP_REASON_INVITATION)
        refuse_secret (session, answer, reason);
      else
        srudp_session_give_up (session, reason);
      return;
    }

  engine->counters.dropped_forged++;
}

/* The responder's part. */

typedef struct
{
  SrudpHalfOpen *entry;
  const SrudpPath *path;
  const SrudpHandshakePacket *packet;
  SrudpHandshakeMessage message;
  SrudpHandshakeResult result;
  guint8 reject_secret[SRUDP_SHA256_BYTES];
} Confirmation;

static gboolean
is_opening (SrudpEngine  *engine,
            SrudpSession *session)
{
  return session != NULL && session->attempt != NULL;
}

/* Message 2 was made with one passphrase: it is for opens with no other. */
static gboolean
is_for (SrudpEngine        *engine,
        SrudpSession       *session,
        const Confirmation *confirmation)
{
  return session->passphrase == confirmation->entry->secrets.passphrase &&
         is_expected (engine, session->attempt, confirmation->result.peer_key);
}

/* The open this session completes: the one named in message 2 if the key is
 * its peer's; else the one that the peer's answer to it named; else the oldest
 * that waits for this key, best one without an answer. */
static SrudpSession *
find_open (SrudpEngine        *engine,
           const Confirmation *confirmation)
{
  SrudpSession *named = confirmation->entry->waiting;
  SrudpSession *fresh = NULL, *oldest = NULL;

  if (is_opening (engine, named) && is_for (engine, named, confirmation))
    return named;

  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;
      SrudpAttempt *attempt = session->attempt;

      if (!is_for (engine, session, confirmation) ||
          (!attempt->pinned &&
           !srudp_engine_tries_address (engine, attempt,
                                        &confirmation->path->remote)))
        continue;
      if (srudp_attempt_has_answer_naming (attempt, &confirmation->result,
                                           confirmation->entry->initiator_e))
        return session;
      if (fresh == NULL &&
          !srudp_attempt_has_answer_from (attempt, &confirmation->result))
        fresh = session;
      if (oldest == NULL)
        oldest = session;
    }

  return fresh != NULL ? fresh : oldest;
}

/* Whether all the message 3s that this open sent to the same peer are known
 * to come to nothing. */
static gboolean
is_out_of_doubt (const SrudpSession *session,
                 const Confirmation *confirmation)
{
  const SrudpAttempt *attempt = session->attempt;
  const SrudpHandshakeResult *peer = &confirmation->result;
  const guint8 *peer_e = confirmation->entry->initiator_e;
  gboolean is_invited = confirmation->entry->secrets.has_invitation;

  /* Such an open becomes no connection without a secret. */
  if (attempt->secrets.has_invitation && !is_invited)
    return FALSE;
  if (!srudp_attempt_has_answer_from (attempt, peer))
    return TRUE;
  if (!srudp_attempt_only_answers_naming (attempt, peer, peer_e))
    return FALSE;

  return !srudp_attempt_outranks (attempt, is_invited, peer_e);
}

static void
forget_dead_answers (SrudpEngine        *engine,
                     const Confirmation *confirmation)
{
  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;
      SrudpAttempt *attempt = session->attempt;

      for (guint i = attempt->n_answers; i > 0; i--)
        {
          SrudpAnswer *answer = attempt->answers[i - 1];

          if (memcmp (answer->named, confirmation->entry->initiator_e,
                      SRUDP_KEY_BYTES) != 0)
            continue;
          drop_answer (session, answer);
        }
    }
}

static GList *
get_processes (SrudpEngine                *engine,
               const SrudpHandshakeResult *result)
{
  const SrudpPeer *peer = srudp_peer_table_find (&engine->peers, result->peer_key);

  return peer != NULL ? peer->processes.head : NULL;
}

static void
check_older_sessions (SrudpEngine        *engine,
                      const Confirmation *confirmation)
{
  const guint8 *boot_id = confirmation->message.params.boot_id;

  for (GList *p = get_processes (engine, &confirmation->result); p != NULL; p = p->next)
    {
      const SrudpPeerProcess *process = p->data;

      if (srudp_peer_process_is (process, boot_id))
        continue;
      for (GList *l = process->connections.head; l != NULL; l = l->next)
        srudp_session_check_restart (l->data, boot_id);
    }
}

/* The entry is gone afterwards, with all that came of the same HELLO. */
static void
commit (SrudpEngine  *engine,
        SrudpSession *session,
        Confirmation *confirmation)
{
  const SrudpHandshakePacket *packet = confirmation->packet;
  SrudpHalfOpen *entry = confirmation->entry;
  guint8 initiator_e[SRUDP_KEY_BYTES], responder_e[SRUDP_KEY_BYTES] = { 0 };
  SrudpTransport *transport;
  gint64 rtt_us = srudp_sent_times_rtt (&entry->sent, engine->now,
                                        packet->echo.echo_counter,
                                        packet->echo.echo_delay_us);

  memcpy (initiator_e, entry->initiator_e, SRUDP_KEY_BYTES);
  if (session->attempt != NULL)
    memcpy (responder_e, srudp_attempt_get_ephemeral (session->attempt),
            SRUDP_KEY_BYTES);

  transport = srudp_session_make_transport (engine, &confirmation->result,
                                            confirmation->path, rtt_us,
                                            session->idle_timeout_us,
                                            session->keepalive_us);
  srudp_transport_send_handshake_done (transport);
  forget_dead_answers (engine, confirmation);
  srudp_session_establish (session, transport, &confirmation->result,
                           initiator_e, responder_e);
  confirmation->entry = NULL;
  srudp_session_touch (session);
}

static gboolean
is_same_process (const SrudpPeerProcess     *process,
                 const SrudpHandshakeResult *peer)
{
  return srudp_peer_process_is (process, peer->remote_params.boot_id);
}

static gboolean
is_connected (const SrudpPeerProcess *process)
{
  for (GList *l = process->connections.head; l != NULL; l = l->next)
    if (((SrudpSession *) l->data)->state < SRUDP_STATE_CLOSING)
      return TRUE;

  return FALSE;
}

/* Where a living connection with this peer ends, preferably in the process
 * that calls now; or NULL. */
static const SrudpPeerProcess *
find_connected (SrudpEngine                *engine,
                const SrudpHandshakeResult *peer)
{
  const SrudpPeerProcess *found = NULL;

  for (GList *l = get_processes (engine, peer); l != NULL; l = l->next)
    {
      const SrudpPeerProcess *process = l->data;

      if (!is_connected (process))
        continue;
      if (is_same_process (process, peer))
        return process;
      found = process;
    }

  return found;
}

static void
repeat_reject (SrudpEngine     *engine,
               const SrudpPath *path,
               SrudpHalfOpen   *entry)
{
  srudp_engine_queue_answer (engine, path, entry->reject, sizeof entry->reject);
}

static void
reject (SrudpEngine  *engine,
        Confirmation *confirmation,
        SrudpReason   reason)
{
  SrudpHalfOpen *entry = confirmation->entry;

  srudp_reject_write (entry->reject, confirmation->result.remote_id,
                      confirmation->reject_secret, reason);
  entry->rejected = TRUE;
  repeat_reject (engine, confirmation->path, entry);
}

/* Ends this handshake so that nobody waits for it: its HELLO gets an answer
 * that knows of what has happened since. */
static void
begin_anew (SrudpEngine  *engine,
            Confirmation *confirmation)
{
  reject (engine, confirmation, SRUDP_REASON_NONE);
  srudp_half_open_detach (&engine->half_open, confirmation->entry);
}

/* The open that message 2 named is over. It may have become one connection
 * with the very open that sends this, late: then nobody begins anew. */
static gboolean
is_outdated (const SrudpHalfOpen *entry)
{
  static const guint8 none[SRUDP_KEY_BYTES];

  return entry->waiting == NULL &&
         memcmp (entry->own.named, none, SRUDP_KEY_BYTES) != 0;
}

/* No open of ours waits for this peer. */
static void
accept_stranger (SrudpEngine  *engine,
                 Confirmation *confirmation)
{
  const guint8 *key = confirmation->result.peer_key;
  const SrudpPeerProcess *connected;
  const SrudpSecrets *secrets = &confirmation->entry->secrets;
  gboolean is_welcome = engine->accepting || secrets->has_invitation;

  if (is_welcome && !srudp_engine_allows (engine, key))
    {
      srudp_engine_push_failure (engine, &confirmation->path->remote,
                                 SRUDP_REASON_PEER_IDENTITY);
      reject (engine, confirmation, SRUDP_REASON_REFUSED);
    }
  else if (is_welcome && engine->n_unclaimed < engine->backlog)
    {
      SrudpSession *session = srudp_session_new (engine);

      session->inbound = TRUE;
      session->was_invited = secrets->has_invitation;
      if (secrets->passphrase != NULL)
        session->passphrase = srudp_passphrase_ref (secrets->passphrase);
      commit (engine, session, confirmation);
    }
  else if (is_welcome)
    engine->counters.dropped_limited++;
  else if ((connected = find_connected (engine, &confirmation->result)) == NULL)
    engine->counters.dropped_not_accepting++;
  else if (is_same_process (connected, &confirmation->result))
    reject (engine, confirmation, SRUDP_REASON_REFUSED);
  else
    /* It has restarted: what it opens is for the open that follows here once
     * the old connection is found dead. */
    begin_anew (engine, confirmation);
}

/* The peers of opens that try this address have another key. So, it seems, have
 * those at the same IP address, which a NAT may have given another port. */
static void
note_other_identity (SrudpEngine     *engine,
                     const SrudpPath *path)
{
  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpAttempt *attempt = ((SrudpSession *) l->data)->attempt;

      if (srudp_candidates_contains (&attempt->candidates, &path->remote)
          || (attempt->pinned && attempt->hint == SRUDP_REASON_NONE
              && srudp_candidates_contains_ip (&attempt->candidates,
                                               &path->remote)))
        attempt->hint = SRUDP_REASON_PEER_IDENTITY;
    }
}

/* Two processes of one identity: one of them is the other after a restart,
 * but which? The one that is gone does not begin anew when it is asked to. */
static gboolean
may_be_of_the_past (SrudpEngine        *engine,
                    SrudpSession       *session,
                    const Confirmation *confirmation)
{
  SrudpAttempt *attempt = session->attempt;
  const guint8 *boot_id = confirmation->message.params.boot_id;

  if (srudp_attempt_find_twin (attempt, &confirmation->result) == NULL)
    return FALSE;
  if (memcmp (attempt->asked_boot_id, boot_id, SRUDP_BOOT_ID_BYTES) == 0)
    return confirmation->entry->created_at <= attempt->asked_at;

  memcpy (attempt->asked_boot_id, boot_id, SRUDP_BOOT_ID_BYTES);
  attempt->asked_at = engine->now;

  return TRUE;
}

/* Until the peer has decided on the message 3 this open sent to it. That may
 * have gone to where the peer was before it moved. */
static void
stay_in_doubt (SrudpEngine  *engine,
               SrudpSession *session,
               Confirmation *confirmation)
{
  SrudpHalfOpen *entry = confirmation->entry;

  srudp_attempt_move_answers (session->attempt, &confirmation->result,
                              confirmation->path, engine->now);
  srudp_session_touch (session);
  if (srudp_attempt_only_answers_naming (session->attempt,
                                         &confirmation->result,
                                         entry->initiator_e))
    entry->blocked_by = session;
  else
    begin_anew (engine, confirmation);
}

static void
decide (SrudpEngine  *engine,
        Confirmation *confirmation)
{
  SrudpHalfOpen *entry = confirmation->entry;
  SrudpReason mismatch = srudp_handshake_negotiate (&entry->own.fields,
                                                    &confirmation->message.fields);
  SrudpSession *session = find_open (engine, confirmation);

  check_older_sessions (engine, confirmation);
  if (mismatch != SRUDP_REASON_NONE)
    {
      /* The entry may wait for the open, and goes with it. */
      reject (engine, confirmation, mismatch);
      confirmation->entry = NULL;
      if (session != NULL)
        srudp_session_give_up (session, mismatch);
      else if (engine->accepting)
        srudp_engine_push_failure (engine, &confirmation->path->remote, mismatch);
    }
  else if (is_outdated (entry))
    begin_anew (engine, confirmation);
  else if (session == NULL)
    {
      note_other_identity (engine, confirmation->path);
      accept_stranger (engine, confirmation);
    }
  else if (may_be_of_the_past (engine, session, confirmation))
    begin_anew (engine, confirmation);
  else if (is_out_of_doubt (session, confirmation))
    commit (engine, session, confirmation);
  else
    stay_in_doubt (engine, session, confirmation);
}

/* Message 3 came from an address where nobody has proven to be: asks again. */
static void
ask_for_token (SrudpEngine                *engine,
               const SrudpPath            *path,
               SrudpHalfOpen              *entry,
               const SrudpHandshakePacket *packet)
{
  guint8 message_2[SRUDP_HANDSHAKE_MAX_BYTES];
  gsize size = srudp_half_open_write_2 (entry, &engine->local, engine->now,
                                        &path->remote, packet->echo.token,
                                        packet->echo.counter, message_2);

  srudp_engine_queue_answer (engine, path, message_2, size);
}

/* The session it made is there: HANDSHAKE_DONE is on its way, if only to where
 * the peer was when the first of them came. */
static void
note_repeated_message_3 (SrudpEngine                *engine,
                         const SrudpPath            *path,
                         const SrudpHandshakePacket *packet)
{
  SrudpSession *session = g_hash_table_lookup (engine->by_id,
                                               &packet->destination_id);

  if (session == NULL)
    {
      engine->counters.dropped_unknown_id++;
      return;
    }

  engine->counters.dropped_replayed++;
  if (session->transport == NULL)
    return;

  srudp_transport_hint_path (session->transport, engine->now, path,
                             packet->noise_size);
  srudp_session_touch (session);
}

/* Whoever sent it owns the HELLO, and shares no secret with us; or somebody has
 * spoilt the payload on its way. The sender knows which. */
static void
refuse_psk (SrudpEngine                *engine,
            const SrudpPath            *path,
            SrudpHalfOpen              *entry,
            const SrudpHandshakePacket *packet,
            const SrudpNoise           *identified)
{
  SrudpReason reason = entry->guess_taken ? SRUDP_REASON_PASSPHRASE
                                          : SRUDP_REASON_INVITATION;
  guint8 secret[SRUDP_SHA256_BYTES], packet_out[SRUDP_REJECT_BYTES];
  SrudpSession *waiting = entry->waiting;

  srudp_handshake_make_reject_secret (identified, packet->noise,
                                      packet->noise_size, secret);
  srudp_reject_write (packet_out, entry->remote_id, secret, reason);
  srudp_crypto_wipe (secret, sizeof secret);
  srudp_engine_queue_answer (engine, path, packet_out, sizeof packet_out);

  if (entry->psk_failed)
    return;

  entry->psk_failed = TRUE;
  if (reason != SRUDP_REASON_PASSPHRASE)
    return; /* nobody here has entered anything */
  srudp_engine_push_failure (engine, &path->remote, reason);
  if (entry->matched && is_opening (engine, waiting))
    srudp_session_give_up_soon (waiting, reason);
}

static void
judge_message_3 (SrudpEngine                *engine,
                 const SrudpPath            *path,
                 SrudpHalfOpen              *entry,
                 const SrudpHandshakePacket *packet,
                 const SrudpNoise           *identified)
{
  Confirmation confirmation = { .entry = entry, .path = path, .packet = packet };
  SrudpNoise after_3;

  if (!srudp_handshake_read_3 (identified, entry->psk, packet->noise,
                               packet->noise_size, &confirmation.message, &after_3))
    {
      engine->counters.dropped_forged++;
      refuse_psk (engine, path, entry, packet, identified);
      return;
    }

  srudp_half_open_give_back_guess (entry, engine->now);
  if (entry->rejected)
    repeat_reject (engine, path, entry);
  else
    {
      srudp_handshake_finish (&after_3, &entry->secrets, &entry->own,
                              &confirmation.message, &confirmation.result);
      srudp_handshake_make_reject_secret (&after_3, packet->noise,
                                          packet->noise_size,
                                          confirmation.reject_secret);
      decide (engine, &confirmation);
      srudp_crypto_wipe (&confirmation, sizeof confirmation);
    }
  srudp_noise_clear (&after_3);
}

void
srudp_engine_receive_message_3 (SrudpEngine                *engine,
                                const SrudpPath            *path,
                                const SrudpHandshakePacket *packet)
{
  SrudpHalfOpen *entry = srudp_half_open_find_id (&engine->half_open,
                                                  packet->destination_id);
  SrudpNoise identified;

  if (entry == NULL)
    {
      note_repeated_message_3 (engine, path, packet);
      return;
    }

  if (!srudp_handshake_read_3_identity (&entry->noise, packet->noise,
                                        packet->noise_size, &identified))
    {
      engine->counters.dropped_forged++;
      return;
    }

  entry->heard_at = engine->now;
  if (is_own_key (engine, identified.peer_static))
    engine->counters.dropped_reflected++;
  else if (!srudp_path_token_check (engine->local.path_key, engine->now,
                                    &path->remote, packet->echo.echo_counter,
                                    packet->echo.echo_token))
    ask_for_token (engine, path, entry, packet);
  else if (!srudp_half_open_make_psk (entry, engine->now, &path->remote))
    engine->counters.dropped_limited++;
  else
    judge_message_3 (engine, path, entry, packet, &identified);
  srudp_noise_clear (&identified);
}
