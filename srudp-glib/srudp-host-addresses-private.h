/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-host-addresses-private.h: the addresses of this machine
 */
#pragma once

#include "srudp-glib/protocol/srudp-address.h"

G_BEGIN_DECLS

/* All unicast ones of interfaces that are up, with this port (transfer full):
 * an array of SrudpAddress, without those that need a link (RFC 4007). */
GArray  *srudp_host_addresses_list        (guint16             port);
/* The first IPv4 address of an interface that is up; its scope is the number of
 * the interface, so that packets leave there. FALSE: it has none. */
gboolean srudp_host_addresses_find_ipv4   (const char         *interface,
                                           guint16             port,
                                           SrudpAddress       *out);
/* Whether what is sent to this IP address stays on this machine. */
gboolean srudp_host_addresses_contain     (const SrudpAddress *address);
/* Whether only programs of this machine can reach it. */
gboolean srudp_host_addresses_is_loopback (const SrudpAddress *address);

/* Some of each family, out of a list, that others may be told (transfer full).
 * Those of loopback only where there is nothing else: then all peers are on
 * this machine. */
GArray  *srudp_host_addresses_pick        (const GArray       *list);
gboolean srudp_host_addresses_include     (const GArray       *list,
                                           const SrudpAddress *address);
/* Whether two lists name the same, in any order. */
gboolean srudp_host_addresses_equal       (const GArray       *a,
                                           const GArray       *b);

G_END_DECLS
