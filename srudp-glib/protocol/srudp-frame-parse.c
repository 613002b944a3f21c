/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-frame-parse.c: reading frames, which may be hostile
 */
#include "srudp-frame.h"

void
srudp_ack_iter_init (SrudpAckIter        *iter,
                     const SrudpAckFrame *ack)
{
  *iter = (SrudpAckIter) { .largest = ack->largest, .n_left = ack->n_ranges };
  srudp_reader_init (&iter->reader, ack->ranges, ack->ranges_size);
}

/* RFC 9000, section 19.3.1. A FALSE with n_left > 0 is malformed input, which
 * only the parser ever sees. */
gboolean
srudp_ack_iter_next (SrudpAckIter  *iter,
                     SrudpAckRange *range)
{
  guint64 gap, length, largest = iter->largest;

  if (iter->n_left == 0)
    return FALSE;

  if (iter->started)
    {
      if (!srudp_reader_get_varint (&iter->reader, &gap)
          || iter->smallest < gap + 2)
        return FALSE;
      largest = iter->smallest - gap - 2;
    }

  if (!srudp_reader_get_varint (&iter->reader, &length) || length > largest)
    return FALSE;

  iter->smallest = largest - length;
  iter->started = TRUE;
  iter->n_left--;
  *range = (SrudpAckRange) { iter->smallest, largest };

  return TRUE;
}

guint
srudp_ack_frame_get_ranges (const SrudpAckFrame *ack,
                            SrudpAckRange       *out)
{
  SrudpAckIter iter;
  guint n_ranges = 0;

  srudp_ack_iter_init (&iter, ack);
  while (n_ranges < SRUDP_FRAME_MAX_ACK_RANGES
         && srudp_ack_iter_next (&iter, &out[n_ranges]))
    n_ranges++;

  return n_ranges;
}

static gboolean
parse_ack (SrudpReader   *reader,
           SrudpAckFrame *ack,
           gboolean       has_ecn)
{
  SrudpAckIter iter;
  SrudpAckRange range;
  guint64 delay, n_more;

  if (!srudp_reader_get_varint (reader, &ack->largest)
      || !srudp_reader_get_varint (reader, &delay)
      || !srudp_reader_get_varint (reader, &n_more)
      || n_more >= SRUDP_FRAME_MAX_ACK_RANGES)
    return FALSE;

  ack->delay_us = (gint64) delay;
  ack->n_ranges = (guint) n_more + 1;
  ack->ranges = reader->data;
  ack->ranges_size = reader->left;
  srudp_ack_iter_init (&iter, ack);
  while (srudp_ack_iter_next (&iter, &range))
    ;
  if (iter.n_left > 0)
    return FALSE;
  ack->ranges_size -= iter.reader.left;
  *reader = iter.reader;

  ack->has_ecn = has_ecn;
  ack->ecn = (SrudpEcnCounts) { 0 };

  return !has_ecn
    || (srudp_reader_get_varint (reader, &ack->ecn.ect0)
        && srudp_reader_get_varint (reader, &ack->ecn.ect1)
        && srudp_reader_get_varint (reader, &ack->ecn.ce));
}

static gboolean
parse_stream (SrudpReader *reader,
              SrudpFrame  *frame,
              guint        flags)
{
  guint64 length;

  if (!srudp_reader_get_varint (reader, &frame->stream.stream_id))
    return FALSE;

  frame->stream.offset = 0;
  if ((flags & SRUDP_STREAM_FLAG_OFFSET) != 0
      && !srudp_reader_get_varint (reader, &frame->stream.offset))
    return FALSE;

  length = reader->left;
  if ((flags & SRUDP_STREAM_FLAG_LENGTH) != 0
      && !srudp_reader_get_varint (reader, &length))
    return FALSE;

  /* The last byte has an offset too (RFC 9000, section 19.8). */
  if (length > reader->left || length > SRUDP_VARINT_MAX - frame->stream.offset)
    return FALSE;

  frame->stream.fin = (flags & SRUDP_STREAM_FLAG_FIN) != 0;
  frame->stream.length = (gsize) length;

  return srudp_reader_get_view (reader, &frame->stream.data, (gsize) length);
}

