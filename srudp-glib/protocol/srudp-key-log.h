/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-key-log.h: keys of connections, for whoever may read a capture of them
 *
 * Lines of text; docs/protocol.md says which. They give everything away.
 */
#pragma once

#include "srudp-handshake.h"

G_BEGIN_DECLS

void srudp_key_log_add_secrets (GString                    *log,
                                const SrudpHandshakeResult *result);
void srudp_key_log_add_share   (GString      *log,
                                guint64       initiator_id,
                                guint64       generation,
                                const guint8  dh[SRUDP_X25519_BYTES]);

G_END_DECLS
