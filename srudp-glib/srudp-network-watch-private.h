/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-network-watch-private.h: the addresses of this machine have changed
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SrudpNetworkWatch SrudpNetworkWatch;

typedef void (*SrudpNetworkWatchFunc) (gpointer user_data);

/* Calls `func` in the context, once for a burst of changes: an address or a
 * default route was added or removed. NULL: the system doesn't tell. */
SrudpNetworkWatch *srudp_network_watch_new  (GMainContext          *context,
                                             SrudpNetworkWatchFunc  func,
                                             gpointer               user_data);
void               srudp_network_watch_free (SrudpNetworkWatch     *self);

G_END_DECLS
