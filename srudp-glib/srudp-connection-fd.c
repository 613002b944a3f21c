/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-fd.c: a connection as a local socket
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-bridge-private.h"
#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-reason-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * srudp_connection_export_fd:
 * @self: an established connection
 * @error: return location for an error
 *
 * Turns the connection's main stream into a local socket, for code that wants
 * a real one.
 *
 * The socket is connected, of the kind `AF_UNIX`, `SOCK_STREAM`, and closed on
 * exec; the caller owns it. Shutting down one direction of it, or reading its
 * end, works as closing one direction of the stream does. It keeps the
 * connection alive; the streams themselves fail with `G_IO_ERROR_PENDING` from
 * then on. What the peer was told is delivered can still be on its way from
 * here to the socket.
 *
 * Returns: a file descriptor, or -1 with @error set
 */
int
srudp_connection_export_fd (SrudpConnection  *self,
                            GError          **error)
{
  g_autoptr (SrudpEndpointCore) endpoint = NULL;
  SrudpState state;
  int fds[2];

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), -1);

  if (!srudp_connection_check_process (self, error))
    return -1;
  state = srudp_connection_core_get_state (self->core);
  if (state < SRUDP_STATE_ESTABLISHED || state >= SRUDP_STATE_CLOSING)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                           _ ("The connection is not open."));
      return -1;
    }
  /* What fails for want of descriptors leaves the stream as it is. */
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                   _ ("No socket could be made: %s"), g_strerror (code));
      return -1;
    }
  if (!srudp_stream_core_export (self->core->main_stream, error))
    {
      close (fds[0]);
      close (fds[1]);
      return -1;
    }

  endpoint = srudp_connection_core_dup_endpoint (self->core);
  if (!srudp_bridge_start (self->core, endpoint, fds[0]))
    {
      close (fds[1]);
      g_propagate_error (error, srudp_reason_new_endpoint_closed_error ());
      return -1;
    }
  return fds[1];
}
