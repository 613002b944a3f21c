/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-spray.c: meeting a peer behind a NAT whose ports nobody can know
 */
#include "srudp-spray.h"

/* Peers that let any port in, or whose ports are known, are met before. The
 * ports are open when the probes begin to come. */
#define OPENERS_AFTER_US (800 * 1000)
#define PROBES_AFTER_US (1500 * 1000)
/* … and so are those whose port was guessed. */
#define PREDICTION_US (1500 * 1000)
/* Unanswered mappings live for 30 s on most routers, for 20 s on a few. */
#define ROUND_US (15 * G_USEC_PER_SEC)
#define N_ROUNDS 5
#define FAST_PROBES 1024
#define SLOW_GAP_US (30 * 1000)
/* Who was met needs a moment to be agreed with. */
#define PAUSE_US (2 * G_USEC_PER_SEC)

#define N_PORTS (65536 - SRUDP_FIRST_NAT_PORT)

void
srudp_spray_init (SrudpSpray *spray)
{
  *spray = (SrudpSpray) { .opener_due = -1, .probe_due = -1 };
}

void
srudp_spray_plan_openers (SrudpSpray *spray,
                          gint64      now,
                          gboolean    is_predictable,
                          guint16     first_socket,
                          guint       n_sockets)
{
  spray->first_socket = first_socket;
  spray->n_sockets = n_sockets;
  spray->opener_due = now + OPENERS_AFTER_US
                      + (is_predictable ? PREDICTION_US : 0);
}

/* Addresses that no NAT of the hard side is passed on the way to. */
static gboolean
is_beyond_nat (const SrudpAddress *address)
{
  const guint8 *ip = address->ip;

  return address->family == SRUDP_FAMILY_IPV4 && ip[0] != 0 && ip[0] != 127
         && !(ip[0] == 169 && ip[1] == 254);
}

/* RFC 1918. */
static gboolean
is_private (const SrudpAddress *address)
{
  const guint8 *ip = address->ip;

  return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16)
         || (ip[0] == 192 && ip[1] == 168);
}

gboolean
srudp_spray_add_target (SrudpSpray         *spray,
                        const SrudpAddress *target)
{
  if (!is_beyond_nat (target) || is_private (target)
      || spray->n_targets == SRUDP_MAX_SPRAY_TARGETS)
    return FALSE;

  for (guint i = 0; i < spray->n_targets; i++)
    if (srudp_address_equal (&spray->targets[i], target))
      return FALSE;
  spray->targets[spray->n_targets++] = *target;

  return TRUE;
}

void
srudp_spray_plan_probes (SrudpSpray         *spray,
                         gint64              now,
                         const SrudpNatFacts *peer,
                         guint               max_probes,
                         guint32             random)
{
  spray->peer = *peer;
  spray->max_probes = MIN (max_probes, SRUDP_MAX_SPRAY_PROBES);
  spray->first_port = random % N_PORTS;
  /* 64,512 is 2^10 · 3^2 · 7: 1 and 5 modulo 6 are odd and no multiples of 3,
   * and 210 k + 11 is no multiple of 7 either. So no port comes twice. */
  spray->stride = 210 * (1 + random / N_PORTS % 300) + 11;
  spray->probe_due = now + PROBES_AFTER_US
                     + (peer->port_delta != 0 ? PREDICTION_US : 0);
}

void
srudp_spray_pause (SrudpSpray *spray,
                   gint64      now)
{
  if (spray->opener_due >= 0)
    spray->opener_due = MAX (spray->opener_due, now + PAUSE_US);
  if (spray->probe_due >= 0)
    spray->probe_due = MAX (spray->probe_due, now + PAUSE_US);
}

static gint64
get_opener_deadline (const SrudpSpray *spray)
{
  return spray->n_targets > 0 ? spray->opener_due : -1;
}

gint64
srudp_spray_get_deadline (const SrudpSpray *spray)
{
  gint64 opener = get_opener_deadline (spray);

  if (opener < 0 || spray->probe_due < 0)
    return MAX (opener, spray->probe_due);

  return MIN (opener, spray->probe_due);
}

static void
next_opener (SrudpSpray *spray,
             gint64      now,
             SrudpPath  *path)
{
  guint n = spray->n_sockets * spray->n_targets;

  if (spray->n_openers == 0)
    spray->round_began = now;
  path->socket = (guint16) (spray->first_socket
                            + spray->n_openers / spray->n_targets);
  path->remote = spray->targets[spray->n_openers % spray->n_targets];

  spray->opener_due = now + SRUDP_PROBE_GAP_US;
  if (++spray->n_openers < n)
    return;

  spray->n_openers = 0;
  spray->opener_due = ++spray->n_rounds < N_ROUNDS
                        ? spray->round_began + ROUND_US : -1;
}

/* The sockets of a peer in sequence are one after the other behind the port we
 * know. But what looked like a sequence may have been chance: every other probe
 * goes anywhere. */
static guint16
get_port (const SrudpSpray *spray)
{
  guint32 n = spray->n_probes;
  gint64 offset;

  if (spray->peer.port_delta == 0 || n % 2 != 0)
    return (guint16) (SRUDP_FIRST_NAT_PORT
                      + (spray->first_port + n * spray->stride) % N_PORTS);

  offset = spray->peer.address.port - SRUDP_FIRST_NAT_PORT
           + (gint64) spray->peer.port_delta * (n / 2 + 1);
  offset %= N_PORTS;

  return (guint16) (SRUDP_FIRST_NAT_PORT
                    + (offset < 0 ? offset + N_PORTS : offset));
}

static void
next_probe (SrudpSpray *spray,
            gint64      now,
            SrudpPath  *path)
{
  path->remote = spray->peer.address;
  path->remote.port = get_port (spray);

  spray->n_probes++;
  spray->probe_due = now + (spray->n_probes < FAST_PROBES ? SRUDP_PROBE_GAP_US
                                                          : SLOW_GAP_US);
  if (spray->n_probes >= spray->max_probes)
    spray->probe_due = -1;
}

gboolean
srudp_spray_next (SrudpSpray *spray,
                  gint64      now,
                  SrudpPath  *path)
{
  gint64 opener = get_opener_deadline (spray);

  *path = (SrudpPath) { 0 };
  if (opener >= 0 && opener <= now)
    next_opener (spray, now, path);
  else if (spray->probe_due >= 0 && spray->probe_due <= now)
    next_probe (spray, now, path);
  else
    return FALSE;

  return TRUE;
}

gint64
srudp_spray_get_end (const SrudpSpray *spray)
{
  if (spray->n_rounds < N_ROUNDS || spray->opener_due >= 0)
    return -1;

  return spray->round_began + ROUND_US;
}
