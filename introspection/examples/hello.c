/*
 * SPDX-License-Identifier: MIT
 *
 * hello.c: says hello every three seconds, and shows it on the other side
 *
 * usage: hello send|receive HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
 *
 * Start one to send and one to receive, in any order; each names the other.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdlib.h>

static gboolean
send_hello (GOutputStream  *output,
            int             count,
            double          seconds,
            GError        **error)
{
  for (int sent = 0; count == 0 || sent < count; sent++)
    {
      if (!g_output_stream_printf (output, NULL, NULL, error, "hello %.3f\n",
                                   (double) g_get_real_time () / 1e6))
        return FALSE;
      g_usleep ((gulong) (seconds * 1e6));
    }
  return TRUE;
}

static gboolean
receive (GInputStream  *input,
         GError       **error)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  g_autoptr (GError) failure = NULL;
  char *line;

  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, &failure)))
    {
      g_print ("%s\n", line);
      g_free (line);
    }

  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
talk (int      argc,
      char   **argv,
      GError **error)
{
  guint16 local_port = (guint16) (argc > 3 ? atoi (argv[3]) : 12345);
  g_autoptr (SrudpEndpoint) endpoint =
    srudp_endpoint_new_for_port (local_port, error);
  g_autoptr (SrudpConnection) connection = NULL;
  GIOStream *stream;
  gboolean ok;

  if (endpoint == NULL)
    return FALSE;
  connection = srudp_endpoint_connect_to_host (endpoint, argv[2], 12345, NULL,
                                               error);
  if (connection == NULL)
    return FALSE;

  stream = G_IO_STREAM (connection);
  if (g_str_equal (argv[1], "send"))
    ok = send_hello (g_io_stream_get_output_stream (stream),
                     argc > 4 ? atoi (argv[4]) : 0,
                     argc > 5 ? g_ascii_strtod (argv[5], NULL) : 3, error);
  else
    ok = receive (g_io_stream_get_input_stream (stream), error);

  return ok && g_io_stream_close (stream, NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc < 3
      || !(g_str_equal (argv[1], "send") || g_str_equal (argv[1], "receive")))
    {
      g_printerr ("usage: hello send|receive HOST[:PORT] "
                  "[LOCAL-PORT [COUNT [SECONDS]]]\n");
      return 2;
    }
  if (!talk (argc, argv, &error))
    {
      g_printerr ("hello: %s\n", error->message);
      return 1;
    }
  g_print ("closed\n");
  return 0;
}
