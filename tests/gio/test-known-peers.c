/*
 * SPDX-License-Identifier: MIT
 *
 * test-known-peers.c: trust on first use, and a loud change
 */
#include "support.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static SrudpPeerId *
make_peer_id (void)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_new ();

  return srudp_peer_id_copy (srudp_identity_get_peer_id (identity));
}

static void
test_first_use (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpKnownPeers) known = srudp_known_peers_new ();
  g_autoptr (SrudpPeerId) first = make_peer_id ();
  g_autoptr (SrudpPeerId) other = make_peer_id ();
  g_autoptr (SrudpPeerId) seen = NULL;

  g_assert_null (srudp_known_peers_lookup (known, "Ada"));
  g_assert_true (srudp_known_peers_check (known, "Ada", first, &error));
  g_assert_true (srudp_known_peers_check (known, "Ada", first, &error));
  g_assert_true (srudp_known_peers_set_verified (known, "Ada", TRUE));

  /* It takes more than to come back to be trusted in her place. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (srudp_known_peers_check (known, "Ada", other, &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
      g_assert_nonnull (strstr (error->message, "Ada"));
      g_clear_error (&error);
    }
  seen = srudp_known_peers_lookup (known, "Ada");
  g_assert_true (srudp_peer_id_equal (seen, first));
  g_assert_true (srudp_known_peers_get_verified (known, "Ada"));

  srudp_known_peers_remember (known, "Ada", other);
  g_assert_true (srudp_known_peers_check (known, "Ada", other, &error));
  g_assert_false (srudp_known_peers_get_verified (known, "Ada"));
  g_assert_true (srudp_known_peers_forget (known, "Ada"));
  g_assert_false (srudp_known_peers_forget (known, "Ada"));
  g_assert_false (srudp_known_peers_set_verified (known, "Ada", TRUE));
}

/* Names are what people type. */
static const char *const names[] = {
  "Ada", "", "[peers]", "a\nb", "#no comment", "id=x", "  ", "Zoë\342\200\246",
  "100%25", "203.0.113.7:12345",
};

static GFile *
make_file (char **path)
{
  g_autofree char *directory = g_dir_make_tmp ("srudp-known-XXXXXX", NULL);

  g_assert_nonnull (directory);
  *path = g_build_filename (directory, "known", NULL);
  return g_file_new_for_path (*path);
}

static void
remove_file (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  g_unlink (path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = make_file (&path);
  g_autoptr (SrudpKnownPeers) known =
    srudp_known_peers_new_from_file (file, NULL, &error);
  g_autoptr (SrudpKnownPeers) again = NULL;
  g_auto (GStrv) read = NULL;
  SrudpPeerId *ids[G_N_ELEMENTS (names)];
  struct stat info;

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ids[i] = make_peer_id ();
      g_assert_true (srudp_known_peers_check (known, names[i], ids[i], &error));
      srudp_known_peers_set_verified (known, names[i], i % 2 == 0);
    }
  /* Also over one that everybody could read. */
  g_assert_true (g_file_set_contents_full (path, "", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0644, &error));
  g_assert_true (srudp_known_peers_save (known, file, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  again = srudp_known_peers_new_from_file (file, NULL, &error);
  g_assert_no_error (error);
  read = srudp_known_peers_dup_names (again);
  g_assert_cmpuint (g_strv_length (read), ==, G_N_ELEMENTS (names));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (SrudpPeerId) id = srudp_known_peers_lookup (again, names[i]);

      g_assert_cmpstr (read[i], ==, names[i]);
      g_assert_true (srudp_peer_id_equal (id, ids[i]));
      g_assert_cmpint (srudp_known_peers_get_verified (again, names[i]), ==,
                       i % 2 == 0);
      srudp_peer_id_free (ids[i]);
    }
  remove_file (path);
}

/* Better no store than one in which somebody is missing. */
static void
test_damaged_file (void)
{
  static const char *const texts[] = {
    "not a key file", "[peer Ada]\n", "[peer Ada]\nid=srudp\n", "[Ada]\nid=x\n",
  };
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = make_file (&path);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      g_assert_null (srudp_known_peers_new_from_file (file, NULL, &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
    }
  remove_file (path);
}

static void
test_async (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = make_file (&path);
  g_autoptr (SrudpKnownPeers) known = srudp_known_peers_new ();
  g_autoptr (SrudpKnownPeers) again = NULL;
  g_autoptr (SrudpPeerId) id = make_peer_id ();
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (GAsyncResult) read = NULL;

  srudp_known_peers_remember (known, "Ada", id);
  srudp_known_peers_save_async (known, file, NULL, store_result_cb, &saved);
  run_until_set ((gpointer *) &saved);
  g_assert_true (srudp_known_peers_save_finish (known, saved, &error));
  srudp_known_peers_new_from_file_async (file, NULL, store_result_cb, &read);
  run_until_set ((gpointer *) &read);
  again = srudp_known_peers_new_from_file_finish (read, &error);
  g_assert_no_error (error);
  g_assert_true (srudp_known_peers_check (again, "Ada", id, &error));
  remove_file (path);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/known-peers/trust-on-first-use-and-a-loud-change",
                   test_first_use);
  g_test_add_func ("/known-peers/kept-in-a-file", test_file);
  g_test_add_func ("/known-peers/a-damaged-file-is-no-empty-one",
                   test_damaged_file);
  g_test_add_func ("/known-peers/without-blocking", test_async);

  return g_test_run ();
}
