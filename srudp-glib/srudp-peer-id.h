/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-peer-id.h: the public key by which a peer is known
 */
#pragma once

#include <gio/gio.h>

#include <srudp-glib/srudp-version.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_PEER_ID (srudp_peer_id_get_type ())

/**
 * SRUDP_PEER_ID_BYTES:
 *
 * The length of a peer id in its binary form.
 */
#define SRUDP_PEER_ID_BYTES 32

typedef struct _SrudpPeerId SrudpPeerId;

SRUDP_API
GType        srudp_peer_id_get_type        (void) G_GNUC_CONST;
SRUDP_API
SrudpPeerId *srudp_peer_id_new_from_string (const char         *string,
                                            GError            **error);
SRUDP_API
SrudpPeerId *srudp_peer_id_new_from_bytes  (const guint8       *data,
                                            gsize               size,
                                            GError            **error);
SRUDP_API
char        *srudp_peer_id_to_string       (const SrudpPeerId  *self);
SRUDP_API
GBytes      *srudp_peer_id_to_bytes        (const SrudpPeerId  *self);
SRUDP_API
gboolean     srudp_peer_id_equal           (gconstpointer       a,
                                            gconstpointer       b);
SRUDP_API
guint        srudp_peer_id_hash            (gconstpointer       self);
SRUDP_API
SrudpPeerId *srudp_peer_id_copy            (const SrudpPeerId  *self);
SRUDP_API
void         srudp_peer_id_free            (SrudpPeerId        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpPeerId, srudp_peer_id_free)

G_END_DECLS
