/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prober-private.h: where others can find this endpoint
 *
 * Belongs to an endpoint's worker: it asks STUN servers over the endpoint's
 * own port, and keeps the mappings alive that were named to others.
 */
#pragma once

#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-invitation-codec-private.h"
#include "srudp-glib/srudp-network-report-private.h"

G_BEGIN_DECLS

/* When a survey is over. */
typedef void (*SrudpSurveyFunc) (SrudpProber *prober,
                                 gpointer     user_data);

SrudpProber *srudp_prober_new         (SrudpEndpointCore  *core);
/* Breaks off what it does, and waits for that. */
void         srudp_prober_free        (SrudpProber        *self);

void         srudp_prober_set_servers (SrudpProber        *self,
                                       const char * const *servers);
/* Where the endpoint is bound to. */
void         srudp_prober_set_bound   (SrudpProber        *self,
                                       const SrudpAddress *bound);

/* Whether routers may be asked to let peers in. */
void         srudp_prober_set_port_mapping (SrudpProber   *self,
                                            gboolean       allowed);
/* Asks them, if so. */
void         srudp_prober_map_port    (SrudpProber        *self);

/* Part of the worker's loop. */
gboolean     srudp_prober_receive     (SrudpProber        *self,
                                       const SrudpAddress *from,
                                       const guint8       *data,
                                       gsize               size);
void         srudp_prober_advance     (SrudpProber        *self);
gboolean     srudp_prober_poll_transmit (SrudpProber      *self,
                                         SrudpTransmit    *flight,
                                         guint8           *buffer);
gint64       srudp_prober_get_deadline (SrudpProber       *self);
void         srudp_prober_on_network_change (SrudpProber  *self);

/* Asks all servers, or joins those who have asked just now. Takes at most
 * three seconds. */
void         srudp_prober_survey      (SrudpProber        *self,
                                       SrudpSurveyFunc     func,
                                       gpointer            user_data);
const SrudpNetworkFindings *
             srudp_prober_get_findings (SrudpProber       *self);
/* All addresses by which a peer may reach us, and what it should know of our
 * NAT; from now on `candidates-changed` tells when they don't hold. */
void         srudp_prober_name_candidates (SrudpProber           *self,
                                           SrudpInvitationFields *fields);
/* What others are told of us by those who introduce us. */
void         srudp_prober_describe    (SrudpProber        *self,
                                       SrudpIntroduction  *out);

G_END_DECLS
