/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-preferences-window.c: what can be set
 *
 * It writes settings; whoever has to obey them listens there.
 */
#include "config.h"

#include "srudp-chat-preferences-window.h"

#include "srudp-chat-problem.h"
#include "srudp-chat-text.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatPreferencesWindow
{
  AdwWindow parent_instance;

  GSettings *settings;
  SrudpChatNetwork *network;

  AdwToastOverlay *toasts;
  AdwEntryRow *name_row;
  AdwEntryRow *port_row;
  GtkLabel *port_hint;
  AdwEntryRow *servers_row;
  GtkSwitch *port_mapping;
  GtkSwitch *notifications;
  GtkSwitch *typing;
  AdwActionRow *folder_row;
  AdwActionRow *peer_id_row;
};

G_DEFINE_FINAL_TYPE (SrudpChatPreferencesWindow, srudp_chat_preferences_window,
                     ADW_TYPE_WINDOW)

enum
{
  NEW_IDENTITY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
get_text (AdwEntryRow *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
name_applied_cb (AdwEntryRow                *row,
                 SrudpChatPreferencesWindow *self)
{
  g_autofree char *name = srudp_chat_text_tame_name (get_text (row));

  gtk_editable_set_text (GTK_EDITABLE (row), name);
  g_settings_set_string (self->settings, "name", name);
}

/* --- The port -------------------------------------------------------------- */

static void
set_hint (SrudpChatPreferencesWindow *self,
          const char                 *hint,
          gboolean                    bad)
{
  gtk_label_set_label (self->port_hint, hint);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->port_hint),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, hint, -1);
  if (bad)
    gtk_widget_add_css_class (GTK_WIDGET (self->port_hint), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->port_hint), "error");
}

static void
show_port (SrudpChatPreferencesWindow *self)
{
  guint port = srudp_chat_network_get_port (self->network);
  g_autofree char *text = g_strdup_printf ("%u", port);
  g_autofree char *command = g_strdup_printf ("sudo ufw allow %u/udp", port);
  /* Translators: the placeholder is a command to type. */
  g_autofree char *hint =
    g_strdup_printf (_ ("If a firewall is in the way: %s"), command);

  gtk_editable_set_text (GTK_EDITABLE (self->port_row), text);
  set_hint (self, hint, FALSE);
}

static void
port_applied_cb (AdwEntryRow                *row,
                 SrudpChatPreferencesWindow *self)
{
  g_autoptr (GError) error = NULL;
  guint64 port;

  if (!g_ascii_string_to_unsigned (get_text (row), 10, 1, G_MAXUINT16, &port, NULL))
    {
      set_hint (self, srudp_chat_problem_of_entry (SRUDP_CHAT_ADDRESS_BAD_PORT), TRUE);
      return;
    }
  if (port == srudp_chat_network_get_port (self->network)
      || srudp_chat_network_listen (self->network, (guint16) port, &error))
    {
      g_settings_set_int (self->settings, "port", (int) port);
      show_port (self);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      g_autofree char *problem =
        g_strdup_printf (_ ("Port %u is in use by another program."), (guint) port);

      set_hint (self, problem, TRUE);
    }
  else
    set_hint (self, error->message, TRUE);
}

/* --- The servers ----------------------------------------------------------- */

static void
show_servers (SrudpChatPreferencesWindow *self)
{
  g_auto (GStrv) servers = g_settings_get_strv (self->settings, "stun-servers");
  g_autofree char *text = g_strjoinv (", ", servers);

  gtk_editable_set_text (GTK_EDITABLE (self->servers_row), text);
}

static void
servers_applied_cb (AdwEntryRow                *row,
                    SrudpChatPreferencesWindow *self)
{
  g_auto (GStrv) words = g_strsplit_set (get_text (row), ", ;\t\n", -1);
  g_autoptr (GStrvBuilder) servers = g_strv_builder_new ();
  g_auto (GStrv) kept = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (servers, words[i]);
  kept = g_strv_builder_end (servers);
  g_settings_set_strv (self->settings, "stun-servers", (const char *const *) kept);
  show_servers (self);
}

/* --- The folder ------------------------------------------------------------ */

static void
show_folder (SrudpChatPreferencesWindow *self)
{
  g_autofree char *folder = g_settings_get_string (self->settings, "download-folder");

  adw_action_row_set_subtitle (self->folder_row,
                               *folder != '\0' ? folder : _ ("Your downloads"));
}

