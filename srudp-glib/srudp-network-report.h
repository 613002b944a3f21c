/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-network-report.h: how the network treats an endpoint
 */
#pragma once

#include <gio/gio.h>

#include <srudp-glib/srudp-version.h>

G_BEGIN_DECLS

/**
 * SrudpNatMapping:
 * @SRUDP_NAT_MAPPING_UNKNOWN: fewer than two servers have told
 * @SRUDP_NAT_MAPPING_NONE: no NAT is in the way
 * @SRUDP_NAT_MAPPING_ENDPOINT_INDEPENDENT: a NAT that shows the same address
 *   and port to everyone
 * @SRUDP_NAT_MAPPING_ENDPOINT_DEPENDENT: a NAT that shows another port, or
 *   another address, to each peer
 *
 * How a NAT gives out its public ports (RFC 4787, section 4.1).
 */
typedef enum
{
  SRUDP_NAT_MAPPING_UNKNOWN = 0,
  SRUDP_NAT_MAPPING_NONE,
  SRUDP_NAT_MAPPING_ENDPOINT_INDEPENDENT,
  SRUDP_NAT_MAPPING_ENDPOINT_DEPENDENT,
} SrudpNatMapping;

#define SRUDP_TYPE_NETWORK_REPORT (srudp_network_report_get_type ())

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpNetworkReport, srudp_network_report, SRUDP,
                      NETWORK_REPORT, GObject)

SRUDP_API
GListModel     *srudp_network_report_get_public_addresses (SrudpNetworkReport *self);
SRUDP_API
SrudpNatMapping srudp_network_report_get_mapping          (SrudpNetworkReport *self);
SRUDP_API
gboolean        srudp_network_report_get_udp_blocked      (SrudpNetworkReport *self);
SRUDP_API
gint64          srudp_network_report_get_rtt              (SrudpNetworkReport *self);
SRUDP_API
char           *srudp_network_report_to_string            (SrudpNetworkReport *self);

G_END_DECLS
