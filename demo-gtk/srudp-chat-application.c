/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-application.c: the program: options, identity, windows, the end
 */
#include "config.h"

#include "srudp-chat-application.h"

#include "srudp-chat-endpoint.h"
#include "srudp-chat-preferences-window.h"
#include "srudp-chat-text.h"
#include "srudp-chat-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define APPLICATION_ID "org.srudp.Chat"
/* How long saying good-bye may take when nobody answers; a test that counts what
 * is left behind waits longer. */
#ifndef QUIT_TIMEOUT_S
#define QUIT_TIMEOUT_S 3
#endif

struct _SrudpChatApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  SrudpChatRoster *roster;
  SrudpChatWindow *window;

  int port_option;
  char *name_option;
  char *connect_option;
  char *offer_option;
  char *identity_option;
  char *stun_option;

  int taken_port; /* the one wanted that wasn't free, or 0 */
  gboolean quitting;
  guint signal_id;
  guint quit_id;
};

G_DEFINE_FINAL_TYPE (SrudpChatApplication, srudp_chat_application, ADW_TYPE_APPLICATION)

/* --- The end --------------------------------------------------------------- */

static gboolean
quit_cb (gpointer user_data)
{
  SrudpChatApplication *self = user_data;

  self->quit_id = 0;
  g_application_quit (G_APPLICATION (self));
  return G_SOURCE_REMOVE;
}

/* All that was under way has ended by now, but not everybody who asked for it
 * has been told: they come first, and let go of what they hold. */
static void
quit_soon (SrudpChatApplication *self)
{
  g_clear_handle_id (&self->quit_id, g_source_remove);
  self->quit_id = g_idle_add_full (G_PRIORITY_LOW, quit_cb, self, NULL);
}

/* Whoever we chat with is told; then the network lets us go. */
static void
quit_politely (SrudpChatApplication *self)
{
  if (self->quitting)
    return;
  self->quitting = TRUE;
  g_application_hold (G_APPLICATION (self));
  self->quit_id = g_timeout_add_seconds (QUIT_TIMEOUT_S, quit_cb, self);
  if (self->window != NULL)
    gtk_window_destroy (GTK_WINDOW (self->window));
  if (self->roster != NULL)
    srudp_chat_roster_close (self->roster);
  else
    g_application_quit (G_APPLICATION (self));
}

static gboolean
terminated_cb (gpointer user_data)
{
  quit_politely (user_data);
  return G_SOURCE_CONTINUE;
}

static void
window_destroyed_cb (GtkWidget            *window,
                     SrudpChatApplication *self)
{
  self->window = NULL;
  quit_politely (self);
}

/* --- Preferences ----------------------------------------------------------- */

static void
obey_name (SrudpChatApplication *self)
{
  g_autofree char *name = g_settings_get_string (self->settings, "name");

  srudp_chat_roster_set_own_name (self->roster, name);
}

static void
obey_folder (SrudpChatApplication *self)
{
  g_autofree char *path = g_settings_get_string (self->settings, "download-folder");
  g_autoptr (GFile) folder = *path != '\0' ? g_file_new_for_path (path) : NULL;

  srudp_chat_roster_set_folder (self->roster, folder);
}

static void
obey_typing (SrudpChatApplication *self)
{
  srudp_chat_roster_set_tells_typing (self->roster,
                                      g_settings_get_boolean (self->settings, "typing"));
}

static GStrv
get_servers (SrudpChatApplication *self)
{
  if (self->stun_option != NULL)
    return g_strsplit_set (self->stun_option, ", ", -1);
  return g_settings_get_strv (self->settings, "stun-servers");
}

static void
obey_servers (SrudpChatApplication *self)
{
  g_auto (GStrv) servers = get_servers (self);

  srudp_chat_network_set_servers (srudp_chat_roster_get_network (self->roster),
                                  (const char *const *) servers);
}

static void
obey_port_mapping (SrudpChatApplication *self)
{
  srudp_chat_network_set_maps_port (srudp_chat_roster_get_network (self->roster),
                                    g_settings_get_boolean (self->settings, "port-mapping"));
}

