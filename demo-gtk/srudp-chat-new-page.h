/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-new-page.h: where a chat starts
 */
#pragma once

#include <adwaita.h>

#include "srudp-chat-roster.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_NEW_PAGE (srudp_chat_new_page_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatNewPage, srudp_chat_new_page, SRUDP_CHAT, NEW_PAGE, AdwBin)

void srudp_chat_new_page_set_roster       (SrudpChatNewPage *self,
                                           SrudpChatRoster  *roster);
void srudp_chat_new_page_show_port_in_use (SrudpChatNewPage *self,
                                           guint             port);
void srudp_chat_new_page_enter            (SrudpChatNewPage *self,
                                           const char       *text);
void srudp_chat_new_page_offer            (SrudpChatNewPage *self,
                                           const char       *text);
void srudp_chat_new_page_look_at_clipboard (SrudpChatNewPage *self);
void srudp_chat_new_page_focus            (SrudpChatNewPage *self);

G_END_DECLS
