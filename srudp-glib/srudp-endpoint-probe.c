/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-probe.c: how others see an endpoint, and what it tells them
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-invitation-private.h"
#include "srudp-glib/srudp-operation-private.h"
#include "srudp-glib/srudp-prober-private.h"

/* Settings */

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
 * srudp_endpoint_get_invitation_lifetime:
 * @self: an endpoint
 *
 * Gives for how long invitations hold that are made from now on.
 *
 * Returns: a number of seconds; 0 is for ever
 */
guint
srudp_endpoint_get_invitation_lifetime (SrudpEndpoint *self)
{
  guint seconds;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), 0);

  g_mutex_lock (&self->lock);
  seconds = self->invitation_lifetime_s;
  g_mutex_unlock (&self->lock);
  return seconds;
}

/**
 * srudp_endpoint_set_invitation_lifetime:
 * @self: an endpoint
 * @seconds: a number of seconds; 0 is for ever
 *
 * Sets for how long invitations hold that are made from now on.
 */
void
srudp_endpoint_set_invitation_lifetime (SrudpEndpoint *self,
                                        guint          seconds)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  g_mutex_lock (&self->lock);
  changed = self->invitation_lifetime_s != seconds;
  self->invitation_lifetime_s = seconds;
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "invitation-lifetime");
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

/* On the worker */

typedef struct
{
  SrudpEndpointCore *core;
  SrudpWaiter *waiter;
  SrudpSurveyFunc done;
  guint lifetime_s; /* of an invitation; 0: without a limit */
} Order;

static void
order_free (Order *order)
{
  srudp_waiter_unref (order->waiter);
  srudp_endpoint_core_unref (order->core);
  g_free (order);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Order, order_free)

static void
fail_closed (SrudpWaiter *waiter)
{
  g_autoptr (GError) error =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("The endpoint was closed."));

  srudp_waiter_fail (waiter, error);
}

static void
give (Order    *order,
      gpointer  object)
{
  if (!srudp_waiter_resolve (order->waiter, object, g_object_unref))
    g_object_unref (object);
}

static void
report (SrudpProber *prober,
        gpointer     user_data)
{
  g_autoptr (Order) order = user_data;

  if (prober == NULL)
    fail_closed (order->waiter);
  else
    give (order, srudp_network_report_new (srudp_prober_get_findings (prober)));
}

static void
invite (SrudpProber *prober,
        gpointer     user_data)
{
  g_autoptr (Order) order = user_data;
  SrudpInvitationFields fields = { 0 };
  gint64 until_s = g_get_real_time () / G_USEC_PER_SEC + order->lifetime_s;

  if (prober == NULL)
    {
      fail_closed (order->waiter);
      return;
    }
  /* Nobody would know of these mappings. */
  if (srudp_waiter_is_done (order->waiter))
    return;

  srudp_engine_get_public_key (order->core->engine, fields.key);
  if (order->lifetime_s > 0)
    fields.expires_s = (guint32) MIN (until_s, G_MAXUINT32);
  srudp_prober_name_candidates (prober, &fields);
  srudp_introducer_name (order->core, &fields);
  srudp_introducer_offer_anew (order->core);
  /* Who has the text is answered, whether strangers are or not. */
  fields.has_secret = TRUE;
  srudp_endpoint_core_make_invitation_secret (order->core, fields.secret);
  give (order, srudp_invitation_new_from_fields (&fields));
  srudp_crypto_wipe (&fields, sizeof fields);
}

static void
order_mail (gpointer data)
{
  Order *order = data;

  if (order->core->shut_down)
    {
      fail_closed (order->waiter);
      order_free (order);
      return;
    }
  if (order->done == invite)
    srudp_prober_map_port (order->core->prober);
  srudp_prober_survey (order->core->prober, order->done, order);
}

static void
post_order (SrudpEndpointCore *self,
            SrudpSurveyFunc    done,
            guint              lifetime_s,
            SrudpWaiter       *waiter)
{
  Order *order = g_new0 (Order, 1);

  order->core = srudp_endpoint_core_ref (self);
  order->waiter = srudp_waiter_ref (waiter);
  order->done = done;
  order->lifetime_s = lifetime_s;
  if (srudp_mailbox_post (self->mailbox, order_mail, order))
    return;
  fail_closed (waiter);
  order_free (order);
}

/* What both have in common */

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

static gboolean
begin_survey (SrudpEndpoint    *self,
              SrudpSurveyFunc   done,
              SrudpWaiter      *waiter,
              GError          **error)
{
  g_autoptr (SrudpEndpointCore) core = NULL;

  if (!check_servers (self, error))
    return FALSE;
  core = srudp_endpoint_dup_core (self, error);
  if (core == NULL)
    return FALSE;
  post_order (core, done, srudp_endpoint_get_invitation_lifetime (self),
              waiter);
  return TRUE;
}

/* Probing */

static gboolean
begin_probe (gpointer      object,
             SrudpWaiter  *waiter,
             GError      **error)
{
  return begin_survey (object, report, waiter, error);
}

