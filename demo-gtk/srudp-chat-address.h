/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-address.h: where a peer is, as people paste it
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Either a host and a port, or an invitation. */
typedef struct
{
  char *host;
  guint16 port;
  char *invitation;
} SrudpChatAddress;

typedef enum
{
  SRUDP_CHAT_ADDRESS_GOOD,
  SRUDP_CHAT_ADDRESS_EMPTY,
  SRUDP_CHAT_ADDRESS_BAD_PORT,
  SRUDP_CHAT_ADDRESS_INCOMPLETE,
  SRUDP_CHAT_ADDRESS_EXPIRED,
  SRUDP_CHAT_ADDRESS_NEWER,
  SRUDP_CHAT_ADDRESS_NOT_ONE,
} SrudpChatAddressResult;

SrudpChatAddressResult srudp_chat_address_parse     (const char             *text,
                                                     guint16                 default_port,
                                                     SrudpChatAddress       *address);
char                  *srudp_chat_address_to_string (const SrudpChatAddress *self);
gboolean               srudp_chat_address_is_own    (const SrudpChatAddress *self,
                                                     guint16                 own_port,
                                                     const char             *own_peer_id);
gboolean               srudp_chat_address_is_nearby (const SrudpChatAddress *self);
gboolean               srudp_chat_address_is_invitation (const char          *text);
char                  *srudp_chat_address_to_lasting (const char             *text);
void                   srudp_chat_address_clear     (SrudpChatAddress       *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpChatAddress, srudp_chat_address_clear)

G_END_DECLS
