/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine-private.h: the engine's insides, shared by its files
 */
#pragma once

#include "srudp-congestion.h"
#include "srudp-deadline-heap.h"
#include "srudp-engine.h"
#include "srudp-event-queue.h"
#include "srudp-flood-guard.h"
#include "srudp-half-open.h"
#include "srudp-peer-table.h"
#include "srudp-place-table.h"
#include "srudp-secrets.h"
#include "srudp-session.h"

G_BEGIN_DECLS

/* Answers that wait to be sent; more are dropped, as the network would. */
#define SRUDP_MAX_QUEUED_ANSWERS 256

typedef struct
{
  SrudpPath path;
  gsize size;
  guint8 data[];
} SrudpQueuedAnswer;

struct _SrudpEngine
{
  SrudpLocal local;
  gint64 now; /* the latest time seen */
  gint64 day_offset_us; /* what the time of day is ahead of it */
  gboolean accepting, closing;
  guint backlog, n_unclaimed;
  gint64 idle_timeout_us, keepalive_us;
  const SrudpCongestionClass *controller; /* NULL: the default */
  SrudpPunching punching;
  SrudpAddress local_candidates[SRUDP_MAX_LOCAL_CANDIDATES];
  guint n_local_candidates;
  guint16 local_port;
  guint64 key_update_packets;      /* 0: the default */
  gint64 key_exchange_interval_us; /* 0: the default */
  SrudpFirstNumbers first;
  SrudpNatFacts nat[2]; /* of IPv4, of IPv6 */
  GHashTable *allowed; /* keys of peers; empty: anyone */
  SrudpKeyring keyring;
  SrudpPassphrase *passphrase; /* for inbound sessions, or NULL */

  GQueue sessions;   /* all, oldest first */
  GQueue opening;    /* those with an attempt */
  GQueue ready;      /* those that may have something to send */
  GHashTable *by_id; /* connection id → session */
  SrudpSession *recent; /* the last one a packet was for, or NULL */
  GHashTable *ghosts; /* connection id → what is left of an answer */
  GHashTable *sockets; /* numbers of extra sockets in use → session or no */
  GQueue idle_sockets; /* of those to be closed */
  guint last_socket;
  SrudpPeerTable peers; /* sessions that have one, until they are freed */
  SrudpPlaceTable places; /* sessions that are open to a peer, by its address */
  GHashTable *used;  /* ephemeral key of a HELLO that became a session → it */
  SrudpFloodGuard *flood_guard;
  SrudpHalfOpenTable half_open;
  SrudpDeadlineHeap deadlines;
  SrudpEventQueue events;
  GQueue answers;
  gboolean tracing;
  GQueue traces; /* SrudpTrace, oldest first; some outlive their session */
  GString *key_log; /* NULL: off */
  SrudpEngineCounters counters;
};

/* Never goes back. */
gint64   srudp_engine_set_now        (SrudpEngine *engine,
                                      gint64       now);
/* Forgets invitations whose time is over. */
void     srudp_engine_expire_invitations (SrudpEngine *engine);
/* Unique among all ids in use here; never 0. */
guint64  srudp_engine_make_id        (SrudpEngine *engine);
/* Whether a HELLO with this ephemeral key has become a session. */
gboolean srudp_engine_has_used_hello (SrudpEngine  *engine,
                                      const guint8  e[SRUDP_KEY_BYTES]);
/* Whether a HELLO from there may belong to an open without an expected peer. */
gboolean srudp_engine_tries_address  (SrudpEngine        *engine,
                                      const SrudpAttempt *attempt,
                                      const SrudpAddress *address);
void     srudp_engine_push_failure   (SrudpEngine        *engine,
                                      const SrudpAddress *address,
                                      SrudpReason         reason);
/* srudp-engine-sockets.c: so many extra sockets with numbers in a row, as far
 * as no more than `limit` are in use then. Returns how many. */
guint    srudp_engine_take_sockets   (SrudpEngine *engine,
                                      guint        limit,
                                      guint        n,
                                      guint16     *first);
void     srudp_engine_drop_socket    (SrudpEngine *engine,
                                      guint16      socket);
/* One for this session alone; 0: there are too many. */
guint16  srudp_engine_take_second_socket (SrudpEngine  *engine,
                                          SrudpSession *session);
/* TRUE also for the endpoint's own. */
gboolean srudp_engine_has_socket     (SrudpEngine *engine,
                                      guint16      socket);
/* Sends a copy of the datagram as soon as somebody polls. */
void     srudp_engine_queue_answer   (SrudpEngine     *engine,
                                      const SrudpPath *path,
                                      const guint8    *data,
                                      gsize            size);
/* Should the peer be established on this answer, it will be told that nobody
 * is here. Takes the answer's transport. */
void     srudp_engine_dismiss_answer (SrudpEngine *engine,
                                      SrudpAnswer *answer,
                                      gint64       idle_timeout_us);
/* FALSE: no ghost of this id can open it. */
gboolean srudp_engine_receive_for_ghost (SrudpEngine     *engine,
                                         guint64          id,
                                         const SrudpPath *path,
                                         SrudpEcn         ecn,
                                         guint8          *data,
                                         gsize            size);

/* srudp-engine-hello.c */
void srudp_engine_receive_hello     (SrudpEngine     *engine,
                                     const SrudpPath *path,
                                     const guint8    *data,
                                     gsize            size);
void srudp_engine_receive_cookie    (SrudpEngine     *engine,
                                     const SrudpPath *path,
                                     guint64          id,
                                     const guint8    *data,
                                     gsize            size);
/* srudp-engine-confirm.c */
void srudp_engine_receive_message_2 (SrudpEngine                *engine,
                                     const SrudpPath            *path,
                                     const SrudpHandshakePacket *packet);
void srudp_engine_receive_message_3 (SrudpEngine                *engine,
                                     const SrudpPath            *path,
                                     const SrudpHandshakePacket *packet);
void srudp_engine_receive_reject    (SrudpEngine  *engine,
                                     guint64       id,
                                     const guint8 *data,
                                     gsize         size);

G_END_DECLS
