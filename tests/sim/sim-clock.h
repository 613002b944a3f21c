/*
 * SPDX-License-Identifier: MIT
 *
 * sim-clock.h: virtual time and what happens when
 *
 * A heap of events. Equal times run in the order they were scheduled, so a run
 * is the same every time.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*SimFunc) (gpointer data);

typedef struct
{
  gint64 now_us;
  guint64 sequence;
  guint64 n_run;
  GArray *heap;
} SimClock;

void     sim_clock_init     (SimClock      *clock);
/* Frees the data of what never happened. */
void     sim_clock_clear    (SimClock      *clock);
/* `func` owns `data` when it runs; `destroy` (nullable) frees it otherwise. */
void     sim_clock_schedule (SimClock      *clock,
                             gint64         at_us,
                             SimFunc        func,
                             gpointer       data,
                             GDestroyNotify destroy);
/* Takes back those of `func` that nobody waits for any more. */
typedef gboolean (*SimStaleFunc) (gconstpointer data,
                                  gconstpointer user_data);
void     sim_clock_drop_stale (SimClock      *clock,
                               SimFunc        func,
                               SimStaleFunc   is_stale,
                               gconstpointer  user_data);
/* Runs the next event if it is not after `until_us`. FALSE: there is none, and
 * the time is now `until_us`. */
gboolean sim_clock_step     (SimClock      *clock,
                             gint64         until_us);
void     sim_clock_run      (SimClock      *clock,
                             gint64         until_us);
/* Sorts an array of gint64. */
int      sim_compare_times  (gconstpointer  a,
                             gconstpointer  b);

G_END_DECLS
