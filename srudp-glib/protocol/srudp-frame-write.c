/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-frame-write.c: putting frames into a packet
 *
 * Puts after an overflow do nothing, so each writer puts all of its fields and
 * then settles: either all of them are there, or none.
 */
#include "srudp-frame.h"

static gboolean
settle (SrudpWriter *writer,
        gsize        start)
{
  if (!writer->overflowed)
    return TRUE;

  srudp_writer_rewind (writer, start);

  return FALSE;
}

gboolean
srudp_frame_write_simple (SrudpWriter    *writer,
                          SrudpFrameType  type)
{
  gsize start = writer->size;

  srudp_writer_put_varint (writer, type);

  return settle (writer, start);
}

/* The bytes that a range takes behind the one above it. */
static gsize
ack_range_size (const SrudpAckRange *range,
                const SrudpAckRange *above)
{
  return srudp_varint_size (above->first - range->last - 2)
    + srudp_varint_size (range->last - range->first);
}

/* How many ranges fit; 0 when not even the first does. */
static guint
count_ack_ranges (gsize                 room,
                  const SrudpAckRange  *ranges,
                  guint                 n_ranges,
                  gint64                delay_us,
                  const SrudpEcnCounts *ecn)
{
  guint fitting = 0;
  gsize size;

  n_ranges = MIN (n_ranges, SRUDP_FRAME_MAX_ACK_RANGES);
  size = 1 + srudp_varint_size (ranges[0].last)
    + srudp_varint_size ((guint64) delay_us) + srudp_varint_size (n_ranges - 1)
    + srudp_varint_size (ranges[0].last - ranges[0].first);
  if (ecn != NULL)
    size += srudp_varint_size (ecn->ect0) + srudp_varint_size (ecn->ect1)
      + srudp_varint_size (ecn->ce);

  while (size <= room && ++fitting < n_ranges)
    size += ack_range_size (&ranges[fitting], &ranges[fitting - 1]);

  return fitting;
}

gboolean
srudp_frame_write_ack (SrudpWriter          *writer,
                       const SrudpAckRange  *ranges,
                       guint                 n_ranges,
                       gint64                delay_us,
                       const SrudpEcnCounts *ecn)
{
  gsize start = writer->size;

  g_return_val_if_fail (n_ranges > 0 && delay_us >= 0, FALSE);

  n_ranges = count_ack_ranges (srudp_writer_get_left (writer), ranges, n_ranges,
                               delay_us, ecn);
  if (n_ranges == 0)
    return FALSE;

  srudp_writer_put_u8 (writer, SRUDP_FRAME_ACK | (ecn != NULL));
  srudp_writer_put_varint (writer, ranges[0].last);
  srudp_writer_put_varint (writer, (guint64) delay_us);
  srudp_writer_put_varint (writer, n_ranges - 1);
  srudp_writer_put_varint (writer, ranges[0].last - ranges[0].first);
  for (guint i = 1; i < n_ranges; i++)
    {
      srudp_writer_put_varint (writer, ranges[i - 1].first - ranges[i].last - 2);
      srudp_writer_put_varint (writer, ranges[i].last - ranges[i].first);
    }
  if (ecn != NULL)
    {
      srudp_writer_put_varint (writer, ecn->ect0);
      srudp_writer_put_varint (writer, ecn->ect1);
      srudp_writer_put_varint (writer, ecn->ce);
    }

  return settle (writer, start);
}

gboolean
srudp_frame_fit_stream (gsize     room,
                        guint64   stream_id,
                        guint64   offset,
                        gsize     wanted,
                        gsize    *length,
                        gboolean *to_end)
{
  gsize header = 1 + srudp_varint_size (stream_id)
    + (offset > 0 ? srudp_varint_size (offset) : 0);

  if (room < header || (room == header && wanted > 0))
    return FALSE;

  room -= header;
  *to_end = wanted >= room;
  /* A length that is shorter than wanted takes no more bytes to say. */
  *length = *to_end ? room : MIN (wanted, room - srudp_varint_size (wanted));

  return TRUE;
}

