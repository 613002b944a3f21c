/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-throughput.h: how much went to and fro in the last minute
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_THROUGHPUT_SECONDS 60

/* In bytes per second. */
typedef struct
{
  double sent;
  double received;
} SrudpChatThroughputSample;

typedef struct
{
  SrudpChatThroughputSample samples[SRUDP_CHAT_THROUGHPUT_SECONDS]; /* the newest is the last */
  guint64 bytes_sent;
  guint64 bytes_received;
} SrudpChatThroughput;

void   srudp_chat_throughput_add      (SrudpChatThroughput       *self,
                                       guint64                    bytes_sent,
                                       guint64                    bytes_received);
double srudp_chat_throughput_get_most (const SrudpChatThroughput *self);

G_END_DECLS
