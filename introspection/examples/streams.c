/*
 * SPDX-License-Identifier: MIT
 *
 * streams.c: sends several things at once, none of which waits for another
 *
 * usage: streams HOST[:PORT] LOCAL-PORT WORD…
 */
#include <srudp-glib/srudp-glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  SrudpConnection *connection;
  char           **words;
  GError          *error;
} Sender;

static gboolean
send_word (SrudpConnection  *connection,
           const char       *word,
           GError          **error)
{
  g_autoptr (SrudpStream) stream =
    srudp_connection_open_stream (connection, NULL, error);

  return stream != NULL
         && g_output_stream_write_all (
              g_io_stream_get_output_stream (G_IO_STREAM (stream)), word,
              strlen (word), NULL, NULL, error)
         && g_io_stream_close (G_IO_STREAM (stream), NULL, error);
}

static gpointer
send_thread (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; self->words[i] != NULL; i++)
    if (!send_word (self->connection, self->words[i], &self->error))
      return NULL;
  /* The first stream tells how many others there are. */
  g_output_stream_printf (
    g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), NULL, NULL,
    &self->error, "%u\n", g_strv_length (self->words));
  return NULL;
}

static gboolean
show_next (SrudpConnection  *connection,
           GError          **error)
{
  g_autoptr (SrudpStream) stream =
    srudp_connection_accept_stream (connection, NULL, error);
  g_autoptr (GOutputStream) received = g_memory_output_stream_new_resizable ();
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (received);

  if (stream == NULL
      || g_output_stream_splice (
           received, g_io_stream_get_input_stream (G_IO_STREAM (stream)),
           G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) < 0)
    return FALSE;
  /* Not g_print(), which takes it for text and changes it. */
  fwrite (g_memory_output_stream_get_data (memory), 1,
          g_memory_output_stream_get_data_size (memory), stdout);
  putchar ('\n');
  return g_io_stream_close (G_IO_STREAM (stream), NULL, error);
}

static gboolean
receive (SrudpConnection  *connection,
         GError          **error)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (
    g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_autofree char *line =
    g_data_input_stream_read_line (lines, NULL, NULL, error);

  if (line == NULL)
    return FALSE;
  for (int left = atoi (line); left > 0; left--)
    if (!show_next (connection, error))
      return FALSE;
  return TRUE;
}

static gboolean
talk (SrudpConnection  *connection,
      char            **words,
      GError          **error)
{
  Sender sender = { connection, words, NULL };
  GThread *thread = g_thread_new ("sender", send_thread, &sender);
  gboolean ok = receive (connection, error);

  g_thread_join (thread);
  if (ok && sender.error == NULL)
    return g_io_stream_close (G_IO_STREAM (connection), NULL, error);
  if (ok)
    g_propagate_error (error, sender.error);
  else
    g_clear_error (&sender.error);
  return FALSE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint = NULL;
  g_autoptr (SrudpConnection) connection = NULL;

  if (argc < 4)
    {
      g_printerr ("usage: streams HOST[:PORT] LOCAL-PORT WORD…\n");
      return 2;
    }
  endpoint = srudp_endpoint_new_for_port ((guint16) atoi (argv[2]), &error);
  if (endpoint != NULL)
    connection = srudp_endpoint_connect_to_host (endpoint, argv[1], 12345, NULL,
                                                 &error);
  if (connection != NULL && talk (connection, argv + 3, &error))
    return 0;
  g_printerr ("streams: %s\n", error->message);
  return 1;
}
