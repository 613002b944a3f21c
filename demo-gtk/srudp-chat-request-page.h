/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-request-page.h: somebody wants to chat
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_REQUEST_PAGE (srudp_chat_request_page_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatRequestPage, srudp_chat_request_page,
                      SRUDP_CHAT, REQUEST_PAGE, AdwBin)

void srudp_chat_request_page_show (SrudpChatRequestPage  *self,
                                   SrudpChatConversation *conversation);

G_END_DECLS
