/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-stream-ops.c: opening and accepting further streams
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-operation-private.h"
#include "srudp-glib/srudp-stream-private.h"

static gpointer
map_stream (gpointer      object,
            GMainContext *context,
            gpointer      result)
{
  return srudp_stream_new_for_core (object, result);
}

static gboolean
begin_open_stream (gpointer      object,
                   SrudpWaiter  *waiter,
                   GError      **error)
{
  srudp_connection_core_open_stream (SRUDP_CONNECTION (object)->core, waiter);
  return TRUE;
}

static const SrudpOperation stream_opening = {
  .check_process = srudp_connection_check_process,
  .begin = begin_open_stream,
  .map = map_stream,
};

/**
 * srudp_connection_open_stream:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Opens a further stream, independent of the others: if a packet of one is
 * lost, the others don't wait for it.
 *
 * The peer learns of it with the first byte that is written, or when it is
 * closed. A peer allows 100 that are not closed yet at the same time: a further
 * one waits until both sides have closed another.
 *
 * Returns: (transfer full): a new stream, or %NULL with @error set
 */
SrudpStream *
srudp_connection_open_stream (SrudpConnection  *self,
                              GCancellable     *cancellable,
                              GError          **error)
{
  gpointer stream = NULL;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  srudp_operation_run (&stream_opening, self, cancellable, &stream, error);
  return stream;
}

/**
 * srudp_connection_open_stream_async:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Opens a further stream without blocking;
 * see [method@Srudp.Connection.open_stream].
 */
void
srudp_connection_open_stream_async (SrudpConnection     *self,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  srudp_operation_run_async (&stream_opening, self,
                             srudp_connection_open_stream_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_connection_open_stream_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Connection.open_stream_async].
 *
 * Returns: (transfer full): a new stream, or %NULL with @error set
 */
SrudpStream *
srudp_connection_open_stream_finish (SrudpConnection  *self,
                                     GAsyncResult     *result,
                                     GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
begin_accept_stream (gpointer      object,
                     SrudpWaiter  *waiter,
                     GError      **error)
{
  srudp_connection_core_accept_stream (SRUDP_CONNECTION (object)->core, waiter);
  return TRUE;
}

static const SrudpOperation stream_acceptance = {
  .check_process = srudp_connection_check_process,
  .begin = begin_accept_stream,
  .map = map_stream,
};

/**
 * srudp_connection_accept_stream:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Takes the oldest stream that the peer has opened, or waits for the next one.
 *
 * Returns: (transfer full): a new stream, or %NULL with @error set
 */
SrudpStream *
srudp_connection_accept_stream (SrudpConnection  *self,
                                GCancellable     *cancellable,
                                GError          **error)
{
  gpointer stream = NULL;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  srudp_operation_run (&stream_acceptance, self, cancellable, &stream, error);
  return stream;
}

/**
 * srudp_connection_accept_stream_async:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Takes a stream of the peer without blocking;
 * see [method@Srudp.Connection.accept_stream].
 */
void
srudp_connection_accept_stream_async (SrudpConnection     *self,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  srudp_operation_run_async (&stream_acceptance, self,
                             srudp_connection_accept_stream_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_connection_accept_stream_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Connection.accept_stream_async].
 *
 * Returns: (transfer full): a new stream, or %NULL with @error set
 */
SrudpStream *
srudp_connection_accept_stream_finish (SrudpConnection  *self,
                                       GAsyncResult     *result,
                                       GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
