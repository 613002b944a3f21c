/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stats.h: numbers of a connection at one moment
 */
#pragma once

#include <gio/gio.h>

#include <srudp-glib/srudp-version.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_STATS (srudp_stats_get_type ())

typedef struct _SrudpStats SrudpStats;

SRUDP_API
GType       srudp_stats_get_type                  (void) G_GNUC_CONST;
SRUDP_API
SrudpStats *srudp_stats_copy                      (const SrudpStats *self);
SRUDP_API
void        srudp_stats_free                      (SrudpStats       *self);
SRUDP_API
gint64      srudp_stats_get_rtt                   (const SrudpStats *self);
SRUDP_API
gint64      srudp_stats_get_min_rtt               (const SrudpStats *self);
SRUDP_API
gint64      srudp_stats_get_rtt_variance          (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_bytes_sent            (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_bytes_received        (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_bytes_retransmitted   (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_stream_bytes_sent     (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_stream_bytes_received (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_packets_sent          (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_packets_received      (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_packets_lost          (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_packets_dropped       (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_datagrams_sent        (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_datagrams_received    (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_datagrams_lost        (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_datagrams_dropped     (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_unread_bytes          (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_unacknowledged_bytes  (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_congestion_window     (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_bytes_in_flight       (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_pacing_rate           (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_delivery_rate         (const SrudpStats *self);
SRUDP_API
guint       srudp_stats_get_addresses_tried       (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_probes_sent           (const SrudpStats *self);
SRUDP_API
guint64     srudp_stats_get_probes_answered       (const SrudpStats *self);
SRUDP_API
guint       srudp_stats_get_path_mtu              (const SrudpStats *self);
SRUDP_API
const char *srudp_stats_get_cipher                (const SrudpStats *self);
SRUDP_API
const char *srudp_stats_get_congestion_controller (const SrudpStats *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpStats, srudp_stats_free)

G_END_DECLS
