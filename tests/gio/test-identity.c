/*
 * SPDX-License-Identifier: MIT
 *
 * test-identity.c: identities, peer ids and their texts
 */
#include <srudp-glib/srudp-glib.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* RFC 7748, section 6.1: Alice's key pair. */
static const guint8 alice_secret[32] = {
  0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
  0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
  0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
};
static const guint8 alice_public[32] = {
  0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
  0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
  0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a,
};

static void
test_known_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) identity = srudp_identity_new_from_bytes (
    alice_secret, sizeof alice_secret, &error);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_no_error (error);
  bytes = srudp_peer_id_to_bytes (srudp_identity_get_peer_id (identity));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                   alice_public, sizeof alice_public);
}

static void
test_fresh_ones_differ (void)
{
  g_autoptr (SrudpIdentity) a = srudp_identity_new ();
  g_autoptr (SrudpIdentity) b = srudp_identity_generate ();

  g_assert_false (srudp_peer_id_equal (srudp_identity_get_peer_id (a),
                                       srudp_identity_get_peer_id (b)));
}

/* An identity, and a file for it in a folder of its own. */
typedef struct
{
  SrudpIdentity *identity;
  char *folder, *path;
  GFile *file;
} Saved;

static void
set_up (Saved         *saved,
        gconstpointer  data)
{
  saved->identity = srudp_identity_new ();
  saved->folder = g_dir_make_tmp ("srudp-XXXXXX", NULL);
  saved->path = g_build_filename (saved->folder, "identity", NULL);
  saved->file = g_file_new_for_path (saved->path);
}

static void
tear_down (Saved         *saved,
           gconstpointer  data)
{
  g_assert_cmpint (g_remove (saved->path), ==, 0);
  g_assert_cmpint (g_rmdir (saved->folder), ==, 0);
  g_object_unref (saved->file);
  g_free (saved->path);
  g_free (saved->folder);
  g_object_unref (saved->identity);
}

static void
assert_same_peer (SrudpIdentity *a,
                  SrudpIdentity *b)
{
  g_assert_true (srudp_peer_id_equal (srudp_identity_get_peer_id (a),
                                      srudp_identity_get_peer_id (b)));
}

