/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-udp-socket-private.h: the UDP socket of an endpoint
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* NULL: any address of both families, or of IPv4 where there is no other. */
GSocket *srudp_udp_socket_new           (GSocketAddress  *local,
                                         GError         **error);
/* Whether IPv4 addresses have to be v4-mapped for it. */
gboolean srudp_udp_socket_is_dual_stack (GSocket         *socket);

G_END_DECLS
