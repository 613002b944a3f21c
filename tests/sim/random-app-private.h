/*
 * SPDX-License-Identifier: MIT
 *
 * random-app-private.h: what an application that does anything has noted
 */
#pragma once

#include "random-app.h"

G_BEGIN_DECLS

#define RANDOM_IDLE_TIMEOUT_US (21 * SIM_S)
#define RANDOM_KEEPALIVE_US (15 * SIM_S)
/* The channel binding, and a number. */
#define RANDOM_DATAGRAM_HEADER_BYTES 16

/* Only the first time counts. */
void          random_app_blame       (RandomApp       *app,
                                      const char      *format,
                                      ...) G_GNUC_PRINTF (2, 3);
guint64       random_app_below       (RandomApp       *app,
                                      guint64          n);

gboolean      random_end_is_up       (const RandomEnd *end);
RandomStream *random_end_add_stream  (RandomEnd       *end,
                                      guint64          id);
/* What that sender writes there. */
guint8        random_end_byte_at     (const RandomEnd *end,
                                      const RandomApp *sender,
                                      guint64          id,
                                      guint64          offset);
/* Checks what it reads. */
void          random_end_read_stream (RandomEnd       *end,
                                      RandomStream    *stream,
                                      guint            max_slices);
void          random_end_consume     (RandomEnd       *end,
                                      RandomStream    *stream,
                                      guint64          n_bytes);
void          random_end_finish      (RandomEnd       *end,
                                      RandomStream    *stream);

G_END_DECLS
