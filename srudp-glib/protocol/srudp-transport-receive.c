/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-receive.c: opening packets, and what each one means
 */
#include "srudp-transport-private.h"

/* A packet that was not ours, or not the first of its kind. */
static SrudpReceiveResult
drop (SrudpTransport     *self,
      SrudpReceiveResult  result,
      gsize               size)
{
  self->packets_dropped++;
  if (self->trace != NULL)
    srudp_transport_trace_dropped (self, result, size);
  if (self->state != SRUDP_STATE_CLOSED
      && srudp_packet_keys_is_worn_out (self->receive_keys))
    srudp_transport_fail (self, self->now, SRUDP_REASON_KEYS_EXHAUSTED);

  return result;
}

static void
handle_frames (SrudpTransport          *self,
               const SrudpOpenedPacket *opened,
               SrudpReceivedPacket     *packet)
{
  SrudpReader reader;
  SrudpFrame frame;

  /* RFC 9000, section 12.4: a packet has at least one frame; section 17.2:
   * the reserved bits are zero. */
  if (opened->payload_size == 0 || opened->reserved)
    {
      srudp_transport_violate (self, "bad packet");
      return;
    }

  srudp_reader_init (&reader, opened->payload, opened->payload_size);
  while (!srudp_reader_is_empty (&reader))
    {
      if (!srudp_frame_parse (&reader, &frame))
        {
          srudp_transport_violate (self, "bad frame");
          return;
        }
      if (!srudp_transport_handle_frame (self, &frame, packet))
        return;
    }
}

/* Only a CLOSE still says anything once it is over. */
static void
handle_after_end (SrudpTransport          *self,
                  const SrudpOpenedPacket *opened,
                  const SrudpPath         *path)
{
  SrudpReader reader;
  SrudpFrame frame;

  srudp_reader_init (&reader, opened->payload, opened->payload_size);
  while (!srudp_reader_is_empty (&reader) && srudp_frame_parse (&reader, &frame))
    if (frame.type == SRUDP_FRAME_CLOSE)
      {
        srudp_transport_handle_close (self, &frame, path);
        return;
      }

  srudp_transport_on_late_packet (self, path);
}

static void
handle_opened (SrudpTransport          *self,
               const SrudpOpenedPacket *opened,
               const SrudpPath         *path,
               SrudpEcn                 ecn,
               gsize                    size)
{
  SrudpReceivedPacket packet = {
    .now = self->now,
    .path = path,
    .addressed_id = opened->destination_id,
    .probing = TRUE,
  };
  gboolean newest = (gint64) opened->packet_number > self->largest_received;

  srudp_transport_note_heard (self);
  srudp_transport_follow_phase (self);
  if (newest && !self->silence.is_judged)
    self->silence.n_missed
      = opened->packet_number - (guint64) self->largest_received - 1;
  if (newest)
    self->largest_received = (gint64) opened->packet_number;

  handle_frames (self, opened, &packet);
  if (self->state == SRUDP_STATE_CLOSED)
    return;

  if (!self->silence.is_judged)
    srudp_transport_judge_silence (self, &packet);
  srudp_transport_note_path (self, &packet, size, newest && !packet.probing);
  if (!packet.not_taken)
    srudp_ack_ranges_add (&self->acks, self->now, opened->packet_number,
                          packet.ack_eliciting, ecn);
  if (packet.acked)
    srudp_transport_check_flushed (self);
}

SrudpReceiveResult
srudp_transport_receive (SrudpTransport  *self,
                         gint64           now,
                         const SrudpPath *path,
                         SrudpEcn         ecn,
                         guint8          *packet,
                         gsize            size)
{
  SrudpOpenedPacket opened;

  srudp_transport_set_now (self, now);
  switch (srudp_packet_keys_open (self->receive_keys, packet, size,
                                  self->largest_received, &opened))
    {
    case SRUDP_OPEN_OK:
      break;
    case SRUDP_OPEN_FORGED:
      return drop (self, SRUDP_RECEIVE_FORGED, size);
    case SRUDP_OPEN_MALFORMED:
    default:
      return drop (self, SRUDP_RECEIVE_MALFORMED, size);
    }

  if (!srudp_replay_window_accept (&self->replay, opened.packet_number))
    return drop (self, SRUDP_RECEIVE_REPLAYED, size);

  self->packets_received++;
  self->bytes_received += size;
  if (self->trace != NULL)
    srudp_transport_trace_packet (self, "transport:packet_received",
                                  opened.packet_number, size, opened.payload,
                                  opened.payload_size);
  if (self->state == SRUDP_STATE_CLOSED)
    handle_after_end (self, &opened, path);
  else
    handle_opened (self, &opened, path, ecn, size);
  return SRUDP_RECEIVE_OK;
}
