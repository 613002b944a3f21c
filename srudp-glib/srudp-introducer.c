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
#include "srudp-glib/srudp-source-private.h"

SrudpIntroducing *
srudp_introducing_ensure (SrudpConnectionCore *connection)
{
  if (connection->introducing == NULL)
    connection->introducing = g_new0 (SrudpIntroducing, 1);
  return connection->introducing;
}

void
srudp_introducing_stop_retrying (SrudpIntroducing *self)
{
  srudp_clear_source (&self->retry);
}

void
srudp_introducing_set_introduced (SrudpIntroducing  *self,
                                  SrudpEndpointCore *core,
                                  gboolean           is_introduced)
{
  if (self->is_introduced == is_introduced)
    return;
  self->is_introduced = is_introduced;
  if (is_introduced)
    core->n_introduced++;
  else
    core->n_introduced--;
}

void
srudp_introducing_free (SrudpIntroducing *self)
{
  srudp_introducing_stop_retrying (self);
  srudp_introducer_entry_strike (&self->entry);
  g_clear_pointer (&self->seeker, srudp_connection_core_unref);
  g_clear_pointer (&self->helpers, g_ptr_array_unref);
  g_clear_pointer (&self->home, srudp_introducer_home_free);
  g_free (self);
}

gboolean
srudp_introducer_is_open (SrudpConnectionCore *connection)
{
  SrudpState state;

  if (connection->session == NULL)
    return FALSE;
  state = srudp_session_get_state (connection->session);
  return state == SRUDP_STATE_ESTABLISHED || state == SRUDP_STATE_UNREACHABLE;
}

void
srudp_introducer_send (SrudpConnectionCore     *connection,
                       const SrudpIntroduction *introduction)
{
  srudp_session_introduce (connection->session, g_get_monotonic_time (),
                           introduction);
}

gboolean
srudp_introducer_has_offered (SrudpConnectionCore *connection)
{
  return connection->introducing != NULL
         && connection->introducing->entry.page != NULL;
}

gboolean
srudp_introducer_is_home (SrudpConnectionCore *connection)
{
  return connection->introducing != NULL
         && connection->introducing->home != NULL;
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
      srudp_introducer_take_offer (core, connection, introduction);
      break;
    case SRUDP_INTRODUCTION_REQUEST:
      srudp_introducer_answer (core, connection, introduction);
      break;
    case SRUDP_INTRODUCTION_PEER:
      srudp_introducer_meet (core, connection, introduction);
      break;
    case SRUDP_INTRODUCTION_UNKNOWN:
      srudp_introducer_ask_again (core, connection);
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
    srudp_introducer_ask (core, connection, parts->seeker);
  if (parts->home != NULL)
    {
      parts->home->wait_ms = 0;
      srudp_introducer_offer (core, connection);
    }
  if (parts->is_introduced)
    {
      srudp_introducing_set_introduced (parts, core, FALSE);
      srudp_endpoint_core_offer (core, connection);
    }
  srudp_introducer_end_helpers (connection);
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
  srudp_introducer_end_helpers (connection);
  srudp_introducing_stop_retrying (parts);
  go_back (connection);
  srudp_introducing_set_introduced (parts, connection->endpoint, FALSE);
  srudp_introducer_entry_strike (&parts->entry);
  g_clear_pointer (&parts->seeker, srudp_connection_core_unref);
}

void
srudp_introducer_take_over (SrudpConnectionCore *connection,
                            SrudpConnectionCore *from)
{
  SrudpIntroducing *parts;
  guint8 key[SRUDP_KEY_BYTES];

  if (!srudp_introducer_has_offered (from))
    return;
  parts = srudp_introducing_ensure (connection);
  parts->offer = from->introducing->offer;
  srudp_session_get_peer_key (from->session, key);
  srudp_introducer_book_enter (from->endpoint->offers, &parts->entry, key,
                               connection);
  srudp_introducer_entry_strike (&from->introducing->entry);
}
