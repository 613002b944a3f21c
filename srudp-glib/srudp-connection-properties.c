/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-properties.c: the properties of a connection
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-enum-types.h"

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

static GParamSpec *props[N_PROPS];

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
get_property (GObject    *object,
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
set_property (GObject      *object,
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

void
srudp_connection_install_properties (GObjectClass *object_class)
{
  object_class->get_property = get_property;
  object_class->set_property = set_property;

  install_identity_properties ();
  install_secret_properties ();
  install_state_properties ();
  install_timeout_properties ();
  install_share_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/* Notices from the worker */

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
