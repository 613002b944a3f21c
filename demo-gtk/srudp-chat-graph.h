/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-graph.h: how much went to and fro in the last minute
 */
#pragma once

#include <gtk/gtk.h>

#include "srudp-chat-throughput.h"

G_BEGIN_DECLS

#define SRUDP_CHAT_TYPE_GRAPH (srudp_chat_graph_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatGraph, srudp_chat_graph, SRUDP_CHAT, GRAPH, GtkWidget)

void srudp_chat_graph_show (SrudpChatGraph            *self,
                            const SrudpChatThroughput *throughput);

G_END_DECLS
