/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-probe.c: how others see an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-endpoint-survey-private.h"
#include "srudp-glib/srudp-operation-private.h"

/* Whom it may ask */

/**
 * srudp_endpoint_get_stun_servers:
 * @self: an endpoint
 *
 * Gives the STUN servers that the endpoint may ask.
 *
 * Returns: (transfer full) (array zero-terminated=1): each as `HOST:PORT` or
 *   `HOST`
 */
char **
srudp_endpoint_get_stun_servers (SrudpEndpoint *self)
{
  char **servers;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  g_mutex_lock (&self->lock);
  servers = g_strdupv (self->stun_servers);
  g_mutex_unlock (&self->lock);
  return servers;
}

/**
 * srudp_endpoint_set_stun_servers:
 * @self: an endpoint
 * @servers: (nullable) (array zero-terminated=1): each as `HOST:PORT` or
 *   `HOST`
 *
 * Sets the STUN servers that the endpoint may ask; see
 * [property@Srudp.Endpoint:stun-servers].
 */
void
srudp_endpoint_set_stun_servers (SrudpEndpoint      *self,
                                 const char * const *servers)
{
  const char *const none[] = { NULL };
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  if (servers == NULL)
    servers = none;
  g_mutex_lock (&self->lock);
  changed = !g_strv_equal ((const char * const *) self->stun_servers, servers);
  if (changed)
    {
      g_strfreev (self->stun_servers);
      self->stun_servers = g_strdupv ((char **) servers);
      if (self->core != NULL)
        srudp_endpoint_core_set_stun_servers (self->core, servers);
    }
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "stun-servers");
}

/**
 * srudp_endpoint_get_port_mapping:
 * @self: an endpoint
 *
 * Gives whether the router may be asked to let peers in.
 *
 * Returns: %TRUE if it may
 */
gboolean
srudp_endpoint_get_port_mapping (SrudpEndpoint *self)
{
  gboolean port_mapping;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);

  g_mutex_lock (&self->lock);
  port_mapping = self->port_mapping;
  g_mutex_unlock (&self->lock);
  return port_mapping;
}

/**
 * srudp_endpoint_set_port_mapping:
 * @self: an endpoint
 * @port_mapping: whether the router may be asked
 *
 * Sets whether the router may be asked to let peers in; see
 * [property@Srudp.Endpoint:port-mapping].
 */
void
srudp_endpoint_set_port_mapping (SrudpEndpoint *self,
                                 gboolean       port_mapping)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  port_mapping = !!port_mapping;
  g_mutex_lock (&self->lock);
  changed = self->port_mapping != port_mapping;
  self->port_mapping = port_mapping;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_port_mapping (self->core, port_mapping);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "port-mapping");
}

/* Probing */

static void
report (SrudpProber *prober,
        gpointer     user_data)
{
  g_autoptr (SrudpSurveyOrder) order = user_data;

  if (prober == NULL)
    srudp_survey_order_fail (order);
  else
    srudp_survey_order_give (
      order, srudp_network_report_new (srudp_prober_get_findings (prober)));
}

static gboolean
begin_probe (gpointer      object,
             SrudpWaiter  *waiter,
             GError      **error)
{
  return srudp_endpoint_order_survey (object, report, FALSE, waiter, error);
}

static const SrudpOperation probe_operation = {
  .check_process = srudp_endpoint_check_process,
  .begin = begin_probe,
};

/**
 * srudp_endpoint_probe_network:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks the [property@Srudp.Endpoint:stun-servers] how they see the endpoint.
 *
 * They are asked through the endpoint's own port, all at the same time. It
 * takes as long as two of them need to answer, and at most three seconds; that
 * none has answered is a result, too. Without any server the report says
 * nothing, and nothing is sent.
 *
 * Fails with `G_IO_ERROR_INVALID_ARGUMENT` if one of the servers is no name of
 * a host.
 *
 * Returns: (transfer full): a report, or %NULL with @error set
 */
SrudpNetworkReport *
srudp_endpoint_probe_network (SrudpEndpoint  *self,
                              GCancellable   *cancellable,
                              GError        **error)
{
  gpointer result = NULL;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  srudp_operation_run (&probe_operation, self, cancellable, &result,
                       error);
  return result;
}

/**
 * srudp_endpoint_probe_network_async:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks without blocking; see [method@Srudp.Endpoint.probe_network].
 */
void
srudp_endpoint_probe_network_async (SrudpEndpoint       *self,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  srudp_operation_run_async (&probe_operation, self,
                             srudp_endpoint_probe_network_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_endpoint_probe_network_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.probe_network_async].
 *
 * Returns: (transfer full): a report, or %NULL with @error set
 */
SrudpNetworkReport *
srudp_endpoint_probe_network_finish (SrudpEndpoint  *self,
                                     GAsyncResult   *result,
                                     GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
