/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-hello.c: what a HELLO means to this endpoint
 *
 * A HELLO that certainly belongs to one of our own waiting opens, by its tag
 * or by where it comes from, meets the tie rule: of two HELLOs the one that
 * proves an invitation, else the one with the larger ephemeral key, as 32
 * big-endian bytes, is the initiator's. Every other one is a stranger's, to be
 * answered or not.
 */
#include "srudp-engine-private.h"

#include <string.h>

typedef struct
{
  guint8 hash[SRUDP_SHA256_BYTES];
  const guint8 *e;
  SrudpHello hello;
  const guint8 *invitation; /* of ours, which it proves to know; or NULL */
  SrudpHelloTrailer trailer;
  SrudpNoise noise; /* message 1 is read */
  guint8 payload[SRUDP_HELLO_MAX_NOISE_BYTES];
} ReceivedHello;

/* Which open of ours has sent this HELLO. */
static SrudpSession *
find_sender (SrudpEngine  *engine,
             const guint8 *e)
{
  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (memcmp (srudp_attempt_get_ephemeral (session->attempt), e,
                  SRUDP_KEY_BYTES) == 0)
        return session;
    }

  return NULL;
}

/* It was sent to ourselves, or somebody has thrown it back. That ends nothing:
 * the peer may be at another of its addresses. */
static void
note_reflection (SrudpEngine     *engine,
                 SrudpSession    *sender,
                 const SrudpPath *path)
{
  engine->counters.dropped_reflected++;
  srudp_candidates_note_reflection (&sender->attempt->candidates,
                                    &path->remote);
}

static gboolean
is_match (SrudpEngine         *engine,
          const SrudpAttempt  *attempt,
          const SrudpPath     *path,
          const ReceivedHello *received)
{
  if (attempt->pinned)
    return srudp_attempt_verify_tag (attempt, &received->hello, received->e);

  return srudp_engine_tries_address (engine, attempt, &path->remote);
}

static gboolean
outranks (const SrudpSession  *session,
          const ReceivedHello *received)
{
  return srudp_attempt_outranks (session->attempt, received->invitation != NULL,
                                 received->e);
}

/* Of the opens it matches: the oldest that yields to it, else the oldest that
 * does not. */
static SrudpSession *
find_match (SrudpEngine         *engine,
            const SrudpPath     *path,
            const ReceivedHello *received)
{
  SrudpSession *larger = NULL;

  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (!is_match (engine, session->attempt, path, received))
        continue;
      if (!outranks (session, received))
        return session;
      if (larger == NULL)
        larger = session;
    }

  return larger;
}

/* The open to name to somebody who may be the peer it expects, though nothing
 * in the HELLO says so: whether it is turns out in message 3. */
static SrudpSession *
guess_open (SrudpEngine     *engine,
            const SrudpPath *path)
{
  SrudpSession *same_ip = NULL, *only = NULL;
  guint n_pinned = 0;

  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;
      const SrudpCandidates *candidates = &session->attempt->candidates;

      if (!session->attempt->pinned)
        continue;
      if (srudp_candidates_contains (candidates, &path->remote))
        return session;
      if (same_ip == NULL &&
          srudp_candidates_contains_ip (candidates, &path->remote))
        same_ip = session;
      only = session;
      n_pinned++;
    }

  if (same_ip != NULL)
    return same_ip;

  return n_pinned == 1 ? only : NULL;
}

/* A peer we are connected to opens once more: it gets to know that it is
 * refused, while strangers get no answer. */
static gboolean
is_from_known_peer (SrudpEngine     *engine,
                    const SrudpPath *path)
{
  return srudp_place_table_find (&engine->places, &path->remote) != NULL;
}

static gboolean
may_answer_stranger (SrudpEngine         *engine,
                     const SrudpPath     *path,
                     const ReceivedHello *received)
{
  gboolean is_welcome = engine->accepting || received->invitation != NULL;

  if (engine->closing)
    return FALSE;
  if (is_welcome && engine->n_unclaimed < engine->backlog)
    return TRUE;

  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (srudp_candidates_contains_ip (&session->attempt->candidates,
                                        &path->remote))
        return TRUE;
    }

  if (!engine->accepting && is_from_known_peer (engine, path))
    return TRUE;

  if (is_welcome)
    engine->counters.dropped_limited++;
  else
    engine->counters.dropped_not_accepting++;

  return FALSE;
}

