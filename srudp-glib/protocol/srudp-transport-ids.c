/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-ids.c: connection ids (RFC 9000, section 5.1)
 *
 * Each path that either side chose has an id of its own in either direction. A
 * path that only a NAT changed keeps its id: who sees the packets on both its
 * sides can tell anyway.
 */
#include "srudp-transport-private.h"

/* How long packets that were on their way may bear an id that is retired. */
#define RETIRED_PTOS 3

static void
retire (SrudpTransport *self,
        guint64         id)
{
  srudp_remote_ids_retire (&self->remote_ids, id);
  self->pending |= SRUDP_PENDING_CONNECTION_IDS;
}

/* The id for packets along a path. */
guint64
srudp_transport_choose_id (SrudpTransport  *self,
                           const SrudpPath *path,
                           gboolean         is_fresh_wanted)
{
  guint64 id;

  if (srudp_path_equal (path, &self->active.addresses))
    return self->remote_id;
  if (self->candidate.in_use
      && srudp_path_equal (path, &self->candidate.addresses))
    return self->candidate_id;
  if (self->probed_id != 0 && srudp_path_equal (path, &self->probed))
    return self->probed_id;
  if (is_fresh_wanted && srudp_remote_ids_take (&self->remote_ids, &id))
    return id;

  return self->remote_id;
}

/* The path in use has another id from now on, and so has one that may replace it
 * and shares its id: nothing is to be sent with one that is given back. */
void
srudp_transport_use_id (SrudpTransport *self,
                        guint64         id)
{
  guint64 old = self->remote_id;

  self->remote_id = id;
  if (self->candidate_id == old)
    self->candidate_id = id;
  if (self->probed_id == id)
    self->probed_id = 0;
  if (old != id)
    retire (self, old);
}

/* One more path has an id of its own; the one before it no longer. */
void
srudp_transport_set_probed (SrudpTransport  *self,
                            const SrudpPath *path,
                            guint64          id)
{
  if (self->probed_id != 0 && self->probed_id != id)
    retire (self, self->probed_id);
  self->probed = *path;
  self->probed_id = id;
}

gboolean
srudp_transport_handle_new_id (SrudpTransport   *self,
                               const SrudpFrame *frame)
{
  SrudpRemoteIds *ids = &self->remote_ids;

  if (!srudp_remote_ids_add (ids, frame))
    return srudp_transport_violate (self, "connection ids");

  /* Those in use may have been called back. */
  if (!srudp_remote_ids_contains (ids, self->remote_id))
    srudp_remote_ids_take (ids, &self->remote_id);
  if (!srudp_remote_ids_contains (ids, self->candidate_id))
    self->candidate_id = self->candidate.in_use ? self->remote_id : 0;
  if (!srudp_remote_ids_contains (ids, self->probed_id))
    self->probed_id = 0;
  self->pending |= SRUDP_PENDING_CONNECTION_IDS;

  return TRUE;
}

gboolean
srudp_transport_handle_retire_id (SrudpTransport            *self,
                                  const SrudpFrame          *frame,
                                  const SrudpReceivedPacket *packet)
{
  return srudp_local_ids_retire (&self->local_ids, self->now,
                                 frame->connection_id.sequence,
                                 packet->addressed_id)
         || srudp_transport_violate (self, "retired connection id");
}

gboolean
srudp_transport_wants_id (SrudpTransport *self)
{
  return srudp_transport_is_open (self)
         && srudp_local_ids_wants_more (&self->local_ids);
}

void
srudp_transport_add_id (SrudpTransport *self,
                        guint64         id)
{
  srudp_local_ids_add (&self->local_ids, id);
  self->pending |= SRUDP_PENDING_CONNECTION_IDS;
}

gboolean
srudp_transport_pop_retired_id (SrudpTransport *self,
                                guint64        *id)
{
  gint64 grace;

  if (!srudp_local_ids_has_retired (&self->local_ids))
    return FALSE;

  grace = RETIRED_PTOS * srudp_transport_get_pto (self);

  return srudp_local_ids_pop_retired (&self->local_ids, self->now - grace, id);
}

static gboolean
put_frame (SrudpTransport     *self,
           SrudpPacketBuilder *builder,
           const SrudpFrame   *frame)
{
  const SrudpSentFrame sent = { .type = (guint8) frame->type,
                                .id = frame->connection_id.sequence };

  if (!srudp_frame_write (&builder->writer, frame))
    return FALSE;

  srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
  builder->ack_eliciting = TRUE;

  return TRUE;
}

void
srudp_transport_put_ids (SrudpTransport     *self,
                         SrudpPacketBuilder *builder)
{
  SrudpFrame frame;

  while (srudp_local_ids_next (&self->local_ids, &frame))
    {
      if (!put_frame (self, builder, &frame))
        return;
      srudp_local_ids_announced (&self->local_ids, frame.connection_id.sequence);
    }

  while (srudp_remote_ids_next (&self->remote_ids, &frame))
    {
      if (!put_frame (self, builder, &frame))
        return;
      srudp_remote_ids_sent (&self->remote_ids, frame.connection_id.sequence);
    }

  self->pending &= ~SRUDP_PENDING_CONNECTION_IDS;
}
