/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-main.c: a target without libFuzzer: its corpus, and mutations of it
 *
 * usage: fuzz-TARGET [--seconds N] [--seed N] [FILE | FOLDER]…
 *
 * Runs every file as it is, then mutations of them for so long. An input that
 * crashes is left in the current folder, to be given as the only FILE with
 * --seconds 0.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_INPUT_BYTES 4096
#define MAX_MUTATIONS 8

static double seconds = 2;
static gint64 seed = -1;
static char **paths;

static const GOptionEntry options[] = {
  { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "Time for mutations", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of the mutations", "N" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, NULL },
  { NULL },
};

/* The input that runs now, for whom it kills. */
static guint8 input[MAX_INPUT_BYTES];
static gsize input_size;
static char crash_path[256];

static void
crash_cb (int signal_number)
{
  static const char note[] = "# the input is in ";
  int fd = open (crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

  if (fd >= 0 && write (fd, input, input_size) == (gssize) input_size
      && write (STDERR_FILENO, note, sizeof note - 1) > 0
      && write (STDERR_FILENO, crash_path, strlen (crash_path)) > 0
      && write (STDERR_FILENO, "\n", 1) > 0)
    close (fd);
  raise (signal_number);
}

static void
catch_crashes (void)
{
  struct sigaction action = { .sa_handler = crash_cb,
                              .sa_flags = (int) SA_RESETHAND };

  g_snprintf (crash_path, sizeof crash_path, "%s-crash", g_get_prgname ());
  sigaction (SIGABRT, &action, NULL);
  sigaction (SIGALRM, &action, NULL);
  sigaction (SIGFPE, &action, NULL);
  sigaction (SIGILL, &action, NULL);
  sigaction (SIGSEGV, &action, NULL);
  sigaction (SIGTRAP, &action, NULL);
}

/* In memory of exactly its size, so that reading past it is noticed. */
static void
run (void)
{
  guint8 *copy = g_malloc (MAX (input_size, 1));

  memcpy (copy, input, input_size);
  alarm (60); /* it hangs */
  LLVMFuzzerTestOneInput (copy, input_size);
  g_free (copy);
}

static void
load (GPtrArray  *corpus,
      const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GError) error = NULL;
  const char *name;
  char *data;
  gsize size;

  if (dir != NULL)
    {
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *inner = g_build_filename (path, name, NULL);

          load (corpus, inner);
        }
    }
  else if (g_file_get_contents (path, &data, &size, &error))
    g_ptr_array_add (corpus, g_bytes_new_take (data, size));
  else
    {
      g_printerr ("%s\n", error->message);
      exit (2);
    }
}

static void
take (const GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data ((GBytes *) bytes, &size);

  input_size = MIN (size, sizeof input);
  memcpy (input, data, input_size);
}

static gsize
pick (GRand *rand,
      gsize  n)
{
  return n == 0 ? 0 : g_rand_int (rand) % n;
}

static void
insert (GRand *rand,
        gsize  at,
        gsize  n)
{
  n = MIN (n, sizeof input - input_size);
  memmove (input + at + n, input + at, input_size - at);
  for (gsize i = 0; i < n; i++)
    input[at + i] = (guint8) g_rand_int (rand);
  input_size += n;
}

static void
cut (gsize at,
     gsize n)
{
  n = MIN (n, input_size - at);
  memmove (input + at, input + at + n, input_size - at - n);
  input_size -= n;
}

/* A piece of another input over this one, or at its end. */
static void
splice (GRand     *rand,
        GPtrArray *corpus)
{
  gsize size;
  const guint8 *other
    = g_bytes_get_data (g_ptr_array_index (corpus, pick (rand, corpus->len)),
                        &size);
  gsize from = pick (rand, size);
  gsize at = pick (rand, input_size + 1);
  gsize n = MIN (pick (rand, size - from + 1), sizeof input - at);

  if (n == 0)
    return;
  memcpy (input + at, other + from, n);
  input_size = MAX (input_size, at + n);
}

static void
mutate (GRand     *rand,
        GPtrArray *corpus)
{
  static const guint8 edges[] = { 0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xbf,
                                  0xc0, 0xfe, 0xff };
  gsize at = pick (rand, input_size);

  switch (input_size == 0 ? 3 : pick (rand, 7))
    {
    case 0:
      input[at] ^= (guint8) (1 << pick (rand, 8));
      break;
    case 1:
      input[at] = (guint8) g_rand_int (rand);
      break;
    case 2:
      input[at] = edges[pick (rand, G_N_ELEMENTS (edges))];
      break;
    case 3:
      insert (rand, at, 1 + pick (rand, 16));
      break;
    case 4:
      cut (at, 1 + pick (rand, 16));
      break;
    case 5:
      input_size = at;
      break;
    default:
      splice (rand, corpus);
      break;
    }
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) corpus
    = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GRand) rand = NULL;
  guint64 n_runs = 0;
  gint64 end;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL))
    return 2;
  if (seed < 0)
    seed = g_random_int ();

  catch_crashes ();
  for (char **path = paths; path != NULL && *path != NULL; path++)
    load (corpus, *path);
  for (guint i = 0; i < corpus->len; i++, n_runs++)
    {
      take (g_ptr_array_index (corpus, i));
      run ();
    }
  g_print ("# %u files, then mutations with --seed %" G_GINT64_FORMAT "\n",
           corpus->len, seed);

  g_ptr_array_add (corpus, g_bytes_new_static ("", 0));
  rand = g_rand_new_with_seed ((guint32) seed);
  end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  for (; g_get_monotonic_time () < end; n_runs++)
    {
      guint n_mutations = 1 + (guint) pick (rand, MAX_MUTATIONS);

      take (g_ptr_array_index (corpus, pick (rand, corpus->len)));
      for (guint i = 0; i < n_mutations; i++)
        mutate (rand, corpus);
      run ();
    }
  g_print ("# %" G_GUINT64_FORMAT " inputs\n", n_runs);
  g_strfreev (paths);

  return 0;
}
