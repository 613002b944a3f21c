/*
 * SPDX-License-Identifier: MIT
 *
 * sim-report.c: a scenario over many seeds, and one line about it
 */
#include "sim-report.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FAILURES_SHOWN 5

/* What repeats the running seed; an assertion that aborts prints it too. */
static char repeat[512];

static void
crash_cb (int signal_number)
{
  if (write (STDERR_FILENO, repeat, strlen (repeat)) >= 0)
    fsync (STDERR_FILENO);
  raise (signal_number); /* again, with the default action now */
}

static void
catch_crashes (void)
{
  struct sigaction action = { .sa_handler = crash_cb,
                              .sa_flags = (int) SA_RESETHAND };

  sigaction (SIGABRT, &action, NULL);
  sigaction (SIGSEGV, &action, NULL);
  sigaction (SIGTRAP, &action, NULL);
}

static void
set_repeat (guint64 seed)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  g_snprintf (repeat, sizeof repeat, "# repeat: SRUDP_SIM_SEED=%"
              G_GUINT64_FORMAT " %s -p %s\n", seed,
              program != NULL ? program : g_get_prgname (), g_test_get_path ());
}

static guint
count_seeds (const SimRow *row)
{
  const char *factor = g_getenv ("SRUDP_SIM_FACTOR");
  double f = factor == NULL ? 1 : g_ascii_strtod (factor, NULL);

  return MAX ((guint) (row->n_seeds * f), 1);
}

static int
compare_values (gconstpointer a,
                gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
run_seed (const SimRow *row,
          guint64       seed,
          GArray       *values,
          guint        *n_failed)
{
  SimOutcome outcome = { 0 };

  set_repeat (seed);
  row->func (seed, row->scenario, &outcome);
  if (outcome.error == NULL)
    {
      g_array_append_val (values, outcome.value);
      return;
    }
  if ((*n_failed)++ < MAX_FAILURES_SHOWN)
    g_test_message ("seed %" G_GUINT64_FORMAT ": %s\n%s", seed, outcome.error,
                    repeat);
  g_free (outcome.error);
}

/* The value that `share` of the sorted ones are not worse than. */
static double
quantile (const SimRow *row,
          GArray       *values,
          double        share)
{
  guint last = values->len - 1;
  guint i = (guint) ceil (share * last);

  if (row->better == SIM_HIGHER_IS_BETTER)
    i = last - i;

  return g_array_index (values, double, i);
}

static gboolean
is_within (const SimRow *row,
           double        value,
           double        budget)
{
  if (budget == 0)
    return TRUE;

  return row->better == SIM_LOWER_IS_BETTER ? value <= budget
                                            : value >= budget;
}

static void
judge (const SimRow *row,
       GArray       *values)
{
  double median, p99, worst;
  gboolean pass;

  g_array_sort (values, compare_values);
  median = quantile (row, values, 0.5);
  p99 = quantile (row, values, 0.99);
  worst = quantile (row, values, 1);
  pass = g_getenv ("SRUDP_SIM_SEED") != NULL /* one says little */
    || (is_within (row, median, row->median_budget)
        && is_within (row, p99, row->p99_budget));

  g_test_message ("%-44s | %5u | median %8.1f (%g) | p99 %8.1f (%g) |"
                  " worst %8.1f %s | %s",
                  row->name, values->len, median, row->median_budget, p99,
                  row->p99_budget, worst, row->unit,
                  pass ? "pass" : "MISSED");
  if (!pass && !row->is_information)
    g_test_fail ();
}

void
sim_report_run (const SimRow *row)
{
  const char *only = g_getenv ("SRUDP_SIM_SEED");
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  guint n = count_seeds (row), n_failed = 0;
  gint64 start = g_get_monotonic_time ();

  catch_crashes ();
  if (only != NULL)
    run_seed (row, g_ascii_strtoull (only, NULL, 10), values, &n_failed);
  else
    for (guint seed = 1; seed <= n; seed++)
      run_seed (row, seed, values, &n_failed);

  if (n_failed > 0)
    {
      g_test_message ("%s: %u seeds failed", row->name, n_failed);
      g_test_fail ();
    }
  if (values->len > 0)
    judge (row, values);
  g_test_message ("%s: seeds 1 to %u, %.1f s", row->name, n,
                  (double) (g_get_monotonic_time () - start) / 1e6);
}

gboolean
sim_outcome_fail (SimOutcome *outcome,
                  const char *format,
                  ...)
{
  va_list args;

  if (outcome->error != NULL)
    return FALSE;
  va_start (args, format);
  outcome->error = g_strdup_vprintf (format, args);
  va_end (args);

  return FALSE;
}
