/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-words.h: words that have room
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

void srudp_chat_words_wrap (GtkWidget *widget);

G_END_DECLS
