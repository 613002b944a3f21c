/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-session.h: one connection, from its first HELLO to its end
 *
 * While it opens, a session holds an attempt; from confirmation on, a
 * transport. An inbound one begins with the transport. The calls of
 * srudp-engine.h are forwarded to whichever is there.
 */
#pragma once

#include "srudp-attempt.h"
#include "srudp-connection-ids.h"
#include "srudp-deadline-heap.h"
#include "srudp-peer-table.h"
#include "srudp-place-table.h"
#include "srudp-transport.h"

G_BEGIN_DECLS

struct _SrudpSession
{
  SrudpDeadlineNode node; /* first, so that a node is its session */
  SrudpEngine *engine;
  GList link;         /* in engine->sessions */
  GList opening_link; /* in engine->opening, while there is an attempt */
  GList ready_link;   /* in engine->ready, when is_ready */
  SrudpPeerNode peer_node; /* in engine->peers, when has_peer */
  SrudpPlaceNode place_node; /* in engine->places, when open to the peer */
  gboolean is_ready;
  gpointer user_data;

  SrudpState state;
  SrudpReason reason;
  gboolean inbound, claimed, released;
  gboolean in_backlog; /* counted in engine->n_unclaimed */
  guint64 local_id; /* 0: none; known to its end */
  guint64 more_ids[SRUDP_MAX_LOCAL_IDS]; /* 0: none */
  gint64 idle_timeout_us, keepalive_us;
  guint64 max_window;

  SrudpPassphrase *passphrase; /* which the peer must know too; or NULL */
  gboolean was_invited;        /* inbound: by an invitation with a secret */

  SrudpTrace *trace; /* owned by the engine; NULL: off */

  SrudpAttempt *attempt;
  gint64 open_deadline; /* -1: never */

  SrudpTransport *transport;
  gboolean has_peer;
  guint8 peer_key[SRUDP_KEY_BYTES];
  guint8 binding[SRUDP_KEY_BYTES];
  guint8 boot_id[SRUDP_BOOT_ID_BYTES];
  /* The HELLOs this session used up: the initiator's, and the responder's own
   * if it was waiting too. */
  SrudpTableKey used[2];
  guint n_used;
  /* The same peer came back with another boot id: it must answer by then. */
  gint64 restart_check_at; /* -1: no question */
  gint64 restart_asked_at;
  guint restart_questions; /* still to ask after this one */

  /* srudp-session-ghost.c */
  gboolean is_asleep;
  guint64 ghost_id; /* 0: no ghost */
  gint64 ghost_until;

  /* srudp-session-sockets.c */
  SrudpNatFacts peer_nat;
  guint16 first_socket; /* extra ones, in a row */
  guint n_sockets;
  guint16 second_socket; /* tried, or in use since a moment; 0: none */
  gint64 sockets_until; /* all but the one in use; -1: not to be closed yet */

  /* What remains of the attempt. */
  guint candidates_tried, sockets_used;
  guint64 probes_sent, probes_answered, ports_probed;
  SrudpCandidateInfo *tried;
  guint n_tried;
};

SrudpSession *srudp_session_new        (SrudpEngine *engine);
void          srudp_session_free       (SrudpSession *session);
/* Frees it if nobody needs it any more; returns whether. */
gboolean      srudp_session_reap       (SrudpSession *session);

gboolean      srudp_session_edge_is_legal (SrudpState from,
                                           SrudpState to);
/* Asserts that the step is legal, and announces it. */
void          srudp_session_set_state  (SrudpSession *session,
                                        SrudpState    state);
/* Takes all steps on the way to a later stage of opening. */
void          srudp_session_step_to    (SrudpSession *session,
                                        SrudpState    state);

void          srudp_session_start_attempt (SrudpSession          *session,
                                           const SrudpOpenConfig *config);
/* Ends the attempt. Peers other than `winner` (nullable) are told. */
void          srudp_session_end_attempt   (SrudpSession               *session,
                                           const SrudpHandshakeResult *winner);
/* None will come of it, as it seems; yet what was told is not certain. */
void          srudp_session_give_up_soon  (SrudpSession *session,
                                           SrudpReason   reason);
/* No connection comes of it. */
void          srudp_session_give_up       (SrudpSession *session,
                                           SrudpReason   reason);

/* srudp-session-sockets.c: whether and how ports are to be found by chance. */
void          srudp_session_plan_spray (SrudpSession *session);
/* The attempt is over, or the path has changed: soon all extra sockets but the
 * one in use are closed. */
void          srudp_session_leave_sockets (SrudpSession *session);
/* Closes those whose time is over. */
void          srudp_session_review_sockets (SrudpSession *session);
gint64        srudp_session_get_sockets_deadline (const SrudpSession *session);
void          srudp_session_drop_sockets (SrudpSession *session,
                                          guint16       kept);
/* Gives the transport another socket if it wants one. */
void          srudp_session_review_second_path (SrudpSession *session);

SrudpTransport *srudp_session_make_transport (SrudpEngine                *engine,
                                              const SrudpHandshakeResult *result,
                                              const SrudpPath            *path,
                                              gint64                      rtt_us,
                                              gint64                      idle_timeout_us,
                                              gint64                      keepalive_us);
/* The handshake is done: the transport is taken over. `responder_e` may be
 * NULL or zero. */
void          srudp_session_establish  (SrudpSession               *session,
                                        SrudpTransport             *transport,
                                        const SrudpHandshakeResult *result,
                                        const guint8               *initiator_e,
                                        const guint8               *responder_e);
void          srudp_session_use_hello  (SrudpSession *session,
                                        const guint8  e[SRUDP_KEY_BYTES]);

/* srudp-engine-trace.c; nothing happens while tracing is off. */
void          srudp_session_start_trace (SrudpSession *session,
                                         guint64       id);
void          srudp_session_trace_establish (SrudpSession               *session,
                                             const SrudpHandshakeResult *result);
void          srudp_session_end_trace   (SrudpSession *session);
/* Only while there is a trace. */
void          srudp_session_trace_state (SrudpSession *session,
                                         SrudpState    from,
                                         SrudpState    to);

/* Something happened: collect its events, let it send, renew its deadline. */
void          srudp_session_touch      (SrudpSession *session);
gboolean      srudp_session_is_unclaimed (const SrudpSession *session);
void          srudp_session_collect_events (SrudpSession *session);
gint64        srudp_session_compute_deadline (SrudpSession *session);
void          srudp_session_advance    (SrudpSession *session);
/* The peer's key was seen in a new handshake, from a process of this boot id. */
void          srudp_session_check_restart (SrudpSession *session,
                                           const guint8  boot_id[SRUDP_BOOT_ID_BYTES]);

G_END_DECLS
