/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-composer.h: where messages are written
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_COMPOSER (srudp_chat_composer_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatComposer, srudp_chat_composer, SRUDP_CHAT, COMPOSER, AdwBin)

void srudp_chat_composer_write_to (SrudpChatComposer     *self,
                                   SrudpChatConversation *conversation);
void srudp_chat_composer_focus    (SrudpChatComposer     *self);

G_END_DECLS