static void
put_stream_header (SrudpWriter *writer,
                   guint64      stream_id,
                   guint64      offset,
                   gsize        length,
                   gboolean     fin,
                   gboolean     to_end)
{
  guint8 type = SRUDP_FRAME_STREAM;

  if (fin)
    type |= SRUDP_STREAM_FLAG_FIN;
  if (!to_end)
    type |= SRUDP_STREAM_FLAG_LENGTH;
  if (offset > 0)
    type |= SRUDP_STREAM_FLAG_OFFSET;

  srudp_writer_put_u8 (writer, type);
  srudp_writer_put_varint (writer, stream_id);
  if (offset > 0)
    srudp_writer_put_varint (writer, offset);
  if (!to_end)
    srudp_writer_put_varint (writer, length);
}

gboolean
srudp_frame_write_stream_header (SrudpWriter *writer,
                                 guint64      stream_id,
                                 guint64      offset,
                                 gsize        length,
                                 gboolean     fin,
                                 gboolean     to_end)
{
  gsize start = writer->size;

  put_stream_header (writer, stream_id, offset, length, fin, to_end);

  return settle (writer, start);
}

gboolean
srudp_frame_write_datagram (SrudpWriter  *writer,
                            const guint8 *data,
                            gsize         size,
                            gboolean      to_end)
{
  gsize start = writer->size;

  srudp_writer_put_u8 (writer, SRUDP_FRAME_DATAGRAM | !to_end);
  if (!to_end)
    srudp_writer_put_varint (writer, size);
  srudp_writer_put_bytes (writer, data, size);

  return settle (writer, start);
}

static void
put_address (SrudpWriter        *writer,
             const SrudpAddress *address)
{
  gboolean is_v4 = address->family == SRUDP_FAMILY_IPV4;

  /* Other kinds of address mean nothing to the peer. */
  if (!is_v4 && address->family != SRUDP_FAMILY_IPV6)
    writer->overflowed = TRUE;
  srudp_writer_put_u8 (writer, address->family);
  srudp_writer_put_bytes (writer, address->ip, is_v4 ? 4 : 16);
  srudp_writer_put_u16 (writer, address->port);
}

static void
put_introduction (SrudpWriter             *writer,
                  const SrudpIntroduction *introduction)
{
  srudp_writer_put_u8 (writer, (guint8) introduction->kind);
  srudp_writer_put_u8 (writer, (guint8) introduction->mapping);
  srudp_writer_put_u16 (writer, (guint16) introduction->port_delta);
  srudp_writer_put_bytes (writer, introduction->peer_key,
                          sizeof introduction->peer_key);
  srudp_writer_put_u8 (writer, (guint8) introduction->n_addresses);
  for (guint i = 0; i < introduction->n_addresses; i++)
    put_address (writer, &introduction->addresses[i]);
}

static void
put_limit (SrudpWriter      *writer,
           const SrudpFrame *frame)
{
  if (frame->type == SRUDP_FRAME_MAX_STREAM_DATA
      || frame->type == SRUDP_FRAME_STREAM_DATA_BLOCKED)
    srudp_writer_put_varint (writer, frame->limit.stream_id);
  srudp_writer_put_varint (writer, frame->limit.maximum);
}

static void
put_stream (SrudpWriter      *writer,
            const SrudpFrame *frame)
{
  put_stream_header (writer, frame->stream.stream_id, frame->stream.offset,
                     frame->stream.length, frame->stream.fin, FALSE);
  srudp_writer_put_bytes (writer, frame->stream.data, frame->stream.length);
}

static void
put_close (SrudpWriter      *writer,
           const SrudpFrame *frame)
{
  if (frame->close.reason_length > SRUDP_CLOSE_MAX_REASON_BYTES)
    writer->overflowed = TRUE;
  srudp_writer_put_varint (writer, frame->close.code);
  srudp_writer_put_varint (writer, frame->close.reason_length);
  srudp_writer_put_bytes (writer, frame->close.reason,
                          frame->close.reason_length);
}

