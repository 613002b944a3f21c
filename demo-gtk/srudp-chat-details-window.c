/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-details-window.c: what there is to know about a connection
 */
#include "config.h"

#include "srudp-chat-details-window.h"

#include "srudp-chat-graph.h"
#include "srudp-chat-numbers.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

enum
{
  ROW_PEER_ID,
  ROW_LOCAL_ADDRESS,
  ROW_REMOTE_ADDRESS,
  ROW_PATH,
  ROW_RTT,
  ROW_LOSS,
  ROW_PATH_MTU,
  ROW_WINDOW,
  ROW_CIPHER,
  ROW_SENT,
  ROW_RECEIVED,
  ROW_OPENING,
  N_ROWS
};

static const char *const row_names[N_ROWS] = {
  [ROW_PEER_ID] = "peer_id",
  [ROW_LOCAL_ADDRESS] = "local_address",
  [ROW_REMOTE_ADDRESS] = "remote_address",
  [ROW_PATH] = "path",
  [ROW_RTT] = "rtt",
  [ROW_LOSS] = "loss",
  [ROW_PATH_MTU] = "path_mtu",
  [ROW_WINDOW] = "window",
  [ROW_CIPHER] = "cipher",
  [ROW_SENT] = "sent",
  [ROW_RECEIVED] = "received",
  [ROW_OPENING] = "opening",
};

struct _SrudpChatDetailsWindow
{
  AdwWindow parent_instance;

  SrudpChatConversation *conversation;
  guint refresh_id;

  AdwToastOverlay *toasts;
  AdwActionRow *rows[N_ROWS];
  SrudpChatGraph *graph;
};

G_DEFINE_FINAL_TYPE (SrudpChatDetailsWindow, srudp_chat_details_window, ADW_TYPE_WINDOW)

static void
take (SrudpChatDetailsWindow *self,
      guint                   row,
      char                   *value)
{
  adw_action_row_set_subtitle (self->rows[row], value != NULL ? value : "–");
  g_free (value);
}

static char *
describe_loss (const SrudpChatLinkFacts *facts)
{
  double share = facts->packets_sent > 0
                   ? 100.0 * (double) facts->packets_lost / (double) facts->packets_sent
                   : 0.0;
  g_autofree char *lost = g_strdup_printf ("%" G_GUINT64_FORMAT, facts->packets_lost);
  g_autofree char *sent = g_strdup_printf ("%" G_GUINT64_FORMAT, facts->packets_sent);

  /* Translators: lost packets, of all that were sent, and their share. */
  return g_strdup_printf (_ ("%s of %s (%.1f %%)"), lost, sent, share);
}

static char *
describe_bytes (guint n_bytes)
{
  return g_strdup_printf (ngettext ("%u byte", "%u bytes", n_bytes), n_bytes);
}

static void
show_facts (SrudpChatDetailsWindow *self)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (self->conversation);
  const char *peer_id = srudp_chat_conversation_get_peer_id (self->conversation);
  g_auto (SrudpChatLinkFacts) facts = { 0 };

  if (link == NULL)
    return;
  srudp_chat_link_get_facts (link, &facts);
  take (self, ROW_PEER_ID, g_strdup (peer_id));
  take (self, ROW_LOCAL_ADDRESS, g_strdup (facts.local_address));
  take (self, ROW_REMOTE_ADDRESS, g_strdup (facts.remote_address));
  take (self, ROW_PATH, srudp_chat_numbers_for_path (&facts));
  /* Translators: a time in milliseconds, with fractions. */
  take (self, ROW_RTT, g_strdup_printf (_ ("%.1f ms"), (double) facts.rtt_us / 1000.0));
  take (self, ROW_LOSS, describe_loss (&facts));
  take (self, ROW_PATH_MTU, describe_bytes (facts.path_mtu_bytes));
  take (self, ROW_WINDOW, g_format_size (facts.congestion_window_bytes));
  take (self, ROW_CIPHER, g_strdup (facts.cipher));
  take (self, ROW_SENT, g_format_size (facts.bytes_sent));
  take (self, ROW_RECEIVED, g_format_size (facts.bytes_received));
  take (self, ROW_OPENING, srudp_chat_link_dup_diagnostics (link));
  srudp_chat_graph_show (self->graph,
                         srudp_chat_conversation_get_throughput (self->conversation));
}

static gboolean
refresh_cb (gpointer user_data)
{
  show_facts (user_data);
  return G_SOURCE_CONTINUE;
}

static void
copy_cb (GtkButton              *button,
         SrudpChatDetailsWindow *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < N_ROWS; i++)
    g_string_append_printf (text, "%s: %s\n",
                            adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self->rows[i])),
                            adw_action_row_get_subtitle (self->rows[i]));
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text->str);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_ ("Details copied")));
}

static void
srudp_chat_details_window_dispose (GObject *object)
{
  SrudpChatDetailsWindow *self = SRUDP_CHAT_DETAILS_WINDOW (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_object (&self->conversation);

  G_OBJECT_CLASS (srudp_chat_details_window_parent_class)->dispose (object);
}

static void
srudp_chat_details_window_class_init (SrudpChatDetailsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_details_window_dispose;
  g_type_ensure (SRUDP_CHAT_TYPE_GRAPH);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/srudp/Chat/srudp-chat-details-window.ui");
  for (guint i = 0; i < N_ROWS; i++)
    gtk_widget_class_bind_template_child_full (
      widget_class, row_names[i], FALSE,
      G_STRUCT_OFFSET (SrudpChatDetailsWindow, rows) + (gssize) (i * sizeof (AdwActionRow *)));
  gtk_widget_class_bind_template_child (widget_class, SrudpChatDetailsWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatDetailsWindow, graph);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
srudp_chat_details_window_init (SrudpChatDetailsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  self->refresh_id = g_timeout_add_seconds (1, refresh_cb, self);
}

GtkWindow *
srudp_chat_details_window_new (GtkWindow             *parent,
                               SrudpChatConversation *conversation)
{
  SrudpChatDetailsWindow *self =
    g_object_new (SRUDP_CHAT_TYPE_DETAILS_WINDOW, "transient-for", parent, NULL);

  self->conversation = g_object_ref (conversation);
  show_facts (self);
  return GTK_WINDOW (self);
}
