/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-trace-frames.c: frames as qlog records have them
 *
 * Names and fields of draft-ietf-quic-qlog-quic-events where the frame is one
 * of QUIC's; our own are named in the same way.
 */
#include "srudp-trace.h"

static void
put_ack (SrudpTrace          *trace,
         const SrudpAckFrame *ack)
{
  SrudpAckRange range;
  SrudpAckIter iter;

  srudp_trace_put_time (trace, "ack_delay", ack->delay_us);
  srudp_trace_open (trace, "acked_ranges", '[');
  srudp_ack_iter_init (&iter, ack);
  while (!srudp_trace_is_long (trace) && srudp_ack_iter_next (&iter, &range))
    {
      srudp_trace_open (trace, NULL, '[');
      srudp_trace_put_number (trace, NULL, range.first);
      srudp_trace_put_number (trace, NULL, range.last);
      srudp_trace_close (trace, ']');
    }
  srudp_trace_close (trace, ']');

  if (ack->has_ecn)
    {
      srudp_trace_put_number (trace, "ect0", ack->ecn.ect0);
      srudp_trace_put_number (trace, "ect1", ack->ecn.ect1);
      srudp_trace_put_number (trace, "ce", ack->ecn.ce);
    }
}

static void
put_ack_frequency (SrudpTrace       *trace,
                   const SrudpFrame *frame)
{
  srudp_trace_put_number (trace, "sequence_number",
                          frame->ack_frequency.sequence);
  srudp_trace_put_number (trace, "ack_eliciting_threshold",
                          frame->ack_frequency.threshold);
  srudp_trace_put_number (trace, "request_max_ack_delay",
                          frame->ack_frequency.max_ack_delay_us / 1000);
  srudp_trace_put_number (trace, "reordering_threshold",
                          frame->ack_frequency.reordering_threshold);
}

static void
put_stream (SrudpTrace       *trace,
            const SrudpFrame *frame)
{
  srudp_trace_put_number (trace, "stream_id", frame->stream.stream_id);
  srudp_trace_put_number (trace, "offset", frame->stream.offset);
  srudp_trace_put_number (trace, "length", frame->stream.length);
  if (frame->stream.fin)
    srudp_trace_put_boolean (trace, "fin", TRUE);
}

static void
put_limit (SrudpTrace       *trace,
           const SrudpFrame *frame,
           const char       *key)
{
  gboolean of_stream = frame->type == SRUDP_FRAME_MAX_STREAM_DATA
                       || frame->type == SRUDP_FRAME_STREAM_DATA_BLOCKED;

  if (of_stream)
    srudp_trace_put_number (trace, "stream_id", frame->limit.stream_id);
  if (frame->type == SRUDP_FRAME_MAX_STREAMS
      || frame->type == SRUDP_FRAME_STREAMS_BLOCKED)
    srudp_trace_put_text (trace, "stream_type", "bidirectional");
  srudp_trace_put_number (trace, key, frame->limit.maximum);
}

static void
put_connection_id (SrudpTrace       *trace,
                   const SrudpFrame *frame)
{
  srudp_trace_put_number (trace, "sequence_number",
                          frame->connection_id.sequence);
  if (frame->type == SRUDP_FRAME_RETIRE_CONNECTION_ID)
    return;

  srudp_trace_put_number (trace, "retire_prior_to",
                          frame->connection_id.retire_prior_to);
  srudp_trace_put_id (trace, "connection_id",
                      frame->connection_id.connection_id);
}

static void
put_close (SrudpTrace       *trace,
           const SrudpFrame *frame)
{
  srudp_trace_put_text (trace, "error_space", "transport");
  srudp_trace_put_number (trace, "error_code", frame->close.code);
  srudp_trace_put_bytes (trace, "reason", frame->close.reason,
                         frame->close.reason_length);
}

/* Challenges, shares and nonces stay out: nobody needs them to understand what
 * happened. */
