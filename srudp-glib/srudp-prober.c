/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prober.c: where others can find this endpoint
 *
 * A survey asks every server once. Two that answer from different addresses
 * tell what kind of NAT there is (RFC 5780, section 4.3); one that has two
 * addresses says so, and is asked at both.
 */
#include "config.h"

#include "srudp-glib/srudp-prober-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/protocol/srudp-stun-client.h"
#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-host-addresses-private.h"
#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-port-forwarder-private.h"
#include "srudp-glib/srudp-uplinks-private.h"

#include <string.h>

/* RFC 8489, section 18.6 */
#define STUN_PORT 3478
/* RFC 6335, section 6: below are the ports of the system. A server may send us
 * to another address of its own, but only to one that looks like it. */
#define FIRST_USER_PORT 1024

#define SURVEY_US (2800 * G_TIME_SPAN_MILLISECOND)
/* Once one family has answered, the other one gets this long. */
#define GRACE_US (400 * G_TIME_SPAN_MILLISECOND)
/* RFC 8445, section 11: keepalives every 15 s, spread so that endpoints that
 * started together don't stay together. */
#define REFRESH_US (15 * G_USEC_PER_SEC)
#define REFRESH_SPREAD_US (2 * G_USEC_PER_SEC)
/* Where the NAT has forgotten by then. */
#define SHORT_REFRESH_US (10 * G_USEC_PER_SEC)

#define MAX_PROBES 12
#define MAX_ADDRESSES_OF_SERVER 4
#define N_FAMILIES 2

typedef struct
{
  SrudpAddress server;
  SrudpAddress mapped; /* unset: no answer */
  gint64 rtt_us;       /* -1: not known */
  guint token;         /* 0: over */
} Probe;

/* What was named to others, as one server sees it. */
typedef struct
{
  SrudpAddress server; /* unset: none */
  SrudpAddress mapped;
  guint token;         /* of the question that is on its way */
} Mapping;

typedef struct
{
  SrudpSurveyFunc func;
  gpointer user_data;
} Asker;

struct _SrudpProber
{
  SrudpEndpointCore *core; /* owns this */
  SrudpStunClient client;
  char **servers;
  SrudpAddress bound;

  GQueue askers; /* empty: no survey */
  gint64 survey_start_us;
  GCancellable *resolving;
  guint n_resolving_now; /* for this survey */
  guint n_resolving;     /* also those that were given up */
  Probe probes[MAX_PROBES];
  guint n_probes;

  SrudpNetworkFindings findings; /* of the last survey */
  Mapping found[N_FAMILIES];
  SrudpUplinks *uplinks;

  SrudpPortForwarder *forwarder;
  gboolean may_map;   /* routers may be asked to let peers in */
  SrudpAddress forwarded[N_FAMILIES]; /* as named to others */

  gboolean keeping; /* something was named to others */
  GArray *named_hosts;
  Mapping named[N_FAMILIES];
  gint64 refresh_us;
  gboolean forgets; /* the NAT, before it is refreshed */
};

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

static void
stop_resolving (SrudpProber *self)
{
  if (self->resolving == NULL)
    return;
  g_cancellable_cancel (self->resolving);
  g_clear_object (&self->resolving);
  self->n_resolving_now = 0;
}

void
srudp_prober_free (SrudpProber *self)
{
  stop_resolving (self);
  while (self->n_resolving > 0)
    g_main_context_iteration (self->core->context, TRUE);
  while (!g_queue_is_empty (&self->askers))
    {
      Asker *asker = g_queue_pop_head (&self->askers);

      asker->func (NULL, asker->user_data);
      g_free (asker);
    }
  g_clear_pointer (&self->forwarder, srudp_port_forwarder_free);
  g_clear_pointer (&self->named_hosts, g_array_unref);
  srudp_uplinks_free (self->uplinks);
  g_strfreev (self->servers);
  g_free (self);
}

