/*
 * SPDX-License-Identifier: MIT
 *
 * rough-transport.h: two ends of a network in memory, as GDatagramBased, that
 * loses, delays and reorders as told
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ROUGH_TYPE_TRANSPORT (rough_transport_get_type ())

G_DECLARE_FINAL_TYPE (RoughTransport, rough_transport, ROUGH, TRANSPORT,
                      GObject)

typedef struct
{
  const char *name;
  double loss;        /* share of datagrams that vanish */
  guint delay_ms;     /* of each datagram, each way */
  double reorder;     /* share of datagrams that are held back longer */
  guint reorder_ms;   /* by so much */
} RoughConditions;

/* Each end knows the other only; what is sent elsewhere vanishes. */
void            rough_transport_new_pair    (const RoughConditions  *conditions,
                                             guint32                 seed,
                                             RoughTransport        **a,
                                             RoughTransport        **b);
GSocketAddress *rough_transport_get_address (RoughTransport         *self);
/* How many datagrams of this end the network has lost, and held back. */
guint           rough_transport_get_n_lost  (RoughTransport         *self);
guint           rough_transport_get_n_late  (RoughTransport         *self);

G_END_DECLS
