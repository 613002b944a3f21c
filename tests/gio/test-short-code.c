/*
 * SPDX-License-Identifier: MIT
 *
 * test-short-code.c: seven emoji, when they are known, and who is told
 */
#include "support.h"

#include "srudp-glib/srudp-emoji-private.h"

#include <string.h>

static void
code_known_cb (SrudpConnection  *connection,
               GParamSpec       *pspec,
               char            **code)
{
  g_assert_null (*code);
  *code = srudp_connection_dup_short_code (connection);
  g_assert_nonnull (*code);
}

static void
assert_is_known (const char *emoji)
{
  guint n_found = 0;

  for (guint i = 0; i < SRUDP_N_EMOJI; i++)
    n_found += g_str_equal (srudp_emoji_get (i), emoji);
  g_assert_cmpuint (n_found, ==, 1);
}

/* At once where it was known before the connection was taken, else told once. */
static char *
wait_for_code (SrudpConnection *connection)
{
  char *code = srudp_connection_dup_short_code (connection);
  gulong handler;

  if (code != NULL)
    return code;
  handler = g_signal_connect (connection, "notify::short-code",
                              G_CALLBACK (code_known_cb), &code);
  run_until_set ((gpointer *) &code);
  g_signal_handler_disconnect (connection, handler);
  return code;
}

static void
assert_equal_codes (SrudpConnection *a,
                    SrudpConnection *b)
{
  g_autofree char *code_a = wait_for_code (a);
  g_autofree char *code_b = wait_for_code (b);
  g_autofree char *again = NULL;
  g_auto (GStrv) emoji = NULL;

  g_assert_cmpstr (code_a, ==, code_b);
  g_object_get (a, "short-code", &again, NULL);
  g_assert_cmpstr (again, ==, code_a);
  emoji = g_strsplit (code_a, " ", -1);
  g_assert_cmpuint (g_strv_length (emoji), ==, 7);
  for (guint i = 0; emoji[i] != NULL; i++)
    assert_is_known (emoji[i]);
}

static void
test_one_accepts (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  assert_equal_codes (pair.a, pair.b);
  pair_tear_down (&pair);
}

static void
test_both_open (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = make_connection (endpoint_b, endpoint_a);
  g_autofree char *early = srudp_connection_dup_short_code (a);
  GThread *thread;

  g_assert_null (early);
  thread = g_thread_new ("open", open_now_thread, b);
  open_now (a);
  g_thread_join (thread);
  assert_equal_codes (a, b);
}

/* What nobody has taken yet reveals nothing. */
static void
test_taken_over_by_an_open (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = make_connection (endpoint_b, endpoint_a);
  g_autofree char *early = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  open_now (a);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "early");
  wait_delivered (a);
  run_for (200);
  early = srudp_connection_dup_short_code (a);
  g_assert_null (early);

  open_now (b);
  assert_equal_codes (a, b);
}

/* It can be read when all is over. */
static void
test_after_the_end (void)
{
  Pair pair = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *code = NULL;

  pair_set_up (&pair);
  assert_equal_codes (pair.a, pair.b);
  g_io_stream_close (G_IO_STREAM (pair.a), NULL, &error);
  g_assert_no_error (error);
  code = srudp_connection_dup_short_code (pair.a);
  g_assert_nonnull (code);
  pair_tear_down (&pair);
}

/* One character each, that is shown as a picture without being asked to. */
static void
test_emoji (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < SRUDP_N_EMOJI; i++)
    {
      const char *emoji = srudp_emoji_get (i);

      g_assert_true (g_utf8_validate (emoji, -1, NULL));
      g_assert_cmpint (g_utf8_strlen (emoji, -1), ==, 1);
      g_assert_true (g_unichar_iswide (g_utf8_get_char (emoji)));
      g_assert_true (g_hash_table_add (seen, (gpointer) emoji));
    }
}

/* The page is what others go by. */
static void
test_documented_order (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "..", "docs", "protocol.md", NULL);
  g_autofree char *page = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &page, NULL, &error));
  for (guint first = 0; first < SRUDP_N_EMOJI; first += 8)
    {
      g_autoptr (GString) row = g_string_new (NULL);

      g_string_printf (row, "\n| %u–%u |", first, first + 7);
      for (guint i = first; i < first + 8; i++)
        g_string_append_printf (row, " %s |", srudp_emoji_get (i));
      g_assert_nonnull (strstr (page, row->str));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/short-code/one-opens-and-one-accepts", test_one_accepts);
  g_test_add_func ("/short-code/both-open", test_both_open);
  g_test_add_func ("/short-code/not-before-an-open-takes-it",
                   test_taken_over_by_an_open);
  g_test_add_func ("/short-code/after-the-end", test_after_the_end);
  g_test_add_func ("/short-code/emoji-are-told-apart", test_emoji);
  g_test_add_func ("/short-code/emoji-are-those-of-the-page",
                   test_documented_order);

  return g_test_run ();
}
