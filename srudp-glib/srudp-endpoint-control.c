/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-control.c: what others ask of an endpoint's worker
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-prober-private.h"
#include "srudp-glib/srudp-reason-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"

#include <string.h>

/* A request to the worker; which fields count depends on the function. */
typedef struct
{
  SrudpEndpointCore *core;
  SrudpWaiter *waiter;
  SrudpCallFunc func;
  gpointer data;
  char *text;
  char **texts;
  SrudpAddress address;
  SrudpSecret *secret;
  guint8 key[SRUDP_KEY_BYTES];
  guint64 number;
  gint64 expires_s; /* of an invitation; 0: never */
  SrudpPunching punching;
} Request;

static Request *
request_new (SrudpEndpointCore *core)
{
  Request *request = g_new0 (Request, 1);

  request->core = srudp_endpoint_core_ref (core);
  return request;
}

static void
request_free (Request *request)
{
  srudp_endpoint_core_unref (request->core);
  g_clear_pointer (&request->waiter, srudp_waiter_unref);
  g_clear_pointer (&request->secret, srudp_secret_unref);
  g_free (request->text);
  g_strfreev (request->texts);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static gboolean
post (Request       *request,
      SrudpMailFunc  func)
{
  if (srudp_mailbox_post (request->core->mailbox, func, request))
    return TRUE;
  request_free (request);
  return FALSE;
}

static void
call_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  request->func (request->data);
  srudp_waiter_resolve (request->waiter, NULL, NULL);
}

gboolean
srudp_endpoint_core_call (SrudpEndpointCore *self,
                          SrudpCallFunc      func,
                          gpointer           data)
{
  g_autoptr (SrudpWaiter) waiter = NULL;
  Request *request;

  /* A transport that an application wrote runs on the worker, too. */
  if (self->thread == g_thread_self ())
    {
      func (data);
      return TRUE;
    }

  waiter = srudp_waiter_new ();
  request = request_new (self);
  request->waiter = srudp_waiter_ref (waiter);
  request->func = func;
  request->data = data;
  return post (request, call_mail) && srudp_waiter_wait (waiter, NULL, NULL);
}

static void
set_accepting_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  request->core->accepting = request->number != 0;
  srudp_engine_set_accepting (request->core->engine, request->number != 0);
}

void
srudp_endpoint_core_set_accepting (SrudpEndpointCore *self,
                                   gboolean           accepting)
{
  Request *request = request_new (self);

  request->number = accepting ? 1 : 0;
  post (request, set_accepting_mail);
}

static void
set_introducing_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  request->core->introducing = request->number != 0;
}

void
srudp_endpoint_core_set_introducing (SrudpEndpointCore *self,
                                     gboolean           introducing)
{
  Request *request = request_new (self);

  request->number = introducing ? 1 : 0;
  post (request, set_introducing_mail);
}

static void
set_backlog_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  srudp_engine_set_backlog (request->core->engine, (guint) request->number);
}

void
srudp_endpoint_core_set_backlog (SrudpEndpointCore *self,
                                 guint              backlog)
{
  Request *request = request_new (self);

  g_mutex_lock (&self->lock);
  self->max_backlog = backlog;
  g_mutex_unlock (&self->lock);

  request->number = backlog;
  post (request, set_backlog_mail);
}

static void
set_max_window_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  srudp_engine_set_max_window (request->core->engine, request->number);
}

void
srudp_endpoint_core_set_max_window (SrudpEndpointCore *self,
                                    guint64            n_bytes)
{
  Request *request = request_new (self);

  request->number = n_bytes;
  post (request, set_max_window_mail);
}

static void
set_punching_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  /* Other transports than UDP sockets have no ports to be found. */
  if (request->core->spares == NULL)
    request->punching = (SrudpPunching) { 0 };
  srudp_engine_set_punching (request->core->engine, &request->punching);
}

