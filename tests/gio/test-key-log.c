/*
 * SPDX-License-Identifier: MIT
 *
 * test-key-log.c: whoever starts a program gets its keys, but not more than that
 *
 * As root the program copies itself into a folder, as one that has rights of its
 * own (setgid), and starts the copy as somebody else.
 */
#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-key-log-file-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nobody has these, nor needs to. */
#define USER 54321
#define OWN_GROUP 54321
#define GROUP_OF_THE_PROGRAM 54322

#define CHILD "--write-keys"

/* What the child ends with. */
enum
{
  WRITES_KEYS = 10,
  WRITES_KEYS_WITH_RIGHTS,
  REFUSES,
  REFUSES_WITH_RIGHTS,
};

/* In the child: an engine of a program that was asked for its keys. */
static int
write_keys (void)
{
  SrudpEngineConfig config = { .random = srudp_crypto_random };
  gboolean has_rights = getauxval (AT_SECURE) != 0;
  SrudpKeyLogFile *log;
  SrudpEngine *engine;

  g_assert_true (srudp_crypto_init ());
  engine = srudp_engine_new (&config, 0);
  log = srudp_key_log_file_new (engine);
  srudp_key_log_file_free (log);
  srudp_engine_free (engine);

  return (log != NULL ? WRITES_KEYS : REFUSES) + (has_rights ? 1 : 0);
}

static void
become_somebody_cb (gpointer user_data)
{
  if (setgroups (0, NULL) != 0 || setgid (OWN_GROUP) != 0 || setuid (USER) != 0)
    _exit (errno);
}

static int
run (const char *program,
     const char *path,
     gboolean    as_somebody)
{
  const char *argv[] = { program, CHILD, NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "SRUDP_KEYLOG",
                                                 path, TRUE);
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_DEFAULT,
                as_somebody ? become_somebody_cb : NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));

  return WEXITSTATUS (status);
}

static const char *own_path;

/* A copy that others can run, with a mode of its own. */
static char *
copy_program (const char *folder,
              mode_t      mode)
{
  g_autofree char *text = NULL;
  char *copy = g_strdup_printf ("%s/program-%o", folder, (guint) mode);
  gsize size;

  g_assert_true (g_file_get_contents (own_path, &text, &size, NULL));
  g_assert_true (g_file_set_contents (copy, text, (gssize) size, NULL));
  if (geteuid () == 0)
    g_assert_cmpint (chown (copy, 0, GROUP_OF_THE_PROGRAM), ==, 0);
  g_assert_cmpint (g_chmod (copy, mode), ==, 0);

  return copy;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_private (void)
{
  g_autofree char *folder = g_dir_make_tmp ("srudp-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "keys", NULL);
  GStatBuf buf;

  g_assert_cmpint (run (own_path, path, FALSE), ==, WRITES_KEYS);
  g_assert_cmpint (g_stat (path, &buf), ==, 0);
  g_assert_cmpint (buf.st_mode & 07777, ==, 0600);
  remove_folder (folder);
}

/* A link there may lead to somebody else's file. */
static void
test_link (void)
{
  g_autofree char *folder = g_dir_make_tmp ("srudp-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "keys", NULL);
  g_autofree char *target = g_build_filename (folder, "target", NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
  g_assert_cmpint (run (own_path, path, FALSE), ==, REFUSES);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  remove_folder (folder);
}

static void
try_with_rights (const char *folder)
{
  g_autofree char *plain = copy_program (folder, 0755);
  g_autofree char *setgid_copy = copy_program (folder, 02755);
  g_autofree char *path = g_build_filename (folder, "keys", NULL);
  g_autofree char *other = g_build_filename (folder, "other-keys", NULL);
  int result;

  g_assert_cmpint (g_chmod (folder, 0777), ==, 0);
  /* It is not for want of permission that nothing is written. */
  g_assert_cmpint (run (plain, other, TRUE), ==, WRITES_KEYS);
  result = run (setgid_copy, path, TRUE);
  g_assert_false (result == WRITES_KEYS_WITH_RIGHTS);
  if (result == REFUSES_WITH_RIGHTS)
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  else
    g_test_skip ("programs in the folder for temporary files get no rights");
}

static void
test_rights (void)
{
  g_autofree char *folder = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a program rights of its own");
      return;
    }
  folder = g_dir_make_tmp ("srudp-XXXXXX", NULL);
  try_with_rights (folder);
  remove_folder (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);

  /* At once: what looks for leaks at the end may not look at such a program. */
  if (argc == 2 && g_str_equal (argv[1], CHILD))
    _exit (write_keys ());

  g_test_init (&argc, &argv, NULL);
  own_path = g_file_test (argv[0], G_FILE_TEST_IS_EXECUTABLE) ? argv[0] : path;
  g_test_add_func ("/key-log/is-private", test_private);
  g_test_add_func ("/key-log/follows-no-link", test_link);
  g_test_add_func ("/key-log/not-of-a-program-with-rights", test_rights);

  return g_test_run ();
}
