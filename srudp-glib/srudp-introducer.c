/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer.c: peers that tell each other where others are
 *
 * Who is introduced has asked for it: by offering itself, by asking for the
 * other, or by opening the connection over which it is told and accepting
 * whoever comes. What an introducer says is a hint where to look; who answers
 * there still has to have the right key.
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-private.h"

#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-prober-private.h"

#include <string.h>

/* Opened at the same time since somebody was introduced to us. */
#define MAX_INTRODUCED 16
#define INTRODUCED_TIMEOUT_US (30 * G_USEC_PER_SEC)
/* The other peer may still be on its way to the introducer. */
#define RETRY_MS 1000
/* RFC 6335, section 6: below are services that expect other things. */
#define FIRST_USER_PORT 1024

static SrudpIntroducing *
ensure (SrudpConnectionCore *connection)
{
  if (connection->introducing == NULL)
    connection->introducing = g_new0 (SrudpIntroducing, 1);
  return connection->introducing;
}

static void
stop_retrying (SrudpIntroducing *self)
{
  if (self->retry == NULL)
    return;
  g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

void
srudp_introducing_free (SrudpIntroducing *self)
{
  stop_retrying (self);
  g_clear_pointer (&self->seeker, srudp_connection_core_unref);
  g_clear_pointer (&self->helpers, g_ptr_array_unref);
  g_clear_pointer (&self->home, srudp_introducer_home_free);
  g_free (self);
}

static gboolean
is_open (SrudpConnectionCore *connection)
{
  SrudpState state;

  if (connection->session == NULL)
    return FALSE;
  state = srudp_session_get_state (connection->session);
  return state == SRUDP_STATE_ESTABLISHED || state == SRUDP_STATE_UNREACHABLE;
}

static gboolean
is_opening (SrudpConnectionCore *connection)
{
  return connection->session != NULL
         && srudp_session_get_state (connection->session)
              < SRUDP_STATE_ESTABLISHED;
}

static void
send (SrudpConnectionCore     *connection,
      const SrudpIntroduction *introduction)
{
  srudp_session_introduce (connection->session, g_get_monotonic_time (),
                           introduction);
}

static gboolean
has_key (const SrudpPeerId *peer,
         const guint8      *key)
{
  return peer != NULL
         && memcmp (srudp_peer_id_get_key (peer), key, SRUDP_KEY_BYTES) == 0;
}

typedef gboolean (*Suits) (SrudpConnectionCore *connection);

static SrudpConnectionCore *
find_peer (SrudpEndpointCore *core,
           const guint8      *key,
           Suits              suits)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    {
      SrudpConnectionCore *found = connection;

      if (is_open (found) && has_key (found->peer_id, key) && suits (found))
        return found;
    }
  return NULL;
}

static gboolean
anyone_suits (SrudpConnectionCore *connection)
{
  return TRUE;
}

/* Introducing others */

static gboolean
has_offered (SrudpConnectionCore *connection)
{
  return connection->introducing != NULL && connection->introducing->has_offer;
}

static void
add_address (SrudpIntroduction  *introduction,
             const SrudpAddress *address)
{
  for (guint i = 0; i < introduction->n_addresses; i++)
    if (srudp_address_equal (&introduction->addresses[i], address))
      return;
  if (introduction->n_addresses < SRUDP_INTRODUCTION_MAX_ADDRESSES)
    introduction->addresses[introduction->n_addresses++] = *address;
}

/* From where to count on, if the NAT counts. Who offers itself has yet to send
 * to the other: its port comes after the last one. Who asks has begun to send
 * to the other before it asked here: its port comes after the first one. */
static const SrudpAddress *
find_base (const SrudpAddress      *seen,
           const SrudpIntroduction *told)
{
  int forward = told->kind == SRUDP_INTRODUCTION_OFFER ? 1 : -1;
  const SrudpAddress *base = seen;

  for (guint i = 0; i < told->n_addresses; i++)
    {
      const SrudpAddress *address = &told->addresses[i];
      int ahead = (int) address->port - (int) base->port;

      if (srudp_address_same_ip (address, seen)
          && ahead * told->port_delta * forward > 0)
        base = address;
    }
  return base;
}

