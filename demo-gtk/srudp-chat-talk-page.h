/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-talk-page.h: the messages of a chat, and where to write more
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_TALK_PAGE (srudp_chat_talk_page_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatTalkPage, srudp_chat_talk_page, SRUDP_CHAT, TALK_PAGE, AdwBin)

void srudp_chat_talk_page_show  (SrudpChatTalkPage     *self,
                                 SrudpChatConversation *conversation);
void srudp_chat_talk_page_focus (SrudpChatTalkPage     *self);

G_END_DECLS
