/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-emoji.h: what people call the emoji of a short code
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In the language of the user; NULL: not one of them. */
const char *srudp_chat_emoji_get_name (const char *emoji);

G_END_DECLS
