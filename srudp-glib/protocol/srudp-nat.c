/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-nat.c: what is known of the NAT in front of a machine
 */
#include "srudp-nat.h"

/* Steps of ports further apart than this are taken for chance. */
#define MAX_PORT_DELTA 64

static gboolean
is_local (const SrudpAddress *mapped,
          const SrudpAddress *locals,
          guint               n_locals)
{
  for (guint i = 0; i < n_locals; i++)
    if (srudp_address_equal (mapped, &locals[i]))
      return TRUE;
  return FALSE;
}

/* RFC 5780, section 4.3. Servers at one IP address can't tell apart a NAT that
 * only looks at the address from one that gives everyone the same port. */
static SrudpMapping
compare (const SrudpNatObservation *observations,
         guint                      n)
{
  gboolean several_ips = FALSE;

  for (guint i = 1; i < n; i++)
    {
      if (!srudp_address_equal (&observations[i].mapped,
                                &observations[0].mapped))
        return SRUDP_MAPPING_ENDPOINT_DEPENDENT;
      if (!srudp_address_same_ip (&observations[i].server,
                                  &observations[0].server))
        several_ips = TRUE;
    }
  return several_ips ? SRUDP_MAPPING_ENDPOINT_INDEPENDENT
                     : SRUDP_MAPPING_UNKNOWN;
}

/* Another program behind the same NAT may have taken a port in between: the
 * smallest step counts, if all go the same way. */
static int
find_delta (const guint16 *ports,
            guint          n_ports)
{
  int delta = 0;

  for (guint i = 1; i < n_ports; i++)
    {
      int step = (int) ports[i] - (int) ports[i - 1];

      if (step == 0 || ABS (step) > MAX_PORT_DELTA
          || (delta != 0 && (delta > 0) != (step > 0)))
        return 0;
      if (delta == 0 || ABS (step) < ABS (delta))
        delta = step;
    }
  return delta;
}

void
srudp_nat_classify (SrudpNatFacts             *facts,
                    gint64                     now,
                    const SrudpNatObservation *observations,
                    guint                      n_observations,
                    const SrudpAddress        *locals,
                    guint                      n_locals)
{
  SrudpNatFacts found = { .measured_us = now };

  for (guint i = 0; i < n_observations; i++)
    {
      found.address = observations[i].mapped;
      if (found.n_ports < SRUDP_NAT_MAX_PORTS)
        found.ports[found.n_ports++] = observations[i].mapped.port;
    }

  if (n_observations > 0)
    found.mapping = compare (observations, n_observations);
  if (found.mapping == SRUDP_MAPPING_ENDPOINT_DEPENDENT)
    found.port_delta = find_delta (found.ports, found.n_ports);
  else if (is_local (&found.address, locals, n_locals))
    found.mapping = SRUDP_MAPPING_NONE;
  *facts = found;
}
