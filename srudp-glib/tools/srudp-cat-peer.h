/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-peer.h: our port and key, and the way to the peer
 */
#pragma once

#include "srudp-cat-app.h"

G_BEGIN_DECLS

SrudpIdentity   *cat_identity_load   (const char        *path,
                                      GError           **error);
SrudpEndpoint   *cat_endpoint_new    (const CatOptions  *options,
                                      GError           **error);
GSocketListener *cat_listener_new    (const CatPort     *port,
                                      GError           **error);
/* Prints an invitation, and another one whenever it is void, or a router lets
 * peers in that it doesn't name. */
gboolean         cat_peer_invite   (CatApp            *app,
                                    GError           **error);
SrudpConnection *cat_peer_open       (CatApp            *app,
                                      GError           **error);
SrudpConnection *cat_peer_accept     (CatApp            *app,
                                      GError           **error);

G_END_DECLS
