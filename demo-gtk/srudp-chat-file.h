/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-file.h: a file that goes from one to the other, and how far it is
 */
#pragma once

#include <gio/gio.h>

#include "srudp-chat-codec.h"
#include "srudp-chat-types.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_FILE (srudp_chat_file_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatFile, srudp_chat_file, SRUDP_CHAT, FILE, GObject)

SrudpChatFile     *srudp_chat_file_new_outgoing   (GFile              *source,
                                                   const char         *name);
SrudpChatFile     *srudp_chat_file_new_incoming   (const SrudpChatFrame *offer);

gboolean           srudp_chat_file_is_outgoing    (SrudpChatFile      *self);
GFile             *srudp_chat_file_get_location   (SrudpChatFile      *self);
void               srudp_chat_file_set_location   (SrudpChatFile      *self,
                                                   GFile              *location);
GFile             *srudp_chat_file_get_folder     (SrudpChatFile      *self);
void               srudp_chat_file_set_folder     (SrudpChatFile      *self,
                                                   GFile              *folder);
const char        *srudp_chat_file_get_name       (SrudpChatFile      *self);
guint64            srudp_chat_file_get_id         (SrudpChatFile      *self);
void               srudp_chat_file_set_id         (SrudpChatFile      *self,
                                                   guint64             id);
guint64            srudp_chat_file_get_size       (SrudpChatFile      *self);
const guint8      *srudp_chat_file_get_checksum   (SrudpChatFile      *self);
void               srudp_chat_file_set_content    (SrudpChatFile      *self,
                                                   guint64             size_bytes,
                                                   const guint8       *checksum);

SrudpChatFileState srudp_chat_file_get_state      (SrudpChatFile      *self);
const char        *srudp_chat_file_get_problem    (SrudpChatFile      *self);
void               srudp_chat_file_set_state      (SrudpChatFile      *self,
                                                   SrudpChatFileState  state,
                                                   const char         *problem);
gboolean           srudp_chat_file_is_over        (SrudpChatFile      *self);

guint64            srudp_chat_file_get_moved      (SrudpChatFile      *self);
double             srudp_chat_file_get_rate       (SrudpChatFile      *self);
void               srudp_chat_file_restart_at     (SrudpChatFile      *self,
                                                   guint64             offset_bytes);
void               srudp_chat_file_update         (SrudpChatFile      *self,
                                                   gint64              now_us);
void               srudp_chat_file_add_moved      (SrudpChatFile      *self,
                                                   gsize               n_bytes);

G_END_DECLS
