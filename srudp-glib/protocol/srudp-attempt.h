/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-attempt.h: a waiting open, as initiator
 *
 * An attempt has one HELLO for all its life, which it repeats to all of its
 * candidates. Each peer that answers with an authentic message 2 gets message
 * 3, up to four different answers at a time; the first whose keys open a
 * transport packet is the session. The others are then wiped.
 */
#pragma once

#include "srudp-candidates.h"
#include "srudp-cookie.h"
#include "srudp-handshake-packet.h"
#include "srudp-local.h"
#include "srudp-spray.h"

G_BEGIN_DECLS

#define SRUDP_MAX_ANSWERS 4
/* When these many packets were sent is remembered, to measure the RTT. */
#define SRUDP_SENT_TIMES 256

typedef struct
{
  gint64 times[SRUDP_SENT_TIMES];
  guint32 next_counter; /* from 1 */
} SrudpSentTimes;

/* Returns the number to send. */
guint32 srudp_sent_times_add (SrudpSentTimes      *sent,
                              gint64               now);
/* The round trip that ends now, less the peer's delay; -1: not known. */
gint64  srudp_sent_times_rtt (const SrudpSentTimes *sent,
                              gint64                now,
                              guint32               counter,
                              gint64                delay_us);

/* A message 2 that was accepted, and the message 3 for it. */
typedef struct
{
  guint8 message_2_hash[SRUDP_SHA256_BYTES];
  guint8 named[SRUDP_KEY_BYTES]; /* the peer's own waiting open; zero: none */
  SrudpHandshakeResult result;
  guint8 reject_secret[SRUDP_SHA256_BYTES];
  gboolean guess_taken; /* it may be somebody's try at our passphrase */
  guint8 message_3[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];
  gsize message_3_size;
  SrudpPath path;
  gboolean path_proven; /* our token came back from there */
  guint64 peer_token;   /* the newest, to be echoed, */
  guint32 peer_counter;
  gint64 heard_at;      /* and when it came */
  gint64 created_at, due;
  guint n_sent;
  gint64 rtt_us; /* -1: not known */
  gpointer transport; /* SrudpTransport; for the owner of the attempt */
} SrudpAnswer;

typedef struct
{
  SrudpNoise noise; /* message 1 is written */
  guint8 hello[SRUDP_HELLO_BYTES];
  SrudpHandshakeMessage own; /* for message 3; its fields are HELLO's */
  gboolean pinned;
  guint8 expected_peer[SRUDP_KEY_BYTES];
  guint8 tag_key[SRUDP_KEY_BYTES]; /* when pinned */
  gboolean has_tag_key;            /* FALSE: a key nobody can have */
  SrudpSecrets secrets;
  guint8 hello_hash[SRUDP_SHA256_BYTES];
  SrudpCandidates candidates;
  SrudpSpray spray;
  gint64 began_at;           /* 0 until the owner says */
  gint64 heard_at;           /* -1: nothing yet */
  gint64 rivalled_at;        /* a smaller HELLO of the peer came; -1: none */
  guint8 opener_ttl;         /* 0: the system's own */
  SrudpAnswer *answers[SRUDP_MAX_ANSWERS];
  guint n_answers;
  SrudpCookieJar cookies;
  SrudpSentTimes sent;
  guint64 probes_sent, probes_answered;
  SrudpReason hint; /* what to tell if nobody answers at all */
  /* The last process that was to prove that it is not one of the past. */
  guint8 asked_boot_id[SRUDP_BOOT_ID_BYTES];
  gint64 asked_at;
} SrudpAttempt;

typedef enum
{
  SRUDP_ANSWER_NEW = 0,
  SRUDP_ANSWER_REPEATED, /* known; its path and token were renewed */
  SRUDP_ANSWER_LIMITED,
  SRUDP_ANSWER_FORGED,
} SrudpAnswerResult;

/* `expected_peer`, `passphrase` and `invitation` may be NULL. */
SrudpAttempt *srudp_attempt_new  (SrudpLocal      *local,
                                  const guint8    *expected_peer,
                                  SrudpPassphrase *passphrase,
                                  const guint8    *invitation,
                                  guint64          connection_id,
                                  gint64           idle_timeout_us);
/* Wipes all secrets. The transports in the answers must be gone. */
void          srudp_attempt_free (SrudpAttempt *attempt);

const guint8 *srudp_attempt_get_ephemeral (const SrudpAttempt *attempt);

/* Of two HELLOs of two peers for each other one becomes the connection: the one
 * that proves an invitation; if both do or none, that with the larger key. */
gboolean srudp_attempt_outranks (const SrudpAttempt *attempt,
                                 gboolean            is_invited,
                                 const guint8        e[SRUDP_KEY_BYTES]);
