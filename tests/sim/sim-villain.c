/*
 * SPDX-License-Identifier: MIT
 *
 * sim-villain.c: a peer that connects as it should, and then does what it likes
 */
#include "sim-villain.h"

#include "srudp-session.h"
#include "srudp-transport-private.h"

#include <string.h>

/* Beyond all that the session itself has sent. */
#define FIRST_NUMBER 100000

static void
acknowledge (SimVillain *villain)
{
  guint8 payload[SIM_VILLAIN_PAYLOAD_BYTES];
  SrudpWriter writer;

  srudp_writer_init (&writer, payload, sizeof payload);
  srudp_frame_write_ack (&writer, villain->received.ranges,
                         villain->received.n_ranges, 0, NULL);
  sim_villain_send (villain, payload, writer.size);
}

static void
look_at_frame (SimVillain       *villain,
               const SrudpFrame *frame)
{
  if (frame->type == SRUDP_FRAME_CLOSE)
    {
      villain->was_told = TRUE;
      villain->close_code = frame->close.code;
      villain->has_words = frame->close.reason_length > 0;
    }
  else if (frame->type == SRUDP_FRAME_STREAM)
    villain->max_stream_offset = MAX (villain->max_stream_offset,
                                      frame->stream.offset
                                        + frame->stream.length);
}

/* Returns whether it asks to be acknowledged. */
static gboolean
look_at (SimVillain              *villain,
         const SrudpOpenedPacket *opened)
{
  gboolean eliciting = FALSE;
  SrudpReader reader;

  srudp_reader_init (&reader, opened->payload, opened->payload_size);
  while (!srudp_reader_is_empty (&reader))
    {
      SrudpFrame frame;

      if (!srudp_frame_parse (&reader, &frame))
        g_error ("the victim sends a malformed frame");
      eliciting |= srudp_frame_type_is_ack_eliciting (frame.type);
      look_at_frame (villain, &frame);
    }

  return eliciting;
}

static void
villain_receive (SimSink   *sink,
                 SimPacket *packet)
{
  SimVillain *villain = (SimVillain *) sink;
  SrudpOpenedPacket opened;

  if (srudp_packet_keys_open (villain->receive_keys, packet->data,
                              packet->size, villain->largest_received,
                              &opened) == SRUDP_OPEN_OK)
    {
      gboolean eliciting = look_at (villain, &opened);

      villain->largest_received = MAX (villain->largest_received,
                                       (gint64) opened.packet_number);
      srudp_ack_ranges_add (&villain->received, villain->node->clock->now_us,
                            opened.packet_number, eliciting,
                            SRUDP_ECN_NOT_ECT);
      if (eliciting && villain->acknowledges)
        acknowledge (villain);
    }
  sim_packet_free (packet);
}

void
sim_villain_init (SimVillain   *villain,
                  SimPair      *pair,
                  SrudpSession *session)
{
  SrudpTransport *transport = session->transport;
  const SrudpAckRanges *acks = &transport->acks;

  *villain = (SimVillain) {
    .sink.receive = villain_receive,
    .node = pair->a,
    .victim = pair->b->config.address,
    .send_keys = transport->send_keys,
    .receive_keys = transport->receive_keys,
    .victim_id = transport->remote_id,
    .next_number = FIRST_NUMBER,
    .max_data = transport->remote_params.initial_max_data,
    .max_stream_data = transport->remote_params.initial_max_stream_data,
    .largest_received = transport->largest_received,
  };
  srudp_ack_ranges_init (&villain->received, 0);
  for (guint i = acks->n_ranges; i-- > 0;)
    for (guint64 n = acks->ranges[i].first; n <= acks->ranges[i].last; n++)
      srudp_ack_ranges_add (&villain->received, 0, n, FALSE,
                            SRUDP_ECN_NOT_ECT);
  /* Its engine never runs again. */
  pair->a->busy_until_us = G_MAXINT64 / 2;
  pair->b_to_a->next = &villain->sink;
}

void
sim_villain_clear (SimVillain *villain)
{
  srudp_ack_ranges_clear (&villain->received);
}

void
sim_villain_send (SimVillain   *villain,
                  const guint8 *payload,
                  gsize         size)
{
  guint8 packet[SIM_VILLAIN_PAYLOAD_BYTES + SRUDP_PACKET_MAX_OVERHEAD
                + SRUDP_PACKET_MIN_PAYLOAD] = { 0 };
  guint64 number = villain->next_number++;
  gsize header_size, packet_size;

  g_assert_cmpuint (size, <=, SIM_VILLAIN_PAYLOAD_BYTES);
  header_size = srudp_packet_keys_write_header (villain->send_keys, packet,
                                                villain->victim_id, number,
                                                -1);
  memcpy (packet + header_size, payload, size);
  packet_size = srudp_packet_keys_seal (villain->send_keys, packet,
                                        header_size,
                                        MAX (size, SRUDP_PACKET_MIN_PAYLOAD),
                                        number);
  sim_sink_receive (villain->node->uplink,
                    sim_packet_new (&villain->node->config.address,
                                    &villain->victim, SRUDP_ECN_NOT_ECT,
                                    packet, packet_size));
}

void
sim_villain_send_frame (SimVillain       *villain,
                        const SrudpFrame *frame)
{
  guint8 payload[SIM_VILLAIN_PAYLOAD_BYTES];
  SrudpWriter writer;

  srudp_writer_init (&writer, payload, sizeof payload);
  if (!srudp_frame_write (&writer, frame))
    g_error ("a frame too large for one packet");
  sim_villain_send (villain, payload, writer.size);
}

void
sim_villain_send_stream (SimVillain *villain,
                         guint64     stream_id,
                         guint64     offset,
                         gsize       length,
                         guint8      byte,
                         gboolean    fin)
{
  guint8 bytes[SIM_VILLAIN_PAYLOAD_BYTES];
  const SrudpFrame frame = {
    .type = SRUDP_FRAME_STREAM,
    .stream = { .stream_id = stream_id, .offset = offset, .data = bytes,
                .length = length, .fin = fin },
  };

  memset (bytes, byte, length);
  sim_villain_send_frame (villain, &frame);
}
