/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-verify-window.h: whether the peer is who it seems to be
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_VERIFY_WINDOW (srudp_chat_verify_window_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatVerifyWindow, srudp_chat_verify_window,
                      SRUDP_CHAT, VERIFY_WINDOW, AdwWindow)

GtkWindow *srudp_chat_verify_window_new (GtkWindow             *parent,
                                         SrudpChatConversation *conversation);

G_END_DECLS
