/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine.h: the only door to the protocol engine
 *
 * The engine is sans-I/O: it owns no socket, no clock and no thread, and it
 * calls nothing but the random function of its configuration. Whoever drives
 * it does, in one thread and in this order:
 *
 *  1. srudp_engine_receive() for each datagram that arrived,
 *  2. srudp_engine_advance() when the deadline has passed,
 *  3. any operation (open, write, read, close …),
 *  4. srudp_engine_poll_event() until it returns FALSE,
 *  5. srudp_engine_poll_transmit() until it returns 0, sending what it gives,
 *  6. srudp_engine_get_deadline(), and sleep until then or the next datagram.
 *
 * Every `now` is a monotonic time in microseconds and never goes back (an
 * earlier one counts as the latest seen). A deadline of -1 means never: it is
 * what g_source_set_ready_time() takes.
 */
#pragma once

#include "srudp-address.h"
#include "srudp-chunk.h"
#include "srudp-introduction.h"

G_BEGIN_DECLS

#define SRUDP_KEY_BYTES 32
#define SRUDP_CONNECTION_ID_BYTES 8
/* A UDP payload is never longer (65,535 - 20 - 8). */
#define SRUDP_MAX_UDP_PAYLOAD 65507
/* Stream 0 is the connection's own. */
#define SRUDP_MAIN_STREAM 0

typedef struct _SrudpEngine SrudpEngine;   /* one UDP port */
typedef struct _SrudpSession SrudpSession; /* one connection of it */

/* Values equal those of the public SrudpConnectionState. */
typedef enum
{
  SRUDP_STATE_NEW = 0,
  SRUDP_STATE_RESOLVING, /* used above the engine only */
  SRUDP_STATE_WAITING,   /* nothing heard from the peer yet */
  SRUDP_STATE_PUNCHING,  /* heard, no path agreed yet */
  SRUDP_STATE_SECURING,  /* keys agreed, not yet confirmed */
  SRUDP_STATE_ESTABLISHED,
  SRUDP_STATE_UNREACHABLE, /* established but silent */
  SRUDP_STATE_CLOSING,     /* delivering what is left */
  SRUDP_STATE_CLOSED,
} SrudpState;
#define SRUDP_N_STATES (SRUDP_STATE_CLOSED + 1)

/* Why a session is CLOSED, or why a handshake failed. */
typedef enum
{
  SRUDP_REASON_NONE = 0,      /* orderly, both sides are done */
  SRUDP_REASON_PEER_CLOSED,   /* the peer closed in order */
  SRUDP_REASON_ABORTED,       /* srudp_session_abort() here */
  SRUDP_REASON_PEER_ABORTED,  /* CLOSE with an error code from the peer */
  SRUDP_REASON_OPEN_TIMEOUT,  /* no session within the open timeout */
  SRUDP_REASON_IDLE_TIMEOUT,  /* peer silent for the idle timeout */
  SRUDP_REASON_LINGER_TIMEOUT,/* closing, not everything was acknowledged */
  SRUDP_REASON_REFUSED,       /* authenticated refusal: peer does not accept */
  SRUDP_REASON_PEER_IDENTITY, /* only other keys answered */
  SRUDP_REASON_PASSPHRASE,
  SRUDP_REASON_APPLICATION_PROTOCOL,
  SRUDP_REASON_VERSION,
  SRUDP_REASON_PROTOCOL,      /* the peer broke the protocol */
  SRUDP_REASON_PEER_RESTARTED,/* same identity, new process */
  SRUDP_REASON_OWN_IDENTITY,  /* the expected peer is this endpoint */
  SRUDP_REASON_ENDPOINT_CLOSED,
  SRUDP_REASON_KEYS_EXHAUSTED,/* AEAD limits reached */
  SRUDP_REASON_INVITATION,    /* the peer does not know its secret (any more) */
} SrudpReason;

/* ECN codepoints (RFC 3168): the two low bits of TOS or traffic class. */
typedef enum
{
  SRUDP_ECN_NOT_ECT = 0,
  SRUDP_ECN_ECT1 = 1,
  SRUDP_ECN_ECT0 = 2,
  SRUDP_ECN_CE = 3,
} SrudpEcn;

