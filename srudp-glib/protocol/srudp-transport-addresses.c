/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-addresses.c: addresses told to and by the peer, and the better
 * paths they may lead to
 *
 * Both sides challenge what the other has named, for NATs and firewalls open
 * only to what is sent out. The initiator of the handshake alone moves to a
 * better path: two that moved at once could take different ones.
 */
#include "srudp-transport-private.h"

/* When nobody is to be asked any more, there is nothing to remember. */
static void
arm_prospects (SrudpTransport *self)
{
  gint64 deadline = srudp_prospects_get_deadline (&self->prospects);

  if (deadline < 0)
    srudp_prospects_clear (&self->prospects);
  srudp_timers_set (&self->timers, SRUDP_TIMER_PROSPECTS, deadline);
}

void
srudp_transport_seek (SrudpTransport     *self,
                      const SrudpAddress *remote)
{
  if (!self->seeks_paths || !srudp_transport_is_open (self)
      || srudp_address_equal (remote, &self->active.addresses.remote))
    return;

  srudp_prospects_add (&self->prospects, self->now, remote);
  arm_prospects (self);
}

static void
seek_scouts (SrudpTransport *self)
{
  for (guint i = 0; i < self->scouts.n_items; i++)
    if (self->scouts.items[i].kind != SRUDP_SCOUT_FORMER)
      srudp_transport_seek (self, &self->scouts.items[i].path.remote);
}

void
srudp_transport_set_addresses (SrudpTransport     *self,
                               gint64              now,
                               guint16             port,
                               const SrudpAddress *addresses,
                               gsize               n_addresses)
{
  srudp_transport_set_now (self, now);
  if (!srudp_transport_is_open (self))
    return;

  self->seeks_paths = TRUE;
  self->local_port = port;
  srudp_announcements_set (&self->announcements, addresses, n_addresses);
  self->pending |= SRUDP_PENDING_ADDRESSES;
  srudp_transport_observe_peer (self);
  seek_scouts (self);
}

/* A peer that wants it is told where we see it. */
void
srudp_transport_observe_peer (SrudpTransport *self)
{
  if (!self->seeks_paths
      || !(self->remote_params.features & SRUDP_FEATURE_OBSERVED_ADDRESS))
    return;

  srudp_announcements_observe (&self->announcements,
                               &self->active.addresses.remote);
  self->pending |= SRUDP_PENDING_ADDRESSES;
}

void
srudp_transport_put_addresses (SrudpTransport     *self,
                               SrudpPacketBuilder *builder)
{
  SrudpFrame frame;

  while (srudp_announcements_next (&self->announcements, &frame))
    {
      const SrudpSentFrame sent = { .type = (guint8) frame.type,
                                    .id = frame.address.sequence };

      if (!srudp_frame_write (&builder->writer, &frame))
        return;
      srudp_announcements_sent (&self->announcements, &frame);
      srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
      builder->ack_eliciting = TRUE;
    }
  self->pending &= ~SRUDP_PENDING_ADDRESSES;
}

void
srudp_transport_addresses_lost (SrudpTransport       *self,
                                const SrudpSentFrame *frame)
{
  if (srudp_announcements_lost (&self->announcements, frame->type, frame->id))
    self->pending |= SRUDP_PENDING_ADDRESSES;
}

void
srudp_transport_handle_add_address (SrudpTransport   *self,
                                    const SrudpFrame *frame)
{
  const SrudpPath path = { .remote = frame->address.address };

  srudp_scouts_add (&self->scouts, SRUDP_SCOUT_PEERS, &path,
                    frame->address.sequence);
  if (srudp_scouts_contain (&self->scouts, &path))
    srudp_transport_seek (self, &path.remote);
}

void
srudp_transport_handle_observed (SrudpTransport   *self,
                                 const SrudpFrame *frame)
{
  if (srudp_address_is_set (&self->observed)
      && frame->address.sequence <= self->observed_sequence)
    return; /* overtaken by a newer one */

  if (srudp_address_same_ip (&self->observed, &frame->address.address))
    srudp_transport_note_new_port (self, TRUE);
  if (srudp_address_is_set (&self->observed))
    srudp_transport_note_observed (self);
  self->observed = frame->address.address;
  self->observed_sequence = frame->address.sequence;
}

gboolean
srudp_transport_get_observed (SrudpTransport *self,
                              SrudpAddress   *out)
{
  *out = self->observed;

  return srudp_address_is_set (out);
}

/* TRUE: it was the answer of a path that may be better. */
gboolean
srudp_transport_handle_prospect (SrudpTransport            *self,
                                 const SrudpReceivedPacket *packet,
                                 const guint8               data[SRUDP_PATH_CHALLENGE_BYTES])
{
  const SrudpRtt *rtt = &self->recovery.rtt;
  const SrudpPath *better;

  if (!srudp_prospects_answer (&self->prospects, self->now, packet->path, data,
                               &self->active.addresses,
                               srudp_rtt_has_sample (rtt) ? rtt->min_us : -1,
                               &better))
    return FALSE;

  if (better != NULL && self->initiator && srudp_transport_is_open (self))
    srudp_transport_leave_for (self, better);
  arm_prospects (self);

  return TRUE;
}

gsize
srudp_transport_send_prospect (SrudpTransport *self,
                               SrudpTransmit  *transmit,
                               guint8         *buffer)
{
  SrudpProspect *prospect = NULL;
  gsize size;

  if (srudp_transport_is_open (self))
    prospect = srudp_prospects_next (&self->prospects, self->now);
  if (prospect == NULL)
    return 0;

  srudp_transport_get_random (self, prospect->challenge,
                              sizeof prospect->challenge);
  transmit->path = prospect->path;
  size = srudp_transport_build_path_packet (self, buffer, self->remote_id,
                                            SRUDP_FRAME_PATH_CHALLENGE,
                                            prospect->challenge);
  arm_prospects (self);

  return size;
}

/* What was compared with is no longer in use. */
void
srudp_transport_forget_prospects (SrudpTransport *self)
{
  srudp_prospects_clear (&self->prospects);
  arm_prospects (self);
}
