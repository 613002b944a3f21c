/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-timers.c: the deadlines of one connection and their minimum
 */
#include "srudp-timers.h"

void
srudp_timers_init (SrudpTimers *timers)
{
  for (guint i = 0; i < SRUDP_N_TIMERS; i++)
    timers->at[i] = -1;
}

void
srudp_timers_set (SrudpTimers *timers,
                  SrudpTimer   timer,
                  gint64       at)
{
  timers->at[timer] = MAX (at, -1);
}

void
srudp_timers_stop (SrudpTimers *timers,
                   SrudpTimer   timer)
{
  timers->at[timer] = -1;
}

gint64
srudp_timers_get (const SrudpTimers *timers,
                  SrudpTimer         timer)
{
  return timers->at[timer];
}

/* The index of the earliest running timer, SRUDP_N_TIMERS when none runs. */
static guint
find_earliest (const SrudpTimers *timers)
{
  guint earliest = SRUDP_N_TIMERS;

  for (guint i = 0; i < SRUDP_N_TIMERS; i++)
    {
      if (timers->at[i] < 0)
        continue;
      if (earliest == SRUDP_N_TIMERS || timers->at[i] < timers->at[earliest])
        earliest = i;
    }

  return earliest;
}

gint64
srudp_timers_get_deadline (const SrudpTimers *timers)
{
  guint earliest = find_earliest (timers);

  return earliest < SRUDP_N_TIMERS ? timers->at[earliest] : -1;
}

gboolean
srudp_timers_pop_due (SrudpTimers *timers,
                      gint64       now,
                      SrudpTimer  *timer)
{
  guint earliest = find_earliest (timers);

  if (earliest == SRUDP_N_TIMERS || timers->at[earliest] > now)
    return FALSE;

  timers->at[earliest] = -1;
  *timer = (SrudpTimer) earliest;
  return TRUE;
}
