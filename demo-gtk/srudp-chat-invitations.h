/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-invitations.h: what was given out, kept over a restart
 */
#pragma once

#include <srudp-glib/srudp-glib.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_INVITATIONS (srudp_chat_invitations_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatInvitations, srudp_chat_invitations, SRUDP_CHAT, INVITATIONS,
                      GObject)

SrudpChatInvitations *srudp_chat_invitations_new     (const char           *path);
void                  srudp_chat_invitations_keep    (SrudpChatInvitations *self,
                                                      SrudpInvitation      *invitation);
void                  srudp_chat_invitations_restore (SrudpChatInvitations *self,
                                                      SrudpEndpoint        *endpoint);
void                  srudp_chat_invitations_expire  (SrudpChatInvitations *self,
                                                      SrudpEndpoint        *endpoint);
guint                 srudp_chat_invitations_count   (SrudpChatInvitations *self);

G_END_DECLS
