/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-bridge-private.h: a stream as a file descriptor
 */
#pragma once

#include "srudp-glib/srudp-endpoint-core-private.h"

G_BEGIN_DECLS

typedef struct _SrudpBridge SrudpBridge;

/* Takes over the file descriptor, and keeps the connection alive. FALSE: the
 * worker is gone. */
gboolean srudp_bridge_start   (SrudpConnectionCore *connection,
                               SrudpEndpointCore   *endpoint,
                               int                  fd);
/* Worker only. */
void     srudp_bridge_destroy (SrudpBridge         *self);
/* Carries over what the application has written to the descriptor so far, and
 * nothing after that. Does nothing for a connection without a bridge. */
void     srudp_bridge_finish  (SrudpConnectionCore *connection);

G_END_DECLS
