/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-ops.c: opening and closing a connection
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-list-private.h"
#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-operation-private.h"

/* Opening and closing can't be taken up again. */
static void
abort_connection (gpointer      object,
                  const GError *error)
{
  srudp_connection_core_abort (SRUDP_CONNECTION (object)->core, error);
}

/* Opening */

static gboolean
begin_open (gpointer      object,
            SrudpWaiter  *waiter,
            GError      **error)
{
  SrudpConnection *self = object;
  g_autoptr (SrudpEndpointCore) endpoint = NULL;

  if (self->endpoint == NULL || self->peer == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _ ("A connection needs an endpoint and a peer."));
      return FALSE;
    }
  endpoint = srudp_endpoint_dup_core (self->endpoint, error);
  if (endpoint == NULL
      || !srudp_connection_core_begin_open (self->core, endpoint, waiter,
                                            error))
    return FALSE;

  srudp_connection_list_add (srudp_endpoint_get_list (self->endpoint), self);
  return TRUE;
}

static GCancellable *
dup_resolving (SrudpConnection *self)
{
  GCancellable *resolving = NULL;

  g_mutex_lock (&self->core->lock);
  g_set_object (&resolving, self->core->resolving);
  g_mutex_unlock (&self->core->lock);
  return resolving;
}

static void
resolve_sync (SrudpConnection *self)
{
  g_autoptr (GSocketAddressEnumerator) enumerator =
    g_socket_connectable_enumerate (self->peer);
  g_autoptr (GCancellable) resolving = dup_resolving (self);
  g_autoptr (GError) error = NULL;
  GSocketAddress *address;
  gboolean any = FALSE;

  while (resolving != NULL && !g_cancellable_is_cancelled (resolving)
         && (address = g_socket_address_enumerator_next (
               enumerator, resolving, &error)) != NULL)
    {
      srudp_connection_core_add_candidate (self->core, address);
      g_object_unref (address);
      any = TRUE;
    }
  srudp_connection_core_end_resolving (self->core, any, error);
}

typedef struct
{
  SrudpConnection *connection;
  GSocketAddressEnumerator *enumerator;
  GCancellable *resolving;
  gboolean any;
} Resolution;

static void
resolution_free (Resolution *resolution)
{
  g_object_unref (resolution->connection);
  g_object_unref (resolution->enumerator);
  g_clear_object (&resolution->resolving);
  g_free (resolution);
}

static void
next_address_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Resolution *resolution = user_data;
  SrudpConnectionCore *core = resolution->connection->core;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address =
    g_socket_address_enumerator_next_finish (resolution->enumerator, result,
                                             &error);

  if (address == NULL)
    {
      srudp_connection_core_end_resolving (core, resolution->any, error);
      resolution_free (resolution);
      return;
    }

  resolution->any = TRUE;
  srudp_connection_core_add_candidate (core, address);
  g_socket_address_enumerator_next_async (resolution->enumerator,
                                          resolution->resolving,
                                          next_address_cb, resolution);
}

static void
resolve_async (SrudpConnection *self)
{
  Resolution *resolution = g_new0 (Resolution, 1);

  resolution->connection = g_object_ref (self);
  resolution->enumerator = g_socket_connectable_enumerate (self->peer);
  resolution->resolving = dup_resolving (self);
  if (resolution->resolving == NULL)
    {
      resolution_free (resolution);
      return;
    }
  g_socket_address_enumerator_next_async (resolution->enumerator,
                                          resolution->resolving,
                                          next_address_cb, resolution);
}

static void
resolve (gpointer     object,
         SrudpWaiter *waiter,
         gboolean     blocking)
{
  if (blocking)
    resolve_sync (object);
  else
    resolve_async (object);
}

static const SrudpOperation open_operation = {
  .check_process = srudp_connection_check_process,
  .begin = begin_open,
  .go_on = resolve,
  .abort = abort_connection,
};

