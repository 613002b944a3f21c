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

#include "srudp-congestion.h"
#include "srudp-engine.h"
#include "srudp-packet-keys.h"
#include "srudp-short-code.h"
#include "srudp-trace.h"
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
  guint64 max_receive_window;   /* at least what the parameters begin with */
  const SrudpCongestionClass *controller; /* NULL: the default */
  guint64 key_update_packets;      /* of a phase; 0: the default, 2^20 */
  gint64 key_exchange_interval_us; /* active time; 0: the default, 2 min */
  SrudpFirstNumbers first;
  const SrudpShortCode *short_code; /* copied; NULL: none */
  GString *key_log; /* not owned; NULL: off */
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
/* There is an event, or a connection id to be made or forgotten. */
gboolean srudp_transport_has_news      (SrudpTransport *transport);
/* STATE events (ESTABLISHED ⇄ UNREACHABLE, CLOSING, CLOSED with .reason) and
 * all stream, path and datagram events; .session is left NULL. It starts in
 * ESTABLISHED without an event for it. */
gboolean srudp_transport_poll_event    (SrudpTransport *transport,
                                        SrudpEvent     *event);

/* ESTABLISHED, UNREACHABLE, CLOSING or CLOSED. */
SrudpState  srudp_transport_get_state  (SrudpTransport *transport);
SrudpReason srudp_transport_get_reason (SrudpTransport *transport);
/* The peer's words in its CLOSE, made valid UTF-8; possibly empty. */
const char *srudp_transport_get_reason_text (SrudpTransport *transport);
/* CLOSED, and done answering late packets: nothing is left to do but free it.
 * Until then it must still be fed and polled. */
gboolean    srudp_transport_is_drained (SrudpTransport *transport);
/* CLOSED here first, and the peer is not known to have heard. */
gboolean    srudp_transport_is_draining (SrudpTransport *transport);
/* CLOSED by the peer, and it was answered once: only a lost answer is left to
 * be said again, to a side that gives up by itself. */
gboolean    srudp_transport_has_answered_close (SrudpTransport *transport);
/* When the newest authentic packet came; the time of creation at first. */
gint64      srudp_transport_get_last_heard (SrudpTransport *transport);
/* The probe timeout of now (RFC 9002, section 6.2.1), without backoff. */
gint64      srudp_transport_get_pto    (SrudpTransport *transport);

/* What happens from now on is recorded there; it must live as long. */
void     srudp_transport_set_trace     (SrudpTransport *transport,
                                        SrudpTrace     *trace);
/* The same, and says how the connection begins. */
void     srudp_transport_start_trace   (SrudpTransport *transport,
                                        SrudpTrace     *trace);

/* The responder sends HANDSHAKE_DONE, repeated until acknowledged. */
void     srudp_transport_send_handshake_done (SrudpTransport *transport);
/* The handshake is confirmed, and the application knows of the connection: the
 * peer gets our nonce, until it acknowledges it. Once that is so, and its own
 * is here, SHORT_CODE tells. */
void     srudp_transport_reveal        (SrudpTransport *transport);
gboolean srudp_transport_get_short_code (SrudpTransport *transport,
                                         guint8          out[SRUDP_SHORT_CODE_SYMBOLS]);
/* Sends something the peer must acknowledge, to see whether it lives. */
void     srudp_transport_ping          (SrudpTransport *transport,
                                        gint64          now);
/* Like abort, for another reason. The peer is told of REFUSED, PROTOCOL and
 * KEYS_EXHAUSTED as such, of IDLE_TIMEOUT and PEER_RESTARTED not at all, of
 * any other reason as an abort. */
void     srudp_transport_fail          (SrudpTransport *transport,
                                        gint64          now,
                                        SrudpReason     reason);

/* The rest is what srudp-engine.h documents for srudp_session_write() and so
 * on, with the same parameters and meaning. */
void     srudp_transport_set_timeouts  (SrudpTransport *transport,
                                        gint64          now,
                                        gint64          idle_timeout_us,
                                        gint64          keepalive_us);
void     srudp_transport_set_max_window (SrudpTransport *transport,
                                         guint64         n_bytes);
void     srudp_transport_get_path      (SrudpTransport *transport,
                                        SrudpPath      *out);
/* Where we can be reached: the peer is told, and better paths are sought.
 * `port` is that of our socket. */
void     srudp_transport_set_addresses (SrudpTransport     *transport,
                                        gint64              now,
                                        guint16             port,
                                        const SrudpAddress *addresses,
                                        gsize               n_addresses);
