/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-meet.c: a peer of whom an introducer has told
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-private.h"

#include "srudp-glib/srudp-peer-id-private.h"

#include <string.h>

/* Opened at the same time since somebody was introduced to us. */
#define MAX_INTRODUCED 16
#define INTRODUCED_TIMEOUT_US (30 * G_USEC_PER_SEC)
/* RFC 6335, section 6: below are services that expect other things. */
#define FIRST_USER_PORT 1024

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
  SrudpNatFacts nat;
  gboolean has_nat = get_nat (introduction, &nat);
  gboolean waits = srudp_engine_point_to_peer (
    core->engine, g_get_monotonic_time (), introduction->peer_key,
    has_nat ? &nat : NULL, addresses, n_addresses);

  return waits
         || srudp_engine_is_connected_to (core->engine, introduction->peer_key);
}

static gboolean
has_room (SrudpEndpointCore *core)
{
  return core->n_introduced < MAX_INTRODUCED
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
  srudp_introducing_set_introduced (srudp_introducing_ensure (connection), core,
                                    TRUE);
  connection->expected_peer =
    srudp_peer_id_new_from_key (introduction->peer_key);
  srudp_introducer_open (core, connection, &config);
}

void
srudp_introducer_meet (SrudpEndpointCore       *core,
                       SrudpConnectionCore     *from,
                       const SrudpIntroduction *introduction)
{
  SrudpAddress addresses[SRUDP_INTRODUCTION_MAX_ADDRESSES];
  guint n = filter (core, introduction, addresses);

  /* Whoever has come to us can't send us anywhere. */
  if (n == 0 || from->opened_us == 0
      || tell_waiting (core, introduction, addresses, n))
    return;
  if (core->accepting || srudp_introducer_is_home (from))
    open_to (core, introduction, addresses, n);
}
