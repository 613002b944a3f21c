/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stats-private.h: filling in the numbers of a connection
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"
#include "srudp-glib/srudp-stats.h"

G_BEGIN_DECLS

SrudpStats *srudp_stats_new (const SrudpSessionStats *session,
                             guint64                  datagrams_dropped);

G_END_DECLS
