/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream.h: a further, independent stream of a connection
 */
#pragma once

#include <gio/gio.h>

#include <srudp-glib/srudp-version.h>

G_BEGIN_DECLS

typedef struct _SrudpConnection SrudpConnection;

#define SRUDP_TYPE_STREAM (srudp_stream_get_type ())

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpStream, srudp_stream, SRUDP, STREAM, GIOStream)

SRUDP_API
SrudpConnection *srudp_stream_get_connection (SrudpStream *self);
SRUDP_API
guint64          srudp_stream_get_id         (SrudpStream *self);
SRUDP_API
guint            srudp_stream_get_priority   (SrudpStream *self);
SRUDP_API
void             srudp_stream_set_priority   (SrudpStream *self,
                                              guint        priority);

G_END_DECLS
