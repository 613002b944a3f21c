/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-datagram-ops.c: sending and receiving datagrams
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-operation-private.h"

/**
 * srudp_connection_send_datagram:
 * @self: a connection
 * @datagram: what to send
 * @error: return location for an error
 *
 * Sends a datagram: encrypted, but it may get lost or overtake others. It
 * never waits behind the stream.
 *
 * Fails with `G_IO_ERROR_MESSAGE_TOO_LARGE` if it is larger than
 * [property@Srudp.Connection:max-datagram-size]. Never blocks: if datagrams
 * come faster than they can leave, the oldest are dropped.
 *
 * Returns: %TRUE if it is on its way, %FALSE with @error set
 */
gboolean
srudp_connection_send_datagram (SrudpConnection  *self,
                                GBytes           *datagram,
                                GError          **error)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (datagram != NULL, FALSE);

  return srudp_connection_check_process (self, error)
         && srudp_connection_core_send_datagram (self->core, datagram, error);
}

static gboolean
begin_receive (gpointer      object,
               SrudpWaiter  *waiter,
               GError      **error)
{
  srudp_connection_core_receive_datagram (SRUDP_CONNECTION (object)->core, waiter);
  return TRUE;
}

static const SrudpOperation receipt_operation = {
  .check_process = srudp_connection_check_process,
  .begin = begin_receive,
};

/**
 * srudp_connection_receive_datagram:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Takes the oldest datagram that has arrived, or waits for the next one.
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 */
GBytes *
srudp_connection_receive_datagram (SrudpConnection  *self,
                                   GCancellable     *cancellable,
                                   GError          **error)
{
  gpointer datagram = NULL;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  srudp_operation_run (&receipt_operation, self, cancellable, &datagram,
                       error);
  return datagram;
}

/**
 * srudp_connection_receive_datagram_async:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Takes a datagram without blocking;
 * see [method@Srudp.Connection.receive_datagram].
 */
void
srudp_connection_receive_datagram_async (SrudpConnection     *self,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  srudp_operation_run_async (&receipt_operation, self,
                             srudp_connection_receive_datagram_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_connection_receive_datagram_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Connection.receive_datagram_async].
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 */
GBytes *
srudp_connection_receive_datagram_finish (SrudpConnection  *self,
                                          GAsyncResult     *result,
                                          GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
