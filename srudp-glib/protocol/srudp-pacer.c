/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pacer.c: spreads packets over time, in bursts a NIC can carry
 */
#include "srudp-pacer.h"

#define SECOND_US G_USEC_PER_SEC
/* What piles up while a timer is late may go at once: main loops sleep in
 * whole milliseconds and wake up late under load. */
#define CREDIT_US 4000
/* As much as one GSO call carries at most; worth one wake-up in about 1 ms. */
#define MAX_QUANTUM_BYTES 65507
#define QUANTUM_US 1000
/* Rates beyond 1 Tbit/s are not told apart; products stay within 64 bits. */
#define MAX_RATE G_GUINT64_CONSTANT (125000000000)

static void
set_sizes (SrudpPacer *pacer,
           guint       max_datagram_size)
{
  guint64 burst = (guint64) SRUDP_PACER_BURST_PACKETS * max_datagram_size;
  guint64 late = pacer->rate * CREDIT_US / SECOND_US;
  guint64 quantum = pacer->rate * QUANTUM_US / SECOND_US;

  pacer->packet_size = max_datagram_size;
  pacer->quantum = CLAMP (quantum, MIN (2 * max_datagram_size, burst),
                          MAX (MAX_QUANTUM_BYTES, 2 * max_datagram_size));
  pacer->capacity = MAX (MAX (burst, late), pacer->quantum);
}

void
srudp_pacer_init (SrudpPacer *pacer,
                  gint64      now,
                  guint       max_datagram_size)
{
  *pacer = (SrudpPacer) { .updated = now };
  set_sizes (pacer, max_datagram_size);
  pacer->credit = (gint64) pacer->capacity;
}

static void
update (SrudpPacer *pacer,
        gint64      now)
{
  gint64 elapsed_us = now - pacer->updated;
  guint64 earned;

  if (elapsed_us <= 0)
    return;

  pacer->updated = now;
  /* The product stays within 64 bits. */
  elapsed_us = MIN (elapsed_us, 60 * SECOND_US);
  earned = pacer->rate * (guint64) elapsed_us + pacer->remainder;
  pacer->remainder = earned % SECOND_US;
  pacer->credit += (gint64) (earned / SECOND_US);
  if (pacer->credit >= (gint64) pacer->capacity)
    {
      pacer->credit = (gint64) pacer->capacity;
      pacer->remainder = 0;
    }
  if (pacer->credit >= (gint64) pacer->quantum)
    pacer->exhausted = FALSE;
}

void
srudp_pacer_set_rate (SrudpPacer *pacer,
                      gint64      now,
                      guint64     bytes_per_second,
                      guint       max_datagram_size)
{
  update (pacer, now);
  pacer->rate = MIN (bytes_per_second, MAX_RATE);
  set_sizes (pacer, max_datagram_size);
  pacer->credit = MIN (pacer->credit, (gint64) pacer->capacity);
  if (pacer->credit >= (gint64) pacer->quantum)
    pacer->exhausted = FALSE;
}

void
srudp_pacer_hold (SrudpPacer *pacer,
                  gint64      now)
{
  update (pacer, now);
  pacer->credit = MIN (pacer->credit, (gint64) pacer->quantum);
}

guint64
srudp_pacer_get_allowance (SrudpPacer *pacer,
                           gint64      now)
{
  update (pacer, now);
  if (pacer->rate == 0)
    return G_MAXINT64;
  if (pacer->exhausted)
    return 0;

  return (guint64) MAX (pacer->credit, 0);
}

gint64
srudp_pacer_get_release_time (SrudpPacer *pacer,
                              gint64      now)
{
  guint64 missing;

  if (srudp_pacer_get_allowance (pacer, now) > 0)
    return now;

  missing = (guint64) ((gint64) pacer->quantum - pacer->credit) * SECOND_US
            - pacer->remainder;
  return pacer->updated + (gint64) ((missing + pacer->rate - 1) / pacer->rate);
}

void
srudp_pacer_on_sent (SrudpPacer *pacer,
                     gint64      now,
                     gsize       size)
{
  update (pacer, now);
  if (pacer->rate == 0)
    return;

  /* Probes go whatever the credit is: their debt has a bound. */
  pacer->credit = MAX (pacer->credit - (gint64) size,
                       -(gint64) pacer->capacity);
  if (pacer->credit < (gint64) pacer->packet_size)
    pacer->exhausted = TRUE;
}
