/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cpace.h: a key from a passphrase that nobody can guess offline
 *
 * CPace on ristretto255 with SHA-512 (draft-irtf-cfrg-cpace, the cipher suite
 * CPACE-RISTR255-SHA512), in the form without roles: both sides send a share
 * at any time, and the order of the two doesn't count. Who took part without
 * the passphrase has tried one guess, and knows no more than whether it was
 * right.
 */
#pragma once

#include "srudp-crypto.h"

G_BEGIN_DECLS

#define SRUDP_CPACE_ISK_BYTES SRUDP_SHA512_BYTES

/* Depends on the passphrase alone, so it is as secret. `channel` names what
 * the key is for, `sid` the session; either may be empty. */
void     srudp_cpace_generator (guint8           generator[SRUDP_RISTRETTO_BYTES],
                                SrudpSpan        passphrase,
                                SrudpSpan        channel,
                                SrudpSpan        sid);

/* One side of one exchange: its share, and what it wants both to agree on. */
typedef struct
{
  const guint8 *share; /* of SRUDP_RISTRETTO_BYTES */
  SrudpSpan associated;
} SrudpCpaceSide;

/* The intermediate session key. FALSE: the peer's share is no point, or the
 * neutral one. */
gboolean srudp_cpace_finish    (guint8                isk[SRUDP_CPACE_ISK_BYTES],
                                const guint8          scalar[SRUDP_RISTRETTO_BYTES],
                                SrudpSpan             sid,
                                const SrudpCpaceSide *own,
                                const SrudpCpaceSide *peer)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
