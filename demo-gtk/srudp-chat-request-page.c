/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-request-page.c: somebody wants to chat
 */
#include "config.h"

#include "srudp-chat-request-page.h"

#include "srudp-chat-fold-box.h"
#include "srudp-chat-mnemonics.h"
#include "srudp-chat-words.h"

#include <glib/gi18n.h>

struct _SrudpChatRequestPage
{
  AdwBin parent_instance;

  SrudpChatConversation *conversation;

  AdwAvatar *avatar;
  GtkLabel *title;
  GtkLabel *description;
};

G_DEFINE_FINAL_TYPE (SrudpChatRequestPage, srudp_chat_request_page, ADW_TYPE_BIN)

/* A name can be anybody's; by its key a peer of earlier is known. */
static char *
describe_caller (SrudpChatConversation *conversation)
{
  const char *address = srudp_chat_conversation_get_address (conversation);
  const char *where = address != NULL ? address : "?";

  if (srudp_chat_conversation_is_suspect (conversation))
    /* Translators: the placeholder is a network address. */
    return g_strdup_printf (_ ("Calling from %s. Somebody you verified had this name, but "
                               "another key. It may be someone else."), where);
  if (srudp_chat_conversation_get_verified (conversation))
    /* Translators: the placeholder is a network address. */
    return g_strdup_printf (_ ("Calling from %s. This is the peer you verified in an earlier "
                               "chat."), where);
  if (srudp_chat_conversation_is_known (conversation))
    /* Translators: the placeholder is a network address. */
    return g_strdup_printf (_ ("Calling from %s. This is a peer of an earlier chat; you can "
                               "verify later who it is."), where);
  /* Translators: the placeholder is a network address. */
  return g_strdup_printf (_ ("Calling from %s. Anybody can use any name; you can verify later "
                             "who it is."), where);
}

static void
update (SrudpChatRequestPage *self)
{
  const char *name = srudp_chat_conversation_get_title (self->conversation);
  g_autofree char *description = describe_caller (self->conversation);
  g_autofree char *title = NULL;

  /* Translators: the placeholder is what the peer calls itself. */
  title = g_strdup_printf (_ ("%s wants to chat"), name);
  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->description, description);
}

static void
srudp_chat_request_page_dispose (GObject *object)
{
  g_clear_object (&SRUDP_CHAT_REQUEST_PAGE (object)->conversation);

  G_OBJECT_CLASS (srudp_chat_request_page_parent_class)->dispose (object);
}

static void
srudp_chat_request_page_class_init (SrudpChatRequestPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_request_page_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_FOLD_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/srudp/Chat/srudp-chat-request-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatRequestPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatRequestPage, title);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatRequestPage, description);
}

static void
srudp_chat_request_page_init (SrudpChatRequestPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  srudp_chat_words_wrap (GTK_WIDGET (self));
  srudp_chat_mnemonics_name (GTK_WIDGET (self));
}

void
srudp_chat_request_page_show (SrudpChatRequestPage  *self,
                              SrudpChatConversation *conversation)
{
  g_return_if_fail (self->conversation == NULL);

  self->conversation = g_object_ref (conversation);
  g_signal_connect_object (conversation, "notify::title", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::verified", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::suspect", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}