/* What others are told of the peer: where it is seen, and what it says of
 * itself (`told`, or NULL). */
static void
describe_peer (SrudpConnectionCore     *connection,
               const SrudpIntroduction *told,
               SrudpIntroduction       *out)
{
  SrudpPath path;

  memset (out, 0, sizeof *out);
  out->kind = SRUDP_INTRODUCTION_PEER;
  srudp_session_get_peer_key (connection->session, out->peer_key);
  srudp_session_get_path (connection->session, &path);
  if (told != NULL)
    {
      out->mapping = told->mapping;
      out->port_delta = told->port_delta;
      add_address (out, find_base (&path.remote, told));
    }
  add_address (out, &path.remote);
  for (guint i = 0; told != NULL && i < told->n_addresses; i++)
    add_address (out, &told->addresses[i]);
}

static const SrudpIntroduction *
get_offer (SrudpConnectionCore *connection)
{
  return has_offered (connection) ? &connection->introducing->offer : NULL;
}

static void
introduce_both (SrudpConnectionCore     *a,
                const SrudpIntroduction *told_by_a,
                SrudpConnectionCore     *b,
                const SrudpIntroduction *told_by_b)
{
  SrudpIntroduction introduction;

  describe_peer (a, told_by_a, &introduction);
  send (b, &introduction);
  describe_peer (b, told_by_b, &introduction);
  send (a, &introduction);
}

gboolean
srudp_introducer_introduce (SrudpConnectionCore *a,
                            SrudpConnectionCore *b)
{
  if (!is_open (a) || !is_open (b))
    return FALSE;
  introduce_both (a, get_offer (a), b, get_offer (b));
  return TRUE;
}

static void
answer_request (SrudpEndpointCore       *core,
                SrudpConnectionCore     *from,
                const SrudpIntroduction *request)
{
  SrudpConnectionCore *wanted = NULL;
  SrudpIntroduction nobody = { .kind = SRUDP_INTRODUCTION_UNKNOWN };

  if (core->introducing)
    wanted = find_peer (core, request->peer_key, has_offered);
  if (wanted != NULL && wanted != from)
    {
      introduce_both (from, request, wanted, get_offer (wanted));
      return;
    }
  memcpy (nobody.peer_key, request->peer_key, sizeof nobody.peer_key);
  send (from, &nobody);
}

static void
take_offer (SrudpEndpointCore       *core,
            SrudpConnectionCore     *from,
            const SrudpIntroduction *offer)
{
  if (!core->introducing)
    return;
  ensure (from)->offer = *offer;
  from->introducing->has_offer = TRUE;
}

/* Being introduced */

/* What another peer says of where somebody is: never to be sent to what can't
 * be a peer. Returns how many are left. */
static guint
filter (SrudpEndpointCore       *core,
        const SrudpIntroduction *introduction,
        SrudpAddress            *out)
{
  guint n = 0;

  for (guint i = 0; i < introduction->n_addresses; i++)
    {
      const SrudpAddress *address = &introduction->addresses[i];

      if (srudp_address_is_unicast (address)
          && address->port >= FIRST_USER_PORT
          && srudp_datagram_io_can_reach (core->io, address))
        out[n++] = *address;
    }
  return n;
}

/* What is said is of IPv4, while the introducer may see the peer by IPv6. */
static gboolean
get_nat (const SrudpIntroduction *introduction,
         SrudpNatFacts           *nat)
{
  memset (nat, 0, sizeof *nat);
  if (introduction->mapping != SRUDP_MAPPING_ENDPOINT_DEPENDENT)
    return FALSE;

  for (guint i = 0; i < introduction->n_addresses; i++)
    if (introduction->addresses[i].family == SRUDP_FAMILY_IPV4)
      {
        nat->mapping = introduction->mapping;
        nat->port_delta = introduction->port_delta;
        nat->address = introduction->addresses[i];
        return TRUE;
      }
  return FALSE;
}