static void
answer (SrudpEngine         *engine,
        const SrudpPath     *path,
        const ReceivedHello *received,
        SrudpSession        *waiting,
        gboolean             matched)
{
  SrudpHalfOpen *entry = g_new0 (SrudpHalfOpen, 1);
  guint8 ephemeral_secret[SRUDP_KEY_BYTES];
  guint8 packet[SRUDP_HANDSHAKE_MAX_BYTES];
  gsize size;

  entry->local_id = srudp_engine_make_id (engine);
  entry->waiting = waiting;
  entry->matched = matched;
  entry->noise = received->noise;
  entry->remote_id = received->hello.fields.connection_id;
  entry->peer_fields = received->hello.fields;
  srudp_secrets_init (&entry->secrets,
                      waiting != NULL ? waiting->passphrase : engine->passphrase,
                      received->invitation,
                      engine->local.random, engine->local.random_data);
  memcpy (entry->hello_hash, received->hash, SRUDP_SHA256_BYTES);
  memcpy (entry->initiator_e, received->e, SRUDP_KEY_BYTES);
  srudp_local_describe (&engine->local, entry->local_id,
                        waiting != NULL ? waiting->idle_timeout_us
                                        : engine->idle_timeout_us,
                        &entry->own);
  srudp_secrets_offer (&entry->secrets, &entry->own.fields);
  if (waiting != NULL)
    {
      srudp_local_limit_windows (&entry->own.params, waiting->max_window);
      memcpy (entry->own.named, srudp_attempt_get_ephemeral (waiting->attempt),
              SRUDP_KEY_BYTES);
    }

  /* Fresh, never the one of our own HELLO: Noise allows one use. */
  srudp_local_random (&engine->local, ephemeral_secret, sizeof ephemeral_secret);
  entry->message_2_size = srudp_handshake_write_2 (&entry->noise, ephemeral_secret,
                                                   &entry->own, entry->message_2);
  srudp_crypto_wipe (ephemeral_secret, sizeof ephemeral_secret);
  if (entry->message_2_size == 0)
    {
      srudp_half_open_free (entry);
      engine->counters.dropped_forged++;
      return;
    }
  srudp_sha256 (entry->message_2_hash, entry->message_2, entry->message_2_size);

  engine->counters.dropped_limited +=
    srudp_half_open_insert (&engine->half_open, engine->now, entry, &path->remote);
  size = srudp_half_open_write_2 (entry, &engine->local, engine->now,
                                  &path->remote, received->trailer.token,
                                  received->trailer.counter, packet);
  srudp_engine_queue_answer (engine, path, packet, size);
}

static void
ask_for_cookie (SrudpEngine         *engine,
                const SrudpPath     *path,
                const ReceivedHello *received)
{
  guint8 nonce[SRUDP_AEAD_NONCE_BYTES], cookie[SRUDP_COOKIE_BYTES];
  guint8 packet[SRUDP_COOKIE_PACKET_BYTES];

  srudp_local_random (&engine->local, nonce, sizeof nonce);
  srudp_flood_guard_make_cookie (engine->flood_guard, engine->now, &path->remote,
                                 cookie);
  srudp_cookie_packet_write (packet, received->hello.fields.connection_id,
                             received->hash, nonce, cookie);
  srudp_engine_queue_answer (engine, path, packet, sizeof packet);
}

/* Before anything is computed that costs much. Whoever proves by his tag to be
 * waited for is not asked. */
static gboolean
may_cost_an_answer (SrudpEngine         *engine,
                    const SrudpPath     *path,
                    const ReceivedHello *received,
                    const SrudpSession  *match)
{
  if (match != NULL && match->attempt->pinned)
    return TRUE;

  switch (srudp_flood_guard_judge (engine->flood_guard, engine->now,
                                   &path->remote, received->trailer.cookie))
    {
    case SRUDP_FLOOD_ADMIT:
      return TRUE;
    case SRUDP_FLOOD_ASK:
      ask_for_cookie (engine, path, received);
      break;
    case SRUDP_FLOOD_DROP:
    default:
      break;
    }

  engine->counters.dropped_limited++;

  return FALSE;
}

