/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-application.h: the program: options, identity, windows, the end
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_APPLICATION (srudp_chat_application_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatApplication, srudp_chat_application,
                      SRUDP_CHAT, APPLICATION, AdwApplication)

SrudpChatApplication *srudp_chat_application_new (void);

G_END_DECLS
