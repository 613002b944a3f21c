/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-gateway-private.h: the router that this computer's packets go to
 */
#pragma once

#include "srudp-glib/protocol/srudp-address.h"

G_BEGIN_DECLS

/* What Linux says in /proc/net/route and in /proc/net/ipv6_route. Of several
 * default routes the one with the lowest metric. FALSE: there is none. */
gboolean srudp_gateway_parse_ipv4 (const char    *routes,
                                   SrudpAddress  *out);
/* A link-local address needs an interface, which `interface` is then (free
 * it); its number is not yet part of the address. */
gboolean srudp_gateway_parse_ipv6 (const char    *routes,
                                   SrudpAddress  *out,
                                   char         **interface);

/* All interfaces with a default route of IPv4 but the one in use (transfer
 * full). */
GStrv    srudp_gateway_parse_spare_interfaces (const char *routes);
/* As they are now; empty if nobody knows. */
GStrv    srudp_gateway_list_spare_interfaces  (void);

/* As it is now, with port 0. */
gboolean srudp_gateway_find       (SrudpFamily    family,
                                   SrudpAddress  *out);

G_END_DECLS
