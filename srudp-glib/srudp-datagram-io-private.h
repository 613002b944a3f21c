/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-datagram-io-private.h: batches of datagrams over a GDatagramBased
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Segments of one flight. */
#define SRUDP_IO_MAX_SEGMENTS 64

typedef struct _SrudpDatagramIo SrudpDatagramIo;

typedef struct
{
  void (*received)    (gpointer            user_data,
                       const SrudpPath    *path,
                       SrudpEcn            ecn,
                       guint8             *data,
                       gsize               size);
  void (*unreachable) (gpointer            user_data,
                       const SrudpAddress *remote);
  /* Nothing leaves from the chosen address: it may no longer be ours. */
  void (*local_lost)  (gpointer            user_data);
} SrudpDatagramIoFuncs;

/* A socket that nobody else made is read past GIO, where the system can. */
SrudpDatagramIo *srudp_datagram_io_new         (GDatagramBased             *transport,
                                                gboolean                    own_socket,
                                                const SrudpDatagramIoFuncs *funcs,
                                                gpointer                    user_data);
void             srudp_datagram_io_free        (SrudpDatagramIo            *self);

/* Of an extra socket: what arrives is said to have come by it. */
void             srudp_datagram_io_set_number  (SrudpDatagramIo            *self,
                                                guint16                     number);
GDatagramBased  *srudp_datagram_io_get_transport (SrudpDatagramIo          *self);

/* One bounded batch. FALSE: nothing more is there. */
gboolean         srudp_datagram_io_receive     (SrudpDatagramIo            *self);
/* Receiving has failed for a while, by something else than want of datagrams:
 * there is no point in going on at once. */
gboolean         srudp_datagram_io_is_failing  (SrudpDatagramIo            *self);

/* Where the next flight goes; SRUDP_MAX_UDP_PAYLOAD long. */
guint8          *srudp_datagram_io_get_buffer  (SrudpDatagramIo            *self);
/* Sends the flight in the buffer. FALSE: the transport takes no more now; the
 * rest of the flight is kept, call srudp_datagram_io_resume() later. */
gboolean         srudp_datagram_io_send        (SrudpDatagramIo            *self,
                                                const SrudpTransmit        *transmit);
gboolean         srudp_datagram_io_resume      (SrudpDatagramIo            *self);

/* FALSE: nothing that is sent there can ever arrive. */
gboolean         srudp_datagram_io_can_reach   (SrudpDatagramIo            *self,
                                                const SrudpAddress         *address);
/* What is sent there comes back here. */
gboolean         srudp_datagram_io_is_own      (SrudpDatagramIo            *self,
                                                const SrudpAddress         *address);
gboolean         srudp_datagram_io_enter       (SrudpDatagramIo            *self,
                                                GSocketAddress             *address,
                                                SrudpAddress               *out);
/* For applications (transfer full). */
GSocketAddress  *srudp_datagram_io_lookup      (SrudpDatagramIo            *self,
                                                const SrudpAddress         *address);
/* The same for an address on this side, with the port of the transport. */
GSocketAddress  *srudp_datagram_io_lookup_local (SrudpDatagramIo           *self,
                                                const SrudpAddress         *address);

G_END_DECLS
