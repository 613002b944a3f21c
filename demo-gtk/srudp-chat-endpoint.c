/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-endpoint.c: the network over a SrudpEndpoint
 */
#include "srudp-chat-endpoint.h"

#include "srudp-chat-connection.h"

#include <string.h>

/* Pasted within a week, also when this program was started anew meanwhile. */
#define INVITATION_LIFETIME_S (7 * 24 * 60 * 60)
/* One that is shown holds for at least this long. */
#define INVITATION_LEFT_S (3 * 24 * 60 * 60)
#define LOOK_AGAIN_S (60 * 60)

struct _SrudpChatEndpoint
{
  SrudpChatNetwork parent_instance;

  SrudpIdentity *identity;
  SrudpEndpoint *endpoint;
  GStrv servers;
  GCancellable *finding;
  SrudpChatInvitations *invitations;
  gint64 renewal_s; /* when the one shown has become old */
  guint look_again_id;
  gboolean accepting;
  gboolean moved; /* since the invitation that is shown */
  gboolean maps_port;
  char *passphrase;
};

G_DEFINE_FINAL_TYPE (SrudpChatEndpoint, srudp_chat_endpoint, SRUDP_CHAT_TYPE_NETWORK)

static void
incoming_cb (SrudpEndpoint   *endpoint,
             SrudpConnection *connection,
             gpointer         user_data)
{
  g_autoptr (SrudpChatLink) link = srudp_chat_connection_new (connection);

  srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (user_data), link);
}

/* --- Where we are ---------------------------------------------------------- */

typedef struct
{
  SrudpChatEndpoint *self;
  GCancellable *cancellable; /* once there is a later one */
  SrudpChatReach reach;
  char *public_address;
  gint64 rtt_us;
} Finding;

static void
finding_free (Finding *finding)
{
  g_object_unref (finding->self);
  g_object_unref (finding->cancellable);
  g_free (finding->public_address);
  g_free (finding);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Finding, finding_free)

static void
invited_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (Finding) finding = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) invitation =
    srudp_endpoint_create_invitation_finish (SRUDP_ENDPOINT (source), result, &error);
  g_autofree char *text = NULL;

  if (g_cancellable_is_cancelled (finding->cancellable))
    return;
  if (invitation != NULL)
    {
      srudp_chat_invitations_keep (finding->self->invitations, invitation);
      text = srudp_invitation_to_string (invitation);
    }
  srudp_chat_network_found (SRUDP_CHAT_NETWORK (finding->self), text, finding->reach,
                            finding->public_address, finding->rtt_us);
  if (text != NULL && finding->self->moved)
    {
      finding->self->moved = FALSE;
      srudp_chat_network_renewed (SRUDP_CHAT_NETWORK (finding->self));
    }
}

static void
read_report (Finding            *finding,
             SrudpNetworkReport *report)
{
  GListModel *addresses = srudp_network_report_get_public_addresses (report);
  g_autoptr (GSocketAddress) address = g_list_model_get_item (addresses, 0);

  finding->rtt_us = srudp_network_report_get_rtt (report);
  if (address != NULL)
    {
      finding->public_address =
        g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
      finding->reach = srudp_network_report_get_mapping (report)
                           == SRUDP_NAT_MAPPING_ENDPOINT_DEPENDENT
                         ? SRUDP_CHAT_REACH_CHANGING
                         : SRUDP_CHAT_REACH_PUBLIC;
    }
  else if (srudp_network_report_get_udp_blocked (report))
    finding->reach = SRUDP_CHAT_REACH_SILENT;
}

static void
probed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (Finding) finding = user_data;
  GCancellable *cancellable = finding->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpNetworkReport) report =
    srudp_endpoint_probe_network_finish (SRUDP_ENDPOINT (source), result, &error);

  if (g_cancellable_is_cancelled (cancellable))
    return;
  if (report != NULL)
    read_report (finding, report);
  /* Whom nobody can ask may still be reached from nearby. */
  if (report == NULL)
    srudp_endpoint_set_stun_servers (SRUDP_ENDPOINT (source), NULL);
  srudp_endpoint_create_invitation_async (SRUDP_ENDPOINT (source), cancellable, invited_cb,
                                          g_steal_pointer (&finding));
}

