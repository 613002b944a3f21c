/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-params.h: what each side tells the other in the handshake
 *
 * A list of (id, length, value) with varint ids and lengths, as in RFC 9000,
 * section 18. Unknown ids are ignored, so that peers may try new ones at any
 * time; a known one that appears twice, or says something absurd, spoils the
 * list.
 */
#pragma once

#include "srudp-reader.h"
#include "srudp-writer.h"

G_BEGIN_DECLS

#define SRUDP_BOOT_ID_BYTES 16

/* Bits of `ciphers`: what this CPU can do; ChaCha20-Poly1305 everybody can. */
#define SRUDP_CIPHER_BIT_CHACHA20_POLY1305 (1u << 0)
#define SRUDP_CIPHER_BIT_AES_256_GCM (1u << 1)

/* Bits of `features`. */
#define SRUDP_FEATURE_DATAGRAM (1u << 0)
#define SRUDP_FEATURE_ACK_FREQUENCY (1u << 1)
#define SRUDP_FEATURE_REKEY (1u << 2)
#define SRUDP_FEATURE_OBSERVED_ADDRESS (1u << 3)

/* Limits for the frames that the *sender* of the list receives. */
typedef struct
{
  guint64 initial_max_data;
  guint64 initial_max_stream_data;
  guint64 initial_max_streams;
  gint64 idle_timeout_us;   /* 0 = none; sent in whole milliseconds */
  gint64 max_ack_delay_us;
  guint max_udp_payload_bytes;
  guint max_datagram_bytes; /* payload of a DATAGRAM frame; 0 = none taken */
  guint active_connection_id_limit;
  guint32 ciphers;
  guint32 features;
  guint8 boot_id[SRUDP_BOOT_ID_BYTES];
} SrudpTransportParams;

/* What an absent entry stands for. */
void     srudp_transport_params_init  (SrudpTransportParams       *params);

/* A non-zero `grease` adds one entry that no version knows, different for
 * different values. FALSE: does not fit, and nothing is written. */
gboolean srudp_transport_params_write (SrudpWriter                *writer,
                                       const SrudpTransportParams *params,
                                       guint32                     grease);
/* Just such an entry: others ignore what they don't know, and will still do
 * so when it is meant (RFC 8701). */
#define SRUDP_GREASE_MAX_BYTES (8 + 1 + 3)
void     srudp_transport_params_write_grease (SrudpWriter          *writer,
                                              guint32               grease);
/* Reads to the end of the reader. FALSE: malformed; `params` is unchanged. */
gboolean srudp_transport_params_parse (SrudpReader                *reader,
                                       SrudpTransportParams       *params);

G_END_DECLS
