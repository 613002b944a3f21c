/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-conversation.h: a chat with one peer, over one link after another
 */
#pragma once

#include "srudp-chat-link.h"
#include "srudp-chat-message.h"
#include "srudp-chat-throughput.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_CONVERSATION (srudp_chat_conversation_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatConversation, srudp_chat_conversation,
                      SRUDP_CHAT, CONVERSATION, GObject)

SrudpChatConversation *srudp_chat_conversation_new          (const char            *own_name,
                                                             const char            *address);

void                   srudp_chat_conversation_take_call    (SrudpChatConversation *self,
                                                             SrudpChatLink         *link);
void                   srudp_chat_conversation_use_link     (SrudpChatConversation *self,
                                                             SrudpChatLink         *link);
void                   srudp_chat_conversation_accept       (SrudpChatConversation *self);
void                   srudp_chat_conversation_decline      (SrudpChatConversation *self);
void                   srudp_chat_conversation_disconnect   (SrudpChatConversation *self);
void                   srudp_chat_conversation_reconnect    (SrudpChatConversation *self);

gboolean               srudp_chat_conversation_send         (SrudpChatConversation *self,
                                                             const char            *text);
void                   srudp_chat_conversation_retry        (SrudpChatConversation *self,
                                                             SrudpChatMessage      *message);
gboolean               srudp_chat_conversation_send_file    (SrudpChatConversation *self,
                                                             GFile                 *source,
                                                             const char            *name);
void                   srudp_chat_conversation_accept_file  (SrudpChatConversation *self,
                                                             SrudpChatFile         *file);
void                   srudp_chat_conversation_cancel_file  (SrudpChatConversation *self,
                                                             SrudpChatFile         *file);
void                   srudp_chat_conversation_retry_file   (SrudpChatConversation *self,
                                                             SrudpChatFile         *file);
void                   srudp_chat_conversation_set_typing   (SrudpChatConversation *self,
                                                             gboolean               typing);
void                   srudp_chat_conversation_set_tells_typing (SrudpChatConversation *self,
                                                             gboolean               tells);
void                   srudp_chat_conversation_set_visible  (SrudpChatConversation *self,
                                                             gboolean               visible);
void                   srudp_chat_conversation_set_draft    (SrudpChatConversation *self,
                                                             const char            *draft);
void                   srudp_chat_conversation_set_verified (SrudpChatConversation *self,
                                                             gboolean               verified);
void                   srudp_chat_conversation_set_known    (SrudpChatConversation *self,
                                                             gboolean               known);
void                   srudp_chat_conversation_set_suspect  (SrudpChatConversation *self,
                                                             gboolean               suspect);
void                   srudp_chat_conversation_trust        (SrudpChatConversation *self);
void                   srudp_chat_conversation_set_own_name (SrudpChatConversation *self,
                                                             const char            *own_name);
void                   srudp_chat_conversation_set_folder   (SrudpChatConversation *self,
                                                             GFile                 *folder);

const char            *srudp_chat_conversation_get_title    (SrudpChatConversation *self);
const char            *srudp_chat_conversation_get_name     (SrudpChatConversation *self);
const char            *srudp_chat_conversation_get_address  (SrudpChatConversation *self);
const char            *srudp_chat_conversation_get_peer_id  (SrudpChatConversation *self);
const char            *srudp_chat_conversation_get_draft    (SrudpChatConversation *self);
SrudpChatPhase         srudp_chat_conversation_get_phase    (SrudpChatConversation *self);
SrudpChatPresence      srudp_chat_conversation_get_presence (SrudpChatConversation *self);
SrudpChatLink         *srudp_chat_conversation_get_link     (SrudpChatConversation *self);
GListModel            *srudp_chat_conversation_get_messages (SrudpChatConversation *self);
const GError          *srudp_chat_conversation_get_error    (SrudpChatConversation *self);
gint64                 srudp_chat_conversation_get_since    (SrudpChatConversation *self);
guint                  srudp_chat_conversation_get_unread   (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_get_verified (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_is_open      (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_is_known     (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_is_suspect   (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_was_invited  (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_is_typing    (SrudpChatConversation *self);
gboolean               srudp_chat_conversation_was_declined (SrudpChatConversation *self);
void                   srudp_chat_conversation_measure      (SrudpChatConversation *self);
const SrudpChatThroughput *srudp_chat_conversation_get_throughput (SrudpChatConversation *self);

G_END_DECLS