static void
folder_response_cb (GtkNativeDialog            *dialog,
                    int                         response,
                    SrudpChatPreferencesWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        g_settings_set_string (self->settings, "download-folder", path);
      show_folder (self);
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose_folder_cb (AdwActionRow               *row,
                  SrudpChatPreferencesWindow *self)
{
  GtkFileChooserNative *dialog =
    gtk_file_chooser_native_new (_ ("Folder for Files"), GTK_WINDOW (self),
                                 GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"),
                                 _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (folder_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- The identity ---------------------------------------------------------- */

static void
new_identity_response_cb (AdwMessageDialog           *dialog,
                          const char                 *response,
                          SrudpChatPreferencesWindow *self)
{
  if (g_str_equal (response, "renew"))
    g_signal_emit (self, signals[NEW_IDENTITY], 0);
}

static void
new_identity_cb (AdwActionRow               *row,
                 SrudpChatPreferencesWindow *self)
{
  GtkWidget *dialog =
    adw_message_dialog_new (GTK_WINDOW (self), _ ("Become Somebody Else?"),
                            _ ("To your peers you will be a stranger: who verified you has to "
                               "do so again. The old identity can’t be brought back."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog),
                                    "cancel", _ ("_Cancel"),
                                    "renew", _ ("_New Identity"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "renew",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (new_identity_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Object ---------------------------------------------------------------- */

static void
copy_cb (GtkButton                  *button,
         SrudpChatPreferencesWindow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          adw_action_row_get_subtitle (self->peer_id_row));
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_ ("Peer ID copied")));
}

static void
srudp_chat_preferences_window_dispose (GObject *object)
{
  SrudpChatPreferencesWindow *self = SRUDP_CHAT_PREFERENCES_WINDOW (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->network);

  G_OBJECT_CLASS (srudp_chat_preferences_window_parent_class)->dispose (object);
}

static void
srudp_chat_preferences_window_class_init (SrudpChatPreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  typedef SrudpChatPreferencesWindow Self;

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_preferences_window_dispose;

  /* Another identity is wanted, and that was confirmed. */
  signals[NEW_IDENTITY] =
    g_signal_new ("new-identity", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/srudp/Chat/srudp-chat-preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, Self, toasts);
  gtk_widget_class_bind_template_child (widget_class, Self, name_row);
  gtk_widget_class_bind_template_child (widget_class, Self, port_row);
  gtk_widget_class_bind_template_child (widget_class, Self, port_hint);
  gtk_widget_class_bind_template_child (widget_class, Self, servers_row);
  gtk_widget_class_bind_template_child (widget_class, Self, port_mapping);
  gtk_widget_class_bind_template_child (widget_class, Self, notifications);
  gtk_widget_class_bind_template_child (widget_class, Self, typing);
  gtk_widget_class_bind_template_child (widget_class, Self, folder_row);
  gtk_widget_class_bind_template_child (widget_class, Self, peer_id_row);
  gtk_widget_class_bind_template_callback (widget_class, name_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, port_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, servers_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, new_identity_cb);
}

static void
srudp_chat_preferences_window_init (SrudpChatPreferencesWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
}

GtkWindow *
srudp_chat_preferences_window_new (GtkWindow        *parent,
                                   GSettings        *settings,
                                   SrudpChatNetwork *network)
{
  SrudpChatPreferencesWindow *self =
    g_object_new (SRUDP_CHAT_TYPE_PREFERENCES_WINDOW, "transient-for", parent, NULL);
  g_autofree char *name = g_settings_get_string (settings, "name");
  g_autofree char *peer_id = srudp_chat_network_dup_peer_id (network);

  self->settings = g_object_ref (settings);
  self->network = g_object_ref (network);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
  adw_action_row_set_subtitle (self->peer_id_row, peer_id);
  show_port (self);
  show_servers (self);
  show_folder (self);
  g_settings_bind (settings, "port-mapping", self->port_mapping, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "notifications", self->notifications, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "typing", self->typing, "active", G_SETTINGS_BIND_DEFAULT);
  return GTK_WINDOW (self);
}

void
srudp_chat_preferences_window_tell (SrudpChatPreferencesWindow *self,
                                    const char                 *text)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}
