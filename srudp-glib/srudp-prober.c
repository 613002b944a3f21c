/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prober.c: where others can find this endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-prober-state-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-host-addresses-private.h"

#include <string.h>

static void
forwarder_cb (gpointer user_data)
{
  SrudpProber *self = user_data;

  srudp_endpoint_core_wake (self->core);
}

SrudpProber *
srudp_prober_new (SrudpEndpointCore *core)
{
  SrudpProber *self = g_new0 (SrudpProber, 1);

  self->core = core;
  self->servers = g_new0 (char *, 1);
  self->uplinks = srudp_uplinks_new ();
  self->forwarder =
    srudp_port_forwarder_new (core->context, forwarder_cb, self);
  srudp_stun_client_init (&self->client, srudp_crypto_random, NULL);
  return self;
}

void
srudp_prober_free (SrudpProber *self)
{
  srudp_prober_stop_resolving (self);
  while (self->n_resolving > 0)
    g_main_context_iteration (self->core->context, TRUE);
  while (!g_queue_is_empty (&self->askers))
    {
      SrudpSurveyAsker *asker = g_queue_pop_head (&self->askers);

      asker->func (NULL, asker->user_data);
      g_free (asker);
    }
  g_clear_pointer (&self->forwarder, srudp_port_forwarder_free);
  g_clear_pointer (&self->named_hosts, g_array_unref);
  srudp_uplinks_free (self->uplinks);
  g_strfreev (self->servers);
  g_free (self);
}

/* Who waits for a survey waits for one of the servers there are then. */
void
srudp_prober_set_servers (SrudpProber        *self,
                          const char * const *servers)
{
  gboolean changed = !g_strv_equal ((const char *const *) self->servers,
                                    (const char *const *) servers);

  g_strfreev (self->servers);
  self->servers = g_strdupv ((char **) servers);
  if (!changed || g_queue_is_empty (&self->askers))
    return;
  srudp_prober_break_off_survey (self);
  srudp_prober_begin_survey (self);
}

void
srudp_prober_set_port_mapping (SrudpProber *self,
                               gboolean     allowed)
{
  self->may_map = allowed;
}

void
srudp_prober_map_port (SrudpProber *self)
{
  if (self->may_map && self->bound.port != 0
      && !srudp_host_addresses_is_loopback (&self->bound))
    srudp_port_forwarder_start (self->forwarder, self->bound.port);
}

void
srudp_prober_set_bound (SrudpProber        *self,
                        const SrudpAddress *bound)
{
  self->bound = *bound;
  srudp_prober_tell_engine (self);
}

guint
srudp_prober_index_of (const SrudpAddress *address)
{
  return address->family == SRUDP_FAMILY_IPV6;
}

/* Our own addresses */

gboolean
srudp_prober_is_any (const SrudpAddress *address)
{
  static const guint8 zeros[16] = { 0 };

  return memcmp (address->ip, zeros, sizeof zeros) == 0;
}

/* (transfer full): all that could be ours, also those of loopback. */
GArray *
srudp_prober_list_own (SrudpProber *self)
{
  GArray *all, *own = g_array_new (FALSE, FALSE, sizeof (SrudpAddress));

  if (!srudp_address_is_set (&self->bound))
    return own;
  if (!srudp_prober_is_any (&self->bound))
    {
      g_array_append_val (own, self->bound);
      return own;
    }

  all = srudp_host_addresses_list (self->bound.port);
  for (guint i = 0; i < all->len; i++)
    {
      SrudpAddress *address = &g_array_index (all, SrudpAddress, i);

      if (srudp_datagram_io_can_reach (self->core->io, address))
        g_array_append_val (own, *address);
    }
  g_array_unref (all);
  return own;
}

/* Those to be named to others. */
GArray *
srudp_prober_list_hosts (SrudpProber *self)
{
  g_autoptr (GArray) own = srudp_prober_list_own (self);

  return srudp_host_addresses_pick (own);
}

static void
add_own (SrudpIntroduction  *introduction,
         const SrudpAddress *address)
{
  if (srudp_invitation_can_name (address)
      && introduction->n_addresses < SRUDP_INTRODUCTION_MAX_ADDRESSES - 1)
    introduction->addresses[introduction->n_addresses++] = *address;
}

void
srudp_prober_describe (SrudpProber       *self,
                       SrudpIntroduction *out)
{
  g_autoptr (GArray) hosts = srudp_prober_list_hosts (self);
  const SrudpNatFacts *facts = &self->findings.nat[0];

  out->n_addresses = 0;
  out->mapping = facts->mapping;
  out->port_delta = facts->port_delta;
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    add_own (out, &self->found[i].mapped);
  for (guint i = 0; i < hosts->len; i++)
    add_own (out, &g_array_index (hosts, SrudpAddress, i));
}

/* The worker's loop */

gboolean
srudp_prober_receive (SrudpProber        *self,
                      const SrudpAddress *from,
                      const guint8       *data,
                      gsize               size)
{
  gint64 now = g_get_monotonic_time ();

  return srudp_stun_client_receive (&self->client, now, from, data, size)
         || srudp_uplinks_receive (self->uplinks, now, from, data, size);
}

void
srudp_prober_advance (SrudpProber *self)
{
  gint64 now = g_get_monotonic_time ();
  SrudpStunAnswer answer;
  gint64 end;

  while (srudp_stun_client_poll_answer (&self->client, now, &answer))
    {
      SrudpProbe *probe = srudp_prober_find_probe (self, answer.token);

      if (probe != NULL)
        srudp_prober_take_survey_answer (self, probe, &answer);
      else
        srudp_prober_take_refresh_answer (self, &answer);
    }

  if (srudp_uplinks_advance (self->uplinks, now))
    srudp_prober_tell_engine (self);
  srudp_port_forwarder_advance (self->forwarder, now);
  srudp_prober_check_forwarded (self);
  if (srudp_port_forwarder_pop_end (self->forwarder, &end))
    srudp_engine_expect_mapping_end (self->core->engine, now, end);
  srudp_prober_advance_survey (self, now);
  if (self->keeping && now >= self->refresh_us)
    srudp_prober_refresh (self, now);
}

gboolean
srudp_prober_poll_transmit (SrudpProber   *self,
                            SrudpTransmit *flight,
                            guint8        *buffer)
{
  gint64 now = g_get_monotonic_time ();

  memset (flight, 0, sizeof *flight);
  flight->size = flight->segment_size = SRUDP_STUN_REQUEST_BYTES;
  return srudp_stun_client_poll_transmit (&self->client, now,
                                          &flight->path.remote, buffer)
         || srudp_uplinks_poll_transmit (self->uplinks, now, &flight->path,
                                         buffer);
}

static gint64
earlier (gint64 a,
         gint64 b)
{
  return a < 0 ? b : b < 0 ? a : MIN (a, b);
}

gint64
srudp_prober_get_deadline (SrudpProber *self)
{
  gint64 deadline = srudp_stun_client_get_deadline (&self->client);

  deadline = earlier (deadline, srudp_uplinks_get_deadline (self->uplinks));
  deadline = earlier (deadline,
                      srudp_port_forwarder_get_deadline (self->forwarder));
  if (self->keeping)
    deadline = earlier (deadline, self->refresh_us);
  return earlier (deadline, srudp_prober_get_survey_deadline (self));
}
