/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-flood-guard.h: who may have a HELLO answered while there are too many
 *
 * An answer costs four multiplications on the curve, so HELLOs are counted: for
 * each address (an IPv6 /64 is one) and in all. Beyond the limits their senders
 * are asked to come again with a cookie, which shows that they are where they
 * say; whoever has one is counted among such alone. The cookie needs no memory:
 * it is an HMAC over the address and the time.
 */
#pragma once

#include "srudp-hello.h"

G_BEGIN_DECLS

/* HELLOs a second that are answered without a question. */
#define SRUDP_HELLOS_PER_ADDRESS 20
#define SRUDP_HELLOS_IN_ALL 200
/* And with a cookie. */
#define SRUDP_COOKIES_PER_ADDRESS 100
#define SRUDP_COOKIES_IN_ALL 1000
/* A cookie holds in its slot and the next. */
#define SRUDP_COOKIE_SLOT_US (30 * G_USEC_PER_SEC)
/* Addresses share these, by a keyed hash: whom one doesn't know one can't keep
 * out. */
#define SRUDP_FLOOD_CELLS 512

typedef enum
{
  SRUDP_FLOOD_ADMIT = 0,
  SRUDP_FLOOD_ASK,  /* send a cookie */
  SRUDP_FLOOD_DROP,
} SrudpFloodVerdict;

/* A rate, with room for one second's worth at once. Times are when the next
 * one would be due if all had come evenly. */
typedef struct
{
  guint8 key[SRUDP_KEY_BYTES];
  guint per_address, in_all; /* without a cookie, a second; 0: always ask */
  gint64 addresses[SRUDP_FLOOD_CELLS], all;
  gint64 proven_addresses[SRUDP_FLOOD_CELLS], all_proven;
} SrudpFloodGuard;

SrudpFloodGuard  *srudp_flood_guard_new   (const guint8        key[SRUDP_KEY_BYTES]);
void              srudp_flood_guard_free  (SrudpFloodGuard    *guard);
void              srudp_flood_guard_set_limits (SrudpFloodGuard *guard,
                                                guint            per_address,
                                                guint            in_all);
SrudpFloodVerdict srudp_flood_guard_judge (SrudpFloodGuard    *guard,
                                           gint64              now,
                                           const SrudpAddress *from,
                                           const guint8        cookie[SRUDP_COOKIE_BYTES]);
void              srudp_flood_guard_make_cookie (const SrudpFloodGuard *guard,
                                                 gint64                 now,
                                                 const SrudpAddress    *to,
                                                 guint8                 cookie[SRUDP_COOKIE_BYTES]);

G_END_DECLS