static void
repeat_answer (SrudpEngine             *engine,
               const SrudpPath         *path,
               SrudpHalfOpen           *entry,
               const SrudpHelloTrailer *trailer)
{
  guint8 packet[SRUDP_HANDSHAKE_MAX_BYTES];
  gsize size;

  entry->heard_at = engine->now;
  size = srudp_half_open_write_2 (entry, &engine->local, engine->now,
                                  &path->remote, trailer->token,
                                  trailer->counter, packet);
  srudp_engine_queue_answer (engine, path, packet, size);
}

/* Our HELLO at once, to where this one came from: the way is open now, and it
 * may be an address we could not know of. */
static void
insist (SrudpEngine     *engine,
        const SrudpPath *path,
        SrudpSession    *session)
{
  guint8 hello[SRUDP_HELLO_BYTES];

  srudp_attempt_write_hello (session->attempt, &engine->local, engine->now,
                             &path->remote, hello);
  srudp_engine_queue_answer (engine, path, hello, sizeof hello);
}

static void
decide (SrudpEngine         *engine,
        const SrudpPath     *path,
        const ReceivedHello *received)
{
  SrudpSession *match = find_match (engine, path, received);
  SrudpReason mismatch;

  if (match == NULL)
    {
      if (may_answer_stranger (engine, path, received) &&
          may_cost_an_answer (engine, path, received, NULL))
        answer (engine, path, received, guess_open (engine, path), FALSE);
      return;
    }

  /* A hint only: nothing in HELLO is authentic yet. */
  mismatch = srudp_handshake_negotiate (&match->attempt->own.fields,
                                        &received->hello.fields);
  if (mismatch != SRUDP_REASON_NONE)
    match->attempt->hint = mismatch;
  srudp_attempt_hear (match->attempt, engine->now, path);
  if (match->state == SRUDP_STATE_WAITING)
    srudp_session_step_to (match, SRUDP_STATE_PUNCHING);

  if (outranks (match, received)
      && !srudp_attempt_is_stale (match->attempt, engine->now,
                                  received->invitation != NULL))
    insist (engine, path, match);
  else if (may_cost_an_answer (engine, path, received, match))
    answer (engine, path, received, match, TRUE);
  srudp_session_touch (match);
}

void
srudp_engine_receive_hello (SrudpEngine     *engine,
                            const SrudpPath *path,
                            const guint8    *data,
                            gsize            size)
{
  ReceivedHello received;
  SrudpSession *sender;
  SrudpHalfOpen *known;
  const guint8 *noise;
  gsize noise_size;

  if (!srudp_hello_packet_parse (data, size, &noise, &noise_size,
                                 &received.trailer))
    {
      engine->counters.dropped_junk++;
      return;
    }

  received.e = noise;
  srudp_hello_packet_hash (data, received.hash);
  known = srudp_half_open_find_hash (&engine->half_open, received.hash);
  if (known != NULL)
    repeat_answer (engine, path, known, &received.trailer);
  else if ((sender = find_sender (engine, received.e)) != NULL)
    note_reflection (engine, sender, path);
  else if (srudp_engine_has_used_hello (engine, received.e))
    engine->counters.dropped_replayed++;
  else if (!srudp_handshake_read_1 (&received.noise, &engine->local.keys,
                                    noise, noise_size, &received.hello,
                                    received.payload))
    engine->counters.dropped_forged++;
  else
    {
      srudp_engine_expire_invitations (engine);
      received.invitation = srudp_keyring_find_invitation (&engine->keyring,
                                                           &received.hello,
                                                           received.e);
      decide (engine, path, &received);
      srudp_noise_clear (&received.noise);
    }
}

void
srudp_engine_receive_cookie (SrudpEngine     *engine,
                             const SrudpPath *path,
                             guint64          id,
                             const guint8    *data,
                             gsize            size)
{
  SrudpSession *session = g_hash_table_lookup (engine->by_id, &id);

  if (session == NULL || session->attempt == NULL)
    engine->counters.dropped_unknown_id++;
  else if (!srudp_attempt_take_cookie (session->attempt, engine->now,
                                       &path->remote, data, size))
    engine->counters.dropped_forged++;
  else
    srudp_session_touch (session);
}
