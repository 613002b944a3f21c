/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-conversation-private.h: what a conversation is made of
 */
#pragma once

#include "srudp-chat-conversation.h"

#include "srudp-chat-log.h"
#include "srudp-chat-transfers.h"

G_BEGIN_DECLS

struct _SrudpChatConversation
{
  GObject parent_instance;

  char *own_name;
  char *peer_name;
  char *address;
  char *peer_id;
  char *draft;

  SrudpChatPhase phase;
  SrudpChatPresence presence;
  GError *error;
  gint64 since_us;

  SrudpChatLink *link;
  SrudpChatThroughput throughput;
  gboolean accepted;       /* we want to talk */
  gboolean greeted;        /* our hello is on this link */
  gboolean was_greeted;    /* theirs came on this link */
  gboolean declined;

  SrudpChatLog *log;
  SrudpChatTransfers *transfers;
  GFile *folder; /* for what the peer sends */
  guint peer_version;
  guint unread;
  gboolean visible;
  gboolean known; /* by its key, from an earlier chat */
  gboolean verified;
  gboolean suspect; /* a known name with another key */

  gboolean peer_typing;
  guint typing_timeout_id;
  gint64 typing_sent_us;
  gboolean keeps_typing_secret;
};

G_END_DECLS
