/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-spare-sockets-private.h: the extra sockets of an endpoint
 *
 * Behind some NATs a port that a peer can reach is found by chance, from many
 * sockets at once. Each is opened when it is first sent from, and closed when
 * the engine has no more use for it.
 */
#pragma once

#include "srudp-glib/srudp-datagram-io-private.h"

G_BEGIN_DECLS

typedef struct _SrudpSpareSockets SrudpSpareSockets;

typedef void (*SrudpSpareFunc) (gpointer user_data);

/* NULL: a transport that there can't be more of. `funcs` are called with
 * `user_data` for each datagram, and `received` after some of them. */
SrudpSpareSockets *srudp_spare_sockets_new    (GDatagramBased             *transport,
                                               GMainContext               *context,
                                               const SrudpDatagramIoFuncs *funcs,
                                               SrudpSpareFunc              received,
                                               gpointer                    user_data);
void               srudp_spare_sockets_free   (SrudpSpareSockets *self);
/* Opens it if need be; NULL: the system has no more. */
SrudpDatagramIo   *srudp_spare_sockets_get    (SrudpSpareSockets *self,
                                               guint16            number);
/* Its SrudpDatagramIo, or NULL if it isn't open. */
SrudpDatagramIo   *srudp_spare_sockets_lookup (SrudpSpareSockets *self,
                                               guint16            number);
/* 0: it isn't open. */
guint16            srudp_spare_sockets_get_port (SrudpSpareSockets *self,
                                                 guint16            number);
void               srudp_spare_sockets_close  (SrudpSpareSockets *self,
                                               guint16            number);

G_END_DECLS