static void
test_file (Saved         *saved,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) read = NULL;
  g_autofree char *former = g_strconcat (saved->path, ".former", NULL);
  g_autofree char *text = NULL;
  GStatBuf status;

  /* One that everybody can read is there already. */
  g_file_set_contents (saved->path, "old", -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (saved->path, 0666), ==, 0);
  g_assert_cmpint (link (saved->path, former), ==, 0);

  srudp_identity_save (saved->identity, saved->file, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (saved->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  /* Another one is in its place, whole: the former was not written to. */
  g_assert_true (g_file_get_contents (former, &text, NULL, &error));
  g_assert_cmpstr (text, ==, "old");
  g_assert_cmpint (g_unlink (former), ==, 0);

  read = srudp_identity_new_from_file (saved->file, NULL, &error);
  g_assert_no_error (error);
  assert_same_peer (saved->identity, read);
}

static void
store_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static SrudpIdentity *
read_encrypted (const Saved  *saved,
                const char   *passphrase,
                GError      **error)
{
  return srudp_identity_new_from_encrypted_file (saved->file, passphrase, NULL,
                                                 error);
}

/* The file is of use to nobody who lacks the passphrase, and one that was
 * changed to nobody at all. */
static void
test_encrypted_file (Saved         *saved,
                     gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) read = NULL;
  g_autofree char *text = NULL;
  GStatBuf status;
  gsize size;

  srudp_identity_save_encrypted (saved->identity, saved->file,
                                 "Gr\u00fc\u00dfe", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (saved->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  /* Another way to write the same. */
  read = read_encrypted (saved, "Gru\u0308\u00dfe", &error);
  g_assert_no_error (error);
  assert_same_peer (saved->identity, read);

  g_assert_null (read_encrypted (saved, "", &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_null (srudp_identity_new_from_file (saved->file, NULL, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
  g_clear_error (&error);

  g_assert_true (g_file_get_contents (saved->path, &text, &size, NULL));
  text[size - 2] = text[size - 2] == '0' ? '1' : '0';
  g_assert_true (g_file_set_contents (saved->path, text, (gssize) size, NULL));
  g_assert_null (read_encrypted (saved, "Gr\u00fc\u00dfe", &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE);
}

static void
test_encrypted_file_async (Saved         *saved,
                           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) read = NULL;
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;

  srudp_identity_save_encrypted_async (saved->identity, saved->file, "pea",
                                       NULL, store_result_cb, &first);
  while (first == NULL)
    g_main_context_iteration (NULL, TRUE);
  srudp_identity_save_encrypted_finish (saved->identity, first, &error);
  g_assert_no_error (error);

  srudp_identity_new_from_encrypted_file_async (saved->file, "pea", NULL,
                                                store_result_cb, &second);
  while (second == NULL)
    g_main_context_iteration (NULL, TRUE);
  read = srudp_identity_new_from_encrypted_file_finish (second, &error);
  g_assert_no_error (error);
  assert_same_peer (saved->identity, read);
}

/* What isn't one is refused before any work, and so is one that asks for all
 * memory there is. */
static void
test_bad_encrypted_file (Saved         *saved,
                         gconstpointer  data)
{
  g_autofree char *zeros = g_strnfill (2 * 96, '0');
  g_autofree char *none = g_strconcat ("srudp-identity-encrypted-1 ", zeros,
                                       "\n", NULL);
  g_autofree char *greedy = g_strconcat (
    "srudp-identity-encrypted-1 00000001ffffffff", zeros + 16, "\n", NULL);
  g_autofree char *longer = g_strconcat (none, "0", NULL);
  g_autofree char *no_digits = g_strdelimit (g_strdup (none), "0", 'x');
  const char *contents[] = { "", "srudp-identity-encrypted-1 ", none, greedy,
                             longer, no_digits };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_assert_true (g_file_set_contents (saved->path, contents[i], -1, NULL));
      g_assert_null (read_encrypted (saved, "pea", &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
      g_clear_error (&error);
    }
}

static void
test_bad_file (Saved         *saved,
               gconstpointer  data)
{
  static const char *const contents[] = {
    "", "\n", "srudp-identity-1", "something else",
    "sp1-00000000-00000000-00000000-00000000-00000000-00000000-00000000",
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (srudp_identity_new_from_file (saved->file, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_assert_true (g_file_set_contents (saved->path, contents[i], -1, NULL));
      g_assert_null (srudp_identity_new_from_file (saved->file, NULL, &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
      g_clear_error (&error);
    }
}

static void
test_text_round_trip (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (SrudpIdentity) identity = srudp_identity_new ();
      SrudpPeerId *peer_id = srudp_identity_get_peer_id (identity);
      g_autofree char *text = srudp_peer_id_to_string (peer_id);
      g_autofree char *shouted = g_ascii_strup (text, -1);
      g_autofree char *padded = g_strdup_printf ("  %s\n", text);
      g_auto (GStrv) groups = g_strsplit (text, "-", -1);
      g_autofree char *joined = g_strjoinv ("", groups);
      const char *forms[] = { text, shouted, padded, joined };

      g_assert_true (g_str_has_prefix (text, "sp1-"));
      for (guint f = 0; f < G_N_ELEMENTS (forms); f++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (SrudpPeerId) read =
            srudp_peer_id_new_from_string (forms[f], &error);

          g_assert_no_error (error);
          g_assert_true (srudp_peer_id_equal (read, peer_id));
          g_assert_cmpuint (srudp_peer_id_hash (read), ==,
                            srudp_peer_id_hash (peer_id));
        }
    }
}

/* The text is part of the interface: it must never change. */
static void
test_known_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpPeerId) alice = srudp_peer_id_new_from_bytes (
    alice_public, sizeof alice_public, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = srudp_peer_id_to_string (alice);
  g_assert_cmpstr (text, ==, "sp1-gmgf02c9-62kn8x4b-fqeb8fqq-b86vyegd-"
                   "4rw1nx7b-mjmrxamv-9sn5nsr1");
}

static void
test_mistyped_text (void)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_new ();
  g_autofree char *text =
    srudp_peer_id_to_string (srudp_identity_get_peer_id (identity));

  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autofree char *wrong = g_strdup (text);
      g_autoptr (GError) error = NULL;

      if (text[i] == '-')
        continue;
      wrong[i] = text[i] == '7' ? '8' : '7';
      g_assert_null (srudp_peer_id_new_from_string (wrong, &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
    }
}

static void
test_wrong_length (void)
{
  guint8 data[33] = { 0 };
  static const gsize sizes[] = { 0, 1, 31, 33 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (srudp_peer_id_new_from_bytes (data, sizes[i], &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
      g_clear_error (&error);
      g_assert_null (srudp_identity_new_from_bytes (data, sizes[i], &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY);
    }
}

static void
add (const char *path,
     void      (*test) (Saved *, gconstpointer))
{
  g_test_add (path, Saved, NULL, set_up, test, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/identity/known-key-pair", test_known_key);
  g_test_add_func ("/identity/fresh-ones-differ", test_fresh_ones_differ);
  add ("/identity/saved-file-is-private", test_file);
  add ("/identity/damaged-file", test_bad_file);
  add ("/identity/encrypted-file", test_encrypted_file);
  add ("/identity/encrypted-file-async", test_encrypted_file_async);
  add ("/identity/damaged-encrypted-file", test_bad_encrypted_file);
  g_test_add_func ("/identity/wrong-length", test_wrong_length);
  g_test_add_func ("/peer-id/text-round-trip", test_text_round_trip);
  g_test_add_func ("/peer-id/known-text", test_known_text);
  g_test_add_func ("/peer-id/every-mistyped-letter-is-noticed",
                   test_mistyped_text);

  return g_test_run ();
}
