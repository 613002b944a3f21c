/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-text.h: text from strangers made harmless
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char     *srudp_chat_text_tame             (const char *text);
char     *srudp_chat_text_tame_name        (const char *name);
char     *srudp_chat_text_tame_file_name   (const char *name);
char     *srudp_chat_text_to_markup        (const char *text);
char     *srudp_chat_text_cut              (const char *text,
                                            glong       max_chars);
gboolean  srudp_chat_text_has_endless_word (const char *text);

G_END_DECLS
