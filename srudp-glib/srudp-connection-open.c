/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-open.c: from addresses to a session
 *
 * The peer is looked up where the application called; each address goes to
 * the worker as it is found. The first one starts the session.
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-reason-private.h"
#include "srudp-glib/srudp-source-private.h"

/* So that neither family crowds out the other among the engine's 40. */
#define CANDIDATES_MAX_OF_FAMILY 36

typedef struct
{
  SrudpConnectionCore *core;
  GSocketAddress *address;
} Candidate;

typedef struct
{
  SrudpConnectionCore *core;
  GError *error;
} Resolved;

static gboolean
check_new (SrudpConnectionCore  *self,
           GError              **error)
{
  if (self->state == SRUDP_STATE_NEW)
    return TRUE;

  if (self->state < SRUDP_STATE_ESTABLISHED)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         _ ("The connection is being opened already."));
  else if (self->state < SRUDP_STATE_CLOSING)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                         _ ("The connection is open already."));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _ ("The connection was closed. Make a new one to try "
                            "again."));
  return FALSE;
}

static gboolean
resolve_timeout_cb (gpointer user_data)
{
  SrudpConnectionCore *self = user_data;
  g_autoptr (GError) error =
    g_error_new_literal (SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE,
                         _ ("The address of the peer was not found in time. "
                            "Check it, and your network."));

  g_clear_pointer (&self->resolve_timeout, g_source_unref);
  srudp_connection_core_abort (self, error);
  return G_SOURCE_REMOVE;
}

static void
start_resolving_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;
  guint timeout_ms;

  g_mutex_lock (&self->lock);
  timeout_ms = self->state == SRUDP_STATE_RESOLVING ? self->open_timeout_ms
                                                    : 0;
  g_mutex_unlock (&self->lock);
  if (timeout_ms == 0)
    return;

  self->resolve_timeout = g_timeout_source_new (timeout_ms);
  g_source_set_callback (self->resolve_timeout, resolve_timeout_cb,
                         srudp_connection_core_ref (self),
                         (GDestroyNotify) srudp_connection_core_unref);
  g_source_attach (self->resolve_timeout, self->endpoint->context);
}

gboolean
srudp_connection_core_begin_open (SrudpConnectionCore  *self,
                                  SrudpEndpointCore    *endpoint,
                                  SrudpWaiter          *waiter,
                                  GError              **error)
{
  g_autoptr (GPtrArray) early = NULL;

  g_mutex_lock (&self->lock);
  if (!check_new (self, error))
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }
  self->endpoint = srudp_endpoint_core_ref (endpoint);
  self->opened_us = g_get_monotonic_time ();
  self->resolving = g_cancellable_new ();
  g_queue_push_tail (&self->open_waiters, srudp_waiter_ref (waiter));
  srudp_connection_core_enter_state (self, SRUDP_STATE_RESOLVING);
  early = g_steal_pointer (&self->early_candidates);
  g_mutex_unlock (&self->lock);

  if (!srudp_connection_core_post (self, start_resolving_mail))
    {
      g_autoptr (GError) closed = srudp_reason_new_endpoint_closed_error ();

      srudp_connection_core_die (self, closed);
    }
  for (guint i = 0; i < early->len; i++)
    srudp_connection_core_add_candidate (self, g_ptr_array_index (early, i));
  return TRUE;
}

static gint64
get_remaining_timeout (SrudpConnectionCore *self)
{
  gint64 elapsed = g_get_monotonic_time () - self->opened_us;

  if (self->open_timeout_ms == 0)
    return 0;
  return MAX ((gint64) self->open_timeout_ms * 1000 - elapsed, 1000);
}

/* `address` may be NULL: it is for the peer to find us. */
static void
start_session (SrudpConnectionCore *self,
               const SrudpAddress  *address)
{
  SrudpOpenConfig config = { .candidates = address,
                             .n_candidates = address != NULL ? 1 : 0 };
  SrudpSession *session;
  SrudpState state;

  srudp_clear_source (&self->resolve_timeout);

  g_mutex_lock (&self->lock);
  config.open_timeout_us = get_remaining_timeout (self);
  config.idle_timeout_us = (gint64) self->idle_timeout_ms * 1000;
  config.keepalive_us = (gint64) self->keepalive_ms * 1000;
  config.max_window = self->max_receive_window;
  /* Constant from the beginning of the opening. */
  if (self->expected_peer != NULL)
    config.expected_peer = srudp_peer_id_get_key (self->expected_peer);
  if (self->peer_nat.mapping != SRUDP_MAPPING_UNKNOWN)
    config.peer_nat = &self->peer_nat;
  if (self->passphrase != NULL)
    {
      config.passphrase = srudp_secret_get_data (self->passphrase);
      config.passphrase_size = srudp_secret_get_size (self->passphrase);
    }
  if (self->invitation != NULL)
    config.invitation = srudp_secret_get_data (self->invitation);
  g_mutex_unlock (&self->lock);

  session = srudp_endpoint_core_open (self->endpoint, self, &config);
  srudp_connection_core_bind (self, self->endpoint, session);

  if (srudp_session_get_state (session) < SRUDP_STATE_ESTABLISHED)
    srudp_introducer_seek (self->endpoint, self, config.open_timeout_us);

  /* One that was there already has been announced before. */
  state = srudp_session_get_state (session);
  if (state >= SRUDP_STATE_ESTABLISHED && state < SRUDP_STATE_CLOSED)
    srudp_connection_core_on_state (self, SRUDP_STATE_ESTABLISHED,
                                    SRUDP_REASON_NONE);
  if (state > SRUDP_STATE_ESTABLISHED)
    srudp_connection_core_on_state (self, state,
                                    srudp_session_get_reason (session));
}

