/*
 * SPDX-License-Identifier: MIT
 *
 * echo.c: a server that sends back what it gets, and a client for it
 *
 * usage: echo serve [PORT [COUNT]]
 *        echo call HOST[:PORT] TEXT
 *
 * With a COUNT the server ends after so many connections.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Until the other side has no more to say. */
static gpointer
answer_thread (gpointer data)
{
  g_autoptr (GIOStream) stream = data;
  g_autoptr (GError) error = NULL;

  if (g_output_stream_splice (g_io_stream_get_output_stream (stream),
                              g_io_stream_get_input_stream (stream),
                              G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error)
        < 0
      || !g_io_stream_close (stream, NULL, &error))
    g_printerr ("echo: %s\n", error->message);
  return NULL;
}

static gboolean
serve (SrudpEndpoint  *endpoint,
       int             count,
       GError        **error)
{
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();

  srudp_endpoint_set_accept_incoming (endpoint, TRUE);
  g_print ("ready\n");
  for (int n = 0; count == 0 || n < count; n++)
    {
      SrudpConnection *connection =
        srudp_endpoint_accept (endpoint, NULL, error);
      GThread *thread;

      if (connection == NULL)
        return FALSE;
      thread = g_thread_new ("answer", answer_thread, connection);
      if (count == 0)
        g_thread_unref (thread);
      else
        g_ptr_array_add (threads, thread);
    }

  for (guint i = 0; i < threads->len; i++)
    g_thread_join (g_ptr_array_index (threads, i));
  return TRUE;
}

static gboolean
call (SrudpEndpoint  *endpoint,
      const char     *peer,
      const char     *text,
      GError        **error)
{
  g_autoptr (SrudpConnection) connection =
    srudp_endpoint_connect_to_host (endpoint, peer, 12345, NULL, error);
  g_autoptr (GOutputStream) answered = g_memory_output_stream_new_resizable ();
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (answered);
  GOutputStream *output;
  GIOStream *stream;

  if (connection == NULL)
    return FALSE;
  stream = G_IO_STREAM (connection);
  output = g_io_stream_get_output_stream (stream);
  /* That was all; the server sees the end, and the answer still comes. */
  if (!g_output_stream_write_all (output, text, strlen (text), NULL, NULL,
                                  error)
      || !g_output_stream_close (output, NULL, error)
      || g_output_stream_splice (answered,
                                 g_io_stream_get_input_stream (stream),
                                 G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                                 error)
           < 0)
    return FALSE;
  /* Not g_print(), which takes it for text and changes it. */
  fwrite (g_memory_output_stream_get_data (memory), 1,
          g_memory_output_stream_get_data_size (memory), stdout);
  putchar ('\n');
  return g_io_stream_close (stream, NULL, error);
}

static gboolean
run (int      argc,
     char   **argv,
     GError **error)
{
  gboolean serves = g_str_equal (argv[1], "serve");
  int port = serves && argc > 2 ? atoi (argv[2]) : serves ? 12345 : 0;
  g_autoptr (SrudpEndpoint) endpoint =
    srudp_endpoint_new_for_port ((guint16) port, error);

  if (endpoint == NULL)
    return FALSE;
  if (serves)
    return serve (endpoint, argc > 3 ? atoi (argv[3]) : 0, error);
  return call (endpoint, argv[2], argv[3], error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc < 2
      || !(g_str_equal (argv[1], "serve")
           || (g_str_equal (argv[1], "call") && argc == 4)))
    {
      g_printerr ("usage: echo serve [PORT [COUNT]] | "
                  "call HOST[:PORT] TEXT\n");
      return 2;
    }
  if (run (argc, argv, &error))
    return 0;
  g_printerr ("echo: %s\n", error->message);
  return 1;
}
