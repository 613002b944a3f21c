/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-ids.c: the connection ids of both sides (RFC 9000, 5.1)
 */
#include "srudp-connection-ids.h"

#include <string.h>

#define SEEN_BITS 64

/* --- Ours ---------------------------------------------------------------- */

static SrudpLocalId *
find_local (SrudpLocalIds *ids,
            guint64        sequence)
{
  for (guint i = 0; i < SRUDP_MAX_LOCAL_IDS; i++)
    if (ids->items[i].state != SRUDP_LOCAL_ID_FREE
        && ids->items[i].sequence == sequence)
      return &ids->items[i];

  return NULL;
}

static void
set_local_state (SrudpLocalIds     *ids,
                 SrudpLocalId      *item,
                 SrudpLocalIdState  state)
{
  ids->n_in_state[item->state]--;
  item->state = state;
  ids->n_in_state[state]++;
}

void
srudp_local_ids_init (SrudpLocalIds *ids,
                      guint64        first_id,
                      guint          limit)
{
  memset (ids, 0, sizeof *ids);
  ids->limit = MIN (limit, SRUDP_CONNECTION_ID_LIMIT);
  ids->items[0].id = first_id;
  ids->n_in_state[SRUDP_LOCAL_ID_FREE] = SRUDP_MAX_LOCAL_IDS;
  set_local_state (ids, &ids->items[0], SRUDP_LOCAL_ID_KNOWN);
  ids->next_sequence = 1;
}

gboolean
srudp_local_ids_wants_more (const SrudpLocalIds *ids)
{
  const guint *n = ids->n_in_state;

  return n[SRUDP_LOCAL_ID_FREE] > 0
         && n[SRUDP_LOCAL_ID_NEW] + n[SRUDP_LOCAL_ID_KNOWN] < ids->limit;
}

void
srudp_local_ids_add (SrudpLocalIds *ids,
                     guint64        id)
{
  for (guint i = 0; i < SRUDP_MAX_LOCAL_IDS; i++)
    {
      SrudpLocalId *item = &ids->items[i];

      if (item->state != SRUDP_LOCAL_ID_FREE)
        continue;

      item->sequence = ids->next_sequence++;
      item->id = id;
      set_local_state (ids, item, SRUDP_LOCAL_ID_NEW);
      item->is_due = TRUE;
      return;
    }

  g_assert_not_reached ();
}

gboolean
srudp_local_ids_next (const SrudpLocalIds *ids,
                      SrudpFrame          *frame)
{
  for (guint i = 0; i < SRUDP_MAX_LOCAL_IDS; i++)
    {
      const SrudpLocalId *item = &ids->items[i];

      if (!item->is_due)
        continue;

      memset (frame, 0, sizeof *frame);
      frame->type = SRUDP_FRAME_NEW_CONNECTION_ID;
      frame->connection_id.sequence = item->sequence;
      frame->connection_id.connection_id = item->id;
      return TRUE;
    }

  return FALSE;
}

void
srudp_local_ids_announced (SrudpLocalIds *ids,
                           guint64        sequence)
{
  SrudpLocalId *item = find_local (ids, sequence);

  if (item != NULL)
    item->is_due = FALSE;
}

void
srudp_local_ids_acked (SrudpLocalIds *ids,
                       guint64        sequence)
{
  SrudpLocalId *item = find_local (ids, sequence);

  if (item == NULL || item->state != SRUDP_LOCAL_ID_NEW)
    return;

  set_local_state (ids, item, SRUDP_LOCAL_ID_KNOWN);
  item->is_due = FALSE;
}

void
srudp_local_ids_lost (SrudpLocalIds *ids,
                      guint64        sequence)
{
  SrudpLocalId *item = find_local (ids, sequence);

  if (item != NULL && item->state == SRUDP_LOCAL_ID_NEW)
    item->is_due = TRUE;
}

/* RFC 9000, section 19.16. */
gboolean
srudp_local_ids_retire (SrudpLocalIds *ids,
                        gint64         now,
                        guint64        sequence,
                        guint64        addressed)
{
  SrudpLocalId *item = find_local (ids, sequence);

  if (sequence >= ids->next_sequence)
    return FALSE;
  if (item == NULL || item->state == SRUDP_LOCAL_ID_RETIRED)
    return TRUE; /* a repetition */
  if (item->id == addressed)
    return FALSE;

  set_local_state (ids, item, SRUDP_LOCAL_ID_RETIRED);
  item->is_due = FALSE;
  item->retired_at = now;

  return TRUE;
}

gboolean
srudp_local_ids_has_retired (const SrudpLocalIds *ids)
{
  return ids->n_in_state[SRUDP_LOCAL_ID_RETIRED] > 0;
}

gboolean
srudp_local_ids_pop_retired (SrudpLocalIds *ids,
                             gint64         before,
                             guint64       *id)
{
  for (guint i = 0; i < SRUDP_MAX_LOCAL_IDS; i++)
    {
      SrudpLocalId *item = &ids->items[i];

      if (item->state != SRUDP_LOCAL_ID_RETIRED || item->retired_at > before)
        continue;

      *id = item->id;
      set_local_state (ids, item, SRUDP_LOCAL_ID_FREE);
      memset (item, 0, sizeof *item);
      return TRUE;
    }

  return FALSE;
}

/* --- The peer's ---------------------------------------------------------- */