void
srudp_endpoint_core_set_punching (SrudpEndpointCore *self,
                                  gboolean           birthday_spray,
                                  guint              opener_ttl)
{
  Request *request = request_new (self);

  if (birthday_spray)
    {
      request->punching.max_sockets = SRUDP_MAX_SPRAY_SOCKETS;
      request->punching.max_probes = SRUDP_MAX_SPRAY_PROBES;
    }
  request->punching.opener_ttl = (guint8) opener_ttl;
  request->punching.second_paths = TRUE;
  post (request, set_punching_mail);
}

static void
set_protocol_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  srudp_engine_set_application_protocol (request->core->engine,
                                         request->text);
}

void
srudp_endpoint_core_set_protocol (SrudpEndpointCore *self,
                                  const char        *protocol)
{
  Request *request = request_new (self);

  request->text = g_strdup (protocol);
  post (request, set_protocol_mail);
}

static void
set_stun_servers_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  srudp_prober_set_servers (request->core->prober,
                            (const char * const *) request->texts);
}

void
srudp_endpoint_core_set_stun_servers (SrudpEndpointCore  *self,
                                      const char * const *servers)
{
  Request *request = request_new (self);

  request->texts = g_strdupv ((char **) servers);
  post (request, set_stun_servers_mail);
}

static void
set_port_mapping_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  srudp_prober_set_port_mapping (request->core->prober, request->number != 0);
}

void
srudp_endpoint_core_set_port_mapping (SrudpEndpointCore *self,
                                      gboolean           allowed)
{
  Request *request = request_new (self);

  request->number = allowed;
  post (request, set_port_mapping_mail);
}

static void
set_bound_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  SRUDP_NOTE (ENDPOINT, "%p: bound to %s", (void *) request->core,
              SRUDP_DEBUG_ADDRESS (&request->address));
  srudp_prober_set_bound (request->core->prober, &request->address);
}

void
srudp_endpoint_core_set_bound (SrudpEndpointCore *self,
                               GSocketAddress    *bound)
{
  Request *request = request_new (self);

  if (bound != NULL)
    srudp_address_from_inet (bound, &request->address);
  post (request, set_bound_mail);
}

static void
set_passphrase_mail (gpointer data)
{
  g_autoptr (Request) request = data;
  SrudpSecret *secret = request->secret;

  g_clear_pointer (&request->core->passphrase, srudp_secret_unref);
  if (secret != NULL)
    request->core->passphrase = srudp_secret_ref (secret);
  srudp_engine_set_passphrase (request->core->engine,
                               secret != NULL ? srudp_secret_get_data (secret)
                                              : NULL,
                               secret != NULL ? srudp_secret_get_size (secret)
                                              : 0);
}

void
srudp_endpoint_core_set_passphrase (SrudpEndpointCore *self,
                                    SrudpSecret       *passphrase)
{
  Request *request = request_new (self);

  if (passphrase != NULL)
    request->secret = srudp_secret_ref (passphrase);
  post (request, set_passphrase_mail);
}

static void
add_invitation (SrudpEndpointCore *self,
                const guint8       secret[SRUDP_KEY_BYTES],
                gint64             expires_s)
{
  srudp_engine_set_time_of_day (self->engine, g_get_monotonic_time (),
                                g_get_real_time ());
  srudp_engine_add_invitation (self->engine, secret,
                               expires_s > 0 ? expires_s * G_USEC_PER_SEC : -1);
}

static void
set_invitation_mail (gpointer data)
{
  g_autoptr (Request) request = data;
  const guint8 *secret = srudp_secret_get_data (request->secret);

  if (request->number != 0)
    add_invitation (request->core, secret, request->expires_s);
  else
    srudp_engine_remove_invitation (request->core->engine, secret);
}

void
srudp_endpoint_core_set_invitation_secret (SrudpEndpointCore *self,
                                           const guint8       secret[SRUDP_KEY_BYTES],
                                           gboolean           valid,
                                           gint64             expires_s)
{
  Request *request = request_new (self);

  request->secret = srudp_secret_new (secret, SRUDP_KEY_BYTES);
  request->number = valid ? 1 : 0;
  request->expires_s = expires_s;
  post (request, set_invitation_mail);
}

