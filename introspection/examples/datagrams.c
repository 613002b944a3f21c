/*
 * SPDX-License-Identifier: MIT
 *
 * datagrams.c: two sides tell each other the time, when it gets through
 *
 * usage: datagrams HOST[:PORT] [LOCAL-PORT [COUNT [SECONDS]]]
 *
 * Datagrams may get lost; each is sent once a second and ends up here or not.
 */
#include <srudp-glib/srudp-glib.h>

#include <stdlib.h>
#include <string.h>

typedef struct
{
  SrudpConnection *connection;
  GMainLoop       *loop;
  int              left;     /* below zero: without end */
} Clock;

static double
now_s (void)
{
  return (double) g_get_real_time () / 1e6;
}

static void
received_cb (SrudpConnection *connection,
             GBytes          *datagram,
             gpointer         user_data)
{
  gsize size;
  const char *data = g_bytes_get_data (datagram, &size);
  g_autofree char *text = g_strndup (data, size);

  g_print ("%zu bytes, %.1f ms on the way\n", size,
           (now_s () - g_ascii_strtod (text, NULL)) * 1000);
}

static gboolean
send_cb (gpointer user_data)
{
  Clock *self = user_data;
  g_autofree char *text = g_strdup_printf ("%.6f", now_s ());
  g_autoptr (GBytes) datagram = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  if (self->left == 0)
    {
      g_main_loop_quit (self->loop);
      return G_SOURCE_REMOVE;
    }
  if (!srudp_connection_send_datagram (self->connection, datagram, &error))
    {
      g_print ("%s\n", error->message);
      g_main_loop_quit (self->loop);
      return G_SOURCE_REMOVE;
    }
  if (self->left > 0)
    self->left--;
  return G_SOURCE_CONTINUE;
}

static gboolean
talk (int      argc,
      char   **argv,
      GError **error)
{
  int local_port = argc > 2 ? atoi (argv[2]) : 12345;
  int count = argc > 3 ? atoi (argv[3]) : 0;
  double seconds = argc > 4 ? g_ascii_strtod (argv[4], NULL) : 1;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (SrudpEndpoint) endpoint =
    srudp_endpoint_new_for_port ((guint16) local_port, error);
  Clock clock = { NULL, loop, count > 0 ? count : -1 };

  if (endpoint == NULL)
    return FALSE;
  connection = srudp_endpoint_connect_to_host (endpoint, argv[1], 12345, NULL,
                                               error);
  if (connection == NULL)
    return FALSE;

  clock.connection = connection;
  g_signal_connect (connection, "datagram-received", G_CALLBACK (received_cb),
                    NULL);
  g_timeout_add ((guint) (seconds * 1000), send_cb, &clock);
  g_main_loop_run (loop);
  return g_io_stream_close (G_IO_STREAM (connection), NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc < 2)
    {
      g_printerr ("usage: datagrams HOST[:PORT] "
                  "[LOCAL-PORT [COUNT [SECONDS]]]\n");
      return 2;
    }
  if (talk (argc, argv, &error))
    return 0;
  g_printerr ("datagrams: %s\n", error->message);
  return 1;
}
