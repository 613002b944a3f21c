/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-short-code.h: a few symbols that two people can compare aloud
 *
 * A short authentication string, as ZRTP has one (RFC 6189, section 4.3).
 * Each side draws a nonce for each handshake and commits to it by a hash,
 * before it knows the other's. Once the connection is confirmed both reveal
 * them, and the code is a hash of the handshake and both: whoever sits in the
 * middle of two handshakes can't choose his nonces so that their codes agree.
 */
#pragma once

#include "srudp-crypto.h"
#include "srudp-engine.h"
#include "srudp-hello.h"

G_BEGIN_DECLS

/* Of one side of one connection. Plain bytes, to be cleared. */
typedef struct
{
  gboolean initiator;
  guint8 binding[SRUDP_KEY_BYTES];    /* the handshake hash */
  guint8 commitment[SRUDP_SAS_BYTES]; /* the peer's; zero: it made none */
  guint8 own[SRUDP_SAS_BYTES];        /* our nonce, until it is of no use */
  gboolean is_revealed;               /* the peer has got it */
  gboolean is_known;
  guint8 symbols[SRUDP_SHORT_CODE_SYMBOLS];
} SrudpShortCode;

/* What is told of a nonce in HELLO and in message 2. */
void     srudp_short_code_commit   (guint8       commitment[SRUDP_SAS_BYTES],
                                    const guint8 nonce[SRUDP_SAS_BYTES]);
void     srudp_short_code_init     (SrudpShortCode *self,
                                    gboolean        initiator,
                                    const guint8    binding[SRUDP_KEY_BYTES],
                                    const guint8    nonce[SRUDP_SAS_BYTES],
                                    const guint8    commitment[SRUDP_SAS_BYTES]);
void     srudp_short_code_clear    (SrudpShortCode *self);
/* The peer takes part: an older one does not. */
gboolean srudp_short_code_is_wanted (const SrudpShortCode *self);
/* The peer reveals its nonce. FALSE: not the one it has committed to. The same
 * one may come again. */
gboolean srudp_short_code_take     (SrudpShortCode *self,
                                    const guint8    nonce[SRUDP_SAS_BYTES])
  G_GNUC_WARN_UNUSED_RESULT;
/* The peer has our nonce. */
void     srudp_short_code_set_revealed (SrudpShortCode *self);

G_END_DECLS