static void
find_ourselves (SrudpChatEndpoint *self)
{
  Finding *finding;

  g_cancellable_cancel (self->finding);
  g_clear_object (&self->finding);
  if (self->endpoint == NULL)
    return;
  self->finding = g_cancellable_new ();
  finding = g_new0 (Finding, 1);
  finding->self = g_object_ref (self);
  finding->cancellable = g_object_ref (self->finding);
  finding->reach = SRUDP_CHAT_REACH_LOCAL;
  finding->rtt_us = -1;
  self->renewal_s =
    g_get_real_time () / G_USEC_PER_SEC + INVITATION_LIFETIME_S - INVITATION_LEFT_S;
  srudp_endpoint_set_stun_servers (self->endpoint, (const char *const *) self->servers);
  srudp_endpoint_probe_network_async (self->endpoint, self->finding, probed_cb, finding);
}

/* What was given to peers holds as before: nobody has to be told. */
static void
candidates_added_cb (SrudpEndpoint *endpoint,
                     gpointer       user_data)
{
  find_ourselves (SRUDP_CHAT_ENDPOINT (user_data));
}

static void
candidates_changed_cb (SrudpEndpoint *endpoint,
                       gpointer       user_data)
{
  SrudpChatEndpoint *self = user_data;

  self->moved = TRUE;
  find_ourselves (self);
}

static gboolean
look_again_cb (gpointer user_data)
{
  SrudpChatEndpoint *self = user_data;

  if (self->endpoint == NULL)
    return G_SOURCE_CONTINUE;
  srudp_chat_invitations_expire (self->invitations, self->endpoint);
  if (g_get_real_time () / G_USEC_PER_SEC >= self->renewal_s)
    find_ourselves (self);
  return G_SOURCE_CONTINUE;
}

static void
srudp_chat_endpoint_set_servers (SrudpChatNetwork  *network,
                                 const char *const *servers)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);

  g_strfreev (self->servers);
  self->servers = g_strdupv ((char **) servers);
  srudp_chat_network_found (network, NULL, SRUDP_CHAT_REACH_FINDING, NULL, -1);
  find_ourselves (self);
}

static void
srudp_chat_endpoint_set_maps_port (SrudpChatNetwork *network,
                                   gboolean          maps_port)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);

  if (self->maps_port == maps_port)
    return;
  self->maps_port = maps_port;
  if (self->endpoint != NULL)
    srudp_endpoint_set_port_mapping (self->endpoint, maps_port);
  find_ourselves (self);
}

/* --- The passphrase -------------------------------------------------------- */

static void
forget_passphrase (SrudpChatEndpoint *self)
{
  if (self->passphrase != NULL)
    explicit_bzero (self->passphrase, strlen (self->passphrase));
  g_clear_pointer (&self->passphrase, g_free);
}

static void
srudp_chat_endpoint_set_passphrase (SrudpChatNetwork *network,
                                    const char       *passphrase)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);

  forget_passphrase (self);
  self->passphrase = g_strdup (passphrase);
  if (self->endpoint != NULL)
    srudp_endpoint_set_passphrase (self->endpoint, passphrase);
}

/* --- The port -------------------------------------------------------------- */

/* Its connections keep the old one; only nobody is let in there any more. */
static void
let_go (SrudpChatEndpoint *self)
{
  if (self->endpoint == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->endpoint, self);
  srudp_endpoint_set_accept_incoming (self->endpoint, FALSE);
  g_clear_object (&self->endpoint);
}

static SrudpEndpoint *
bind_to (SrudpChatEndpoint  *self,
         guint16             port,
         GError            **error)
{
  g_autoptr (GInetAddress) any = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (SrudpEndpoint) endpoint = NULL;
  g_autoptr (GError) no_ipv6 = NULL;

  any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV6);
  local = g_inet_socket_address_new (any, port);
  endpoint = srudp_endpoint_new (local, self->identity, &no_ipv6);
  if (endpoint != NULL
      || g_error_matches (no_ipv6, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      if (endpoint == NULL)
        g_propagate_error (error, g_steal_pointer (&no_ipv6));
      return g_steal_pointer (&endpoint);
    }

  g_clear_object (&any);
  g_clear_object (&local);
  any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  local = g_inet_socket_address_new (any, port);
  return srudp_endpoint_new (local, self->identity, error);
}

static gboolean
srudp_chat_endpoint_listen (SrudpChatNetwork  *network,
                            guint16            port,
                            GError           **error)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);
  g_autoptr (SrudpEndpoint) endpoint = bind_to (self, port, error);

  if (endpoint == NULL)
    return FALSE;
  let_go (self);
  srudp_endpoint_set_application_protocol (endpoint, SRUDP_CHAT_PROTOCOL_NAME);
  srudp_endpoint_set_port_mapping (endpoint, self->maps_port);
  srudp_endpoint_set_invitation_lifetime (endpoint, INVITATION_LIFETIME_S);
  srudp_chat_invitations_restore (self->invitations, endpoint);
  srudp_endpoint_set_passphrase (endpoint, self->passphrase);
  g_signal_connect (endpoint, "incoming", G_CALLBACK (incoming_cb), self);
  srudp_endpoint_set_accept_incoming (endpoint, self->accepting);
  g_signal_connect (endpoint, "candidates-added", G_CALLBACK (candidates_added_cb), self);
  g_signal_connect (endpoint, "candidates-changed", G_CALLBACK (candidates_changed_cb), self);
  self->endpoint = g_steal_pointer (&endpoint);
  srudp_chat_network_found (network, NULL, SRUDP_CHAT_REACH_FINDING, NULL, -1);
  find_ourselves (self);
  return TRUE;
}

