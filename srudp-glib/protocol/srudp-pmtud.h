/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pmtud.h: search for the largest packet a path carries (RFC 8899)
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* UDP payload bytes. RFC 9000 14.1; below it only when even that fails. */
#define SRUDP_PMTUD_BASE 1200
#define SRUDP_PMTUD_MINIMUM 548 /* IPv4: 576 - 20 - 8 */

typedef struct
{
  guint minimum;        /* the size used when BASE fails */
  guint maximum;        /* of the search: interface MTU, peer's limit */
  guint current;        /* confirmed */
  guint probe_size;     /* in flight or about to be sent, 0: none */
  guint failed;         /* smallest size known not to pass, maximum + 1 */
  guint n_tries;
  gboolean in_flight;
  guint64 probe_number; /* packet number, valid when in_flight */
  gboolean base_confirmed;
  gint64 next_probe_time; /* -1: never */
  /* Black-hole detection. */
  guint n_lost_large;     /* full-sized ones in a row, none arrived */
  gint64 first_lost_time;
} SrudpPmtud;

/* `minimum` is SRUDP_PMTUD_BASE (IPv6), or SRUDP_PMTUD_MINIMUM (IPv4).
 * `maximum` is what both sides could take at most, 65,507 on loopback. */
void     srudp_pmtud_init         (SrudpPmtud       *self,
                                   gint64            now,
                                   guint             minimum,
                                   guint             maximum);
/* Largest UDP payload for ordinary packets. */
guint    srudp_pmtud_get_size     (const SrudpPmtud *self);
/* Payload size of the probe to send now (PING and PADDING, flag MTU_PROBE),
 * 0: none is due. */
guint    srudp_pmtud_get_probe    (const SrudpPmtud *self,
                                   gint64            now);
void     srudp_pmtud_on_probe_sent (SrudpPmtud      *self,
                                    gint64           now,
                                    guint64          number);
/* The local system refused the probe (EMSGSIZE): larger ones won't pass. */
void     srudp_pmtud_on_too_big   (SrudpPmtud       *self,
                                   gint64            now,
                                   guint             size);
/* Each packet, probe or not, that was acknowledged or lost. They return TRUE
 * when srudp_pmtud_get_size() has changed. */
gboolean srudp_pmtud_on_acked     (SrudpPmtud       *self,
                                   gint64            now,
                                   guint64           number,
                                   guint             size);
gboolean srudp_pmtud_on_lost      (SrudpPmtud       *self,
                                   gint64            now,
                                   guint64           number,
                                   guint             size);
/* The timer: when the next probe is due, -1: never or one is in flight. */
gint64   srudp_pmtud_get_deadline (const SrudpPmtud *self);

G_END_DECLS
