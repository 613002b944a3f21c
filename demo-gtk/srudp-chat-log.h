/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-log.h: the messages of a chat, and how far each has come
 */
#pragma once

#include <gio/gio.h>

#include "srudp-chat-message.h"

G_BEGIN_DECLS

typedef struct _SrudpChatLog SrudpChatLog;

/* Returns: the number of the frame that carries the message. */
typedef guint64 (*SrudpChatTransmit) (SrudpChatMessage *message,
                                      gpointer          user_data);

SrudpChatLog     *srudp_chat_log_new            (void);
void              srudp_chat_log_free           (SrudpChatLog      *self);
GListModel       *srudp_chat_log_get_messages   (SrudpChatLog      *self);

SrudpChatMessage *srudp_chat_log_add_outgoing   (SrudpChatLog      *self,
                                                 const char        *text);
SrudpChatMessage *srudp_chat_log_add_incoming   (SrudpChatLog      *self,
                                                 guint64            id,
                                                 const char        *text,
                                                 const char        *author);
SrudpChatMessage *srudp_chat_log_add_file       (SrudpChatLog      *self,
                                                 SrudpChatFile     *file,
                                                 const char        *author);

void              srudp_chat_log_transmit       (SrudpChatLog      *self,
                                                 SrudpChatTransmit  transmit,
                                                 gpointer           user_data);
void              srudp_chat_log_mark_sent      (SrudpChatLog      *self,
                                                 guint64            n_sent);
void              srudp_chat_log_mark_delivered (SrudpChatLog      *self,
                                                 guint64            id);
void              srudp_chat_log_give_up        (SrudpChatLog      *self,
                                                 SrudpChatMark      first);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpChatLog, srudp_chat_log_free)

G_END_DECLS
