/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection.c: a secure, reliable connection to one peer
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-list-private.h"
#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-enum-types.h"
#include "srudp-glib/srudp-handler-watch-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-input-stream-private.h"
#include "srudp-glib/srudp-invitation-private.h"
#include "srudp-glib/srudp-output-stream-private.h"

/**
 * SrudpConnection:
 *
 * A secure, reliable connection to one peer: like TCP, but over UDP, through
 * NATs, encrypted, and the same for both sides.
 *
 * The peer may be anything that yields addresses: a [class@Gio.NetworkAddress],
 * a [class@Gio.InetSocketAddress], a service, a type of your own. Names are
 * looked up without blocking other connections, in the thread or the context
 * that opens. All addresses of both families are tried side by side, from the
 * first one on while the rest are still looked up: none waits for a dead one,
 * and those that the endpoint's socket can't reach are left out. Proxies are
 * not used: they don't carry UDP. The addresses are those of the peer itself
 * whatever the proxy settings of the system say.
 *
 * Two peers that both want the connection each call
 * [method@Srudp.Connection.open], in any order and seconds apart if need be;
 * what comes of it is one connection. Or one of them takes what comes with
 * [method@Srudp.Endpoint.accept].
 *
 * It is a [class@Gio.IOStream], and works with everything in GIO that takes
 * one. Its streams are a [iface@Gio.PollableInputStream] and a
 * [iface@Gio.PollableOutputStream]. Closing the output stream is a half-close:
 * the peer reads the end after the last byte, and the other direction goes
 * on. [method@Gio.IOStream.close] returns when the peer has everything that
 * was written, or fails with `G_IO_ERROR_TIMED_OUT` after the
 * [property@Srudp.Connection:idle-timeout]; cancelling it breaks off at once.
 * To have everything means that it is acknowledged by the library at the other
 * end, which holds it for its application. The peer also knows then that the
 * connection is closed, so that the program may end at once; if its answer
 * doesn't come, closing waits for it no longer than a few round trips, or a
 * second.
 *
 * Dropping the last reference closes in the background, without a loss.
 * Whoever uses the streams has to keep the connection.
 *
 * Any method may be called from any thread. Signals and notifications of what
 * changed by itself come in the thread-default context of the thread that made
 * the connection. The connection stays alive even if that context doesn't run.
 */

enum
{
  PROP_ENDPOINT = 1,
  PROP_PEER,
  PROP_STATE,
  PROP_LOCAL_ADDRESS,
  PROP_REMOTE_ADDRESS,
  PROP_PEER_ID,
  PROP_SHORT_CODE,
  PROP_EXPECTED_PEER,
  PROP_PASSPHRASE,
  PROP_OPEN_TIMEOUT,
  PROP_IDLE_TIMEOUT,
  PROP_KEEPALIVE_INTERVAL,
  PROP_MAX_DATAGRAM_SIZE,
  PROP_MAX_RECEIVE_WINDOW,
  PROP_PRIORITY,
  N_PROPS
};

enum
{
  SIGNAL_DATAGRAM_RECEIVED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

/* Less would be more traffic than any NAT needs. */
#define KEEPALIVE_MIN_MS 3000

static void drop_handler_watch (SrudpConnection *self);

G_DEFINE_FINAL_TYPE (SrudpConnection, srudp_connection, G_TYPE_IO_STREAM)

static void
set_context (SrudpConnection *self,
             GMainContext    *context)
{
  if (self->notifier != NULL)
    srudp_notifier_close (self->notifier);
  g_clear_pointer (&self->notifier, srudp_notifier_unref);
  self->notifier = srudp_notifier_new (G_OBJECT (self), context);
  srudp_connection_core_attach (self->core, self->notifier);
}

static void
take_invitation (SrudpConnection *self,
                 SrudpInvitation *invitation)
{
  const guint8 *secret = srudp_invitation_get_secret (invitation);
  const SrudpNatFacts *nat = srudp_invitation_get_nat (invitation);
  const SrudpInvitationIntroducer *introducers;

  self->core->expected_peer =
    srudp_peer_id_copy (srudp_invitation_get_peer_id (invitation));
  if (nat != NULL)
    self->core->peer_nat = *nat;
  introducers = srudp_invitation_get_introducers (invitation,
                                                  &self->core->n_introducers);
  self->core->introducers =
    g_memdup2 (introducers,
               self->core->n_introducers * sizeof introducers[0]);
  if (secret != NULL)
    self->core->invitation =
      srudp_secret_new (secret, SRUDP_INVITATION_SECRET_BYTES);
}

static void
srudp_connection_constructed (GObject *object)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  G_OBJECT_CLASS (srudp_connection_parent_class)->constructed (object);