static void
put_fields (SrudpTrace       *trace,
            const SrudpFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_PADDING:
      srudp_trace_put_number (trace, "length", frame->padding);
      break;
    case SRUDP_FRAME_ACK:
      put_ack (trace, &frame->ack);
      break;
    case SRUDP_FRAME_ACK_FREQUENCY:
      put_ack_frequency (trace, frame);
      break;
    case SRUDP_FRAME_STREAM:
      put_stream (trace, frame);
      break;
    case SRUDP_FRAME_RESET_STREAM:
      srudp_trace_put_number (trace, "stream_id", frame->reset_stream.stream_id);
      srudp_trace_put_number (trace, "error_code", frame->reset_stream.code);
      srudp_trace_put_number (trace, "final_size",
                              frame->reset_stream.final_size);
      break;
    case SRUDP_FRAME_STOP_SENDING:
      srudp_trace_put_number (trace, "stream_id", frame->stop_sending.stream_id);
      srudp_trace_put_number (trace, "error_code", frame->stop_sending.code);
      break;
    case SRUDP_FRAME_MAX_DATA:
    case SRUDP_FRAME_MAX_STREAM_DATA:
    case SRUDP_FRAME_MAX_STREAMS:
      put_limit (trace, frame, "maximum");
      break;
    case SRUDP_FRAME_DATA_BLOCKED:
    case SRUDP_FRAME_STREAM_DATA_BLOCKED:
    case SRUDP_FRAME_STREAMS_BLOCKED:
      put_limit (trace, frame, "limit");
      break;
    case SRUDP_FRAME_DATAGRAM:
      srudp_trace_put_number (trace, "length", frame->datagram.length);
      break;
    case SRUDP_FRAME_NEW_CONNECTION_ID:
    case SRUDP_FRAME_RETIRE_CONNECTION_ID:
      put_connection_id (trace, frame);
      break;
    case SRUDP_FRAME_OBSERVED_ADDRESS:
    case SRUDP_FRAME_ADD_ADDRESS:
    case SRUDP_FRAME_REMOVE_ADDRESS:
      srudp_trace_put_number (trace, "sequence_number",
                              frame->address.sequence);
      if (frame->type != SRUDP_FRAME_REMOVE_ADDRESS)
        srudp_trace_put_address (trace, "dst", &frame->address.address);
      break;
    case SRUDP_FRAME_INTRODUCE:
      srudp_trace_put_number (trace, "kind", frame->introduce.kind);
      if (frame->introduce.n_addresses > 0)
        srudp_trace_put_address (trace, "dst", &frame->introduce.addresses[0]);
      break;
    case SRUDP_FRAME_KEY_SHARE:
      srudp_trace_put_number (trace, "generation", frame->key_share.generation);
      break;
    case SRUDP_FRAME_CLOSE:
      put_close (trace, frame);
      break;
    default:
      break;
    }
}

static void
put_type (SrudpTrace     *trace,
          SrudpFrameType  type)
{
  g_autofree char *name = g_ascii_strdown (srudp_frame_type_get_name (type), -1);

  srudp_trace_put_text (trace, "frame_type",
                        type == SRUDP_FRAME_CLOSE ? "connection_close" : name);
}

void
srudp_trace_put_frames (SrudpTrace   *self,
                        const guint8 *payload,
                        gsize         size)
{
  SrudpReader reader;
  SrudpFrame frame;

  srudp_trace_open (self, "frames", '[');
  srudp_reader_init (&reader, payload, size);
  while (!srudp_reader_is_empty (&reader) && !srudp_trace_is_long (self)
         && srudp_frame_parse (&reader, &frame))
    {
      srudp_trace_open (self, NULL, '{');
      put_type (self, frame.type);
      put_fields (self, &frame);
      srudp_trace_close (self, '}');
    }
  srudp_trace_close (self, ']');
}
