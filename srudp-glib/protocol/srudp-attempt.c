/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-attempt.c: a waiting open, as initiator
 */
#include "srudp-attempt.h"

#include "srudp-path-token.h"

#include <string.h>

/* How often message 3 goes out along the path that answered first, before
 * another that was heard since is given a chance. */
#define FIRST_PATH_SENDS 3
/* How long openers that end before the peer's router are given: those of the
 * peer have left it by then, if it began at the same time. */
#define OPENERS_ALONE_US (2 * G_USEC_PER_SEC)

/* Whoever knows our invitation answers sooner. */
#define STALE_INVITATION_US G_USEC_PER_SEC

G_STATIC_ASSERT (SRUDP_HELLO_BYTES <= SRUDP_HANDSHAKE_MAX_BYTES);

guint32
srudp_sent_times_add (SrudpSentTimes *sent,
                      gint64          now)
{
  sent->next_counter++;
  sent->times[sent->next_counter % SRUDP_SENT_TIMES] = now;

  return sent->next_counter;
}

gint64
srudp_sent_times_rtt (const SrudpSentTimes *sent,
                      gint64                now,
                      guint32               counter,
                      gint64                delay_us)
{
  gint64 elapsed;

  if (counter == 0 || counter > sent->next_counter ||
      sent->next_counter - counter >= SRUDP_SENT_TIMES)
    return -1;

  elapsed = now - sent->times[counter % SRUDP_SENT_TIMES];

  return delay_us <= elapsed ? elapsed - delay_us : -1;
}

static void
expect_peer (SrudpAttempt *attempt,
             SrudpLocal   *local,
             const guint8 *expected_peer)
{
  attempt->pinned = TRUE;
  memcpy (attempt->expected_peer, expected_peer, SRUDP_KEY_BYTES);
  attempt->has_tag_key = srudp_x25519 (attempt->tag_key, local->keys.secret,
                                       expected_peer);
}

SrudpAttempt *
srudp_attempt_new (SrudpLocal      *local,
                   const guint8    *expected_peer,
                   SrudpPassphrase *passphrase,
                   const guint8    *invitation,
                   guint64          connection_id,
                   gint64           idle_timeout_us)
{
  SrudpAttempt *attempt = g_new0 (SrudpAttempt, 1);
  guint8 noise[SRUDP_HELLO_MAX_NOISE_BYTES];
  guint8 ephemeral_secret[SRUDP_KEY_BYTES];
  SrudpHello hello = { 0 };
  gsize size;

  attempt->heard_at = -1;
  attempt->rivalled_at = -1;
  srudp_spray_init (&attempt->spray);
  srudp_local_describe (local, connection_id, idle_timeout_us, &attempt->own);
  if (expected_peer != NULL)
    expect_peer (attempt, local, expected_peer);
  srudp_secrets_init (&attempt->secrets, passphrase, invitation,
                      local->random, local->random_data);
  srudp_secrets_offer (&attempt->secrets, &attempt->own.fields);

  hello.fields = attempt->own.fields;
  srudp_local_random (local, hello.peer_tag, SRUDP_TAG_BYTES);
  srudp_local_random (local, hello.invitation_tag, SRUDP_TAG_BYTES);
  srudp_local_random (local, ephemeral_secret, sizeof ephemeral_secret);
  size = srudp_handshake_write_1 (&attempt->noise, &local->keys,
                                  ephemeral_secret, &hello,
                                  attempt->has_tag_key ? attempt->tag_key : NULL,
                                  invitation, noise);
  srudp_crypto_wipe (ephemeral_secret, sizeof ephemeral_secret);
  srudp_hello_packet_init (attempt->hello, noise, size);
  srudp_hello_packet_hash (attempt->hello, attempt->hello_hash);

  return attempt;
}

static void
free_answer (SrudpAnswer *answer)
{
  g_assert (answer->transport == NULL);

  srudp_crypto_wipe (answer, sizeof *answer);
  g_free (answer);
}

