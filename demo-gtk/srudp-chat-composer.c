/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-composer.c: where messages are written
 */
#include "config.h"

#include "srudp-chat-composer.h"

#include "srudp-chat-attachments.h"
#include "srudp-chat-text.h"

#include <string.h>

struct _SrudpChatComposer
{
  AdwBin parent_instance;

  SrudpChatConversation *conversation;

  GtkTextView *view;
  GtkTextBuffer *buffer;
  GtkWidget *scroller;
  GtkWidget *placeholder;
  GtkWidget *send_button;
};

G_DEFINE_FINAL_TYPE (SrudpChatComposer, srudp_chat_composer, ADW_TYPE_BIN)

enum
{
  TOO_LONG,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static char *
dup_text (SrudpChatComposer *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

static gboolean
is_blank (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  return *stripped == '\0';
}

static void
changed_cb (GtkTextBuffer     *buffer,
            SrudpChatComposer *self)
{
  g_autofree char *text = dup_text (self);

  gtk_text_view_set_wrap_mode (self->view, srudp_chat_text_has_endless_word (text)
                                             ? GTK_WRAP_CHAR
                                             : GTK_WRAP_WORD_CHAR);
  gtk_widget_set_visible (self->placeholder, *text == '\0');
  gtk_widget_set_sensitive (self->send_button, !is_blank (text));
  if (self->conversation == NULL)
    return;
  srudp_chat_conversation_set_draft (self->conversation, text);
  srudp_chat_conversation_set_typing (self->conversation, *text != '\0');
}

static void
submit (SrudpChatComposer *self)
{
  g_autofree char *text = dup_text (self);

  if (is_blank (text))
    return;
  if (srudp_chat_conversation_send (self->conversation, text))
    gtk_text_buffer_set_text (self->buffer, "", -1);
  else
    g_signal_emit (self, signals[TOO_LONG], 0);
}

static void
send_cb (GtkButton         *button,
         SrudpChatComposer *self)
{
  submit (self);
  srudp_chat_composer_focus (self);
}

static gboolean
is_return (guint keyval)
{
  return keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter
         || keyval == GDK_KEY_ISO_Enter;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                SrudpChatComposer     *self)
{
  GdkEvent *event;

  if (!is_return (keyval) || (state & GDK_SHIFT_MASK) != 0)
    return GDK_EVENT_PROPAGATE;
  /* The Return that ends composing a word is the input method's. */
  event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  if (gtk_text_view_im_context_filter_keypress (self->view, event))
    return GDK_EVENT_STOP;
  submit (self);
  return GDK_EVENT_STOP;
}

/* Text is the entry's own; the rest is sent as files. */
static void
paste_cb (GtkTextView       *view,
          SrudpChatComposer *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (view));

  if (gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), G_TYPE_STRING)
      && !gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard),
                                             GDK_TYPE_FILE_LIST))
    return;
  if (srudp_chat_attachments_paste (GTK_WIDGET (self), self->conversation))
    g_signal_stop_emission_by_name (view, "paste-clipboard");
}

static void
emoji_picked_cb (GtkEmojiChooser   *chooser,
                 const char        *emoji,
                 SrudpChatComposer *self)
{
  gtk_text_buffer_delete_selection (self->buffer, TRUE, TRUE);
  gtk_text_buffer_insert_at_cursor (self->buffer, emoji, -1);
  srudp_chat_composer_focus (self);
}

static void
srudp_chat_composer_dispose (GObject *object)
{
  g_clear_object (&SRUDP_CHAT_COMPOSER (object)->conversation);

  G_OBJECT_CLASS (srudp_chat_composer_parent_class)->dispose (object);
}

static void
srudp_chat_composer_class_init (SrudpChatComposerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_composer_dispose;

  /* What was written is more than one message may hold. */
  signals[TOO_LONG] =
    g_signal_new ("too-long", SRUDP_CHAT_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-composer.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatComposer, view);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatComposer, buffer);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatComposer, scroller);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatComposer, send_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, send_cb);
  gtk_widget_class_bind_template_callback (widget_class, emoji_picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, paste_cb);
}

static void
srudp_chat_composer_init (SrudpChatComposer *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
srudp_chat_composer_write_to (SrudpChatComposer     *self,
                              SrudpChatConversation *conversation)
{
  g_return_if_fail (self->conversation == NULL);

  gtk_text_buffer_set_text (self->buffer, srudp_chat_conversation_get_draft (conversation), -1);
  self->conversation = g_object_ref (conversation);
}

void
srudp_chat_composer_focus (SrudpChatComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}