typedef void (*SrudpRandomFunc) (gpointer user_data,
                                 guint8  *out,
                                 gsize    n_bytes);

typedef struct
{
  guint8 static_secret[SRUDP_KEY_BYTES]; /* X25519, copied */
  SrudpRandomFunc random;                /* required: the engine has no other */
  gpointer random_data;
} SrudpEngineConfig;

/* One flight for one send call: size bytes in the caller's buffer, in
 * segments of segment_size (the last may be shorter), all along one path. */
typedef struct
{
  SrudpPath path;
  gsize size;
  gsize segment_size;
  SrudpEcn ecn;
  guint8 ttl; /* 0: the system's own */
} SrudpTransmit;

typedef enum
{
  SRUDP_EVENT_NONE = 0,
  SRUDP_EVENT_INCOMING,         /* session: established inbound, unclaimed */
  SRUDP_EVENT_STATE,            /* session: entered .state (each step, in order) */
  SRUDP_EVENT_PATH,             /* session: its addresses changed */
  SRUDP_EVENT_DATAGRAM_SIZE,    /* session: the largest datagram has changed */
  SRUDP_EVENT_STREAM_OPENED,    /* session, stream_id: the peer opened a stream */
  SRUDP_EVENT_STREAMS_AVAILABLE,/* session: after an open_stream() that was
                                 * refused, the peer allows more */
  SRUDP_EVENT_READABLE,         /* session, stream_id: bytes, EOF or reset now */
  SRUDP_EVENT_WRITABLE,         /* session, stream_id: write capacity is back */
  SRUDP_EVENT_WRITE_STOPPED,    /* session, stream_id: STOP_SENDING, .code */
  SRUDP_EVENT_DELIVERED,        /* session, stream_id: the watched offset is acked */
  SRUDP_EVENT_DATAGRAM,         /* session, .datagram: receiver owns it */
  SRUDP_EVENT_DRAINED,          /* session: no longer draining, see there */
  SRUDP_EVENT_INTRODUCTION,     /* session, .datagram: a SrudpIntroduction in
                                 * it; receiver owns it */
  SRUDP_EVENT_SHORT_CODE,       /* session: it is known now */
  SRUDP_EVENT_HANDSHAKE_FAILED, /* .address, .reason: no session came of it */
} SrudpEventType;

typedef struct
{
  SrudpEventType type;
  SrudpSession *session;
  SrudpState state;
  SrudpReason reason;
  guint64 stream_id;
  guint64 code;
  GBytes *datagram;
  SrudpAddress address;
} SrudpEvent;

/* How far to go for a peer behind a NAT that gives each of its peers another
 * port. */
typedef struct
{
  /* Extra sockets the driver can open: each one when it is first sent from,
   * until srudp_engine_poll_idle_socket() names it. 0: none. */
  guint max_sockets;
  guint max_probes;  /* to ports such a NAT may have chosen; 0: none */
  guint8 opener_ttl; /* of the first packets of an open; 0: as of all others */
  /* Extra sockets can be opened for connections whose mapping will end. */
  gboolean second_paths;
} SrudpPunching;
#define SRUDP_MAX_SPRAY_SOCKETS 256
#define SRUDP_MAX_SPRAY_PROBES 2048

/* What was dropped, and what was spent on strangers. */
typedef struct
{
  guint64 datagrams_received;
  guint64 datagrams_sent;
  guint64 dropped_junk;          /* not ours, malformed, wrong size */
  guint64 dropped_unknown_id;    /* no such connection id */
  guint64 dropped_forged;        /* authentication failed */
  guint64 dropped_replayed;
  guint64 dropped_reflected;     /* our own packets, sent back */
  guint64 dropped_not_accepting; /* a stranger, and nobody accepts */
  guint64 dropped_limited;       /* over a rate or table limit */
} SrudpEngineCounters;

SrudpEngine *srudp_engine_new            (const SrudpEngineConfig *config,
                                          gint64                   now);
void         srudp_engine_free           (SrudpEngine             *engine);
void         srudp_engine_get_public_key (SrudpEngine             *engine,
                                          guint8                   out[SRUDP_KEY_BYTES]);
