/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-talk-page.c: the messages of a chat, and where to write more
 */
#include "config.h"

#include "srudp-chat-talk-page.h"

#include "srudp-chat-attachments.h"
#include "srudp-chat-composer.h"
#include "srudp-chat-file-row.h"
#include "srudp-chat-fold-box.h"
#include "srudp-chat-message-row.h"
#include "srudp-chat-mnemonics.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

/* This near to the end counts as at the end, in pixels. */
#define NEAR_END 48

struct _SrudpChatTalkPage
{
  AdwBin parent_instance;

  SrudpChatConversation *conversation;
  guint follow_id;
  gboolean at_end;

  GtkRevealer *banner;
  GtkWidget *banner_box;
  GtkLabel *banner_label;
  GtkButton *banner_button;
  GtkScrolledWindow *scroller;
  GtkListBox *list;
  GtkRevealer *newer;
  GtkRevealer *typing;
  GtkLabel *typing_label;
  SrudpChatComposer *composer;
};

G_DEFINE_FINAL_TYPE (SrudpChatTalkPage, srudp_chat_talk_page, ADW_TYPE_BIN)

/* --- Following the end ----------------------------------------------------- */

static void
set_newer_shown (SrudpChatTalkPage *self,
                 gboolean           shown)
{
  gtk_revealer_set_reveal_child (self->newer, shown);
  gtk_widget_set_can_target (GTK_WIDGET (self->newer), shown);
}

static void
go_to_end (SrudpChatTalkPage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  self->at_end = TRUE;
  set_newer_shown (self, FALSE);
}

static gboolean
follow_cb (gpointer user_data)
{
  SrudpChatTalkPage *self = user_data;

  self->follow_id = 0;
  go_to_end (self);
  return G_SOURCE_REMOVE;
}

/* One idle for all that was added since, after its size is known. */
static void
follow_end (SrudpChatTalkPage *self)
{
  if (self->at_end && self->follow_id == 0)
    self->follow_id = g_idle_add_full (G_PRIORITY_LOW, follow_cb, self, NULL);
}

static void
scrolled_cb (GtkAdjustment     *adjustment,
             SrudpChatTalkPage *self)
{
  double end = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);

  if (self->follow_id != 0)
    return;
  self->at_end = gtk_adjustment_get_value (adjustment) >= end - NEAR_END;
  if (self->at_end)
    set_newer_shown (self, FALSE);
}

static void
newer_cb (GtkButton         *button,
          SrudpChatTalkPage *self)
{
  go_to_end (self);
}

static void
messages_changed_cb (GListModel        *messages,
                     guint              position,
                     guint              removed,
                     guint              added,
                     SrudpChatTalkPage *self)
{
  g_autoptr (SrudpChatMessage) last = NULL;

  if (added == 0)
    return;
  last = g_list_model_get_item (messages, position + added - 1);
  /* Who writes wants to see it. */
  if (srudp_chat_message_is_outgoing (last))
    self->at_end = TRUE;
  if (self->at_end)
    follow_end (self);
  else
    set_newer_shown (self, TRUE);
}

/* --- Rows ------------------------------------------------------------------ */

static GtkWidget *
create_row (gpointer item,
            gpointer user_data)
{
  SrudpChatTalkPage *self = user_data;
  SrudpChatMessage *message = SRUDP_CHAT_MESSAGE (item);

  if (srudp_chat_message_get_file (message) != NULL)
    return srudp_chat_file_row_new (self->conversation, message);
  return srudp_chat_message_row_new (self->conversation, message);
}

static GDateTime *
get_time (SrudpChatTalkPage *self,
          GtkListBoxRow     *row)
{
  GListModel *messages = srudp_chat_conversation_get_messages (self->conversation);
  g_autoptr (SrudpChatMessage) message =
    g_list_model_get_item (messages, (guint) gtk_list_box_row_get_index (row));

  return srudp_chat_message_get_time (message);
}

static gboolean
is_same_day (GDateTime *a,
             GDateTime *b)
{
  return g_date_time_get_year (a) == g_date_time_get_year (b)
         && g_date_time_get_day_of_year (a) == g_date_time_get_day_of_year (b);
}

static char *
day_in_words (GDateTime *time)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) yesterday = g_date_time_add_days (now, -1);

  if (is_same_day (time, now))
    return g_strdup (_ ("Today"));
  if (is_same_day (time, yesterday))
    return g_strdup (_ ("Yesterday"));
  /* Translators: the day above messages, as in strftime(). */
  return g_date_time_format (time, _ ("%A, %e %B %Y"));
}

static void
separate_days (GtkListBoxRow *row,
               GtkListBoxRow *before,
               gpointer       user_data)
{
  SrudpChatTalkPage *self = user_data;
  GtkWidget *label;
  g_autofree char *day = NULL;

  if (before != NULL && is_same_day (get_time (self, row), get_time (self, before)))
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  day = day_in_words (get_time (self, row));
  label = gtk_label_new (day);
  gtk_widget_add_css_class (label, "day");
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_list_box_row_set_header (row, label);
}

/* --- Presence -------------------------------------------------------------- */

static const char *
presence_in_words (SrudpChatPresence presence)
{
  switch (presence)
    {
    case SRUDP_CHAT_PRESENCE_SILENT:
    case SRUDP_CHAT_PRESENCE_RECONNECTING:
      return _ ("Reconnecting…");
    case SRUDP_CHAT_PRESENCE_LEFT:
      return _ ("Your peer has left.");
    case SRUDP_CHAT_PRESENCE_LOST:
      return _ ("Your peer is unreachable.");
    case SRUDP_CHAT_PRESENCE_DISCONNECTED:
      return _ ("You are disconnected.");
    case SRUDP_CHAT_PRESENCE_ONLINE:
    default:
      return "";
    }
}

