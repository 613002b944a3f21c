/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-fold-box.h: widgets side by side where there is room, else one
 * below the other
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_FOLD_BOX (srudp_chat_fold_box_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatFoldBox, srudp_chat_fold_box, SRUDP_CHAT, FOLD_BOX, GtkWidget)

G_END_DECLS
