/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-port-forwarder-private.h: has the routers let an endpoint's peers in
 *
 * Belongs to an endpoint's worker. It asks the default gateways, one of each
 * family, from sockets of its own.
 */
#pragma once

#include "srudp-glib/protocol/srudp-address.h"

G_BEGIN_DECLS

typedef struct _SrudpPortForwarder SrudpPortForwarder;

/* On the worker: something came, look at it with srudp_port_forwarder_advance(). */
typedef void (*SrudpPortForwarderFunc) (gpointer user_data);

SrudpPortForwarder *srudp_port_forwarder_new  (GMainContext           *context,
                                               SrudpPortForwarderFunc  func,
                                               gpointer                user_data);
/* Tells the routers that nobody needs the port any more. */
void     srudp_port_forwarder_free         (SrudpPortForwarder *self);

/* Begins to ask for that port; nothing new if it does so already, but for
 * gateways that weren't there before. */
void     srudp_port_forwarder_start        (SrudpPortForwarder *self,
                                            guint16             port);
/* Other gateways, perhaps. */
void     srudp_port_forwarder_on_network_change (SrudpPortForwarder *self);
/* Sends what is due. */
void     srudp_port_forwarder_advance      (SrudpPortForwarder *self,
                                            gint64              now);
gint64   srudp_port_forwarder_get_deadline (SrudpPortForwarder *self);
/* Some answer may still come soon. */
gboolean srudp_port_forwarder_is_asking    (SrudpPortForwarder *self);
/* Where the endpoint can be reached by now; FALSE: no router of that family has
 * mapped the port to an address that others can reach. */
gboolean srudp_port_forwarder_get_external (SrudpPortForwarder *self,
                                            SrudpFamily         family,
                                            SrudpAddress       *out);
/* When the mapping ends that the router of IPv4 does not renew; -1: never. FALSE:
 * that has not changed. */
gboolean srudp_port_forwarder_pop_end      (SrudpPortForwarder *self,
                                            gint64             *end);

G_END_DECLS
