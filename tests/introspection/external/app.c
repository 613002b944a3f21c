/*
 * SPDX-License-Identifier: MIT
 *
 * app.c: the least that an application does: two endpoints say hello
 */
#include <srudp-glib/srudp-glib.h>

static gboolean
say_hello (SrudpConnection *connection, GError **error)
{
  GIOStream *stream = G_IO_STREAM (connection);

  return g_output_stream_printf (g_io_stream_get_output_stream (stream), NULL,
                                 NULL, error, "hello\n")
         && g_io_stream_close (stream, NULL, error);
}

static gboolean
run (GError **error)
{
  g_autoptr (SrudpEndpoint) here = srudp_endpoint_new_for_port (0, error);
  g_autoptr (SrudpEndpoint) there = srudp_endpoint_new_for_port (0, error);
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) from = NULL;

  if (here == NULL || there == NULL)
    return FALSE;
  srudp_endpoint_set_accept_incoming (here, TRUE);
  invitation = srudp_endpoint_create_invitation (here, NULL, error);
  if (invitation == NULL)
    return FALSE;
  from = srudp_endpoint_connect_to (there, G_SOCKET_CONNECTABLE (invitation),
                                    NULL, error);
  return from != NULL && say_hello (from, error);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;

  if (!run (&error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("said\n");
  return 0;
}
