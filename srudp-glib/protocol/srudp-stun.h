/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stun.h: asking a server by which address it sees us (RFC 8489)
 *
 * Binding requests and the responses to them, without credentials. Which
 * request a response belongs to is up to the caller: it compares transaction
 * ids, and where the response came from.
 */
#pragma once

#include "srudp-address.h"

G_BEGIN_DECLS

/* RFC 8489, section 5 */
#define SRUDP_STUN_TRANSACTION_ID_BYTES 12
/* The header and FINGERPRINT. */
#define SRUDP_STUN_REQUEST_BYTES 28
#define SRUDP_STUN_MAX_UNKNOWN 8

typedef struct
{
  guint8 transaction_id[SRUDP_STUN_TRANSACTION_ID_BYTES];
  guint error_code;     /* 300 … 699; 0: success */
  SrudpAddress mapped;  /* ours, as the server sees it; set on success */
  SrudpAddress origin;  /* RFC 5780: where the server answers from, or unset */
  SrudpAddress other;   /* RFC 5780: another address of the server's, or unset */
  guint16 unknown[SRUDP_STUN_MAX_UNKNOWN]; /* what the server didn't know */
  guint n_unknown;
} SrudpStunResponse;

/* Whether a datagram looks like STUN: on a port that is shared with others. */
gboolean srudp_stun_is_message     (const guint8      *data,
                                    gsize              size);
void     srudp_stun_write_request  (guint8             out[SRUDP_STUN_REQUEST_BYTES],
                                    const guint8      *transaction_id);
/* FALSE for what is no response, is damaged, or can't be understood; then
 * `response` is as it was. */
gboolean srudp_stun_parse_response (const guint8      *data,
                                    gsize              size,
                                    SrudpStunResponse *response);

G_END_DECLS
