/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-identity.h: the key pair that proves who one is
 */
#pragma once

#include <srudp-glib/srudp-peer-id.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_IDENTITY (srudp_identity_get_type ())

/**
 * SRUDP_IDENTITY_BYTES:
 *
 * The length of the secret of an identity.
 */
#define SRUDP_IDENTITY_BYTES 32

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpIdentity, srudp_identity, SRUDP, IDENTITY, GObject)

SRUDP_API
SrudpIdentity *srudp_identity_new                  (void);
SRUDP_API
SrudpIdentity *srudp_identity_generate             (void);
SRUDP_API
SrudpIdentity *srudp_identity_new_from_bytes       (const guint8         *data,
                                                    gsize                 size,
                                                    GError              **error);
SRUDP_API
SrudpIdentity *srudp_identity_new_from_file        (GFile                *file,
                                                    GCancellable         *cancellable,
                                                    GError              **error);
SRUDP_API
void           srudp_identity_new_from_file_async  (GFile                *file,
                                                    GCancellable         *cancellable,
                                                    GAsyncReadyCallback   callback,
                                                    gpointer              user_data);
SRUDP_API
SrudpIdentity *srudp_identity_new_from_file_finish (GAsyncResult         *result,
                                                    GError              **error);
SRUDP_API
gboolean       srudp_identity_save                 (SrudpIdentity        *self,
                                                    GFile                *file,
                                                    GCancellable         *cancellable,
                                                    GError              **error);
SRUDP_API
void           srudp_identity_save_async           (SrudpIdentity        *self,
                                                    GFile                *file,
                                                    GCancellable         *cancellable,
                                                    GAsyncReadyCallback   callback,
                                                    gpointer              user_data);
SRUDP_API
gboolean       srudp_identity_save_finish          (SrudpIdentity        *self,
                                                    GAsyncResult         *result,
                                                    GError              **error);
SRUDP_API
SrudpPeerId   *srudp_identity_get_peer_id          (SrudpIdentity        *self);

/* Protected by a passphrase */
SRUDP_API
SrudpIdentity *srudp_identity_new_from_encrypted_file (GFile         *file,
                                                       const char    *passphrase,
                                                       GCancellable  *cancellable,
                                                       GError       **error);
SRUDP_API
void           srudp_identity_new_from_encrypted_file_async
                                            (GFile               *file,
                                             const char          *passphrase,
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data);
SRUDP_API
SrudpIdentity *srudp_identity_new_from_encrypted_file_finish
                                            (GAsyncResult        *result,
                                             GError             **error);
SRUDP_API
gboolean       srudp_identity_save_encrypted        (SrudpIdentity  *self,
                                                     GFile          *file,
                                                     const char     *passphrase,
                                                     GCancellable   *cancellable,
                                                     GError        **error);
SRUDP_API
void           srudp_identity_save_encrypted_async  (SrudpIdentity       *self,
                                                     GFile               *file,
                                                     const char          *passphrase,
                                                     GCancellable        *cancellable,
                                                     GAsyncReadyCallback  callback,
                                                     gpointer             user_data);
SRUDP_API
gboolean       srudp_identity_save_encrypted_finish (SrudpIdentity  *self,
                                                     GAsyncResult   *result,
                                                     GError        **error);

G_END_DECLS
