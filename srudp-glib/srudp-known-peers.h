/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-known-peers.h: who was met before, and by which key
 */
#pragma once

#include <srudp-glib/srudp-peer-id.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_KNOWN_PEERS (srudp_known_peers_get_type ())

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpKnownPeers, srudp_known_peers, SRUDP, KNOWN_PEERS, GObject)

SRUDP_API
SrudpKnownPeers *srudp_known_peers_new                  (void);
SRUDP_API
SrudpKnownPeers *srudp_known_peers_new_from_file        (GFile                *file,
                                                         GCancellable         *cancellable,
                                                         GError              **error);
SRUDP_API
void             srudp_known_peers_new_from_file_async  (GFile                *file,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
SRUDP_API
SrudpKnownPeers *srudp_known_peers_new_from_file_finish (GAsyncResult         *result,
                                                         GError              **error);
SRUDP_API
gboolean         srudp_known_peers_save                 (SrudpKnownPeers      *self,
                                                         GFile                *file,
                                                         GCancellable         *cancellable,
                                                         GError              **error);
SRUDP_API
void             srudp_known_peers_save_async           (SrudpKnownPeers      *self,
                                                         GFile                *file,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
SRUDP_API
gboolean         srudp_known_peers_save_finish          (SrudpKnownPeers      *self,
                                                         GAsyncResult         *result,
                                                         GError              **error);
SRUDP_API
SrudpPeerId     *srudp_known_peers_lookup               (SrudpKnownPeers      *self,
                                                         const char           *name);
SRUDP_API
gboolean         srudp_known_peers_check                (SrudpKnownPeers      *self,
                                                         const char           *name,
                                                         const SrudpPeerId    *peer_id,
                                                         GError              **error);
SRUDP_API
void             srudp_known_peers_remember             (SrudpKnownPeers      *self,
                                                         const char           *name,
                                                         const SrudpPeerId    *peer_id);
SRUDP_API
gboolean         srudp_known_peers_forget               (SrudpKnownPeers      *self,
                                                         const char           *name);
SRUDP_API
gboolean         srudp_known_peers_get_verified         (SrudpKnownPeers      *self,
                                                         const char           *name);
SRUDP_API
gboolean         srudp_known_peers_set_verified         (SrudpKnownPeers      *self,
                                                         const char           *name,
                                                         gboolean              verified);
SRUDP_API
char           **srudp_known_peers_dup_names            (SrudpKnownPeers      *self);

G_END_DECLS