void         srudp_engine_get_counters   (SrudpEngine             *engine,
                                          SrudpEngineCounters     *out);

/* Both ends of a connection name the same; NULL matches only NULL. */
void         srudp_engine_set_application_protocol (SrudpEngine *engine,
                                                    const char  *protocol);
void         srudp_engine_set_accepting  (SrudpEngine             *engine,
                                          gboolean                 accepting);
/* Unclaimed inbound sessions allowed at once; 16 at the start. */
void         srudp_engine_set_backlog    (SrudpEngine             *engine,
                                          guint                    backlog);
/* Once one peer is allowed, other keys are refused before ESTABLISHED. */
void         srudp_engine_allow_peer     (SrudpEngine             *engine,
                                          const guint8             key[SRUDP_KEY_BYTES]);
void         srudp_engine_forget_peer    (SrudpEngine             *engine,
                                          const guint8             key[SRUDP_KEY_BYTES]);
/* For inbound sessions that begin later: the peer must know the same. Bytes as
 * they are, not kept; NULL: none. */
void         srudp_engine_set_passphrase (SrudpEngine             *engine,
                                          gconstpointer            passphrase,
                                          gsize                    size);
/* Whoever proves to know this secret is answered, accepting or not, until that
 * time of day (-1: for ever); then the secret is wiped. The newest 64 are
 * kept. One that is added again has another end from then on. */
void         srudp_engine_add_invitation (SrudpEngine             *engine,
                                          const guint8             secret[SRUDP_KEY_BYTES],
                                          gint64                   expires_at);
void         srudp_engine_remove_invitation (SrudpEngine          *engine,
                                             const guint8          secret[SRUDP_KEY_BYTES]);
/* What time of day it is now, in microseconds since some day: that invitations
 * are over, which others made, is said by it. To be told again whenever it may
 * have gone another way than `now`: after sleep, or when somebody set it. */
void         srudp_engine_set_time_of_day (SrudpEngine            *engine,
                                           gint64                  now,
                                           gint64                  time_of_day);
/* Whether this key would be let in. */
gboolean     srudp_engine_allows         (SrudpEngine             *engine,
                                          const guint8             key[SRUDP_KEY_BYTES]);
/* Defaults for inbound sessions; 0 keepalive is off. */
void         srudp_engine_set_timeouts   (SrudpEngine             *engine,
                                          gint64                   idle_timeout_us,
                                          gint64                   keepalive_us);
/* For handshakes that begin later: "chacha20-poly1305" offers that alone,
 * "aes-256-gcm" both (a peer or processor without AES is still met). FALSE:
 * there is none of this name. */
gboolean     srudp_engine_set_cipher     (SrudpEngine             *engine,
                                          const char              *name);
/* What one session may hold of bytes nobody has read yet: its receive windows
 * grow up to that. For sessions that begin later; 16 MiB at the start. */
void         srudp_engine_set_max_window (SrudpEngine             *engine,
                                          guint64                  n_bytes);
/* What is known of this machine's NAT, for the family of facts->address: how
 * to guess, and whether it is worth while. NULL from get: nothing is. */
void         srudp_engine_set_nat        (SrudpEngine             *engine,
                                          const SrudpNatFacts     *facts);
const SrudpNatFacts *
             srudp_engine_get_nat        (SrudpEngine             *engine,
                                          SrudpFamily              family);
/* For sessions that begin later: a key update after so many packets of one
 * phase (2^20), a fresh Diffie-Hellman exchange after so much active time (two
 * minutes). 0 is the default: other values are of use to tests. */
void         srudp_engine_set_key_limits (SrudpEngine             *engine,
                                          guint64                  update_packets,
                                          gint64                   exchange_interval_us);
/* Where the numbers of a connection begin: all 0, but in tests of what happens
 * at their ends, and then alike on both sides. */
typedef struct
{
  guint64 packet;    /* packet numbers */
  guint64 offset;    /* of each stream, and the sums of flow control */
  guint64 n_streams; /* that each side has opened and closed already */
  guint64 key_phase; /* phases, and exchanges but for one */
} SrudpFirstNumbers;
void         srudp_engine_set_first_numbers (SrudpEngine             *engine,
                                             const SrudpFirstNumbers *first);
