/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cookie.h: COOKIE, "come again with this", and who has got some
 *
 * Only who saw the HELLO can read the COOKIE that answers it. A wrong one does
 * no harm: whoever sends it is asked again.
 */
#pragma once

#include "srudp-handshake-packet.h"
#include "srudp-hello.h"

G_BEGIN_DECLS

#define SRUDP_COOKIE_PACKET_BYTES \
  (1 + 8 + SRUDP_AEAD_NONCE_BYTES + SRUDP_COOKIE_BYTES + SRUDP_AEAD_TAG_BYTES)

/* `nonce` is random: one HELLO may get several. */
void     srudp_cookie_packet_write (guint8       out[SRUDP_COOKIE_PACKET_BYTES],
                                    guint64      destination_id,
                                    const guint8 hello_hash[SRUDP_SHA256_BYTES],
                                    const guint8 nonce[SRUDP_AEAD_NONCE_BYTES],
                                    const guint8 cookie[SRUDP_COOKIE_BYTES]);
/* FALSE: malformed, or for another HELLO. */
gboolean srudp_cookie_packet_open  (const guint8 *data,
                                    gsize         size,
                                    const guint8  hello_hash[SRUDP_SHA256_BYTES],
                                    guint8        cookie[SRUDP_COOKIE_BYTES]);

/* Those that one HELLO was given, by whom: the newest few. */
#define SRUDP_COOKIES_KEPT 8
typedef struct
{
  struct
  {
    SrudpAddress from;
    guint8 cookie[SRUDP_COOKIE_BYTES];
    gint64 since; /* when the first of a row of them came */
  } items[SRUDP_COOKIES_KEPT];
  guint n_items, next;
} SrudpCookieJar;

/* All zero is an empty one. Returns whether to come again at once: not more
 * than once a second to each. */
gboolean srudp_cookie_jar_put (SrudpCookieJar     *jar,
                               gint64              now,
                               const SrudpAddress *from,
                               const guint8        cookie[SRUDP_COOKIE_BYTES]);
/* All zero if there is none. */
void     srudp_cookie_jar_get (const SrudpCookieJar *jar,
                               const SrudpAddress   *to,
                               guint8                cookie[SRUDP_COOKIE_BYTES]);

G_END_DECLS