static void
obey_settings (SrudpChatApplication *self)
{
  static const struct
  {
    const char *signal;
    void (*obey) (SrudpChatApplication *self);
  } table[] = {
    { "changed::name", obey_name },
    { "changed::download-folder", obey_folder },
    { "changed::typing", obey_typing },
    { "changed::stun-servers", obey_servers },
    { "changed::port-mapping", obey_port_mapping },
  };

  obey_folder (self);
  obey_typing (self);
  obey_port_mapping (self);
  obey_servers (self);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    g_signal_connect_object (self->settings, table[i].signal, G_CALLBACK (table[i].obey), self,
                             G_CONNECT_SWAPPED);
}

static void
remember_window (SrudpChatApplication *self)
{
  static const char *const table[][2] = {
    { "window-width", "default-width" },
    { "window-height", "default-height" },
    { "window-maximized", "maximized" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    g_settings_bind (self->settings, table[i][0], self->window, table[i][1],
                     G_SETTINGS_BIND_DEFAULT);
}

/* --- The start ------------------------------------------------------------- */

static GFile *
get_identity_file (SrudpChatApplication *self)
{
  g_autofree char *folder = NULL;

  if (self->identity_option != NULL)
    return g_file_new_for_commandline_arg (self->identity_option);
  folder = g_build_filename (g_get_user_data_dir (), "srudp-chat", NULL);
  g_mkdir_with_parents (folder, 0700);
  return g_file_new_build_filename (folder, "identity", NULL);
}

/* An identity that can't be read is never replaced: peers know it. Without one
 * that can be kept, a fresh one does for this time. */
static SrudpIdentity *
load_identity (SrudpChatApplication *self)
{
  g_autoptr (GFile) file = get_identity_file (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) identity = srudp_identity_new_from_file (file, NULL, &error);

  if (identity != NULL)
    return g_steal_pointer (&identity);
  identity = srudp_identity_generate ();
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      srudp_identity_save (identity, file, NULL, &error);
    }
  if (error != NULL)
    g_message ("The identity lasts for this session only: %s", error->message);
  return g_steal_pointer (&identity);
}

/* Whoever we talk with now knows us by the old one, and goes on. */
static void
new_identity_cb (SrudpChatPreferencesWindow *preferences,
                 SrudpChatApplication       *self)
{
  g_autoptr (GFile) file = get_identity_file (self);
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autoptr (GError) error = NULL;

  if (srudp_identity_save (identity, file, NULL, &error))
    srudp_chat_preferences_window_tell (
      preferences, _ ("You will have the new identity when Srudp Chat starts again"));
  else
    srudp_chat_preferences_window_tell (preferences, error->message);
}

static void
preferences_action (GSimpleAction *action,
                    GVariant      *parameter,
                    gpointer       user_data)
{
  SrudpChatApplication *self = user_data;
  GtkWindow *preferences;

  if (self->window == NULL)
    return;
  preferences =
    srudp_chat_preferences_window_new (GTK_WINDOW (self->window), self->settings,
                                       srudp_chat_roster_get_network (self->roster));
  g_signal_connect_object (preferences, "new-identity", G_CALLBACK (new_identity_cb), self, 0);
  gtk_window_present (preferences);
}

static gboolean
start_network (SrudpChatApplication  *self,
               SrudpChatNetwork      *network,
               GError               **error)
{
  int port = self->port_option > 0 ? self->port_option
                                   : g_settings_get_int (self->settings, "port");
  g_autoptr (GError) taken = NULL;

  if (srudp_chat_network_listen (network, (guint16) port, &taken))
    return TRUE;
  self->taken_port = port;
  return srudp_chat_network_listen (network, 0, error);
}

static char *
get_own_name (SrudpChatApplication *self)
{
  g_autofree char *saved = g_settings_get_string (self->settings, "name");

  return srudp_chat_text_tame_name (self->name_option != NULL ? self->name_option : saved);
}

/* Nobody is told of what is before their eyes. */
static void
tell_user (SrudpChatApplication  *self,
           SrudpChatConversation *conversation,
           const char            *body,
           const char            *category)
{
  const char *peer_id = srudp_chat_conversation_get_peer_id (conversation);
  g_autoptr (GNotification) notification = NULL;

  if (self->window == NULL || gtk_window_is_active (GTK_WINDOW (self->window))
      || !g_settings_get_boolean (self->settings, "notifications"))
    return;
  notification = g_notification_new (srudp_chat_conversation_get_title (conversation));
  g_notification_set_body (notification, body);
  g_notification_set_category (notification, category);
  if (peer_id != NULL)
    g_notification_set_default_action_and_target (notification, "app.show-chat", "s", peer_id);
  g_application_send_notification (G_APPLICATION (self), peer_id, notification);
}

static void
received_cb (SrudpChatRoster       *roster,
             SrudpChatConversation *conversation,
             SrudpChatMessage      *message,
             SrudpChatApplication  *self)
{
  tell_user (self, conversation, srudp_chat_message_get_text (message), "im.received");
}

static void
untell_user (SrudpChatApplication  *self,
             SrudpChatConversation *conversation)
{
  const char *peer_id = srudp_chat_conversation_get_peer_id (conversation);

  if (peer_id != NULL)
    g_application_withdraw_notification (G_APPLICATION (self), peer_id);
}

/* What was read need not be told of any more. */
static void
unread_cb (SrudpChatConversation *conversation,
           GParamSpec            *pspec,
           SrudpChatApplication  *self)
{
  if (srudp_chat_conversation_get_unread (conversation) == 0)
    untell_user (self, conversation);
}

static void
conversations_changed_cb (GListModel           *conversations,
                          guint                 position,
                          guint                 removed,
                          guint                 added,
                          SrudpChatApplication *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (conversations, i);

      g_signal_connect_object (conversation, "notify::unread", G_CALLBACK (unread_cb), self, 0);
    }
}

