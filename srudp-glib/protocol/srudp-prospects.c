/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prospects.c: paths that may be better than the one in use
 */
#include "srudp-prospects.h"

#include <string.h>

/* Both sides send at about the same time, so that their NATs and firewalls
 * open; the interval doubles from the first one. */
#define FIRST_INTERVAL_US (100 * 1000)
#define MAX_UNANSWERED 6
#define SAMPLE_INTERVAL_US (250 * 1000)
#define BETTER_FOR_US (2 * G_USEC_PER_SEC)
/* One that is better only at times is let be after this. */
#define SAMPLES_US (6 * G_USEC_PER_SEC)
/* How much better it has to be: a fifth and more than noise, or this much. */
#define BETTER_BY_US (10 * 1000)
#define NOISE_US 1000
/* A way within the local network, or without a NAT, need not be faster. */
#define NEARER_SLACK_US (2 * 1000)

/* What all challenges may cost at once, and how soon there is one more. */
#define BUDGET_PACKETS 120
#define BUDGET_REFILL_US G_USEC_PER_SEC

void
srudp_prospects_add (SrudpProspects     *self,
                     gint64              now,
                     const SrudpAddress *remote)
{
  for (guint i = 0; i < self->n_items; i++)
    if (srudp_address_equal (&self->items[i].path.remote, remote))
      return;
  if (self->n_items == SRUDP_MAX_PROSPECTS)
    return;

  self->items = g_renew (SrudpProspect, self->items, self->n_items + 1);
  self->items[self->n_items++] = (SrudpProspect) {
    .path = { .remote = *remote },
    .sent_at = -1,
    .due = now,
    .better_since = -1,
    .until = -1,
    .rtt_us = -1,
  };
}

void
srudp_prospects_clear (SrudpProspects *self)
{
  g_clear_pointer (&self->items, g_free);
  self->n_items = 0;
}

gint64
srudp_prospects_get_deadline (const SrudpProspects *self)
{
  gint64 deadline = -1;

  for (guint i = 0; i < self->n_items; i++)
    {
      gint64 due = self->items[i].due;

      if (due >= 0 && (deadline < 0 || due < deadline))
        deadline = due;
    }

  return deadline;
}

static gboolean
spend (SrudpProspects *self,
       gint64          now)
{
  gint64 gained;

  if (self->budget_since == 0)
    {
      self->budget = BUDGET_PACKETS;
      self->budget_since = now;
    }
  gained = (now - self->budget_since) / BUDGET_REFILL_US;
  self->budget = (guint) MIN (self->budget + gained, BUDGET_PACKETS);
  self->budget_since += gained * BUDGET_REFILL_US;
  if (self->budget == 0)
    return FALSE;
  self->budget--;

  return TRUE;
}

static void
plan_next (SrudpProspect *item,
           gint64         now)
{
  item->n_sent++;
  item->sent_at = now;
  if (item->until >= 0)
    item->due = now < item->until ? now + MAX (SAMPLE_INTERVAL_US,
                                               2 * item->rtt_us)
                                  : -1;
  else
    item->due = item->n_sent < MAX_UNANSWERED
                  ? now + (FIRST_INTERVAL_US << (item->n_sent - 1)) : -1;
}

SrudpProspect *
srudp_prospects_next (SrudpProspects *self,
                      gint64          now)
{
  for (guint i = 0; i < self->n_items; i++)
    {
      SrudpProspect *item = &self->items[i];

      if (item->due < 0 || item->due > now)
        continue;
      if (!spend (self, now))
        {
          item->due = -1;
          continue;
        }
      plan_next (item, now);
      return item;
    }

  return NULL;
}

/* The more, the nearer. */
static guint
rank (const SrudpAddress *address)
{
  static const guint8 ipv6_loopback[16] = { [15] = 1 };
  const guint8 *ip = address->ip;

  if (address->family == SRUDP_FAMILY_IPV6)
    {
      if (memcmp (ip, ipv6_loopback, sizeof ipv6_loopback) == 0)
        return 3;
      /* Link-local (RFC 4291, section 2.5.6) and unique local (RFC 4193). */
      return (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80)
             || (ip[0] & 0xfe) == 0xfc ? 2 : 1;
    }

  if (ip[0] == 127)
    return 3;
  /* RFC 1918. */
  return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16)
         || (ip[0] == 192 && ip[1] == 168) ? 2 : 0;
}

static gboolean
is_better (const SrudpProspect *item,
           const SrudpPath     *active,
           gint64               active_rtt_us)
{
  gint64 gain = active_rtt_us - item->rtt_us;

  if (active_rtt_us < 0)
    return FALSE;
  if (rank (&item->path.remote) > rank (&active->remote)
      && gain >= -NEARER_SLACK_US)
    return TRUE;

  return gain >= BETTER_BY_US
         || (gain >= NOISE_US && gain * 5 >= active_rtt_us);
}

static SrudpProspect *
find (SrudpProspects *self,
      const guint8    answer[SRUDP_PATH_CHALLENGE_BYTES])
{
  for (guint i = 0; i < self->n_items; i++)
    if (self->items[i].sent_at >= 0
        && memcmp (self->items[i].challenge, answer,
                   SRUDP_PATH_CHALLENGE_BYTES) == 0)
      return &self->items[i];

  return NULL;
}

gboolean
srudp_prospects_answer (SrudpProspects   *self,
                        gint64            now,
                        const SrudpPath  *path,
                        const guint8      answer[SRUDP_PATH_CHALLENGE_BYTES],
                        const SrudpPath  *active,
                        gint64            active_rtt_us,
                        const SrudpPath **better)
{
  SrudpProspect *item = find (self, answer);

  *better = NULL;
  if (item == NULL)
    return FALSE;

  item->rtt_us = now - item->sent_at;
  item->sent_at = -1;
  if (item->until < 0)
    {
      item->until = now + SAMPLES_US;
      item->due = now + SAMPLE_INTERVAL_US;
    }
  /* An answer that came another way says nothing about the way back. */
  if (srudp_address_equal (&item->path.remote, &path->remote))
    item->path = *path;
  if (srudp_path_equal (&item->path, active))
    {
      item->due = -1;
      return TRUE;
    }

  if (!is_better (item, active, active_rtt_us))
    item->better_since = -1;
  else if (item->better_since < 0)
    item->better_since = now;
  else if (now - item->better_since >= BETTER_FOR_US)
    *better = &item->path;

  return TRUE;
}