/* TRUE: somebody here waits for that peer, or has it. */
static gboolean
tell_waiting (SrudpEndpointCore       *core,
              const SrudpIntroduction *introduction,
              const SrudpAddress      *addresses,
              guint                    n_addresses)
{
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  SrudpNatFacts nat;
  gpointer item;
  gboolean found =
    find_peer (core, introduction->peer_key, anyone_suits) != NULL;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      SrudpConnectionCore *connection = item;

      if (!is_opening (connection)
          || !has_key (connection->expected_peer, introduction->peer_key))
        continue;
      found = TRUE;
      if (get_nat (introduction, &nat))
        srudp_session_set_peer_nat (connection->session, now, &nat);
      for (guint i = 0; i < n_addresses; i++)
        srudp_session_add_candidate (connection->session, now, &addresses[i]);
    }
  return found;
}

static gboolean
has_room (SrudpEndpointCore *core)
{
  guint n = 0;
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    {
      SrudpIntroducing *parts = ((SrudpConnectionCore *) connection)
                                  ->introducing;

      if (parts != NULL && parts->is_introduced)
        n++;
    }
  return n < MAX_INTRODUCED
         && (guint) g_atomic_int_get (&core->n_backlog) < core->max_backlog;
}

/* Whoever was to be opened to may have come to us meanwhile: such a session is
 * established, and nothing tells of that any more. */
void
srudp_introducer_open (SrudpEndpointCore     *core,
                       SrudpConnectionCore   *connection,
                       const SrudpOpenConfig *config)
{
  SrudpSession *session = srudp_endpoint_core_open (core, connection, config);
  SrudpState state;

  srudp_connection_core_bind (connection, core, session);
  state = srudp_session_get_state (session);
  if (state < SRUDP_STATE_ESTABLISHED || state >= SRUDP_STATE_CLOSED)
    return;

  srudp_connection_core_on_state (connection, SRUDP_STATE_ESTABLISHED,
                                  SRUDP_REASON_NONE);
  srudp_introducer_on_established (core, connection);
  if (state > SRUDP_STATE_ESTABLISHED)
    srudp_connection_core_on_state (connection, state,
                                    srudp_session_get_reason (session));
}

/* As if that peer had come by itself: it is there once it is established. */
static void
open_to (SrudpEndpointCore       *core,
         const SrudpIntroduction *introduction,
         const SrudpAddress      *addresses,
         guint                    n_addresses)
{
  g_autoptr (SrudpConnectionCore) connection = NULL;
  SrudpNatFacts nat;
  SrudpOpenConfig config = {
    .candidates = addresses,
    .n_candidates = n_addresses,
    .expected_peer = introduction->peer_key,
    .open_timeout_us = INTRODUCED_TIMEOUT_US,
    .idle_timeout_us = SRUDP_DEFAULT_IDLE_TIMEOUT_US,
    .keepalive_us = SRUDP_DEFAULT_KEEPALIVE_US,
  };

  if (!has_room (core)
      || !srudp_engine_allows (core->engine, introduction->peer_key))
    return;
  if (get_nat (introduction, &nat))
    config.peer_nat = &nat;
  if (core->passphrase != NULL)
    {
      config.passphrase = srudp_secret_get_data (core->passphrase);
      config.passphrase_size = srudp_secret_get_size (core->passphrase);
    }

  connection = srudp_connection_core_new ();
  ensure (connection)->is_introduced = TRUE;
  connection->expected_peer =
    srudp_peer_id_new_from_key (introduction->peer_key);
  srudp_introducer_open (core, connection, &config);
}

static gboolean
is_introducer (SrudpConnectionCore *connection)
{
  return connection->introducing != NULL
         && connection->introducing->home != NULL;
}

static void
meet (SrudpEndpointCore       *core,
      SrudpConnectionCore     *from,
      const SrudpIntroduction *introduction)
{
  SrudpAddress addresses[SRUDP_INTRODUCTION_MAX_ADDRESSES];
  guint n = filter (core, introduction, addresses);

  /* Whoever has come to us can't send us anywhere. */
  if (n == 0 || from->opened_us == 0
      || tell_waiting (core, introduction, addresses, n))
    return;
  if (core->accepting || is_introducer (from))
    open_to (core, introduction, addresses, n);
}