static void
srudp_chat_endpoint_accept (SrudpChatNetwork *network)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);

  self->accepting = TRUE;
  if (self->endpoint != NULL)
    srudp_endpoint_set_accept_incoming (self->endpoint, TRUE);
}

static SrudpChatLink *
srudp_chat_endpoint_dial (SrudpChatNetwork       *network,
                          const SrudpChatAddress *address)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);
  g_autoptr (GSocketConnectable) peer = NULL;
  g_autoptr (SrudpConnection) connection = NULL;

  if (address->invitation != NULL)
    peer = G_SOCKET_CONNECTABLE (srudp_invitation_parse (address->invitation, NULL));
  else
    peer = g_network_address_new (address->host, address->port);
  connection = srudp_connection_new (self->endpoint, peer);

  return srudp_chat_connection_new (connection);
}

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (SrudpChatNetwork) self = user_data;

  /* There is nobody left to tell of an error. */
  srudp_endpoint_close_finish (SRUDP_ENDPOINT (source), result, NULL);
  srudp_chat_network_closed (self);
}

static void
srudp_chat_endpoint_close (SrudpChatNetwork *network)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);

  g_cancellable_cancel (self->finding);
  if (self->endpoint != NULL)
    srudp_endpoint_close_async (self->endpoint, NULL, closed_cb, g_object_ref (self));
  else
    srudp_chat_network_closed (network);
}

static guint16
srudp_chat_endpoint_get_port (SrudpChatNetwork *network)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);
  g_autoptr (GSocketAddress) local = NULL;

  if (self->endpoint == NULL)
    return 0;
  local = srudp_endpoint_get_local_address (self->endpoint, NULL);
  return G_IS_INET_SOCKET_ADDRESS (local)
           ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local))
           : 0;
}

static char *
srudp_chat_endpoint_dup_peer_id (SrudpChatNetwork *network)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (network);

  return srudp_peer_id_to_string (srudp_identity_get_peer_id (self->identity));
}

static void
srudp_chat_endpoint_dispose (GObject *object)
{
  SrudpChatEndpoint *self = SRUDP_CHAT_ENDPOINT (object);

  g_cancellable_cancel (self->finding);
  g_clear_object (&self->finding);
  let_go (self);
  forget_passphrase (self);
  g_clear_pointer (&self->servers, g_strfreev);
  g_clear_handle_id (&self->look_again_id, g_source_remove);
  g_clear_object (&self->invitations);
  g_clear_object (&self->identity);

  G_OBJECT_CLASS (srudp_chat_endpoint_parent_class)->dispose (object);
}

static void
srudp_chat_endpoint_class_init (SrudpChatEndpointClass *klass)
{
  SrudpChatNetworkClass *network_class = SRUDP_CHAT_NETWORK_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_endpoint_dispose;
  network_class->dial = srudp_chat_endpoint_dial;
  network_class->listen = srudp_chat_endpoint_listen;
  network_class->accept = srudp_chat_endpoint_accept;
  network_class->close = srudp_chat_endpoint_close;
  network_class->get_port = srudp_chat_endpoint_get_port;
  network_class->dup_peer_id = srudp_chat_endpoint_dup_peer_id;
  network_class->set_servers = srudp_chat_endpoint_set_servers;
  network_class->set_maps_port = srudp_chat_endpoint_set_maps_port;
  network_class->set_passphrase = srudp_chat_endpoint_set_passphrase;
}

static void
srudp_chat_endpoint_init (SrudpChatEndpoint *self)
{
  self->look_again_id = g_timeout_add_seconds (LOOK_AGAIN_S, look_again_cb, self);
}

SrudpChatNetwork *
srudp_chat_endpoint_new (SrudpIdentity        *identity,
                         SrudpChatInvitations *invitations)
{
  SrudpChatEndpoint *self = g_object_new (SRUDP_CHAT_TYPE_ENDPOINT, NULL);

  self->identity = g_object_ref (identity);
  self->invitations = g_object_ref (invitations);
  return SRUDP_CHAT_NETWORK (self);
}
