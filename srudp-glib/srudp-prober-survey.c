/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prober-survey.c: asking every server once
 *
 * Two that answer from different addresses tell what kind of NAT there is
 * (RFC 5780, section 4.3); one that has two addresses says so, and is asked at
 * both.
 */
#include "config.h"

#include "srudp-glib/srudp-prober-state-private.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-debug-private.h"

#include <string.h>

/* RFC 8489, section 18.6 */
#define STUN_PORT 3478
/* RFC 6335, section 6: below are the ports of the system. A server may send us
 * to another address of its own, but only to one that looks like it. */
#define FIRST_USER_PORT 1024

/* Applications are promised an answer within three seconds. */
#define SURVEY_US (2800 * G_TIME_SPAN_MILLISECOND)
/* Once one family has answered, the other one gets this long. */
#define GRACE_US (400 * G_TIME_SPAN_MILLISECOND)
/* So long for the router, which is near: it is asked three times by then, once
 * more in the protocol that it was asked in first. */
#define ROUTER_US (900 * G_TIME_SPAN_MILLISECOND)
#define MAX_ADDRESSES_OF_SERVER 4

void
srudp_prober_stop_resolving (SrudpProber *self)
{
  if (self->resolving == NULL)
    return;
  g_cancellable_cancel (self->resolving);
  g_clear_object (&self->resolving);
  self->n_resolving_now = 0;
}

SrudpProbe *
srudp_prober_find_probe (SrudpProber *self,
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
  SrudpProbe probe = { .server = *server };

  for (guint i = 0; i < self->n_probes; i++)
    if (srudp_address_equal (&self->probes[i].server, server))
      return;
  if (self->n_probes == SRUDP_PROBER_MAX_PROBES
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
      const SrudpProbe *probe = &self->probes[i];

      if (srudp_prober_index_of (&probe->server) != family)
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
  gboolean all_settled =
    self->n_resolving_now == 0
    && (now >= self->survey_start_us + ROUTER_US
        || !srudp_port_forwarder_is_asking (self->forwarder));
  gboolean one_settled = FALSE;

  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
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
  SrudpNatObservation observations[SRUDP_PROBER_MAX_PROBES];
  SrudpNatFacts *facts = &self->findings.nat[family];
  gint64 *rtt_us = &self->findings.rtt_us;
  guint n = 0;

  for (guint i = 0; i < self->n_probes; i++)
    {
      const SrudpProbe *probe = &self->probes[i];

      if (srudp_prober_index_of (&probe->server) != family
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

void
srudp_prober_break_off_survey (SrudpProber *self)
{
  srudp_prober_stop_resolving (self);
  for (guint i = 0; i < self->n_probes; i++)
    if (self->probes[i].token != 0)
      srudp_stun_client_cancel (&self->client, self->probes[i].token);
}

static void
conclude (SrudpProber *self)
{
  g_autoptr (GArray) own = srudp_prober_list_own (self);
  GQueue askers = self->askers;
  SrudpSurveyAsker *asker;

  srudp_prober_break_off_survey (self);
  memset (&self->findings, 0, sizeof self->findings);
  self->findings.n_servers = g_strv_length (self->servers);
  for (guint i = 0; i < SRUDP_PROBER_FAMILIES; i++)
    conclude_family (self, i, own);
  self->n_probes = 0;
  srudp_prober_ask_uplinks (self, g_get_monotonic_time ());

  g_queue_init (&self->askers);
  while ((asker = g_queue_pop_head (&askers)) != NULL)
    {
      asker->func (self, asker->user_data);
      g_free (asker);
    }
  srudp_prober_check_forwarded (self);
}

/* RFC 5780, section 7.4: a server that has another address says so. */
static void
follow_other (SrudpProber             *self,
              const SrudpProbe             *probe,
              const SrudpStunResponse *response)
{
  const SrudpAddress *other = &response->other;

  if (other->family == probe->server.family
      && srudp_address_is_unicast (other) && other->port >= FIRST_USER_PORT
      && !srudp_address_same_ip (other, &probe->server)
      && !look (self, srudp_prober_index_of (other)).several)
    add_probe (self, other);
}

void
srudp_prober_take_survey_answer (SrudpProber           *self,
                                 SrudpProbe                 *probe,
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

void
srudp_prober_begin_survey (SrudpProber *self)
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
  SrudpSurveyAsker *asker = g_new (SrudpSurveyAsker, 1);

  asker->func = func;
  asker->user_data = user_data;
  g_queue_push_tail (&self->askers, asker);
  if (first)
    srudp_prober_begin_survey (self);
}

void
srudp_prober_advance_survey (SrudpProber *self,
                             gint64       now)
{
  if (!g_queue_is_empty (&self->askers) && survey_is_over (self, now))
    conclude (self);
}

gint64
srudp_prober_get_survey_deadline (SrudpProber *self)
{
  static const gint64 ends_us[] = { GRACE_US, ROUTER_US };
  gint64 now = g_get_monotonic_time ();

  if (g_queue_is_empty (&self->askers))
    return -1;
  for (guint i = 0; i < G_N_ELEMENTS (ends_us); i++)
    if (now < self->survey_start_us + ends_us[i])
      return self->survey_start_us + ends_us[i];
  return self->survey_start_us + SURVEY_US;
}

const SrudpNetworkFindings *
srudp_prober_get_findings (SrudpProber *self)
{
  return &self->findings;
}
