/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-packet.c: building and sealing one packet in place
 */
#include "srudp-transport-private.h"

static gint64
get_largest_acked (SrudpTransport *self)
{
  const SrudpLoss *loss = &self->recovery.loss;

  return loss->any_acked ? (gint64) loss->largest_acked : -1;
}

/* Now and then a number is left out (RFC 9000, section 21.4). */
static guint64
pick_number (SrudpTransport *self)
{
  SrudpSentPackets *ledger = self->recovery.ledger;

  if (srudp_sent_packets_wants_skip (ledger))
    {
      guint32 random;

      srudp_transport_get_random (self, &random, sizeof random);
      srudp_sent_packets_skip (ledger, random);
    }

  return srudp_sent_packets_get_next (ledger);
}

void
srudp_packet_builder_begin (SrudpPacketBuilder *builder,
                            SrudpTransport     *self,
                            guint8             *buffer,
                            gsize               limit)
{
  srudp_packet_builder_begin_for (builder, self, self->remote_id, buffer, limit);
}

void
srudp_packet_builder_begin_for (SrudpPacketBuilder *builder,
                                SrudpTransport     *self,
                                guint64             remote_id,
                                guint8             *buffer,
                                gsize               limit)
{
  gsize header_size
    = srudp_packet_keys_write_header (self->send_keys, buffer, remote_id,
                                      pick_number (self),
                                      get_largest_acked (self));

  *builder = (SrudpPacketBuilder) { .packet = buffer,
                                    .header_size = header_size };
  srudp_writer_init (&builder->writer, buffer + header_size,
                     limit - header_size - SRUDP_AEAD_TAG_BYTES);
}

void
srudp_packet_builder_put_ack (SrudpPacketBuilder *builder,
                              SrudpTransport     *self)
{
  const SrudpAckRanges *acks = &self->acks;
  const SrudpEcnCounts *ecn = &acks->ecn;
  gboolean marked = ecn->ect0 + ecn->ect1 + ecn->ce > 0;

  if (acks->n_ranges == 0)
    return;

  builder->has_ack
    = srudp_frame_write_ack (&builder->writer, acks->ranges, acks->n_ranges,
                             srudp_ack_ranges_get_delay (acks, self->now),
                             marked ? ecn : NULL);
  builder->ack_largest = acks->ranges[0].last;
}

void
srudp_packet_builder_drop_ack (SrudpPacketBuilder *builder)
{
  srudp_writer_rewind (&builder->writer, 0);
  builder->has_ack = FALSE;
}

void
srudp_packet_builder_put_ping (SrudpPacketBuilder *builder)
{
  if (!builder->ack_eliciting && !builder->ended
      && srudp_frame_write_simple (&builder->writer, SRUDP_FRAME_PING))
    builder->ack_eliciting = TRUE;
}

void
srudp_packet_builder_pad_to (SrudpPacketBuilder *builder,
                             gsize               size)
{
  gsize overhead = builder->header_size + SRUDP_AEAD_TAG_BYTES;
  gsize now = overhead + builder->writer.size;

  if (now < size)
    srudp_writer_put_zeros (&builder->writer, size - now);
}

static void
count_sent (SrudpTransport     *self,
            SrudpPacketBuilder *builder,
            gsize               size,
            SrudpSentFlags      flags)
{
  if (builder->has_ack)
    srudp_ack_ranges_sent (&self->acks);
  if (builder->ack_eliciting)
    {
      flags |= SRUDP_SENT_ACK_ELICITING;
      if (!(flags & (SRUDP_SENT_OLD_PATH | SRUDP_SENT_KNOCK)))
        flags |= SRUDP_SENT_IN_FLIGHT;
      srudp_transport_note_asked (self);
    }

  srudp_recovery_on_sent (&self->recovery, self->now, size, flags);
  self->packets_sent++;
  self->bytes_sent += size;
  if (!(flags & SRUDP_SENT_OLD_PATH))
    self->last_sent = self->now;
}

gsize
srudp_packet_builder_finish (SrudpPacketBuilder *builder,
                             SrudpTransport     *self,
                             SrudpSentFlags      flags)
{
  SrudpSentPackets *ledger = self->recovery.ledger;
  guint64 number = srudp_sent_packets_get_next (ledger);
  gsize size;

  if (builder->writer.size < SRUDP_PACKET_MIN_PAYLOAD)
    srudp_writer_put_zeros (&builder->writer, SRUDP_PACKET_MIN_PAYLOAD
                                                - builder->writer.size);
  if (builder->has_ack)
    {
      SrudpSentFrame ack = { .type = SRUDP_FRAME_ACK,
                             .id = builder->ack_largest };

      srudp_sent_packets_add_frame (ledger, &ack);
    }

  if (self->trace != NULL)
    srudp_transport_trace_packet (self, "transport:packet_sent", number,
                                  builder->header_size + builder->writer.size
                                    + SRUDP_AEAD_TAG_BYTES,
                                  builder->packet + builder->header_size,
                                  builder->writer.size);
  size = srudp_packet_keys_seal (self->send_keys, builder->packet,
                                 builder->header_size, builder->writer.size,
                                 number);
  if (size == 0)
    {
      srudp_packet_builder_abandon (builder, self);
      srudp_transport_end_silently (self, SRUDP_REASON_KEYS_EXHAUSTED);
      return 0;
    }

  count_sent (self, builder, size, flags);

  return size;
}

void
srudp_packet_builder_abandon (SrudpPacketBuilder *builder,
                              SrudpTransport     *self)
{
  srudp_sent_packets_abandon (self->recovery.ledger);
}
