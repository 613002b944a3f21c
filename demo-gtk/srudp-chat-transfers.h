/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-transfers.h: the files of a chat, over one link after another
 */
#pragma once

#include "srudp-chat-file.h"
#include "srudp-chat-link.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_TRANSFERS (srudp_chat_transfers_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatTransfers, srudp_chat_transfers, SRUDP_CHAT, TRANSFERS, GObject)

SrudpChatTransfers *srudp_chat_transfers_new         (void);
void                srudp_chat_transfers_set_link    (SrudpChatTransfers   *self,
                                                      SrudpChatLink        *link);
void                srudp_chat_transfers_send        (SrudpChatTransfers   *self,
                                                      SrudpChatFile        *file);
void                srudp_chat_transfers_accept      (SrudpChatTransfers   *self,
                                                      SrudpChatFile        *file,
                                                      GFile                *folder);
void                srudp_chat_transfers_cancel      (SrudpChatTransfers   *self,
                                                      SrudpChatFile        *file);
void                srudp_chat_transfers_retry       (SrudpChatTransfers   *self,
                                                      SrudpChatFile        *file);
void                srudp_chat_transfers_take_frame  (SrudpChatTransfers   *self,
                                                      const SrudpChatFrame *frame);
void                srudp_chat_transfers_take_stream (SrudpChatTransfers   *self,
                                                      GIOStream            *stream);

G_END_DECLS