  self->core = srudp_connection_core_new ();
  if (self->endpoint != NULL)
    self->core->passphrase = srudp_endpoint_dup_passphrase (self->endpoint);
  if (SRUDP_IS_INVITATION (self->peer))
    take_invitation (self, SRUDP_INVITATION (self->peer));
  set_context (self, context);
  self->input = srudp_input_stream_new (self->core->main_stream);
  self->output = srudp_output_stream_new (self->core->main_stream);
}

SrudpConnection *
srudp_connection_new_inbound (SrudpEndpoint       *endpoint,
                              SrudpConnectionCore *core,
                              GMainContext        *context)
{
  g_autoptr (GSocketAddress) remote = NULL;
  SrudpConnection *self;

  g_mutex_lock (&core->lock);
  g_set_object (&remote, core->remote_address);
  g_mutex_unlock (&core->lock);

  self = g_object_new (SRUDP_TYPE_CONNECTION,
                       "endpoint", endpoint,
                       "peer", remote,
                       NULL);

  /* Nobody has seen the fresh core and streams yet. */
  srudp_connection_core_unref (self->core);
  g_object_unref (self->input);
  g_object_unref (self->output);

  self->core = core;
  set_context (self, context);
  self->input = srudp_input_stream_new (core->main_stream);
  self->output = srudp_output_stream_new (core->main_stream);
  srudp_connection_list_add (srudp_endpoint_get_list (endpoint), self);
  /* It may have ended while it waited: nobody would tell. */
  if (srudp_connection_get_state (self) == SRUDP_CONNECTION_STATE_CLOSED)
    srudp_connection_list_remove (srudp_endpoint_get_list (endpoint), self);
  return self;
}

static GInputStream *
srudp_connection_get_input_stream (GIOStream *stream)
{
  return SRUDP_CONNECTION (stream)->input;
}

static GOutputStream *
srudp_connection_get_output_stream (GIOStream *stream)
{
  return SRUDP_CONNECTION (stream)->output;
}

static void
srudp_connection_dispose (GObject *object)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  /* What it is made of belongs to the parent, whose threads may have held any
   * lock of it: the child leaves all of it alone, for good. */
  if (srudp_stream_core_is_copy (self->core->main_stream))
    {
      g_object_ref (object);
      return;
    }

  /* GIOStream closes when it is disposed: that must not wait for the peer. */
  g_atomic_int_set (&self->disposing, TRUE);
  if (self->endpoint != NULL)
    srudp_connection_list_remove (srudp_endpoint_get_list (self->endpoint),
                                  self);

  G_OBJECT_CLASS (srudp_connection_parent_class)->dispose (object);
}

static void
srudp_connection_finalize (GObject *object)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  drop_handler_watch (self);
  srudp_connection_core_release (self->core);
  srudp_connection_core_unref (self->core);
  srudp_notifier_close (self->notifier);
  srudp_notifier_unref (self->notifier);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->peer);
  /* The endpoint last: the port goes when the last connection is done. */
  g_clear_object (&self->endpoint);

  G_OBJECT_CLASS (srudp_connection_parent_class)->finalize (object);
}

static void
get_address_property (SrudpConnection *self,
                      gboolean         local,
                      GValue          *value)
{
  g_value_take_object (value,
                       local ? srudp_connection_get_local_address (self, NULL)
                             : srudp_connection_get_remote_address (self,
                                                                    NULL));
}

