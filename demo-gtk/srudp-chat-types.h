/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-types.h: the steps in the life of a chat and of a message
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  SRUDP_CHAT_PHASE_REQUEST,    /* a stranger asks to chat */
  SRUDP_CHAT_PHASE_CONNECTING, /* we look for the peer, or wait for its answer */
  SRUDP_CHAT_PHASE_FAILED,     /* never got as far as talking */
  SRUDP_CHAT_PHASE_TALKING,    /* both agreed; see the presence */
} SrudpChatPhase;

typedef enum
{
  SRUDP_CHAT_PRESENCE_ONLINE,
  SRUDP_CHAT_PRESENCE_SILENT,       /* connected, but nothing heard lately */
  SRUDP_CHAT_PRESENCE_RECONNECTING, /* a new connection is being opened */
  SRUDP_CHAT_PRESENCE_LEFT,         /* the peer said good-bye */
  SRUDP_CHAT_PRESENCE_LOST,         /* the connection broke */
  SRUDP_CHAT_PRESENCE_DISCONNECTED, /* we said good-bye */
} SrudpChatPresence;

typedef enum
{
  SRUDP_CHAT_MARK_RECEIVED,      /* theirs */
  SRUDP_CHAT_MARK_WAITING,       /* not yet with the connection */
  SRUDP_CHAT_MARK_SENT,          /* on its way */
  SRUDP_CHAT_MARK_DELIVERED,     /* the peer has it */
  SRUDP_CHAT_MARK_NOT_DELIVERED, /* the connection ended first */
} SrudpChatMark;

typedef enum
{
  SRUDP_CHAT_FILE_PREPARING,   /* ours: its checksum is computed */
  SRUDP_CHAT_FILE_WAITING,     /* ours: not offered as long as nobody is there */
  SRUDP_CHAT_FILE_OFFERED,     /* the receiver has not decided */
  SRUDP_CHAT_FILE_MOVING,      /* wanted, or on its way */
  SRUDP_CHAT_FILE_INTERRUPTED, /* goes on with the next link */
  SRUDP_CHAT_FILE_DONE,        /* whole, checked, and kept */
  SRUDP_CHAT_FILE_REFUSED,     /* the receiver doesn't want it */
  SRUDP_CHAT_FILE_CANCELLED,   /* one of the two changed their mind */
  SRUDP_CHAT_FILE_FAILED,      /* see its problem */
} SrudpChatFileState;

G_END_DECLS
