/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-announcements.c: what the peer is told of addresses
 */
#include "srudp-announcements.h"

static gboolean
is_among (const SrudpAddress *addresses,
          gsize               n_addresses,
          const SrudpAddress *address)
{
  for (gsize i = 0; i < n_addresses; i++)
    if (srudp_address_equal (&addresses[i], address))
      return TRUE;

  return FALSE;
}

static gboolean
contains (const SrudpAnnouncements *self,
          const SrudpAddress       *address)
{
  for (guint i = 0; i < self->n_items; i++)
    if (!self->items[i].is_gone
        && srudp_address_equal (&self->items[i].address, address))
      return TRUE;

  return FALSE;
}

static void
remove_at (SrudpAnnouncements *self,
           guint               i)
{
  self->items[i] = self->items[--self->n_items];
}

static void
append (SrudpAnnouncements *self,
        const SrudpAddress *address)
{
  self->items = g_renew (SrudpAnnouncement, self->items, self->n_items + 1);
  self->items[self->n_items++]
    = (SrudpAnnouncement) { .address = *address,
                            .sequence = ++self->last_sequence,
                            .is_due = TRUE };
}

void
srudp_announcements_clear (SrudpAnnouncements *self)
{
  g_clear_pointer (&self->items, g_free);
  self->n_items = 0;
}

static SrudpAnnouncement *
find (SrudpAnnouncements *self,
      guint8              type,
      guint64             sequence)
{
  for (guint i = 0; i < self->n_items; i++)
    if (self->items[i].sequence == sequence
        && self->items[i].is_gone == (type == SRUDP_FRAME_REMOVE_ADDRESS))
      return &self->items[i];

  return NULL;
}

void
srudp_announcements_set (SrudpAnnouncements *self,
                         const SrudpAddress *addresses,
                         gsize               n_addresses)
{
  n_addresses = MIN (n_addresses, SRUDP_MAX_LOCAL_CANDIDATES);
  for (guint i = 0; i < self->n_items; i++)
    {
      SrudpAnnouncement *item = &self->items[i];

      if (item->is_gone || item->is_extra
          || is_among (addresses, n_addresses, &item->address))
        continue;
      item->is_gone = item->is_due = TRUE;
    }

  for (gsize i = 0; i < n_addresses; i++)
    if (!contains (self, &addresses[i])
        && self->n_items < SRUDP_MAX_ANNOUNCEMENTS)
      append (self, &addresses[i]);
}

void
srudp_announcements_set_extra (SrudpAnnouncements *self,
                               const SrudpAddress *address)
{
  for (guint i = 0; i < self->n_items; i++)
    {
      SrudpAnnouncement *item = &self->items[i];

      if (item->is_extra && !item->is_gone)
        item->is_gone = item->is_due = TRUE;
    }

  if (contains (self, address) || self->n_items >= SRUDP_MAX_ANNOUNCEMENTS)
    return;
  append (self, address);
  self->items[self->n_items - 1].is_extra = TRUE;
}

void
srudp_announcements_observe (SrudpAnnouncements *self,
                             const SrudpAddress *address)
{
  if (!srudp_address_is_set (address)
      || address->family == SRUDP_FAMILY_OPAQUE
      || srudp_address_equal (&self->observed, address))
    return;

  self->observed = *address;
  self->observed_sequence++;
  self->observed_due = TRUE;
}

gboolean
srudp_announcements_next (SrudpAnnouncements *self,
                          SrudpFrame         *frame)
{
  if (self->observed_due)
    {
      *frame = (SrudpFrame) { .type = SRUDP_FRAME_OBSERVED_ADDRESS };
      frame->address.sequence = self->observed_sequence;
      frame->address.address = self->observed;
      return TRUE;
    }

  for (guint i = 0; i < self->n_items; i++)
    {
      const SrudpAnnouncement *item = &self->items[i];

      if (!item->is_due)
        continue;
      *frame = (SrudpFrame) { .type = item->is_gone ? SRUDP_FRAME_REMOVE_ADDRESS
                                                    : SRUDP_FRAME_ADD_ADDRESS };
      frame->address.sequence = item->sequence;
      frame->address.address = item->address;
      return TRUE;
    }

  return FALSE;
}

void
srudp_announcements_sent (SrudpAnnouncements *self,
                          const SrudpFrame   *frame)
{
  SrudpAnnouncement *item;

  if (frame->type == SRUDP_FRAME_OBSERVED_ADDRESS)
    {
      self->observed_due = FALSE;
      return;
    }
  item = find (self, frame->type, frame->address.sequence);
  if (item != NULL)
    item->is_due = FALSE;
}

void
srudp_announcements_acked (SrudpAnnouncements *self,
                           guint8              type,
                           guint64             sequence)
{
  SrudpAnnouncement *item = find (self, type, sequence);

  if (type == SRUDP_FRAME_OBSERVED_ADDRESS)
    {
      if (sequence == self->observed_sequence)
        self->observed_due = FALSE;
    }
  else if (item != NULL && item->is_gone)
    remove_at (self, (guint) (item - self->items));
  else if (item != NULL)
    item->is_due = FALSE;
}

gboolean
srudp_announcements_lost (SrudpAnnouncements *self,
                          guint8              type,
                          guint64             sequence)
{
  SrudpAnnouncement *item = find (self, type, sequence);

  if (type == SRUDP_FRAME_OBSERVED_ADDRESS)
    {
      if (sequence != self->observed_sequence)
        return FALSE;
      self->observed_due = TRUE;
      return TRUE;
    }
  if (item != NULL)
    item->is_due = TRUE;

  return item != NULL;
}
