/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-private.h: what the files of a transport share
 *
 *   srudp-transport.c           life, state, timers, events
 *   srudp-transport-receive.c   opening packets, what each one means
 *   srudp-transport-frames.c    one handler per frame
 *   srudp-transport-send.c      what goes into a packet, and which are sent
 *   srudp-transport-packet.c    building and sealing one packet
 *   srudp-transport-recovery.c  the fate of sent packets
 *   srudp-transport-acks.c      how often the peer is asked to acknowledge
 *   srudp-transport-path.c      paths, their validation and change
 *   srudp-transport-migrate.c   moves of our own, looking for a silent peer
 *   srudp-transport-addresses.c  addresses told, better paths
 *   srudp-transport-second.c    another way before the mapping in use ends
 *   srudp-transport-ids.c       connection ids
 *   srudp-transport-liveness.c  keepalive, silence, idle timeout
 *   srudp-transport-close.c     the end
 *   srudp-transport-keys.c      key update, fresh Diffie-Hellman
 *   srudp-transport-short-code.c  a code for people to compare
 *   srudp-transport-streams.c   the application's calls
 *   srudp-transport-stats.c     numbers for people
 *   srudp-transport-trace.c     what happened, for developers
 */
#pragma once

#include "srudp-announcements.h"
#include "srudp-connection-ids.h"
#include "srudp-datagram-queue.h"
#include "srudp-event-queue.h"
#include "srudp-keepalive.h"
#include "srudp-lifetime.h"
#include "srudp-path-state.h"
#include "srudp-pmtud.h"
#include "srudp-prospects.h"
#include "srudp-recovery.h"
#include "srudp-replay-window.h"
#include "srudp-scouts.h"
#include "srudp-stream-table.h"
#include "srudp-timers.h"
#include "srudp-transport.h"

G_BEGIN_DECLS

/* Answers to PATH_CHALLENGE that wait at the same time. */
#define SRUDP_MAX_PATH_RESPONSES 4

/* Codes of the CLOSE frame. */
typedef enum
{
  SRUDP_CLOSE_NO_ERROR = 0,
  SRUDP_CLOSE_ABORTED = 1,
  SRUDP_CLOSE_PROTOCOL = 2,
  SRUDP_CLOSE_REFUSED = 3,
  SRUDP_CLOSE_KEYS_EXHAUSTED = 4,
} SrudpCloseCode;

/* Frames of the connection itself that wait to be sent. */
typedef enum
{
  SRUDP_PENDING_HANDSHAKE_DONE = 1 << 0,
  SRUDP_PENDING_PING = 1 << 1,
  SRUDP_PENDING_ACK_FREQUENCY = 1 << 2,
  SRUDP_PENDING_KEY_SHARE = 1 << 3,
  SRUDP_PENDING_CONNECTION_IDS = 1 << 4,
  SRUDP_PENDING_KNOCK = 1 << 5,
  SRUDP_PENDING_INTRODUCTIONS = 1 << 6,
  SRUDP_PENDING_ADDRESSES = 1 << 7,
  SRUDP_PENDING_REVEAL = 1 << 8,
} SrudpPending;

/* Frames of this kind that are on their way at the same time. */
#define SRUDP_MAX_INTRODUCTIONS 8
typedef struct _SrudpIntroductions SrudpIntroductions;

/* A fresh Diffie-Hellman exchange, from the first share to the phase that its
 * result is part of. */
typedef struct
{
  guint64 generation; /* from 1: the one under way, else the next */
  gboolean has_own;   /* we have begun: no plain update until it is over */
  gboolean own_acked;
  gboolean has_peer;  /* always after has_own */
  gboolean mixed;     /* the next phase is made with it */
  guint8 secret[SRUDP_X25519_BYTES];
  guint8 shared[SRUDP_X25519_BYTES]; /* from has_peer to mixed */
  guint8 own[SRUDP_KEY_SHARE_BYTES];
  guint8 peer[SRUDP_KEY_SHARE_BYTES];
} SrudpKeyExchange;

typedef struct
{
  SrudpPath path; /* the one the challenge came along */
  guint64 id;     /* for the packet that answers */
  guint8 data[SRUDP_PATH_CHALLENGE_BYTES];
} SrudpPathAnswer;

/* As last told to the trace. Times are -1 while they are not known. */
typedef struct
{
  gint64 min_rtt_us, smoothed_rtt_us, latest_rtt_us, rtt_variance_us;
  guint64 window, in_flight, pacing_rate, pto_count;
} SrudpTraceMetrics;

