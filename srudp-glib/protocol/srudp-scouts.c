/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-scouts.c: where else a silent peer may be
 */
#include "srudp-scouts.h"

#include <string.h>

/* Services live below; a peer behind a NAT does not. */
#define FIRST_HONEST_PORT 1024
/* Most sessions have very few: the list grows by this many. */
#define GROWTH 4

static const guint limits[SRUDP_N_SCOUT_KINDS] = {
  [SRUDP_SCOUT_NAMED] = 12,
  [SRUDP_SCOUT_FORMER] = 4,
  [SRUDP_SCOUT_PEERS] = 9,
};

void
srudp_scouts_clear (SrudpScouts *scouts)
{
  g_clear_pointer (&scouts->items, g_free);
  scouts->n_items = scouts->n_allocated = 0;
}

static guint
count (const SrudpScouts *scouts,
       SrudpScoutKind     kind)
{
  guint n = 0;

  for (guint i = 0; i < scouts->n_items; i++)
    n += scouts->items[i].kind == kind ? 1 : 0;

  return n;
}

gboolean
srudp_scouts_contain (const SrudpScouts *scouts,
                      const SrudpPath   *path)
{
  for (guint i = 0; i < scouts->n_items; i++)
    if (srudp_path_equal (&scouts->items[i].path, path))
      return TRUE;

  return FALSE;
}

static void
remove_at (SrudpScouts *scouts,
           guint        i)
{
  scouts->n_items--;
  memmove (&scouts->items[i], &scouts->items[i + 1],
           (scouts->n_items - i) * sizeof scouts->items[0]);
}

static void
remove_oldest_former (SrudpScouts *scouts)
{
  guint i = 0;

  while (i < scouts->n_items && scouts->items[i].kind != SRUDP_SCOUT_FORMER)
    i++;
  remove_at (scouts, i);
}

static gboolean
is_honest (const SrudpAddress *address)
{
  return srudp_address_is_unicast (address)
         && address->port >= FIRST_HONEST_PORT;
}

void
srudp_scouts_add (SrudpScouts     *scouts,
                  SrudpScoutKind   kind,
                  const SrudpPath *path,
                  guint64          sequence)
{
  /* An extra socket is closed soon after it is left. */
  if (srudp_scouts_contain (scouts, path) || path->socket != 0
      || (kind == SRUDP_SCOUT_PEERS && !is_honest (&path->remote)))
    return;

  if (count (scouts, kind) == limits[kind])
    {
      if (kind != SRUDP_SCOUT_FORMER)
        return;
      remove_oldest_former (scouts);
    }

  if (scouts->n_items == scouts->n_allocated)
    {
      scouts->n_allocated += GROWTH;
      scouts->items = g_renew (SrudpScout, scouts->items, scouts->n_allocated);
    }
  scouts->items[scouts->n_items++]
    = (SrudpScout) { .path = *path, .kind = kind, .sequence = sequence };
}

void
srudp_scouts_remove (SrudpScouts *scouts,
                     guint64      sequence)
{
  for (guint i = scouts->n_items; i > 0; i--)
    if (scouts->items[i - 1].kind == SRUDP_SCOUT_PEERS
        && scouts->items[i - 1].sequence == sequence)
      remove_at (scouts, i - 1);
}

/* An unset local part stands for any. */
static gboolean
is_same_way (const SrudpPath *a,
             const SrudpPath *b)
{
  return srudp_address_equal (&a->remote, &b->remote) && a->socket == b->socket
         && (!srudp_address_is_set (&a->local)
             || srudp_address_equal (&a->local, &b->local));
}

void
srudp_scouts_send_out (SrudpScouts     *scouts,
                       const SrudpPath *active)
{
  scouts->are_out = TRUE;
  for (guint i = 0; i < scouts->n_items; i++)
    scouts->items[i].is_due = !is_same_way (&scouts->items[i].path, active);
}

void
srudp_scouts_call_back (SrudpScouts *scouts)
{
  scouts->are_out = FALSE;
  for (guint i = 0; i < scouts->n_items; i++)
    scouts->items[i].is_due = scouts->items[i].is_sent = FALSE;
}

SrudpScout *
srudp_scouts_next (SrudpScouts *scouts)
{
  for (guint i = 0; i < scouts->n_items; i++)
    if (scouts->items[i].is_due)
      return &scouts->items[i];

  return NULL;
}

const SrudpScout *
srudp_scouts_find (const SrudpScouts *scouts,
                   const guint8       answer[SRUDP_PATH_CHALLENGE_BYTES])
{
  for (guint i = 0; i < scouts->n_items; i++)
    if (scouts->items[i].is_sent
        && memcmp (scouts->items[i].challenge, answer,
                   SRUDP_PATH_CHALLENGE_BYTES) == 0)
      return &scouts->items[i];

  return NULL;
}
