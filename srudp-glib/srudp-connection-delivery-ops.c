/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-delivery-ops.c: waiting until the peer has everything
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-operation-private.h"

static gboolean
begin_wait_delivered (gpointer      object,
                      SrudpWaiter  *waiter,
                      GError      **error)
{
  srudp_connection_core_wait_delivered (SRUDP_CONNECTION (object)->core, waiter);
  return TRUE;
}

static const SrudpOperation delivery_operation = {
  .check_process = srudp_connection_check_process,
  .begin = begin_wait_delivered,
};

/**
 * srudp_connection_wait_delivered:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Waits until the peer has everything that was written so far.
 *
 * That is, until the library at the other end has acknowledged it. All streams
 * of the connection count. Fails with `G_IO_ERROR_CONNECTION_CLOSED` if the
 * peer stops reading one of them meanwhile.
 *
 * Returns: %TRUE if the peer has it, %FALSE with @error set
 */
gboolean
srudp_connection_wait_delivered (SrudpConnection  *self,
                                 GCancellable     *cancellable,
                                 GError          **error)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), FALSE);

  return srudp_operation_run (&delivery_operation, self, cancellable, NULL,
                              error);
}

/**
 * srudp_connection_wait_delivered_async:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Waits without blocking; see [method@Srudp.Connection.wait_delivered].
 */
void
srudp_connection_wait_delivered_async (SrudpConnection     *self,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  srudp_operation_run_async (&delivery_operation, self,
                             srudp_connection_wait_delivered_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_connection_wait_delivered_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Connection.wait_delivered_async].
 *
 * Returns: %TRUE if the peer has it, %FALSE with @error set
 */
gboolean
srudp_connection_wait_delivered_finish (SrudpConnection  *self,
                                        GAsyncResult     *result,
                                        GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