/* A time in which nothing was heard, for as long as it takes to judge it. */
typedef struct
{
  gboolean is_judged; /* there is none, or it had its effect */
  gboolean has_asked; /* it was we who ended it … */
  gint64 asked_us;    /* how long we had been silent then */
  gint64 asked_at;
  guint n_timeouts;   /* probe timeouts until something was heard */
  guint64 n_missed;   /* packets of the peer's before that */
  gint64 ended_at;    /* when that was; the rest is what it ended */
  gint64 own_us, peers_us;
} SrudpSilence;

struct _SrudpTransport
{
  gint64 now; /* the latest time seen */
  gboolean initiator;
  SrudpTransportParams local_params, remote_params;
  SrudpRandomFunc random;
  gpointer random_data;

  SrudpState state;
  SrudpReason reason;
  char *reason_text; /* NULL: the peer said nothing */
  SrudpEventQueue events;
  SrudpTimers timers;

  /* Receiving. */
  SrudpReplayWindow replay;
  SrudpAckRanges acks;
  gint64 largest_received; /* packet number, -1: none */
  guint64 ack_frequency_next; /* lowest sequence number still new */

  /* Sending. */
  SrudpRecovery recovery;
  SrudpPmtud pmtud;
  guint pending; /* SrudpPending */
  guint asked_threshold; /* of the last ACK_FREQUENCY */
  guint64 ack_frequency_sequence;
  gboolean handshake_done_acked;
  gboolean paced; /* something waits for the pacer alone */

  SrudpStreamTable streams;
  SrudpDatagramQueue datagrams;

  /* Paths: the one in use, and one that may replace it. */
  SrudpPathState active, candidate;
  SrudpPath previous;      /* the one we left of our own accord … */
  gint64 previous_until;   /* … where the peer still is until then */
  SrudpAddress old_local;  /* ours, while a new one is not known yet */
  SrudpScouts scouts;
  SrudpIntroductions *introductions; /* NULL: there was none */
  SrudpAnnouncements announcements;
  SrudpProspects prospects;
  SrudpAddress observed; /* ours, as the peer sees it */
  guint64 observed_sequence;
  SrudpPathAnswer answers[SRUDP_MAX_PATH_RESPONSES];
  guint n_answers;
  gboolean seeks_paths;

  /* Our own mapping, and the socket that is to get another one. */
  SrudpLifetime lifetime;
  gint64 moved_at;       /* to another path, of either side */
  gboolean wants_socket;
  guint16 second_socket; /* the newest of them; 0: there was none */
  guint16 second_port, active_port; /* of extra sockets; 0: not known */
  guint16 local_port;    /* of the first one; 0: not known */
  gint64 second_since;

  /* Connection ids: those in packets to the peer along the path in use, the
   * candidate, and one more path that was only probed; and the one that the
   * peer's newest packet has. */
  SrudpLocalIds local_ids;
  SrudpRemoteIds remote_ids;
  guint64 remote_id, candidate_id, probed_id; /* 0: none */
  SrudpPath probed;
  guint64 addressed_id;

  /* Keys. */
  SrudpPacketKeys *send_keys, *receive_keys;
  guint64 phase_first_number; /* first packet number of the sending phase */
  guint64 seen_phase;         /* of the receive keys, acted upon */
  gint64 phase_acked;         /* when a packet of it first was; -1: not yet */
  guint64 key_update_packets;
  gint64 key_exchange_interval_us;
  gint64 active_us;           /* since the last exchange */
  SrudpKeyExchange exchange;
  SrudpShortCode short_code;

  /* Liveness. */
  gboolean was_heard; /* since the timers were last set */
  gint64 idle_timeout_us, keepalive_us; /* as asked for here */
  gint64 last_heard, heard_since; /* the latter: without a pause */
  gint64 last_sent;               /* along the path in use */
  SrudpKeepalive keepalive;
  SrudpSilence silence;
  gint64 unanswered_since; /* ack-eliciting and nothing heard since; or -1 */
  gint64 last_proof; /* when the peer last acknowledged something new */
  gint64 last_hint;

