/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-address-list-private.h: addresses that never change
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_ADDRESS_LIST (srudp_address_list_get_type ())

/* A GListModel of GSocketAddress. A GListStore could be changed by whoever is
 * shown it. */
G_DECLARE_FINAL_TYPE (SrudpAddressList, srudp_address_list, SRUDP,
                      ADDRESS_LIST, GObject)

/* Takes the array over: of GSocketAddress, with its free function. */
SrudpAddressList *srudp_address_list_new (GPtrArray *addresses);

GSocketAddressEnumerator *srudp_address_list_enumerate (SrudpAddressList *self);

G_END_DECLS
