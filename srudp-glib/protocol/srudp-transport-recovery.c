/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-recovery.c: the fate of sent packets
 */
#include "srudp-transport-private.h"

/* How far behind the oldest packet a probe looks for something to repeat. */
#define PROBE_SCAN_PACKETS 64
/* After so many probe timeouts in a row the peer is knocked for, with the
 * smallest packets that ask for an answer. The pauses grow with the silence, to
 * this part of it. What counts when loss comes in long bursts is how many are
 * sent; in half a minute they are no more bytes than the probes are. */
#define KNOCK_PTOS 2
#define KNOCK_PAUSE_US (60 * 1000)
#define KNOCK_SILENCE_DIVISOR 128

static void
frame_acked (SrudpTransport       *self,
             const SrudpSentFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_ACK:
      srudp_ack_ranges_forget (&self->acks, frame->id);
      break;
    case SRUDP_FRAME_HANDSHAKE_DONE:
      self->handshake_done_acked = TRUE;
      self->pending &= ~SRUDP_PENDING_HANDSHAKE_DONE;
      break;
    case SRUDP_FRAME_KEY_SHARE:
      srudp_transport_key_share_acked (self, frame->id);
      break;
    case SRUDP_FRAME_SAS_REVEAL:
      srudp_transport_reveal_acked (self);
      break;
    case SRUDP_FRAME_NEW_CONNECTION_ID:
      srudp_local_ids_acked (&self->local_ids, frame->id);
      break;
    case SRUDP_FRAME_RETIRE_CONNECTION_ID:
      srudp_remote_ids_acked (&self->remote_ids, frame->id);
      break;
    case SRUDP_FRAME_INTRODUCE:
      srudp_transport_introduction_acked (self, frame->id);
      break;
    case SRUDP_FRAME_OBSERVED_ADDRESS:
    case SRUDP_FRAME_ADD_ADDRESS:
    case SRUDP_FRAME_REMOVE_ADDRESS:
      srudp_announcements_acked (&self->announcements, frame->type, frame->id);
      break;
    case SRUDP_FRAME_ACK_FREQUENCY:
    case SRUDP_FRAME_DATAGRAM:
      break;
    default:
      srudp_stream_table_acked (&self->streams, frame);
      break;
    }
}

/* A DATAGRAM is gone; an ACK is told anew by the next one anyway. */
static void
frame_lost (SrudpTransport       *self,
            const SrudpSentFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_ACK:
    case SRUDP_FRAME_DATAGRAM:
      break;
    case SRUDP_FRAME_HANDSHAKE_DONE:
      srudp_transport_send_handshake_done (self);
      break;
    case SRUDP_FRAME_ACK_FREQUENCY:
      self->pending |= SRUDP_PENDING_ACK_FREQUENCY;
      break;
    case SRUDP_FRAME_KEY_SHARE:
      srudp_transport_key_share_lost (self, frame->id);
      break;
    case SRUDP_FRAME_SAS_REVEAL:
      srudp_transport_reveal (self);
      break;
    case SRUDP_FRAME_NEW_CONNECTION_ID:
      srudp_local_ids_lost (&self->local_ids, frame->id);
      self->pending |= SRUDP_PENDING_CONNECTION_IDS;
      break;
    case SRUDP_FRAME_RETIRE_CONNECTION_ID:
      srudp_remote_ids_lost (&self->remote_ids, frame->id);
      self->pending |= SRUDP_PENDING_CONNECTION_IDS;
      break;
    case SRUDP_FRAME_INTRODUCE:
      srudp_transport_introduction_lost (self, frame->id);
      break;
    case SRUDP_FRAME_OBSERVED_ADDRESS:
    case SRUDP_FRAME_ADD_ADDRESS:
    case SRUDP_FRAME_REMOVE_ADDRESS:
      srudp_transport_addresses_lost (self, frame);
      break;
    default:
      srudp_stream_table_lost (&self->streams, frame);
      break;
    }
}

/* What another network did with a packet says nothing of this one's sizes. */
static gboolean
tells_of_mtu (const SrudpSentPacket *packet)
{
  return !(packet->flags & SRUDP_SENT_OLD_PATH);
}

static gboolean
packet_acked (SrudpTransport        *self,
              const SrudpSentPacket *packet)
{
  for (guint i = 0; i < packet->n_frames; i++)
    frame_acked (self, srudp_sent_packets_get_frame (self->recovery.ledger,
                                                     packet, i));

  return tells_of_mtu (packet)
         && srudp_pmtud_on_acked (&self->pmtud, self->now, packet->number,
                                  packet->size);
}

static void
frames_lost (SrudpTransport        *self,
             const SrudpSentPacket *packet)
{
  for (guint i = 0; i < packet->n_frames; i++)
    frame_lost (self, srudp_sent_packets_get_frame (self->recovery.ledger,
                                                    packet, i));
}

static void
count_lost_datagrams (SrudpTransport        *self,
                      const SrudpSentPacket *packet)
{
  for (guint i = 0; i < packet->n_frames; i++)
    {
      const SrudpSentFrame *frame
        = srudp_sent_packets_get_frame (self->recovery.ledger, packet, i);

      if (frame->type == SRUDP_FRAME_DATAGRAM)
        self->datagrams_lost++;
    }
}

