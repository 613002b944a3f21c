/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-network.h: where lines to peers come from
 */
#pragma once

#include "srudp-chat-address.h"
#include "srudp-chat-link.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_NETWORK (srudp_chat_network_get_type ())

G_DECLARE_DERIVABLE_TYPE (SrudpChatNetwork, srudp_chat_network, SRUDP_CHAT, NETWORK, GObject)

struct _SrudpChatNetworkClass
{
  GObjectClass parent_class;

  SrudpChatLink *(*dial)        (SrudpChatNetwork        *self,
                                 const SrudpChatAddress  *address);
  gboolean       (*listen)      (SrudpChatNetwork        *self,
                                 guint16                  port,
                                 GError                 **error);
  void           (*accept)      (SrudpChatNetwork        *self);
  void           (*close)       (SrudpChatNetwork        *self);
  guint16        (*get_port)    (SrudpChatNetwork        *self);
  char          *(*dup_peer_id) (SrudpChatNetwork        *self);
};

SrudpChatLink *srudp_chat_network_dial        (SrudpChatNetwork        *self,
                                               const SrudpChatAddress  *address);
gboolean       srudp_chat_network_listen      (SrudpChatNetwork        *self,
                                               guint16                  port,
                                               GError                 **error);
void           srudp_chat_network_accept      (SrudpChatNetwork        *self);
void           srudp_chat_network_close       (SrudpChatNetwork        *self);
guint16        srudp_chat_network_get_port    (SrudpChatNetwork        *self);
char          *srudp_chat_network_dup_peer_id (SrudpChatNetwork        *self);

/* For those who implement one */
void           srudp_chat_network_take_call   (SrudpChatNetwork        *self,
                                               SrudpChatLink           *link);
void           srudp_chat_network_closed      (SrudpChatNetwork        *self);

G_END_DECLS
