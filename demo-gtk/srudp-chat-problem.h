/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-problem.h: what went wrong, in words that help
 */
#pragma once

#include "srudp-chat-address.h"
#include "srudp-chat-conversation.h"
#include "srudp-chat-network.h"

G_BEGIN_DECLS

typedef struct
{
  const char *title;
  const char *body;
} SrudpChatProblem;

SrudpChatProblem srudp_chat_problem_of_conversation (SrudpChatConversation *conversation,
                                                     SrudpChatNetwork      *network);
const char      *srudp_chat_problem_of_entry        (SrudpChatAddressResult result);

G_END_DECLS
