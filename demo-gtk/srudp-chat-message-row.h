/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-message-row.h: a message as a bubble
 */
#pragma once

#include <gtk/gtk.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_MESSAGE_ROW (srudp_chat_message_row_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatMessageRow, srudp_chat_message_row, SRUDP_CHAT, MESSAGE_ROW,
                      GtkListBoxRow)

GtkWidget *srudp_chat_message_row_new (SrudpChatConversation *conversation,
                                       SrudpChatMessage      *message);

G_END_DECLS
