/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-handshake-packet.h: the outside of handshake packets
 *
 * The first byte tells packets apart: 0x00–0x3F is never ours (STUN lives
 * there), 0x40–0x7F is a transport packet, the types below are the handshake.
 * All but HELLO carry the destination's connection id right after it, where
 * transport packets have theirs too.
 */
#pragma once

#include "srudp-crypto.h"
#include "srudp-engine.h"

G_BEGIN_DECLS

typedef enum
{
  SRUDP_PACKET_HELLO = 0xC1,     /* Noise message 1 */
  SRUDP_PACKET_MESSAGE_2 = 0xC2,
  SRUDP_PACKET_MESSAGE_3 = 0xC3,
  SRUDP_PACKET_COOKIE = 0xC4,
  SRUDP_PACKET_REJECT = 0xC5,
} SrudpPacketType;

/* Constant in Noise: versions are fields, so that a mismatch can be told. */
#define SRUDP_PROLOGUE "srudp wire 1"

/* No answer to a HELLO may be longer than the HELLO. */
#define SRUDP_HANDSHAKE_MAX_BYTES 400
/* Type, connection id, path echo. */
#define SRUDP_HANDSHAKE_HEADER_BYTES (1 + 8 + 28)
#define SRUDP_HANDSHAKE_MAX_NOISE_BYTES \
  (SRUDP_HANDSHAKE_MAX_BYTES - SRUDP_HANDSHAKE_HEADER_BYTES)
#define SRUDP_REJECT_BYTES (1 + 8 + 1 + SRUDP_AEAD_TAG_BYTES)

/* What proves a path and measures it. It lies outside Noise, because it
 * differs in each repetition: a token and a number for the receiver to echo,
 * and the echo of what it sent last. */
typedef struct
{
  guint64 token;
  guint32 counter;
  guint64 echo_token;
  guint32 echo_counter;
  guint32 echo_delay_us; /* between hearing that and sending this */
} SrudpPathEcho;

/* Message 2 or 3, seen from outside. */
typedef struct
{
  SrudpPacketType type;
  guint64 destination_id;
  SrudpPathEcho echo;
  const guint8 *noise;
  gsize noise_size;
} SrudpHandshakePacket;

/* Returns the bytes written: the header's and `noise_size`. */
gsize    srudp_handshake_packet_write (const SrudpHandshakePacket *packet,
                                       guint8                      out[SRUDP_HANDSHAKE_MAX_BYTES]);
gboolean srudp_handshake_packet_parse (SrudpHandshakePacket *packet,
                                       const guint8         *data,
                                       gsize                 size);

/* The connection id of any packet that has one. */
gboolean srudp_packet_get_destination (const guint8 *data,
                                       gsize         size,
                                       guint64      *id);

/* A refusal that only the other end of the same handshake can have made:
 * sealed under a key from the responder's direction secret. The reason NONE
 * ends this handshake alone: the next HELLO is answered anew. */
void     srudp_reject_write (guint8       out[SRUDP_REJECT_BYTES],
                             guint64      destination_id,
                             const guint8 secret[SRUDP_SHA256_BYTES],
                             SrudpReason  reason);
/* FALSE: malformed, or not sealed with this secret. */
gboolean srudp_reject_open  (const guint8 *data,
                             gsize         size,
                             const guint8  secret[SRUDP_SHA256_BYTES],
                             SrudpReason  *reason);

G_END_DECLS