/* Looking for somebody */

static void
ask (SrudpEndpointCore   *core,
     SrudpConnectionCore *introducer,
     SrudpConnectionCore *seeker)
{
  SrudpIntroduction request = { .kind = SRUDP_INTRODUCTION_REQUEST };

  srudp_prober_describe (core->prober, &request);
  memcpy (request.peer_key, srudp_peer_id_get_key (seeker->expected_peer),
          sizeof request.peer_key);
  send (introducer, &request);
}

static gboolean
retry_cb (gpointer user_data)
{
  SrudpConnectionCore *helper = user_data;
  SrudpIntroducing *parts = helper->introducing;

  g_clear_pointer (&parts->retry, g_source_unref);
  if (is_open (helper) && parts->seeker != NULL)
    {
      ask (helper->endpoint, helper, parts->seeker);
      srudp_endpoint_core_wake (helper->endpoint);
    }
  return G_SOURCE_REMOVE;
}

static void
retry_later (SrudpEndpointCore   *core,
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
  SrudpIntroducing *parts = ensure (seeker);
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
  ensure (helper)->seeker = srudp_connection_core_ref (seeker);
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

static void
end_helpers (SrudpConnectionCore *connection)
{
  g_autoptr (GPtrArray) helpers = NULL;

  if (connection->introducing == NULL)
    return;
  helpers = g_steal_pointer (&connection->introducing->helpers);
  for (guint i = 0; helpers != NULL && i < helpers->len; i++)
    {
      SrudpConnectionCore *helper = g_ptr_array_index (helpers, i);

      stop_retrying (helper->introducing);
      g_clear_pointer (&helper->introducing->seeker,
                       srudp_connection_core_unref);
      srudp_connection_core_close_session (helper);
    }
}

/* Offering ourselves */

static void
offer (SrudpEndpointCore   *core,
       SrudpConnectionCore *introducer)
{
  SrudpIntroduction introduction = { .kind = SRUDP_INTRODUCTION_OFFER };

  srudp_prober_describe (core->prober, &introduction);
  send (introducer, &introduction);
}

gboolean
srudp_introducer_add (SrudpEndpointCore   *core,
                      SrudpConnectionCore *connection)
{
  if (!is_open (connection))
    return FALSE;
  if (!is_introducer (connection))
    ensure (connection)->home = srudp_introducer_home_new (connection);
  srudp_introducer_forget_return (core, connection->introducing->home->key);
  offer (core, connection);
  return TRUE;
}

void
srudp_introducer_offer_anew (SrudpEndpointCore *core)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (is_open (connection) && is_introducer (connection))
      offer (core, connection);
}

/* Of no use elsewhere: loopback, RFC 1918, RFC 6598 and RFC 4193. */
static gboolean
is_near (const SrudpAddress *address)
{
  static const guint8 loopback[16] = { [15] = 1 };
  const guint8 *ip = address->ip;

  if (address->family == SRUDP_FAMILY_IPV6)
    return (ip[0] & 0xfe) == 0xfc || memcmp (ip, loopback, 16) == 0;
  return ip[0] == 10 || ip[0] == 127 || (ip[0] == 172 && (ip[1] & 0xf0) == 16)
         || (ip[0] == 192 && ip[1] == 168)
         || (ip[0] == 100 && (ip[1] & 0xc0) == 64);
}

static void
add_to_named (SrudpInvitationIntroducer *introducer,
              const SrudpAddress        *address)
{
  for (guint i = 0; i < introducer->n_addresses; i++)
    if (srudp_address_equal (&introducer->addresses[i], address))
      return;
  if (introducer->n_addresses < SRUDP_INVITATION_MAX_INTRODUCER_ADDRESSES)
    introducer->addresses[introducer->n_addresses++] = *address;
}

/* The way that leads there from here may be none for the guest, who has only
 * the other family of addresses: those that the introducer has told us are
 * named, too, if they lead as far. */
