/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-conversation-view.h: the page that fits a conversation's phase
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"
#include "srudp-chat-network.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_CONVERSATION_VIEW (srudp_chat_conversation_view_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatConversationView, srudp_chat_conversation_view,
                      SRUDP_CHAT, CONVERSATION_VIEW, AdwBin)

GtkWidget *srudp_chat_conversation_view_new (SrudpChatConversation *conversation,
                                             SrudpChatNetwork      *network);
SrudpChatConversation *
srudp_chat_conversation_view_get_conversation (SrudpChatConversationView *self);
void srudp_chat_conversation_view_focus (SrudpChatConversationView *self);

G_END_DECLS
