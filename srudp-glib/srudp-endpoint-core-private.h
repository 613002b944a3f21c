/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-core-private.h: what an endpoint's worker thread owns
 *
 * The core outlives the SrudpEndpoint until everything is delivered. Locks are
 * taken in this order: endpoint core, connection core, stream core, mailbox.
 */
#pragma once

#include "srudp-glib/srudp-connection-core-private.h"
#include "srudp-glib/srudp-datagram-io-private.h"
#include "srudp-glib/srudp-introducer-book-private.h"
#include "srudp-glib/srudp-key-log-file-private.h"
#include "srudp-glib/srudp-mailbox-private.h"
#include "srudp-glib/srudp-network-watch-private.h"
#include "srudp-glib/srudp-notifier-private.h"
#include "srudp-glib/srudp-qlog-file-private.h"
#include "srudp-glib/srudp-secret-private.h"
#include "srudp-glib/srudp-spare-sockets-private.h"
#include "srudp-glib/srudp-waiter-private.h"

#include "srudp-glib/protocol/srudp-engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SrudpProber SrudpProber;

#define SRUDP_DEFAULT_IDLE_TIMEOUT_US (21 * G_USEC_PER_SEC)
#define SRUDP_DEFAULT_KEEPALIVE_US (15 * G_USEC_PER_SEC)

struct _SrudpEndpointCore
{
  gatomicrefcount ref_count;
  SrudpMailbox *mailbox;
  SrudpNotifier *notifier; /* to the SrudpEndpoint */
  gboolean own_socket;

  int n_backlog; /* atomic: the length of `backlog` */
  int network_changed; /* atomic: the worker is going to hear of it */

  GMutex lock;
  /* Under the lock. */
  GQueue backlog;        /* of SrudpConnectionCore: nobody took them yet */
  GQueue taken;          /* of SrudpConnectionCore: the engine is to be told */
  GQueue accept_waiters; /* of SrudpWaiter */
  GQueue close_waiters;
  guint max_backlog;
  GNetworkMonitor *monitor; /* until it is closed */
  gulong monitor_id;
  guint n_holds;         /* who needs the worker: the object, exported fds */
  gboolean closing;
  gboolean closed;

  /* Worker only. */
  GThread *thread;
  GMainContext *context;
  GDatagramBased *transport;
  SrudpDatagramIo *io;
  SrudpSpareSockets *spares;  /* NULL: the transport has none */
  SrudpEngine *engine;
  SrudpProber *prober;
  SrudpQlogFiles *qlog; /* NULL: nobody asked for traces */
  SrudpKeyLogFile *key_log; /* the same of keys */
  GSource *socket_source;
  GSource *writable_source; /* while a socket takes no more … */
  SrudpDatagramIo *blocked; /* … which is this one */
  GSource *timer_source;
  SrudpNetworkWatch *network_watch; /* NULL: the system doesn't tell */
  GHashTable *connections;  /* set of SrudpConnectionCore, each with a ref */
  GQueue bridges;           /* of SrudpBridge */
  SrudpIntroducerBook *offers; /* connections with peers to be introduced */
  guint n_introduced;       /* that are opened since somebody was introduced */
  GQueue returns;           /* to introducers that were lost */
  gint64 local_lost_us;     /* when its own address last failed */
  gint64 network_change_us; /* when the system last told */
  gint64 failures_since_us; /* of handshakes, for their rate limit */
  guint n_failures;
  gboolean accepting;    /* as the engine was told */
  gboolean introducing;
  SrudpSecret *passphrase; /* likewise, or NULL */
  gboolean shut_down;
  gboolean quit;
};

SrudpEndpointCore *srudp_endpoint_core_new   (GDatagramBased    *transport,
                                              gboolean           own_socket,
                                              const guint8      *secret,
                                              SrudpNotifier     *notifier,
                                              GError           **error);
SrudpEndpointCore *srudp_endpoint_core_ref   (SrudpEndpointCore *self);
void               srudp_endpoint_core_unref (SrudpEndpointCore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpEndpointCore, srudp_endpoint_core_unref)

/* Any thread. The worker ends when nobody holds it and all is delivered. */
void     srudp_endpoint_core_hold         (SrudpEndpointCore *self);
void     srudp_endpoint_core_release      (SrudpEndpointCore *self);
/* Runs `func` on the worker and waits for it. FALSE: the worker is gone. */
typedef void (*SrudpCallFunc)             (gpointer data);
gboolean srudp_endpoint_core_call         (SrudpEndpointCore *self,
                                           SrudpCallFunc      func,
                                           gpointer           data);
void     srudp_endpoint_core_set_accepting (SrudpEndpointCore *self,
                                            gboolean          accepting);