static const SrudpOperation probe_operation = {
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

/* Inviting */

static gboolean
begin_invitation (gpointer      object,
                  SrudpWaiter  *waiter,
                  GError      **error)
{
  return begin_survey (object, invite, waiter, error);
}

static const SrudpOperation invitation_operation = {
  .begin = begin_invitation,
};

/**
 * srudp_endpoint_create_invitation:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Makes an invitation that names the endpoint and all addresses at which
 * others may find it.
 *
 * These are the addresses of this computer, and those that the
 * [property@Srudp.Endpoint:stun-servers] see, which are asked first; it takes
 * at most three seconds. The router is asked to let peers in, if
 * [property@Srudp.Endpoint:port-mapping] is set. Addresses that are of use on
 * one link only are left out, and so are those of loopback if there are others.
 *
 * What a NAT has set up for these addresses is kept alive until the endpoint is
 * closed. [signal@Srudp.Endpoint::candidates-changed] tells when it is lost.
 *
 * The invitation holds a fresh secret. Whoever has it is answered, though
 * [property@Srudp.Endpoint:accept-incoming] is off and all others hear
 * nothing; the connection then comes as any other, by
 * [signal@Srudp.Endpoint::incoming] or [method@Srudp.Endpoint.accept]. The
 * endpoint knows the newest 64 secrets that it gave out, until it is closed;
 * [method@Srudp.Endpoint.add_invitation] tells them to a later one.
 * Where both sides are behind NATs, each needs an invitation of the other.
 *
 * Fails with `G_IO_ERROR_INVALID_ARGUMENT` if one of the servers is no name of
 * a host.
 *
 * Returns: (transfer full): an invitation, or %NULL with @error set
 */
SrudpInvitation *
srudp_endpoint_create_invitation (SrudpEndpoint  *self,
                                  GCancellable   *cancellable,
                                  GError        **error)
{
  gpointer result = NULL;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  srudp_operation_run (&invitation_operation, self, cancellable, &result,
                       error);
  return result;
}

/**
 * srudp_endpoint_create_invitation_async:
 * @self: an endpoint
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Makes an invitation without blocking;
 * see [method@Srudp.Endpoint.create_invitation].
 */
void
srudp_endpoint_create_invitation_async (SrudpEndpoint       *self,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  srudp_operation_run_async (&invitation_operation, self,
                             srudp_endpoint_create_invitation_async,
                             G_PRIORITY_DEFAULT, cancellable, callback,
                             user_data);
}

/**
 * srudp_endpoint_create_invitation_finish:
 * @self: an endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Endpoint.create_invitation_async].
 *
 * Returns: (transfer full): an invitation, or %NULL with @error set
 */
SrudpInvitation *
srudp_endpoint_create_invitation_finish (SrudpEndpoint  *self,
                                         GAsyncResult   *result,
                                         GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
has_expired (SrudpInvitation *invitation)
{
  GDateTime *expires = srudp_invitation_get_expires (invitation);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return expires != NULL && g_date_time_compare (expires, now) <= 0;
}

/* What makes it useless here; NULL: nothing does. */
static GError *
check_own (SrudpEndpoint   *self,
           SrudpInvitation *invitation)
{
  if (!srudp_peer_id_equal (srudp_invitation_get_peer_id (invitation),
                            srudp_endpoint_get_peer_id (self)))
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                _ ("Somebody else made this invitation."));
  if (srudp_invitation_get_secret (invitation) == NULL)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                _ ("This invitation holds no secret."));
  if (has_expired (invitation))
    return g_error_new_literal (SRUDP_ERROR, SRUDP_ERROR_INVITATION,
                                _ ("This invitation has expired."));
  return NULL;
}

/**
 * srudp_endpoint_add_invitation:
 * @self: an endpoint
 * @invitation: one that an endpoint of the same identity made
 * @error: return location for an error
 *
 * Makes an invitation of earlier times hold again: whoever has it is answered,
 * as with one that [method@Srudp.Endpoint.create_invitation] has made just now.
 *
 * A program that was started anew calls this with what it gave out before, so
 * that its guests need not ask for another invitation. They find it if it has
 * the same port, and addresses that the invitation names. What it keeps for
 * this, the text of the invitation, is a secret: others must not read it.
 *
 * Fails with `G_IO_ERROR_INVALID_ARGUMENT` if the invitation is of another
 * identity, or holds no secret, and with %SRUDP_ERROR_INVITATION if it has
 * expired.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
srudp_endpoint_add_invitation (SrudpEndpoint    *self,
                               SrudpInvitation  *invitation,
                               GError          **error)
{
  g_autoptr (SrudpEndpointCore) core = NULL;
  GError *useless;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);
  g_return_val_if_fail (SRUDP_IS_INVITATION (invitation), FALSE);

  useless = check_own (self, invitation);
  if (useless != NULL)
    {
      g_propagate_error (error, useless);
      return FALSE;
    }
  core = srudp_endpoint_dup_core (self, error);
  if (core == NULL)
    return FALSE;
  srudp_endpoint_core_set_invitation_secret (
    core, srudp_invitation_get_secret (invitation), TRUE);
  return TRUE;
}

/**
 * srudp_endpoint_remove_invitation:
 * @self: an endpoint
 * @invitation: one that it made, or that was added to it
 *
 * Withdraws an invitation: whoever comes with it from now on is refused, with
 * %SRUDP_ERROR_INVITATION, or hears nothing if
 * [property@Srudp.Endpoint:accept-incoming] is off.
 *
 * Connections that it has led to stay.
 */
void
srudp_endpoint_remove_invitation (SrudpEndpoint   *self,
                                  SrudpInvitation *invitation)
{
  g_autoptr (SrudpEndpointCore) core = NULL;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (SRUDP_IS_INVITATION (invitation));

  core = srudp_endpoint_dup_core (self, NULL);
  if (core != NULL && srudp_invitation_get_secret (invitation) != NULL)
    srudp_endpoint_core_set_invitation_secret (
      core, srudp_invitation_get_secret (invitation), FALSE);
}
