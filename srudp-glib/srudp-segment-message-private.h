/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-segment-message-private.h: UDP segmentation by the kernel
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sending: cut this into datagrams of so many bytes (UDP_SEGMENT). */
#define SRUDP_TYPE_SEGMENT_MESSAGE (srudp_segment_message_get_type ())
G_DECLARE_FINAL_TYPE (SrudpSegmentMessage, srudp_segment_message, SRUDP,
                      SEGMENT_MESSAGE, GSocketControlMessage)

GSocketControlMessage *srudp_segment_message_new          (guint16 segment_size);
gboolean               srudp_segment_message_is_supported (GSocket *socket);

/* Receiving: these are datagrams of so many bytes, joined (UDP_GRO). */
#define SRUDP_TYPE_GRO_MESSAGE (srudp_gro_message_get_type ())
G_DECLARE_FINAL_TYPE (SrudpGroMessage, srudp_gro_message, SRUDP,
                      GRO_MESSAGE, GSocketControlMessage)

gboolean               srudp_gro_message_enable           (GSocket *socket);
gsize                  srudp_gro_message_get_segment_size (GSocketControlMessage *message);

G_END_DECLS
