/*
 * SPDX-License-Identifier: MIT
 *
 * one-table.h: a table of streams, and what a peer does to it
 */
#pragma once

#include "srudp-stream-table.h"

G_BEGIN_DECLS

/* Each stream may have so many bytes on their way, all streams twice as many;
 * in both directions. */
#define WINDOW 1000

SrudpStreamTable *make_table    (gboolean          initiator);
void              free_table    (SrudpStreamTable *table);

/* What the peer sends. */
SrudpStreamResult receive_data  (SrudpStreamTable *table,
                                 guint64           id,
                                 guint64           offset,
                                 gsize             length,
                                 gboolean          fin);
SrudpStreamResult receive_limit (SrudpStreamTable *table,
                                 SrudpFrameType    type,
                                 guint64           id,
                                 guint64           maximum);
SrudpStreamResult receive_reset (SrudpStreamTable *table,
                                 guint64           id,
                                 guint64           final_size);
SrudpStreamResult receive_stop  (SrudpStreamTable *table,
                                 guint64           id);

void     write_bytes       (SrudpStreamTable *table,
                            guint64           id,
                            gsize             length);
/* Reads and consumes all there is. */
gsize    read_all          (SrudpStreamTable *table,
                            guint64           id);

/* Sends one frame of stream data into a packet of that size. */
gboolean send_data         (SrudpStreamTable *table,
                            gsize             room,
                            SrudpSentFrame   *sent);
void     assert_sends      (SrudpStreamTable *table,
                            guint64           id,
                            guint64           offset,
                            gsize             length,
                            SrudpSentFrame   *sent);
/* Sends the control frame that waits, which must be of that type. */
SrudpSentFrame
         assert_control    (SrudpStreamTable *table,
                            SrudpFrameType    type,
                            SrudpFrame       *frame);
void     assert_no_control (SrudpStreamTable *table);
void     assert_event      (SrudpStreamTable *table,
                            SrudpEventType    type,
                            guint64           id);
void     assert_no_event   (SrudpStreamTable *table);

G_END_DECLS