/* The frames that RFC 9000 does not have. */
static void
put_extension_fields (SrudpWriter      *writer,
                      const SrudpFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_OBSERVED_ADDRESS:
    case SRUDP_FRAME_ADD_ADDRESS:
      srudp_writer_put_varint (writer, frame->address.sequence);
      put_address (writer, &frame->address.address);
      break;
    case SRUDP_FRAME_REMOVE_ADDRESS:
      srudp_writer_put_varint (writer, frame->address.sequence);
      break;
    case SRUDP_FRAME_INTRODUCE:
      put_introduction (writer, &frame->introduce);
      break;
    case SRUDP_FRAME_KEY_SHARE:
      srudp_writer_put_varint (writer, frame->key_share.generation);
      srudp_writer_put_bytes (writer, frame->key_share.share,
                              sizeof frame->key_share.share);
      break;
    case SRUDP_FRAME_SAS_REVEAL:
      srudp_writer_put_bytes (writer, frame->sas_reveal.nonce,
                              sizeof frame->sas_reveal.nonce);
      break;
    case SRUDP_FRAME_ACK_FREQUENCY:
      srudp_writer_put_varint (writer, frame->ack_frequency.sequence);
      srudp_writer_put_varint (writer, frame->ack_frequency.threshold);
      srudp_writer_put_varint (writer, frame->ack_frequency.max_ack_delay_us);
      srudp_writer_put_varint (writer, frame->ack_frequency.reordering_threshold);
      break;
    default:
      g_return_if_reached ();
    }
}

static void
put_fields (SrudpWriter      *writer,
            const SrudpFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_PING:
    case SRUDP_FRAME_HANDSHAKE_DONE:
    case SRUDP_FRAME_IMMEDIATE_ACK:
      break;
    case SRUDP_FRAME_RESET_STREAM:
      srudp_writer_put_varint (writer, frame->reset_stream.stream_id);
      srudp_writer_put_varint (writer, frame->reset_stream.code);
      srudp_writer_put_varint (writer, frame->reset_stream.final_size);
      break;
    case SRUDP_FRAME_STOP_SENDING:
      srudp_writer_put_varint (writer, frame->stop_sending.stream_id);
      srudp_writer_put_varint (writer, frame->stop_sending.code);
      break;
    case SRUDP_FRAME_MAX_DATA:
    case SRUDP_FRAME_MAX_STREAM_DATA:
    case SRUDP_FRAME_MAX_STREAMS:
    case SRUDP_FRAME_DATA_BLOCKED:
    case SRUDP_FRAME_STREAM_DATA_BLOCKED:
    case SRUDP_FRAME_STREAMS_BLOCKED:
      put_limit (writer, frame);
      break;
    case SRUDP_FRAME_NEW_CONNECTION_ID:
      srudp_writer_put_varint (writer, frame->connection_id.sequence);
      srudp_writer_put_varint (writer, frame->connection_id.retire_prior_to);
      srudp_writer_put_u64 (writer, frame->connection_id.connection_id);
      break;
    case SRUDP_FRAME_RETIRE_CONNECTION_ID:
      srudp_writer_put_varint (writer, frame->connection_id.sequence);
      break;
    case SRUDP_FRAME_PATH_CHALLENGE:
    case SRUDP_FRAME_PATH_RESPONSE:
      srudp_writer_put_bytes (writer, frame->path.data, sizeof frame->path.data);
      break;
    case SRUDP_FRAME_CLOSE:
      put_close (writer, frame);
      break;
    default:
      put_extension_fields (writer, frame);
    }
}

gboolean
srudp_frame_write (SrudpWriter      *writer,
                   const SrudpFrame *frame)
{
  gsize start = writer->size;

  switch (frame->type)
    {
    case SRUDP_FRAME_PADDING:
      srudp_writer_put_zeros (writer, frame->padding);
      break;
    case SRUDP_FRAME_STREAM:
      put_stream (writer, frame);
      break;
    case SRUDP_FRAME_DATAGRAM:
      return srudp_frame_write_datagram (writer, frame->datagram.data,
                                         frame->datagram.length, FALSE);
    default:
      srudp_writer_put_varint (writer, frame->type);
      put_fields (writer, frame);
    }

  return settle (writer, start);
}
