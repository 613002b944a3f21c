/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-introduce.c: peers that get to know each other through a third
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-reason-private.h"

/**
 * srudp_endpoint_get_introducing:
 * @self: an endpoint
 *
 * Gives whether the endpoint introduces its peers to each other.
 *
 * Returns: %TRUE if it does
 */
gboolean
srudp_endpoint_get_introducing (SrudpEndpoint *self)
{
  gboolean introducing;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);

  g_mutex_lock (&self->lock);
  introducing = self->introducing;
  g_mutex_unlock (&self->lock);
  return introducing;
}

/**
 * srudp_endpoint_set_introducing:
 * @self: an endpoint
 * @introducing: whether to introduce peers
 *
 * Sets whether the endpoint introduces its peers to each other; see
 * [property@Srudp.Endpoint:introducing].
 */
void
srudp_endpoint_set_introducing (SrudpEndpoint *self,
                                gboolean       introducing)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  introducing = !!introducing;
  g_mutex_lock (&self->lock);
  changed = self->introducing != introducing;
  self->introducing = introducing;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_introducing (self->core, introducing);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "introducing");
}

typedef struct
{
  SrudpEndpointCore *core;
  SrudpConnectionCore *a, *b; /* b: NULL to be introduced by a */
  gboolean done;
} Call;

static void
call_cb (gpointer data)
{
  Call *call = data;

  call->done = call->b != NULL
                 ? srudp_introducer_introduce (call->a, call->b)
                 : srudp_introducer_add (call->core, call->a);
}

/* NULL with the error set: it isn't one of ours, or not open. */
static SrudpConnectionCore *
check_connection (SrudpEndpointCore  *core,
                  SrudpConnection    *connection,
                  GError            **error)
{
  SrudpConnectionCore *checked = connection->core;
  g_autoptr (SrudpEndpointCore) own =
    srudp_connection_core_dup_endpoint (checked);

  if (own == NULL || own == core)
    return checked;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _ ("The connection is one of another endpoint."));
  return NULL;
}

static gboolean
run (SrudpEndpoint    *self,
     SrudpConnection  *a,
     SrudpConnection  *b,
     GError          **error)
{
  g_autoptr (SrudpEndpointCore) core = srudp_endpoint_dup_core (self, error);
  Call call = { .core = core };

  if (core == NULL || (call.a = check_connection (core, a, error)) == NULL
      || (b != NULL && (call.b = check_connection (core, b, error)) == NULL))
    return FALSE;

  if (!srudp_endpoint_core_call (core, call_cb, &call))
    g_propagate_error (error, srudp_reason_new_endpoint_closed_error ());
  else if (!call.done)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                         _ ("The connection is not open."));
  return call.done;
}

/**
 * srudp_endpoint_introduce:
 * @self: an endpoint
 * @a: an open connection of the endpoint
 * @b: another one
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Tells two peers where the other one is, and who.
 *
 * Each of them then sends to the other, so that NATs on both sides let the
 * packets through: if it waits in an open for this peer, or if it accepts and
 * had opened its connection to this endpoint itself. Nothing of what they say
 * to each other passes through this endpoint, and each still has to prove its
 * key to the other.
 *
 * It returns when both are on their way to be told. Fails with
 * `G_IO_ERROR_NOT_CONNECTED` if one of them is not connected.
 *
 * Returns: %TRUE if it is done, %FALSE with @error set
 */
gboolean
srudp_endpoint_introduce (SrudpEndpoint    *self,
                          SrudpConnection  *a,
                          SrudpConnection  *b,
                          GCancellable     *cancellable,
                          GError          **error)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);
  g_return_val_if_fail (SRUDP_IS_CONNECTION (a), FALSE);
  g_return_val_if_fail (SRUDP_IS_CONNECTION (b), FALSE);

  return !g_cancellable_set_error_if_cancelled (cancellable, error)
         && run (self, a, b, error);
}

/**
 * srudp_endpoint_introduce_async:
 * @self: an endpoint
 * @a: an open connection of the endpoint
 * @b: another one
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Introduces two peers; see [method@Srudp.Endpoint.introduce].
 */
void
srudp_endpoint_introduce_async (SrudpEndpoint       *self,
                                SrudpConnection     *a,
                                SrudpConnection     *b,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (SRUDP_IS_CONNECTION (a));
  g_return_if_fail (SRUDP_IS_CONNECTION (b));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, srudp_endpoint_introduce_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (run (self, a, b, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * srudp_endpoint_introduce_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.introduce_async].
 *
 * Returns: %TRUE if it is done, %FALSE with @error set
 */
gboolean
srudp_endpoint_introduce_finish (SrudpEndpoint  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * srudp_endpoint_add_introducer:
 * @self: an endpoint
 * @introducer: an open connection of the endpoint
 * @error: return location for an error
 *
 * Lets a peer introduce others to this endpoint.
 *
 * The peer has to be [property@Srudp.Endpoint:introducing]. It is told where
 * this endpoint may be found, and tells that to everyone who asks for the
 * endpoint's key; the endpoint then sends to them, so that its NAT lets them
 * in, and they come as if they had opened a connection by themselves.
 * Invitations that are made from now on name the peer: whoever has one asks
 * there.
 *
 * If the connection breaks, or the peer closes it, the endpoint opens another
 * one by itself, after a second at first, then ever more slowly, down to about
 * once a minute, and until the endpoint is closed. It ends with a connection
 * that is closed here.
 *
 * Fails with `G_IO_ERROR_NOT_CONNECTED` if it isn't.
 *
 * Returns: %TRUE if it is done, %FALSE with @error set
 */
gboolean
srudp_endpoint_add_introducer (SrudpEndpoint    *self,
                               SrudpConnection  *introducer,
                               GError          **error)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);
  g_return_val_if_fail (SRUDP_IS_CONNECTION (introducer), FALSE);

  return run (self, introducer, NULL, error);
}
