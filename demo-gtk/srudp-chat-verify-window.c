/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-verify-window.c: whether the peer is who it seems to be
 */
#include "config.h"

#include "srudp-chat-verify-window.h"

#include "srudp-chat-emoji.h"
#include "srudp-chat-mnemonics.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatVerifyWindow
{
  AdwWindow parent_instance;

  SrudpChatConversation *conversation;

  AdwToastOverlay *toasts;
  GtkWidget *short_code;
  GtkFlowBox *emoji;
  GtkLabel *emoji_explanation;
  GtkLabel *explanation;
  GtkLabel *number;
  GtkWidget *copy_button;
  AdwActionRow *verified_row;
  GtkSwitch *verified;
};

G_DEFINE_FINAL_TYPE (SrudpChatVerifyWindow, srudp_chat_verify_window, ADW_TYPE_WINDOW)

static void
copy_cb (GtkButton             *button,
         SrudpChatVerifyWindow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_label (self->number));
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_ ("Safety number copied")));
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
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, short_code);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, emoji);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, emoji_explanation);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, explanation);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, number);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, copy_button);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, verified_row);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatVerifyWindow, verified);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, verified_cb);
}

static void
srudp_chat_verify_window_init (SrudpChatVerifyWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  srudp_chat_mnemonics_name (GTK_WIDGET (self));
  /* In the same order for both, whatever their languages. */
  gtk_widget_set_direction (GTK_WIDGET (self->number), GTK_TEXT_DIR_LTR);
  /* Else the number would start out selected. */
  gtk_window_set_focus (GTK_WINDOW (self), self->copy_button);
}

/* A picture with its name beneath, which is what is read out. */
static GtkWidget *
make_emoji (const char *emoji)
{
  const char *name = srudp_chat_emoji_get_name (emoji);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *picture = g_object_new (GTK_TYPE_LABEL,
                                     "label", emoji,
                                     "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                                     NULL);
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL,
                                   "label", name != NULL ? name : "",
                                   "wrap", TRUE,
                                   "wrap-mode", PANGO_WRAP_WORD_CHAR,
                                   "justify", GTK_JUSTIFY_CENTER,
                                   "max-width-chars", 10,
                                   NULL);
  GtkWidget *child = g_object_new (GTK_TYPE_FLOW_BOX_CHILD,
                                   "child", box,
                                   "focusable", FALSE,
                                   NULL);

  gtk_widget_add_css_class (picture, "emoji");
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name != NULL ? name : emoji, -1);
  return child;
}

/* Later than the number, or never: the peer may be too old for it. */
static void
show_short_code (SrudpChatVerifyWindow *self)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (self->conversation);
  g_autofree char *code = link != NULL ? srudp_chat_link_dup_short_code (link) : NULL;
  g_auto (GStrv) emoji = g_strsplit (code != NULL ? code : "", " ", -1);
  GtkWidget *old;

  while ((old = gtk_widget_get_first_child (GTK_WIDGET (self->emoji))) != NULL)
    gtk_flow_box_remove (self->emoji, old);
  for (guint i = 0; emoji[i] != NULL; i++)
    gtk_flow_box_append (self->emoji, make_emoji (emoji[i]));
  gtk_widget_set_visible (self->short_code, code != NULL);
  adw_action_row_set_subtitle (self->verified_row,
                               code != NULL ? _ ("I have compared the emoji, or all the numbers")
                                            : _ ("I have compared all the numbers"));
}

static void
show_conversation (SrudpChatVerifyWindow *self)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (self->conversation);
  g_autofree char *number = link != NULL ? srudp_chat_link_dup_safety_number (link) : NULL;
  const char *peer = srudp_chat_conversation_get_title (self->conversation);
  g_autofree char *emoji_explanation = NULL;
  g_autofree char *explanation = NULL;

  /* Translators: the placeholder is the peer's name. */
  emoji_explanation = g_strdup_printf (_ ("If %s sees the same seven in the same order, nobody "
                                          "listens in between. They are new each time you "
                                          "connect."), peer);
  /* Translators: the placeholder is the peer's name. */
  explanation = g_strdup_printf (_ ("Compare this safety number with %s on the phone or in "
                                    "person. If both of you see the same one, nobody "
                                    "listens in between."), peer);
  gtk_label_set_label (self->emoji_explanation, emoji_explanation);
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
  show_short_code (self);
  if (srudp_chat_conversation_get_link (conversation) != NULL)
    g_signal_connect_object (srudp_chat_conversation_get_link (conversation),
                             "notify::short-code", G_CALLBACK (show_short_code), self,
                             G_CONNECT_SWAPPED);
  return GTK_WINDOW (self);
}
