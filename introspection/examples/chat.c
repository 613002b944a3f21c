/*
 * SPDX-License-Identifier: MIT
 *
 * chat.c: sends what is typed, line by line, and shows what the other types
 *
 * usage: chat HOST[:PORT] [LOCAL-PORT]
 *
 * Start it on both machines, in any order; each names the other.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  GOutputStream *output;
  GError        *error;
} Sender;

static gpointer
send_thread (gpointer data)
{
  Sender *self = data;
  char typed[4096];

  while (fgets (typed, sizeof typed, stdin) != NULL)
    if (!g_output_stream_write_all (self->output, typed, strlen (typed), NULL,
                                    NULL, &self->error))
      return NULL;
  /* That was all from here; the other may go on. */
  g_output_stream_close (self->output, NULL, &self->error);
  return NULL;
}

static gboolean
show (GInputStream  *input,
      GError       **error)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  g_autoptr (GError) failure = NULL;
  char *line;

  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, &failure)))
    {
      /* As it came: g_print() would make it fit the locale. */
      printf ("> %s\n", line);
      fflush (stdout);
      g_free (line);
    }
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  g_print ("the other has ended\n");
  return TRUE;
}

static gboolean
talk (SrudpConnection  *connection,
      GError          **error)
{
  GIOStream *stream = G_IO_STREAM (connection);
  g_autofree char *number = srudp_connection_dup_safety_number (connection);
  Sender sender = { .output = g_io_stream_get_output_stream (stream) };
  GThread *thread;

  g_print ("connected, Ctrl+D ends; compare: %s\n", number);
  thread = g_thread_new ("sender", send_thread, &sender);
  if (!show (g_io_stream_get_input_stream (stream), error))
    return FALSE; /* the program ends, and its thread with it */
  g_thread_join (thread);
  if (sender.error != NULL)
    {
      g_propagate_error (error, sender.error);
      return FALSE;
    }
  return g_io_stream_close (stream, NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint = NULL;
  g_autoptr (SrudpConnection) connection = NULL;

  if (argc < 2)
    {
      g_printerr ("usage: chat HOST[:PORT] [LOCAL-PORT]\n");
      return 2;
    }
  endpoint = srudp_endpoint_new_for_port (
    (guint16) (argc > 2 ? atoi (argv[2]) : 12345), &error);
  if (endpoint != NULL)
    connection = srudp_endpoint_connect_to_host (endpoint, argv[1], 12345, NULL,
                                                 &error);
  if (connection != NULL && talk (connection, &error))
    return 0;
  g_printerr ("chat: %s\n", error->message);
  return 1;
}