void
srudp_attempt_free (SrudpAttempt *attempt)
{
  for (guint i = 0; i < attempt->n_answers; i++)
    free_answer (attempt->answers[i]);

  srudp_secrets_clear (&attempt->secrets);
  srudp_crypto_wipe (attempt, sizeof *attempt);
  g_free (attempt);
}

const guint8 *
srudp_attempt_get_ephemeral (const SrudpAttempt *attempt)
{
  return attempt->noise.ephemeral_public;
}

gboolean
srudp_attempt_outranks (const SrudpAttempt *attempt,
                        gboolean            is_invited,
                        const guint8        e[SRUDP_KEY_BYTES])
{
  if (attempt->secrets.has_invitation != is_invited)
    return attempt->secrets.has_invitation;

  return memcmp (srudp_attempt_get_ephemeral (attempt), e, SRUDP_KEY_BYTES) > 0;
}

gboolean
srudp_attempt_is_stale (SrudpAttempt *attempt,
                        gint64        now,
                        gboolean      is_invited)
{
  if (!attempt->secrets.has_invitation || attempt->n_answers > 0)
    return FALSE;
  if (attempt->rivalled_at < 0)
    attempt->rivalled_at = now;
  if (now - attempt->rivalled_at < STALE_INVITATION_US)
    return FALSE;

  /* A hint only: an old HELLO may have been replayed. */
  if (attempt->hint == SRUDP_REASON_NONE)
    attempt->hint = SRUDP_REASON_INVITATION;

  return is_invited;
}

gboolean
srudp_attempt_verify_tag (const SrudpAttempt *attempt,
                          const SrudpHello   *hello,
                          const guint8        e[SRUDP_KEY_BYTES])
{
  guint8 tag[SRUDP_TAG_BYTES];

  if (!attempt->has_tag_key)
    return FALSE;

  srudp_hello_make_tag (tag, SRUDP_TAG_PEER, attempt->tag_key, e,
                        hello->tagged, hello->tagged_size);

  return srudp_crypto_equal (tag, hello->peer_tag, SRUDP_TAG_BYTES);
}

/* What each copy of a message 2 tells anew. */
static void
hear_answer (SrudpAttempt               *attempt,
             SrudpAnswer                *answer,
             SrudpLocal                 *local,
             gint64                      now,
             const SrudpPath            *path,
             const SrudpHandshakePacket *packet)
{
  gboolean proven = srudp_path_token_check (local->path_key, now, &path->remote,
                                            packet->echo.echo_counter,
                                            packet->echo.echo_token);
  gboolean same_path = srudp_path_equal (path, &answer->path);

  if (!same_path && answer->n_sent < FIRST_PATH_SENDS &&
      (answer->path_proven || !proven))
    return;

  answer->path = *path;
  answer->path_proven = proven || (same_path && answer->path_proven);
  answer->peer_token = packet->echo.token;
  answer->peer_counter = packet->echo.counter;
  answer->heard_at = now;
  if (proven && answer->rtt_us < 0)
    answer->rtt_us = srudp_sent_times_rtt (&attempt->sent, now,
                                           packet->echo.echo_counter,
                                           packet->echo.echo_delay_us);
  /* An unproven path gets one message 3 for each message 2, no more. */
  if (!answer->path_proven || answer->due < 0)
    answer->due = now;
}

SrudpAnswerResult
srudp_attempt_read_answer (SrudpAttempt               *attempt,
                           SrudpLocal                 *local,
                           gint64                      now,
                           const SrudpPath            *path,
                           const SrudpHandshakePacket *packet,
                           SrudpHandshakeMessage      *message,
                           SrudpNoise                 *after_2)
{
  guint8 hash[SRUDP_SHA256_BYTES];

  srudp_sha256 (hash, packet->noise, packet->noise_size);
  for (guint i = 0; i < attempt->n_answers; i++)
    if (memcmp (attempt->answers[i]->message_2_hash, hash, sizeof hash) == 0)
      {
        attempt->probes_answered++;
        hear_answer (attempt, attempt->answers[i], local, now, path, packet);
        return SRUDP_ANSWER_REPEATED;
      }

  if (attempt->n_answers == SRUDP_MAX_ANSWERS)
    return SRUDP_ANSWER_LIMITED;
  if (!srudp_handshake_read_2 (&attempt->noise, packet->noise,
                               packet->noise_size, message, after_2))
    return SRUDP_ANSWER_FORGED;

  attempt->probes_answered++;

  return SRUDP_ANSWER_NEW;
}

