/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-return.c: going back to an introducer that was lost
 *
 * An introducer may be restarted, and the network here may fail for a while.
 * Invitations that name it are of use only while it knows where we are, so the
 * endpoint opens another connection to it, ever more slowly.
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-private.h"

#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-source-private.h"

#include <string.h>

/* The first wait doubles each time, up to the longest. */
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS (64 * 1000)
#define ATTEMPT_US (10 * G_USEC_PER_SEC)
/* An application that has more of them goes back to the others by itself. */
#define MAX_RETURNS 8

/* One that is to be gone back to; in core->returns. */
typedef struct
{
  SrudpEndpointCore *core;
  SrudpIntroducerHome *home;
  GSource *timer;
} Return;

SrudpIntroducerHome *
srudp_introducer_home_new (SrudpConnectionCore *connection)
{
  SrudpIntroducerHome *self = g_new0 (SrudpIntroducerHome, 1);
  SrudpCandidateInfo tried[SRUDP_MAX_CANDIDATES];
  guint n = srudp_session_get_candidates (connection->session, tried,
                                          G_N_ELEMENTS (tried));
  SrudpPath path;

  srudp_session_get_peer_key (connection->session, self->key);
  srudp_session_get_path (connection->session, &path);
  self->addresses[self->n_addresses++] = path.remote;
  for (guint i = 0; i < n && self->n_addresses < SRUDP_HOME_ADDRESSES; i++)
    if (tried[i].kind == SRUDP_CANDIDATE_GIVEN
        && !srudp_address_equal (&tried[i].address, &path.remote))
      self->addresses[self->n_addresses++] = tried[i].address;

  g_mutex_lock (&connection->lock);
  if (connection->passphrase != NULL)
    self->passphrase = srudp_secret_ref (connection->passphrase);
  if (connection->invitation != NULL)
    self->invitation = srudp_secret_ref (connection->invitation);
  self->idle_timeout_us = (gint64) connection->idle_timeout_ms * 1000;
  self->keepalive_us = (gint64) connection->keepalive_ms * 1000;
  g_mutex_unlock (&connection->lock);
  return self;
}

void
srudp_introducer_home_free (SrudpIntroducerHome *self)
{
  g_clear_pointer (&self->passphrase, srudp_secret_unref);
  g_clear_pointer (&self->invitation, srudp_secret_unref);
  g_free (self);
}

static void
return_free (Return *self)
{
  srudp_clear_source (&self->timer);
  g_clear_pointer (&self->home, srudp_introducer_home_free);
  g_free (self);
}

static void
open_again (SrudpEndpointCore   *core,
            SrudpIntroducerHome *home)
{
  g_autoptr (SrudpConnectionCore) connection = srudp_connection_core_new ();
  SrudpOpenConfig config = {
    .candidates = home->addresses,
    .n_candidates = home->n_addresses,
    .expected_peer = home->key,
    .open_timeout_us = ATTEMPT_US,
    .idle_timeout_us = home->idle_timeout_us,
    .keepalive_us = home->keepalive_us,
  };

  if (home->passphrase != NULL)
    {
      config.passphrase = srudp_secret_get_data (home->passphrase);
      config.passphrase_size = srudp_secret_get_size (home->passphrase);
    }
  if (home->invitation != NULL)
    config.invitation = srudp_secret_get_data (home->invitation);

  connection->expected_peer = srudp_peer_id_new_from_key (home->key);
  connection->opened_us = g_get_monotonic_time ();
  connection->introducing = g_new0 (SrudpIntroducing, 1);
  connection->introducing->home = home;
  srudp_introducer_open (core, connection, &config);
}

static gboolean
return_cb (gpointer user_data)
{
  Return *self = user_data;
  SrudpEndpointCore *core = self->core;

  g_queue_remove (&core->returns, self);
  open_again (core, g_steal_pointer (&self->home));
  return_free (self);
  srudp_endpoint_core_wake (core);
  return G_SOURCE_REMOVE;
}

/* A quarter by chance: a restarted introducer is not asked by all at once. */
static guint
take_wait_ms (SrudpIntroducerHome *home)
{
  guint wait_ms = MAX (home->wait_ms, FIRST_WAIT_MS);

  home->wait_ms = MIN (2 * wait_ms, LONGEST_WAIT_MS);
  return wait_ms + g_random_int_range (0, (gint32) wait_ms / 4);
}

void
srudp_introducer_return_later (SrudpEndpointCore   *core,
                               SrudpIntroducerHome *home)
{
  Return *self;

  srudp_introducer_forget_return (core, home->key);
  if (core->shut_down || core->returns.length == MAX_RETURNS)
    {
      srudp_introducer_home_free (home);
      return;
    }
  self = g_new0 (Return, 1);
  self->core = core;
  self->home = home;
  self->timer = g_timeout_source_new (take_wait_ms (home));
  g_source_set_callback (self->timer, return_cb, self, NULL);
  g_source_set_static_name (self->timer, "[srudp] back to an introducer");
  g_source_attach (self->timer, core->context);
  g_queue_push_tail (&core->returns, self);
}

void
srudp_introducer_forget_return (SrudpEndpointCore *core,
                                const guint8      *key)
{
  for (GList *l = core->returns.head; l != NULL; l = l->next)
    {
      Return *item = l->data;

      if (memcmp (item->home->key, key, SRUDP_KEY_BYTES) == 0)
        {
          g_queue_delete_link (&core->returns, l);
          return_free (item);
          return;
        }
    }
}

void
srudp_introducer_forget_returns (SrudpEndpointCore *core)
{
  g_queue_clear_full (&core->returns, (GDestroyNotify) return_free);
}
