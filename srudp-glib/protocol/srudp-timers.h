/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-timers.h: the deadlines of one connection and their minimum
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  SRUDP_TIMER_LOSS = 0,        /* loss by time, or probe timeout */
  SRUDP_TIMER_ACK,             /* a delayed acknowledgement is due */
  SRUDP_TIMER_PACER,           /* the pacer lets the next burst go */
  SRUDP_TIMER_PMTUD,           /* path MTU search or raise */
  SRUDP_TIMER_KEEPALIVE,
  SRUDP_TIMER_UNREACHABLE,     /* the peer is silent for too long */
  SRUDP_TIMER_IDLE,            /* the peer is gone */
  SRUDP_TIMER_KNOCK,           /* ask the silent peer once more */
  SRUDP_TIMER_PATH_VALIDATION, /* repeat or give up PATH_CHALLENGE */
  SRUDP_TIMER_PROSPECTS,       /* ask along a path that may be better */
  SRUDP_TIMER_SECOND_PATH,     /* the mapping in use will end soon */
  SRUDP_TIMER_KEY_UPDATE,      /* fresh keys by time */
  SRUDP_TIMER_KEY_DISCARD,     /* the old keys are no longer needed */
  SRUDP_TIMER_LINGER,          /* closing takes too long */
  SRUDP_TIMER_DRAIN,           /* closed: stop answering stragglers */
  SRUDP_TIMER_DATAGRAM_AGE,    /* the oldest queued datagram is stale */
} SrudpTimer;
#define SRUDP_N_TIMERS (SRUDP_TIMER_DATAGRAM_AGE + 1)

/* Times in microseconds; -1 is never. */
typedef struct
{
  gint64 at[SRUDP_N_TIMERS];
} SrudpTimers;

void     srudp_timers_init         (SrudpTimers       *timers);
/* `at` -1 stops the timer. */
void     srudp_timers_set          (SrudpTimers       *timers,
                                    SrudpTimer         timer,
                                    gint64             at);
void     srudp_timers_stop         (SrudpTimers       *timers,
                                    SrudpTimer         timer);
gint64   srudp_timers_get          (const SrudpTimers *timers,
                                    SrudpTimer         timer);
/* The earliest of all, -1 when none runs. */
gint64   srudp_timers_get_deadline (const SrudpTimers *timers);
/* Stops and tells the earliest timer that is due at `now`; FALSE: none is. */
gboolean srudp_timers_pop_due      (SrudpTimers       *timers,
                                    gint64             now,
                                    SrudpTimer        *timer);

G_END_DECLS