/* HELLOs that are answered without asking for a cookie, a second: from one
 * address (20) and in all (200); with 0 each sender is asked. Other values are of
 * use to tests. */
void         srudp_engine_set_hello_limits (SrudpEngine           *engine,
                                            guint                  per_address,
                                            guint                  in_all);
/* For sessions that begin later, by name ("cubic", "cubic-tolerant"). FALSE:
 * there is none of this name. */
gboolean     srudp_engine_set_congestion_controller (SrudpEngine  *engine,
                                                     const char   *name);

/* For opens that begin later; all zero at the start. */
void         srudp_engine_set_punching   (SrudpEngine             *engine,
                                          const SrudpPunching     *punching);
/* Nobody needs this extra socket any more: close it. FALSE: no other. */
gboolean     srudp_engine_poll_idle_socket (SrudpEngine           *engine,
                                            guint16               *socket);
/* An extra socket has just been opened, with that port. */
void         srudp_engine_set_socket_port (SrudpEngine            *engine,
                                           gint64                  now,
                                           guint16                 socket,
                                           guint16                 port);
/* The mapping of the endpoint's own socket, by IPv4, will end then; -1: it will
 * not. */
void         srudp_engine_expect_mapping_end (SrudpEngine         *engine,
                                              gint64               now,
                                              gint64               end);

/* Where this endpoint can be reached, as far as it knows: peers are told once
 * connected, so that they may find a better path. At most
 * SRUDP_MAX_LOCAL_CANDIDATES count. `port` is that of its own socket: if peers
 * see the same, longer silences may be tried. */
#define SRUDP_MAX_LOCAL_CANDIDATES 8
void         srudp_engine_set_local_candidates (SrudpEngine        *engine,
                                                gint64              now,
                                                guint16             port,
                                                const SrudpAddress *addresses,
                                                gsize               n_addresses);

/* `data` is decrypted in place and not kept. */
void         srudp_engine_receive        (SrudpEngine             *engine,
                                          gint64                   now,
                                          const SrudpPath         *path,
                                          SrudpEcn                 ecn,
                                          guint8                  *data,
                                          gsize                    size);
/* An ICMP error came back from there: only a hint. */
void         srudp_engine_hint_unreachable (SrudpEngine           *engine,
                                            gint64                 now,
                                            const SrudpAddress    *remote);
/* Addresses or routes of this machine changed: sessions let the system choose
 * their local address anew and speak up, so that their peers follow. */
void         srudp_engine_on_network_change (SrudpEngine          *engine,
                                             gint64                now);
void         srudp_engine_advance        (SrudpEngine             *engine,
                                          gint64                   now);
gint64       srudp_engine_get_deadline   (SrudpEngine             *engine);
gboolean     srudp_engine_poll_event     (SrudpEngine             *engine,
                                          SrudpEvent              *event);
/* Returns the bytes written to `buffer` (= transmit->size), 0 when there is
 * nothing to send now. `capacity` is at least SRUDP_MAX_UDP_PAYLOAD. At most
 * `max_segments` segments of equal size share one call (1: no GSO). */
gsize        srudp_engine_poll_transmit  (SrudpEngine             *engine,
                                          gint64                   now,
                                          SrudpTransmit           *transmit,
                                          guint8                  *buffer,
                                          gsize                    capacity,
                                          guint                    max_segments);
/* Closes every session in order and answers no stranger any more. */
void         srudp_engine_close          (SrudpEngine             *engine,
                                          gint64                   now);
/* No session has anything left to do. Once the engine closes, this does not
 * wait for a peer that was told, and may want to be told again. */
gboolean     srudp_engine_is_idle        (SrudpEngine             *engine);

/* What was recorded of one connection since the last time. */
#define SRUDP_TRACE_NAME_BYTES 32
typedef struct
{
  char name[SRUDP_TRACE_NAME_BYTES]; /* file name without a suffix: both ends
                                      * of a connection differ in the role */
  GBytes *records;                   /* qlog, JSON-SEQ; receiver owns it */
  gboolean first, last;              /* of this connection */
} SrudpTraceChunk;

