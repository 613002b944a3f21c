/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-send.c: what goes into a packet, and which are sent
 */
#include "srudp-transport-private.h"

/* A gap at the end of a full packet that is filled, so that all packets of a
 * flight have the same size and share one system call. */
#define FILLED_GAP_BYTES 32
/* A side that only acknowledges never learns whether it is heard: when its
 * way out breaks, only the peer notices, and keeps asking the wrong address.
 * So once in a while an ACK asks for an answer (RFC 9000, section 13.2.4). */
#define PROOF_INTERVAL_US (5 * G_USEC_PER_SEC)
/* After this many in vain, one probe is as small as can be: it passes where
 * full packets don't, and its answer tells that those were lost. */
#define SMALL_PROBE_PTOS 2
/* A path that swallows this many probe timeouts in a row may dislike ECN. */
#define ECN_GIVE_UP_PTOS 3

static gboolean
is_ack_due (SrudpTransport *self)
{
  gint64 deadline = srudp_ack_ranges_get_deadline (&self->acks);

  return deadline >= 0 && deadline <= self->now;
}

static gboolean
has_work (SrudpTransport *self)
{
  return (self->pending & ~SRUDP_PENDING_KNOCK) != 0
         || !srudp_datagram_queue_is_empty (&self->datagrams)
         || srudp_stream_table_has_work (&self->streams);
}

/* ECN rides on control messages, which only addressed sockets have. */
static SrudpEcn
choose_ecn (SrudpTransport *self)
{
  guint8 family = self->active.addresses.local.family;

  if (self->recovery.loss.pto_count >= ECN_GIVE_UP_PTOS)
    self->recovery.ecn_failed = TRUE;
  if (self->recovery.ecn_failed
      || (family != SRUDP_FAMILY_IPV4 && family != SRUDP_FAMILY_IPV6))
    return SRUDP_ECN_NOT_ECT;

  return SRUDP_ECN_ECT0;
}

static void
put_ack_frequency (SrudpTransport     *self,
                   SrudpPacketBuilder *builder)
{
  const SrudpSentFrame sent = { .type = SRUDP_FRAME_ACK_FREQUENCY };
  SrudpFrame frame;

  srudp_transport_make_ack_frequency (self, &frame);
  if (!srudp_frame_write (&builder->writer, &frame))
    return;

  srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
  self->pending &= ~SRUDP_PENDING_ACK_FREQUENCY;
  builder->ack_eliciting = TRUE;
}

static void
put_pending (SrudpTransport     *self,
             SrudpPacketBuilder *builder)
{
  const SrudpSentFrame done = { .type = SRUDP_FRAME_HANDSHAKE_DONE };

  if ((self->pending & SRUDP_PENDING_HANDSHAKE_DONE)
      && srudp_frame_write_simple (&builder->writer,
                                   SRUDP_FRAME_HANDSHAKE_DONE))
    {
      srudp_sent_packets_add_frame (self->recovery.ledger, &done);
      self->pending &= ~SRUDP_PENDING_HANDSHAKE_DONE;
      builder->ack_eliciting = TRUE;
    }

  if (self->pending & SRUDP_PENDING_ACK_FREQUENCY)
    put_ack_frequency (self, builder);
  if (self->pending & SRUDP_PENDING_KEY_SHARE)
    srudp_transport_put_key_share (self, builder);
  if (self->pending & SRUDP_PENDING_REVEAL)
    srudp_transport_put_reveal (self, builder);
  if (self->pending & SRUDP_PENDING_CONNECTION_IDS)
    srudp_transport_put_ids (self, builder);
  if (self->pending & SRUDP_PENDING_INTRODUCTIONS)
    srudp_transport_put_introductions (self, builder);
  if (self->pending & SRUDP_PENDING_ADDRESSES)
    srudp_transport_put_addresses (self, builder);

  if (self->pending & SRUDP_PENDING_PING)
    {
      srudp_packet_builder_put_ping (builder);
      self->pending &= ~SRUDP_PENDING_PING;
    }
}

static void
put_control (SrudpTransport     *self,
             SrudpPacketBuilder *builder)
{
  SrudpFrame frame;
  SrudpSentFrame sent;

  while (srudp_stream_table_next_control (&self->streams, &frame)
         && srudp_frame_write (&builder->writer, &frame))
    {
      srudp_stream_table_control_sent (&self->streams, &frame, &sent);
      srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
      builder->ack_eliciting = TRUE;
    }
}

/* The largest payload of a DATAGRAM frame that is alone in a full packet. */
static gsize
get_largest_datagram (SrudpTransport *self)
{
  return srudp_pmtud_get_size (&self->pmtud) - SRUDP_PACKET_MAX_OVERHEAD
         - srudp_varint_size (SRUDP_FRAME_DATAGRAM);
}

/* FALSE: one waits that does not fit here. One that only fits without its
 * length ends the packet. */
