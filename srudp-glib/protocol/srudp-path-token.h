/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-path-token.h: proof that somebody hears us at an address
 *
 * A token goes out with each handshake packet and comes back in the answer.
 * It needs no memory: it is an HMAC over the address it went to, the time and
 * the number of the packet, under a key of this endpoint alone. The local
 * address is left out: an answer may arrive on another than was asked from.
 */
#pragma once

#include "srudp-crypto.h"
#include "srudp-engine.h"

G_BEGIN_DECLS

/* A token holds for one to two slots. */
#define SRUDP_PATH_TOKEN_SLOT_US (8 * G_USEC_PER_SEC)

guint64  srudp_path_token_make  (const guint8        key[SRUDP_KEY_BYTES],
                                 gint64              now,
                                 const SrudpAddress *remote,
                                 guint32             counter);
gboolean srudp_path_token_check (const guint8        key[SRUDP_KEY_BYTES],
                                 gint64              now,
                                 const SrudpAddress *remote,
                                 guint32             counter,
                                 guint64             token);

G_END_DECLS
