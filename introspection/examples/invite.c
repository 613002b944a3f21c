/*
 * SPDX-License-Identifier: MIT
 *
 * invite.c: prints an invitation, or follows one
 *
 * usage: invite make | follow INVITATION
 *
 * The line that it prints goes to the other side by mail or chat.
 */
#include <srudp-glib/srudp-glib.h>

static void
show_safety_number (SrudpConnection *connection)
{
  g_autofree char *number = srudp_connection_dup_safety_number (connection);

  g_print ("%s\n", number);
}

static gboolean
welcome (SrudpConnection  *guest,
         GError          **error)
{
  GIOStream *stream = G_IO_STREAM (guest);

  if (!g_output_stream_printf (g_io_stream_get_output_stream (stream), NULL,
                               NULL, error, "welcome\n"))
    return FALSE;
  show_safety_number (guest);
  return g_io_stream_close (stream, NULL, error);
}

static gboolean
make (SrudpEndpoint  *endpoint,
      GError        **error)
{
  g_autoptr (SrudpInvitation) invitation =
    srudp_endpoint_create_invitation (endpoint, NULL, error);
  g_autoptr (SrudpConnection) guest = NULL;
  g_autofree char *text = NULL;

  if (invitation == NULL)
    return FALSE;
  text = srudp_invitation_to_string (invitation);
  g_print ("%s\n", text);

  guest = srudp_endpoint_accept (endpoint, NULL, error);
  return guest != NULL && welcome (guest, error);
}

static gboolean
follow (SrudpEndpoint  *endpoint,
        const char     *text,
        GError        **error)
{
  g_autoptr (SrudpInvitation) invitation = srudp_invitation_parse (text, error);
  g_autoptr (SrudpConnection) host = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  if (invitation == NULL)
    return FALSE;
  /* The invitation says who has to answer: nobody else gets through. */
  host = srudp_endpoint_connect_to (endpoint, G_SOCKET_CONNECTABLE (invitation),
                                    NULL, error);
  if (host == NULL)
    return FALSE;

  lines = g_data_input_stream_new (
    g_io_stream_get_input_stream (G_IO_STREAM (host)));
  line = g_data_input_stream_read_line (lines, NULL, NULL, error);
  if (line == NULL)
    return FALSE;
  g_print ("%s\n", line);
  show_safety_number (host);
  return g_io_stream_close (G_IO_STREAM (host), NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint = NULL;
  gboolean makes = argc == 2 && g_str_equal (argv[1], "make");

  if (!makes && !(argc == 3 && g_str_equal (argv[1], "follow")))
    {
      g_printerr ("usage: invite make | follow INVITATION\n");
      return 2;
    }

  endpoint = srudp_endpoint_new_for_port (0, &error);
  if (endpoint != NULL
      && (makes ? make (endpoint, &error) : follow (endpoint, argv[2], &error)))
    return 0;
  g_printerr ("invite: %s\n", error->message);
  return 1;
}