/* The peer insists though its HELLO is the smaller one: it seems to have
 * forgotten our invitation. Whether to yield to it all the same. */
gboolean srudp_attempt_is_stale (SrudpAttempt       *attempt,
                                 gint64              now,
                                 gboolean            is_invited);
/* Whether a HELLO proves that its sender expects us and is whom we expect. */
gboolean srudp_attempt_verify_tag (const SrudpAttempt *attempt,
                                   const SrudpHello   *hello,
                                   const guint8        e[SRUDP_KEY_BYTES]);

/* Reads a message 2, changing nothing but a known answer's path and token.
 * NEW: the two outputs are set; judge them, then add the answer. */
SrudpAnswerResult srudp_attempt_read_answer (SrudpAttempt               *attempt,
                                             SrudpLocal                 *local,
                                             gint64                      now,
                                             const SrudpPath            *path,
                                             const SrudpHandshakePacket *packet,
                                             SrudpHandshakeMessage      *message,
                                             SrudpNoise                 *after_2);
/* What this answer would tell a stranger about our passphrase may be told now;
 * TRUE also if there is nothing to tell. To be asked before it is added. */
gboolean          srudp_attempt_take_guess (SrudpAttempt                *attempt,
                                            gint64                       now,
                                            const SrudpPath             *path,
                                            const SrudpHandshakeMessage *message);
/* This peer knows it. */
void              srudp_attempt_give_back_guesses (SrudpAttempt               *attempt,
                                                   gint64                      now,
                                                   const SrudpHandshakeResult *peer);
/* NULL: the peer's key or share is good for nothing. Consumes the Noise
 * state. */
SrudpAnswer      *srudp_attempt_add_answer  (SrudpAttempt                *attempt,
                                             SrudpLocal                  *local,
                                             gint64                       now,
                                             const SrudpPath             *path,
                                             const SrudpHandshakePacket  *packet,
                                             const SrudpHandshakeMessage *message,
                                             SrudpNoise                  *after_2);
void              srudp_attempt_remove_answer (SrudpAttempt *attempt,
                                               SrudpAnswer  *answer);

/* A peer is one process: a key and a boot id. What an earlier process of the
 * same identity answered binds nobody any more. */
gboolean srudp_answer_is_from (const SrudpAnswer          *answer,
                               const SrudpHandshakeResult *peer);
gboolean srudp_attempt_has_answer_from   (const SrudpAttempt         *attempt,
                                          const SrudpHandshakeResult *peer);
/* The answer of another process with the key of this peer, or NULL. */
SrudpAnswer *srudp_attempt_find_twin (const SrudpAttempt         *attempt,
                                      const SrudpHandshakeResult *peer);
/* Some answer of this peer belongs to its open `e`. */
gboolean srudp_attempt_has_answer_naming (const SrudpAttempt         *attempt,
                                          const SrudpHandshakeResult *peer,
                                          const guint8                e[SRUDP_KEY_BYTES]);
/* No answer of this peer belongs to another of its opens than `e`: it names
 * that, or none. */
gboolean srudp_attempt_only_answers_naming (const SrudpAttempt         *attempt,
                                            const SrudpHandshakeResult *peer,
                                            const guint8                e[SRUDP_KEY_BYTES]);

/* The peer has shown that it is there now: what waits for it goes there. */
void     srudp_attempt_move_answers      (SrudpAttempt               *attempt,
                                          const SrudpHandshakeResult *peer,
                                          const SrudpPath            *path,
                                          gint64                      now);

/* Something came along this path that seems to be from the peer. */
void     srudp_attempt_hear         (SrudpAttempt       *attempt,
                                     gint64              now,
                                     const SrudpPath    *path);

/* Somebody is busy, and asks for HELLO once more with a cookie. FALSE: it is not
 * for this HELLO. */
gboolean srudp_attempt_take_cookie  (SrudpAttempt       *attempt,
                                     gint64              now,
                                     const SrudpAddress *from,
                                     const guint8       *data,
                                     gsize               size);

gint64   srudp_attempt_get_deadline (const SrudpAttempt *attempt);
/* The next packet that is due, HELLO or message 3; 0: none. */
gsize    srudp_attempt_poll         (SrudpAttempt       *attempt,
                                     SrudpLocal         *local,
                                     gint64              now,
                                     SrudpPath          *path,
                                     guint8             *ttl,
                                     guint8              out[SRUDP_HANDSHAKE_MAX_BYTES]);
/* Out of turn: to an address a HELLO just came from. */
void     srudp_attempt_write_hello  (SrudpAttempt       *attempt,
                                     SrudpLocal         *local,
                                     gint64              now,
                                     const SrudpAddress *to,
                                     guint8              out[SRUDP_HELLO_BYTES]);

G_END_DECLS
