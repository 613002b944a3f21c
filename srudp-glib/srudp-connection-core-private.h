/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-core-private.h: what a connection shares with the worker
 *
 * The SrudpConnection is a thin cover of this. The core lingers with the
 * worker until what was written is delivered, long after its cover is gone.
 */
#pragma once

#include "srudp-glib/srudp-invitation-codec-private.h"
#include "srudp-glib/srudp-notifier-private.h"
#include "srudp-glib/srudp-peer-id.h"
#include "srudp-glib/srudp-secret-private.h"
#include "srudp-glib/srudp-stream-core-private.h"
#include "srudp-glib/srudp-waiter-private.h"

#include "srudp-glib/protocol/srudp-engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SrudpEndpointCore SrudpEndpointCore;
typedef struct _SrudpIntroducing SrudpIntroducing;

struct _SrudpConnectionCore
{
  gatomicrefcount ref_count;
  SrudpStreamCore *main_stream;
  int n_users; /* atomic: the SrudpConnection, an exported fd */

  GMutex lock;
  /* Under the lock. */
  SrudpEndpointCore *endpoint; /* NULL before opening */
  SrudpNotifier *notifier;     /* NULL while nobody has taken it */
  SrudpState state;
  GError *error;               /* why it is CLOSED, unless in order */
  gboolean undelivered;        /* … and something written was lost by that */
  gboolean closed_here;        /* … or is going to be: this end wanted it */
  gboolean draining;           /* CLOSED, but the peer may not know it yet */
  guint open_timeout_ms;
  guint idle_timeout_ms;
  guint keepalive_ms;
  guint64 max_receive_window;  /* 0: not opened yet, as the endpoint's */
  SrudpPeerId *expected_peer;
  SrudpNatFacts peer_nat;      /* as its invitation tells; constant */
  SrudpInvitationIntroducer *introducers; /* likewise, or NULL */
  guint n_introducers;
  SrudpSecret *passphrase;     /* or NULL */
  SrudpSecret *invitation;     /* the secret of the peer's, or NULL */
  SrudpPeerId *peer_id;        /* set once, then constant */
  GBytes *channel_binding;     /* likewise */
  char *short_code;            /* likewise, a little later */
  GSocketAddress *local_address;
  GSocketAddress *remote_address;
  guint max_datagram_size;
  GPtrArray *early_candidates; /* of GSocketAddress, given before opening */
  GCancellable *resolving;     /* while the peer is looked up */
  gint64 opened_us;
  GHashTable *streams;         /* id → SrudpStreamCore */
  GQueue new_streams;          /* of SrudpStreamCore: nobody took them yet */
  GQueue datagrams_in;         /* of GBytes */
  gboolean datagrams_announced; /* the owner is going to look */
  GQueue datagrams_out;
  guint64 n_datagrams_dropped;
  GQueue open_waiters;
  GQueue close_waiters;
  GQueue datagram_waiters;
  GQueue stream_waiters;       /* for one of the peer's */
  GQueue stream_openers;       /* until the peer allows another */
  SrudpSessionStats final_stats;
  SrudpCandidateInfo *tried;   /* while opening, at the end */
  guint n_tried;
  gboolean all_delivered;      /* what was ever written, at the end */

  /* Worker only. */
  SrudpSession *session;
  SrudpIntroducing *introducing; /* NULL: it plays no part in that */
  SrudpSession *draining_session; /* all that is left of it */
  guint n_candidates[2]; /* not of IPv6, of IPv6 */
  gboolean found_itself; /* one of the addresses was our own */
  GSource *resolve_timeout;
  GQueue deliveries; /* of SrudpDelivery */
  GArray *departed;  /* of SrudpDeliveryTarget: streams that are over here,
                      * and may be on their way to the peer; or NULL */
};

SrudpConnectionCore *srudp_connection_core_new     (void);
SrudpConnectionCore *srudp_connection_core_ref     (SrudpConnectionCore *self);
void                 srudp_connection_core_unref   (SrudpConnectionCore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpConnectionCore, srudp_connection_core_unref)

/* Any thread. */
void     srudp_connection_core_attach      (SrudpConnectionCore *self,
                                            SrudpNotifier       *notifier);
void     srudp_connection_core_hold        (SrudpConnectionCore *self);
/* When the last user is gone, it closes in the background. */
void     srudp_connection_core_release     (SrudpConnectionCore *self);
SrudpState srudp_connection_core_get_state (SrudpConnectionCore *self);
SrudpEndpointCore *
         srudp_connection_core_dup_endpoint (SrudpConnectionCore *self);
/* Runs `func` on the worker; a reference is kept until then. FALSE: it isn't
 * open yet, or the worker is gone. */
gboolean srudp_connection_core_post        (SrudpConnectionCore *self,
                                            SrudpMailFunc        func);
/* CLOSED from now on; every waiter hears of it. NULL: in order. */
void     srudp_connection_core_die         (SrudpConnectionCore *self,
                                            const GError        *error);
/* Dies, and has the worker drop the session at once. */
void     srudp_connection_core_abort       (SrudpConnectionCore *self,
                                            const GError        *error);
/* The same on the worker, without waiting for its turn. */
void     srudp_connection_core_abort_now   (SrudpConnectionCore *self,
                                            const GError        *error);
void     srudp_connection_core_keep_stats  (SrudpConnectionCore *self);
void     srudp_connection_core_fill_in_stats (SrudpConnectionCore *self,
                                              SrudpSessionStats   *stats);
