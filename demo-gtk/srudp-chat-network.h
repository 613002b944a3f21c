/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-network.h: where lines to peers come from
 */
#pragma once

#include "srudp-chat-address.h"
#include "srudp-chat-link.h"

G_BEGIN_DECLS

/* From where peers can come. */
typedef enum
{
  SRUDP_CHAT_REACH_FINDING,  /* not known yet */
  SRUDP_CHAT_REACH_PUBLIC,   /* from everywhere, as far as is known */
  SRUDP_CHAT_REACH_CHANGING, /* each peer sees another port: not from everywhere */
  SRUDP_CHAT_REACH_LOCAL,    /* from the same network only */
  SRUDP_CHAT_REACH_SILENT,   /* servers were asked, and none answered */
} SrudpChatReach;

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
  void           (*set_servers) (SrudpChatNetwork        *self,
                                 const char *const       *servers);
  void           (*set_maps_port) (SrudpChatNetwork      *self,
                                 gboolean                 maps_port);
  void           (*set_passphrase) (SrudpChatNetwork     *self,
                                 const char              *passphrase);
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
void           srudp_chat_network_set_servers (SrudpChatNetwork        *self,
                                               const char *const       *servers);
void           srudp_chat_network_set_maps_port (SrudpChatNetwork      *self,
                                               gboolean                 maps_port);
void           srudp_chat_network_set_passphrase (SrudpChatNetwork     *self,
                                               const char              *passphrase);
const char    *srudp_chat_network_get_invitation (SrudpChatNetwork     *self);
SrudpChatReach srudp_chat_network_get_reach   (SrudpChatNetwork        *self);
const char    *srudp_chat_network_get_public_address (SrudpChatNetwork *self);
gint64         srudp_chat_network_get_rtt     (SrudpChatNetwork        *self);

/* For those who implement one */
void           srudp_chat_network_found       (SrudpChatNetwork        *self,
                                               const char              *invitation,
                                               SrudpChatReach           reach,
                                               const char              *public_address,
                                               gint64                   rtt_us);
void           srudp_chat_network_renewed     (SrudpChatNetwork        *self);
void           srudp_chat_network_take_call   (SrudpChatNetwork        *self,
                                               SrudpChatLink           *link);
void           srudp_chat_network_closed      (SrudpChatNetwork        *self);

G_END_DECLS
