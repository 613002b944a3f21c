/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-peer.c: our port and key, and the way to the peer
 */
#include "config.h"

#include "srudp-cat-peer.h"

#include "srudp-cat-pump.h"
#include "srudp-cat-report.h"

#include <glib/gi18n.h>
#include <string.h>

/* What the two ends of a TCP gateway say to each other has a version. */
#define TCP_PROTOCOL "org.srudp.Cat.Tcp/1"

static char *
describe_address (GSocketAddress *address)
{
  if (address == NULL)
    return g_strdup (_ ("an unknown address"));
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

/* Who we are */

SrudpIdentity *
cat_identity_load (const char  *path,
                   GError     **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) why = NULL;
  SrudpIdentity *identity = srudp_identity_new_from_file (file, NULL, &why);

  if (identity != NULL)
    return identity;
  if (!g_error_matches (why, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }

  identity = srudp_identity_new ();
  if (srudp_identity_save (identity, file, NULL, error))
    cat_tell (_ ("Made a new key in %s"), path);
  else
    g_clear_object (&identity);
  return identity;
}

/* The first line of the file; all of it is wiped but what is returned, which
 * the caller wipes. */
static char *
read_first_line (const char  *path,
                 GError     **error)
{
  char *text;
  gsize size, length;
  gboolean is_cut;

  if (!g_file_get_contents (path, &text, &size, error))
    return NULL;

  length = strcspn (text, "\r\n");
  /* A zero in the line would cut it short unseen. */
  is_cut = length < size && text[length] == '\0';
  explicit_bzero (text + length, size - length);
  if (length > 0 && !is_cut && g_utf8_validate (text, (gssize) length, NULL))
    return text;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               _ ("“%s” does not begin with a line of text"), path);
  explicit_bzero (text, size);
  g_free (text);
  return NULL;
}

static gboolean
use_passphrase (SrudpEndpoint  *endpoint,
                const char     *path,
                GError        **error)
{
  char *passphrase = read_first_line (path, error);

  if (passphrase == NULL)
    return FALSE;
  srudp_endpoint_set_passphrase (endpoint, passphrase);
  explicit_bzero (passphrase, strlen (passphrase));
  g_free (passphrase);
  return TRUE;
}

/* Where we are */

static SrudpEndpoint *
bind_port (const CatPort  *port,
           SrudpIdentity  *identity,
           GError        **error)
{
  const GSocketFamily families[] = { G_SOCKET_FAMILY_IPV6,
                                     G_SOCKET_FAMILY_IPV4 };
  g_autoptr (GSocketAddress) local = NULL;
  SrudpEndpoint *endpoint = NULL;

  if (port->address != NULL)
    local = g_inet_socket_address_new (port->address, port->port);
  if (local != NULL || port->port == 0)
    return srudp_endpoint_new (local, identity, error);

  /* Both families at once, if there is IPv6. */
  for (guint i = 0; i < G_N_ELEMENTS (families) && endpoint == NULL; i++)
    {
      g_autoptr (GInetAddress) any = g_inet_address_new_any (families[i]);
      g_autoptr (GSocketAddress) address =
        g_inet_socket_address_new (any, port->port);

      g_clear_error (error);
      endpoint = srudp_endpoint_new (address, identity, error);
    }
  return endpoint;
}

static void
tell_about_us (SrudpEndpoint *endpoint)
{
  g_autoptr (GSocketAddress) address =
    srudp_endpoint_get_local_address (endpoint, NULL);
  g_autofree char *text = describe_address (address);
  g_autofree char *key =
    srudp_peer_id_to_string (srudp_endpoint_get_peer_id (endpoint));

  cat_tell (_ ("This side is %s with the key %s"), text, key);
}

SrudpEndpoint *
cat_endpoint_new (const CatOptions  *options,
                  GError           **error)
{
  g_autoptr (SrudpIdentity) identity = NULL;
  SrudpEndpoint *endpoint;
  const char *protocol = options->protocol;

  if (options->identity != NULL
      && (identity = cat_identity_load (options->identity, error)) == NULL)
    return NULL;
  endpoint = bind_port (&options->local, identity, error);
  if (endpoint == NULL)
    return NULL;

  if (options->passphrase_file != NULL
      && !use_passphrase (endpoint, options->passphrase_file, error))
    {
      g_object_unref (endpoint);
      return NULL;
    }
  if (protocol == NULL && cat_options_is_tcp (options))
    protocol = TCP_PROTOCOL;
  srudp_endpoint_set_application_protocol (endpoint, protocol);
  srudp_endpoint_set_stun_servers (
    endpoint, (const char * const *) options->stun_servers);
  srudp_endpoint_set_port_mapping (endpoint, options->port_mapping);
  srudp_endpoint_set_introducing (endpoint, options->introducer);
  for (guint i = 0; i < options->peers->len; i++)
    srudp_endpoint_allow_peer (endpoint, options->peers->pdata[i]);
  tell_about_us (endpoint);
  return endpoint;
}

/* Inviting */

static void
print_invitation (SrudpInvitation *invitation)
{
  g_autofree char *text = srudp_invitation_to_string (invitation);

  cat_tell (_ ("Give this to your peer:"));
  cat_print (text);
}

static void
invited_anew_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (SrudpInvitation) invitation =
    srudp_endpoint_create_invitation_finish (SRUDP_ENDPOINT (source), result,
                                             NULL);

  if (invitation != NULL)
    print_invitation (invitation);
}

static void
candidates_added_cb (SrudpEndpoint *endpoint,
                     CatApp        *app)
{
  cat_tell (_ ("The router lets peers in now: a new invitation reaches further"));
  srudp_endpoint_create_invitation_async (endpoint, app->stop, invited_anew_cb,
                                          NULL);
}

