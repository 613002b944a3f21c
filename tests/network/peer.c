/*
 * SPDX-License-Identifier: MIT
 *
 * peer.c: one end of a connection, for tests between namespaces
 *
 * usage: peer listen PORT
 *        peer connect HOST PORT BYTES
 *
 * The one that listens sends back what it gets. Both tell where they are and
 * where the other is, at the beginning and at the end.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_address (const char     *word,
               GSocketAddress *address)
{
  g_autofree char *text =
    address == NULL
      ? g_strdup ("none")
      : g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));

  g_print ("%s %s\n", word, text);
}

static void
print_addresses (SrudpConnection *connection)
{
  g_autoptr (GSocketAddress) local =
    srudp_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote =
    srudp_connection_get_remote_address (connection, NULL);

  print_address ("local", local);
  print_address ("remote", remote);
}

static gboolean
listen_once (guint16   port,
             GError  **error)
{
  g_autoptr (SrudpEndpoint) endpoint =
    srudp_endpoint_new_for_port (port, error);
  g_autoptr (SrudpConnection) connection = NULL;
  GIOStream *stream;

  if (endpoint == NULL)
    return FALSE;
  srudp_endpoint_set_accept_incoming (endpoint, TRUE);
  g_print ("ready\n");
  connection = srudp_endpoint_accept (endpoint, NULL, error);
  if (connection == NULL)
    return FALSE;

  print_addresses (connection);
  stream = G_IO_STREAM (connection);
  if (g_output_stream_splice (g_io_stream_get_output_stream (stream),
                              g_io_stream_get_input_stream (stream),
                              G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                              error)
      < 0)
    return FALSE;
  print_addresses (connection);
  return g_io_stream_close (stream, NULL, error);
}

typedef struct
{
  GOutputStream *stream;
  gsize n_bytes;
} Writer;

static gpointer
write_thread (gpointer data)
{
  Writer *writer = data;
  char *bytes = g_malloc0 (writer->n_bytes);

  g_output_stream_write_all (writer->stream, bytes, writer->n_bytes, NULL,
                             NULL, NULL);
  g_free (bytes);
  g_output_stream_close (writer->stream, NULL, NULL);
  return NULL;
}

static gboolean
connect_once (const char *host,
              guint16     port,
              gsize       n_bytes,
              GError    **error)
{
  g_autoptr (SrudpEndpoint) endpoint = srudp_endpoint_new_for_port (0, error);
  g_autoptr (SrudpConnection) connection = NULL;
  g_autofree char *answer = NULL;
  GIOStream *stream;
  Writer writer;
  GThread *thread;
  gsize n_read = 0;
  gboolean ok;

  if (endpoint == NULL)
    return FALSE;
  connection = srudp_endpoint_connect_to_host (endpoint, host, port, NULL,
                                               error);
  if (connection == NULL)
    return FALSE;

  print_addresses (connection);
  stream = G_IO_STREAM (connection);
  writer = (Writer) { g_io_stream_get_output_stream (stream), n_bytes };
  thread = g_thread_new ("writer", write_thread, &writer);
  answer = g_malloc (n_bytes + 1);
  ok = g_input_stream_read_all (g_io_stream_get_input_stream (stream), answer,
                                n_bytes + 1, &n_read, NULL, error);
  g_thread_join (thread);
  print_addresses (connection);
  g_print ("bytes %" G_GSIZE_FORMAT "\n", n_read);
  return ok && g_io_stream_close (stream, NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = FALSE;

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc == 3 && strcmp (argv[1], "listen") == 0)
    ok = listen_once ((guint16) atoi (argv[2]), &error);
  else if (argc == 5 && strcmp (argv[1], "connect") == 0)
    ok = connect_once (argv[2], (guint16) atoi (argv[3]),
                       (gsize) atol (argv[4]), &error);
  if (!ok)
    g_printerr ("%s\n", error != NULL ? error->message : "wrong arguments");
  return ok ? 0 : 1;
}