gboolean
srudp_attempt_take_guess (SrudpAttempt                *attempt,
                          gint64                       now,
                          const SrudpPath             *path,
                          const SrudpHandshakeMessage *message)
{
  SrudpPassphrase *passphrase = attempt->secrets.passphrase;

  return passphrase == NULL || !message->fields.has_cpace ||
         srudp_guesses_take (srudp_passphrase_get_guesses (passphrase), now,
                             &path->remote);
}

void
srudp_attempt_give_back_guesses (SrudpAttempt               *attempt,
                                 gint64                      now,
                                 const SrudpHandshakeResult *peer)
{
  for (guint i = 0; i < attempt->n_answers; i++)
    {
      SrudpAnswer *answer = attempt->answers[i];

      if (!answer->guess_taken || !srudp_answer_is_from (answer, peer))
        continue;

      answer->guess_taken = FALSE;
      srudp_guesses_give_back (
        srudp_passphrase_get_guesses (attempt->secrets.passphrase), now);
    }
}

SrudpAnswer *
srudp_attempt_add_answer (SrudpAttempt                *attempt,
                          SrudpLocal                  *local,
                          gint64                       now,
                          const SrudpPath             *path,
                          const SrudpHandshakePacket  *packet,
                          const SrudpHandshakeMessage *message,
                          SrudpNoise                  *after_2)
{
  SrudpAnswer *answer = g_new0 (SrudpAnswer, 1);
  guint8 psk[SRUDP_PSK_BYTES];

  g_assert (attempt->n_answers < SRUDP_MAX_ANSWERS);

  srudp_sha256 (answer->message_2_hash, packet->noise, packet->noise_size);
  if (srudp_secrets_make_psk (&attempt->secrets, attempt->hello_hash,
                              &message->fields, answer->message_2_hash, psk))
    answer->message_3_size = srudp_handshake_write_3 (after_2, psk, &attempt->own,
                                                      answer->message_3);
  srudp_crypto_wipe (psk, sizeof psk);
  if (answer->message_3_size == 0)
    {
      srudp_noise_clear (after_2);
      g_free (answer);
      return NULL;
    }

  srudp_handshake_finish (after_2, &attempt->secrets, &attempt->own, message,
                          &answer->result);
  srudp_handshake_make_reject_secret (after_2, answer->message_3,
                                      answer->message_3_size,
                                      answer->reject_secret);
  srudp_noise_clear (after_2);

  answer->guess_taken = attempt->secrets.passphrase != NULL &&
                        message->fields.has_cpace;
  memcpy (answer->named, message->named, SRUDP_KEY_BYTES);
  answer->path = *path;
  answer->created_at = now;
  answer->due = now;
  answer->rtt_us = -1;
  hear_answer (attempt, answer, local, now, path, packet);
  attempt->answers[attempt->n_answers++] = answer;

  return answer;
}

void
srudp_attempt_remove_answer (SrudpAttempt *attempt,
                             SrudpAnswer  *answer)
{
  guint kept = 0;

  for (guint i = 0; i < attempt->n_answers; i++)
    if (attempt->answers[i] != answer)
      attempt->answers[kept++] = attempt->answers[i];

  g_assert (kept + 1 == attempt->n_answers);
  attempt->n_answers = kept;
  free_answer (answer);
}

gboolean
srudp_answer_is_from (const SrudpAnswer          *answer,
                      const SrudpHandshakeResult *peer)
{
  return memcmp (answer->result.peer_key, peer->peer_key, SRUDP_KEY_BYTES) == 0 &&
         memcmp (answer->result.remote_params.boot_id, peer->remote_params.boot_id,
                 SRUDP_BOOT_ID_BYTES) == 0;
}

