/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-reason-private.h: why a connection ended, in words for people
 */
#pragma once

#include "srudp-glib/srudp-waiter-private.h"

#include "srudp-glib/protocol/srudp-engine.h"

G_BEGIN_DECLS

/* NULL if the end was in order. `state` is the one it ended in. */
GError *srudp_reason_to_error                   (SrudpReason  reason,
                                                 SrudpState   state,
                                                 const char  *words);
GError *srudp_reason_new_endpoint_closed_error  (void);
void    srudp_reason_fail_endpoint_closed       (SrudpWaiter *waiter);

G_END_DECLS
