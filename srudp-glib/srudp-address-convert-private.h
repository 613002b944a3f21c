/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-address-convert-private.h: between GIO's addresses and the engine's
 */
#pragma once

#include "srudp-glib/protocol/srudp-address.h"

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean        srudp_address_from_inet (GSocketAddress     *address,
                                         SrudpAddress       *out);
/* `mapped`: IPv4 becomes v4-mapped IPv6, as a dual-stack socket wants it. */
GSocketAddress *srudp_address_to_inet   (const SrudpAddress *address,
                                         gboolean            mapped);
/* An address for applications: never v4-mapped. */
GSocketAddress *srudp_address_unmap     (GSocketAddress     *address);

/* Also knows the addresses of transports that aren't IP, by their bytes. Keeps
 * the last few thousand, and what was asked for lately in any case. */
typedef struct _SrudpAddressBook SrudpAddressBook;

SrudpAddressBook *srudp_address_book_new    (gboolean            mapped);
void              srudp_address_book_free   (SrudpAddressBook   *self);
gboolean          srudp_address_book_enter  (SrudpAddressBook   *self,
                                             GSocketAddress     *address,
                                             SrudpAddress       *out);
/* As the transport wants it (transfer full); NULL: not known. */
GSocketAddress   *srudp_address_book_lookup (SrudpAddressBook   *self,
                                             const SrudpAddress *address);

G_END_DECLS
