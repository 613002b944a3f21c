/*
 * SPDX-License-Identifier: MIT
 *
 * file.c: sends a file, or receives it, and shows how far it is
 *
 * usage: file send|receive FILE HOST[:PORT] [LOCAL-PORT]
 *
 * Start one to send and one to receive, in any order; each names the other.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdlib.h>

#define CHUNK_BYTES 65536

typedef struct
{
  goffset size;
  goffset tenths; /* those that were told */
} Progress;

static void
show (Progress *self,
      goffset   done)
{
  goffset tenths = self->size > 0 ? done * 10 / self->size : 10;

  if (tenths <= self->tenths)
    return;
  self->tenths = tenths;
  g_print ("%d %%\n", (int) tenths * 10);
}

/* Written is not arrived: it counts what the peer has acknowledged. */
static goffset
count_arrived (SrudpConnection *connection,
               goffset          written)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

  return written - (goffset) srudp_stats_get_unacknowledged_bytes (stats);
}

static gboolean
send_bytes (SrudpConnection  *connection,
            GInputStream     *input,
            Progress         *progress,
            GError          **error)
{
  GOutputStream *output =
    g_io_stream_get_output_stream (G_IO_STREAM (connection));
  char chunk[CHUNK_BYTES];
  goffset written = 0;
  gssize n_read;

  while ((n_read = g_input_stream_read (input, chunk, sizeof chunk, NULL,
                                        error)) > 0)
    {
      if (!g_output_stream_write_all (output, chunk, (gsize) n_read, NULL, NULL,
                                      error))
        return FALSE;
      written += n_read;
      show (progress, count_arrived (connection, written));
    }
  return n_read == 0;
}

static gboolean
send_file (SrudpConnection  *connection,
           GFile            *file,
           GError          **error)
{
  g_autoptr (GFileInputStream) input = g_file_read (file, NULL, error);
  g_autoptr (GFileInfo) info = NULL;
  Progress progress = { 0 };

  if (input == NULL)
    return FALSE;
  info = g_file_input_stream_query_info (input, "standard::size", NULL, error);
  if (info == NULL)
    return FALSE;

  progress.size = g_file_info_get_size (info);
  if (!g_output_stream_printf (
        g_io_stream_get_output_stream (G_IO_STREAM (connection)), NULL, NULL,
        error, "%" G_GOFFSET_FORMAT "\n", progress.size)
      || !send_bytes (connection, G_INPUT_STREAM (input), &progress, error)
      || !srudp_connection_wait_delivered (connection, NULL, error))
    return FALSE;
  show (&progress, progress.size);
  return TRUE;
}

static gboolean
receive_bytes (GInputStream   *input,
               GOutputStream  *output,
               Progress       *progress,
               GError        **error)
{
  char chunk[CHUNK_BYTES];
  goffset done = 0;
  gssize n_read;

  while ((n_read = g_input_stream_read (input, chunk, sizeof chunk, NULL,
                                        error)) > 0)
    {
      if (!g_output_stream_write_all (output, chunk, (gsize) n_read, NULL, NULL,
                                      error))
        return FALSE;
      done += n_read;
      show (progress, done);
    }
  if (n_read < 0)
    return FALSE;
  if (done == progress->size)
    {
      show (progress, done);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
               "%" G_GOFFSET_FORMAT " of %" G_GOFFSET_FORMAT " bytes arrived",
               done, progress->size);
  return FALSE;
}

static gboolean
receive_file (SrudpConnection  *connection,
              GFile            *file,
              GError          **error)
{
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (
    g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_autofree char *line =
    g_data_input_stream_read_line (input, NULL, NULL, error);
  g_autoptr (GFileOutputStream) output = NULL;
  Progress progress = { 0 };

  if (line == NULL)
    return FALSE;
  progress.size = g_ascii_strtoll (line, NULL, 10);
  output = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
  return output != NULL
         && receive_bytes (G_INPUT_STREAM (input), G_OUTPUT_STREAM (output),
                           &progress, error)
         && g_output_stream_close (G_OUTPUT_STREAM (output), NULL, error);
}

static gboolean
transfer (int      argc,
          char   **argv,
          GError **error)
{
  guint16 local_port = (guint16) (argc > 4 ? atoi (argv[4]) : 12345);
  g_autoptr (SrudpEndpoint) endpoint =
    srudp_endpoint_new_for_port (local_port, error);
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (argv[2]);
  gboolean ok;

  if (endpoint == NULL)
    return FALSE;
  connection = srudp_endpoint_connect_to_host (endpoint, argv[3], 12345, NULL,
                                               error);
  if (connection == NULL)
    return FALSE;

  ok = g_str_equal (argv[1], "send") ? send_file (connection, file, error)
                                     : receive_file (connection, file, error);
  return ok && g_io_stream_close (G_IO_STREAM (connection), NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc < 4
      || !(g_str_equal (argv[1], "send") || g_str_equal (argv[1], "receive")))
    {
      g_printerr ("usage: file send|receive FILE HOST[:PORT] [LOCAL-PORT]\n");
      return 2;
    }
  if (transfer (argc, argv, &error))
    return 0;
  g_printerr ("file: %s\n", error != NULL ? error->message
                                          : "nothing has arrived");
  return 1;
}