  /* The end. */
  SrudpPath close_path; /* where CLOSE goes next; unset: along the active one */
  gboolean close_due;        /* a CLOSE is to be sent */
  gboolean drained;
  gboolean peer_closed;      /* the peer's CLOSE came before ours */
  gboolean output_discarded; /* STOP_SENDING took written bytes from us */
  guint64 close_code;
  const char *close_text;    /* static */
  guint n_closes_sent;
  guint n_late_packets;

  /* Statistics. */
  guint64 bytes_sent, bytes_received;
  guint64 packets_sent, packets_received, packets_lost, packets_dropped;
  guint64 datagrams_sent, datagrams_received, datagrams_lost;

  GString *key_log; /* not owned; NULL: off */
  guint64 key_log_id;
  SrudpTrace *trace; /* not owned; NULL: off */
  SrudpTraceMetrics traced;
  const char *traced_state; /* of congestion control; static */
  guint traced_mtu;
};

/* What a received packet turned out to be, gathered frame by frame. */
typedef struct
{
  gint64 now;
  const SrudpPath *path;
  guint64 addressed_id; /* the id of ours that it bears */
  gboolean ack_eliciting;
  gboolean probing;   /* only frames that may go along any path */
  gboolean not_taken; /* not all of it was kept: no acknowledgement */
  gboolean acked;     /* it had an ACK frame */
} SrudpReceivedPacket;

/* A packet being built in the caller's buffer. */
typedef struct
{
  guint8 *packet;
  gsize header_size;
  SrudpWriter writer; /* the payload, right after the header */
  gboolean ack_eliciting;
  gboolean ended; /* its last frame reaches to the end: nothing may follow */
  gboolean has_ack;
  guint64 ack_largest;
} SrudpPacketBuilder;

/* srudp-transport.c */
void     srudp_transport_set_now        (SrudpTransport *self,
                                         gint64          now);
void     srudp_transport_set_state      (SrudpTransport *self,
                                         SrudpState      state);
gboolean srudp_transport_is_open        (SrudpTransport *self);
void     srudp_transport_get_random     (SrudpTransport *self,
                                         gpointer        out,
                                         gsize           n_bytes);

/* srudp-transport-frames.c: FALSE when it broke the protocol or ended the
 * connection, and nothing more of the packet counts. */
gboolean srudp_transport_handle_frame   (SrudpTransport      *self,
                                         const SrudpFrame    *frame,
                                         SrudpReceivedPacket *packet);

/* srudp-transport-packet.c */
void     srudp_packet_builder_begin     (SrudpPacketBuilder  *builder,
                                         SrudpTransport      *self,
                                         guint8              *buffer,
                                         gsize                limit);
void     srudp_packet_builder_begin_for (SrudpPacketBuilder  *builder,
                                         SrudpTransport      *self,
                                         guint64              remote_id,
                                         guint8              *buffer,
                                         gsize                limit);
void     srudp_packet_builder_put_ack   (SrudpPacketBuilder  *builder,
                                         SrudpTransport      *self);
/* Only while nothing else is in it. */
void     srudp_packet_builder_drop_ack  (SrudpPacketBuilder  *builder);
void     srudp_packet_builder_put_ping  (SrudpPacketBuilder  *builder);
/* Seals and commits it; its size, 0 when the keys are used up. */
gsize    srudp_packet_builder_finish    (SrudpPacketBuilder  *builder,
                                         SrudpTransport      *self,
                                         SrudpSentFlags       flags);
/* Nothing came of it. */
void     srudp_packet_builder_abandon   (SrudpPacketBuilder  *builder,
                                         SrudpTransport      *self);
void     srudp_packet_builder_pad_to    (SrudpPacketBuilder  *builder,
                                         gsize                size);

/* srudp-transport-recovery.c */
gboolean srudp_transport_handle_ack     (SrudpTransport      *self,
                                         const SrudpAckFrame *ack);
void     srudp_transport_on_loss_timer  (SrudpTransport      *self);
void     srudp_transport_on_knock_timer (SrudpTransport      *self);
void     srudp_transport_init_pmtud     (SrudpTransport      *self);
void     srudp_transport_apply_mtu      (SrudpTransport      *self);
void     srudp_transport_push_size_event (SrudpTransport     *self);

/* srudp-transport-acks.c */
void     srudp_transport_review_ack_frequency (SrudpTransport *self);
void     srudp_transport_make_ack_frequency (SrudpTransport *self,
                                             SrudpFrame     *frame);

/* srudp-transport-path.c */
void     srudp_transport_note_path      (SrudpTransport            *self,
                                         const SrudpReceivedPacket *packet,
                                         gsize                      size,
                                         gboolean                   may_move);
