/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-udp-reader-private.h: datagrams straight from a UDP socket
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"

#include <sys/socket.h>

G_BEGIN_DECLS

/* At most, of one call to the kernel. */
#define SRUDP_UDP_READER_BATCH 32
/* A UDP payload of either family, and whatever the kernel joins. */
#define SRUDP_UDP_READER_BYTES 65536

typedef struct
{
  SrudpPath path;
  SrudpEcn ecn;
  guint8 *data;
  gsize size;
  gsize segment; /* datagrams of so many bytes, joined; 0: just one */
} SrudpArrival;

/* Reads as GSocket does, into memory of its own that is used again and again,
 * and makes no object of what comes with each datagram: under a flood those
 * cost several times as much as the packets themselves. */
typedef struct _SrudpUdpReader SrudpUdpReader;

/* NULL: there is no such way on this system. */
SrudpUdpReader *srudp_udp_reader_new     (void);
void            srudp_udp_reader_free    (SrudpUdpReader *self);

/* One batch, without waiting. How many came; -1: none, errno says why. */
int             srudp_udp_reader_receive (SrudpUdpReader *self,
                                          int             fd);
/* One of them, good until the next batch; its path.socket is 0. FALSE: it
 * can't be understood, for something of it is missing. */
gboolean        srudp_udp_reader_get     (SrudpUdpReader *self,
                                          guint           i,
                                          SrudpArrival   *arrival);

/* The same of any message that recvmsg() has filled in. */
gboolean        srudp_arrival_parse      (struct msghdr  *message,
                                          gsize           size,
                                          SrudpArrival   *arrival);

G_END_DECLS
