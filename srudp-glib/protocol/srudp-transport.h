/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport.h: one secured connection, after its handshake
 *
 * Packets, recovery, congestion and flow control, streams and datagrams over
 * keys that are already agreed. It knows nothing of the handshake that made
 * them: srudp-session.c creates one when a handshake is done.
 */
#pragma once

#include "srudp-engine.h"
#include "srudp-packet-keys.h"
#include "srudp-transport-params.h"

G_BEGIN_DECLS

typedef struct _SrudpTransport SrudpTransport;

typedef struct
{
  gboolean initiator;           /* of the Noise handshake: opens even streams */
  SrudpPacketKeys *send_keys;   /* taken over, see srudp-packet-keys.h */
  SrudpPacketKeys *receive_keys;
  guint64 local_id, remote_id;  /* connection ids: theirs to us, ours to them */
  SrudpPath path;
  SrudpTransportParams local_params, remote_params;
  gint64 first_rtt_us;          /* -1: unknown */
  gint64 idle_timeout_us, keepalive_us;
  SrudpRandomFunc random;
  gpointer random_data;
} SrudpTransportConfig;

SrudpTransport *srudp_transport_new  (const SrudpTransportConfig *config,
                                      gint64                      now);
void            srudp_transport_free (SrudpTransport             *transport);

typedef enum
{
  SRUDP_RECEIVE_OK = 0,
  SRUDP_RECEIVE_FORGED,   /* did not authenticate: nothing changed */
  SRUDP_RECEIVE_REPLAYED, /* authentic, seen before: nothing changed */
  SRUDP_RECEIVE_MALFORMED,/* too short to be one */
} SrudpReceiveResult;

SrudpReceiveResult srudp_transport_receive (SrudpTransport  *transport,
                                            gint64           now,
                                            const SrudpPath *path,
                                            SrudpEcn         ecn,
                                            guint8          *packet,
                                            gsize            size);
gint64   srudp_transport_get_deadline  (SrudpTransport *transport);
void     srudp_transport_advance       (SrudpTransport *transport,
                                        gint64          now);
/* Same contract as srudp_engine_poll_transmit(). */
gsize    srudp_transport_poll_transmit (SrudpTransport *transport,
                                        gint64          now,
                                        SrudpTransmit  *transmit,
                                        guint8         *buffer,
                                        gsize           capacity,
                                        guint           max_segments);
/* STATE events (ESTABLISHED ⇄ UNREACHABLE, CLOSING, CLOSED with .reason) and
 * all stream, path and datagram events; .session is left NULL. */
gboolean srudp_transport_poll_event    (SrudpTransport *transport,
                                        SrudpEvent     *event);

/* The responder sends HANDSHAKE_DONE, repeated until acknowledged. */
void     srudp_transport_send_handshake_done (SrudpTransport *transport);

/* The stream, datagram, close, stats and path calls of srudp-engine.h are
 * forwarded here one to one: srudp_session_write() calls
 * srudp_transport_write() and so on, with the same parameters and meaning. */

G_END_DECLS
