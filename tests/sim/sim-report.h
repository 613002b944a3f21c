/*
 * SPDX-License-Identifier: MIT
 *
 * sim-report.h: a scenario over many seeds, and one line about it
 *
 * SRUDP_SIM_SEED=N runs that seed alone; SRUDP_SIM_FACTOR=F runs F times as
 * many seeds as usual. Each failing seed prints the command that repeats it.
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
  /* 0: measured only. Of the worst 1 % where p99 is set. */
  double median_budget, p99_budget;
  /* A missed budget is told, but fails nothing; a failing seed still does. */
  gboolean is_information;
} SimRow;

/* Runs the seeds, prints the line; the test fails if a seed fails or a budget
 * is missed. */
void sim_report_run  (const SimRow *row);

/* The first reason counts. Always FALSE, so that it can be returned. */
gboolean sim_outcome_fail (SimOutcome *outcome,
                           const char *format,
                           ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
