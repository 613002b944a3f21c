/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-sidebar-row.c: a chat in the list of chats
 */
#include "config.h"

#include "srudp-chat-sidebar-row.h"

#include "srudp-chat-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* More never fits; laying out a long line takes long. */
#define MAX_LINE_CHARS 120

struct _SrudpChatSidebarRow
{
  GtkListBoxRow parent_instance;

  SrudpChatConversation *conversation;

  AdwAvatar *avatar;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *unread;
};

G_DEFINE_FINAL_TYPE (SrudpChatSidebarRow, srudp_chat_sidebar_row, GTK_TYPE_LIST_BOX_ROW)

static char *
dup_last_line (SrudpChatConversation *conversation)
{
  GListModel *messages = srudp_chat_conversation_get_messages (conversation);
  guint n_messages = g_list_model_get_n_items (messages);
  g_autoptr (SrudpChatMessage) last = NULL;
  g_autofree char *line = NULL;
  char *cut;
  const char *text;

  if (n_messages == 0)
    return g_strdup (srudp_chat_conversation_get_address (conversation));
  last = g_list_model_get_item (messages, n_messages - 1);
  text = srudp_chat_message_get_text (last);
  line = g_strndup (text, strcspn (text, "\n"));
  cut = srudp_chat_text_cut (line, MAX_LINE_CHARS);
  return cut != NULL ? cut : g_steal_pointer (&line);
}

static char *
dup_subtitle (SrudpChatConversation *conversation)
{
  switch (srudp_chat_conversation_get_phase (conversation))
    {
    case SRUDP_CHAT_PHASE_REQUEST:
      return g_strdup (_ ("Wants to chat"));
    case SRUDP_CHAT_PHASE_CONNECTING:
      return g_strdup (_ ("Connecting…"));
    case SRUDP_CHAT_PHASE_FAILED:
      return g_strdup (_ ("Not connected"));
    case SRUDP_CHAT_PHASE_TALKING:
    default:
      return dup_last_line (conversation);
    }
}

static void
update (SrudpChatSidebarRow *self)
{
  const char *name = srudp_chat_conversation_get_title (self->conversation);
  guint unread = srudp_chat_conversation_get_unread (self->conversation);
  g_autofree char *subtitle = dup_subtitle (self->conversation);
  g_autofree char *count = g_strdup_printf ("%u", unread);
  g_autofree char *label = NULL;

  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_label (self->title, name);
  gtk_label_set_label (self->subtitle, subtitle != NULL ? subtitle : "");
  gtk_label_set_label (self->unread, count);
  gtk_widget_set_visible (GTK_WIDGET (self->unread), unread > 0);

  if (unread > 0)
    /* Translators: a chat in the list: the peer's name and unread messages. */
    label = g_strdup_printf (ngettext ("%s, %u new message", "%s, %u new messages", unread),
                             name, unread);
  else
    label = g_strdup_printf ("%s, %s", name, subtitle != NULL ? subtitle : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
srudp_chat_sidebar_row_dispose (GObject *object)
{
  g_clear_object (&SRUDP_CHAT_SIDEBAR_ROW (object)->conversation);

  G_OBJECT_CLASS (srudp_chat_sidebar_row_parent_class)->dispose (object);
}

static void
srudp_chat_sidebar_row_class_init (SrudpChatSidebarRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_sidebar_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-sidebar-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatSidebarRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatSidebarRow, title);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatSidebarRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatSidebarRow, unread);
}

static void
srudp_chat_sidebar_row_init (SrudpChatSidebarRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
srudp_chat_sidebar_row_new (SrudpChatConversation *conversation)
{
  SrudpChatSidebarRow *self = g_object_new (SRUDP_CHAT_TYPE_SIDEBAR_ROW, NULL);

  self->conversation = g_object_ref (conversation);
  g_signal_connect_object (conversation, "notify", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (srudp_chat_conversation_get_messages (conversation),
                           "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

SrudpChatConversation *
srudp_chat_sidebar_row_get_conversation (SrudpChatSidebarRow *self)
{
  return self->conversation;
}
