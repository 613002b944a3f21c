/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-peer-id-private.h: peer ids for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-peer-id.h"

G_BEGIN_DECLS

SrudpPeerId  *srudp_peer_id_new_from_key (const guint8       key[SRUDP_PEER_ID_BYTES]);
const guint8 *srudp_peer_id_get_key      (const SrudpPeerId *self);

G_END_DECLS