/**
 * srudp_connection_open:
 * @self: a connection that isn't open yet
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Opens the connection: looks the peer up, tries all of its addresses until
 * one works, and agrees on keys.
 *
 * Both sides may do so at the same time. Blocks until the connection is
 * established. It can be opened once: another attempt fails with
 * `G_IO_ERROR_PENDING` meanwhile, with `G_IO_ERROR_EXISTS` afterwards and with
 * `G_IO_ERROR_CLOSED` when it was closed, has failed or was cancelled.
 *
 * Fails with %SRUDP_ERROR_PEER_UNREACHABLE or `G_IO_ERROR_TIMED_OUT` after
 * the [property@Srudp.Connection:open-timeout], with
 * `G_IO_ERROR_CONNECTION_REFUSED` if the peer doesn't want connections, with
 * `G_IO_ERROR_INVALID_ARGUMENT` if the address is that of the endpoint itself,
 * and with other codes of [error@Srudp.Error] if the two sides don't fit.
 *
 * Returns: %TRUE if it is established, %FALSE with @error set
 */
gboolean
srudp_connection_open (SrudpConnection  *self,
                       GCancellable     *cancellable,
                       GError          **error)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), FALSE);

  return srudp_operation_run (&open_operation, self, cancellable, NULL, error);
}

/**
 * srudp_connection_open_async:
 * @self: a connection that isn't open yet
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Opens the connection without blocking; see [method@Srudp.Connection.open].
 */
void
srudp_connection_open_async (SrudpConnection     *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  srudp_operation_run_async (&open_operation, self,
                             srudp_connection_open_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_connection_open_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Connection.open_async].
 *
 * Returns: %TRUE if it is established, %FALSE with @error set
 */
gboolean
srudp_connection_open_finish (SrudpConnection  *self,
                              GAsyncResult     *result,
                              GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * srudp_connection_add_candidate:
 * @self: a connection that isn't closed
 * @address: one more address at which the peer may be
 *
 * Tells of one more address of the peer, learned in some other way.
 */
void
srudp_connection_add_candidate (SrudpConnection *self,
                                GSocketAddress  *address)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (G_IS_SOCKET_ADDRESS (address));

  srudp_connection_core_add_candidate (self->core, address);
}

/* Closing */

static void
close_streams (SrudpConnection *self)
{
  /* Somebody may be reading or writing, and is being woken: that is no error
   * of closing. */
  g_output_stream_close (self->output, NULL, NULL);
  g_input_stream_close (self->input, NULL, NULL);
}

static void
unlist (SrudpConnection *self)
{
  if (self->endpoint != NULL)
    srudp_connection_list_remove (srudp_endpoint_get_list (self->endpoint),
                                  self);
}

/* Only then: what is cancelled from the start must not look to the peer as if
 * it were complete. */
static void
go_on_closing (gpointer     object,
               SrudpWaiter *waiter,
               gboolean     blocking)
{
  SrudpConnection *self = object;

  srudp_connection_core_close (self->core, waiter);
  close_streams (self);
}

static const SrudpOperation close_operation = {
  .check_process = srudp_connection_check_process,
  .go_on = go_on_closing,
  .abort = abort_connection,
};

gboolean
srudp_connection_close_now (GIOStream     *stream,
                            GCancellable  *cancellable,
                            GError       **error)
{
  SrudpConnection *self = SRUDP_CONNECTION (stream);
  gboolean ok;

  /* Whoever still holds a stream of it finds that closed. */
  if (g_atomic_int_get (&self->disposing))
    {
      close_streams (self);
      return TRUE;
    }

  ok = srudp_operation_run (&close_operation, self, cancellable, NULL, error);
  if (!srudp_stream_core_is_copy (self->core->main_stream))
    unlist (self);
  return ok;
}

void
srudp_connection_close_async (GIOStream           *stream,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  srudp_operation_run_async (&close_operation, stream,
                             srudp_connection_close_async, io_priority,
                             cancellable, callback, user_data);
}

gboolean
srudp_connection_close_finish (GIOStream     *stream,
                               GAsyncResult  *result,
                               GError       **error)
{
  unlist (SRUDP_CONNECTION (stream));
  return g_task_propagate_boolean (G_TASK (result), error);
}
