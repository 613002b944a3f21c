/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-table-private.h: what the parts of the stream table share
 */
#pragma once

#include "srudp-stream-table.h"

G_BEGIN_DECLS

/* The stream of an id that the peer named. Opens the peer's streams up to it.
 * OK with NULL: it is closed and forgotten. */
SrudpStreamResult srudp_stream_table_resolve (SrudpStreamTable *table,
                                              guint64           stream_id,
                                              SrudpStream     **stream);
/* NULL: unknown, or closed. */
SrudpStream *srudp_stream_table_lookup (SrudpStreamTable *table,
                                        guint64           stream_id);
/* Puts the stream into the lists where it belongs now, and frees it when it is
 * over: the last call of everything that changes a stream. */
void srudp_stream_table_settle       (SrudpStreamTable *table,
                                      SrudpStream      *stream);
void srudp_stream_table_reset_stream (SrudpStream      *stream,
                                      guint64           code);
/* Bytes of the connection's window are free again. */
void srudp_stream_table_return_credit (SrudpStreamTable *table,
                                       gint64            now,
                                       guint64           n_bytes);
/* Nobody reads the input any more: all bytes seen count as consumed. */
void srudp_stream_table_discard_input (SrudpStreamTable *table,
                                       SrudpStream      *stream);

/* The highest ordinal that the peer may open now. */
guint64  srudp_stream_table_get_streams_limit (const SrudpStreamTable *table);

G_END_DECLS
