/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-mnemonics.h: what buttons with an underlined letter are called
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

char *srudp_chat_mnemonics_strip (const char *label);
void  srudp_chat_mnemonics_name  (GtkWidget *widget);

G_END_DECLS
