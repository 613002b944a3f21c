/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prober-named.c: what was named to others, and that it still holds
 */
#include "config.h"

#include "srudp-glib/srudp-prober-state-private.h"

#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-host-addresses-private.h"
#include "srudp-glib/srudp-introducer-private.h"

#include <string.h>

/* RFC 8445, section 11: keepalives every 15 s, spread so that endpoints that
 * started together don't stay together. */
#define REFRESH_US (15 * G_USEC_PER_SEC)
#define REFRESH_SPREAD_US (2 * G_USEC_PER_SEC)
/* Where the NAT has forgotten by then. */
#define SHORT_REFRESH_US (10 * G_USEC_PER_SEC)

/* Where one would be heard from if the network in use were gone. */
void
srudp_prober_ask_uplinks (SrudpProber *self,
                          gint64       now)
{
  const SrudpAddress *server = &self->found[0].server;

  if (srudp_address_is_set (server) && self->core->spares != NULL
      && srudp_prober_is_any (&self->bound))
    srudp_uplinks_ask (self->uplinks, now, server, self->bound.port);
  else
    srudp_uplinks_forget (self->uplinks);
}

static void
plan_refresh (SrudpProber *self,
              gint64       now)
{
  gint64 interval = self->forgets ? SHORT_REFRESH_US : REFRESH_US;

  self->refresh_us = now + interval - g_random_int_range (0, REFRESH_SPREAD_US);
}

static void
tell_change (SrudpProber *self)
{
  SRUDP_NOTE (NETWORK, "what was named to others holds no more");
  srudp_introducer_offer_anew (self->core);
  srudp_endpoint_push_candidates_changed (self->core->notifier);
}

static void
name (SrudpInvitationFields *fields,
      const SrudpAddress    *address)
{
  for (guint i = 0; i < fields->n_candidates; i++)
    if (srudp_address_equal (&fields->candidates[i], address))
      return;
  if (fields->n_candidates < SRUDP_INVITATION_MAX_CANDIDATES
      && srudp_invitation_can_name (address))
    fields->candidates[fields->n_candidates++] = *address;
}

/* What was named holds, and there is more to name. */
static void
tell_more (SrudpProber *self)
{
  SRUDP_NOTE (NETWORK, "there is more than was named to others");
  srudp_endpoint_push_candidates_added (self->core->notifier);
}

/* Connected peers get to know where else we are, for a better path. They are
 * told of so many only: those that peers far away can use come first. */
void
srudp_prober_tell_engine (SrudpProber *self)
{
  g_autoptr (GArray) hosts = NULL;
  SrudpInvitationFields fields = { 0 };
  SrudpAddress spare[SRUDP_PROBER_FAMILIES];
  guint n_spare;

  if (self->core->spares == NULL)
    return;

  hosts = srudp_prober_list_hosts (self);
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    {
      name (&fields, &self->found[i].mapped);
      name (&fields, &self->forwarded[i]);
    }
  n_spare = srudp_uplinks_get (self->uplinks, spare, G_N_ELEMENTS (spare));
  for (guint i = 0; i < n_spare; i++)
    name (&fields, &spare[i]);
  for (guint i = 0; i < hosts->len; i++)
    name (&fields, &g_array_index (hosts, SrudpAddress, i));
  srudp_engine_set_local_candidates (self->core->engine,
                                     g_get_monotonic_time (), self->bound.port,
                                     fields.candidates, fields.n_candidates);
}

static void
check_hosts (SrudpProber *self)
{
  GArray *hosts = srudp_prober_list_hosts (self);
  gboolean same = srudp_host_addresses_equal (hosts, self->named_hosts);

  g_array_unref (self->named_hosts);
  self->named_hosts = hosts;
  if (!same)
    tell_change (self);
}

void
srudp_prober_refresh (SrudpProber *self,
                      gint64       now)
{
  plan_refresh (self, now);
  check_hosts (self);
  srudp_prober_ask_uplinks (self, now);
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    {
      SrudpNamedMapping *mapping = &self->named[i];

      if (srudp_address_is_set (&mapping->server) && mapping->token == 0)
        mapping->token = srudp_stun_client_ask (&self->client, now,
                                                &mapping->server);
    }
}

