/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-file-task-private.h: objects that are read from files and saved to them
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Gives an object; the passphrase is NULL for what needs none. */
typedef gpointer (*SrudpFileLoadFunc) (GFile         *file,
                                       const char    *passphrase,
                                       GCancellable  *cancellable,
                                       GError       **error);
typedef gboolean (*SrudpFileSaveFunc) (gpointer       self,
                                       GFile         *file,
                                       const char    *passphrase,
                                       GCancellable  *cancellable,
                                       GError       **error);

/* The blocking function in another thread; it has a copy of the passphrase,
 * which is wiped. */
void     srudp_file_load_async      (SrudpFileLoadFunc    load,
                                     gpointer             source_tag,
                                     GFile               *file,
                                     const char          *passphrase,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
void     srudp_file_save_async      (gpointer             self,
                                     SrudpFileSaveFunc    save,
                                     gpointer             source_tag,
                                     GFile               *file,
                                     const char          *passphrase,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
/* All of it or nothing, and only its owner can read it. */
gboolean srudp_file_replace_private (GFile               *file,
                                     const char          *text,
                                     gsize                size,
                                     GCancellable        *cancellable,
                                     GError             **error);

G_END_DECLS
