/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-identity-private.h: identities for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-identity.h"

G_BEGIN_DECLS

/* Not to be copied into memory that isn't wiped. */
const guint8 *srudp_identity_get_secret (SrudpIdentity *self);

G_END_DECLS
