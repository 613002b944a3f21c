/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-diagnosis.c: how opening went, and why it failed
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-prober-private.h"
#include "srudp-glib/srudp-reason-private.h"

#include <inttypes.h>

typedef struct
{
  SrudpConnectionCore *core;
  SrudpCandidateInfo candidates[SRUDP_MAX_CANDIDATES];
  guint n_candidates;
  SrudpNatFacts nat; /* our own */
} Diagnosis;

static gboolean
is_hard (const SrudpNatFacts *nat)
{
  return nat->mapping == SRUDP_MAPPING_ENDPOINT_DEPENDENT;
}

/* What patience doesn't help against; NULL: nothing known. */
static const char *
choose_hopeless_words (const SrudpNetworkFindings *findings,
                       const SrudpNatFacts        *own,
                       const SrudpNatFacts        *peers)
{
  if (findings->n_servers > 0 && findings->n_answers == 0)
    return _ ("Nothing was heard from anybody, not even from the servers that "
              "were asked for the own address: this network seems to block "
              "UDP. Try another one.");
  if (is_hard (own) && is_hard (peers))
    return _ ("The networks of both sides give each partner another port, so "
              "that neither can find the other. Use another network on one "
              "side, or IPv6, or forward a UDP port in one of the routers.");
  return NULL;
}

static const char *
choose_words (const SrudpNetworkFindings *findings,
              const SrudpNatFacts        *own,
              const SrudpNatFacts        *peers)
{
  const char *hopeless = choose_hopeless_words (findings, own, peers);

  if (hopeless != NULL)
    return hopeless;
  if (is_hard (own))
    return _ ("The network here gives each partner another port, and the peer "
              "has not found it. Check that it is opening the connection, too; "
              "else try another network, or forward a UDP port in the router.");
  if (is_hard (peers))
    return _ ("The network of the peer gives each partner another port, and "
              "it was not found. Check that the peer is opening the "
              "connection, too; else it may try another network.");
  return NULL;
}

/* Worker only: the peer was not heard in time. NULL: no more than that is
 * known. */
GError *
srudp_connection_core_explain_silence (SrudpConnectionCore *self)
{
  const SrudpNetworkFindings *findings
    = srudp_prober_get_findings (self->endpoint->prober);
  const char *words = choose_words (findings, &findings->nat[0],
                                    &self->peer_nat);

  if (words == NULL)
    return NULL;
  return g_error_new_literal (SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE, words);
}

/* --- While it goes on ------------------------------------------------------ */

typedef struct
{
  SrudpConnectionCore *core;
  GError *hint;
} Question;

static void
hint_call (gpointer data)
{
  Question *question = data;
  SrudpConnectionCore *self = question->core;
  SrudpState state = srudp_connection_core_get_state (self);
  const SrudpNetworkFindings *findings
    = srudp_prober_get_findings (self->endpoint->prober);
  const char *words;
  SrudpReason reason;

  if (self->session == NULL || state >= SRUDP_STATE_ESTABLISHED)
    return;
  reason = srudp_session_get_hint (self->session);
  if (reason != SRUDP_REASON_NONE)
    {
      question->hint = srudp_reason_to_error (reason, SRUDP_STATE_WAITING, NULL);
      return;
    }
  words = choose_hopeless_words (findings, &findings->nat[0], &self->peer_nat);
  if (words != NULL && state == SRUDP_STATE_WAITING)
    question->hint
      = g_error_new_literal (SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE, words);
}

/**
 * srudp_connection_dup_hint:
 * @self: a connection
 *
 * Tells, while the connection opens, what seems to stand in its way, long
 * before the open timeout: the error with which opening would end.
 *
 * That somebody with another key answers ([error@Srudp.Error.PEER_IDENTITY]),
 * or with another protocol, may be the work of a stranger, so opening goes on,
 * and it succeeds when the peer itself answers.
 * [error@Srudp.Error.PEER_UNREACHABLE] says that the measured networks of both
 * sides leave no hope, or that UDP is blocked. What patience may help against
 * is no hint.
 *
 * Returns: (transfer full) (nullable): the hint, or %NULL if nothing is known
 *   or the connection doesn't open now
 */
GError *
srudp_connection_dup_hint (SrudpConnection *self)
{
  Question question = { 0 };
  g_autoptr (SrudpEndpointCore) endpoint = NULL;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  question.core = self->core;
  endpoint = srudp_connection_core_dup_endpoint (self->core);
  if (endpoint != NULL)
    srudp_endpoint_core_call (endpoint, hint_call, &question);
  return question.hint;
}

/* --- What was tried -------------------------------------------------------- */

/* Worker only: what was tried, before the session goes. */
void
srudp_connection_core_keep_candidates (SrudpConnectionCore *self)
{
  g_autofree SrudpCandidateInfo *tried
    = g_new (SrudpCandidateInfo, SRUDP_MAX_CANDIDATES);
  guint n = srudp_session_get_candidates (self->session, tried,
                                          SRUDP_MAX_CANDIDATES);

  g_mutex_lock (&self->lock);
  g_free (self->tried);
  self->tried = g_memdup2 (tried, n * sizeof *tried);
  self->n_tried = n;
  g_mutex_unlock (&self->lock);
}

