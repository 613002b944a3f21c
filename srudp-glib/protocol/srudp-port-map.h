/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-port-map.h: asking a router to let packets in (RFC 6887, RFC 6886)
 *
 * The Port Control Protocol, and NAT-PMP, which came before it and has the
 * same port. Only what mapping a UDP port takes.
 */
#pragma once

#include "srudp-address.h"

G_BEGIN_DECLS

/* RFC 6887, section 7; RFC 6886, section 3.1 */
#define SRUDP_PORT_MAP_PORT 5351
/* RFC 6886, section 3.2.1; RFC 6887, section 14.1.1: where routers tell everybody
 * who is near when they have begun anew. */
#define SRUDP_PORT_MAP_CLIENT_PORT 5350
/* RFC 6887, sections 7.1 and 11.1 */
#define SRUDP_PORT_MAP_REQUEST_BYTES 60
#define SRUDP_PORT_MAP_NONCE_BYTES 12

typedef enum
{
  SRUDP_PORT_MAP_PCP = 0,
  SRUDP_PORT_MAP_NAT_PMP,
} SrudpPortMapProtocol;

typedef struct
{
  SrudpAddress client;   /* ours, as the router sees it, with the port to map */
  SrudpAddress external; /* the one to get if possible, or unset */
  guint32 lifetime_s;    /* 0: the mapping is to end */
  guint8 nonce[SRUDP_PORT_MAP_NONCE_BYTES]; /* of this mapping; PCP only */
} SrudpPortMapRequest;

typedef enum
{
  SRUDP_PORT_MAP_MAPPED,
  SRUDP_PORT_MAP_ADDRESS,       /* NAT-PMP tells this one apart */
  SRUDP_PORT_MAP_ANNOUNCED,     /* PCP: the epoch, and nothing else */
  SRUDP_PORT_MAP_OTHER_VERSION, /* the router does not speak this protocol */
  SRUDP_PORT_MAP_REFUSED,
} SrudpPortMapReplyType;

typedef struct
{
  SrudpPortMapReplyType type;
  SrudpPortMapProtocol protocol; /* what the router speaks */
  guint code;                    /* of a refusal */
  guint16 internal_port;
  guint16 external_port;
  SrudpAddress external;         /* port 0 in ADDRESS; not set by a NAT-PMP MAPPED */
  guint32 lifetime_s;            /* of the mapping, or of a PCP refusal */
  guint32 epoch_s;               /* since the router forgot all mappings */
  guint8 nonce[SRUDP_PORT_MAP_NONCE_BYTES]; /* PCP, MAPPED or REFUSED */
} SrudpPortMapReply;

/* Both return the size. */
gsize srudp_port_map_write_request (
  guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES], SrudpPortMapProtocol protocol,
  const SrudpPortMapRequest *request);
/* NAT-PMP's question for the address of the router. */
gsize srudp_port_map_write_address_request (
  guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES]);
/* FALSE for what is no reply or can't be understood; `reply` is as it was. */
gboolean srudp_port_map_parse_reply (const guint8      *data,
                                     gsize              size,
                                     SrudpPortMapReply *reply);

G_END_DECLS