gboolean
srudp_attempt_has_answer_from (const SrudpAttempt         *attempt,
                               const SrudpHandshakeResult *peer)
{
  for (guint i = 0; i < attempt->n_answers; i++)
    if (srudp_answer_is_from (attempt->answers[i], peer))
      return TRUE;

  return FALSE;
}

SrudpAnswer *
srudp_attempt_find_twin (const SrudpAttempt         *attempt,
                         const SrudpHandshakeResult *peer)
{
  for (guint i = 0; i < attempt->n_answers; i++)
    if (memcmp (attempt->answers[i]->result.peer_key, peer->peer_key,
                SRUDP_KEY_BYTES) == 0 &&
        !srudp_answer_is_from (attempt->answers[i], peer))
      return attempt->answers[i];

  return NULL;
}

gboolean
srudp_attempt_has_answer_naming (const SrudpAttempt         *attempt,
                                 const SrudpHandshakeResult *peer,
                                 const guint8                e[SRUDP_KEY_BYTES])
{
  for (guint i = 0; i < attempt->n_answers; i++)
    if (srudp_answer_is_from (attempt->answers[i], peer) &&
        memcmp (attempt->answers[i]->named, e, SRUDP_KEY_BYTES) == 0)
      return TRUE;

  return FALSE;
}

gboolean
srudp_attempt_only_answers_naming (const SrudpAttempt         *attempt,
                                   const SrudpHandshakeResult *peer,
                                   const guint8                e[SRUDP_KEY_BYTES])
{
  static const guint8 none[SRUDP_KEY_BYTES];

  for (guint i = 0; i < attempt->n_answers; i++)
    if (srudp_answer_is_from (attempt->answers[i], peer) &&
        memcmp (attempt->answers[i]->named, e, SRUDP_KEY_BYTES) != 0 &&
        memcmp (attempt->answers[i]->named, none, SRUDP_KEY_BYTES) != 0)
      return FALSE;

  return TRUE;
}

void
srudp_attempt_move_answers (SrudpAttempt               *attempt,
                            const SrudpHandshakeResult *peer,
                            const SrudpPath            *path,
                            gint64                      now)
{
  for (guint i = 0; i < attempt->n_answers; i++)
    {
      SrudpAnswer *answer = attempt->answers[i];

      if (!srudp_answer_is_from (answer, peer) ||
          (answer->path_proven && srudp_path_equal (&answer->path, path)))
        continue;

      answer->path = *path;
      answer->path_proven = TRUE;
      answer->due = now;
    }
}

void
srudp_attempt_hear (SrudpAttempt    *attempt,
                    gint64           now,
                    const SrudpPath *path)
{
  attempt->heard_at = now;
  srudp_candidates_hear (&attempt->candidates, now, path);
  srudp_spray_pause (&attempt->spray, now);
}

gboolean
srudp_attempt_take_cookie (SrudpAttempt       *attempt,
                           gint64              now,
                           const SrudpAddress *from,
                           const guint8       *data,
                           gsize               size)
{
  guint8 cookie[SRUDP_COOKIE_BYTES];

  if (!srudp_cookie_packet_open (data, size, attempt->hello_hash, cookie))
    return FALSE;

  if (srudp_cookie_jar_put (&attempt->cookies, now, from, cookie))
    srudp_candidates_hurry (&attempt->candidates, now, from);

  return TRUE;
}

/* -1 stands for never. */
static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a < 0)
    return b;

  return b < 0 ? a : MIN (a, b);
}

static gint64
get_spray_deadline (const SrudpAttempt *attempt)
{
  gint64 due = srudp_spray_get_deadline (&attempt->spray);

  return due >= 0 ? MAX (due, attempt->candidates.next_slot) : -1;
}

gint64
srudp_attempt_get_deadline (const SrudpAttempt *attempt)
{
  gint64 deadline
    = earlier (srudp_candidates_get_deadline (&attempt->candidates),
               get_spray_deadline (attempt));

  for (guint i = 0; i < attempt->n_answers; i++)
    deadline = earlier (deadline, attempt->answers[i]->due);

  return deadline;
}

