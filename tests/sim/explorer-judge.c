/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-judge.c: whether the hosts of an explored world ended up well
 */
#include "explorer-judge.h"

#include <string.h>

static ExSession *
get_session (ExHost *host,
             guint   i)
{
  return g_ptr_array_index (host->sessions, i);
}

static gboolean
belongs_to (const ExSession *s,
            ExHost          *host)
{
  return memcmp (s->peer_key, host->key, SRUDP_KEY_BYTES) == 0;
}

/* How many sessions of other hosts, living ones, are the other end of s; and
 * one of them. */
static guint
find_other_ends (const ExScenario  *scenario,
                 ExHost            *hosts,
                 guint              of,
                 const ExSession   *s,
                 const ExSession  **end)
{
  guint n = 0;

  *end = NULL;
  for (guint h = 0; h < scenario->n_hosts; h++)
    for (guint i = 0; h != of && i < hosts[h].sessions->len; i++)
      {
        const ExSession *other = get_session (&hosts[h], i);

        if (!ex_session_is_up (other) || !belongs_to (s, &hosts[h])
            || !belongs_to (other, &hosts[of])
            || memcmp (s->binding, other->binding, SRUDP_KEY_BYTES) != 0)
          continue;
        *end = other;
        n++;
      }

  return n;
}

/* A greeting at least, and all that its other end has said. */
static gboolean
is_well (const ExScenario *scenario,
         ExHost           *hosts,
         guint             h,
         const ExSession  *s)
{
  const ExSession *other;

  find_other_ends (scenario, hosts, h, s, &other);

  return ex_session_is_up (s) && !s->wrong_data
    && s->received == (other != NULL ? other->written : EX_DATA_BYTES);
}

/* An open may have met a process that was dead a moment later: it is told, at
 * the latest by the idle timeout, and a retry is a new open. */
static gboolean
was_told_of_restart (const ExScenario *scenario,
                     const ExSession  *s)
{
  return scenario->budget.restarts > 0 && s->state == SRUDP_STATE_CLOSED
    && s->was_up
    && (s->reason == SRUDP_REASON_PEER_RESTARTED
        || s->reason == SRUDP_REASON_PEER_ABORTED
        || s->reason == SRUDP_REASON_IDLE_TIMEOUT);
}

/* The one that asked is told at once, the other one perhaps only at the end. */
static gboolean
is_refused (const ExScenario *scenario,
            ExHost           *hosts)
{
  for (guint h = 0; h < scenario->n_hosts; h++)
    for (guint i = 0; i < hosts[h].sessions->len; i++)
      {
        const ExSession *s = get_session (&hosts[h], i);

        if (s->state == SRUDP_STATE_CLOSED
            && s->reason == (scenario->forgets ? SRUDP_REASON_INVITATION
                                               : SRUDP_REASON_PASSPHRASE))
          return TRUE;
      }

  return FALSE;
}

static gboolean
was_any_up (const ExScenario *scenario,
            ExHost           *hosts)
{
  for (guint h = 0; h < scenario->n_hosts; h++)
    for (guint i = 0; i < hosts[h].sessions->len; i++)
      if (get_session (&hosts[h], i)->was_up)
        return TRUE;

  return FALSE;
}

gboolean
ex_judge_is_settled (const ExScenario *scenario,
                     ExHost           *hosts)
{
  if (scenario->refused)
    return is_refused (scenario, hosts);

  for (guint h = 0; h < scenario->n_hosts; h++)
    for (guint i = 0; i < hosts[h].sessions->len; i++)
      {
        const ExSession *s = get_session (&hosts[h], i);

        if (s->session != NULL && s->is_open
            && !is_well (scenario, hosts, h, s)
            && !was_told_of_restart (scenario, s))
          return FALSE;
      }

  return TRUE;
}

char *
ex_judge_explain (const ExScenario *scenario,
                  ExHost           *hosts)
{
  GString *text = g_string_new ("stuck:");

  for (guint h = 0; h < scenario->n_hosts; h++)
    for (guint i = 0; i < hosts[h].sessions->len; i++)
      {
        const ExSession *s = get_session (&hosts[h], i);

        g_string_append_printf (text, " %c%s%s state %d reason %d heard %d%s;",
                                'A' + h, s->is_open ? "" : " inbound",
                                s->session == NULL ? " (dead)" : "",
                                s->state, s->reason, (int) s->received,
                                s->wrong_data ? " WRONG" : "");
      }

  return g_string_free (text, FALSE);
}

