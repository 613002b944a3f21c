/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-signals.c: what an endpoint tells by itself
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"

enum
{
  SIGNAL_INCOMING,
  SIGNAL_HANDSHAKE_FAILED,
  SIGNAL_CANDIDATES_ADDED,
  SIGNAL_CANDIDATES_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
srudp_endpoint_install_signals (void)
{
  /**
   * SrudpEndpoint::incoming:
   * @self: the endpoint
   * @connection: a connection that a peer has opened
   *
   * A peer has opened a connection that no accept was waiting for.
   *
   * A handler that wants the connection takes a reference; otherwise it is
   * closed again.
   */
  signals[SIGNAL_INCOMING] =
    g_signal_new ("incoming", SRUDP_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST, 0, NULL,
                  NULL, NULL, G_TYPE_NONE, 1, SRUDP_TYPE_CONNECTION);

  /**
   * SrudpEndpoint::handshake-failed:
   * @self: the endpoint
   * @from: where it came from
   * @error: what was wrong
   *
   * Somebody has tried to open a connection, but the two sides don't fit.
   *
   * The rate is limited; it is meant to tell a person, not to be counted.
   */
  signals[SIGNAL_HANDSHAKE_FAILED] =
    g_signal_new ("handshake-failed", SRUDP_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_SOCKET_ADDRESS,
                  G_TYPE_ERROR);

  /**
   * SrudpEndpoint::candidates-added:
   * @self: the endpoint
   *
   * There is another address by which peers get in, and earlier invitations
   * don't name it: a router that [property@Srudp.Endpoint:port-mapping] lets be
   * asked has taken longer to answer than an invitation waits for it, or was
   * found later.
   *
   * Earlier invitations hold as before; one that is made now reaches further.
   * Peers that are connected are told by themselves.
   */
  signals[SIGNAL_CANDIDATES_ADDED] =
    g_signal_new ("candidates-added", SRUDP_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * SrudpEndpoint::candidates-changed:
   * @self: the endpoint
   *
   * The addresses in earlier invitations don't hold any more, or not all of
   * them: this computer has moved to another network, or its NAT gives it
   * another port.
   *
   * Peers that are connected follow by themselves. For the others, make a new
   * invitation.
   */
  signals[SIGNAL_CANDIDATES_CHANGED] =
    g_signal_new ("candidates-changed", SRUDP_TYPE_ENDPOINT,
                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* The `incoming` signal */

typedef struct
{
  GSource parent;
  GWeakRef endpoint;
} IncomingSource;

static gboolean
incoming_source_is_ready (GSource *source)
{
  IncomingSource *incoming = (IncomingSource *) source;
  g_autoptr (SrudpEndpoint) self = g_weak_ref_get (&incoming->endpoint);
  g_autoptr (SrudpEndpointCore) core = NULL;

  if (self == NULL)
    return FALSE;
  core = srudp_endpoint_dup_bound_core (self);
  return core != NULL && g_atomic_int_get (&core->n_backlog) > 0
         && g_signal_has_handler_pending (self, signals[SIGNAL_INCOMING], 0, TRUE);
}

static gboolean
incoming_source_prepare (GSource *source,
                         int     *timeout)
{
  *timeout = -1;
  return incoming_source_is_ready (source);
}

static gboolean
incoming_source_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  IncomingSource *incoming = (IncomingSource *) source;
  g_autoptr (SrudpEndpoint) self = g_weak_ref_get (&incoming->endpoint);
  g_autoptr (SrudpEndpointCore) core = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  SrudpConnectionCore *taken;

  if (self == NULL)
    return G_SOURCE_REMOVE;
  core = srudp_endpoint_dup_bound_core (self);
  taken = core == NULL ? NULL : srudp_endpoint_core_take_incoming (core);
  if (taken == NULL)
    return G_SOURCE_CONTINUE;

  connection = srudp_connection_new_inbound (self, taken,
                                             g_source_get_context (source));
  g_signal_emit (self, signals[SIGNAL_INCOMING], 0, connection);
  return G_SOURCE_CONTINUE;
}

static void
incoming_source_finalize (GSource *source)
{
  g_weak_ref_clear (&((IncomingSource *) source)->endpoint);
}

static GSourceFuncs incoming_source_funcs = {
  .prepare = incoming_source_prepare,
  .check = incoming_source_is_ready,
  .dispatch = incoming_source_dispatch,
  .finalize = incoming_source_finalize,
};

GSource *
srudp_endpoint_make_incoming_source (SrudpEndpoint *self)
{
  GSource *source = g_source_new (&incoming_source_funcs,
                                  sizeof (IncomingSource));
  IncomingSource *incoming = (IncomingSource *) source;

  g_weak_ref_init (&incoming->endpoint, self);
  g_source_set_static_name (source, "[srudp] incoming");
  return source;
}

/* Notices from the worker */

typedef struct
{
  GSocketAddress *from;
  GError *error;
} HandshakeFailure;

static void
handshake_failure_free (gpointer data)
{
  HandshakeFailure *failure = data;

  g_object_unref (failure->from);
  g_error_free (failure->error);
  g_free (failure);
}

static void
handshake_failed_notice (GObject  *object,
                         gpointer  data)
{
  HandshakeFailure *failure = data;

  g_signal_emit (object, signals[SIGNAL_HANDSHAKE_FAILED], 0, failure->from,
                 failure->error);
  handshake_failure_free (failure);
}

void
srudp_endpoint_push_handshake_failed (SrudpNotifier  *notifier,
                                      GSocketAddress *from,
                                      const GError   *error)
{
  HandshakeFailure *failure = g_new (HandshakeFailure, 1);

  failure->from = g_object_ref (from);
  failure->error = g_error_copy (error);
  srudp_notifier_push (notifier, handshake_failed_notice, failure,
                       handshake_failure_free);
}

static void
candidates_added_notice (GObject  *object,
                         gpointer  data)
{
  g_signal_emit (object, signals[SIGNAL_CANDIDATES_ADDED], 0);
}

void
srudp_endpoint_push_candidates_added (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, candidates_added_notice, NULL, NULL);
}

static void
candidates_changed_notice (GObject  *object,
                           gpointer  data)
{
  g_signal_emit (object, signals[SIGNAL_CANDIDATES_CHANGED], 0);
}

void
srudp_endpoint_push_candidates_changed (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, candidates_changed_notice, NULL, NULL);
}
