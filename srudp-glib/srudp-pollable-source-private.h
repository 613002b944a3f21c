/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pollable-source-private.h: sources that wait for a stream
 */
#pragma once

#include "srudp-glib/srudp-stream-core-private.h"

G_BEGIN_DECLS

/* Takes a GSourceFunc, or goes to g_pollable_source_new_full(). */
GSource *srudp_pollable_source_new   (SrudpStreamCore *core,
                                      GIOCondition     condition);
/* Any thread, with the lock of the stream held. */
void     srudp_pollable_sources_wake (GQueue          *sources);

G_END_DECLS