/* Sessions that begin later record what happens to them. They hold at most
 * 1 MiB of it each, so take it as often as there is something to send. */
void         srudp_engine_set_tracing    (SrudpEngine             *engine,
                                          gboolean                 tracing);
/* FALSE: nothing new. One that still opens is told of once it is up or over,
 * one that has ended until its last chunk is taken. */
gboolean     srudp_engine_poll_trace     (SrudpEngine             *engine,
                                          SrudpTraceChunk         *chunk);

/* The keys of sessions that begin later are told from now on, as lines of text:
 * whoever sees these can read all that is said. Read them as often as there is
 * something to send, and wipe them; 64 KiB are kept. */
void         srudp_engine_start_key_log  (SrudpEngine             *engine);
gsize        srudp_engine_read_key_log   (SrudpEngine             *engine,
                                          const char             **text);
void         srudp_engine_wipe_key_log   (SrudpEngine             *engine);

typedef struct
{
  const SrudpAddress *candidates; /* copied; may be none at first */
  gsize n_candidates;
  const guint8 *expected_peer;  /* 32 bytes, or NULL: anyone at a candidate */
  const SrudpNatFacts *peer_nat; /* as the peer told it before, or NULL */
  gconstpointer passphrase;     /* NULL: none; not kept */
  gsize passphrase_size;
  const guint8 *invitation;     /* 32 bytes, the secret of the peer's; or NULL */
  gint64 open_timeout_us;       /* 0 = for ever */
  gint64 idle_timeout_us;
  gint64 keepalive_us;          /* 0 = off */
  guint64 max_window;           /* 0: srudp_engine_set_max_window() counts */
} SrudpOpenConfig;

/* Starts to open. May return an established, yet unclaimed inbound session
 * of the same peer (already announced by INCOMING): look at its state. On
 * OWN_IDENTITY returns a session that is CLOSED. Never NULL. */
SrudpSession *srudp_engine_open          (SrudpEngine             *engine,
                                          gint64                   now,
                                          const SrudpOpenConfig   *config);

/* The application has taken this INCOMING session: it leaves the backlog, and
 * takes part in the short code. */
void         srudp_session_claim         (SrudpSession            *session);
/* The caller is done with the handle. A session that is not CLOSED is closed
 * in order first; the engine frees it when that is over. No event names it
 * any more. */
void         srudp_session_release       (SrudpSession            *session,
                                          gint64                   now);
void         srudp_session_set_user_data (SrudpSession            *session,
                                          gpointer                 user_data);
gpointer     srudp_session_get_user_data (SrudpSession            *session);

/* Whether a connection with that peer is open. */
gboolean     srudp_engine_is_connected_to (SrudpEngine            *engine,
                                           const guint8            peer_key[SRUDP_KEY_BYTES]);
/* To all that are opening to that peer: where it may be, and what was heard of
 * its NAT (or NULL). FALSE: none is. */
gboolean     srudp_engine_point_to_peer  (SrudpEngine             *engine,
                                          gint64                   now,
                                          const guint8             peer_key[SRUDP_KEY_BYTES],
                                          const SrudpNatFacts     *nat,
                                          const SrudpAddress      *addresses,
                                          gsize                    n_addresses);

/* Where the peer may be: tried while opening, later when its path is silent. */
void         srudp_session_add_candidate (SrudpSession            *session,
                                          gint64                   now,
                                          const SrudpAddress      *address);
/* While opening to an expected peer: what was heard of its NAT. */
void         srudp_session_set_peer_nat  (SrudpSession            *session,
                                          gint64                   now,
                                          const SrudpNatFacts     *nat);
/* Tells the peer of another one, or of oneself. FALSE: not established, or too
 * many are on their way. */
gboolean     srudp_session_introduce     (SrudpSession            *session,
                                          gint64                   now,
                                          const SrudpIntroduction *introduction);
/* Moves to another address of this machine (its port does not count) as soon
 * as the peer answers there; PATH tells. FALSE: not established. */
