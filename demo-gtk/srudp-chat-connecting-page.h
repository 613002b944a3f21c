/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-connecting-page.h: the way to a connection, or why there is none
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"
#include "srudp-chat-network.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_CONNECTING_PAGE (srudp_chat_connecting_page_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatConnectingPage, srudp_chat_connecting_page,
                      SRUDP_CHAT, CONNECTING_PAGE, AdwBin)

void srudp_chat_connecting_page_show (SrudpChatConnectingPage *self,
                                      SrudpChatConversation   *conversation,
                                      SrudpChatNetwork        *network);

G_END_DECLS