static void break_off_survey (SrudpProber *self);
static void begin_survey (SrudpProber *self);

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
  break_off_survey (self);
  begin_survey (self);
}

static void tell_engine (SrudpProber *self);

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
  tell_engine (self);
}

static guint
index_of (const SrudpAddress *address)
{
  return address->family == SRUDP_FAMILY_IPV6;
}

/* Our own addresses */

static gboolean
is_any (const SrudpAddress *address)
{
  static const guint8 zeros[16] = { 0 };

  return memcmp (address->ip, zeros, sizeof zeros) == 0;
}

/* (transfer full): all that could be ours, also those of loopback. */
static GArray *
list_own (SrudpProber *self)
{
  GArray *all, *own = g_array_new (FALSE, FALSE, sizeof (SrudpAddress));

  if (!srudp_address_is_set (&self->bound))
    return own;
  if (!is_any (&self->bound))
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
static GArray *
list_hosts (SrudpProber *self)
{
  g_autoptr (GArray) own = list_own (self);

  return srudp_host_addresses_pick (own);
}

/* The survey */

static Probe *
find_probe (SrudpProber *self,
            guint        token)
{
  for (guint i = 0; i < self->n_probes; i++)
    if (self->probes[i].token == token)
      return &self->probes[i];
  return NULL;
}

static void
add_probe (SrudpProber        *self,
           const SrudpAddress *server)
{
  Probe probe = { .server = *server };

  for (guint i = 0; i < self->n_probes; i++)
    if (srudp_address_equal (&self->probes[i].server, server))
      return;
  if (self->n_probes == MAX_PROBES
      || !srudp_datagram_io_can_reach (self->core->io, server))
    return;

  probe.token = srudp_stun_client_ask (&self->client, g_get_monotonic_time (),
                                       server);
  if (probe.token != 0)
    self->probes[self->n_probes++] = probe;
}

typedef struct
{
  guint n_answers;
  gboolean pending;
  gboolean several; /* from different IP addresses */
} Progress;

static Progress
look (SrudpProber *self,
      guint        family)
{
  const SrudpAddress *first = NULL;
  Progress progress = { 0 };

  for (guint i = 0; i < self->n_probes; i++)
    {
      const Probe *probe = &self->probes[i];

      if (index_of (&probe->server) != family)
        continue;
      if (probe->token != 0)
        progress.pending = TRUE;
      if (!srudp_address_is_set (&probe->mapped))
        continue;
      progress.n_answers++;
      if (first == NULL)
        first = &probe->server;
      else if (!srudp_address_same_ip (first, &probe->server))
        progress.several = TRUE;
    }
  return progress;
}

static gboolean
survey_is_over (SrudpProber *self,
                gint64       now)
{
  gboolean grace_is_over = now >= self->survey_start_us + GRACE_US;
  /* The router is near: it has no more time than the others leave it. */
  gboolean all_settled =
    self->n_resolving_now == 0
    && (grace_is_over || !srudp_port_forwarder_is_asking (self->forwarder));
  gboolean one_settled = FALSE;

  for (guint i = 0; i < N_FAMILIES; i++)
    {
      Progress progress = look (self, i);
      gboolean settled = progress.several || !progress.pending;

      all_settled = all_settled && settled;
      one_settled = one_settled || (settled && progress.n_answers > 0);
    }
  return all_settled || now >= self->survey_start_us + SURVEY_US
         || (one_settled && grace_is_over);
}

static void
conclude_family (SrudpProber  *self,
                 guint         family,
                 const GArray *own)
{
  SrudpNatObservation observations[MAX_PROBES];
  SrudpNatFacts *facts = &self->findings.nat[family];
  gint64 *rtt_us = &self->findings.rtt_us;
  guint n = 0;

  for (guint i = 0; i < self->n_probes; i++)
    {
      const Probe *probe = &self->probes[i];

      if (index_of (&probe->server) != family
          || !srudp_address_is_set (&probe->mapped))
        continue;
      if (probe->rtt_us > 0 && (*rtt_us == 0 || probe->rtt_us < *rtt_us))
        *rtt_us = probe->rtt_us;
      observations[n].server = probe->server;
      observations[n++].mapped = probe->mapped;
    }

  srudp_nat_classify (facts, g_get_monotonic_time (), observations, n,
                      (const SrudpAddress *) own->data, own->len);
  memset (&self->found[family], 0, sizeof self->found[family]);
  if (n == 0)
    return;
  self->findings.n_answers += n;
  self->found[family].server = observations[n - 1].server;
  self->found[family].mapped = observations[n - 1].mapped;
  srudp_engine_set_nat (self->core->engine, facts);
}

/* Where one would be heard from if the network in use were gone. */
static void
ask_uplinks (SrudpProber *self,
             gint64       now)
{
  const SrudpAddress *server = &self->found[0].server;

  if (srudp_address_is_set (server) && self->core->spares != NULL
      && is_any (&self->bound))
    srudp_uplinks_ask (self->uplinks, now, server, self->bound.port);
  else
    srudp_uplinks_forget (self->uplinks);
}

static void
break_off_survey (SrudpProber *self)
{
  stop_resolving (self);
  for (guint i = 0; i < self->n_probes; i++)
    if (self->probes[i].token != 0)
      srudp_stun_client_cancel (&self->client, self->probes[i].token);
}

static void
conclude (SrudpProber *self)
{
  g_autoptr (GArray) own = list_own (self);
  GQueue askers = self->askers;
  Asker *asker;

  break_off_survey (self);
  memset (&self->findings, 0, sizeof self->findings);
  self->findings.n_servers = g_strv_length (self->servers);
  for (guint i = 0; i < N_FAMILIES; i++)
    conclude_family (self, i, own);
  self->n_probes = 0;
  ask_uplinks (self, g_get_monotonic_time ());

  g_queue_init (&self->askers);
  while ((asker = g_queue_pop_head (&askers)) != NULL)
    {
      asker->func (self, asker->user_data);
      g_free (asker);
    }
}

/* RFC 5780, section 7.4: a server that has another address says so. */
static void
follow_other (SrudpProber             *self,
              const Probe             *probe,
              const SrudpStunResponse *response)
{
  const SrudpAddress *other = &response->other;

  if (other->family == probe->server.family
      && srudp_address_is_unicast (other) && other->port >= FIRST_USER_PORT
      && !srudp_address_same_ip (other, &probe->server)
      && !look (self, index_of (other)).several)
    add_probe (self, other);
}

static void
take_survey_answer (SrudpProber           *self,
                    Probe                 *probe,
                    const SrudpStunAnswer *answer)
{
  probe->token = 0;
  SRUDP_NOTE (NETWORK, "%s sees %s", SRUDP_DEBUG_ADDRESS (&probe->server),
              answer->answered ? SRUDP_DEBUG_ADDRESS (&answer->response.mapped)
                               : "nothing");
  if (!answer->answered)
    return;
  probe->mapped = answer->response.mapped;
  probe->rtt_us = answer->rtt_us;
  follow_other (self, probe, &answer->response);
}

/* Names become addresses */

typedef struct
{
  SrudpProber *prober;
  GCancellable *cancellable;
  GSocketAddressEnumerator *enumerator;
  guint n_taken;
} Resolution;

static void resolve_next (Resolution *resolution);

static void
resolution_end (Resolution *resolution)
{
  SrudpProber *self = resolution->prober;

  self->n_resolving--;
  if (!g_cancellable_is_cancelled (resolution->cancellable))
    self->n_resolving_now--;
  g_object_unref (resolution->enumerator);
  g_object_unref (resolution->cancellable);
  g_free (resolution);
}

static void
resolved_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Resolution *resolution = user_data;
  SrudpProber *self = resolution->prober;
  g_autoptr (GSocketAddress) found = g_socket_address_enumerator_next_finish (
    G_SOCKET_ADDRESS_ENUMERATOR (source), result, NULL);
  SrudpAddress address;

  /* When it was given up, the survey that it belonged to is over. */
  if (g_cancellable_is_cancelled (resolution->cancellable))
    {
      resolution_end (resolution);
      return;
    }

  if (found != NULL && srudp_address_from_inet (found, &address))
    add_probe (self, &address);
  if (found != NULL && ++resolution->n_taken < MAX_ADDRESSES_OF_SERVER)
    resolve_next (resolution);
  else
    resolution_end (resolution);
  srudp_endpoint_core_wake (self->core);
}

