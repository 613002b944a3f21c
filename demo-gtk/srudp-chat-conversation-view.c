/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-conversation-view.c: the page that fits a conversation's phase
 */
#include "srudp-chat-conversation-view.h"

#include "srudp-chat-connecting-page.h"
#include "srudp-chat-request-page.h"
#include "srudp-chat-talk-page.h"

struct _SrudpChatConversationView
{
  AdwBin parent_instance;

  SrudpChatConversation *conversation;

  GtkStack *stack;
  SrudpChatConnectingPage *connecting;
  SrudpChatRequestPage *request;
  SrudpChatTalkPage *talk;
};

G_DEFINE_FINAL_TYPE (SrudpChatConversationView, srudp_chat_conversation_view, ADW_TYPE_BIN)

static const char *
page_name (SrudpChatPhase phase)
{
  switch (phase)
    {
    case SRUDP_CHAT_PHASE_REQUEST:
      return "request";
    case SRUDP_CHAT_PHASE_TALKING:
      return "talk";
    case SRUDP_CHAT_PHASE_CONNECTING:
    case SRUDP_CHAT_PHASE_FAILED:
    default:
      return "connecting";
    }
}

static void
update (SrudpChatConversationView *self)
{
  SrudpChatPhase phase = srudp_chat_conversation_get_phase (self->conversation);

  gtk_stack_set_visible_child_name (self->stack, page_name (phase));
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    srudp_chat_conversation_view_focus (self);
}

static void
srudp_chat_conversation_view_dispose (GObject *object)
{
  g_clear_object (&SRUDP_CHAT_CONVERSATION_VIEW (object)->conversation);

  G_OBJECT_CLASS (srudp_chat_conversation_view_parent_class)->dispose (object);
}

static void
srudp_chat_conversation_view_class_init (SrudpChatConversationViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_conversation_view_dispose;

  g_type_ensure (SRUDP_CHAT_TYPE_CONNECTING_PAGE);
  g_type_ensure (SRUDP_CHAT_TYPE_REQUEST_PAGE);
  g_type_ensure (SRUDP_CHAT_TYPE_TALK_PAGE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/srudp/Chat/srudp-chat-conversation-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConversationView, stack);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConversationView, connecting);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConversationView, request);
  gtk_widget_class_bind_template_child (widget_class, SrudpChatConversationView, talk);
}

static void
srudp_chat_conversation_view_init (SrudpChatConversationView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
srudp_chat_conversation_view_new (SrudpChatConversation *conversation,
                                  SrudpChatNetwork      *network)
{
  SrudpChatConversationView *self = g_object_new (SRUDP_CHAT_TYPE_CONVERSATION_VIEW, NULL);

  self->conversation = g_object_ref (conversation);
  srudp_chat_connecting_page_show (self->connecting, conversation, network);
  srudp_chat_request_page_show (self->request, conversation);
  srudp_chat_talk_page_show (self->talk, conversation);
  g_signal_connect_object (conversation, "notify::phase", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

SrudpChatConversation *
srudp_chat_conversation_view_get_conversation (SrudpChatConversationView *self)
{
  return self->conversation;
}

/* Whoever can write at once, does. */
void
srudp_chat_conversation_view_focus (SrudpChatConversationView *self)
{
  if (srudp_chat_conversation_get_phase (self->conversation) == SRUDP_CHAT_PHASE_TALKING)
    srudp_chat_talk_page_focus (self->talk);
}