static const char *
remedy_in_words (SrudpChatPresence presence)
{
  switch (presence)
    {
    case SRUDP_CHAT_PRESENCE_LOST:
      return _ ("_Try Now");
    case SRUDP_CHAT_PRESENCE_LEFT:
    case SRUDP_CHAT_PRESENCE_DISCONNECTED:
      return _ ("_Reconnect");
    case SRUDP_CHAT_PRESENCE_SILENT:
    case SRUDP_CHAT_PRESENCE_RECONNECTING:
    case SRUDP_CHAT_PRESENCE_ONLINE:
    default:
      return NULL;
    }
}

static void
say_in (GtkWidget  *widget,
        GtkLabel   *label,
        const char *words)
{
  gtk_label_set_label (label, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words, -1);
}

static void
update_banner (SrudpChatTalkPage *self)
{
  SrudpChatPresence presence = srudp_chat_conversation_get_presence (self->conversation);
  gboolean suspect = srudp_chat_conversation_is_suspect (self->conversation)
                     && presence == SRUDP_CHAT_PRESENCE_ONLINE;
  const char *remedy = suspect ? _ ("_Chat Anyway") : remedy_in_words (presence);

  if (suspect)
    {
      gtk_widget_add_css_class (self->banner_box, "error");
      say_in (self->banner_box, self->banner_label,
              _ ("Somebody you verified had this name, but another key. It may be someone "
                 "else. Nothing is sent until you decide."));
    }
  else
    {
      gtk_widget_remove_css_class (self->banner_box, "error");
      say_in (self->banner_box, self->banner_label, presence_in_words (presence));
    }
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner_button),
                                  suspect ? "win.trust" : "win.reconnect");
  if (remedy != NULL)
    {
      gtk_button_set_label (self->banner_button, remedy);
      gtk_button_set_use_underline (self->banner_button, TRUE);
      srudp_chat_words_wrap (self->banner_box);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->banner_button), remedy != NULL);
  gtk_revealer_set_reveal_child (self->banner,
                                 suspect || presence != SRUDP_CHAT_PRESENCE_ONLINE);
}

static void
update_typing (SrudpChatTalkPage *self)
{
  gboolean typing = srudp_chat_conversation_is_typing (self->conversation);
  g_autofree char *words = NULL;

  if (typing)
    {
      /* Translators: the placeholder is the peer's name. */
      words = g_strdup_printf (_ ("%s is typing…"),
                               srudp_chat_conversation_get_title (self->conversation));
    }
  say_in (GTK_WIDGET (self->typing_label), self->typing_label, typing ? words : "");
  gtk_revealer_set_reveal_child (self->typing, typing);
}

static void
too_long_cb (SrudpChatComposer *composer,
             SrudpChatTalkPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s",
                              _ ("This is too long for one message."));
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_talk_page_dispose (GObject *object)
{
  SrudpChatTalkPage *self = SRUDP_CHAT_TALK_PAGE (object);

  g_clear_handle_id (&self->follow_id, g_source_remove);
  /* Else rows would be asked for their days on their way out. */
  if (self->conversation != NULL)
    gtk_list_box_set_header_func (self->list, NULL, NULL, NULL);
  g_clear_object (&self->conversation);

  G_OBJECT_CLASS (srudp_chat_talk_page_parent_class)->dispose (object);
}

static void
srudp_chat_talk_page_class_init (SrudpChatTalkPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_talk_page_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_COMPOSER);
  g_type_ensure (SRUDP_CHAT_TYPE_FOLD_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-talk-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, banner);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, banner_box);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, banner_label);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, banner_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, list);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, newer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, typing);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, typing_label);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatTalkPage, composer);
  gtk_widget_class_bind_template_callback (widget_class, newer_cb);
  gtk_widget_class_bind_template_callback (widget_class, too_long_cb);
}

static void
srudp_chat_talk_page_init (SrudpChatTalkPage *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  srudp_chat_mnemonics_name (GTK_WIDGET (self));
  self->at_end = TRUE;
  gtk_list_box_set_header_func (self->list, separate_days, self, NULL);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self);
  g_signal_connect_swapped (adjustment, "changed", G_CALLBACK (follow_end), self);
}

void
srudp_chat_talk_page_show (SrudpChatTalkPage     *self,
                           SrudpChatConversation *conversation)
{
  GListModel *messages = srudp_chat_conversation_get_messages (conversation);

  g_return_if_fail (self->conversation == NULL);

  self->conversation = g_object_ref (conversation);
  gtk_list_box_bind_model (self->list, messages, create_row, self, NULL);
  srudp_chat_composer_write_to (self->composer, conversation);
  srudp_chat_attachments_drop (GTK_WIDGET (self), conversation);
  g_signal_connect_object (messages, "items-changed", G_CALLBACK (messages_changed_cb), self, 0);
  g_signal_connect_object (conversation, "notify::presence", G_CALLBACK (update_banner), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::suspect", G_CALLBACK (update_banner), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::typing", G_CALLBACK (update_typing), self,
                           G_CONNECT_SWAPPED);
  update_banner (self);
  update_typing (self);
}

void
srudp_chat_talk_page_focus (SrudpChatTalkPage *self)
{
  srudp_chat_composer_focus (self->composer);
}
