/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-seek.c: asking introducers for somebody
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-private.h"

#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-prober-private.h"

#include <string.h>

/* The other peer may still be on its way to the introducer. */
#define RETRY_MS 1000

void
srudp_introducer_ask (SrudpEndpointCore   *core,
                      SrudpConnectionCore *introducer,
                      SrudpConnectionCore *seeker)
{
  SrudpIntroduction request = { .kind = SRUDP_INTRODUCTION_REQUEST };

  srudp_prober_describe (core->prober, &request);
  memcpy (request.peer_key, srudp_peer_id_get_key (seeker->expected_peer),
          sizeof request.peer_key);
  srudp_introducer_send (introducer, &request);
}

static gboolean
retry_cb (gpointer user_data)
{
  SrudpConnectionCore *helper = user_data;
  SrudpIntroducing *parts = helper->introducing;

  g_clear_pointer (&parts->retry, g_source_unref);
  if (srudp_introducer_is_open (helper) && parts->seeker != NULL)
    {
      srudp_introducer_ask (helper->endpoint, helper, parts->seeker);
      srudp_endpoint_core_wake (helper->endpoint);
    }
  return G_SOURCE_REMOVE;
}

void
srudp_introducer_ask_again (SrudpEndpointCore   *core,
                            SrudpConnectionCore *helper)
{
  SrudpIntroducing *parts = helper->introducing;

  if (parts == NULL || parts->seeker == NULL || parts->retry != NULL)
    return;
  parts->retry = g_timeout_source_new (RETRY_MS);
  g_source_set_callback (parts->retry, retry_cb,
                         srudp_connection_core_ref (helper),
                         (GDestroyNotify) srudp_connection_core_unref);
  g_source_attach (parts->retry, core->context);
}

static void
open_helper (SrudpEndpointCore               *core,
             SrudpConnectionCore             *seeker,
             const SrudpInvitationIntroducer *introducer,
             gint64                           timeout_us)
{
  g_autoptr (SrudpConnectionCore) helper = srudp_connection_core_new ();
  SrudpIntroducing *parts = srudp_introducing_ensure (seeker);
  SrudpOpenConfig config = {
    .candidates = introducer->addresses,
    .n_candidates = introducer->n_addresses,
    .expected_peer = introducer->key,
    .open_timeout_us = timeout_us,
    .idle_timeout_us = SRUDP_DEFAULT_IDLE_TIMEOUT_US,
    .keepalive_us = SRUDP_DEFAULT_KEEPALIVE_US,
  };

  helper->expected_peer = srudp_peer_id_new_from_key (introducer->key);
  helper->opened_us = g_get_monotonic_time ();
  srudp_introducing_ensure (helper)->seeker
    = srudp_connection_core_ref (seeker);
  if (parts->helpers == NULL)
    parts->helpers = g_ptr_array_new_with_free_func (
      (GDestroyNotify) srudp_connection_core_unref);
  g_ptr_array_add (parts->helpers, srudp_connection_core_ref (helper));
  srudp_introducer_open (core, helper, &config);
}

void
srudp_introducer_seek (SrudpEndpointCore   *core,
                       SrudpConnectionCore *connection,
                       gint64               timeout_us)
{
  for (guint i = 0; i < connection->n_introducers; i++)
    {
      const SrudpInvitationIntroducer *introducer =
        &connection->introducers[i];
      guint8 own[SRUDP_KEY_BYTES];

      srudp_engine_get_public_key (core->engine, own);
      if (memcmp (own, introducer->key, sizeof own) != 0)
        open_helper (core, connection, introducer, timeout_us);
    }
}

void
srudp_introducer_end_helpers (SrudpConnectionCore *connection)
{
  g_autoptr (GPtrArray) helpers = NULL;

  if (connection->introducing == NULL)
    return;
  helpers = g_steal_pointer (&connection->introducing->helpers);
  for (guint i = 0; helpers != NULL && i < helpers->len; i++)
    {
      SrudpConnectionCore *helper = g_ptr_array_index (helpers, i);

      srudp_introducing_stop_retrying (helper->introducing);
      g_clear_pointer (&helper->introducing->seeker,
                       srudp_connection_core_unref);
      srudp_connection_core_close_session (helper);
    }
}