static void
srudp_connection_get_property (GObject    *object,
                               guint       property_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  switch (property_id)
    {
    case PROP_ENDPOINT:
      g_value_set_object (value, self->endpoint);
      break;
    case PROP_PEER:
      g_value_set_object (value, self->peer);
      break;
    case PROP_STATE:
      g_value_set_enum (value, srudp_connection_get_state (self));
      break;
    case PROP_LOCAL_ADDRESS:
      get_address_property (self, TRUE, value);
      break;
    case PROP_REMOTE_ADDRESS:
      get_address_property (self, FALSE, value);
      break;
    case PROP_PEER_ID:
      g_value_set_boxed (value, srudp_connection_get_peer_id (self));
      break;
    case PROP_SHORT_CODE:
      g_value_take_string (value, srudp_connection_dup_short_code (self));
      break;
    case PROP_EXPECTED_PEER:
      g_value_set_boxed (value, srudp_connection_get_expected_peer (self));
      break;
    case PROP_OPEN_TIMEOUT:
      g_value_set_uint (value, srudp_connection_get_open_timeout (self));
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_uint (value, srudp_connection_get_idle_timeout (self));
      break;
    case PROP_KEEPALIVE_INTERVAL:
      g_value_set_uint (value, srudp_connection_get_keepalive_interval (self));
      break;
    case PROP_MAX_DATAGRAM_SIZE:
      g_value_set_uint (value, srudp_connection_get_max_datagram_size (self));
      break;
    case PROP_MAX_RECEIVE_WINDOW:
      g_value_set_uint64 (value,
                          srudp_connection_get_max_receive_window (self));
      break;
    case PROP_PRIORITY:
      g_value_set_uint (value, srudp_connection_get_priority (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_connection_set_property (GObject      *object,
                               guint         property_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  switch (property_id)
    {
    case PROP_ENDPOINT:
      self->endpoint = g_value_dup_object (value);
      break;
    case PROP_PEER:
      self->peer = g_value_dup_object (value);
      break;
    case PROP_EXPECTED_PEER:
      srudp_connection_set_expected_peer (self, g_value_get_boxed (value));
      break;
    case PROP_PASSPHRASE:
      srudp_connection_set_passphrase (self, g_value_get_string (value));
      break;
    case PROP_OPEN_TIMEOUT:
      srudp_connection_set_open_timeout (self, g_value_get_uint (value));
      break;
    case PROP_IDLE_TIMEOUT:
      srudp_connection_set_idle_timeout (self, g_value_get_uint (value));
      break;
    case PROP_KEEPALIVE_INTERVAL:
      srudp_connection_set_keepalive_interval (self,
                                               g_value_get_uint (value));
      break;
    case PROP_MAX_RECEIVE_WINDOW:
      srudp_connection_set_max_receive_window (self,
                                               g_value_get_uint64 (value));
      break;
    case PROP_PRIORITY:
      srudp_connection_set_priority (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
install_identity_properties (void)
{
  /**
   * SrudpConnection:endpoint:
   *
   * The endpoint whose port is used.
   */
  props[PROP_ENDPOINT] =
    g_param_spec_object ("endpoint", NULL, NULL, SRUDP_TYPE_ENDPOINT,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:peer:
   *
   * Where the peer is; for an inbound connection, where it called from.
   */
  props[PROP_PEER] =
    g_param_spec_object ("peer", NULL, NULL, G_TYPE_SOCKET_CONNECTABLE,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:peer-id:
   *
   * Who the peer is; %NULL before the connection is established.
   */
  props[PROP_PEER_ID] =
    g_param_spec_boxed ("peer-id", NULL, NULL, SRUDP_TYPE_PEER_ID,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:short-code: (getter dup_short_code)
   *
   * Seven emoji for people to compare; %NULL until they are known.
   *
   * See [method@Srudp.Connection.dup_short_code].
   */
  props[PROP_SHORT_CODE] =
    g_param_spec_string ("short-code", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:expected-peer:
   *
   * Who the peer has to be, or %NULL for anyone at the address. Can only be
   * set before opening, and not at all if the
   * [property@Srudp.Connection:peer] is an [class@Srudp.Invitation]: then it
   * is the one who invites.
   */
  props[PROP_EXPECTED_PEER] =
    g_param_spec_boxed ("expected-peer", NULL, NULL, SRUDP_TYPE_PEER_ID,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                        | G_PARAM_STATIC_STRINGS);
}

static void
install_secret_properties (void)
{
  /**
   * SrudpConnection:passphrase:
   *
   * What the peer has to know. It can't be read, and only be set before
   * opening.
   *
   * See [method@Srudp.Connection.set_passphrase].
   */
  props[PROP_PASSPHRASE] =
    g_param_spec_string ("passphrase", NULL, NULL, NULL,
                         G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY
                         | G_PARAM_STATIC_STRINGS);
}

static void
install_state_properties (void)
{
  /**
   * SrudpConnection:state:
   *
   * Where the connection is in its life.
   *
   * Reading it gives the newest state in any thread. Every step is notified
   * once and in order.
   */
  props[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, SRUDP_TYPE_CONNECTION_STATE,
                       SRUDP_CONNECTION_STATE_NEW,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:local-address:
   *
   * The address on this side, as far as known. Follows the connection when it
   * moves to another network.
   */
  props[PROP_LOCAL_ADDRESS] =
    g_param_spec_object ("local-address", NULL, NULL, G_TYPE_SOCKET_ADDRESS,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:remote-address:
   *
   * The address of the peer; %NULL before the connection is established.
   * Follows the peer when it moves to another network.
   */
  props[PROP_REMOTE_ADDRESS] =
    g_param_spec_object ("remote-address", NULL, NULL, G_TYPE_SOCKET_ADDRESS,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:max-datagram-size:
   *
   * The largest datagram, in bytes, that fits now. Follows the path; 0 before
   * the connection is established.
   */
  props[PROP_MAX_DATAGRAM_SIZE] =
    g_param_spec_uint ("max-datagram-size", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_timeout_properties (void)
{
  /**
   * SrudpConnection:open-timeout:
   *
   * How long opening may take, in milliseconds; 0 for ever.
   */
  props[PROP_OPEN_TIMEOUT] =
    g_param_spec_uint ("open-timeout", NULL, NULL, 0, G_MAXUINT, 30000,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:idle-timeout:
   *
   * After how many milliseconds of silence the peer counts as gone. The
   * shorter one of both ends counts.
   */
  props[PROP_IDLE_TIMEOUT] =
    g_param_spec_uint ("idle-timeout", NULL, NULL, 1, G_MAXUINT, 21000,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:keepalive-interval:
   *
   * After how many milliseconds without a packet one is sent to keep NATs
   * open, at the latest; 0 for never. Values from 1 to 2999 are taken as 3000.
   *
   * How long NATs remember is learned: it is less where they forget sooner, down
   * to ten seconds. More than 15 seconds are tried, up to two minutes, where NATs
   * keep ports and the [property@Srudp.Connection:idle-timeout] of both ends
   * allows it.
   */
  props[PROP_KEEPALIVE_INTERVAL] =
    g_param_spec_uint ("keepalive-interval", NULL, NULL, 0, G_MAXUINT, 15000,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);
}

static void
install_share_properties (void)
{
  /**
   * SrudpConnection:max-receive-window:
   *
   * How many bytes that nobody has read yet the connection may hold, in all
   * its streams together.
   *
   * At first what [property@Srudp.Endpoint:max-receive-window] says, and no
   * further bound by it. What the peer was already allowed to send stays
   * allowed when it is lowered, so a small one is best set before opening.
   */
  props[PROP_MAX_RECEIVE_WINDOW] =
    g_param_spec_uint64 ("max-receive-window", NULL, NULL,
                         SRUDP_MIN_MAX_RECEIVE_WINDOW, G_MAXUINT32,
                         SRUDP_DEFAULT_MAX_RECEIVE_WINDOW,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                         | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpConnection:priority:
   *
   * When the bytes of the connection's own stream leave, from 0 (at once) to 7
   * (when there is nothing else), among its streams; see
   * [property@Srudp.Stream:priority].
   *
   * Other connections take no notice: all those of an endpoint take turns.
   */
  props[PROP_PRIORITY] =
    g_param_spec_uint ("priority", NULL, NULL, 0,
                       SRUDP_STREAM_CORE_PRIORITY_MAX,
                       SRUDP_STREAM_CORE_PRIORITY_DEFAULT,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);
}

static void
srudp_connection_class_init (SrudpConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->constructed = srudp_connection_constructed;
  object_class->dispose = srudp_connection_dispose;
  object_class->finalize = srudp_connection_finalize;
  object_class->get_property = srudp_connection_get_property;
  object_class->set_property = srudp_connection_set_property;

  stream_class->get_input_stream = srudp_connection_get_input_stream;
  stream_class->get_output_stream = srudp_connection_get_output_stream;
  stream_class->close_fn = srudp_connection_close_now;
  stream_class->close_async = srudp_connection_close_async;
  stream_class->close_finish = srudp_connection_close_finish;

  install_identity_properties ();
  install_secret_properties ();
  install_state_properties ();
  install_timeout_properties ();
  install_share_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * SrudpConnection::datagram-received:
   * @self: the connection
   * @datagram: what the peer sent
   *
   * A datagram has arrived that no [method@Srudp.Connection.receive_datagram]
   * was waiting for.
   */
  signals[SIGNAL_DATAGRAM_RECEIVED] =
    g_signal_new ("datagram-received", SRUDP_TYPE_CONNECTION,
                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_BYTES);
}

static void
srudp_connection_init (SrudpConnection *self)
{
}

/* Notices from the worker */

static void
state_notice (GObject  *object,
              gpointer  data)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  if (srudp_connection_get_state (self) == SRUDP_CONNECTION_STATE_CLOSED
      && self->endpoint != NULL)
    srudp_connection_list_remove (srudp_endpoint_get_list (self->endpoint),
                                  self);
  g_object_notify_by_pspec (object, props[PROP_STATE]);
}

void
srudp_connection_push_state (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, state_notice, NULL, NULL);
}

void
srudp_connection_push_secured (SrudpNotifier *notifier)
{
  srudp_notifier_push_notify (notifier, props[PROP_PEER_ID]);
}

void
srudp_connection_push_short_code (SrudpNotifier *notifier)
{
  srudp_notifier_push_notify (notifier, props[PROP_SHORT_CODE]);
}

void
srudp_connection_push_path (SrudpNotifier *notifier)
{
  srudp_notifier_push_notify (notifier, props[PROP_LOCAL_ADDRESS]);
  srudp_notifier_push_notify (notifier, props[PROP_REMOTE_ADDRESS]);
}

void
srudp_connection_push_max_datagram_size (SrudpNotifier *notifier)
{
  srudp_notifier_push_notify (notifier, props[PROP_MAX_DATAGRAM_SIZE]);
}

static void emit_datagrams (SrudpConnection *self);

static void
drop_handler_watch (SrudpConnection *self)
{
  GSource *watch;

  g_mutex_lock (&self->core->lock);
  watch = g_steal_pointer (&self->handler_watch);
  g_mutex_unlock (&self->core->lock);

  if (watch == NULL)
    return;
  g_source_destroy (watch);
  g_source_unref (watch);
}

static void
handler_connected (GObject *object)
{
  drop_handler_watch (SRUDP_CONNECTION (object));
  emit_datagrams (SRUDP_CONNECTION (object));
}

/* Whoever connects later gets what came earlier. */
static void
watch_for_handler (SrudpConnection *self)
{
  SrudpConnectionCore *core = self->core;

  g_mutex_lock (&core->lock);
  if (!g_queue_is_empty (&core->datagrams_in) && self->handler_watch == NULL)
    {
      self->handler_watch = srudp_handler_watch_new (
        G_OBJECT (self), signals[SIGNAL_DATAGRAM_RECEIVED],
        handler_connected);
      g_source_attach (self->handler_watch,
                       srudp_notifier_get_context (self->notifier));
    }
  g_mutex_unlock (&core->lock);
}

/* Without a handler, datagrams wait for a receive. */
static void
emit_datagrams (SrudpConnection *self)
{
  srudp_connection_core_begin_looking (self->core);
  while (g_signal_has_handler_pending (
    self, signals[SIGNAL_DATAGRAM_RECEIVED], 0, FALSE))
    {
      g_autoptr (GBytes) datagram =
        srudp_connection_core_pop_datagram (self->core);

      if (datagram == NULL)
        break;
      g_signal_emit (self, signals[SIGNAL_DATAGRAM_RECEIVED], 0, datagram);
    }
  watch_for_handler (self);
}

static void
datagrams_notice (GObject  *object,
                  gpointer  data)
{
  emit_datagrams (SRUDP_CONNECTION (object));
}

void
srudp_connection_push_datagrams (SrudpNotifier *notifier)
{
  srudp_notifier_push (notifier, datagrams_notice, NULL, NULL);
}

/* Setters */

/**
 * srudp_connection_new:
 * @endpoint: the endpoint whose port to use
 * @peer: where the peer is: an address, a name to look up, an
 *   [class@Srudp.Invitation], or anything else that yields addresses
 *
 * Makes a connection that isn't open yet.
 *
 * An invitation also gives the [property@Srudp.Connection:expected-peer],
 * which then can't be changed.
 *
 * Returns: (transfer full): a new connection
 */
SrudpConnection *
srudp_connection_new (SrudpEndpoint      *endpoint,
                      GSocketConnectable *peer)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (endpoint), NULL);
  g_return_val_if_fail (G_IS_SOCKET_CONNECTABLE (peer), NULL);

  return g_object_new (SRUDP_TYPE_CONNECTION,
                       "endpoint", endpoint,
                       "peer", peer,
                       NULL);
}

/**
 * srudp_connection_set_expected_peer:
 * @self: a connection that isn't open yet
 * @expected_peer: (nullable): who the peer has to be, or %NULL for anyone
 *
 * Sets who the peer has to be. One who was named by an invitation can't be
 * changed.
 *
 * If only somebody else answers, opening fails with
 * %SRUDP_ERROR_PEER_IDENTITY, and no byte of data is exchanged.
 */
void
srudp_connection_set_expected_peer (SrudpConnection   *self,
                                    const SrudpPeerId *expected_peer)
{
  gboolean is_new;

  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (!SRUDP_IS_INVITATION (self->peer));

  g_mutex_lock (&self->core->lock);
  is_new = self->core->state == SRUDP_STATE_NEW;
  if (is_new)
    {
      g_clear_pointer (&self->core->expected_peer, srudp_peer_id_free);
      if (expected_peer != NULL)
        self->core->expected_peer = srudp_peer_id_copy (expected_peer);
    }
  g_mutex_unlock (&self->core->lock);

  g_return_if_fail (is_new);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_EXPECTED_PEER]);
}

/**
 * srudp_connection_set_passphrase:
 * @self: a connection that isn't open yet
 * @passphrase: (nullable): what the peer has to know, or %NULL for nothing
 *
 * Sets what both sides have to know. At first it is the passphrase of the
 * endpoint; see [method@Srudp.Endpoint.set_passphrase] for what it is worth.
 *
 * If the peer uses another one, or only one of the two sides has any, opening
 * fails with %SRUDP_ERROR_PASSPHRASE.
 */
void
srudp_connection_set_passphrase (SrudpConnection *self,
                                 const char      *passphrase)
{
  gboolean is_new;

  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  g_mutex_lock (&self->core->lock);
  is_new = self->core->state == SRUDP_STATE_NEW;
  if (is_new)
    {
      g_clear_pointer (&self->core->passphrase, srudp_secret_unref);
      self->core->passphrase = srudp_secret_new_passphrase (passphrase);
    }
  g_mutex_unlock (&self->core->lock);

  g_return_if_fail (is_new);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PASSPHRASE]);
}

/**
 * srudp_connection_set_open_timeout:
 * @self: a connection
 * @timeout_ms: a time in milliseconds, or 0 for no limit
 *
 * Sets how long opening may take. Counts for an opening that starts later.
 */
void
srudp_connection_set_open_timeout (SrudpConnection *self,
                                   guint            timeout_ms)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  g_mutex_lock (&self->core->lock);
  self->core->open_timeout_ms = timeout_ms;
  g_mutex_unlock (&self->core->lock);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OPEN_TIMEOUT]);
}

/**
 * srudp_connection_set_idle_timeout:
 * @self: a connection
 * @timeout_ms: a time in milliseconds, at least 1
 *
 * Sets after how long a silence the peer counts as gone.
 *
 * The shorter one of both ends counts; the peer is told when the connection is
 * opened.
 */
void
srudp_connection_set_idle_timeout (SrudpConnection *self,
                                   guint            timeout_ms)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (timeout_ms > 0);

  srudp_connection_core_set_timeouts (
    self->core, timeout_ms, srudp_connection_get_keepalive_interval (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IDLE_TIMEOUT]);
}

/**
 * srudp_connection_set_keepalive_interval:
 * @self: a connection
 * @interval_ms: a time in milliseconds, or 0 for never
 *
 * Sets after how long a silence a packet is sent to keep NATs open, at the
 * latest: see [property@Srudp.Connection:keepalive-interval]. Values from 1 to
 * 2999 are taken as 3000.
 */
void
srudp_connection_set_keepalive_interval (SrudpConnection *self,
                                         guint            interval_ms)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  if (interval_ms > 0)
    interval_ms = MAX (interval_ms, KEEPALIVE_MIN_MS);
  srudp_connection_core_set_timeouts (
    self->core, srudp_connection_get_idle_timeout (self), interval_ms);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_KEEPALIVE_INTERVAL]);
}
