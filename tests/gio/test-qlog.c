/*
 * SPDX-License-Identifier: MIT
 *
 * test-qlog.c: SRUDP_QLOG=folder leaves a trace of each connection there
 */
#include "support.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECRET_WORDS "these words are for one reader only"

static void
talk (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  write_text (pair.out_a, SECRET_WORDS);
  expect_text (pair.in_b, SECRET_WORDS);
  pair_tear_down (&pair);
}

/* The texts of all files there, by name. */
static GHashTable *
read_folder (const char *folder)
{
  GHashTable *texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_hash_table_insert (texts, g_strdup (name), text);
    }

  return texts;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GHashTable) texts = read_folder (folder);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, texts);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static gboolean
has_both_to_the_end (GHashTable *texts)
{
  GHashTableIter iter;
  gpointer text;
  guint n_ended = 0;

  g_hash_table_iter_init (&iter, texts);
  while (g_hash_table_iter_next (&iter, NULL, &text))
    n_ended += strstr (text, "\"connectivity:connection_closed\"") != NULL;

  return n_ended == 2;
}

static void
check_trace (const char *name,
             const char *text)
{
  g_test_message ("%s", name);
  g_assert_true (g_str_has_suffix (name, "_client.sqlog")
                 || g_str_has_suffix (name, "_server.sqlog"));
  g_assert_true (g_str_has_prefix (text, "\x1e{\"qlog_version\":\"0.3\","
                                         "\"qlog_format\":\"JSON-SEQ\""));
  g_assert_true (g_str_has_suffix (text, "}}\n"));
  g_assert_nonnull (strstr (text, "\"transport:packet_sent\""));
  g_assert_nonnull (strstr (text, "\"transport:packet_received\""));
  g_assert_nonnull (strstr (text, "\"frame_type\":\"stream\""));
  g_assert_null (strstr (text, "words"));
}

static void
test_traces (void)
{
  g_autofree char *folder = g_dir_make_tmp ("srudp-qlog-XXXXXX", NULL);
  g_autoptr (GHashTable) texts = NULL;
  gint64 deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;
  GHashTableIter iter;
  gpointer name, text;

  if (run_in_own_process ())
    {
      remove_folder (folder);
      return;
    }

  g_setenv ("SRUDP_QLOG", folder, TRUE);
  talk ();

  /* The worker has a last word after everything is closed. */
  for (texts = read_folder (folder); !has_both_to_the_end (texts);
       texts = read_folder (folder))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_hash_table_unref (texts);
      g_usleep (10 * 1000);
    }

  g_assert_cmpuint (g_hash_table_size (texts), ==, 2);
  g_hash_table_iter_init (&iter, texts);
  while (g_hash_table_iter_next (&iter, &name, &text))
    check_trace (name, text);

  remove_folder (folder);
}

/* Said once for each endpoint, and nothing else is the worse for it. */
static void
test_no_such_folder (void)
{
  if (run_in_own_process ())
    {
      g_test_trap_assert_stderr ("*SRUDP_QLOG: cannot write "
                                 "/nowhere/at/all/*_*.sqlog:*");
      g_test_trap_assert_stderr_unmatched ("*cannot write*cannot write*"
                                           "cannot write*");
      return;
    }

  g_setenv ("SRUDP_QLOG", "/nowhere/at/all", TRUE);
  talk ();
}

/* Off is off: no file, in no folder. */
static void
test_off (void)
{
  g_autofree char *folder = g_dir_make_tmp ("srudp-qlog-XXXXXX", NULL);

  if (run_in_own_process ())
    {
      remove_folder (folder);
      return;
    }

  g_setenv ("SRUDP_QLOG", "", TRUE);
  g_assert_cmpint (g_chdir (folder), ==, 0);
  talk ();
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  remove_folder (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/qlog/both-ends-leave-a-trace", test_traces);
  g_test_add_func ("/qlog/a-missing-folder-is-told-once", test_no_such_folder);
  g_test_add_func ("/qlog/off", test_off);

  return g_test_run ();
}
