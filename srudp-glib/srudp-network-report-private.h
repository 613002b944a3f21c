/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-network-report-private.h: network reports for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-network-report.h"

#include "srudp-glib/protocol/srudp-nat.h"

G_BEGIN_DECLS

/* What a round of questions has brought. */
typedef struct
{
  guint n_servers;  /* that were to be asked */
  guint n_answers;
  gint64 rtt_us; /* of the fastest; 0: not known */
  SrudpNatFacts nat[2]; /* of IPv4, of IPv6 */
} SrudpNetworkFindings;

SrudpNetworkReport *
srudp_network_report_new (const SrudpNetworkFindings *findings);

G_END_DECLS
