/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-private.h: endpoints for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-connection-list-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-endpoint.h"
#include "srudp-glib/srudp-secret-private.h"

G_BEGIN_DECLS

#define SRUDP_DEFAULT_BACKLOG 16
/* 1 Gbit/s at a round trip time of 130 ms. */
#define SRUDP_DEFAULT_MAX_RECEIVE_WINDOW (16 * 1024 * 1024)
/* Less would not keep even a slow path busy. */
#define SRUDP_MIN_MAX_RECEIVE_WINDOW (64 * 1024)

struct _SrudpEndpoint
{
  GObject parent_instance;

  SrudpIdentity *identity;
  SrudpNotifier *notifier;
  SrudpConnectionList *connections;
  GSource *incoming_source;
  int n_forks; /* constant */

  GMutex lock;
  /* Under the lock. */
  GSocketAddress *local_address; /* asked for; once bound, the real one */
  GDatagramBased *transport;
  SrudpEndpointCore *core;       /* NULL before it is bound */
  GError *bind_error;            /* it was tried, in vain */
  gboolean closed_unbound;
  const char *application_protocol; /* interned */
  gboolean accept_incoming;
  gboolean accept_called;
  gboolean introducing;
  guint backlog;
  guint64 max_receive_window;    /* bytes */
  char **stun_servers;           /* never NULL */
  gboolean port_mapping;
  gboolean birthday_spray;
  guint opener_ttl;              /* 0: the system's own */
  guint invitation_lifetime_s;   /* 0: without a limit */
  SrudpSecret *passphrase;       /* or NULL */
  GPtrArray *early_peers;        /* of SrudpPeerId: allowed before binding */
};

/* FALSE with the error set: it belongs to the process this one is a copy of. */
gboolean             srudp_endpoint_check_process (gpointer   endpoint,
                                                   GError   **error);
/* Binds if that wasn't done yet (transfer full). */
SrudpEndpointCore   *srudp_endpoint_dup_core (SrudpEndpoint  *self,
                                              GError        **error);
/* NULL: it is not bound (transfer full). */
SrudpEndpointCore   *srudp_endpoint_dup_bound_core (SrudpEndpoint *self);
SrudpConnectionList *srudp_endpoint_get_list (SrudpEndpoint  *self);
SrudpSecret         *srudp_endpoint_dup_passphrase (SrudpEndpoint *self);
/* The first accept makes it answer strangers. */
void                 srudp_endpoint_note_accept (SrudpEndpoint *self);
/* Makes the source that hands connections to the `incoming` signal. */
GSource             *srudp_endpoint_make_incoming_source (SrudpEndpoint *self);

/* srudp-endpoint-properties.c, srudp-endpoint-signals.c: of the class. */
void srudp_endpoint_install_properties (GObjectClass *object_class);
void srudp_endpoint_install_signals    (void);

/* Any thread, any lock: tell the owner. */
void srudp_endpoint_push_handshake_failed (SrudpNotifier  *notifier,
                                           GSocketAddress *from,
                                           const GError   *error);
void srudp_endpoint_push_closed           (SrudpNotifier  *notifier);
void srudp_endpoint_push_candidates_added (SrudpNotifier *notifier);
void srudp_endpoint_push_candidates_changed (SrudpNotifier *notifier);

G_END_DECLS
