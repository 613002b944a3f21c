/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-handshake.h: what the three Noise messages carry
 *
 * Functions over Noise states, without any packet or table. A state passed as
 * const stays as it is, so a bad message costs nothing but its time.
 */
#pragma once

#include "srudp-hello.h"
#include "srudp-noise.h"
#include "srudp-secrets.h"
#include "srudp-short-code.h"
#include "srudp-transport-params.h"

G_BEGIN_DECLS

/* X25519, with its public half. */
typedef struct
{
  guint8 secret[SRUDP_KEY_BYTES];
  guint8 public_key[SRUDP_KEY_BYTES];
} SrudpKeyPair;

/* What both sides say under authentication, in messages 2 and 3. */
typedef struct
{
  SrudpHelloFields fields; /* authenticated copy of the sender's own */
  /* Message 2 only: the ephemeral key in the HELLO of the responder's own
   * waiting open for this peer; zero: none waits. */
  guint8 named[SRUDP_KEY_BYTES];
  SrudpTransportParams params;
} SrudpHandshakeMessage;

/* The agreement. Wipe it after use. */
typedef struct
{
  gboolean initiator;
  guint8 peer_key[SRUDP_KEY_BYTES];
  guint8 binding[SRUDP_KEY_BYTES]; /* the handshake hash */
  guint8 send_secret[SRUDP_SHA256_BYTES];
  guint8 receive_secret[SRUDP_SHA256_BYTES];
  SrudpCipher cipher;
  guint64 local_id, remote_id;
  SrudpTransportParams local_params, remote_params;
  SrudpShortCode short_code;
} SrudpHandshakeResult;

/* NONE, or why the two can't talk: VERSION, APPLICATION_PROTOCOL, or
 * PASSPHRASE if only one of them has one. */
SrudpReason srudp_handshake_negotiate (const SrudpHelloFields *own,
                                       const SrudpHelloFields *peer);

/* The initiator. Returns the bytes of message 1; `hello` needs its tags and
 * fields. A key is NULL when there is no peer expected, no invitation used:
 * then that tag must be random already. */
gsize    srudp_handshake_write_1 (SrudpNoise         *noise,
                                  const SrudpKeyPair *own,
                                  const guint8        ephemeral_secret[SRUDP_KEY_BYTES],
                                  SrudpHello         *hello,
                                  const guint8       *peer_key,
                                  const guint8       *invitation,
                                  guint8              out[SRUDP_HELLO_MAX_NOISE_BYTES]);
gboolean srudp_handshake_read_2  (const SrudpNoise      *after_1,
                                  const guint8          *data,
                                  gsize                  size,
                                  SrudpHandshakeMessage *message,
                                  SrudpNoise            *after_2);
/* 0: the peer's key is of low order. `out` has room for a whole packet. */
gsize    srudp_handshake_write_3 (SrudpNoise                  *noise,
                                  const guint8                 psk[SRUDP_PSK_BYTES],
                                  const SrudpHandshakeMessage *own,
                                  guint8                      *out);

/* The responder. What `hello` points to lies in `payload`. */
gboolean srudp_handshake_read_1  (SrudpNoise         *after_1,
                                  const SrudpKeyPair *own,
                                  const guint8       *data,
                                  gsize               size,
                                  SrudpHello         *hello,
                                  guint8              payload[SRUDP_HELLO_MAX_NOISE_BYTES]);
gsize    srudp_handshake_write_2 (SrudpNoise                  *noise,
                                  const guint8                 ephemeral_secret[SRUDP_KEY_BYTES],
                                  const SrudpHandshakeMessage *own,
                                  guint8                      *out);
/* In two halves: the first tells who claims to have sent it, the second whether
 * that is so and whether the psk is the same. */
gboolean srudp_handshake_read_3_identity (const SrudpNoise *after_2,
                                          const guint8     *data,
                                          gsize             size,
                                          SrudpNoise       *identified);
gboolean srudp_handshake_read_3  (const SrudpNoise      *identified,
                                  const guint8           psk[SRUDP_PSK_BYTES],
                                  const guint8          *data,
                                  gsize                  size,
                                  SrudpHandshakeMessage *message,
                                  SrudpNoise            *after_3);

/* Seals REJECT, from the moment that message 3 names its sender, whether the
 * psk is the same or not. It is of this very message: should somebody spoil a
 * copy of it on its way, the refusal of that is not one of the original. */
void     srudp_handshake_make_reject_secret (const SrudpNoise *noise,
                                             const guint8     *message_3,
                                             gsize             size,
                                             guint8            secret[SRUDP_SHA256_BYTES]);
/* Of a finished Noise state. */
void     srudp_handshake_finish  (const SrudpNoise            *noise,
                                  const SrudpSecrets          *secrets,
                                  const SrudpHandshakeMessage *own,
                                  const SrudpHandshakeMessage *peer,
                                  SrudpHandshakeResult        *result);

G_END_DECLS
