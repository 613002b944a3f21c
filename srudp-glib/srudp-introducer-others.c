/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-others.c: telling two peers of each other
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-private.h"

#include <string.h>

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
  return srudp_introducer_has_offered (connection)
           ? &connection->introducing->offer
           : NULL;
}

static void
introduce_both (SrudpConnectionCore     *a,
                const SrudpIntroduction *told_by_a,
                SrudpConnectionCore     *b,
                const SrudpIntroduction *told_by_b)
{
  SrudpIntroduction introduction;

  describe_peer (a, told_by_a, &introduction);
  srudp_introducer_send (b, &introduction);
  describe_peer (b, told_by_b, &introduction);
  srudp_introducer_send (a, &introduction);
}

gboolean
srudp_introducer_introduce (SrudpConnectionCore *a,
                            SrudpConnectionCore *b)
{
  if (!srudp_introducer_is_open (a) || !srudp_introducer_is_open (b))
    return FALSE;
  introduce_both (a, get_offer (a), b, get_offer (b));
  return TRUE;
}

/* Whoever asks is not told of itself. */
static SrudpConnectionCore *
find_wanted (SrudpEndpointCore   *core,
             SrudpConnectionCore *from,
             const guint8        *key)
{
  for (GList *l = srudp_introducer_book_find (core->offers, key); l != NULL;
       l = l->next)
    if (l->data != from && srudp_introducer_is_open (l->data))
      return l->data;
  return NULL;
}

void
srudp_introducer_answer (SrudpEndpointCore       *core,
                         SrudpConnectionCore     *from,
                         const SrudpIntroduction *request)
{
  SrudpConnectionCore *wanted = NULL;
  SrudpIntroduction nobody = { .kind = SRUDP_INTRODUCTION_UNKNOWN };

  if (core->introducing)
    wanted = find_wanted (core, from, request->peer_key);
  if (wanted != NULL)
    {
      introduce_both (from, request, wanted, get_offer (wanted));
      return;
    }
  memcpy (nobody.peer_key, request->peer_key, sizeof nobody.peer_key);
  srudp_introducer_send (from, &nobody);
}

void
srudp_introducer_take_offer (SrudpEndpointCore       *core,
                             SrudpConnectionCore     *from,
                             const SrudpIntroduction *offer)
{
  SrudpIntroducing *parts;
  guint8 key[SRUDP_KEY_BYTES];

  if (!core->introducing || !srudp_introducer_is_open (from)
      || !srudp_session_get_peer_key (from->session, key))
    return;
  parts = srudp_introducing_ensure (from);
  parts->offer = *offer;
  srudp_introducer_book_enter (core->offers, &parts->entry, key, from);
}
