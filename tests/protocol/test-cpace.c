/*
 * SPDX-License-Identifier: MIT
 *
 * test-cpace.c: the passphrase exchange is CPace on ristretto255
 */
#include "srudp-cpace.h"

#include "test-bytes.h"

static const char vector_group[] = "\"G_Coffee25519\"";

/* The first string value of a name, from `text` on. */
static GByteArray *
get_bytes (const char *text,
           const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("\"%s\"\\s*:\\s*\"([^\"]*)\"", name);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *hex = NULL;

  g_assert_true (g_regex_match (regex, text, 0, &match));
  hex = g_match_info_fetch (match, 1);

  return test_bytes_from_hex (hex);
}

static SrudpSpan
as_span (GByteArray *bytes)
{
  return (SrudpSpan) { bytes->data, bytes->len };
}

static void
check_vector (const char *text)
{
  g_autoptr (GByteArray) passphrase = get_bytes (text, "PRS");
  g_autoptr (GByteArray) channel = get_bytes (text, "CI");
  g_autoptr (GByteArray) sid = get_bytes (text, "sid");
  g_autoptr (GByteArray) generator = get_bytes (text, "g");
  g_autoptr (GByteArray) scalar_a = get_bytes (text, "ya");
  g_autoptr (GByteArray) scalar_b = get_bytes (text, "yb");
  g_autoptr (GByteArray) share_a = get_bytes (text, "Ya");
  g_autoptr (GByteArray) share_b = get_bytes (text, "Yb");
  g_autoptr (GByteArray) data_a = get_bytes (text, "ADa");
  g_autoptr (GByteArray) data_b = get_bytes (text, "ADb");
  g_autoptr (GByteArray) isk = get_bytes (text, "ISK_SY");
  SrudpCpaceSide a = { share_a->data, as_span (data_a) };
  SrudpCpaceSide b = { share_b->data, as_span (data_b) };
  guint8 point[SRUDP_RISTRETTO_BYTES], key[SRUDP_CPACE_ISK_BYTES];

  srudp_cpace_generator (point, as_span (passphrase), as_span (channel),
                         as_span (sid));
  g_assert_cmpmem (point, sizeof point, generator->data, generator->len);

  g_assert_true (srudp_ristretto_multiply (point, scalar_a->data,
                                           generator->data));
  g_assert_cmpmem (point, sizeof point, share_a->data, share_a->len);
  g_assert_true (srudp_ristretto_multiply (point, scalar_b->data,
                                           generator->data));
  g_assert_cmpmem (point, sizeof point, share_b->data, share_b->len);

  g_assert_true (srudp_cpace_finish (key, scalar_a->data, as_span (sid), &a, &b));
  g_assert_cmpmem (key, sizeof key, isk->data, isk->len);
  g_assert_true (srudp_cpace_finish (key, scalar_b->data, as_span (sid), &b, &a));
  g_assert_cmpmem (key, sizeof key, isk->data, isk->len);
}

/* draft-irtf-cfrg-cpace, appendix B.3 */
static const char embedded_vector[] =
  "\"PRS\": \"50617373776F7264\","
  "\"CI\": \"0B415F696E69746961746F720B425F726573706F6E646572\","
  "\"sid\": \"7E4B4791D6A8EF019B936C79FB7F2C57\","
  "\"g\": \"222B6B195FE84B1652BADB6F6A3AE3D24341E7306967F0B8115B40D5698C7E56\","
  "\"ya\": \"DA3D23700A9E5699258AEF94DC060DFDA5EBB61F02A5EA77FAD53F4FF0976D08\","
  "\"ADa\": \"414461\","
  "\"Ya\": \"D6BAC480F2C386C394EFC7C47ADB9925DCD2630B64F240C50F8D0EEC482B9157\","
  "\"yb\": \"D2316B454718C35362D83D69DF6320F38578ED5984651435E2949762D900B80D\","
  "\"ADb\": \"414462\","
  "\"Yb\": \"3EA7E0B19560D7C0B0F5734F63B955286DFA8232B5EBE63324E2D9E7433F7258\","
  "\"ISK_SY\": \"544199D71F62F8D9A1FEE55727E24FE4A45844593C2B6013C4FA3969D0E5DEBB"
  "2244675C0B43397CBB68D342B01FC0F98FC961469A25134DE9F0F813C1A57476\"";

static void
test_embedded_vector (void)
{
  check_vector (embedded_vector);
}

static void
test_published_vector (void)
{
  const char *shared_dir = g_getenv ("SRUDP_SHARED_DIR");
  g_autofree char *beside_source =
    g_test_build_filename (G_TEST_DIST, "..", "..", "shared", NULL);
  g_autofree char *path =
    g_build_filename (shared_dir != NULL ? shared_dir : beside_source, "vectors",
                      "cpace-ristretto255.json", NULL);
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    {
      g_autofree char *reason = g_strdup_printf ("no published vectors at %s", path);

      g_test_skip (reason);
      return;
    }

  at = strstr (text, vector_group);
  g_assert_nonnull (at);
  check_vector (at);
}

/* Neither may decide the key alone: what is no point, or only the neutral one,
 * is refused. */
static void
test_bad_shares (void)
{
  static const char *const bad[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c",
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  guint8 scalar[SRUDP_RISTRETTO_BYTES] = { 7 };
  guint8 share[SRUDP_RISTRETTO_BYTES], key[SRUDP_CPACE_ISK_BYTES] = { 0x55 };
  SrudpSpan nothing = { NULL, 0 };
  SrudpCpaceSide own = { share, nothing };

  srudp_cpace_generator (share, (SrudpSpan) { "x", 1 }, nothing, nothing);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint8 bytes[SRUDP_RISTRETTO_BYTES];
      SrudpCpaceSide peer = { bytes, nothing };

      test_bytes_fill (bytes, sizeof bytes, bad[i]);
      g_assert_false (srudp_cpace_finish (key, scalar, nothing, &own, &peer));
      g_assert_cmpuint (key[0], ==, 0x55);
    }
}

/* Around the block of the hash, and where a length takes a second byte. */
static void
test_long_passphrases (void)
{
  g_autofree char *text = g_strnfill (300, 'a');
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                                       (GDestroyNotify) g_bytes_unref,
                                                       NULL);
  SrudpSpan nothing = { NULL, 0 };

  for (gsize size = 0; size <= 300; size++)
    {
      guint8 point[SRUDP_RISTRETTO_BYTES];

      srudp_cpace_generator (point, (SrudpSpan) { text, size }, nothing, nothing);
      g_hash_table_add (seen, g_bytes_new (point, sizeof point));
    }

  g_assert_cmpuint (g_hash_table_size (seen), ==, 301);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_test_add_func ("/cpace/vector-of-the-draft", test_embedded_vector);
  g_test_add_func ("/cpace/published-vectors", test_published_vector);
  g_test_add_func ("/cpace/bad-shares-are-refused", test_bad_shares);
  g_test_add_func ("/cpace/passphrases-of-any-length", test_long_passphrases);

  return g_test_run ();
}