void srudp_transport_queue_answer (
  SrudpTransport *self,
  const SrudpReceivedPacket *packet,
  const guint8 data[SRUDP_PATH_CHALLENGE_BYTES]);
void srudp_transport_handle_path_response (
  SrudpTransport *self,
  const SrudpReceivedPacket *packet,
  const guint8 data[SRUDP_PATH_CHALLENGE_BYTES]);
void     srudp_transport_set_candidate  (SrudpTransport  *self,
                                         const SrudpPath *path,
                                         guint64          remote_id,
                                         gboolean         is_own_idea);
void     srudp_transport_drop_candidate (SrudpTransport  *self);
void     srudp_transport_move_to_candidate (SrudpTransport *self);
void     srudp_transport_start_network  (SrudpTransport  *self);
void     srudp_transport_on_path_timer  (SrudpTransport  *self);
gsize    srudp_transport_build_path_packet (SrudpTransport *self,
                                            guint8         *buffer,
                                            guint64         remote_id,
                                            SrudpFrameType  type,
                                            const guint8    data[SRUDP_PATH_CHALLENGE_BYTES]);
gsize    srudp_transport_send_on_path   (SrudpTransport  *self,
                                         SrudpTransmit   *transmit,
                                         guint8          *buffer);

/* srudp-transport-migrate.c */
void     srudp_transport_leave          (SrudpTransport  *self);
void     srudp_transport_leave_for      (SrudpTransport  *self,
                                         const SrudpPath *path);
/* Moves there once the peer has answered. */
void     srudp_transport_try_path       (SrudpTransport  *self,
                                         const SrudpPath *path);
void     srudp_transport_look_around    (SrudpTransport  *self);
void srudp_transport_handle_scout_answer (
  SrudpTransport *self,
  const SrudpReceivedPacket *packet,
  const guint8 data[SRUDP_PATH_CHALLENGE_BYTES]);
gsize    srudp_transport_send_scout     (SrudpTransport  *self,
                                         SrudpTransmit   *transmit,
                                         guint8          *buffer);

/* srudp-transport-addresses.c */
void     srudp_transport_seek           (SrudpTransport     *self,
                                         const SrudpAddress *remote);
void     srudp_transport_observe_peer   (SrudpTransport     *self);
void     srudp_transport_put_addresses  (SrudpTransport     *self,
                                         SrudpPacketBuilder *builder);
void     srudp_transport_addresses_lost (SrudpTransport       *self,
                                         const SrudpSentFrame *frame);
void     srudp_transport_handle_add_address (SrudpTransport   *self,
                                             const SrudpFrame *frame);
void     srudp_transport_handle_observed (SrudpTransport   *self,
                                          const SrudpFrame *frame);
gboolean srudp_transport_handle_prospect (
  SrudpTransport *self,
  const SrudpReceivedPacket *packet,
  const guint8 data[SRUDP_PATH_CHALLENGE_BYTES]);
gsize    srudp_transport_send_prospect  (SrudpTransport  *self,
                                         SrudpTransmit   *transmit,
                                         guint8          *buffer);
void     srudp_transport_forget_prospects (SrudpTransport *self);

/* srudp-transport-second.c */
void     srudp_transport_init_lifetime  (SrudpTransport  *self);
void     srudp_transport_note_mapping_lost (SrudpTransport *self,
                                            gint64          alive_at,
                                            gint64          born_at);
void     srudp_transport_note_observed  (SrudpTransport  *self);
void     srudp_transport_note_moved     (SrudpTransport  *self,
                                         const SrudpPath *old);
void     srudp_transport_on_second_path_timer (SrudpTransport *self);

/* srudp-transport-ids.c */
guint64  srudp_transport_choose_id      (SrudpTransport  *self,
                                         const SrudpPath *path,
                                         gboolean         is_fresh_wanted);
void     srudp_transport_use_id         (SrudpTransport  *self,
                                         guint64          id);
void     srudp_transport_set_probed     (SrudpTransport  *self,
                                         const SrudpPath *path,
                                         guint64          id);
gboolean srudp_transport_handle_new_id  (SrudpTransport   *self,
                                         const SrudpFrame *frame);
gboolean srudp_transport_handle_retire_id (SrudpTransport            *self,
                                           const SrudpFrame          *frame,
                                           const SrudpReceivedPacket *packet);
