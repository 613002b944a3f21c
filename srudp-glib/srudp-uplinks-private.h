/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-uplinks-private.h: how others see us through the networks not in use
 *
 * A computer with Wi-Fi and a modem uses one of them. When that is gone, a peer
 * behind a strict NAT lets nothing in that comes from the other, unless it has
 * been told before where that would be. So a STUN server is asked that, too.
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"
#include "srudp-glib/protocol/srudp-stun-client.h"

G_BEGIN_DECLS

typedef struct _SrudpUplinks SrudpUplinks;

SrudpUplinks *srudp_uplinks_new     (void);
void          srudp_uplinks_free    (SrudpUplinks       *self);

/* Looks which there are, and asks through each of them. `port` is our own. */
void          srudp_uplinks_ask     (SrudpUplinks       *self,
                                     gint64              now,
                                     const SrudpAddress *server,
                                     guint16             port);
/* No more. */
void          srudp_uplinks_forget  (SrudpUplinks       *self);
/* The public addresses that are known: how many. */
guint         srudp_uplinks_get     (SrudpUplinks       *self,
                                     SrudpAddress       *out,
                                     guint               n_out);

/* Part of the worker's loop. TRUE: a public address has changed. */
gboolean      srudp_uplinks_advance (SrudpUplinks       *self,
                                     gint64              now);
gboolean      srudp_uplinks_receive (SrudpUplinks       *self,
                                     gint64              now,
                                     const SrudpAddress *from,
                                     const guint8       *data,
                                     gsize               size);
gboolean      srudp_uplinks_poll_transmit (SrudpUplinks *self,
                                           gint64        now,
                                           SrudpPath    *path,
                                           guint8        out[SRUDP_STUN_REQUEST_BYTES]);
/* -1: never. */
gint64        srudp_uplinks_get_deadline (SrudpUplinks  *self);

G_END_DECLS
