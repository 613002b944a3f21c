/*
 * SPDX-License-Identifier: MIT
 *
 * memory.c: two endpoints of one process over a transport of its own
 *
 * usage: memory [TEXT]
 *
 * No socket is opened. The same connection could go over a relay, a serial
 * line or a test network: see memory-transport.c.
 */
#include "memory-transport.h"

#include <srudp-glib/srudp-glib.h>

static SrudpEndpoint *
make_endpoint (const char  *name,
               GError     **error)
{
  g_autoptr (MemoryTransport) transport = memory_transport_new (name);
  g_autoptr (GSocketAddress) address =
    memory_transport_get_address (transport);

  return srudp_endpoint_new_for_transport (G_DATAGRAM_BASED (transport),
                                           address, NULL, error);
}

static gboolean
talk (const char  *text,
      GError     **error)
{
  g_autoptr (SrudpEndpoint) alice = make_endpoint ("alice", error);
  g_autoptr (SrudpEndpoint) bob = make_endpoint ("bob", error);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (SrudpConnection) from = NULL;
  g_autoptr (SrudpConnection) to = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  if (alice == NULL || bob == NULL)
    return FALSE;

  srudp_endpoint_set_accept_incoming (bob, TRUE);
  address = srudp_endpoint_get_local_address (bob, error);
  from = srudp_endpoint_connect_to (alice, G_SOCKET_CONNECTABLE (address),
                                    NULL, error);
  if (from == NULL)
    return FALSE;
  to = srudp_endpoint_accept (bob, NULL, error);
  if (to == NULL
      || !g_output_stream_printf (
        g_io_stream_get_output_stream (G_IO_STREAM (from)), NULL, NULL, error,
        "%s\n", text))
    return FALSE;

  lines = g_data_input_stream_new (
    g_io_stream_get_input_stream (G_IO_STREAM (to)));
  line = g_data_input_stream_read_line (lines, NULL, NULL, error);
  if (line == NULL)
    return FALSE;
  g_print ("%s\n", line);
  return g_io_stream_close (G_IO_STREAM (from), NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;

  if (talk (argc > 1 ? argv[1] : "hello", &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