static void
diagnose_call (gpointer data)
{
  Diagnosis *diagnosis = data;
  SrudpConnectionCore *self = diagnosis->core;

  diagnosis->nat = srudp_prober_get_findings (self->endpoint->prober)->nat[0];
  if (self->session != NULL)
    diagnosis->n_candidates
      = srudp_session_get_candidates (self->session, diagnosis->candidates,
                                      SRUDP_MAX_CANDIDATES);
}

static void
diagnose (SrudpConnectionCore *self,
          Diagnosis           *diagnosis)
{
  g_autoptr (SrudpEndpointCore) endpoint
    = srudp_connection_core_dup_endpoint (self);

  *diagnosis = (Diagnosis) { .core = self };
  g_mutex_lock (&self->lock);
  diagnosis->n_candidates = self->n_tried;
  for (guint i = 0; i < self->n_tried; i++)
    diagnosis->candidates[i] = self->tried[i];
  g_mutex_unlock (&self->lock);

  if (endpoint != NULL)
    srudp_endpoint_core_call (endpoint, diagnose_call, diagnosis);
}

static const char *
describe_kind (SrudpCandidateKind kind)
{
  switch (kind)
    {
    case SRUDP_CANDIDATE_PREDICTED:
      return _ ("guessed: the next port of its NAT");
    case SRUDP_CANDIDATE_PEER_REFLEXIVE:
      return _ ("where the peer was heard from");
    case SRUDP_CANDIDATE_GIVEN:
    default:
      return _ ("a known address");
    }
}

static void
append_candidates (GString         *text,
                   const Diagnosis *diagnosis)
{
  for (guint i = 0; i < diagnosis->n_candidates; i++)
    {
      const SrudpCandidateInfo *info = &diagnosis->candidates[i];
      char address[SRUDP_ADDRESS_STRING_BYTES];

      g_string_append_c (text, '\n');
      /* Translators: an address, what kind of one it is, and numbers of
       * packets. */
      g_string_append_printf (text, _ ("%s (%s): sent %u, heard %u."),
                              srudp_address_format (&info->address, address),
                              describe_kind (info->kind), info->n_sent,
                              info->n_heard);
    }
}

static void
append_chances (GString                 *text,
                const SrudpSessionStats *stats)
{
  if (stats->sockets_used > 0)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (
        text, _ ("Ports opened for the peer to find one by chance: %u."),
        stats->sockets_used);
    }
  if (stats->ports_probed > 0)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (
        text, _ ("Ports of the peer tried by chance: %" PRIu64 "."),
        stats->ports_probed);
    }
}

static void
append_nat (GString             *text,
            const SrudpNatFacts *nat)
{
  const char *words = NULL;

  switch (nat->mapping)
    {
    case SRUDP_MAPPING_NONE:
      words = _ ("There is no NAT on this side.");
      break;
    case SRUDP_MAPPING_ENDPOINT_INDEPENDENT:
      words = _ ("The NAT on this side shows everyone the same port.");
      break;
    case SRUDP_MAPPING_ENDPOINT_DEPENDENT:
      words = nat->port_delta != 0
                ? _ ("The NAT on this side gives each partner the next port.")
                : _ ("The NAT on this side gives each partner another port.");
      break;
    case SRUDP_MAPPING_UNKNOWN:
    default:
      return;
    }
  g_string_append_printf (text, "\n%s", words);
}

static const char *
describe_path (GSocketAddress *remote)
{
  GInetAddress *ip;

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return _ ("over a transport of the application");

  ip = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  if (g_inet_address_get_is_loopback (ip))
    return _ ("within this computer");
  if (g_inet_address_get_is_link_local (ip)
      || g_inet_address_get_is_site_local (ip))
    return _ ("within the local network");
  if (g_inet_address_get_family (ip) == G_SOCKET_FAMILY_IPV6)
    return _ ("over IPv6");
  return _ ("over IPv4, through NATs if there are any");
}

static void
append_path (GString         *text,
             SrudpConnection *connection)
{
  g_autoptr (GSocketAddress) remote
    = srudp_connection_get_remote_address (connection, NULL);
  g_autofree char *address = NULL;

  if (remote == NULL)
    return;

  address = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (remote));
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _ ("The peer is at %s, %s."), address,
                          describe_path (remote));
}

/**
 * srudp_connection_dup_diagnostics:
 * @self: a connection
 *
 * Tells, in a few lines for people, how opening went: which addresses were
 * tried, what was sent and heard, what is known of the own NAT, and which way
 * the connection takes.
 *
 * Returns: (transfer full): the text
 */
char *
srudp_connection_dup_diagnostics (SrudpConnection *self)
{
  g_autoptr (GError) error = NULL;
  SrudpSessionStats stats;
  Diagnosis diagnosis;
  GString *text;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  srudp_connection_core_fill_in_stats (self->core, &stats);
  diagnose (self->core, &diagnosis);
  text = g_string_new (NULL);
  g_string_append_printf (
    text, _ ("Addresses tried: %u; packets sent while opening: %" PRIu64
             "; answers: %" PRIu64 "."),
    stats.candidates_tried, stats.probes_sent, stats.probes_answered);
  append_candidates (text, &diagnosis);
  append_chances (text, &stats);
  append_nat (text, &diagnosis.nat);
  append_path (text, self);
  error = srudp_connection_dup_error (self);
  if (error != NULL)
    g_string_append_printf (text, "\n%s", error->message);
  return g_string_free (text, FALSE);
}
