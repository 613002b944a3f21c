/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-hello.h: HELLO, the packet that opens
 *
 * HELLO is Noise message 1 with what negotiation needs to know. Everybody can
 * read it, so nothing in it is secret, and nothing in it is believed before
 * the handshake has authenticated it. All but its trailer stays the same for
 * a whole attempt: repeating it is free, and two copies mean one thing.
 */
#pragma once

#include "srudp-crypto.h"
#include "srudp-engine.h"
#include "srudp-transport-params.h"

G_BEGIN_DECLS

/* Exactly: an answer of up to the same size amplifies nothing. */
#define SRUDP_HELLO_BYTES 400
#define SRUDP_HELLO_TRAILER_BYTES (8 + 4 + 16)
#define SRUDP_HELLO_CONSTANT_BYTES (SRUDP_HELLO_BYTES - SRUDP_HELLO_TRAILER_BYTES)
/* Type and the length of the Noise message. */
#define SRUDP_HELLO_NOISE_OFFSET 3
#define SRUDP_HELLO_MAX_NOISE_BYTES \
  (SRUDP_HELLO_CONSTANT_BYTES - SRUDP_HELLO_NOISE_OFFSET)

#define SRUDP_WIRE_VERSION 1
#define SRUDP_APPLICATION_BYTES 16
#define SRUDP_TAG_BYTES 16
#define SRUDP_COOKIE_BYTES 16
#define SRUDP_SAS_BYTES 32
#define SRUDP_CPACE_BYTES 32

/* What both sides say of themselves: in HELLO in clear, in messages 2 and 3
 * under authentication. Only authenticated copies decide. */
typedef struct
{
  guint8 version_min, version_max;
  guint8 application[SRUDP_APPLICATION_BYTES]; /* SHA-256, zero: none */
  guint64 connection_id;                       /* packets to us bear it */
  guint8 ciphers;                              /* SrudpCipher bits */
  guint8 sas_commitment[SRUDP_SAS_BYTES];      /* srudp-short-code.h; zero: none */
  gboolean has_cpace;                          /* a passphrase is set */
  guint8 cpace_share[SRUDP_CPACE_BYTES];
  guint32 grease; /* not 0: an entry nobody knows is written with them */
} SrudpHelloFields;

typedef enum
{
  SRUDP_TAG_PEER = 1,       /* key: X25519 of own and expected static keys */
  SRUDP_TAG_INVITATION = 2, /* key: the invitation's secret */
} SrudpTagType;

/* The payload of Noise message 1. */
typedef struct
{
  guint8 peer_tag[SRUDP_TAG_BYTES];       /* random when unused */
  guint8 invitation_tag[SRUDP_TAG_BYTES]; /* random when unused */
  SrudpHelloFields fields;
  const guint8 *tagged; /* the bytes both tags cover */
  gsize tagged_size;
} SrudpHello;

/* What may differ from one repetition to the next. */
typedef struct
{
  guint64 token; /* srudp-path-token.h */
  guint32 counter;
  guint8 cookie[SRUDP_COOKIE_BYTES]; /* zero: none */
} SrudpHelloTrailer;

#define SRUDP_HELLO_FIELDS_MAX_BYTES \
  (2 + SRUDP_APPLICATION_BYTES + 8 + 1 + SRUDP_SAS_BYTES + 1 + SRUDP_CPACE_BYTES)
#define SRUDP_HELLO_PAYLOAD_MAX_BYTES \
  (2 * SRUDP_TAG_BYTES + SRUDP_HELLO_FIELDS_MAX_BYTES + SRUDP_GREASE_MAX_BYTES)

void     srudp_hello_fields_init  (SrudpHelloFields *fields,
                                   const char       *application_protocol,
                                   guint64           connection_id);
void     srudp_hello_fields_write (SrudpWriter            *writer,
                                   const SrudpHelloFields *fields);
gboolean srudp_hello_fields_parse (SrudpReader      *reader,
                                   SrudpHelloFields *fields);

/* The highest version both speak; 0: none. */
guint       srudp_hello_fields_choose_version (const SrudpHelloFields *a,
                                               const SrudpHelloFields *b);
SrudpCipher srudp_hello_fields_choose_cipher  (const SrudpHelloFields *a,
                                               const SrudpHelloFields *b);
gboolean    srudp_hello_fields_same_application (const SrudpHelloFields *a,
                                                 const SrudpHelloFields *b);

/* Reads the tags and the fields; the tags go out as they are. */
gsize    srudp_hello_payload_write (const SrudpHello *hello,
                                    guint8            out[SRUDP_HELLO_PAYLOAD_MAX_BYTES]);
/* FALSE: malformed. What `hello` points to lies in `payload`. */
gboolean srudp_hello_payload_parse (SrudpHello   *hello,
                                    const guint8 *payload,
                                    gsize         size);
void     srudp_hello_make_tag      (guint8        tag[SRUDP_TAG_BYTES],
                                    SrudpTagType  type,
                                    const guint8  key[SRUDP_KEY_BYTES],
                                    const guint8  e[SRUDP_KEY_BYTES],
                                    const guint8 *tagged,
                                    gsize         tagged_size);

/* The datagram: the constant part from a Noise message, and its trailer. */
void     srudp_hello_packet_init  (guint8        packet[SRUDP_HELLO_BYTES],
                                   const guint8 *noise,
                                   gsize         noise_size);
void     srudp_hello_packet_set_trailer (guint8                   packet[SRUDP_HELLO_BYTES],
                                         const SrudpHelloTrailer *trailer);
/* FALSE: not exactly a HELLO. `noise` lies in `data`. */
gboolean srudp_hello_packet_parse (const guint8       *data,
                                   gsize               size,
                                   const guint8      **noise,
                                   gsize              *noise_size,
                                   SrudpHelloTrailer  *trailer);
/* Of the constant part: which HELLO it is. */
void     srudp_hello_packet_hash  (const guint8 packet[SRUDP_HELLO_BYTES],
                                   guint8       hash[SRUDP_SHA256_BYTES]);

G_END_DECLS
