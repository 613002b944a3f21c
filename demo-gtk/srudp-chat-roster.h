/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-roster.h: all chats, and the network they go over
 */
#pragma once

#include "srudp-chat-conversation.h"
#include "srudp-chat-network.h"
#include "srudp-chat-peers.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_ROSTER (srudp_chat_roster_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatRoster, srudp_chat_roster, SRUDP_CHAT, ROSTER, GObject)

SrudpChatRoster       *srudp_chat_roster_new               (SrudpChatNetwork       *network,
                                                            const char             *own_name);
SrudpChatNetwork      *srudp_chat_roster_get_network       (SrudpChatRoster        *self);
SrudpChatPeers        *srudp_chat_roster_get_peers         (SrudpChatRoster        *self);
void                   srudp_chat_roster_set_peers         (SrudpChatRoster        *self,
                                                            SrudpChatPeers         *peers);
GListModel            *srudp_chat_roster_get_conversations (SrudpChatRoster        *self);
SrudpChatConversation *srudp_chat_roster_find              (SrudpChatRoster        *self,
                                                            const char             *peer_id);
const char            *srudp_chat_roster_get_own_name      (SrudpChatRoster        *self);
void                   srudp_chat_roster_set_own_name      (SrudpChatRoster        *self,
                                                            const char             *own_name);
void                   srudp_chat_roster_set_tells_typing  (SrudpChatRoster        *self,
                                                            gboolean                tells);
void                   srudp_chat_roster_set_folder        (SrudpChatRoster        *self,
                                                            GFile                  *folder);
SrudpChatConversation *srudp_chat_roster_call              (SrudpChatRoster        *self,
                                                            const SrudpChatAddress *address);
void                   srudp_chat_roster_remove            (SrudpChatRoster        *self,
                                                            SrudpChatConversation  *conversation);
void                   srudp_chat_roster_close             (SrudpChatRoster        *self);

G_END_DECLS
