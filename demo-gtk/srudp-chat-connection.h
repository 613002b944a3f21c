/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-connection.h: a link over a SrudpConnection
 */
#pragma once

#include "srudp-chat-link.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_CONNECTION (srudp_chat_connection_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatConnection, srudp_chat_connection,
                      SRUDP_CHAT, CONNECTION, SrudpChatLink)

SrudpChatLink *srudp_chat_connection_new (SrudpConnection *connection);

G_END_DECLS