gboolean     srudp_session_migrate       (SrudpSession            *session,
                                          gint64                   now,
                                          const SrudpAddress      *local);
void         srudp_session_set_timeouts  (SrudpSession            *session,
                                          gint64                   now,
                                          gint64                   idle_timeout_us,
                                          gint64                   keepalive_us);
/* As srudp_engine_set_max_window(), for this one from now on. A lower one does
 * not take back what the peer was already allowed. */
void         srudp_session_set_max_window (SrudpSession           *session,
                                           guint64                 n_bytes);
guint64      srudp_session_get_max_window (SrudpSession           *session);
SrudpState   srudp_session_get_state     (SrudpSession            *session);
SrudpReason  srudp_session_get_reason    (SrudpSession            *session);
/* It is CLOSED, said so to the peer, and waits to hear that the peer knows;
 * DRAINED follows when it does, or three probe timeouts (a second at the
 * least) have passed. */
gboolean     srudp_session_is_draining   (SrudpSession            *session);
/* The peer's words in its CLOSE, possibly empty; hostile text. */
const char  *srudp_session_get_reason_text (SrudpSession          *session);
gboolean     srudp_session_get_peer_key  (SrudpSession            *session,
                                          guint8                   out[SRUDP_KEY_BYTES]);
/* The handshake hash: equal on both ends, different under a man in the middle. */
gboolean     srudp_session_get_channel_binding (SrudpSession      *session,
                                                guint8             out[SRUDP_KEY_BYTES]);
/* Seven symbols, numbers below 64, for people to compare: equal on both ends,
 * and under a man in the middle only by a chance of 1 in 2^42, as often as he
 * tries. FALSE: not known yet, or an older peer, that has none. */
#define SRUDP_SHORT_CODE_SYMBOLS 7
gboolean     srudp_session_get_short_code (SrudpSession           *session,
                                           guint8                  out[SRUDP_SHORT_CODE_SYMBOLS]);
void         srudp_session_get_path      (SrudpSession            *session,
                                          SrudpPath               *out);

/* Streams. Bytes pass as slices; each call on a stream that is unknown, or
 * finished in that direction, returns FALSE or 0. */
/* FALSE: the peer allows no more now; STREAMS_AVAILABLE tells when it does. */
gboolean     srudp_session_open_stream   (SrudpSession            *session,
                                          guint64                 *stream_id);
/* Takes the reference in the slice and empties it, also when it returns
 * FALSE. Never refuses for want of room: a polite caller writes at most the
 * capacity, and waits for WRITABLE when it is 0. */
gboolean     srudp_session_write         (SrudpSession            *session,
                                          gint64                   now,
                                          guint64                  stream_id,
                                          SrudpSlice              *slice);
gsize        srudp_session_get_write_capacity (SrudpSession       *session,
                                               guint64             stream_id);
/* Ends the output of a stream: FIN after the last byte. */
void         srudp_session_finish        (SrudpSession            *session,
                                          gint64                   now,
                                          guint64                  stream_id);
void         srudp_session_reset_stream  (SrudpSession            *session,
                                          gint64                   now,
                                          guint64                  stream_id,
                                          guint64                  code);
/* Streams of a lower number go first, 0 to 7; 3 at the start. Streams of one
 * priority take turns. */
void         srudp_session_set_stream_priority (SrudpSession      *session,
                                                gint64             now,
                                                guint64            stream_id,
                                                guint              priority);
/* The next bytes in order; the caller gets the reference. FALSE: none now. */
gboolean     srudp_session_read          (SrudpSession            *session,
                                          guint64                  stream_id,
                                          SrudpSlice              *slice);
/* The application has really read this many: they count against the
 * flow-control window until then. */
void         srudp_session_consume       (SrudpSession            *session,
                                          gint64                   now,
                                          guint64                  stream_id,
                                          gsize                    n_bytes);

typedef enum
{
  SRUDP_READ_OPEN = 0,
  SRUDP_READ_EOF,   /* all bytes up to an authenticated FIN were handed out */
  SRUDP_READ_RESET, /* the peer reset it */
} SrudpReadState;
SrudpReadState srudp_session_get_read_state (SrudpSession         *session,
                                             guint64               stream_id);
