/*
 * SPDX-License-Identifier: MIT
 *
 * fragile-transport.h: a GDatagramBased that can be cut
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FRAGILE_TYPE_TRANSPORT (fragile_transport_get_type ())

G_DECLARE_FINAL_TYPE (FragileTransport, fragile_transport, FRAGILE, TRANSPORT,
                      GObject)

/* Over a fresh UDP socket on loopback. */
FragileTransport *fragile_transport_new         (void);
GSocketAddress   *fragile_transport_get_address (FragileTransport *self);
/* From now on, or no more, everything that is sent and received is lost. */
void              fragile_transport_set_cut     (FragileTransport *self,
                                                 gboolean          cut);
/* Of what is sent from now on only so many bytes get through; -1: all. */
void              fragile_transport_set_budget  (FragileTransport *self,
                                                 int               n_bytes);
/* Every n-th datagram is lost on sending; 0 for none. */
void              fragile_transport_set_loss    (FragileTransport *self,
                                                 guint             every);
/* Every n-th call to send fails with this code of errno; 0 for none. */
void              fragile_transport_set_error   (FragileTransport *self,
                                                 int               code,
                                                 guint             every);

G_END_DECLS