static gboolean
parse_datagram (SrudpReader *reader,
                SrudpFrame  *frame,
                gboolean     has_length)
{
  guint64 length = reader->left;

  if (has_length && !srudp_reader_get_varint (reader, &length))
    return FALSE;
  if (length > reader->left)
    return FALSE;

  frame->datagram.length = (gsize) length;

  return srudp_reader_get_view (reader, &frame->datagram.data, (gsize) length);
}

static gboolean
parse_limit (SrudpReader *reader,
             SrudpFrame  *frame)
{
  gboolean of_stream = frame->type == SRUDP_FRAME_MAX_STREAM_DATA
    || frame->type == SRUDP_FRAME_STREAM_DATA_BLOCKED;
  gboolean counts_streams = frame->type == SRUDP_FRAME_MAX_STREAMS
    || frame->type == SRUDP_FRAME_STREAMS_BLOCKED;

  frame->limit.stream_id = 0;
  if (of_stream && !srudp_reader_get_varint (reader, &frame->limit.stream_id))
    return FALSE;

  return srudp_reader_get_varint (reader, &frame->limit.maximum)
    && (!counts_streams || frame->limit.maximum <= SRUDP_MAX_STREAMS);
}

/* An IPv4 address has one form only: not as an IPv6 one. */
static gboolean
is_v4_mapped (const guint8 ip[16])
{
  static const guint8 prefix[12] = { [10] = 0xff, [11] = 0xff };

  return memcmp (ip, prefix, sizeof prefix) == 0;
}

static gboolean
parse_address (SrudpReader  *reader,
               SrudpAddress *address)
{
  guint8 family;

  memset (address, 0, sizeof *address);
  if (!srudp_reader_get_u8 (reader, &family)
      || (family != SRUDP_FAMILY_IPV4 && family != SRUDP_FAMILY_IPV6)
      || !srudp_reader_get_bytes (reader, address->ip,
                                  family == SRUDP_FAMILY_IPV4 ? 4 : 16)
      || !srudp_reader_get_u16 (reader, &address->port))
    return FALSE;

  address->family = family;

  return family == SRUDP_FAMILY_IPV4 || !is_v4_mapped (address->ip);
}

static gboolean
parse_introduction (SrudpReader       *reader,
                    SrudpIntroduction *introduction)
{
  guint8 kind, mapping, n;
  guint16 delta;

  memset (introduction, 0, sizeof *introduction);
  if (!srudp_reader_get_u8 (reader, &kind) || kind > SRUDP_INTRODUCTION_UNKNOWN
      || !srudp_reader_get_u8 (reader, &mapping)
      || mapping > SRUDP_MAPPING_ENDPOINT_DEPENDENT
      || !srudp_reader_get_u16 (reader, &delta)
      || !srudp_reader_get_bytes (reader, introduction->peer_key,
                                  sizeof introduction->peer_key)
      || !srudp_reader_get_u8 (reader, &n)
      || n > SRUDP_INTRODUCTION_MAX_ADDRESSES)
    return FALSE;

  introduction->kind = kind;
  introduction->mapping = mapping;
  introduction->port_delta = (gint16) delta;
  introduction->n_addresses = n;
  for (guint i = 0; i < n; i++)
    if (!parse_address (reader, &introduction->addresses[i]))
      return FALSE;
  return TRUE;
}

static gboolean
parse_connection_id (SrudpReader *reader,
                     SrudpFrame  *frame)
{
  frame->connection_id.retire_prior_to = 0;
  frame->connection_id.connection_id = 0;

  if (!srudp_reader_get_varint (reader, &frame->connection_id.sequence))
    return FALSE;
  if (frame->type == SRUDP_FRAME_RETIRE_CONNECTION_ID)
    return TRUE;

  /* RFC 9000, section 19.15. */
  return srudp_reader_get_varint (reader, &frame->connection_id.retire_prior_to)
    && srudp_reader_get_u64 (reader, &frame->connection_id.connection_id)
    && frame->connection_id.retire_prior_to <= frame->connection_id.sequence;
}

