/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-nat.h: what is known of the NAT in front of a machine
 *
 * STUN servers tell by which address they see one port of ours. From what
 * several of them say, in the order in which they were asked, follows how the
 * NAT gives out its ports (RFC 4787, section 4.1; RFC 5780, section 4.3).
 */
#pragma once

#include "srudp-address.h"

G_BEGIN_DECLS

/* Values equal those of the public SrudpNatMapping. */
typedef enum
{
  SRUDP_MAPPING_UNKNOWN = 0,
  SRUDP_MAPPING_NONE,                 /* no NAT: seen as what it is */
  SRUDP_MAPPING_ENDPOINT_INDEPENDENT, /* the same port for everyone */
  SRUDP_MAPPING_ENDPOINT_DEPENDENT,   /* another one for each peer */
} SrudpMapping;

#define SRUDP_NAT_MAX_PORTS 8

/* Of one family of addresses. All zero: nothing is known. */
typedef struct
{
  SrudpMapping mapping;
  SrudpAddress address; /* as seen last, or unset */
  /* As seen by different servers, in the order of asking. */
  guint16 ports[SRUDP_NAT_MAX_PORTS];
  guint n_ports;
  /* From one new port to the next, if it is endpoint dependent and they come
   * in sequence: the next peer will probably see the last port plus this. 0:
   * no sequence is known. */
  int port_delta;
  gint64 measured_us;
} SrudpNatFacts;

/* What one server has seen. */
typedef struct
{
  SrudpAddress server;
  SrudpAddress mapped;
} SrudpNatObservation;

/* All of one family, in the order of asking. `locals` are the addresses of
 * this machine, with the port that was asked about. */
void srudp_nat_classify (SrudpNatFacts             *facts,
                         gint64                     now,
                         const SrudpNatObservation *observations,
                         guint                      n_observations,
                         const SrudpAddress        *locals,
                         guint                      n_locals);

G_END_DECLS