static void
resolve_next (Resolution *resolution)
{
  g_socket_address_enumerator_next_async (resolution->enumerator,
                                          resolution->cancellable, resolved_cb,
                                          resolution);
}

static void
resolve (SrudpProber *self,
         const char  *server)
{
  g_autoptr (GSocketConnectable) connectable =
    g_network_address_parse (server, STUN_PORT, NULL);
  Resolution *resolution;

  /* It was looked at when the survey was ordered. */
  if (connectable == NULL)
    return;

  resolution = g_new0 (Resolution, 1);
  resolution->prober = self;
  resolution->cancellable = g_object_ref (self->resolving);
  resolution->enumerator = g_socket_connectable_enumerate (connectable);
  self->n_resolving++;
  self->n_resolving_now++;
  resolve_next (resolution);
}

static void
begin_survey (SrudpProber *self)
{
  self->survey_start_us = g_get_monotonic_time ();
  self->n_probes = 0;
  self->resolving = g_cancellable_new ();
  for (guint i = 0; self->servers[i] != NULL; i++)
    resolve (self, self->servers[i]);
}

void
srudp_prober_survey (SrudpProber     *self,
                     SrudpSurveyFunc  func,
                     gpointer         user_data)
{
  gboolean first = g_queue_is_empty (&self->askers);
  Asker *asker = g_new (Asker, 1);

  asker->func = func;
  asker->user_data = user_data;
  g_queue_push_tail (&self->askers, asker);
  if (first)
    begin_survey (self);
}

