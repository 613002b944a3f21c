/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-message-row.c: a message as a bubble
 */
#include "config.h"

#include "srudp-chat-message-row.h"

#include "srudp-chat-fold-box.h"
#include "srudp-chat-text.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

/* About a page; laying out more would keep everybody waiting. */
#define MAX_SHOWN_CHARS 2000

struct _SrudpChatMessageRow
{
  GtkListBoxRow parent_instance;

  SrudpChatConversation *conversation;
  SrudpChatMessage *message;

  GtkWidget *column;
  GtkLabel *text;
  GtkWidget *more_button;
  GtkWidget *footer;
  GtkLabel *status;
  GtkWidget *retry_button;
};

G_DEFINE_FINAL_TYPE (SrudpChatMessageRow, srudp_chat_message_row, GTK_TYPE_LIST_BOX_ROW)

/* NULL for a received one. */
static const char *
mark_in_words (SrudpChatMark mark)
{
  switch (mark)
    {
    case SRUDP_CHAT_MARK_WAITING:
      return _ ("Waiting…");
    case SRUDP_CHAT_MARK_SENT:
      return _ ("Sent");
    case SRUDP_CHAT_MARK_DELIVERED:
      return _ ("Delivered");
    case SRUDP_CHAT_MARK_NOT_DELIVERED:
      return _ ("Not delivered");
    case SRUDP_CHAT_MARK_RECEIVED:
    default:
      return NULL;
    }
}

/* What a screen reader says: "You, 10:41: text. Delivered" */
static void
announce (SrudpChatMessageRow *self,
          const char          *time,
          const char          *mark)
{
  const char *author = srudp_chat_message_get_author (self->message);
  const char *whole = srudp_chat_message_get_text (self->message);
  g_autofree char *cut = srudp_chat_text_cut (whole, MAX_SHOWN_CHARS);
  const char *text = cut != NULL ? cut : whole;
  g_autofree char *label = NULL;

  if (mark != NULL)
    /* Translators: one's own message: time, text, what became of it. */
    label = g_strdup_printf (_ ("You, %s: %s. %s"), time, text, mark);
  else
    /* Translators: a peer's message: who, time, text. */
    label = g_strdup_printf (_ ("%s, %s: %s"), author, time, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
update_status (SrudpChatMessageRow *self)
{
  SrudpChatMark mark = srudp_chat_message_get_mark (self->message);
  const char *words = mark_in_words (mark);
  gboolean failed = mark == SRUDP_CHAT_MARK_NOT_DELIVERED;
  g_autofree char *time = NULL;
  g_autofree char *status = NULL;

  /* Translators: the time of a message, as in strftime(). */
  time = g_date_time_format (srudp_chat_message_get_time (self->message), _ ("%H:%M"));
  status = words != NULL ? g_strdup_printf ("%s · %s", time, words) : g_strdup (time);
  gtk_label_set_label (self->status, status);
  gtk_widget_set_visible (self->retry_button, failed);
  if (failed)
    gtk_widget_add_css_class (GTK_WIDGET (self->status), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->status), "error");
  announce (self, time, words);
}

/* At first only the beginning of a long text. */
static void
show_text (SrudpChatMessageRow *self,
           gboolean             all)
{
  const char *text = srudp_chat_message_get_text (self->message);
  g_autofree char *cut = all ? NULL : srudp_chat_text_cut (text, MAX_SHOWN_CHARS);
  const char *shown = cut != NULL ? cut : text;
  g_autofree char *markup = srudp_chat_text_to_markup (shown);

  gtk_label_set_wrap_mode (self->text, srudp_chat_text_has_endless_word (shown)
                                         ? PANGO_WRAP_CHAR
                                         : PANGO_WRAP_WORD_CHAR);
  gtk_label_set_markup (self->text, markup);
  gtk_widget_set_visible (self->more_button, cut != NULL);
}

static void
more_cb (GtkButton           *button,
         SrudpChatMessageRow *self)
{
  show_text (self, TRUE);
}

static void
retry_cb (GtkButton           *button,
          SrudpChatMessageRow *self)
{
  srudp_chat_conversation_retry (self->conversation, self->message);
}

static void
srudp_chat_message_row_dispose (GObject *object)
{
  SrudpChatMessageRow *self = SRUDP_CHAT_MESSAGE_ROW (object);

  g_clear_object (&self->conversation);
  g_clear_object (&self->message);

  G_OBJECT_CLASS (srudp_chat_message_row_parent_class)->dispose (object);
}

static void
srudp_chat_message_row_class_init (SrudpChatMessageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_message_row_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_FOLD_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-message-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatMessageRow, column);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatMessageRow, text);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatMessageRow, footer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatMessageRow, more_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatMessageRow, status);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatMessageRow, retry_button);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
srudp_chat_message_row_init (SrudpChatMessageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
}

static void
take_side (SrudpChatMessageRow *self)
{
  gboolean outgoing = srudp_chat_message_is_outgoing (self->message);
  GtkAlign align = outgoing ? GTK_ALIGN_END : GTK_ALIGN_START;

  gtk_widget_add_css_class (GTK_WIDGET (self), outgoing ? "outgoing" : "incoming");
  gtk_widget_set_halign (self->column, align);
  gtk_widget_set_halign (GTK_WIDGET (self->text), align);
  gtk_widget_set_halign (self->footer, align);
  for (GtkWidget *child = gtk_widget_get_first_child (self->footer); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_halign (child, align);
}

GtkWidget *
srudp_chat_message_row_new (SrudpChatConversation *conversation,
                            SrudpChatMessage      *message)
{
  SrudpChatMessageRow *self = g_object_new (SRUDP_CHAT_TYPE_MESSAGE_ROW, NULL);

  self->conversation = g_object_ref (conversation);
  self->message = g_object_ref (message);
  show_text (self, FALSE);
  take_side (self);
  g_signal_connect_object (message, "notify::mark", G_CALLBACK (update_status), self,
                           G_CONNECT_SWAPPED);
  update_status (self);
  return GTK_WIDGET (self);
}