static gboolean
parse_close (SrudpReader *reader,
             SrudpFrame  *frame)
{
  guint64 length;

  if (!srudp_reader_get_varint (reader, &frame->close.code)
      || !srudp_reader_get_varint (reader, &length)
      || length > SRUDP_CLOSE_MAX_REASON_BYTES)
    return FALSE;

  frame->close.reason_length = (gsize) length;

  return srudp_reader_get_view (reader, &frame->close.reason, (gsize) length);
}

static gboolean
parse_ack_frequency (SrudpReader *reader,
                     SrudpFrame  *frame)
{
  return srudp_reader_get_varint (reader, &frame->ack_frequency.sequence)
    && srudp_reader_get_varint (reader, &frame->ack_frequency.threshold)
    && srudp_reader_get_varint (reader, &frame->ack_frequency.max_ack_delay_us)
    && srudp_reader_get_varint (reader, &frame->ack_frequency.reordering_threshold);
}

static void
parse_padding (SrudpReader *reader,
               SrudpFrame  *frame)
{
  const guint8 *skipped;

  frame->padding = 1;
  while (reader->left > 0 && reader->data[0] == SRUDP_FRAME_PADDING)
    {
      srudp_reader_get_view (reader, &skipped, 1);
      frame->padding++;
    }
}

/* The fields behind the type, for types without flags. */
static gboolean
parse_fields (SrudpReader *reader,
              SrudpFrame  *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_PADDING:
      parse_padding (reader, frame);
      return TRUE;
    case SRUDP_FRAME_PING:
    case SRUDP_FRAME_HANDSHAKE_DONE:
    case SRUDP_FRAME_IMMEDIATE_ACK:
      return TRUE;
    case SRUDP_FRAME_RESET_STREAM:
      return srudp_reader_get_varint (reader, &frame->reset_stream.stream_id)
        && srudp_reader_get_varint (reader, &frame->reset_stream.code)
        && srudp_reader_get_varint (reader, &frame->reset_stream.final_size);
    case SRUDP_FRAME_STOP_SENDING:
      return srudp_reader_get_varint (reader, &frame->stop_sending.stream_id)
        && srudp_reader_get_varint (reader, &frame->stop_sending.code);
    case SRUDP_FRAME_MAX_DATA:
    case SRUDP_FRAME_MAX_STREAM_DATA:
    case SRUDP_FRAME_MAX_STREAMS:
    case SRUDP_FRAME_DATA_BLOCKED:
    case SRUDP_FRAME_STREAM_DATA_BLOCKED:
    case SRUDP_FRAME_STREAMS_BLOCKED:
      return parse_limit (reader, frame);
    case SRUDP_FRAME_NEW_CONNECTION_ID:
    case SRUDP_FRAME_RETIRE_CONNECTION_ID:
      return parse_connection_id (reader, frame);
    case SRUDP_FRAME_PATH_CHALLENGE:
    case SRUDP_FRAME_PATH_RESPONSE:
      return srudp_reader_get_bytes (reader, frame->path.data,
                                     sizeof frame->path.data);
    case SRUDP_FRAME_CLOSE:
      return parse_close (reader, frame);
    case SRUDP_FRAME_OBSERVED_ADDRESS:
    case SRUDP_FRAME_ADD_ADDRESS:
      return srudp_reader_get_varint (reader, &frame->address.sequence)
        && parse_address (reader, &frame->address.address);
    case SRUDP_FRAME_REMOVE_ADDRESS:
      memset (&frame->address.address, 0, sizeof frame->address.address);
      return srudp_reader_get_varint (reader, &frame->address.sequence);
    case SRUDP_FRAME_INTRODUCE:
      return parse_introduction (reader, &frame->introduce);
    case SRUDP_FRAME_KEY_SHARE:
      return srudp_reader_get_varint (reader, &frame->key_share.generation)
        && srudp_reader_get_bytes (reader, frame->key_share.share,
                                   sizeof frame->key_share.share);
    case SRUDP_FRAME_SAS_REVEAL:
      return srudp_reader_get_bytes (reader, frame->sas_reveal.nonce,
                                     sizeof frame->sas_reveal.nonce);
    case SRUDP_FRAME_ACK_FREQUENCY:
      return parse_ack_frequency (reader, frame);
    case SRUDP_FRAME_ACK:
    case SRUDP_FRAME_STREAM:
    case SRUDP_FRAME_DATAGRAM:
    default:
      return FALSE;
    }
}

