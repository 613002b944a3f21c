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
  char *body;
} SrudpChatProblem;

SrudpChatProblem srudp_chat_problem_of_conversation (SrudpChatConversation *conversation,
                                                     SrudpChatNetwork      *network);
gboolean         srudp_chat_problem_of_hint         (SrudpChatConversation *conversation,
                                                     SrudpChatNetwork      *network,
                                                     SrudpChatProblem      *problem);
void             srudp_chat_problem_clear           (SrudpChatProblem      *problem);
const char      *srudp_chat_problem_of_entry        (SrudpChatAddressResult result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpChatProblem, srudp_chat_problem_clear)

G_END_DECLS
