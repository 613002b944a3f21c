/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-sidebar-row.h: a chat in the list of chats
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_SIDEBAR_ROW (srudp_chat_sidebar_row_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatSidebarRow, srudp_chat_sidebar_row, SRUDP_CHAT, SIDEBAR_ROW,
                      GtkListBoxRow)

GtkWidget *srudp_chat_sidebar_row_new (SrudpChatConversation *conversation);
SrudpChatConversation *srudp_chat_sidebar_row_get_conversation (SrudpChatSidebarRow *self);

G_END_DECLS
