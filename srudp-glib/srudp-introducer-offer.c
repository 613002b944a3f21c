/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-offer.c: being known to introducers, and naming them
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-private.h"

#include "srudp-glib/srudp-prober-private.h"

#include <string.h>

void
srudp_introducer_offer (SrudpEndpointCore   *core,
                        SrudpConnectionCore *introducer)
{
  SrudpIntroduction introduction = { .kind = SRUDP_INTRODUCTION_OFFER };

  srudp_prober_describe (core->prober, &introduction);
  srudp_introducer_send (introducer, &introduction);
}

gboolean
srudp_introducer_add (SrudpEndpointCore   *core,
                      SrudpConnectionCore *connection)
{
  if (!srudp_introducer_is_open (connection))
    return FALSE;
  if (!srudp_introducer_is_home (connection))
    srudp_introducing_ensure (connection)->home
      = srudp_introducer_home_new (connection);
  srudp_introducer_forget_return (core, connection->introducing->home->key);
  srudp_introducer_offer (core, connection);
  return TRUE;
}

void
srudp_introducer_offer_anew (SrudpEndpointCore *core)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, core->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (srudp_introducer_is_open (connection)
        && srudp_introducer_is_home (connection))
      srudp_introducer_offer (core, connection);
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
        && srudp_introducer_is_open (connection)
        && srudp_introducer_is_home (connection))
      name_one (connection, fields);
}
