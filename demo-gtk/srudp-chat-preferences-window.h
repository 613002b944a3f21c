/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-preferences-window.h: what can be set
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-network.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_PREFERENCES_WINDOW (srudp_chat_preferences_window_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatPreferencesWindow, srudp_chat_preferences_window,
                      SRUDP_CHAT, PREFERENCES_WINDOW, AdwWindow)

GtkWindow *srudp_chat_preferences_window_new (GtkWindow        *parent,
                                              GSettings        *settings,
                                              SrudpChatNetwork *network);
void       srudp_chat_preferences_window_tell (SrudpChatPreferencesWindow *self,
                                               const char                 *text);

G_END_DECLS