static void
name_one (SrudpConnectionCore   *connection,
          SrudpInvitationFields *fields)
{
  SrudpInvitationIntroducer *introducer =
    &fields->introducers[fields->n_introducers];
  const SrudpIntroducerHome *home = connection->introducing->home;
  SrudpPath path;

  srudp_session_get_path (connection->session, &path);
  if (!srudp_invitation_can_name (&path.remote)
      || !srudp_session_get_peer_key (connection->session, introducer->key))
    return;
  add_to_named (introducer, &path.remote);
  for (guint i = 0; i < home->n_addresses; i++)
    if (srudp_invitation_can_name (&home->addresses[i])
        && is_near (&home->addresses[i]) == is_near (&path.remote))
      add_to_named (introducer, &home->addresses[i]);
  fields->n_introducers++;
}

void
srudp_introducer_name (SrudpEndpointCore     *core,
                       SrudpInvitationFields *fields)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (fields->n_introducers < SRUDP_INVITATION_MAX_INTRODUCERS
        && is_open (connection) && is_introducer (connection))
      name_one (connection, fields);
}

/* Events */

static const char *
describe_kind (SrudpIntroductionKind kind)
{
  switch (kind)
    {
    case SRUDP_INTRODUCTION_OFFER:
      return "a peer offers itself";
    case SRUDP_INTRODUCTION_REQUEST:
      return "a peer is asked for";
    case SRUDP_INTRODUCTION_PEER:
      return "a peer is introduced";
    case SRUDP_INTRODUCTION_UNKNOWN:
      return "the introducer doesn't know the peer yet";
    default:
      return "?";
    }
}

void
srudp_introducer_on_introduction (SrudpEndpointCore       *core,
                                  SrudpConnectionCore     *connection,
                                  const SrudpIntroduction *introduction)
{
  SRUDP_NOTE (INTRODUCER, "%p: %s, %u addresses", (void *) connection,
              describe_kind (introduction->kind), introduction->n_addresses);
  switch (introduction->kind)
    {
    case SRUDP_INTRODUCTION_OFFER:
      take_offer (core, connection, introduction);
      break;
    case SRUDP_INTRODUCTION_REQUEST:
      answer_request (core, connection, introduction);
      break;
    case SRUDP_INTRODUCTION_PEER:
      meet (core, connection, introduction);
      break;
    case SRUDP_INTRODUCTION_UNKNOWN:
      retry_later (core, connection);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
srudp_introducer_on_established (SrudpEndpointCore   *core,
                                 SrudpConnectionCore *connection)
{
  SrudpIntroducing *parts = connection->introducing;

  if (parts == NULL)
    return;
  if (parts->seeker != NULL)
    ask (core, connection, parts->seeker);
  if (parts->home != NULL)
    {
      parts->home->wait_ms = 0;
      offer (core, connection);
    }
  if (parts->is_introduced)
    {
      parts->is_introduced = FALSE;
      srudp_endpoint_core_offer (core, connection);
    }
  end_helpers (connection);
}

/* Who closed it here doesn't want it any more. One that had come to us can't
 * be gone back to. */
static void
go_back (SrudpConnectionCore *connection)
{
  SrudpIntroducerHome *home
    = g_steal_pointer (&connection->introducing->home);
  gboolean closed_here;

  if (home == NULL)
    return;
  g_mutex_lock (&connection->lock);
  closed_here = connection->closed_here;
  g_mutex_unlock (&connection->lock);
  if (closed_here || connection->opened_us == 0)
    srudp_introducer_home_free (home);
  else
    srudp_introducer_return_later (connection->endpoint, home);
}

void
srudp_introducer_on_closed (SrudpConnectionCore *connection)
{
  SrudpIntroducing *parts = connection->introducing;

  if (parts == NULL)
    return;
  end_helpers (connection);
  stop_retrying (parts);
  go_back (connection);
  parts->is_introduced = FALSE;
  g_clear_pointer (&parts->seeker, srudp_connection_core_unref);
}
