/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-window.h: the window: chats at the side, one of them at large
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-new-page.h"
#include "srudp-chat-roster.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_WINDOW (srudp_chat_window_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatWindow, srudp_chat_window, SRUDP_CHAT, WINDOW,
                      AdwApplicationWindow)

SrudpChatWindow  *srudp_chat_window_new          (GtkApplication         *application,
                                                  SrudpChatRoster        *roster);
SrudpChatNewPage *srudp_chat_window_get_new_page (SrudpChatWindow        *self);
SrudpChatLink    *srudp_chat_window_get_link     (SrudpChatWindow        *self);
void              srudp_chat_window_call         (SrudpChatWindow        *self,
                                                  const SrudpChatAddress *address);
void              srudp_chat_window_select       (SrudpChatWindow        *self,
                                                  SrudpChatConversation  *conversation);

G_END_DECLS
