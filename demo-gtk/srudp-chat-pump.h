/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-pump.h: moves a file's bytes in a thread of its own
 */
#pragma once

#include "srudp-chat-file.h"
#include "srudp-chat-store.h"

G_BEGIN_DECLS

void            srudp_chat_pump_measure_async  (SrudpChatFile        *file,
                                                GCancellable         *cancellable,
                                                GAsyncReadyCallback   callback,
                                                gpointer              user_data);
void            srudp_chat_pump_send_async     (SrudpChatFile        *file,
                                                GIOStream            *stream,
                                                guint64               offset_bytes,
                                                GCancellable         *cancellable,
                                                GAsyncReadyCallback   callback,
                                                gpointer              user_data);
void            srudp_chat_pump_receive_async  (SrudpChatFile        *file,
                                                GIOStream            *stream,
                                                SrudpChatStore       *store,
                                                GCancellable         *cancellable,
                                                GAsyncReadyCallback   callback,
                                                gpointer              user_data);
gboolean        srudp_chat_pump_finish         (SrudpChatFile        *file,
                                                GAsyncResult         *result,
                                                GError              **error);

void            srudp_chat_pump_open_async     (SrudpChatFile        *file,
                                                GCancellable         *cancellable,
                                                GAsyncReadyCallback   callback,
                                                gpointer              user_data);
SrudpChatStore *srudp_chat_pump_open_finish    (SrudpChatFile        *file,
                                                GAsyncResult         *result,
                                                GError              **error);

G_END_DECLS