static void
candidates_changed_cb (SrudpEndpoint *endpoint,
                       CatApp        *app)
{
  cat_tell (_ ("The network has changed: the last invitation is void"));
  srudp_endpoint_create_invitation_async (endpoint, app->stop, invited_anew_cb,
                                          NULL);
}

static gboolean
meet_introducer (CatApp  *app,
                 GError **error)
{
  if (app->options->via == NULL)
    return TRUE;
  app->via = srudp_endpoint_connect_to (app->endpoint, app->options->via,
                                        app->stop, error);
  return app->via != NULL
         && srudp_endpoint_add_introducer (app->endpoint, app->via, error);
}

gboolean
cat_peer_invite (CatApp  *app,
                 GError **error)
{
  g_autoptr (SrudpInvitation) invitation = NULL;

  if (!meet_introducer (app, error))
    return FALSE;

  /* The peer may be faster than whoever waits for it. */
  if (app->options->remote == NULL)
    srudp_endpoint_set_accept_incoming (app->endpoint, TRUE);
  invitation = srudp_endpoint_create_invitation (app->endpoint, app->stop,
                                                 error);
  if (invitation == NULL)
    return FALSE;
  print_invitation (invitation);
  g_signal_connect (app->endpoint, "candidates-added",
                    G_CALLBACK (candidates_added_cb), app);
  g_signal_connect (app->endpoint, "candidates-changed",
                    G_CALLBACK (candidates_changed_cb), app);
  return TRUE;
}

/* Knowing our own NAT helps to get through it. */
static gboolean
look_around (CatApp  *app,
             GError **error)
{
  g_autoptr (SrudpNetworkReport) report = NULL;
  g_autofree char *text = NULL;

  if (app->options->stun_servers == NULL)
    return TRUE;
  report = srudp_endpoint_probe_network (app->endpoint, app->stop, error);
  if (report == NULL)
    return FALSE;
  text = srudp_network_report_to_string (report);
  cat_tell ("%s", text);
  return TRUE;
}

/* TCP */

static gboolean
listen_at (GSocketListener  *listener,
           GInetAddress     *address,
           guint16          *port,
           GError          **error)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (address,
                                                                 *port);
  g_autoptr (GSocketAddress) real = NULL;
  g_autofree char *text = NULL;

  if (!g_socket_listener_add_address (listener, wanted, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &real,
                                      error))
    return FALSE;

  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (real));
  text = describe_address (real);
  cat_tell (_ ("Taking TCP connections at %s"), text);
  return TRUE;
}

/* Without an address only programs on this machine may connect. */
GSocketListener *
cat_listener_new (const CatPort  *port,
                  GError        **error)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) ipv4 =
    g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GInetAddress) ipv6 =
    g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6);
  guint16 number = port->port;

  if (port->address != NULL)
    return listen_at (listener, port->address, &number, error)
             ? g_steal_pointer (&listener) : NULL;

  if (!listen_at (listener, ipv4, &number, error))
    return NULL;
  listen_at (listener, ipv6, &number, NULL); /* where there is IPv6 */
  return g_steal_pointer (&listener);
}

/* The peer */

static void
tell_about_peer (SrudpConnection *connection)
{
  g_autoptr (GSocketAddress) address =
    srudp_connection_get_remote_address (connection, NULL);
  g_autofree char *text = describe_address (address);
  g_autofree char *key =
    srudp_peer_id_to_string (srudp_connection_get_peer_id (connection));

  cat_tell (_ ("Connected with %s, which has the key %s"), text, key);
}

SrudpConnection *
cat_peer_open (CatApp  *app,
               GError **error)
{
  const CatOptions *options = app->options;
  g_autoptr (SrudpConnection) connection =
    srudp_connection_new (app->endpoint, options->remote);
  g_autofree char *diagnostics = NULL;

  if (!look_around (app, error))
    return NULL;
  if (options->peers->len > 0 && !SRUDP_IS_INVITATION (options->remote))
    srudp_connection_set_expected_peer (connection, options->peers->pdata[0]);
  if (options->timeout_s >= 0)
    srudp_connection_set_open_timeout (connection,
                                       (guint) (options->timeout_s * 1000));
  if (srudp_connection_open (connection, app->stop, error))
    {
      tell_about_peer (connection);
      return g_steal_pointer (&connection);
    }

  diagnostics = srudp_connection_dup_diagnostics (connection);
  cat_tell ("%s", diagnostics);
  return NULL;
}

static gboolean
patience_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* Of the main loop; NULL: for ever. */
static GSource *
start_patience (double        timeout_s,
                GCancellable *over)
{
  GSource *source;

  if (timeout_s <= 0)
    return NULL;
  source = g_timeout_source_new ((guint) (timeout_s * 1000));
  g_source_set_callback (source, patience_cb, g_object_ref (over),
                         g_object_unref);
  g_source_attach (source, NULL);
  return source;
}

SrudpConnection *
cat_peer_accept (CatApp  *app,
                 GError **error)
{
  g_autoptr (GCancellable) over = g_cancellable_new ();
  g_autoptr (GSource) patience = start_patience (app->options->timeout_s,
                                                 over);
  gulong id = cat_cancel_along (app->stop, over);
  g_autoptr (GError) why = NULL;
  SrudpConnection *connection = srudp_endpoint_accept (app->endpoint, over,
                                                       &why);

  g_cancellable_disconnect (app->stop, id);
  if (patience != NULL)
    g_source_destroy (patience);
  if (connection != NULL)
    tell_about_peer (connection);
  else if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_CANCELLED)
           && !g_cancellable_is_cancelled (app->stop))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                         _ ("No peer has connected in time."));
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return connection;
}
