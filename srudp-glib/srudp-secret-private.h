/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-secret-private.h: bytes that nobody else shall see
 *
 * In memory that is locked where allowed, and wiped when the last reference is
 * dropped. Immutable, so it may be shared by threads.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SrudpSecret SrudpSecret;

SrudpSecret  *srudp_secret_new            (gconstpointer data,
                                           gsize         size);
/* UTF-8 in normalisation form C: the same letters are the same bytes, however
 * they were typed. NULL gives NULL. */
SrudpSecret  *srudp_secret_new_passphrase (const char   *passphrase);
SrudpSecret  *srudp_secret_ref            (SrudpSecret  *self);
void          srudp_secret_unref          (SrudpSecret  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpSecret, srudp_secret_unref)

gconstpointer srudp_secret_get_data       (const SrudpSecret *self);
gsize         srudp_secret_get_size       (const SrudpSecret *self);

G_END_DECLS
