/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-port-mapper.h: keeping one port mapped by one router
 *
 * Sans-I/O like the rest: somebody has a socket to the router, on which only
 * the router is heard. A mapping is renewed at half of its lifetime, and ended
 * when nobody needs it any more. Which of the two protocols the router speaks
 * is found out by asking.
 */
#pragma once

#include "srudp-port-map.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpPortMapRequest request; /* .external is the mapping, or what it was */
  SrudpPortMapProtocol protocol;
  gboolean protocol_known;
  gboolean is_mapped;
  gboolean released;
  gint64 expires;       /* of the mapping */
  gint64 due;           /* the next packets */
  gint64 epoch_at;      /* when the router told … */
  gint64 epoch_s;       /* … since when it remembers; -1: it has not yet */
  guint n_tries;        /* since the last answer */
  guint pending;        /* of what is due */
  guint16 external_port; /* NAT-PMP tells it and the address in two replies */
  SrudpAddress router;
} SrudpPortMapper;

/* `client` is our address towards the router, with the port to be mapped. */
void     srudp_port_mapper_init         (SrudpPortMapper    *self,
                                         gint64              now,
                                         const SrudpAddress *client,
                                         const guint8        nonce[SRUDP_PORT_MAP_NONCE_BYTES]);
/* -1: never. */
gint64   srudp_port_mapper_get_deadline (const SrudpPortMapper *self);
/* What to send to the router now; 0: nothing (more). */
gsize    srudp_port_mapper_poll         (SrudpPortMapper    *self,
                                         gint64              now,
                                         guint8              out[SRUDP_PORT_MAP_REQUEST_BYTES]);
/* FALSE: not for us. */
gboolean srudp_port_mapper_receive      (SrudpPortMapper    *self,
                                         gint64              now,
                                         const guint8       *data,
                                         gsize               size);
/* What was heard on another socket, by a packet of the router to everybody: if it
 * has forgotten its mappings, ours is asked for anew. FALSE: it has not. */
gboolean srudp_port_mapper_hear_everybodys (SrudpPortMapper *self,
                                         gint64              now,
                                         const guint8       *data,
                                         gsize               size);
/* By which address the port can be reached; FALSE: by none. */
gboolean srudp_port_mapper_get_external (const SrudpPortMapper *self,
                                         SrudpAddress       *out);
/* When the mapping ends that the router does not renew; -1: it does, or there is
 * none. */
gint64   srudp_port_mapper_get_end      (const SrudpPortMapper *self);
/* An answer may still come soon. */
gboolean srudp_port_mapper_is_asking    (const SrudpPortMapper *self);
/* Nobody needs it any more: one more packet says so. */
void     srudp_port_mapper_release      (SrudpPortMapper    *self,
                                         gint64              now);

G_END_DECLS
