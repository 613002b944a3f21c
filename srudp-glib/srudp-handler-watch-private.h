/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-handler-watch-private.h: waits until a signal has a handler
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef void (*SrudpHandlerWatchFunc) (GObject *object);

/* A source that calls `func` once, when somebody has connected to the signal.
 * It holds no reference to the object. */
GSource *srudp_handler_watch_new (GObject               *object,
                                  guint                  signal_id,
                                  SrudpHandlerWatchFunc  func);

G_END_DECLS
