/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-endpoint.h: the network over a SrudpEndpoint
 */
#pragma once

#include "srudp-chat-invitations.h"
#include "srudp-chat-network.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_ENDPOINT (srudp_chat_endpoint_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatEndpoint, srudp_chat_endpoint,
                      SRUDP_CHAT, ENDPOINT, SrudpChatNetwork)

SrudpChatNetwork *srudp_chat_endpoint_new (SrudpIdentity        *identity,
                                           SrudpChatInvitations *invitations);

G_END_DECLS