gboolean srudp_transport_get_observed  (SrudpTransport     *transport,
                                        SrudpAddress       *out);
/* The peer may also be there: asked when its path is silent. */
void     srudp_transport_add_candidate (SrudpTransport     *transport,
                                        gint64              now,
                                        const SrudpAddress *address);
gboolean srudp_transport_migrate       (SrudpTransport     *transport,
                                        gint64              now,
                                        const SrudpAddress *local);
void     srudp_transport_on_network_change (SrudpTransport *transport,
                                            gint64          now);
/* The mapping in use will end soon: a new socket is wanted, to be tried as the
 * next path. Its port is told when it is known. */
gboolean srudp_transport_pop_socket_wish (SrudpTransport *transport);
void     srudp_transport_try_socket    (SrudpTransport *transport,
                                        gint64          now,
                                        guint16         socket);
void     srudp_transport_set_socket_port (SrudpTransport *transport,
                                          gint64          now,
                                          guint16         socket,
                                          guint16         port);
/* It is no longer there. */
void     srudp_transport_give_up_socket (SrudpTransport *transport,
                                         guint16         socket);
void     srudp_transport_expect_end    (SrudpTransport *transport,
                                        gint64          now,
                                        gint64          end);
/* Connection ids are unique among all transports of a port, so their owner
 * makes them: add one whenever more are wanted, and stop giving packets for
 * those that are retired to this transport. */
gboolean srudp_transport_wants_id      (SrudpTransport *transport);
void     srudp_transport_add_id        (SrudpTransport *transport,
                                        guint64         id);
gboolean srudp_transport_pop_retired_id (SrudpTransport *transport,
                                         guint64        *id);
void     srudp_transport_hint_unreachable (SrudpTransport *transport,
                                           gint64          now);
/* The peer still repeats its handshake, from there. While nothing else was
 * heard of it, it may have moved and hear nothing of us. */
void     srudp_transport_hint_path     (SrudpTransport  *transport,
                                        gint64           now,
                                        const SrudpPath *path,
                                        gsize            size);

gboolean srudp_transport_open_stream   (SrudpTransport *transport,
                                        guint64        *stream_id);
gboolean srudp_transport_write         (SrudpTransport *transport,
                                        gint64          now,
                                        guint64         stream_id,
                                        SrudpSlice     *slice);
gsize    srudp_transport_get_write_capacity (SrudpTransport *transport,
                                             guint64         stream_id);
void     srudp_transport_finish        (SrudpTransport *transport,
                                        gint64          now,
                                        guint64         stream_id);
void     srudp_transport_reset_stream  (SrudpTransport *transport,
                                        gint64          now,
                                        guint64         stream_id,
                                        guint64         code);
void     srudp_transport_set_stream_priority (SrudpTransport *transport,
                                              guint64         stream_id,
                                              guint           priority);
gboolean srudp_transport_read          (SrudpTransport *transport,
                                        guint64         stream_id,
                                        SrudpSlice     *slice);
void     srudp_transport_consume       (SrudpTransport *transport,
                                        gint64          now,
                                        guint64         stream_id,
                                        gsize           n_bytes);
SrudpReadState srudp_transport_get_read_state (SrudpTransport *transport,
                                               guint64         stream_id);
void     srudp_transport_stop_reading  (SrudpTransport *transport,
                                        gint64          now,
                                        guint64         stream_id,
                                        guint64         code);
guint64  srudp_transport_get_written_offset (SrudpTransport *transport,
                                             guint64         stream_id);
guint64  srudp_transport_get_acked_offset (SrudpTransport *transport,
                                           guint64         stream_id);
void     srudp_transport_watch_delivered (SrudpTransport *transport,
                                          guint64         stream_id,
                                          guint64         offset);

gsize    srudp_transport_get_max_datagram_size (SrudpTransport *transport);
gboolean srudp_transport_send_datagram (SrudpTransport *transport,
                                        gint64          now,
                                        const guint8   *data,
                                        gsize           size);

/* FALSE: it is not open, or too many wait. */
gboolean srudp_transport_introduce     (SrudpTransport          *transport,
                                        gint64                   now,
                                        const SrudpIntroduction *introduction);

void     srudp_transport_close         (SrudpTransport *transport,
                                        gint64          now);
void     srudp_transport_abort         (SrudpTransport *transport,
                                        gint64          now);
/* Fills in all but the members about opening, which stay as they are. */
void     srudp_transport_get_stats     (SrudpTransport    *transport,
                                        SrudpSessionStats *out);

G_END_DECLS
