/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-splice-private.h: everything from some stream into one of ours
 */
#pragma once

#include "srudp-glib/srudp-stream-core-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What GOutputStream calls; `core` is that of `stream`. */
gssize srudp_splice        (GOutputStream             *stream,
                            SrudpStreamCore           *core,
                            GInputStream              *source,
                            GOutputStreamSpliceFlags   flags,
                            GCancellable              *cancellable,
                            GError                   **error);
void   srudp_splice_async  (GOutputStream             *stream,
                            SrudpStreamCore           *core,
                            GInputStream              *source,
                            GOutputStreamSpliceFlags   flags,
                            int                        io_priority,
                            GCancellable              *cancellable,
                            GAsyncReadyCallback        callback,
                            gpointer                   user_data);
gssize srudp_splice_finish (GOutputStream             *stream,
                            GAsyncResult              *result,
                            GError                   **error);

G_END_DECLS
