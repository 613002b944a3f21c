/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-file-row.h: a file as a bubble
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_FILE_ROW (srudp_chat_file_row_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatFileRow, srudp_chat_file_row, SRUDP_CHAT, FILE_ROW, GtkListBoxRow)

GtkWidget *srudp_chat_file_row_new (SrudpChatConversation *conversation,
                                    SrudpChatMessage      *message);

G_END_DECLS
