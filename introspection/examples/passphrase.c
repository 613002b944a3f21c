/*
 * SPDX-License-Identifier: MIT
 *
 * passphrase.c: connects two people who have agreed on some words
 *
 * usage: passphrase HOST[:PORT] [LOCAL-PORT] <WORDS
 *
 * The words come from standard input, for others can read a command line.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdio.h>
#include <stdlib.h>

static gboolean
meet (const char  *peer,
      guint16      local_port,
      const char  *words,
      GError     **error)
{
  g_autoptr (SrudpEndpoint) endpoint =
    srudp_endpoint_new_for_port (local_port, error);
  g_autoptr (SrudpConnection) connection = NULL;

  if (endpoint == NULL)
    return FALSE;
  srudp_endpoint_set_passphrase (endpoint, words);
  connection = srudp_endpoint_connect_to_host (endpoint, peer, 12345, NULL,
                                               error);
  if (connection == NULL)
    return FALSE;
  g_print ("both know it\n");
  return g_io_stream_close (G_IO_STREAM (connection), NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  char words[256] = "";

  if (argc < 2)
    {
      g_printerr ("usage: passphrase HOST[:PORT] [LOCAL-PORT] <WORDS\n");
      return 2;
    }
  if (fgets (words, sizeof words, stdin) == NULL)
    {
      g_printerr ("passphrase: no words\n");
      return 2;
    }

  g_strchomp (words);
  if (meet (argv[1], (guint16) (argc > 2 ? atoi (argv[2]) : 12345), words,
            &error))
    return 0;
  if (g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE))
    {
      g_print ("they differ\n");
      return 0;
    }
  g_printerr ("passphrase: %s\n", error->message);
  return 1;
}