/* A session whose other end died with its process ends later, by itself. */
static gboolean
may_be_widowed (const ExScenario *scenario,
                ExHost           *hosts,
                const ExSession  *s)
{
  for (guint h = 0; h < scenario->n_hosts; h++)
    if (hosts[h].generation > 0 && belongs_to (s, &hosts[h]))
      return TRUE;

  return FALSE;
}

static gboolean
has_changed_keys (const ExScenario *scenario,
                  const ExSession  *s)
{
  SrudpSessionStats stats;

  srudp_session_get_stats (s->session, &stats);

  return stats.key_updates > 0
    && (stats.key_exchanges > 0 || !scenario->exchanges_keys);
}

gboolean
ex_judge_have_keys_changed (const ExScenario *scenario,
                            ExHost           *hosts)
{
  for (guint h = 0; h < scenario->n_hosts; h++)
    for (guint i = 0; i < hosts[h].sessions->len; i++)
      if (ex_session_is_up (get_session (&hosts[h], i))
          && !has_changed_keys (scenario, get_session (&hosts[h], i)))
        return FALSE;

  return TRUE;
}

/* Both ends have seen the same. */
static char *
check_keys (const ExScenario *scenario,
            guint             h,
            const ExSession  *s,
            const ExSession  *other)
{
  SrudpSessionStats own, peers;

  srudp_session_get_stats (s->session, &own);
  srudp_session_get_stats (other->session, &peers);
  if ((scenario->renews_keys || scenario->exchanges_keys)
      && !has_changed_keys (scenario, s))
    return g_strdup_printf ("%c has the keys of the beginning", 'A' + h);
  if (own.key_exchanges + 1 < peers.key_exchanges
      || own.key_updates + 1 < peers.key_updates)
    return g_strdup_printf ("%c has fallen behind with its keys", 'A' + h);

  return NULL;
}

static char *
check_session (const ExScenario *scenario,
               ExHost           *hosts,
               guint             h,
               const ExSession  *s)
{
  const ExSession *other;
  guint n = find_other_ends (scenario, hosts, h, s, &other);

  if (s->wrong_data)
    return g_strdup_printf ("%c heard what its peer did not say", 'A' + h);
  if (belongs_to (s, &hosts[h]))
    return g_strdup_printf ("%c is connected to itself", 'A' + h);
  if (s->is_open && !belongs_to (s, &hosts[s->peer]))
    return g_strdup_printf ("%c opened to one peer and has another", 'A' + h);
  if (n > 1)
    return g_strdup_printf ("%c shares one session with two", 'A' + h);
  if (n == 0 && !may_be_widowed (scenario, hosts, s))
    return g_strdup_printf ("%c has a session nobody else has", 'A' + h);
  if (n == 1 && s->received != other->written)
    return g_strdup_printf ("%c has not heard its peer", 'A' + h);

  return n == 1 ? check_keys (scenario, h, s, other) : NULL;
}

/* Both opening makes one connection, not two. */
static guint
count_pairs (const ExScenario *scenario,
             guint             h)
{
  guint n = 0;

  for (guint other = 0; other < scenario->n_hosts; other++)
    {
      gboolean any = FALSE;

      for (guint i = 0; i < scenario->n_opens; i++)
        any |= (scenario->opens[i].from == h && scenario->opens[i].to == other)
          || (scenario->opens[i].from == other && scenario->opens[i].to == h);
      n += any;
    }

  return n;
}

static char *
check_host (const ExScenario *scenario,
            ExHost           *hosts,
            guint             h)
{
  guint n_up = 0, expected = count_pairs (scenario, h);
  char *why;

  for (guint i = 0; i < hosts[h].sessions->len; i++)
    {
      const ExSession *s = get_session (&hosts[h], i);

      if (!ex_session_is_up (s))
        continue;
      n_up++;
      why = check_session (scenario, hosts, h, s);
      if (why != NULL)
        return why;
    }
  if (n_up != expected && scenario->budget.restarts == 0)
    return g_strdup_printf ("%c has %u sessions and not %u", 'A' + h, n_up,
                            expected);

  return NULL;
}

char *
ex_judge_check (const ExScenario *scenario,
                ExHost           *hosts)
{
  if (scenario->refused)
    return was_any_up (scenario, hosts)
             ? g_strdup ("there is a session of two that know different secrets") : NULL;

  for (guint h = 0; h < scenario->n_hosts; h++)
    {
      char *why = check_host (scenario, hosts, h);

      if (why != NULL)
        return why;
    }

  return NULL;
}