/* Nobody will read this stream any more: STOP_SENDING, discard. */
void         srudp_session_stop_reading  (SrudpSession            *session,
                                          gint64                   now,
                                          guint64                  stream_id,
                                          guint64                  code);
/* Bytes written to / acknowledged of a stream's output since its start. */
guint64      srudp_session_get_written_offset (SrudpSession       *session,
                                               guint64             stream_id);
guint64      srudp_session_get_acked_offset (SrudpSession         *session,
                                             guint64               stream_id);
/* One DELIVERED event when the acknowledged offset reaches `offset`. */
void         srudp_session_watch_delivered (SrudpSession          *session,
                                            guint64                stream_id,
                                            guint64                offset);

/* The largest datagram that fits now; 0 unless established. */
gsize        srudp_session_get_max_datagram_size (SrudpSession    *session);
/* Queues a datagram, dropping the oldest when full. FALSE: too big or not
 * established. */
gboolean     srudp_session_send_datagram (SrudpSession            *session,
                                          gint64                   now,
                                          const guint8            *data,
                                          gsize                    size);

/* In order: delivers all that was written, sends every FIN, then CLOSE;
 * unread input is discarded. Bounded by the idle timeout. While still
 * opening: gives up. */
void         srudp_session_close         (SrudpSession            *session,
                                          gint64                   now);
/* At once: one CLOSE with an error code, nothing more is delivered. */
void         srudp_session_abort         (SrudpSession            *session,
                                          gint64                   now);

typedef struct
{
  gint64 rtt_us, min_rtt_us, rtt_variance_us; /* -1: not measured yet */
  guint64 bytes_sent, bytes_received;         /* UDP payload */
  guint64 packets_sent, packets_received, packets_lost;
  guint64 packets_dropped;                    /* forged, replayed, malformed */
  guint64 stream_bytes_sent, stream_bytes_received; /* application bytes, once */
  guint64 bytes_retransmitted;
  guint64 datagrams_sent, datagrams_received, datagrams_lost;
  guint64 unread_bytes, unacknowledged_bytes;
  guint64 congestion_window, bytes_in_flight;
  guint64 pacing_rate, delivery_rate; /* bytes per second */
  guint path_mtu;                     /* UDP payload bytes */
  const char *cipher;                 /* static */
  guint64 key_updates, key_exchanges; /* of our direction; of both, with DH */
  const char *congestion_controller;  /* static */
  guint candidates_tried;
  guint64 probes_sent, probes_answered; /* while opening */
  guint sockets_used;   /* extra ones, while opening */
  guint64 ports_probed; /* that a NAT may have chosen */
} SrudpSessionStats;

void         srudp_session_get_stats     (SrudpSession            *session,
                                          SrudpSessionStats       *out);

typedef enum
{
  SRUDP_CANDIDATE_GIVEN = 0,      /* by the application, or by an invitation */
  SRUDP_CANDIDATE_PREDICTED,      /* what a NAT in sequence would choose next */
  SRUDP_CANDIDATE_PEER_REFLEXIVE, /* the peer was heard from there */
} SrudpCandidateKind;

/* One address that was tried while opening. */
typedef struct
{
  SrudpAddress address;
  SrudpCandidateKind kind;
  guint n_sent, n_heard; /* packets to and from there */
} SrudpCandidateInfo;

#define SRUDP_MAX_CANDIDATES (40 + 16 + 8)
/* Returns how many were written to `out`. */
guint        srudp_session_get_candidates (SrudpSession           *session,
                                           SrudpCandidateInfo     *out,
                                           guint                   max);
/* While opening: with what it would end if it ended now, as far as the answers
 * so far tell; anybody may have sent them. NONE: nothing stands in the way. */
SrudpReason  srudp_session_get_hint      (SrudpSession           *session);
/* Where the peer sees us: its newest OBSERVED_ADDRESS. FALSE: it said
 * nothing. */
gboolean     srudp_session_get_observed_address (SrudpSession     *session,
                                                 SrudpAddress     *out);

G_END_DECLS