static gboolean
packet_lost (SrudpTransport        *self,
             const SrudpSentPacket *packet)
{
  if (!(packet->flags & SRUDP_SENT_MTU_PROBE))
    self->packets_lost++;
  if (self->trace != NULL)
    srudp_transport_trace_lost (self, packet);
  frames_lost (self, packet);
  count_lost_datagrams (self, packet);

  return tells_of_mtu (packet)
         && srudp_pmtud_on_lost (&self->pmtud, self->now, packet->number,
                                 packet->size);
}

void
srudp_transport_apply_mtu (SrudpTransport *self)
{
  srudp_recovery_set_max_datagram_size (&self->recovery, self->now,
                                        srudp_pmtud_get_size (&self->pmtud));
  srudp_transport_push_size_event (self);
  if (self->trace != NULL)
    srudp_transport_trace_mtu (self);
}

static void
settle_fates (SrudpTransport *self)
{
  const SrudpRtt *rtt = &self->recovery.rtt;
  const SrudpSentPacket *packet;
  gboolean mtu_changed = FALSE;

  while ((packet = srudp_recovery_next_acked (&self->recovery)) != NULL)
    mtu_changed |= packet_acked (self, packet);
  while ((packet = srudp_recovery_next_lost (&self->recovery)) != NULL)
    mtu_changed |= packet_lost (self, packet);
  /* For a long time nothing may be sent that does this. */
  srudp_sent_packets_trim (self->recovery.ledger, -1);

  if (mtu_changed)
    srudp_transport_apply_mtu (self);
  srudp_stream_table_set_rtt (&self->streams, srudp_rtt_has_sample (rtt)
                                                ? rtt->smoothed_us : -1);
  if (self->trace != NULL)
    srudp_transport_trace_metrics (self);
}

gboolean
srudp_transport_handle_ack (SrudpTransport      *self,
                            const SrudpAckFrame *ack)
{
  SrudpAckRange ranges[SRUDP_FRAME_MAX_ACK_RANGES];
  guint n_ranges = srudp_ack_frame_get_ranges (ack, ranges);
  SrudpLossOutcome outcome;

  if (!srudp_recovery_on_ack (&self->recovery, self->now, ranges, n_ranges,
                              ack->delay_us, ack->has_ecn ? &ack->ecn : NULL,
                              &outcome))
    return srudp_transport_violate (self, "ACK of a packet never sent");

  if (outcome.n_acked > 0)
    {
      self->last_proof = self->now;
      if (self->scouts.are_out)
        srudp_scouts_call_back (&self->scouts);
    }
  srudp_transport_note_phase_acked (self, ack->largest);
  settle_fates (self);
  srudp_transport_review_ack_frequency (self);

  return TRUE;
}

/* A probe is of most use when it repeats what may be lost (RFC 9002, section
 * 6.2.4). The packets stay in flight; an ACK for either copy counts. */
static void
repeat_oldest (SrudpTransport *self,
               guint           n_packets)
{
  SrudpSentPackets *ledger = self->recovery.ledger;
  const SrudpSentPacket *oldest = srudp_sent_packets_get_oldest (ledger);
  guint64 number = oldest != NULL ? oldest->number : 0;
  guint64 end = srudp_sent_packets_get_next (ledger);

  if (oldest == NULL)
    return;

  for (end = MIN (end, number + PROBE_SCAN_PACKETS);
       number < end && n_packets > 0; number++)
    {
      const SrudpSentPacket *packet
        = srudp_sent_packets_lookup (ledger, number);

      if (packet != NULL && packet->state == SRUDP_SENT_OUTSTANDING
          && packet->n_frames > 0 && (packet->flags & SRUDP_SENT_ACK_ELICITING))
        {
          frames_lost (self, packet);
          n_packets--;
        }
    }
}

/* Nothing was acknowledged since: whoever hears us would have answered. */
static gboolean
is_silent (SrudpTransport *self)
{
  return self->recovery.loss.pto_count >= KNOCK_PTOS;
}

static void
arm_knock (SrudpTransport *self)
{
  gint64 silence_us = self->now - self->last_proof;
  gint64 pause_us = CLAMP (silence_us / KNOCK_SILENCE_DIVISOR, KNOCK_PAUSE_US,
                           srudp_loss_get_pto (&self->recovery.loss));

  srudp_timers_set (&self->timers, SRUDP_TIMER_KNOCK, self->now + pause_us);
}

void
srudp_transport_on_knock_timer (SrudpTransport *self)
{
  if (self->state == SRUDP_STATE_CLOSED || !is_silent (self))
    return;

  self->pending |= SRUDP_PENDING_KNOCK;
  arm_knock (self);
}

void
srudp_transport_on_loss_timer (SrudpTransport *self)
{
  SrudpLossOutcome outcome;

  if (self->state == SRUDP_STATE_CLOSED)
    {
      srudp_transport_on_close_timer (self);
      return;
    }

  srudp_recovery_on_timer (&self->recovery, self->now, &outcome);
  settle_fates (self);
  repeat_oldest (self, outcome.n_probes);
  if (is_silent (self)
      && srudp_timers_get (&self->timers, SRUDP_TIMER_KNOCK) < 0)
    arm_knock (self);
  if (outcome.n_probes > 0)
    srudp_transport_look_around (self);
}