const SrudpNetworkFindings *
srudp_prober_get_findings (SrudpProber *self)
{
  return &self->findings;
}

/* What was named to others */

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

/* Connected peers get to know where else we are, for a better path. */
static void
tell_engine (SrudpProber *self)
{
  g_autoptr (GArray) hosts = NULL;
  SrudpInvitationFields fields = { 0 };
  SrudpAddress spare[N_FAMILIES];
  guint n_spare;

  if (self->core->spares == NULL)
    return;

  hosts = list_hosts (self);
  for (guint i = 0; i < hosts->len; i++)
    name (&fields, &g_array_index (hosts, SrudpAddress, i));
  for (guint i = 0; i < N_FAMILIES; i++)
    name (&fields, &self->found[i].mapped);
  n_spare = srudp_uplinks_get (self->uplinks, spare, G_N_ELEMENTS (spare));
  for (guint i = 0; i < n_spare; i++)
    name (&fields, &spare[i]);
  srudp_engine_set_local_candidates (self->core->engine,
                                     g_get_monotonic_time (), self->bound.port,
                                     fields.candidates, fields.n_candidates);
}

static void
check_hosts (SrudpProber *self)
{
  GArray *hosts = list_hosts (self);
  gboolean same = srudp_host_addresses_equal (hosts, self->named_hosts);

  g_array_unref (self->named_hosts);
  self->named_hosts = hosts;
  if (!same)
    tell_change (self);
}