static gsize
write_message_3 (SrudpAttempt *attempt,
                 SrudpAnswer  *answer,
                 SrudpLocal   *local,
                 gint64        now,
                 guint8        out[SRUDP_HANDSHAKE_MAX_BYTES])
{
  guint32 counter = srudp_sent_times_add (&attempt->sent, now);
  SrudpHandshakePacket packet = {
    .type = SRUDP_PACKET_MESSAGE_3,
    .destination_id = answer->result.remote_id,
    .echo = {
      .token = srudp_path_token_make (local->path_key, now,
                                      &answer->path.remote, counter),
      .counter = counter,
      .echo_token = answer->peer_token,
      .echo_counter = answer->peer_counter,
      .echo_delay_us = (guint32) MIN (now - answer->heard_at, G_MAXUINT32),
    },
    .noise = answer->message_3,
    .noise_size = answer->message_3_size,
  };

  answer->n_sent++;
  answer->due = -1;
  if (answer->path_proven)
    answer->due = now + srudp_probe_interval (now - answer->created_at,
                                              attempt->n_answers,
                                              srudp_local_random_u32 (local));

  return srudp_handshake_packet_write (&packet, out);
}

void
srudp_attempt_write_hello (SrudpAttempt       *attempt,
                           SrudpLocal         *local,
                           gint64              now,
                           const SrudpAddress *to,
                           guint8              out[SRUDP_HELLO_BYTES])
{
  SrudpHelloTrailer trailer = { 0 };

  trailer.counter = srudp_sent_times_add (&attempt->sent, now);
  trailer.token = srudp_path_token_make (local->path_key, now, to,
                                         trailer.counter);
  srudp_cookie_jar_get (&attempt->cookies, to, trailer.cookie);
  memcpy (out, attempt->hello, SRUDP_HELLO_CONSTANT_BYTES);
  srudp_hello_packet_set_trailer (out, &trailer);
  attempt->probes_sent++;
}

/* All that go out at this time, one at a time at the pace of an attempt: who
 * waits for longer is first. */
static gboolean
choose_probe (SrudpAttempt *attempt,
              SrudpLocal   *local,
              gint64        now,
              SrudpPath    *path)
{
  SrudpCandidates *candidates = &attempt->candidates;
  gint64 spray_due = srudp_spray_get_deadline (&attempt->spray);
  gint64 due = srudp_candidates_get_deadline (candidates);

  if (now < candidates->next_slot)
    return FALSE;

  if (spray_due >= 0 && (due < 0 || spray_due < due)
      && srudp_spray_next (&attempt->spray, now, path))
    {
      candidates->next_slot = now + SRUDP_PROBE_GAP_US;
      return TRUE;
    }

  return due >= 0 && due <= now
         && srudp_candidates_next (candidates, now,
                                   srudp_local_random_u32 (local),
                                   attempt->n_answers > 0, path);
}

/* What only opens our NAT for the peer need not get further than that. */
static guint8
choose_ttl (const SrudpAttempt *attempt,
            gint64              now,
            const SrudpPath    *path)
{
  if (attempt->heard_at >= 0)
    return 0;
  if (path->socket == 0 && now >= attempt->began_at + OPENERS_ALONE_US)
    return 0;

  return attempt->opener_ttl;
}

gsize
srudp_attempt_poll (SrudpAttempt *attempt,
                    SrudpLocal   *local,
                    gint64        now,
                    SrudpPath    *path,
                    guint8       *ttl,
                    guint8        out[SRUDP_HANDSHAKE_MAX_BYTES])
{
  *ttl = 0;
  for (guint i = 0; i < attempt->n_answers; i++)
    {
      SrudpAnswer *answer = attempt->answers[i];

      if (answer->due >= 0 && answer->due <= now)
        {
          *path = answer->path;
          return write_message_3 (attempt, answer, local, now, out);
        }
    }

  if (!choose_probe (attempt, local, now, path))
    return 0;

  *ttl = choose_ttl (attempt, now, path);
  srudp_attempt_write_hello (attempt, local, now, &path->remote, out);

  return SRUDP_HELLO_BYTES;
}