gboolean
srudp_frame_parse (SrudpReader *reader,
                   SrudpFrame  *frame)
{
  gsize left = reader->left;
  guint64 type;

  /* RFC 9000, section 12.4: the shortest encoding, or a PROTOCOL error. */
  if (!srudp_reader_get_varint (reader, &type)
      || left - reader->left != srudp_varint_size (type)
      || type > SRUDP_FRAME_ACK_FREQUENCY)
    return FALSE;

  if ((type & ~7u) == SRUDP_FRAME_STREAM)
    {
      frame->type = SRUDP_FRAME_STREAM;
      return parse_stream (reader, frame, type & 7);
    }
  if ((type & ~1u) == SRUDP_FRAME_ACK)
    {
      frame->type = SRUDP_FRAME_ACK;
      return parse_ack (reader, &frame->ack, (type & 1) != 0);
    }
  if ((type & ~1u) == SRUDP_FRAME_DATAGRAM)
    {
      frame->type = SRUDP_FRAME_DATAGRAM;
      return parse_datagram (reader, frame, (type & 1) != 0);
    }

  frame->type = (SrudpFrameType) type;

  return parse_fields (reader, frame);
}

gboolean
srudp_frame_type_is_ack_eliciting (SrudpFrameType type)
{
  return type != SRUDP_FRAME_PADDING && type != SRUDP_FRAME_ACK
    && type != SRUDP_FRAME_CLOSE;
}

const char *
srudp_frame_type_get_name (SrudpFrameType type)
{
  switch (type)
    {
    case SRUDP_FRAME_PADDING: return "PADDING";
    case SRUDP_FRAME_PING: return "PING";
    case SRUDP_FRAME_ACK: return "ACK";
    case SRUDP_FRAME_RESET_STREAM: return "RESET_STREAM";
    case SRUDP_FRAME_STOP_SENDING: return "STOP_SENDING";
    case SRUDP_FRAME_STREAM: return "STREAM";
    case SRUDP_FRAME_MAX_DATA: return "MAX_DATA";
    case SRUDP_FRAME_MAX_STREAM_DATA: return "MAX_STREAM_DATA";
    case SRUDP_FRAME_MAX_STREAMS: return "MAX_STREAMS";
    case SRUDP_FRAME_DATA_BLOCKED: return "DATA_BLOCKED";
    case SRUDP_FRAME_STREAM_DATA_BLOCKED: return "STREAM_DATA_BLOCKED";
    case SRUDP_FRAME_STREAMS_BLOCKED: return "STREAMS_BLOCKED";
    case SRUDP_FRAME_NEW_CONNECTION_ID: return "NEW_CONNECTION_ID";
    case SRUDP_FRAME_RETIRE_CONNECTION_ID: return "RETIRE_CONNECTION_ID";
    case SRUDP_FRAME_PATH_CHALLENGE: return "PATH_CHALLENGE";
    case SRUDP_FRAME_PATH_RESPONSE: return "PATH_RESPONSE";
    case SRUDP_FRAME_CLOSE: return "CLOSE";
    case SRUDP_FRAME_HANDSHAKE_DONE: return "HANDSHAKE_DONE";
    case SRUDP_FRAME_IMMEDIATE_ACK: return "IMMEDIATE_ACK";
    case SRUDP_FRAME_DATAGRAM: return "DATAGRAM";
    case SRUDP_FRAME_OBSERVED_ADDRESS: return "OBSERVED_ADDRESS";
    case SRUDP_FRAME_ADD_ADDRESS: return "ADD_ADDRESS";
    case SRUDP_FRAME_REMOVE_ADDRESS: return "REMOVE_ADDRESS";
    case SRUDP_FRAME_INTRODUCE: return "INTRODUCE";
    case SRUDP_FRAME_KEY_SHARE: return "KEY_SHARE";
    case SRUDP_FRAME_SAS_REVEAL: return "SAS_REVEAL";
    case SRUDP_FRAME_ACK_FREQUENCY: return "ACK_FREQUENCY";
    default: return "unknown";
    }
}
