/*
 * SPDX-License-Identifier: MIT
 *
 * test-debug.c: SRUDP_DEBUG tells what the library does, and no secret
 */
#include "support.h"

#include <string.h>

#define SECRET_WORDS "these words are for one reader only"
#define PASSPHRASE "quiet wolves sing at noon"

/* What was noted, by category: category → lines */
static GMutex lock;
static GHashTable *noted;

static const char *
find_field (const GLogField *fields,
            gsize            n_fields,
            const char      *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, key))
      return fields[i].value;
  return NULL;
}

static GLogWriterOutput
keep_cb (GLogLevelFlags   level,
         const GLogField *fields,
         gsize            n_fields,
         gpointer         user_data)
{
  const char *category = find_field (fields, n_fields, "SRUDP_CATEGORY");
  const char *message = find_field (fields, n_fields, "MESSAGE");
  GString *lines;

  if (category == NULL)
    return g_log_writer_default (level, fields, n_fields, user_data);

  g_assert_cmpstr (find_field (fields, n_fields, "GLIB_DOMAIN"), ==, "Srudp");
  g_mutex_lock (&lock);
  lines = g_hash_table_lookup (noted, category);
  if (lines == NULL)
    {
      lines = g_string_new (NULL);
      g_hash_table_insert (noted, g_strdup (category), lines);
    }
  g_string_append_printf (lines, "%s\n", message);
  g_mutex_unlock (&lock);
  return G_LOG_WRITER_HANDLED;
}

static void
free_lines (gpointer lines)
{
  g_string_free (lines, TRUE);
}

/* Before there are threads, as the environment is. */
static void
listen_to (const char *categories)
{
  g_setenv ("SRUDP_DEBUG", categories, TRUE);
  noted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_lines);
  g_log_set_writer_func (keep_cb, NULL, NULL);
}

static char *
dup_noted (const char *category)
{
  GString *lines;
  char *text;

  g_mutex_lock (&lock);
  lines = g_hash_table_lookup (noted, category);
  text = g_strdup (lines != NULL ? lines->str : "");
  g_mutex_unlock (&lock);
  return text;
}

/* A worker tells of its last step after everybody else has gone on. */
static void
expect_noted (const char *category,
              const char *pattern)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;

  for (;;)
    {
      g_autofree char *text = dup_noted (category);

      if (g_pattern_match_simple (pattern, text))
        return;
      if (g_get_monotonic_time () > deadline)
        g_error ("%s: no %s in\n%s", category, pattern, text);
      g_usleep (10 * 1000);
    }
}

static void
expect_nowhere (const char *secret)
{
  GHashTableIter iter;
  gpointer lines;

  g_mutex_lock (&lock);
  g_hash_table_iter_init (&iter, noted);
  while (g_hash_table_iter_next (&iter, NULL, &lines))
    g_assert_null (strstr (((GString *) lines)->str, secret));
  g_mutex_unlock (&lock);
}

static void
meet_and_talk (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) here = srudp_endpoint_new_for_port (0, &error);
  g_autoptr (SrudpEndpoint) there = srudp_endpoint_new_for_port (0, &error);
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autofree char *text = NULL;

  srudp_endpoint_set_accept_incoming (here, TRUE);
  srudp_endpoint_set_passphrase (here, PASSPHRASE);
  srudp_endpoint_set_passphrase (there, PASSPHRASE);
  invitation = srudp_endpoint_create_invitation (here, NULL, &error);
  g_assert_no_error (error);
  a = srudp_endpoint_connect_to (there, G_SOCKET_CONNECTABLE (invitation), NULL,
                                 &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (here, NULL, &error);
  g_assert_no_error (error);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), SECRET_WORDS);
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), SECRET_WORDS);
  g_io_stream_close (G_IO_STREAM (a), NULL, &error);
  g_assert_no_error (error);
  srudp_endpoint_close (here, NULL, &error);
  srudp_endpoint_close (there, NULL, &error);

  /* What it shares with all invitations is no secret: look for the rest. */
  text = srudp_invitation_to_string (invitation);
  expect_nowhere (text + strlen ("srudp:"));
}

static void
test_all (void)
{
  if (run_in_own_process ())
    return;

  listen_to ("all");
  meet_and_talk ();
  expect_noted ("endpoint", "*: bound to *:*: closed*");
  expect_noted ("candidates", "* is tried*");
  expect_noted ("connection", "*: established*: closed*: ended orderly*");
  expect_noted ("connection", "*: from * to *");
  expect_nowhere ("words");
  expect_nowhere ("wolves");
}

static void
test_one (void)
{
  if (run_in_own_process ())
    return;

  listen_to ("endpoint");
  meet_and_talk ();
  expect_noted ("endpoint", "*: closed*");
  g_assert_cmpuint (g_hash_table_size (noted), ==, 1);
}

static void
test_refusals (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) here = NULL;
  g_autoptr (SrudpEndpoint) there = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GSocketAddress) bound = NULL;
  g_autofree char *address = NULL;

  if (run_in_own_process ())
    return;

  listen_to ("handshake");
  here = srudp_endpoint_new_for_port (0, &error);
  there = srudp_endpoint_new_for_port (0, &error);
  srudp_endpoint_set_accept_incoming (here, TRUE);
  srudp_endpoint_set_passphrase (here, PASSPHRASE);
  srudp_endpoint_set_passphrase (there, "loud wolves");
  bound = srudp_endpoint_get_local_address (here, &error);
  g_assert_no_error (error);
  address = g_strdup_printf (
    "127.0.0.1:%u",
    g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  connection = srudp_endpoint_connect_to_host (there, address, 0, NULL, &error);
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE);
  g_assert_null (connection);
  expect_noted ("handshake", "*handshake: *127.0.0.1:*: *passphrase*");
  expect_nowhere ("wolves");
}

static void
test_nothing (void)
{
  if (run_in_own_process ())
    return;

  listen_to ("");
  meet_and_talk ();
  g_assert_cmpuint (g_hash_table_size (noted), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/debug/all-categories", test_all);
  g_test_add_func ("/debug/one-category", test_one);
  g_test_add_func ("/debug/refused-handshakes", test_refusals);
  g_test_add_func ("/debug/nothing-unless-asked", test_nothing);

  return g_test_run ();
}
