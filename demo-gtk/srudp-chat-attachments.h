/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-attachments.h: files chosen, dropped or pasted into a chat
 */
#pragma once

#include <gtk/gtk.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

void     srudp_chat_attachments_choose (GtkWidget             *widget,
                                        SrudpChatConversation *conversation);
void     srudp_chat_attachments_drop   (GtkWidget             *widget,
                                        SrudpChatConversation *conversation);
gboolean srudp_chat_attachments_paste  (GtkWidget             *widget,
                                        SrudpChatConversation *conversation);

G_END_DECLS