static gboolean
put_datagrams (SrudpTransport     *self,
               SrudpPacketBuilder *builder)
{
  const SrudpSentFrame sent = { .type = SRUDP_FRAME_DATAGRAM };
  const SrudpDatagram *datagram;
  gsize largest = get_largest_datagram (self);

  while (!builder->ended
         && (datagram = srudp_datagram_queue_peek (&self->datagrams, self->now,
                                                   largest)) != NULL)
    {
      gsize left = srudp_writer_get_left (&builder->writer);
      gsize size = datagram->size;

      builder->ended = left < 1 + srudp_varint_size (size) + size;
      if (!srudp_frame_write_datagram (&builder->writer, datagram->data, size,
                                       builder->ended))
        {
          builder->ended = FALSE;
          return FALSE;
        }

      srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
      srudp_datagram_queue_pop (&self->datagrams);
      self->datagrams_sent++;
      builder->ack_eliciting = TRUE;
    }

  return TRUE;
}

static void
put_streams (SrudpTransport     *self,
             SrudpPacketBuilder *builder)
{
  SrudpStream *stream;
  SrudpSentFrame sent;

  while (!builder->ended
         && (stream = srudp_stream_table_next_sender (&self->streams)) != NULL
         && srudp_stream_table_write_frame (&self->streams, stream,
                                            &builder->writer, &sent))
    {
      srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
      builder->ack_eliciting = TRUE;
      builder->ended = srudp_writer_get_left (&builder->writer) == 0;
    }
}

static void
put_waiting_datagrams (SrudpTransport     *self,
                       SrudpPacketBuilder *builder)
{
  if (!put_datagrams (self, builder) && !builder->ack_eliciting
      && builder->has_ack && !is_ack_due (self))
    {
      /* The ACK can wait, the datagram needs the whole packet. */
      srudp_packet_builder_drop_ack (builder);
      put_datagrams (self, builder);
    }
}

static void
fill (SrudpTransport     *self,
      SrudpPacketBuilder *builder)
{
  if (self->pending != 0)
    put_pending (self, builder);
  put_control (self, builder);
  if (!srudp_datagram_queue_is_empty (&self->datagrams))
    put_waiting_datagrams (self, builder);
  put_streams (self, builder);
}

static void
fill_gap (SrudpPacketBuilder *builder)
{
  gsize left = srudp_writer_get_left (&builder->writer);

  if (!builder->ended && left <= FILLED_GAP_BYTES)
    srudp_writer_put_zeros (&builder->writer, left);
}

/* A probe is to learn something soon (draft-ietf-quic-ack-frequency). */
static void
put_immediate_ack (SrudpTransport     *self,
                   SrudpPacketBuilder *builder)
{
  if ((self->remote_params.features & SRUDP_FEATURE_ACK_FREQUENCY)
      && srudp_frame_write_simple (&builder->writer, SRUDP_FRAME_IMMEDIATE_ACK))
    builder->ack_eliciting = TRUE;
}

static gboolean
wants_small_probe (SrudpTransport *self)
{
  return self->recovery.n_probes > 1
         && self->recovery.loss.pto_count >= SMALL_PROBE_PTOS;
}

static gboolean
wants_proof (SrudpTransport *self)
{
  return self->now - self->last_proof >= PROOF_INTERVAL_US
         && srudp_sent_packets_get_n_eliciting (self->recovery.ledger) == 0;
}

/* One packet of at most `limit` bytes; 0: there is nothing to send, or no
 * leave to send it. */
static gsize
build_packet (SrudpTransport *self,
              guint8         *buffer,
              gsize           limit,
              SrudpSentFlags  flags)
{
  SrudpPacketBuilder builder;
  gboolean forced = self->recovery.n_probes > 0;
  gboolean allowed
    = forced || srudp_recovery_get_allowance (&self->recovery, self->now) > 0;
  gboolean ack_due = is_ack_due (self);

  if (!ack_due && !forced && !(allowed && has_work (self)))
    return 0;

  srudp_packet_builder_begin (&builder, self, buffer, limit);
  if (self->acks.unsent)
    srudp_packet_builder_put_ack (&builder, self);
  if (forced)
    put_immediate_ack (self, &builder);
  if (allowed && !wants_small_probe (self))
    fill (self, &builder);
  if (forced && !builder.ack_eliciting)
    srudp_packet_builder_put_ping (&builder);

  if (builder.has_ack && ack_due && wants_proof (self))
    srudp_packet_builder_put_ping (&builder);

  if (!builder.ack_eliciting && !(builder.has_ack && ack_due))
    {
      srudp_packet_builder_abandon (&builder, self);
      return 0;
    }

  if (builder.ack_eliciting)
    fill_gap (&builder);

  return srudp_packet_builder_finish (&builder, self, flags);
}

