/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-store.h: a file that comes in pieces, on the disk
 */
#pragma once

#include <gio/gio.h>

#include "srudp-chat-codec.h"

G_BEGIN_DECLS

typedef struct _SrudpChatStore SrudpChatStore;

/* All of these block. */
SrudpChatStore *srudp_chat_store_open     (GFile           *folder,
                                           const char      *name,
                                           guint64          size_bytes,
                                           const guint8    *checksum,
                                           GCancellable    *cancellable,
                                           GError         **error);
gboolean        srudp_chat_store_append   (SrudpChatStore  *self,
                                           const guint8    *data,
                                           gsize            size,
                                           GError         **error);
GFile          *srudp_chat_store_complete (SrudpChatStore  *self,
                                           GError         **error);
void            srudp_chat_store_discard  (SrudpChatStore  *self);
void            srudp_chat_store_free     (SrudpChatStore  *self);

guint64         srudp_chat_store_get_size (SrudpChatStore  *self);

gboolean        srudp_chat_store_measure  (GFile           *file,
                                           guint64         *size_bytes,
                                           guint8          *checksum,
                                           GCancellable    *cancellable,
                                           GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpChatStore, srudp_chat_store_free)

G_END_DECLS
