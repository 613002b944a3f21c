/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-message.h: one message, and how far it has come
 */
#pragma once

#include "srudp-chat-file.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_MESSAGE (srudp_chat_message_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatMessage, srudp_chat_message, SRUDP_CHAT, MESSAGE, GObject)

SrudpChatMessage *srudp_chat_message_new_outgoing (guint64           id,
                                                   const char       *text);
SrudpChatMessage *srudp_chat_message_new_incoming (guint64           id,
                                                   const char       *text,
                                                   const char       *author);
SrudpChatMessage *srudp_chat_message_new_file     (SrudpChatFile    *file,
                                                   const char       *author);

SrudpChatFile    *srudp_chat_message_get_file     (SrudpChatMessage *self);
guint64           srudp_chat_message_get_id       (SrudpChatMessage *self);
const char       *srudp_chat_message_get_text     (SrudpChatMessage *self);
const char       *srudp_chat_message_get_author   (SrudpChatMessage *self);
GDateTime        *srudp_chat_message_get_time     (SrudpChatMessage *self);
gboolean          srudp_chat_message_is_outgoing  (SrudpChatMessage *self);
SrudpChatMark     srudp_chat_message_get_mark     (SrudpChatMessage *self);
void              srudp_chat_message_set_mark     (SrudpChatMessage *self,
                                                   SrudpChatMark     mark);
guint64           srudp_chat_message_get_sequence (SrudpChatMessage *self);
void              srudp_chat_message_set_sequence (SrudpChatMessage *self,
                                                   guint64           sequence);

G_END_DECLS