static void
refuse_late_open (SrudpConnectionCore *self)
{
  g_autoptr (GError) error = srudp_reason_new_endpoint_closed_error ();

  srudp_connection_core_abort (self, error);
}

/* What can't be reached from here is left out, and so is a proxy: none
 * carries UDP. */
static gboolean
read_candidate (SrudpConnectionCore *self,
                GSocketAddress      *from,
                SrudpAddress        *address)
{
  SrudpDatagramIo *io = self->endpoint->io;
  guint *n;

  if (G_IS_PROXY_ADDRESS (from) || !srudp_datagram_io_enter (io, from, address)
      || !srudp_datagram_io_can_reach (io, address))
    return FALSE;
  if (srudp_datagram_io_is_own (io, address))
    {
      self->found_itself = TRUE;
      return FALSE;
    }

  n = &self->n_candidates[address->family == SRUDP_FAMILY_IPV6];
  return (*n)++ < CANDIDATES_MAX_OF_FAMILY;
}

static void
candidate_mail (gpointer data)
{
  Candidate *candidate = data;
  SrudpConnectionCore *self = candidate->core;
  SrudpAddress address;

  if (srudp_connection_core_get_state (self) < SRUDP_STATE_CLOSING
      && read_candidate (self, candidate->address, &address))
    {
      SRUDP_NOTE (CANDIDATES, "%p: %s is tried", (void *) self,
                  SRUDP_DEBUG_ADDRESS (&address));
      if (self->session == NULL && self->endpoint->shut_down)
        refuse_late_open (self);
      else if (self->session == NULL)
        start_session (self, &address);
      else
        srudp_session_add_candidate (self->session, g_get_monotonic_time (),
                                     &address);
    }
  g_object_unref (candidate->address);
  srudp_connection_core_unref (self);
  g_free (candidate);
}

void
srudp_connection_core_add_candidate (SrudpConnectionCore *self,
                                     GSocketAddress      *address)
{
  g_autoptr (SrudpEndpointCore) endpoint = NULL;
  Candidate *candidate;

  g_mutex_lock (&self->lock);
  if (self->state == SRUDP_STATE_NEW)
    g_ptr_array_add (self->early_candidates, g_object_ref (address));
  else if (self->endpoint != NULL)
    endpoint = srudp_endpoint_core_ref (self->endpoint);
  g_mutex_unlock (&self->lock);
  if (endpoint == NULL)
    return;

  candidate = g_new (Candidate, 1);
  candidate->core = srudp_connection_core_ref (self);
  candidate->address = g_object_ref (address);
  if (!srudp_mailbox_post (endpoint->mailbox, candidate_mail, candidate))
    {
      g_object_unref (candidate->address);
      srudp_connection_core_unref (candidate->core);
      g_free (candidate);
    }
}

static GError *
make_no_address_error (gboolean any)
{
  if (any)
    return g_error_new_literal (
      SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE,
      _ ("None of the addresses of the peer can be reached from here. Perhaps "
         "they are all of IPv6, and this network or the chosen local address "
         "has only IPv4, or the other way round."));
  return g_error_new_literal (SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE,
                              _ ("The peer has no address that could be "
                                 "tried."));
}

/* The addresses came before this on the same way. Those that were added by
 * hand count as well. */
static void
resolved_mail (gpointer data)
{
  Resolved *resolved = data;
  SrudpConnectionCore *self = resolved->core;
  g_autoptr (GError) own = NULL;

  if (self->session == NULL
      && srudp_connection_core_get_state (self) == SRUDP_STATE_RESOLVING)
    {
      /* A peer whose key is known may well have our address, and even our port,
       * in another private network. */
      if (self->found_itself && self->expected_peer != NULL
          && !self->endpoint->shut_down)
        start_session (self, NULL);
      else if (self->found_itself)
        own = srudp_reason_to_error (SRUDP_REASON_OWN_IDENTITY,
                                     SRUDP_STATE_RESOLVING, NULL);
      /* Somebody may know more. */
      if (self->session == NULL && own == NULL && self->n_introducers > 0
          && !self->endpoint->shut_down)
        start_session (self, NULL);
      if (self->session == NULL)
        srudp_connection_core_abort (self,
                                     own != NULL ? own : resolved->error);
    }
  srudp_connection_core_unref (self);
  g_error_free (resolved->error);
  g_free (resolved);
}

/* All addresses that there are have been added, `any` says whether one was. */
void
srudp_connection_core_end_resolving (SrudpConnectionCore *self,
                                     gboolean             any,
                                     const GError        *error)
{
  g_autoptr (SrudpEndpointCore) endpoint =
    srudp_connection_core_dup_endpoint (self);
  GCancellable *resolving;
  Resolved *resolved;

  g_mutex_lock (&self->lock);
  resolving = g_steal_pointer (&self->resolving);
  g_mutex_unlock (&self->lock);
  g_clear_object (&resolving);

  resolved = g_new (Resolved, 1);
  resolved->core = srudp_connection_core_ref (self);
  resolved->error = error != NULL && !any ? g_error_copy (error)
                                          : make_no_address_error (any);
  if (!srudp_mailbox_post (endpoint->mailbox, resolved_mail, resolved))
    resolved_mail (resolved);
}