/* Nothing goes any more now: why, and when will it? */
static void
note_stopped (SrudpTransport *self)
{
  gboolean blocked
    = srudp_recovery_get_allowance (&self->recovery, self->now) == 0;

  self->paced = blocked && has_work (self);
  /* A pacer that rests after the last packet does not hold anything up. */
  if (!self->paced
      && srudp_recovery_get_send_time (&self->recovery, self->now) >= 0)
    srudp_recovery_on_app_limited (&self->recovery, self->now);
}

/* Packets of equal size, the last may be shorter. */
static gsize
send_flight (SrudpTransport *self,
             SrudpTransmit  *transmit,
             guint8         *buffer,
             gsize           capacity,
             guint           max_segments)
{
  gsize limit = srudp_pmtud_get_size (&self->pmtud);
  SrudpSentFlags flags
    = transmit->ecn == SRUDP_ECN_ECT0 ? SRUDP_SENT_ECT0 : 0;
  gsize total = 0;

  transmit->segment_size = 0;
  for (guint i = 0; i < max_segments && capacity - total >= limit; i++)
    {
      gsize size = build_packet (self, buffer + total, limit, flags);

      if (i == 0)
        transmit->segment_size = size;
      total += size;
      if (size < limit)
        break;
    }

  if (total == 0 && self->state != SRUDP_STATE_CLOSED)
    {
      note_stopped (self);
      srudp_transport_check_flushed (self);
    }

  return total;
}

/* A probe rides on traffic that fills packets; a quiet connection searches
 * for nothing. */
static gsize
send_mtu_probe (SrudpTransport *self,
                guint8         *buffer)
{
  SrudpPacketBuilder builder;
  SrudpRecovery *recovery = &self->recovery;
  gsize size = srudp_pmtud_get_probe (&self->pmtud, self->now);
  guint64 in_flight
    = srudp_sent_packets_get_bytes_in_flight (recovery->ledger);
  guint64 number;

  if (size == 0 || in_flight < 2 * srudp_pmtud_get_size (&self->pmtud)
      || in_flight + size > srudp_recovery_get_window (recovery)
      || srudp_recovery_get_allowance (recovery, self->now) == 0)
    return 0;

  srudp_packet_builder_begin (&builder, self, buffer, size);
  number = srudp_sent_packets_get_next (recovery->ledger);
  srudp_packet_builder_put_ping (&builder);
  srudp_packet_builder_pad_to (&builder, size);
  size = srudp_packet_builder_finish (&builder, self, SRUDP_SENT_MTU_PROBE);
  if (size > 0)
    srudp_pmtud_on_probe_sent (&self->pmtud, self->now, number);

  return size;
}

/* As small as a packet can be that asks for an answer at once. */
static gsize
send_knock (SrudpTransport *self,
            guint8         *buffer)
{
  SrudpPacketBuilder builder;

  if (!(self->pending & SRUDP_PENDING_KNOCK))
    return 0;

  self->pending &= ~SRUDP_PENDING_KNOCK;
  srudp_packet_builder_begin (&builder, self, buffer,
                              srudp_pmtud_get_size (&self->pmtud));
  if (self->acks.unsent)
    srudp_packet_builder_put_ack (&builder, self);
  put_immediate_ack (self, &builder);
  srudp_packet_builder_put_ping (&builder);

  return srudp_packet_builder_finish (&builder, self, SRUDP_SENT_KNOCK);
}

static gsize
send_single (SrudpTransport *self,
             SrudpTransmit  *transmit,
             guint8         *buffer)
{
  gsize size = srudp_transport_send_on_path (self, transmit, buffer);

  if (size == 0)
    size = send_knock (self, buffer);
  if (size == 0)
    size = send_mtu_probe (self, buffer);

  transmit->segment_size = size;

  return size;
}

static gsize
send_open (SrudpTransport *self,
           SrudpTransmit  *transmit,
           guint8         *buffer,
           gsize           capacity,
           guint           max_segments)
{
  gsize size;

  srudp_transport_maybe_update_keys (self);
  if (self->state == SRUDP_STATE_CLOSED)
    return 0;

  size = send_single (self, transmit, buffer);
  if (size > 0)
    return size;

  transmit->ecn = choose_ecn (self);
  size = send_flight (self, transmit, buffer, capacity, max_segments);
  if (size == 0)
    transmit->ecn = SRUDP_ECN_NOT_ECT;

  return size;
}

gsize
srudp_transport_poll_transmit (SrudpTransport *self,
                               gint64          now,
                               SrudpTransmit  *transmit,
                               guint8         *buffer,
                               gsize           capacity,
                               guint           max_segments)
{
  gsize size;

  srudp_transport_set_now (self, now);
  transmit->path = self->active.addresses;
  transmit->ecn = SRUDP_ECN_NOT_ECT;

  size = self->state != SRUDP_STATE_CLOSED
           ? send_open (self, transmit, buffer, capacity, max_segments) : 0;
  /* Closing may have come to its end just now. */
  if (size == 0 && self->state == SRUDP_STATE_CLOSED)
    size = srudp_transport_send_close (self, transmit, buffer);

  transmit->size = size;

  return size;
}
