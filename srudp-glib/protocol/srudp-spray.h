/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-spray.h: meeting a peer behind a NAT whose ports nobody can know
 *
 * The side behind such a NAT (the hard one) sends from many sockets to the
 * other's one address, and so has as many ports open for it. The other side
 * tries ports at random: by the birthday paradox 256 open ones among 64,512
 * are met by one of 1,024 probes in 98 of 100 cases, half of the time by one of
 * the first 175. Two NATs of that kind never meet.
 *
 * Most of the probes go at once. The rest are few a second, for a peer that
 * comes later.
 */
#pragma once

#include "srudp-candidates.h"

G_BEGIN_DECLS

#define SRUDP_MAX_SPRAY_TARGETS 2

typedef struct
{
  /* The hard side: each socket to each target, in a few rounds. */
  SrudpAddress targets[SRUDP_MAX_SPRAY_TARGETS];
  guint n_targets;
  guint16 first_socket;
  guint n_sockets;
  gint64 opener_due; /* -1: no more */
  gint64 round_began;
  guint n_openers, n_rounds;

  /* The other side: the ports of one address. */
  SrudpNatFacts peer;
  guint32 first_port, stride;
  gint64 probe_due; /* -1: no more */
  guint n_probes, max_probes;
} SrudpSpray;

void     srudp_spray_init         (SrudpSpray         *spray);
/* Begins some time after `now`, for less costly ways to be tried before. */
void     srudp_spray_plan_openers (SrudpSpray         *spray,
                                   gint64              now,
                                   gboolean            is_predictable,
                                   guint16             first_socket,
                                   guint               n_sockets);
/* FALSE: no more of them, or it is none a hard side can open a port for. */
gboolean srudp_spray_add_target   (SrudpSpray         *spray,
                                   const SrudpAddress *target);
void     srudp_spray_plan_probes  (SrudpSpray         *spray,
                                   gint64              now,
                                   const SrudpNatFacts *peer,
                                   guint               max_probes,
                                   guint32             random);
/* Somebody has been met: nothing goes out for a while. */
void     srudp_spray_pause        (SrudpSpray         *spray,
                                   gint64              now);
gint64   srudp_spray_get_deadline (const SrudpSpray   *spray);
/* FALSE: nothing is due. */
gboolean srudp_spray_next         (SrudpSpray         *spray,
                                   gint64              now,
                                   SrudpPath          *path);
/* When the sockets are of no use any more; -1: never, or not yet known. */
gint64   srudp_spray_get_end      (const SrudpSpray   *spray);

G_END_DECLS
