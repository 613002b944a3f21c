/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-list-private.h: the connections of an endpoint
 */
#pragma once

#include "srudp-glib/srudp-connection.h"
#include "srudp-glib/srudp-notifier-private.h"

G_BEGIN_DECLS

#define SRUDP_TYPE_CONNECTION_LIST (srudp_connection_list_get_type ())

G_DECLARE_FINAL_TYPE (SrudpConnectionList, srudp_connection_list, SRUDP,
                      CONNECTION_LIST, GObject)

SrudpConnectionList *srudp_connection_list_new    (GMainContext        *context);
/* Any thread. At once if it is the owner's, else the owner will see it. */
void                 srudp_connection_list_add    (SrudpConnectionList *self,
                                                   SrudpConnection     *connection);
/* May be called while the connection is being disposed of, and again. */
void                 srudp_connection_list_remove (SrudpConnectionList *self,
                                                   SrudpConnection     *connection);

G_END_DECLS
