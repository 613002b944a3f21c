/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-options.c: the command line of srudp-cat
 */
#include "config.h"

#include "srudp-cat-options.h"

#include <srudp-glib/srudp-glib.h>

#include <glib/gi18n.h>

/* Nobody gives that one. */
#define DEFAULT_TIMEOUT_S (-G_MAXDOUBLE)

/* The largest that still fits into milliseconds. */
#define MAX_TIMEOUT_S (G_MAXINT / 1000)

void
cat_options_free (CatOptions *self)
{
  g_free (self->listen_text);
  g_free (self->port_text);
  g_free (self->forward_text);
  g_free (self->to_text);
  g_free (self->exec);
  g_free (self->identity);
  g_free (self->passphrase_file);
  g_free (self->protocol);
  g_strfreev (self->peer_texts);
  g_strfreev (self->stun_servers);
  g_free (self->via_text);
  g_clear_object (&self->via);
  g_clear_object (&self->remote);
  g_clear_object (&self->local.address);
  g_clear_object (&self->forward.address);
  g_clear_object (&self->to);
  g_ptr_array_unref (self->peers);
  g_free (self);
}

gboolean
cat_options_is_tcp (const CatOptions *self)
{
  return self->forward_text != NULL || self->to_text != NULL;
}

static void
describe (GOptionContext *context)
{
  g_option_context_set_summary (
    context, _ ("Connects standard input and output, a command or TCP "
                "connections to a\npeer: encrypted, lossless, over UDP and "
                "through NATs."));
  g_option_context_set_description (
    context, _ ("The peer runs srudp-cat, too: one side with --listen, or both "
                "with each other's\nHOST:PORT and --port, or one with --invite and the "
                "other with what that prints.\nSee srudp-cat(1) for examples "
                "and for the exit status."));
}

static GOptionContext *
make_context (CatOptions *self)
{
  const GOptionEntry entries[] = {
    { "listen", 'l', 0, G_OPTION_ARG_STRING, &self->listen_text,
      N_ ("Wait for a peer at this UDP port"), N_ ("[ADDRESS:]PORT") },
    { "port", 'p', 0, G_OPTION_ARG_STRING, &self->port_text,
      N_ ("Use this UDP port towards HOST:PORT"), N_ ("[ADDRESS:]PORT") },
    { "invite", 'I', 0, G_OPTION_ARG_NONE, &self->invite,
      N_ ("Print an invitation for the peer, and wait for it"), NULL },
    { "via", 'V', 0, G_OPTION_ARG_STRING, &self->via_text,
      N_ ("With --invite: the invitation of an introducer to name"),
      N_ ("INVITATION") },
    { "introducer", 0, 0, G_OPTION_ARG_NONE, &self->introducer,
      N_ ("Introduce peers to each other, and do nothing else"), NULL },
    { "stun", 'S', 0, G_OPTION_ARG_STRING_ARRAY, &self->stun_servers,
      N_ ("Ask this STUN server how others see this side"),
      N_ ("HOST[:PORT]") },
    { "port-mapping", 'm', 0, G_OPTION_ARG_NONE, &self->port_mapping,
      N_ ("With --invite: ask the router to let the peer in"), NULL },
    { "keep", 'k', 0, G_OPTION_ARG_NONE, &self->keep,
      N_ ("Serve any number of peers; with --exec or --to"), NULL },
    { "exec", 'e', 0, G_OPTION_ARG_STRING, &self->exec,
      N_ ("Connect the peer to a shell command"), N_ ("COMMAND") },
    { "forward", 'L', 0, G_OPTION_ARG_STRING, &self->forward_text,
      N_ ("Carry TCP connections to this port to the peer"),
      N_ ("[ADDRESS:]PORT") },
    { "to", 't', 0, G_OPTION_ARG_STRING, &self->to_text,
      N_ ("Connect TCP connections of the peer to a server"),
      N_ ("HOST:PORT") },
    { "datagram", 'u', 0, G_OPTION_ARG_NONE, &self->datagram,
      N_ ("Send each line as a datagram, which may get lost"), NULL },
    { "identity", 'i', 0, G_OPTION_ARG_FILENAME, &self->identity,
      N_ ("Use the key in this file; it is made if there is none"),
      N_ ("FILE") },
    { "peer", 'P', 0, G_OPTION_ARG_STRING_ARRAY, &self->peer_texts,
      N_ ("Talk to nobody but the owner of this key"), N_ ("KEY") },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &self->passphrase_file,
      N_ ("Talk only to who knows the first line of this file, too"),
      N_ ("FILE") },
    { "print-key", 0, 0, G_OPTION_ARG_NONE, &self->print_key,
      N_ ("Print the key of --identity for the peer's --peer, and end"),
      NULL },
    { "protocol", 0, 0, G_OPTION_ARG_STRING, &self->protocol,
      N_ ("Name the application protocol; the peer has to name the same"),
      N_ ("NAME") },
    { "timeout", 'w', 0, G_OPTION_ARG_DOUBLE, &self->timeout_s,
      N_ ("Wait for the peer no longer; 0 is for ever"), N_ ("SECONDS") },
    { "stats", 's', 0, G_OPTION_ARG_NONE, &self->stats,
      N_ ("Show rate, round-trip time and loss"), NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose,
      N_ ("Tell what happens"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version,
      N_ ("Print the version, and end"), NULL },
    { NULL }
  };
  GOptionContext *context = g_option_context_new (
    _ ("[HOST:PORT|INVITATION]"));

  describe (context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return context;
}

static gboolean
fail (GError     **error,
      const char  *message)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       message);
  return FALSE;
}

