/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-frames.c: one handler per frame
 */
#include "srudp-transport-private.h"

static gboolean
handle_stream_frame (SrudpTransport      *self,
                     const SrudpFrame    *frame,
                     SrudpReceivedPacket *packet)
{
  switch (srudp_stream_table_receive (&self->streams, self->now, frame))
    {
    case SRUDP_STREAM_OK:
      return TRUE;
    case SRUDP_STREAM_NOT_TAKEN:
      packet->not_taken = TRUE;
      return TRUE;
    case SRUDP_STREAM_FLOW_CONTROL:
      return srudp_transport_violate (self, "flow control");
    case SRUDP_STREAM_LIMIT:
      return srudp_transport_violate (self, "too many streams");
    case SRUDP_STREAM_FINAL_SIZE:
      return srudp_transport_violate (self, "final size");
    case SRUDP_STREAM_STATE:
    default:
      return srudp_transport_violate (self, "stream state");
    }
}

/* A peer that stops reading while something is on its way has not got all of
 * it: no end of ours is orderly any more. */
static gboolean
handle_stop_sending (SrudpTransport      *self,
                     const SrudpFrame    *frame,
                     SrudpReceivedPacket *packet)
{
  guint64 id = frame->stop_sending.stream_id;

  if (srudp_stream_table_get_acked_offset (&self->streams, id)
      < srudp_stream_table_get_written_offset (&self->streams, id))
    self->output_discarded = TRUE;

  return handle_stream_frame (self, frame, packet);
}

static gboolean
handle_datagram (SrudpTransport   *self,
                 const SrudpFrame *frame)
{
  SrudpEvent event = { .type = SRUDP_EVENT_DATAGRAM };

  /* RFC 9221, section 3. */
  if (frame->datagram.length > self->local_params.max_datagram_bytes)
    return srudp_transport_violate (self, "datagram too long");
  if (!srudp_transport_is_open (self))
    return TRUE;

  self->datagrams_received++;
  event.datagram
    = g_bytes_new (frame->datagram.data, frame->datagram.length);
  srudp_event_queue_push (&self->events, &event);

  return TRUE;
}

static gboolean
handle_handshake_done (SrudpTransport *self)
{
  /* RFC 9000, section 19.20: only one side ever sends it. */
  if (!self->initiator)
    return srudp_transport_violate (self, "HANDSHAKE_DONE from initiator");

  return TRUE;
}

static gboolean
handle_ack_frequency (SrudpTransport   *self,
                      const SrudpFrame *frame)
{
  guint64 sequence = frame->ack_frequency.sequence;

  if (sequence < self->ack_frequency_next)
    return TRUE; /* overtaken by a newer one */

  self->ack_frequency_next = sequence + 1;
  srudp_ack_ranges_set_frequency (&self->acks,
                                  MIN (frame->ack_frequency.threshold,
                                       G_MAXUINT16),
                                  MIN (frame->ack_frequency.reordering_threshold,
                                       G_MAXUINT16),
                                  MIN (frame->ack_frequency.max_ack_delay_us,
                                       G_USEC_PER_SEC));

  return TRUE;
}

/* RFC 9000, section 9.1. */
static gboolean
is_probing (SrudpFrameType type)
{
  return type == SRUDP_FRAME_PATH_CHALLENGE || type == SRUDP_FRAME_PATH_RESPONSE
         || type == SRUDP_FRAME_NEW_CONNECTION_ID || type == SRUDP_FRAME_PADDING;
}

static gboolean
dispatch (SrudpTransport      *self,
          const SrudpFrame    *frame,
          SrudpReceivedPacket *packet)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_ACK:
      packet->acked = TRUE;
      return srudp_transport_handle_ack (self, &frame->ack);
    case SRUDP_FRAME_STREAM:
    case SRUDP_FRAME_RESET_STREAM:
    case SRUDP_FRAME_MAX_DATA:
    case SRUDP_FRAME_MAX_STREAM_DATA:
    case SRUDP_FRAME_MAX_STREAMS:
    case SRUDP_FRAME_DATA_BLOCKED:
    case SRUDP_FRAME_STREAM_DATA_BLOCKED:
    case SRUDP_FRAME_STREAMS_BLOCKED:
      return handle_stream_frame (self, frame, packet);
    case SRUDP_FRAME_STOP_SENDING:
      return handle_stop_sending (self, frame, packet);
    case SRUDP_FRAME_DATAGRAM:
      return handle_datagram (self, frame);
    case SRUDP_FRAME_HANDSHAKE_DONE:
      return handle_handshake_done (self);
    case SRUDP_FRAME_IMMEDIATE_ACK:
      srudp_ack_ranges_request (&self->acks, self->now);
      return TRUE;
    case SRUDP_FRAME_ACK_FREQUENCY:
      return handle_ack_frequency (self, frame);
    case SRUDP_FRAME_PATH_CHALLENGE:
      srudp_transport_queue_answer (self, packet, frame->path.data);
      return TRUE;
    case SRUDP_FRAME_PATH_RESPONSE:
      srudp_transport_handle_path_response (self, packet, frame->path.data);
      return TRUE;
    case SRUDP_FRAME_NEW_CONNECTION_ID:
      return srudp_transport_handle_new_id (self, frame);
    case SRUDP_FRAME_RETIRE_CONNECTION_ID:
      return srudp_transport_handle_retire_id (self, frame, packet);
    case SRUDP_FRAME_ADD_ADDRESS:
      srudp_transport_handle_add_address (self, frame);
      return TRUE;
    case SRUDP_FRAME_OBSERVED_ADDRESS:
      srudp_transport_handle_observed (self, frame);
      return TRUE;
    case SRUDP_FRAME_REMOVE_ADDRESS:
      srudp_scouts_remove (&self->scouts, frame->address.sequence);
      return TRUE;
    case SRUDP_FRAME_INTRODUCE:
      srudp_transport_handle_introduction (self, &frame->introduce);
      return TRUE;
    case SRUDP_FRAME_KEY_SHARE:
      return srudp_transport_handle_key_share (self, frame);
    case SRUDP_FRAME_SAS_REVEAL:
      return srudp_transport_handle_reveal (self, frame);
    case SRUDP_FRAME_CLOSE:
      srudp_transport_handle_close (self, frame, packet->path);
      return FALSE;
    default:
      /* PADDING and PING say nothing. The rest are announcements that only
       * help. */
      return TRUE;
    }
}

gboolean
srudp_transport_handle_frame (SrudpTransport      *self,
                              const SrudpFrame    *frame,
                              SrudpReceivedPacket *packet)
{
  if (srudp_frame_type_is_ack_eliciting (frame->type))
    packet->ack_eliciting = TRUE;
  if (!is_probing (frame->type))
    packet->probing = FALSE;

  return dispatch (self, frame, packet) && self->state != SRUDP_STATE_CLOSED;
}
