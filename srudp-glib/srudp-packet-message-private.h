/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-packet-message-private.h: what goes with one packet: the address on
 * this side, and marks of congestion
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Which of our addresses it came to, or shall come from. */
#define SRUDP_TYPE_PACKET_INFO (srudp_packet_info_get_type ())
G_DECLARE_FINAL_TYPE (SrudpPacketInfo, srudp_packet_info, SRUDP, PACKET_INFO,
                      GSocketControlMessage)

gboolean               srudp_packet_info_enable      (GSocket               *socket);
GSocketControlMessage *srudp_packet_info_new         (const SrudpAddress    *local,
                                                      GSocketFamily          socket_family);
/* The port is not part of it. */
void                   srudp_packet_info_get_address (GSocketControlMessage *message,
                                                      SrudpAddress          *local);

/* The two low bits of TOS or traffic class (RFC 3168, section 5). */
#define SRUDP_TYPE_ECN_MESSAGE (srudp_ecn_message_get_type ())
G_DECLARE_FINAL_TYPE (SrudpEcnMessage, srudp_ecn_message, SRUDP, ECN_MESSAGE,
                      GSocketControlMessage)

gboolean               srudp_ecn_message_enable      (GSocket               *socket);
GSocketControlMessage *srudp_ecn_message_new         (SrudpEcn               ecn,
                                                      SrudpFamily            family);
SrudpEcn               srudp_ecn_message_get_ecn     (GSocketControlMessage *message);

G_END_DECLS