static gboolean
parse_port (const char  *text,
            CatPort     *port,
            GError     **error)
{
  g_autoptr (GSocketConnectable) pair = NULL;
  guint64 number;

  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL))
    {
      port->port = (guint16) number;
      return TRUE;
    }

  pair = g_network_address_parse (text, 0, NULL);
  if (pair != NULL && strchr (text, ':') != NULL)
    {
      GNetworkAddress *address = G_NETWORK_ADDRESS (pair);

      port->port = g_network_address_get_port (address);
      port->address = g_inet_address_new_from_string (
        g_network_address_get_hostname (address));
    }
  if (port->address != NULL)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("“%s” is neither a port nor ADDRESS:PORT"), text);
  return FALSE;
}

static GSocketConnectable *
parse_host (const char  *text,
            GError     **error)
{
  GSocketConnectable *host = g_network_address_parse (text, 0, NULL);

  if (host != NULL && g_network_address_get_port (G_NETWORK_ADDRESS (host)) > 0)
    return host;

  g_clear_object (&host);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("“%s” is not HOST:PORT"), text);
  return NULL;
}

/* What is meant as an invitation, but isn't a good one, is no host either. */
static GSocketConnectable *
parse_remote (const char  *text,
              GError     **error)
{
  g_autoptr (GError) why = NULL;
  SrudpInvitation *invitation = srudp_invitation_parse (text, &why);

  if (invitation != NULL)
    return G_SOCKET_CONNECTABLE (invitation);
  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return parse_host (text, error);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

/* An invitation says already whose key has to answer. */
static gboolean
check_key_of_invitation (CatOptions  *self,
                         GError     **error)
{
  if (!SRUDP_IS_INVITATION (self->remote) || self->peers->len == 0)
    return TRUE;
  if (!srudp_peer_id_equal (
        srudp_invitation_get_peer_id (SRUDP_INVITATION (self->remote)),
        self->peers->pdata[0]))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("The invitation has another key than --peer"));
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_peers (CatOptions  *self,
             GError     **error)
{
  for (guint i = 0; self->peer_texts != NULL && self->peer_texts[i] != NULL;
       i++)
    {
      SrudpPeerId *peer = srudp_peer_id_new_from_string (self->peer_texts[i],
                                                         error);

      if (peer == NULL)
        return FALSE;
      g_ptr_array_add (self->peers, peer);
    }
  return TRUE;
}

static gboolean
check_servers (CatOptions  *self,
               GError     **error)
{
  for (guint i = 0; self->stun_servers != NULL && self->stun_servers[i] != NULL;
       i++)
    {
      g_autoptr (GSocketConnectable) server =
        g_network_address_parse (self->stun_servers[i], 0, NULL);

      if (server != NULL)
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is not HOST[:PORT]"), self->stun_servers[i]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_via (CatOptions  *self,
           GError     **error)
{
  SrudpInvitation *via;

  if (self->via_text == NULL)
    return TRUE;
  via = srudp_invitation_parse (self->via_text, error);
  self->via = (GSocketConnectable *) via;
  return via != NULL;
}

static gboolean
parse_values (CatOptions  *self,
              const char  *remote,
              GError     **error)
{
  const char *local = self->listen_text != NULL ? self->listen_text
                                                : self->port_text;

  if (local != NULL && !parse_port (local, &self->local, error))
    return FALSE;
  if (self->forward_text != NULL
      && !parse_port (self->forward_text, &self->forward, error))
    return FALSE;
  if (self->to_text != NULL
      && (self->to = parse_host (self->to_text, error)) == NULL)
    return FALSE;
  if (remote != NULL && (self->remote = parse_remote (remote, error)) == NULL)
    return FALSE;
  return check_servers (self, error) && parse_via (self, error)
         && parse_peers (self, error)
         && check_key_of_invitation (self, error);
}

static gboolean
check_who (CatOptions  *self,
           int          n_remotes,
           GError     **error)
{
  if (n_remotes > 1)
    return fail (error, _ ("Only one HOST:PORT can be given"));
  if (self->listen_text != NULL && n_remotes > 0)
    return fail (error, _ ("Give either --listen or HOST:PORT; both sides may "
                           "give HOST:PORT with --port"));
  if (self->listen_text == NULL && !self->invite && n_remotes == 0)
    return fail (error, _ ("Give HOST:PORT, an invitation, --invite or "
                           "--listen"));
  if (self->listen_text != NULL && self->port_text != NULL)
    return fail (error, _ ("--listen names the port; --port is for HOST:PORT"));
  if (n_remotes > 0 && g_strv_length (self->peer_texts) > 1)
    return fail (error, _ ("HOST:PORT has only one key; give one --peer"));
  return TRUE;
}

static gboolean
check_what (CatOptions  *self,
            GError     **error)
{
  gboolean is_tcp = cat_options_is_tcp (self);

  if ((self->exec != NULL) + self->datagram + is_tcp > 1)
    return fail (error, _ ("--exec, --datagram and --forward or --to cannot be "
                           "combined"));
  if (self->via_text != NULL && !self->invite)
    return fail (error, _ ("--via goes with --invite"));
  if (self->port_mapping && !self->invite)
    return fail (error, _ ("--port-mapping goes with --invite"));
  if (self->introducer
      && (self->remote_given || self->exec != NULL || self->datagram || is_tcp
          || self->keep || self->via_text != NULL))
    return fail (error, _ ("--introducer goes with --listen or --invite, and "
                           "with nothing that is carried"));
  if (self->keep
      && ((self->listen_text == NULL && !self->invite)
          || self->remote_given || self->forward_text != NULL
          || (self->exec == NULL && self->to_text == NULL)))
    return fail (error, _ ("--keep goes with --listen or --invite, and --exec or "
                           "--to"));
  if (self->timeout_s != DEFAULT_TIMEOUT_S
      && !(self->timeout_s >= 0 && self->timeout_s <= MAX_TIMEOUT_S))
    return fail (error, _ ("--timeout takes a number of seconds"));
  return TRUE;
}

static gboolean
check_key (CatOptions  *self,
           GError     **error)
{
  if (self->identity == NULL)
    return fail (error, _ ("--print-key needs --identity"));
  return TRUE;
}

static gboolean
understand (CatOptions  *self,
            int          argc,
            char       **argv,
            GError     **error)
{
  if (self->version)
    return TRUE;
  if (self->print_key)
    return check_key (self, error);
  if (self->peer_texts == NULL)
    self->peer_texts = g_new0 (char *, 1);
  self->remote_given = argc > 1;
  return check_who (self, argc - 1, error)
         && check_what (self, error)
         && parse_values (self, argc > 1 ? argv[1] : NULL, error);
}

CatOptions *
cat_options_parse (int      *argc,
                   char   ***argv,
                   GError  **error)
{
  g_autoptr (CatOptions) self = g_new0 (CatOptions, 1);
  g_autoptr (GOptionContext) context = NULL;

  self->timeout_s = DEFAULT_TIMEOUT_S;
  self->peers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) srudp_peer_id_free);
  context = make_context (self);
  if (!g_option_context_parse (context, argc, argv, error)
      || !understand (self, *argc, *argv, error))
    return NULL;
  return g_steal_pointer (&self);
}