static void
tell_of_request (SrudpChatConversation *conversation,
                 GParamSpec            *pspec,
                 SrudpChatApplication  *self)
{
  if (srudp_chat_conversation_get_phase (conversation) == SRUDP_CHAT_PHASE_REQUEST)
    /* Translators: below the name of the one who does. */
    tell_user (self, conversation, _ ("Wants to chat with you"), "im");
}

/* Answered, or withdrawn by whoever asked. */
static void
request_over_cb (SrudpChatConversation *conversation,
                 gpointer               unused,
                 SrudpChatApplication  *self)
{
  untell_user (self, conversation);
}

static void
request_withdrawn_cb (SrudpChatConversation *conversation,
                      SrudpChatApplication  *self)
{
  request_over_cb (conversation, NULL, self);
}

/* Who calls says its name a moment later; the notification is the same. */
static void
requested_cb (SrudpChatRoster       *roster,
              SrudpChatConversation *conversation,
              SrudpChatApplication  *self)
{
  tell_of_request (conversation, NULL, self);
  g_signal_connect_object (conversation, "notify::title", G_CALLBACK (tell_of_request), self, 0);
  g_signal_connect_object (conversation, "notify::phase", G_CALLBACK (request_over_cb), self, 0);
  g_signal_connect_object (conversation, "withdrawn", G_CALLBACK (request_withdrawn_cb), self, 0);
}

static void
fail_to_start (SrudpChatApplication *self,
               const GError         *error)
{
  g_printerr ("%s: %s\n", g_get_application_name (), error->message);
  g_application_quit (G_APPLICATION (self));
}

/* Beside the identity, whose they are. */
static SrudpChatInvitations *
load_invitations (SrudpChatApplication *self)
{
  g_autoptr (GFile) file = get_identity_file (self);
  g_autofree char *identity = g_file_get_path (file);
  g_autofree char *path =
    identity != NULL ? g_strconcat (identity, ".invitations", NULL) : NULL;

  return srudp_chat_invitations_new (path);
}

static gboolean
create_roster (SrudpChatApplication  *self,
               GError               **error)
{
  g_autoptr (SrudpIdentity) identity = load_identity (self);
  g_autoptr (SrudpChatInvitations) invitations = load_invitations (self);
  g_autoptr (SrudpChatNetwork) network = srudp_chat_endpoint_new (identity, invitations);
  g_autofree char *own_name = get_own_name (self);
  g_autofree char *path =
    g_build_filename (g_get_user_data_dir (), "srudp-chat", "peers.ini", NULL);
  g_autoptr (SrudpChatPeers) peers = srudp_chat_peers_new (path);

  if (!start_network (self, network, error))
    return FALSE;
  self->roster = srudp_chat_roster_new (network, own_name);
  srudp_chat_roster_set_peers (self->roster, peers);
  obey_settings (self);
  g_signal_connect_object (srudp_chat_roster_get_conversations (self->roster), "items-changed",
                           G_CALLBACK (conversations_changed_cb), self, 0);
  g_signal_connect (self->roster, "received", G_CALLBACK (received_cb), self);
  g_signal_connect (self->roster, "requested", G_CALLBACK (requested_cb), self);
  g_signal_connect_object (network, "closed", G_CALLBACK (quit_soon), self,
                           G_CONNECT_SWAPPED);
  return TRUE;
}

