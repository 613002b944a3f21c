/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-noise.h: the handshake Noise_XXpsk3_25519_ChaChaPoly_SHA256
 *
 *   -> e
 *   <- e, ee, s, es
 *   -> s, se, psk
 *
 * Noise Protocol Framework, revision 34. The state is a plain struct that may
 * be copied: to answer several messages from one state, copy it first and
 * clear each copy. Each call works on a copy of its own and commits it only on
 * success, so a bad message leaves the state as it was.
 *
 * The payload of message 1 is encrypted under a key that anyone can compute.
 */
#pragma once

#include "srudp-crypto.h"

G_BEGIN_DECLS

#define SRUDP_NOISE_PSK_BYTES 32

/* Bytes of each message beside its payload. */
#define SRUDP_NOISE_MESSAGE_1_OVERHEAD (32 + 16)
#define SRUDP_NOISE_MESSAGE_2_OVERHEAD (32 + 32 + 16 + 16)
#define SRUDP_NOISE_MESSAGE_3_OVERHEAD (32 + 16 + 16)

typedef enum
{
  SRUDP_NOISE_STEP_MESSAGE_1 = 0,
  SRUDP_NOISE_STEP_MESSAGE_2,
  SRUDP_NOISE_STEP_MESSAGE_3,
  SRUDP_NOISE_STEP_PAYLOAD_3, /* responder: peer_static known, payload not */
  SRUDP_NOISE_STEP_DONE,
} SrudpNoiseStep;

/* Read freely, change only through the functions. */
typedef struct
{
  gboolean initiator;
  SrudpNoiseStep step; /* what comes next */
  guint8 hash[SRUDP_SHA256_BYTES]; /* once DONE: the handshake hash */
  guint8 chaining_key[SRUDP_SHA256_BYTES];
  guint8 key[SRUDP_AEAD_KEY_BYTES];
  guint64 nonce;
  guint8 static_secret[SRUDP_X25519_BYTES];
  guint8 static_public[SRUDP_X25519_BYTES];
  guint8 ephemeral_secret[SRUDP_X25519_BYTES];
  guint8 ephemeral_public[SRUDP_X25519_BYTES];
  guint8 peer_static[SRUDP_X25519_BYTES]; /* after message 2, or the first half of 3 */
  guint8 peer_ephemeral[SRUDP_X25519_BYTES]; /* after the peer's first message */
  /* The chaining key before the psk is mixed in: what both sides share even if
   * their psk differs. After message 3, or the first half of it. */
  guint8 early_key[SRUDP_SHA256_BYTES];
} SrudpNoise;

void srudp_noise_init  (SrudpNoise   *noise,
                        gboolean      initiator,
                        gconstpointer prologue,
                        gsize         prologue_size,
                        const guint8  static_secret[SRUDP_X25519_BYTES],
                        const guint8  static_public[SRUDP_X25519_BYTES]);
void srudp_noise_clear (SrudpNoise   *noise);

/* 32 fresh random bytes, before the first message is written. Afterwards
 * ephemeral_public is valid. Never the same in two handshakes. */
void srudp_noise_set_ephemeral (SrudpNoise  *noise,
                                const guint8 secret[SRUDP_X25519_BYTES]);

/* `message` has room for the payload and the overhead of that message, and
 * gets exactly that many bytes. FALSE: the peer's key is of low order. */
void     srudp_noise_write_message_1 (SrudpNoise   *noise,
                                      const guint8 *payload,
                                      gsize         payload_size,
                                      guint8       *message);
gboolean srudp_noise_write_message_2 (SrudpNoise   *noise,
                                      const guint8 *payload,
                                      gsize         payload_size,
                                      guint8       *message) G_GNUC_WARN_UNUSED_RESULT;
gboolean srudp_noise_write_message_3 (SrudpNoise   *noise,
                                      const guint8  psk[SRUDP_NOISE_PSK_BYTES],
                                      const guint8 *payload,
                                      gsize         payload_size,
                                      guint8       *message) G_GNUC_WARN_UNUSED_RESULT;

/* `payload` has room for message_size less the overhead, and gets exactly that
 * many bytes. FALSE: too short or not authentic; `payload` is untouched. */
gboolean srudp_noise_read_message_1 (SrudpNoise   *noise,
                                     const guint8 *message,
                                     gsize         message_size,
                                     guint8       *payload) G_GNUC_WARN_UNUSED_RESULT;
gboolean srudp_noise_read_message_2 (SrudpNoise   *noise,
                                     const guint8 *message,
                                     gsize         message_size,
                                     guint8       *payload) G_GNUC_WARN_UNUSED_RESULT;

/* Message 3 is read in two halves, on a copy: the first tells who the peer
 * claims to be (peer_static), which decides the psk; only the second proves
 * it. When the second fails the state after the first is of no more use. */
gboolean srudp_noise_read_message_3_static  (SrudpNoise   *noise,
                                             const guint8 *message,
                                             gsize         message_size)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean srudp_noise_read_message_3_payload (SrudpNoise   *noise,
                                             const guint8  psk[SRUDP_NOISE_PSK_BYTES],
                                             const guint8 *message,
                                             gsize         message_size,
                                             guint8       *payload)
  G_GNUC_WARN_UNUSED_RESULT;

/* The two secrets of the finished handshake, for srudp_packet_keys_new(). */
void srudp_noise_split (const SrudpNoise *noise,
                        guint8            initiator_to_responder[SRUDP_SHA256_BYTES],
                        guint8            responder_to_initiator[SRUDP_SHA256_BYTES]);

G_END_DECLS