void     srudp_endpoint_core_set_introducing (SrudpEndpointCore *self,
                                              gboolean           introducing);
void     srudp_endpoint_core_set_backlog  (SrudpEndpointCore *self,
                                           guint              backlog);
void     srudp_endpoint_core_set_max_window (SrudpEndpointCore *self,
                                             guint64            n_bytes);
void     srudp_endpoint_core_set_stun_servers (SrudpEndpointCore *self,
                                               const char * const *servers);
void     srudp_endpoint_core_set_port_mapping (SrudpEndpointCore *self,
                                               gboolean            allowed);
/* Where it is bound to, as applications see it; NULL: nobody knows. */
void     srudp_endpoint_core_set_bound    (SrudpEndpointCore *self,
                                           GSocketAddress    *bound);
void     srudp_endpoint_core_set_punching (SrudpEndpointCore *self,
                                           gboolean           birthday_spray,
                                           guint              opener_ttl);
void     srudp_endpoint_core_set_protocol (SrudpEndpointCore *self,
                                           const char        *protocol);
/* NULL: none. */
void     srudp_endpoint_core_set_passphrase (SrudpEndpointCore *self,
                                             SrudpSecret       *passphrase);
/* Draws the secret of a new invitation: whoever shows that he knows it is
 * answered from now on, until that second (0: for ever). To be wiped. The
 * newest 64 hold. */
void     srudp_endpoint_core_make_invitation_secret (SrudpEndpointCore *self,
                                                     gint64 expires_s,
                                                     guint8 secret[SRUDP_KEY_BYTES]);
/* One that was drawn before, perhaps by an earlier process, and is kept (or
 * taken back). */
void     srudp_endpoint_core_set_invitation_secret (SrudpEndpointCore *self,
                                                    const guint8 secret[SRUDP_KEY_BYTES],
                                                    gboolean     valid,
                                                    gint64       expires_s);
void     srudp_endpoint_core_allow_peer   (SrudpEndpointCore *self,
                                           const guint8      *key,
                                           gboolean           allowed);
void     srudp_endpoint_core_close        (SrudpEndpointCore *self,
                                           SrudpWaiter       *waiter);
void     srudp_endpoint_core_abort        (SrudpEndpointCore *self);
gboolean srudp_endpoint_core_is_closed    (SrudpEndpointCore *self);

/* srudp-endpoint-network.c; any thread. */
void     srudp_endpoint_core_watch_network (SrudpEndpointCore *self);
/* On the worker. */
void     srudp_endpoint_core_note_network_change (SrudpEndpointCore *self);
void     srudp_endpoint_core_unwatch_network (SrudpEndpointCore *self);

/* srudp-endpoint-accept.c; any thread unless said. */
void     srudp_endpoint_core_accept       (SrudpEndpointCore *self,
                                           SrudpWaiter       *waiter);
SrudpConnectionCore *
         srudp_endpoint_core_take_incoming (SrudpEndpointCore *self);
/* Worker only. */
void     srudp_endpoint_core_offer        (SrudpEndpointCore *self,
                                           SrudpConnectionCore *connection);
void     srudp_endpoint_core_withdraw     (SrudpEndpointCore *self,
                                           SrudpConnectionCore *connection);
SrudpSession *
         srudp_endpoint_core_open         (SrudpEndpointCore *self,
                                           SrudpConnectionCore *connection,
                                           const SrudpOpenConfig *config);

/* srudp-endpoint-worker.c. FALSE: there is no thread to be had, and the core
 * is good for nothing. */
gboolean srudp_endpoint_core_start        (SrudpEndpointCore *self,
                                           GError           **error);
/* Worker only, after anything was done to the engine. */
void     srudp_endpoint_core_pump         (SrudpEndpointCore *self);
/* Worker only: there is something to do outside of its turn. */
void     srudp_endpoint_core_wake         (SrudpEndpointCore *self);
/* By whoever has taken the worker's turn. */
void     srudp_endpoint_core_send_out_of_turn (SrudpEndpointCore *self);

/* srudp-endpoint-receive.c; worker only, but for the first. */
void     srudp_endpoint_core_open_io      (SrudpEndpointCore *self);
void     srudp_endpoint_core_start_reading (SrudpEndpointCore *self);

/* srudp-endpoint-transmit.c; worker only. TRUE: the engine has nothing more to
 * send now. */
gboolean srudp_endpoint_core_transmit     (SrudpEndpointCore *self);
void     srudp_endpoint_core_close_idle_sockets (SrudpEndpointCore *self);

/* srudp-endpoint-events.c; worker only. */
void     srudp_endpoint_core_handle_events (SrudpEndpointCore *self);

G_END_DECLS
