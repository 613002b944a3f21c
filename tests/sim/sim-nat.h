/*
 * SPDX-License-Identifier: MIT
 *
 * sim-nat.h: a box that rewrites addresses, and may change its mind
 *
 * Mapping and filtering behaviour in the words of RFC 4787.
 */
#pragma once

#include "sim-clock.h"
#include "sim-packet.h"
#include "sim-rng.h"

G_BEGIN_DECLS

typedef enum
{
  SIM_NAT_ENDPOINT_INDEPENDENT, /* "cone" */
  SIM_NAT_ADDRESS_DEPENDENT,
  SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, /* "symmetric" */
} SimNatBehaviour;

typedef struct
{
  SrudpAddress external; /* the port is ignored */
  SimNatBehaviour mapping, filtering;
  gboolean keep_port;    /* the first mapping of a port keeps its number */
  int port_delta;        /* ports in sequence; 0: at random */
  gint64 lifetime_us;    /* of a mapping without outgoing packets; 0: ever */
  gint64 max_age_us;     /* of a mapping, whatever goes through it; 0: ever */
  guint rebind_every;    /* another port every so many packets; 0: never */
} SimNatConfig;

typedef struct
{
  SimSink inside;  /* packets on their way out enter here */
  SimSink outside; /* and those on their way in here */
  SimNatConfig config;
  SimClock *clock;
  SimRng rng;
  SimSink *next_out, *next_in;
  GPtrArray *mappings;
  guint16 next_port; /* in sequence */
  guint64 n_out, n_filtered, n_unmapped;
} SimNat;

void sim_nat_init   (SimNat             *nat,
                     SimClock           *clock,
                     const SimNatConfig *config,
                     guint64             seed,
                     guint64             stream,
                     SimSink            *next_out,
                     SimSink            *next_in);
void sim_nat_clear  (SimNat             *nat);
/* What a STUN server at `remote` would say of that address inside. */
guint16 sim_nat_ask (SimNat             *nat,
                     const SrudpAddress *inside,
                     const SrudpAddress *remote);
/* All mappings are forgotten; the next ones get other ports, and another
 * address if `external` is given. */
void sim_nat_rebind (SimNat             *nat,
                     const SrudpAddress *external);

G_END_DECLS