void     srudp_connection_core_set_timeouts (SrudpConnectionCore *self,
                                             guint                idle_ms,
                                             guint                keepalive_ms);
void     srudp_connection_core_set_max_window (SrudpConnectionCore *self,
                                               guint64              n_bytes);
/* With the lock held. */
void     srudp_connection_core_enter_state (SrudpConnectionCore *self,
                                            SrudpState           state);
void     srudp_connection_core_end_close_waiters (SrudpConnectionCore *self);
/* Those for datagrams and streams. */
void     srudp_connection_core_fail_waiters (SrudpConnectionCore *self,
                                             const GError        *error);
/* TRUE: one may send and receive. */
gboolean srudp_connection_core_check_open  (SrudpConnectionCore *self,
                                            GError             **error);

/* srudp-connection-open.c */
gboolean srudp_connection_core_begin_open  (SrudpConnectionCore *self,
                                            SrudpEndpointCore   *endpoint,
                                            SrudpWaiter         *waiter,
                                            GError             **error);
void     srudp_connection_core_add_candidate (SrudpConnectionCore *self,
                                              GSocketAddress      *address);
void     srudp_connection_core_end_resolving (SrudpConnectionCore *self,
                                              gboolean             any,
                                              const GError        *error);

/* srudp-connection-close.c */
void     srudp_connection_core_close       (SrudpConnectionCore *self,
                                            SrudpWaiter         *waiter);
/* Worker only. */
void     srudp_connection_core_close_session (SrudpConnectionCore *self);
void     srudp_connection_core_let_go      (SrudpConnectionCore *self);
/* Closing lasts until the peer knows of it: it may be the last thing that the
 * program does. */
void     srudp_connection_core_start_drain (SrudpConnectionCore *self);
void     srudp_connection_core_end_drain   (SrudpConnectionCore *self);

/* srudp-connection-delivery.c */
void     srudp_connection_core_wait_delivered (SrudpConnectionCore *self,
                                               SrudpWaiter         *waiter);
/* Worker only. */
void     srudp_connection_core_check_deliveries (SrudpConnectionCore *self);
/* The peer doesn't read this stream any more. */
void     srudp_connection_core_stop_deliveries (SrudpConnectionCore *self,
                                                guint64              stream_id);
void     srudp_connection_core_fail_deliveries (SrudpConnectionCore *self,
                                                const GError        *error);
/* A stream is going to be forgotten here. */
void     srudp_connection_core_note_departed (SrudpConnectionCore *self,
                                              SrudpStreamCore     *stream);
/* The session is going to be. */
void     srudp_connection_core_keep_deliveries (SrudpConnectionCore *self);

/* srudp-connection-datagram.c */
gboolean srudp_connection_core_send_datagram (SrudpConnectionCore  *self,
                                              GBytes               *datagram,
                                              GError              **error);
void     srudp_connection_core_receive_datagram (SrudpConnectionCore *self,
                                                 SrudpWaiter         *waiter);
GBytes  *srudp_connection_core_pop_datagram (SrudpConnectionCore *self);
/* Tells the owner that there are datagrams, once until it looks; with the lock
 * held. */
void     srudp_connection_core_announce_datagrams (SrudpConnectionCore *self);
void     srudp_connection_core_begin_looking (SrudpConnectionCore *self);
/* Worker only. */
void     srudp_connection_core_take_datagram (SrudpConnectionCore *self,
                                              GBytes              *datagram);
void     srudp_connection_core_refresh     (SrudpConnectionCore *self);

/* srudp-connection-streams.c */
void     srudp_connection_core_open_stream (SrudpConnectionCore *self,
                                            SrudpWaiter         *waiter);
void     srudp_connection_core_accept_stream (SrudpConnectionCore *self,
                                              SrudpWaiter         *waiter);
/* Worker only. */
SrudpStreamCore *
         srudp_connection_core_lookup_stream (SrudpConnectionCore *self,
                                              guint64              id);
void     srudp_connection_core_take_stream (SrudpConnectionCore *self,
                                            guint64              id);
/* The peer allows more streams than it did. */
void     srudp_connection_core_open_waiting (SrudpConnectionCore *self);
void     srudp_connection_core_service_stream (SrudpConnectionCore *self,
                                               SrudpStreamCore     *stream);
/* By whoever has taken the worker's turn. */
void     srudp_connection_core_send_out_of_turn (SrudpConnectionCore *self,
                                                 SrudpStreamCore     *stream);
void     srudp_connection_core_push_streams (SrudpConnectionCore *self,
                                             gboolean             all);
void     srudp_connection_core_pull_streams (SrudpConnectionCore *self);

/* srudp-connection-diagnosis.c; worker only. */
GError  *srudp_connection_core_explain_silence (SrudpConnectionCore *self);
void     srudp_connection_core_keep_candidates (SrudpConnectionCore *self);

/* srudp-connection-events.c; worker only. */
void     srudp_connection_core_bind        (SrudpConnectionCore *self,
                                            SrudpEndpointCore   *endpoint,
                                            SrudpSession        *session);
void     srudp_connection_core_on_state    (SrudpConnectionCore *self,
                                            SrudpState           state,
                                            SrudpReason          reason);
void     srudp_connection_core_on_path     (SrudpConnectionCore *self);
void     srudp_connection_core_on_short_code (SrudpConnectionCore *self);
void     srudp_connection_core_take_over   (SrudpConnectionCore *self,
                                            SrudpConnectionCore *from);

G_END_DECLS