void
srudp_prober_take_refresh_answer (SrudpProber           *self,
                                  const SrudpStunAnswer *answer)
{
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    {
      SrudpNamedMapping *mapping = &self->named[i];
      const SrudpAddress *mapped = &answer->response.mapped;

      if (mapping->token != answer->token)
        continue;
      mapping->token = 0;
      if (!answer->answered || srudp_address_equal (&mapping->mapped, mapped))
        continue;
      /* The same address with another port: it was forgotten meanwhile. */
      if (srudp_address_same_ip (&mapping->mapped, mapped))
        self->forgets = TRUE;
      mapping->mapped = *mapped;
      if (srudp_address_equal (&self->found[i].server, &mapping->server))
        self->found[i].mapped = *mapped;
      self->findings.nat[i].address = *mapped;
      srudp_engine_set_nat (self->core->engine, &self->findings.nat[i]);
      srudp_prober_tell_engine (self);
      tell_change (self);
    }
}

static SrudpFamily
family_of (guint index)
{
  return index == 0 ? SRUDP_FAMILY_IPV4 : SRUDP_FAMILY_IPV6;
}

/* Where the router of that family lets peers in by now; FALSE: that has not
 * changed. */
static gboolean
update_forwarded (SrudpProber *self,
                  guint        family)
{
  SrudpAddress external = { 0 };

  if (!srudp_port_forwarder_get_external (self->forwarder, family_of (family),
                                          &external))
    memset (&external, 0, sizeof external);
  if (srudp_address_equal (&external, &self->forwarded[family]))
    return FALSE;
  self->forwarded[family] = external;
  return TRUE;
}

/* Otherwise than by the router that lets peers in there. */
static gboolean
is_named (SrudpProber        *self,
          const SrudpAddress *address)
{
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    if (srudp_address_equal (&self->named[i].mapped, address))
      return TRUE;
  return srudp_host_addresses_include (self->named_hosts, address);
}

/* A router may lose a mapping, come by another address, or let peers in only
 * when invitations are on their way. */
void
srudp_prober_check_forwarded (SrudpProber *self)
{
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    {
      SrudpAddress *named = &self->named_forwarded[i];
      const SrudpAddress *now = &self->forwarded[i];

      if (update_forwarded (self, i))
        srudp_prober_tell_engine (self);
      if (!self->keeping || srudp_address_equal (named, now))
        continue;
      /* An invitation that is being made may name it. */
      if (!srudp_address_is_set (named) && !g_queue_is_empty (&self->askers))
        continue;

      if (srudp_address_is_set (named))
        tell_change (self);
      else if (!is_named (self, now))
        tell_more (self);
      *named = *now;
    }
}

void
srudp_prober_on_network_change (SrudpProber *self)
{
  srudp_port_forwarder_on_network_change (self->forwarder);
  self->forgets = FALSE;
  srudp_prober_ask_uplinks (self, g_get_monotonic_time ());
  srudp_prober_tell_engine (self);
  if (self->keeping)
    srudp_prober_refresh (self, g_get_monotonic_time ());
}

/* A peer can guess at what comes next only if it knows what came last. */
static void
name_nat (SrudpInvitationFields *fields,
          const SrudpNatFacts   *facts)
{
  for (guint i = 0; i < fields->n_candidates; i++)
    if (facts->mapping == SRUDP_MAPPING_ENDPOINT_DEPENDENT
        && srudp_address_equal (&fields->candidates[i], &facts->address))
      {
        fields->nat.mapping = facts->mapping;
        fields->nat.port_delta = facts->port_delta;
        fields->nat.address = facts->address;
      }
}

void
srudp_prober_name_candidates (SrudpProber           *self,
                              SrudpInvitationFields *fields)
{
  GArray *hosts = srudp_prober_list_hosts (self);

  for (guint family = 0; family < SRUDP_PROBER_FAMILIES; family++)
    {
      for (guint i = 0; i < hosts->len; i++)
        {
          SrudpAddress *host = &g_array_index (hosts, SrudpAddress, i);

          if (srudp_prober_index_of (host) == family)
            name (fields, host);
        }
      name (fields, &self->found[family].mapped);
      update_forwarded (self, family);
      self->named_forwarded[family] = self->forwarded[family];
      name (fields, &self->forwarded[family]);
      name_nat (fields, &self->findings.nat[family]);
      if (srudp_address_is_set (&self->found[family].server))
        {
          self->named[family].server = self->found[family].server;
          self->named[family].mapped = self->found[family].mapped;
        }
    }

  g_clear_pointer (&self->named_hosts, g_array_unref);
  self->named_hosts = hosts;
  self->keeping = TRUE;
  srudp_prober_tell_engine (self);
  plan_refresh (self, g_get_monotonic_time ());
}
