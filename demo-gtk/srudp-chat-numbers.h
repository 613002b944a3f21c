/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-numbers.h: numbers about a line, in words
 */
#pragma once

#include "srudp-chat-link.h"

G_BEGIN_DECLS

char *srudp_chat_numbers_for_rtt     (gint64                    rtt_us);
char *srudp_chat_numbers_for_path    (const SrudpChatLinkFacts *facts);
char *srudp_chat_numbers_for_attempt (const SrudpChatLinkFacts *facts);

G_END_DECLS