/* Worker only: whoever is given it may use it at once. */
void
srudp_endpoint_core_make_invitation_secret (SrudpEndpointCore *self,
                                            gint64             expires_s,
                                            guint8             secret[SRUDP_KEY_BYTES])
{
  srudp_crypto_random (NULL, secret, SRUDP_KEY_BYTES);
  add_invitation (self, secret, expires_s);
}

static void
allow_peer_mail (gpointer data)
{
  g_autoptr (Request) request = data;

  if (request->number != 0)
    srudp_engine_allow_peer (request->core->engine, request->key);
  else
    srudp_engine_forget_peer (request->core->engine, request->key);
}

void
srudp_endpoint_core_allow_peer (SrudpEndpointCore *self,
                                const guint8      *key,
                                gboolean           allowed)
{
  Request *request = request_new (self);

  memcpy (request->key, key, sizeof request->key);
  request->number = allowed ? 1 : 0;
  post (request, allow_peer_mail);
}

/* Closing */

static GList *
copy_connections (SrudpEndpointCore *self)
{
  GList *list = g_hash_table_get_keys (self->connections);

  for (GList *l = list; l != NULL; l = l->next)
    srudp_connection_core_ref (l->data);
  return list;
}

static void
shut_down_mail (gpointer data)
{
  g_autoptr (Request) request = data;
  SrudpEndpointCore *self = request->core;
  GList *list;

  if (self->shut_down)
    return;

  list = copy_connections (self);
  for (GList *l = list; l != NULL; l = l->next)
    srudp_connection_core_close_session (l->data);
  g_list_free_full (list, (GDestroyNotify) srudp_connection_core_unref);

  srudp_engine_close (self->engine, g_get_monotonic_time ());
  self->shut_down = TRUE;
  srudp_introducer_forget_returns (self);
}

static void
abort_mail (gpointer data)
{
  g_autoptr (Request) request = data;
  g_autoptr (GError) error = srudp_reason_new_endpoint_closed_error ();
  GList *list = copy_connections (request->core);

  /* At once: closing the endpoint, which may be next, would give those that
   * are left an orderly end. */
  for (GList *l = list; l != NULL; l = l->next)
    srudp_connection_core_abort_now (l->data, error);
  g_list_free_full (list, (GDestroyNotify) srudp_connection_core_unref);
}

/* With the lock held. */
static void
start_closing (SrudpEndpointCore *self)
{
  g_autoptr (GError) error = srudp_reason_new_endpoint_closed_error ();

  self->closing = TRUE;
  srudp_endpoint_push_closed (self->notifier);
  srudp_waiter_queue_fail (&self->accept_waiters, error);
}

void
srudp_endpoint_core_close (SrudpEndpointCore *self,
                           SrudpWaiter       *waiter)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !self->closing;
  if (first)
    start_closing (self);
  if (waiter != NULL && self->closed)
    srudp_waiter_resolve (waiter, NULL, NULL);
  else if (waiter != NULL)
    g_queue_push_tail (&self->close_waiters, srudp_waiter_ref (waiter));
  g_mutex_unlock (&self->lock);

  if (first)
    post (request_new (self), shut_down_mail);
}

void
srudp_endpoint_core_abort (SrudpEndpointCore *self)
{
  post (request_new (self), abort_mail);
}

gboolean
srudp_endpoint_core_is_closed (SrudpEndpointCore *self)
{
  gboolean closed;

  g_mutex_lock (&self->lock);
  closed = self->closing;
  g_mutex_unlock (&self->lock);
  return closed;
}

void
srudp_endpoint_core_hold (SrudpEndpointCore *self)
{
  g_mutex_lock (&self->lock);
  self->n_holds++;
  g_mutex_unlock (&self->lock);
}

void
srudp_endpoint_core_release (SrudpEndpointCore *self)
{
  gboolean last;

  g_mutex_lock (&self->lock);
  last = --self->n_holds == 0;
  g_mutex_unlock (&self->lock);

  if (last)
    srudp_endpoint_core_close (self, NULL);
}