static void
refresh (SrudpProber *self,
         gint64       now)
{
  plan_refresh (self, now);
  check_hosts (self);
  ask_uplinks (self, now);
  for (guint i = 0; i < N_FAMILIES; i++)
    {
      Mapping *mapping = &self->named[i];

      if (srudp_address_is_set (&mapping->server) && mapping->token == 0)
        mapping->token = srudp_stun_client_ask (&self->client, now,
                                                &mapping->server);
    }
}

static void
take_refresh_answer (SrudpProber           *self,
                     const SrudpStunAnswer *answer)
{
  for (guint i = 0; i < N_FAMILIES; i++)
    {
      Mapping *mapping = &self->named[i];
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
      self->findings.nat[i].address = *mapped;
      srudp_engine_set_nat (self->core->engine, &self->findings.nat[i]);
      tell_change (self);
    }
}

static SrudpFamily
family_of (guint index)
{
  return index == 0 ? SRUDP_FAMILY_IPV4 : SRUDP_FAMILY_IPV6;
}

/* A router may lose a mapping, or come by another address. */
static void
check_forwarded (SrudpProber *self)
{
  for (guint i = 0; i < N_FAMILIES; i++)
    {
      SrudpAddress external = { 0 };

      if (!srudp_address_is_set (&self->forwarded[i]))
        continue;
      srudp_port_forwarder_get_external (self->forwarder, family_of (i),
                                         &external);
      if (srudp_address_equal (&external, &self->forwarded[i]))
        continue;
      self->forwarded[i] = external;
      tell_change (self);
    }
}

void
srudp_prober_on_network_change (SrudpProber *self)
{
  srudp_port_forwarder_on_network_change (self->forwarder);
  self->forgets = FALSE;
  ask_uplinks (self, g_get_monotonic_time ());
  tell_engine (self);
  if (self->keeping)
    refresh (self, g_get_monotonic_time ());
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
  GArray *hosts = list_hosts (self);

  for (guint family = 0; family < N_FAMILIES; family++)
    {
      for (guint i = 0; i < hosts->len; i++)
        {
          SrudpAddress *host = &g_array_index (hosts, SrudpAddress, i);

          if (index_of (host) == family)
            name (fields, host);
        }
      name (fields, &self->found[family].mapped);
      if (srudp_port_forwarder_get_external (self->forwarder,
                                             family_of (family),
                                             &self->forwarded[family]))
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
  tell_engine (self);
  plan_refresh (self, g_get_monotonic_time ());
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
  g_autoptr (GArray) hosts = list_hosts (self);
  const SrudpNatFacts *facts = &self->findings.nat[0];

  out->n_addresses = 0;
  out->mapping = facts->mapping;
  out->port_delta = facts->port_delta;
  for (guint i = 0; i < N_FAMILIES; i++)
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
      Probe *probe = find_probe (self, answer.token);

      if (probe != NULL)
        take_survey_answer (self, probe, &answer);
      else
        take_refresh_answer (self, &answer);
    }

  if (srudp_uplinks_advance (self->uplinks, now))
    tell_engine (self);
  srudp_port_forwarder_advance (self->forwarder, now);
  check_forwarded (self);
  if (srudp_port_forwarder_pop_end (self->forwarder, &end))
    srudp_engine_expect_mapping_end (self->core->engine, now, end);
  if (!g_queue_is_empty (&self->askers) && survey_is_over (self, now))
    conclude (self);
  if (self->keeping && now >= self->refresh_us)
    refresh (self, now);
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
  gint64 now;

  deadline = earlier (deadline, srudp_uplinks_get_deadline (self->uplinks));
  deadline = earlier (deadline,
                      srudp_port_forwarder_get_deadline (self->forwarder));
  if (self->keeping)
    deadline = earlier (deadline, self->refresh_us);
  if (g_queue_is_empty (&self->askers))
    return deadline;

  now = g_get_monotonic_time ();
  if (now < self->survey_start_us + GRACE_US)
    deadline = earlier (deadline, self->survey_start_us + GRACE_US);
  return earlier (deadline, self->survey_start_us + SURVEY_US);
}
