/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-verify-window.c: whether the peer is who it seems to be
 */
#include "config.h"

#include "srudp-chat-verify-window.h"

#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatVerifyWindow
{
  AdwWindow parent_instance;

  SrudpChatConversation *conversation;

  GtkLabel *explanation;
  GtkLabel *number;
  GtkWidget *copy_button;
  GtkSwitch *verified;
};

G_DEFINE_FINAL_TYPE (SrudpChatVerifyWindow, srudp_chat_verify_window, ADW_TYPE_WINDOW)

static void
copy_cb (GtkButton             *button,
         SrudpChatVerifyWindow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_label (self->number));
}

static void
verified_cb (GtkSwitch             *toggle,
             GParamSpec            *pspec,
             SrudpChatVerifyWindow *self)
{
  srudp_chat_conversation_set_verified (self->conversation, gtk_switch_get_active (toggle));
}

static void
srudp_chat_verify_window_dispose (GObject *object)
{
  g_clear_object (&SRUDP_CHAT_VERIFY_WINDOW (object)->conversation);

  G_OBJECT_CLASS (srudp_chat_verify_window_parent_class)->dispose (object);
}

static void
srudp_chat_verify_window_class_init (SrudpChatVerifyWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_verify_window_dispose;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/srudp/Chat/srudp-chat-verify-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, explanation);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, number);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, copy_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, verified);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, verified_cb);
}

static void
srudp_chat_verify_window_init (SrudpChatVerifyWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  /* In the same order for both, whatever their languages. */
  gtk_widget_set_direction (GTK_WIDGET (self->number), GTK_TEXT_DIR_LTR);
  /* Else the number would start out selected. */
  gtk_window_set_focus (GTK_WINDOW (self), self->copy_button);
}

static void
show_conversation (SrudpChatVerifyWindow *self)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (self->conversation);
  g_autofree char *number = link != NULL ? srudp_chat_link_dup_safety_number (link) : NULL;
  g_autofree char *explanation = NULL;

  /* Translators: the placeholder is the peer's name. */
  explanation = g_strdup_printf (_ ("Compare this safety number with %s on the phone or in "
                                    "person. If both of you see the same one, nobody "
                                    "listens in between."),
                                 srudp_chat_conversation_get_title (self->conversation));
  gtk_label_set_label (self->explanation, explanation);
  gtk_label_set_label (self->number, number != NULL ? number : "");
  gtk_switch_set_active (self->verified,
                         srudp_chat_conversation_get_verified (self->conversation));
}

GtkWindow *
srudp_chat_verify_window_new (GtkWindow             *parent,
                              SrudpChatConversation *conversation)
{
  SrudpChatVerifyWindow *self =
    g_object_new (SRUDP_CHAT_TYPE_VERIFY_WINDOW, "transient-for", parent, NULL);

  self->conversation = g_object_ref (conversation);
  show_conversation (self);
  return GTK_WINDOW (self);
}
