/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-details-window.h: what there is to know about a connection
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-conversation.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_DETAILS_WINDOW (srudp_chat_details_window_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatDetailsWindow, srudp_chat_details_window,
                      SRUDP_CHAT, DETAILS_WINDOW, AdwWindow)

GtkWindow *srudp_chat_details_window_new (GtkWindow             *parent,
                                          SrudpChatConversation *conversation);

G_END_DECLS
