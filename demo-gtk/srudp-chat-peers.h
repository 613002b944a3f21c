/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-peers.h: those one has chatted with, remembered on the disk
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_PEER (srudp_chat_peer_get_type ())
G_DECLARE_FINAL_TYPE (SrudpChatPeer, srudp_chat_peer, SRUDP_CHAT, PEER, GObject)

const char     *srudp_chat_peer_get_id      (SrudpChatPeer  *self);
const char     *srudp_chat_peer_get_name    (SrudpChatPeer  *self);
const char     *srudp_chat_peer_get_address (SrudpChatPeer  *self);
gboolean        srudp_chat_peer_is_verified (SrudpChatPeer  *self);

#define SRUDP_CHAT_TYPE_PEERS (srudp_chat_peers_get_type ())
G_DECLARE_FINAL_TYPE (SrudpChatPeers, srudp_chat_peers, SRUDP_CHAT, PEERS, GObject)

SrudpChatPeers *srudp_chat_peers_new        (const char     *path);
GListModel     *srudp_chat_peers_get_model  (SrudpChatPeers *self);
SrudpChatPeer  *srudp_chat_peers_find       (SrudpChatPeers *self,
                                             const char     *id);
SrudpChatPeer  *srudp_chat_peers_find_other (SrudpChatPeers *self,
                                             const char     *name,
                                             const char     *id);
void            srudp_chat_peers_remember   (SrudpChatPeers *self,
                                             const char     *id,
                                             const char     *name,
                                             const char     *address,
                                             gboolean        verified);
void            srudp_chat_peers_forget     (SrudpChatPeers *self,
                                             const char     *id);

G_END_DECLS
