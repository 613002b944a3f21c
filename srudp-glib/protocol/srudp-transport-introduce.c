/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-introduce.c: the frames by which peers get to know each other
 *
 * They are few, arrive in any order, and are repeated until acknowledged.
 */
#include "srudp-transport-private.h"

/* More than this says nobody who means well. */
#define MAX_RECEIVED_PER_SECOND 32

typedef enum
{
  SLOT_FREE = 0,
  SLOT_WAITING, /* to be sent */
  SLOT_SENT,
} SlotState;

typedef struct
{
  SlotState state;
  guint64 id;
  SrudpIntroduction introduction;
} Slot;

struct _SrudpIntroductions
{
  Slot slots[SRUDP_MAX_INTRODUCTIONS];
  guint64 next_id;
  gint64 since; /* of the second in which so many were received */
  guint n_received;
};

static SrudpIntroductions *
ensure (SrudpTransport *self)
{
  if (self->introductions == NULL)
    self->introductions = g_new0 (SrudpIntroductions, 1);
  return self->introductions;
}

static Slot *
find (SrudpTransport *self,
      guint64         id)
{
  for (guint i = 0; i < SRUDP_MAX_INTRODUCTIONS; i++)
    {
      Slot *slot = &self->introductions->slots[i];

      if (slot->state == SLOT_SENT && slot->id == id)
        return slot;
    }
  return NULL;
}

gboolean
srudp_transport_introduce (SrudpTransport          *self,
                           gint64                   now,
                           const SrudpIntroduction *introduction)
{
  SrudpIntroductions *introductions = ensure (self);

  srudp_transport_set_now (self, now);
  if (!srudp_transport_is_open (self))
    return FALSE;

  for (guint i = 0; i < SRUDP_MAX_INTRODUCTIONS; i++)
    {
      Slot *slot = &introductions->slots[i];

      if (slot->state != SLOT_FREE)
        continue;
      slot->state = SLOT_WAITING;
      slot->id = introductions->next_id++;
      slot->introduction = *introduction;
      self->pending |= SRUDP_PENDING_INTRODUCTIONS;
      return TRUE;
    }
  return FALSE;
}

void
srudp_transport_put_introductions (SrudpTransport     *self,
                                   SrudpPacketBuilder *builder)
{
  for (guint i = 0; i < SRUDP_MAX_INTRODUCTIONS; i++)
    {
      Slot *slot = &self->introductions->slots[i];
      SrudpFrame frame = { .type = SRUDP_FRAME_INTRODUCE };
      SrudpSentFrame sent = { .type = SRUDP_FRAME_INTRODUCE, .id = slot->id };

      if (slot->state != SLOT_WAITING)
        continue;
      frame.introduce = slot->introduction;
      if (!srudp_frame_write (&builder->writer, &frame))
        return;
      srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
      slot->state = SLOT_SENT;
      builder->ack_eliciting = TRUE;
    }
  self->pending &= ~SRUDP_PENDING_INTRODUCTIONS;
}

void
srudp_transport_introduction_acked (SrudpTransport *self,
                                    guint64         id)
{
  Slot *slot = find (self, id);

  if (slot != NULL)
    slot->state = SLOT_FREE;
}

void
srudp_transport_introduction_lost (SrudpTransport *self,
                                   guint64         id)
{
  Slot *slot = find (self, id);

  if (slot == NULL)
    return;
  slot->state = SLOT_WAITING;
  self->pending |= SRUDP_PENDING_INTRODUCTIONS;
}

static gboolean
is_too_often (SrudpTransport *self)
{
  SrudpIntroductions *introductions = ensure (self);

  if (self->now - introductions->since >= G_USEC_PER_SEC)
    {
      introductions->since = self->now;
      introductions->n_received = 0;
    }
  return introductions->n_received++ >= MAX_RECEIVED_PER_SECOND;
}

void
srudp_transport_handle_introduction (SrudpTransport          *self,
                                     const SrudpIntroduction *introduction)
{
  SrudpEvent event = { .type = SRUDP_EVENT_INTRODUCTION };

  if (!srudp_transport_is_open (self) || is_too_often (self))
    return;
  event.datagram = g_bytes_new (introduction, sizeof *introduction);
  srudp_event_queue_push (&self->events, &event);
}
