/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-survey.c: what is made of the answers of STUN servers
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-survey-private.h"

#include "srudp-glib/srudp-reason-private.h"

void
srudp_survey_order_free (SrudpSurveyOrder *self)
{
  srudp_waiter_unref (self->waiter);
  srudp_endpoint_core_unref (self->core);
  g_free (self);
}

void
srudp_survey_order_fail (SrudpSurveyOrder *self)
{
  srudp_reason_fail_endpoint_closed (self->waiter);
}

void
srudp_survey_order_give (SrudpSurveyOrder *self,
                         gpointer          object)
{
  if (!srudp_waiter_resolve (self->waiter, object, g_object_unref))
    g_object_unref (object);
}

static void
order_mail (gpointer data)
{
  SrudpSurveyOrder *order = data;

  if (order->core->shut_down)
    {
      srudp_reason_fail_endpoint_closed (order->waiter);
      srudp_survey_order_free (order);
      return;
    }
  if (order->maps_port)
    srudp_prober_map_port (order->core->prober);
  srudp_prober_survey (order->core->prober, order->done, order);
}

static void
post (SrudpSurveyOrder *order)
{
  if (srudp_mailbox_post (order->core->mailbox, order_mail, order))
    return;
  srudp_reason_fail_endpoint_closed (order->waiter);
  srudp_survey_order_free (order);
}

static gboolean
check_servers (SrudpEndpoint  *self,
               GError        **error)
{
  g_auto (GStrv) servers = srudp_endpoint_get_stun_servers (self);

  for (guint i = 0; servers[i] != NULL; i++)
    {
      g_autoptr (GSocketConnectable) server =
        g_network_address_parse (servers[i], 0, error);

      if (server == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
srudp_endpoint_order_survey (SrudpEndpoint    *self,
                             SrudpSurveyFunc   done,
                             gboolean          maps_port,
                             SrudpWaiter      *waiter,
                             GError          **error)
{
  g_autoptr (SrudpEndpointCore) core = NULL;
  SrudpSurveyOrder *order;

  if (!check_servers (self, error))
    return FALSE;
  core = srudp_endpoint_dup_core (self, error);
  if (core == NULL)
    return FALSE;

  order = g_new0 (SrudpSurveyOrder, 1);
  order->core = g_steal_pointer (&core);
  order->waiter = srudp_waiter_ref (waiter);
  order->done = done;
  order->maps_port = maps_port;
  order->lifetime_s = srudp_endpoint_get_invitation_lifetime (self);
  post (order);
  return TRUE;
}