void
srudp_remote_ids_init (SrudpRemoteIds *ids,
                       guint64         first_id)
{
  memset (ids, 0, sizeof *ids);
  ids->items[0].id = first_id;
  ids->items[0].is_used = TRUE;
  ids->n_items = 1;
  ids->seen = 1;
}

/* TRUE if it was seen before, or is too old to know. */
static gboolean
note_seen (SrudpRemoteIds *ids,
           guint64         sequence)
{
  guint64 bit;

  if (sequence > ids->highest)
    {
      guint64 shift = sequence - ids->highest;

      ids->seen = shift < SEEN_BITS ? ids->seen << shift : 0;
      ids->highest = sequence;
    }
  if (ids->highest - sequence >= SEEN_BITS)
    return TRUE;

  bit = G_GUINT64_CONSTANT (1) << (ids->highest - sequence);
  if (ids->seen & bit)
    return TRUE;

  ids->seen |= bit;

  return FALSE;
}

static gboolean
add_retirement (SrudpRemoteIds *ids,
                guint64         sequence)
{
  if (ids->n_retirements == SRUDP_MAX_RETIREMENTS)
    return FALSE;

  ids->retirements[ids->n_retirements++]
    = (SrudpRetirement) { .sequence = sequence, .is_due = TRUE };

  return TRUE;
}

static gboolean
retire_at (SrudpRemoteIds *ids,
           guint           i)
{
  guint64 sequence = ids->items[i].sequence;

  ids->items[i] = ids->items[--ids->n_items];

  return add_retirement (ids, sequence);
}

static gboolean
retire_below (SrudpRemoteIds *ids,
              guint64         limit)
{
  ids->retire_prior_to = MAX (ids->retire_prior_to, limit);
  for (guint i = ids->n_items; i > 0; i--)
    if (ids->items[i - 1].sequence < ids->retire_prior_to
        && !retire_at (ids, i - 1))
      return FALSE;

  return TRUE;
}

/* The same number always names the same id, and the other way round. */
static gboolean
contradicts (const SrudpRemoteIds *ids,
             guint64               sequence,
             guint64               id)
{
  for (guint i = 0; i < ids->n_items; i++)
    if ((ids->items[i].sequence == sequence) != (ids->items[i].id == id))
      return TRUE;

  return FALSE;
}

/* RFC 9000, section 19.15. */
gboolean
srudp_remote_ids_add (SrudpRemoteIds   *ids,
                      const SrudpFrame *frame)
{
  guint64 sequence = frame->connection_id.sequence;
  guint64 id = frame->connection_id.connection_id;

  if (contradicts (ids, sequence, id))
    return FALSE;
  if (note_seen (ids, sequence))
    return TRUE;
  if (sequence < ids->retire_prior_to)
    return add_retirement (ids, sequence);
  if (!retire_below (ids, frame->connection_id.retire_prior_to)
      || ids->n_items == SRUDP_CONNECTION_ID_LIMIT)
    return FALSE;

  ids->items[ids->n_items++] = (SrudpRemoteId) { .sequence = sequence, .id = id };

  return TRUE;
}

gboolean
srudp_remote_ids_contains (const SrudpRemoteIds *ids,
                           guint64               id)
{
  for (guint i = 0; i < ids->n_items; i++)
    if (ids->items[i].id == id)
      return TRUE;

  return FALSE;
}

gboolean
srudp_remote_ids_take (SrudpRemoteIds *ids,
                       guint64        *id)
{
  for (guint i = 0; i < ids->n_items; i++)
    if (!ids->items[i].is_used)
      {
        ids->items[i].is_used = TRUE;
        *id = ids->items[i].id;
        return TRUE;
      }

  return FALSE;
}

void
srudp_remote_ids_retire (SrudpRemoteIds *ids,
                         guint64         id)
{
  for (guint i = 0; i < ids->n_items; i++)
    if (ids->items[i].id == id && ids->n_items > 1
        && ids->n_retirements < SRUDP_MAX_RETIREMENTS)
      {
        retire_at (ids, i);
        return;
      }
}

gboolean
srudp_remote_ids_next (const SrudpRemoteIds *ids,
                       SrudpFrame           *frame)
{
  for (guint i = 0; i < ids->n_retirements; i++)
    if (ids->retirements[i].is_due)
      {
        memset (frame, 0, sizeof *frame);
        frame->type = SRUDP_FRAME_RETIRE_CONNECTION_ID;
        frame->connection_id.sequence = ids->retirements[i].sequence;
        return TRUE;
      }

  return FALSE;
}

static void
set_due (SrudpRemoteIds *ids,
         guint64         sequence,
         gboolean        is_due)
{
  for (guint i = 0; i < ids->n_retirements; i++)
    if (ids->retirements[i].sequence == sequence)
      ids->retirements[i].is_due = is_due;
}

void
srudp_remote_ids_sent (SrudpRemoteIds *ids,
                       guint64         sequence)
{
  set_due (ids, sequence, FALSE);
}

void
srudp_remote_ids_lost (SrudpRemoteIds *ids,
                       guint64         sequence)
{
  set_due (ids, sequence, TRUE);
}

void
srudp_remote_ids_acked (SrudpRemoteIds *ids,
                        guint64         sequence)
{
  for (guint i = 0; i < ids->n_retirements; i++)
    if (ids->retirements[i].sequence == sequence)
      {
        ids->retirements[i] = ids->retirements[--ids->n_retirements];
        return;
      }
}