static void
port_changed_cb (SrudpChatNewPage     *page,
                 guint                 port,
                 SrudpChatApplication *self)
{
  g_settings_set_int (self->settings, "port", (int) port);
}

static void
called_cb (SrudpChatLink        *link,
           GParamSpec           *pspec,
           SrudpChatApplication *self)
{
  if (srudp_chat_link_get_state (link) > SRUDP_CONNECTION_STATE_RESOLVING)
    srudp_chat_network_accept (srudp_chat_roster_get_network (self->roster));
}

/* The peer may be calling us at this moment. It is to meet our own call, not to
 * arrive before it like a stranger. */
static void
make_first_call (SrudpChatApplication *self)
{
  SrudpChatLink *link;

  srudp_chat_new_page_enter (srudp_chat_window_get_new_page (self->window),
                             self->connect_option);
  link = srudp_chat_window_get_link (self->window);
  if (link == NULL)
    srudp_chat_network_accept (srudp_chat_roster_get_network (self->roster));
  else
    g_signal_connect_object (link, "notify::state", G_CALLBACK (called_cb), self, 0);
}

static void
create_window (SrudpChatApplication *self)
{
  SrudpChatNewPage *new_page;

  self->window = srudp_chat_window_new (GTK_APPLICATION (self), self->roster);
  g_signal_connect (self->window, "destroy", G_CALLBACK (window_destroyed_cb), self);
  remember_window (self);
  new_page = srudp_chat_window_get_new_page (self->window);
  g_signal_connect (new_page, "port-changed", G_CALLBACK (port_changed_cb), self);
  if (self->taken_port != 0)
    srudp_chat_new_page_show_port_in_use (new_page, (guint) self->taken_port);
  if (self->connect_option != NULL)
    make_first_call (self);
  else
    srudp_chat_network_accept (srudp_chat_roster_get_network (self->roster));
  if (self->offer_option != NULL)
    srudp_chat_new_page_offer (new_page, self->offer_option);
}

static void
srudp_chat_application_activate (GApplication *application)
{
  SrudpChatApplication *self = SRUDP_CHAT_APPLICATION (application);
  g_autoptr (GError) error = NULL;

  if (self->quitting)
    return;
  if (self->roster == NULL && !create_roster (self, &error))
    {
      fail_to_start (self, error);
      return;
    }
  if (self->window == NULL)
    create_window (self);
  gtk_window_present (GTK_WINDOW (self->window));
}

/* Links: as if they had been pasted. */
static void
srudp_chat_application_open (GApplication  *application,
                             GFile        **files,
                             int            n_files,
                             const char    *hint)
{
  SrudpChatApplication *self = SRUDP_CHAT_APPLICATION (application);

  g_application_activate (application);
  for (int i = 0; i < n_files && self->window != NULL; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      srudp_chat_window_select (self->window, NULL);
      srudp_chat_new_page_enter (srudp_chat_window_get_new_page (self->window), uri);
    }
}

/* --- Actions and options --------------------------------------------------- */

static void
quit_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  quit_politely (user_data);
}

static void
about_action (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  SrudpChatApplication *self = user_data;

  adw_show_about_window (GTK_WINDOW (self->window),
                         "application-name", _ ("Srudp Chat"),
                         "application-icon", APPLICATION_ID,
                         "developer-name", _ ("The srudp-glib developers"),
                         "version", SRUDP_VERSION,
                         "comments", _ ("Chat directly, encrypted, with no server in between"),
                         "license-type", GTK_LICENSE_MIT_X11,
                         /* Translators: put your names here, one a line. */
                         "translator-credits", _ ("translator-credits"),
                         NULL);
}

