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
static char repeat[1024];

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
  g_autofree char *link = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *program
    = g_shell_quote (link != NULL ? link : g_get_prgname ());
  const char *controller = g_getenv ("SRUDP_SIM_CONTROLLER");
  g_autofree char *setting = controller == NULL ? g_strdup ("")
    : g_strdup_printf ("SRUDP_SIM_CONTROLLER=%s ", controller);

  g_snprintf (repeat, sizeof repeat, "repeat: %sSRUDP_SIM_SEED=%"
              G_GUINT64_FORMAT " %s -p %s\n", setting, seed, program,
              g_test_get_path ());
}

static guint
count_seeds (const SimRow *row)
{
  const char *factor = g_getenv ("SRUDP_SIM_FACTOR");

  if (factor == NULL)
    return row->n_seeds;

  return MAX ((guint) (row->n_seeds * g_ascii_strtod (factor, NULL)), 1);
}

/* Others than those that a change was made with. */
static guint64
get_first_seed (void)
{
  const char *first = g_getenv ("SRUDP_SIM_FIRST");

  return first != NULL ? g_ascii_strtoull (first, NULL, 10) : 1;
}

typedef struct
{
  double value;
  guint64 seed;
} Measured;

static int
compare_values (gconstpointer a,
                gconstpointer b)
{
  double x = ((const Measured *) a)->value, y = ((const Measured *) b)->value;

  return x < y ? -1 : x > y;
}

static void
run_seed (const SimRow *row,
          guint64       seed,
          GArray       *values,
          guint        *n_failed)
{
  SimOutcome outcome = { 0 };
  Measured measured = { 0, seed };

  set_repeat (seed);
  row->func (seed, row->scenario, &outcome);
  if (outcome.error == NULL)
    {
      measured.value = outcome.value;
      g_array_append_val (values, measured);
      return;
    }
  if ((*n_failed)++ < MAX_FAILURES_SHOWN)
    g_test_message ("seed %" G_GUINT64_FORMAT ": %s\n%s", seed, outcome.error,
                    repeat);
  g_free (outcome.error);
}

/* The value that `share` of the sorted ones are not worse than. */
static Measured
quantile (const SimRow *row,
          GArray       *values,
          double        share)
{
  guint last = values->len - 1;
  guint i = (guint) ceil (share * last);

  if (row->better == SIM_HIGHER_IS_BETTER)
    i = last - i;

  return g_array_index (values, Measured, i);
}

static gboolean
is_within (const SimRow *row,
           Measured      measured,
           double        budget)
{
  if (budget == 0)
    return TRUE;

  return row->better == SIM_LOWER_IS_BETTER ? measured.value <= budget
                                            : measured.value >= budget;
}

static char *
show (const SimRow *row,
      Measured      measured,
      double        budget)
{
  return budget == 0
    ? g_strdup_printf ("%.1f", measured.value)
    : g_strdup_printf ("%.1f (%s %g)", measured.value,
                       row->better == SIM_LOWER_IS_BETTER ? "<=" : ">=", budget);
}

static void
judge (const SimRow *row,
       GArray       *values)
{
  g_autofree char *median_text = NULL, *p99_text = NULL, *worst_text = NULL;
  gboolean one_seed = g_getenv ("SRUDP_SIM_SEED") != NULL; /* says little */
  Measured median, p99, worst;
  gboolean pass;

  g_array_sort (values, compare_values);
  median = quantile (row, values, 0.5);
  p99 = quantile (row, values, 0.99);
  worst = quantile (row, values, 1);
  median_text = show (row, median, row->median_budget);
  p99_text = show (row, p99, row->p99_budget);
  worst_text = show (row, worst, row->worst_budget);
  pass = is_within (row, worst, row->worst_budget)
    && (one_seed || (is_within (row, median, row->median_budget)
                     && is_within (row, p99, row->p99_budget)));

  g_test_message ("row | %s | %s | %u | %s | %s | %s | %" G_GUINT64_FORMAT
                  " | %s", row->name, row->unit, values->len, median_text,
                  p99_text, worst_text, worst.seed, pass ? "pass" : "MISSED");
  if (pass)
    return;
  set_repeat (worst.seed);
  g_test_message ("the worst one:\n%s", repeat);
  if (g_getenv ("SRUDP_SIM_CONTROLLER") == NULL)
    g_test_fail ();
}

void
sim_report_run (const SimRow *row)
{
  const char *only = g_getenv ("SRUDP_SIM_SEED");
  g_autoptr (GArray) values
    = g_array_new (FALSE, FALSE, sizeof (Measured));
  guint64 first = get_first_seed ();
  guint n = count_seeds (row), n_failed = 0;
  gint64 start = g_get_monotonic_time ();

  catch_crashes ();
  if (only != NULL)
    run_seed (row, g_ascii_strtoull (only, NULL, 10), values, &n_failed);
  else
    for (guint i = 0; i < n; i++)
      run_seed (row, first + i, values, &n_failed);

  if (n_failed > 0)
    {
      g_test_message ("%s: %u seeds failed", row->name, n_failed);
      g_test_fail ();
    }
  if (values->len > 0)
    judge (row, values);
  g_test_message ("%s: %u seeds from %" G_GUINT64_FORMAT " on, %.1f s",
                  row->name, n, first,
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
