/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-invite.c: invitations of an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-endpoint-survey-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-invitation-private.h"
#include "srudp-glib/srudp-operation-private.h"

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

/* Making one */

static void
invite (SrudpProber *prober,
        gpointer     user_data)
{
  g_autoptr (SrudpSurveyOrder) order = user_data;
  SrudpInvitationFields fields = { 0 };
  gint64 until_s = g_get_real_time () / G_USEC_PER_SEC + order->lifetime_s;

  if (prober == NULL)
    {
      srudp_survey_order_fail (order);
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
  srudp_endpoint_core_make_invitation_secret (order->core, fields.expires_s,
                                              fields.secret);
  srudp_survey_order_give (order, srudp_invitation_new_from_fields (&fields));
  srudp_crypto_wipe (&fields, sizeof fields);
}

static gboolean
begin_invitation (gpointer      object,
                  SrudpWaiter  *waiter,
                  GError      **error)
{
  return srudp_endpoint_order_survey (object, invite, TRUE, waiter, error);
}

static const SrudpOperation invitation_operation = {
  .check_process = srudp_endpoint_check_process,
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
 * closed. [signal@Srudp.Endpoint::candidates-changed] tells when it is lost, and
 * [signal@Srudp.Endpoint::candidates-added] when there is more to name.
 *
 * The invitation holds a fresh secret. Whoever has it is answered, though
 * [property@Srudp.Endpoint:accept-incoming] is off and all others hear
 * nothing; the connection then comes as any other, by
 * [signal@Srudp.Endpoint::incoming] or [method@Srudp.Endpoint.accept]. The
 * endpoint knows the newest 64 secrets that it gave out, until it is closed;
 * [method@Srudp.Endpoint.add_invitation] tells them to a later one. When
 * [property@Srudp.Invitation:expires] is over, by the clock of this computer,
 * the secret is wiped: whoever comes with it then is a stranger.
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

/* In seconds since 1970; 0: never. */
static gint64
get_end (SrudpInvitation *invitation)
{
  GDateTime *expires = srudp_invitation_get_expires (invitation);

  return expires != NULL ? g_date_time_to_unix (expires) : 0;
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
 * as with one that [method@Srudp.Endpoint.create_invitation] has made just now,
 * until [property@Srudp.Invitation:expires]. Then it is forgotten, without any
 * call.
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
    core, srudp_invitation_get_secret (invitation), TRUE,
    get_end (invitation));
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
      core, srudp_invitation_get_secret (invitation), FALSE, 0);
}