/* What a click on a notification does, perhaps after the chat was removed. */
static void
show_chat_action (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  SrudpChatApplication *self = user_data;
  SrudpChatConversation *conversation;

  if (self->window == NULL)
    return;
  conversation = srudp_chat_roster_find (self->roster, g_variant_get_string (parameter, NULL));
  if (conversation != NULL)
    srudp_chat_window_select (self->window, conversation);
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
add_accels (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } table[] = {
    { "win.new-chat", { "<Control>n" } },
    { "win.send-file", { "<Control>o" } },
    { "win.copy-invitation", { "<Control><Shift>c" } },
    { "app.preferences", { "<Control>comma" } },
    { "win.details", { "<Control>i" } },
    { "win.next-chat", { "<Control>Tab" } },
    { "win.show-help-overlay", { "<Control>question" } },
    { "window.close", { "<Control>w" } },
    { "app.quit", { "<Control>q" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    gtk_application_set_accels_for_action (application, table[i].action, table[i].accels);
  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *action = g_strdup_printf ("win.nth-chat(uint32 %u)", i);
      g_autofree char *accel = g_strdup_printf ("<Alt>%u", i + 1);
      const char *accels[] = { accel, NULL };

      gtk_application_set_accels_for_action (application, action, accels);
    }
}

static void
srudp_chat_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "about", about_action },
    { "preferences", preferences_action },
    { "quit", quit_action },
    { "show-chat", show_chat_action, "s" },
  };
  SrudpChatApplication *self = SRUDP_CHAT_APPLICATION (application);

  G_APPLICATION_CLASS (srudp_chat_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  add_accels (GTK_APPLICATION (self));
  gtk_window_set_default_icon_name (APPLICATION_ID);
  self->settings = g_settings_new (APPLICATION_ID);
  self->signal_id = g_unix_signal_add (SIGTERM, terminated_cb, self);
}

static int
srudp_chat_application_handle_local_options (GApplication *application,
                                             GVariantDict *options)
{
  SrudpChatApplication *self = SRUDP_CHAT_APPLICATION (application);

  g_variant_dict_lookup (options, "port", "i", &self->port_option);
  g_variant_dict_lookup (options, "name", "s", &self->name_option);
  g_variant_dict_lookup (options, "connect", "s", &self->connect_option);
  g_variant_dict_lookup (options, "offer", "s", &self->offer_option);
  g_variant_dict_lookup (options, "stun", "s", &self->stun_option);
  g_variant_dict_lookup (options, "identity", "^ay", &self->identity_option);
  if (self->port_option < 0 || self->port_option > G_MAXUINT16)
    {
      g_printerr ("%s\n", _ ("The port must be a number from 1 to 65535."));
      return 2;
    }
  return -1;
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_application_finalize (GObject *object)
{
  SrudpChatApplication *self = SRUDP_CHAT_APPLICATION (object);

  g_clear_handle_id (&self->signal_id, g_source_remove);
  g_clear_handle_id (&self->quit_id, g_source_remove);
  g_clear_object (&self->roster);
  g_clear_object (&self->settings);
  g_free (self->name_option);
  g_free (self->connect_option);
  g_free (self->offer_option);
  g_free (self->identity_option);
  g_free (self->stun_option);

  G_OBJECT_CLASS (srudp_chat_application_parent_class)->finalize (object);
}

static void
srudp_chat_application_class_init (SrudpChatApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = srudp_chat_application_finalize;
  application_class->startup = srudp_chat_application_startup;
  application_class->activate = srudp_chat_application_activate;
  application_class->open = srudp_chat_application_open;
  application_class->handle_local_options = srudp_chat_application_handle_local_options;
}

static void
srudp_chat_application_init (SrudpChatApplication *self)
{
  static const GOptionEntry options[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, NULL, N_ ("UDP port to use"), N_ ("PORT") },
    { "name", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("What peers see as your name"),
      N_ ("NAME") },
    { "connect", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Peer to chat with at once"),
      N_ ("INVITATION") },
    { "offer", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Peer to offer a chat with"),
      N_ ("INVITATION") },
    { "stun", 0, 0, G_OPTION_ARG_STRING, NULL,
      N_ ("STUN servers to ask, separated by commas; none if empty"), N_ ("HOST:PORT") },
    { "identity", 0, 0, G_OPTION_ARG_FILENAME, NULL,
      N_ ("File with your identity; made if there is none"), N_ ("FILE") },
    { NULL }
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

SrudpChatApplication *
srudp_chat_application_new (void)
{
  return g_object_new (SRUDP_CHAT_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       /* The same wherever another id is taken. */
                       "resource-base-path", "/org/srudp/Chat",
                       "flags", G_APPLICATION_HANDLES_OPEN
                                  | G_APPLICATION_CAN_OVERRIDE_APP_ID,
                       NULL);
}
