/*
 * SPDX-License-Identifier: MIT
 *
 * sim-report.h: a scenario over many seeds, and one line about it
 *
 * SRUDP_SIM_SEED=N runs that seed alone; SRUDP_SIM_FACTOR=F runs F times as
 * many seeds as usual, SRUDP_SIM_FIRST=N those from N on, not from 1.
 * SRUDP_SIM_CONTROLLER=name takes another congestion controller than the
 * default; a missed budget then fails nothing. Each failing seed prints the
 * command that repeats it. Lines that begin with "row" make up a table.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double value; /* what the row is about */
  char *error;  /* NULL: the seed is fine */
} SimOutcome;

typedef void (*SimSeedFunc) (guint64       seed,
                             gconstpointer scenario,
                             SimOutcome   *outcome);

typedef enum
{
  SIM_LOWER_IS_BETTER,
  SIM_HIGHER_IS_BETTER,
} SimBetter;

typedef struct
{
  const char *name;
  const char *unit;
  guint n_seeds;
  SimSeedFunc func;
  gconstpointer scenario;
  SimBetter better;
  /* 0: measured only. */
  double median_budget, p99_budget;
  double worst_budget;
} SimRow;

/* Runs the seeds, prints the line; the test fails if a seed fails or a budget
 * is missed. */
void sim_report_run  (const SimRow *row);

/* The first reason counts. Always FALSE, so that it can be returned. */
gboolean sim_outcome_fail (SimOutcome *outcome,
                           const char *format,
                           ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