void     srudp_transport_put_ids        (SrudpTransport     *self,
                                         SrudpPacketBuilder *builder);

/* srudp-transport-liveness.c */
void     srudp_transport_note_heard     (SrudpTransport *self);
void     srudp_transport_note_asked     (SrudpTransport *self);
void     srudp_transport_arm_liveness   (SrudpTransport *self);
void     srudp_transport_on_keepalive   (SrudpTransport *self);
void     srudp_transport_on_silence     (SrudpTransport *self);
void     srudp_transport_on_idle        (SrudpTransport *self);
gint64   srudp_transport_get_idle_timeout (SrudpTransport *self);
void     srudp_transport_judge_silence  (SrudpTransport            *self,
                                         const SrudpReceivedPacket *packet);
/* The peer's NAT, or ours, has taken another port. */
void     srudp_transport_note_new_port  (SrudpTransport *self,
                                         gboolean        is_ours);

/* srudp-transport-close.c */
gboolean srudp_transport_violate        (SrudpTransport *self,
                                         const char     *text);
void     srudp_transport_handle_close   (SrudpTransport   *self,
                                         const SrudpFrame *frame,
                                         const SrudpPath  *path);
void     srudp_transport_on_late_packet (SrudpTransport  *self,
                                         const SrudpPath *path);
void     srudp_transport_check_flushed  (SrudpTransport *self);
void     srudp_transport_on_linger      (SrudpTransport *self);
void     srudp_transport_on_close_timer (SrudpTransport *self);
void     srudp_transport_end_silently   (SrudpTransport *self,
                                         SrudpReason     reason);
void     srudp_transport_end_drain      (SrudpTransport *self);
gsize    srudp_transport_send_close     (SrudpTransport *self,
                                         SrudpTransmit  *transmit,
                                         guint8         *buffer);

/* srudp-transport-keys.c */
void     srudp_transport_follow_phase   (SrudpTransport *self);
void     srudp_transport_note_phase_acked (SrudpTransport *self,
                                           guint64         largest_acked);
void     srudp_transport_update_keys    (SrudpTransport *self);
void     srudp_transport_maybe_update_keys (SrudpTransport *self);
void     srudp_transport_on_key_discard (SrudpTransport *self);
gboolean srudp_transport_handle_key_share (SrudpTransport   *self,
                                           const SrudpFrame *frame);
void     srudp_transport_note_active    (SrudpTransport *self);
void     srudp_transport_put_key_share  (SrudpTransport     *self,
                                         SrudpPacketBuilder *builder);
void     srudp_transport_key_share_acked (SrudpTransport *self,
                                          guint64         generation);
void     srudp_transport_key_share_lost (SrudpTransport *self,
                                         guint64         generation);

/* srudp-transport-short-code.c */
gboolean srudp_transport_handle_reveal  (SrudpTransport     *self,
                                         const SrudpFrame   *frame);
void     srudp_transport_put_reveal     (SrudpTransport     *self,
                                         SrudpPacketBuilder *builder);
void     srudp_transport_reveal_acked   (SrudpTransport     *self);

/* srudp-transport-trace.c: only while `trace` is set. `payload` is plain. */
void     srudp_transport_trace_packet   (SrudpTransport *self,
                                         const char     *event,
                                         guint64         number,
                                         gsize           size,
                                         const guint8   *payload,
                                         gsize           payload_size);
void     srudp_transport_trace_dropped  (SrudpTransport *self,
                                         SrudpReceiveResult result,
                                         gsize           size);
void     srudp_transport_trace_lost     (SrudpTransport        *self,
                                         const SrudpSentPacket *packet);
void     srudp_transport_trace_metrics  (SrudpTransport *self);
void     srudp_transport_trace_mtu      (SrudpTransport *self);
void     srudp_transport_trace_path     (SrudpTransport *self);
void     srudp_transport_trace_keys     (SrudpTransport *self,
                                         gboolean        sending);

/* srudp-transport-introduce.c */
void     srudp_transport_put_introductions  (SrudpTransport     *self,
                                             SrudpPacketBuilder *builder);
void     srudp_transport_introduction_acked (SrudpTransport *self,
                                             guint64         id);
void     srudp_transport_introduction_lost  (SrudpTransport *self,
                                             guint64         id);
void     srudp_transport_handle_introduction (SrudpTransport          *self,
                                              const SrudpIntroduction *introduction);

G_END_DECLS
