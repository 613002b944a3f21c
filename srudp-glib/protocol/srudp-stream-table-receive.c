/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-table-receive.c: what the peer says about streams
 */
#include "srudp-stream-table-private.h"

void
srudp_stream_table_return_credit (SrudpStreamTable *table,
                                  gint64            now,
                                  guint64           n_bytes)
{
  srudp_receive_window_consume (&table->receive_window, now, table->rtt_us, n_bytes);
  if (srudp_receive_window_is_due (&table->receive_window))
    table->pending |= SRUDP_CONNECTION_PENDING_MAX_DATA;
}

void
srudp_stream_table_discard_input (SrudpStreamTable *table,
                                  SrudpStream      *stream)
{
  SrudpReceiveWindow *window = &stream->receive_window;
  SrudpReceiveWindow *total = &table->receive_window;
  guint64 n_bytes = stream->receive.highest_offset - window->consumed;

  /* No reader took these, so they say nothing about a reader's speed. */
  window->consumed += n_bytes;
  total->consumed += n_bytes;
  if (srudp_receive_window_is_due (total))
    table->pending |= SRUDP_CONNECTION_PENDING_MAX_DATA;
  stream->flags &= ~SRUDP_STREAM_PENDING_MAX_DATA;
  srudp_receive_buffer_clear (&stream->receive);
}

/* Both levels must have room for what lies beyond the highest offset seen. */
static gboolean
fits_windows (const SrudpStreamTable *table,
              const SrudpStream      *stream,
              guint64                 end,
              guint64                *growth)
{
  const SrudpReceiveWindow *total = &table->receive_window;
  guint64 highest = stream->receive.highest_offset;

  *growth = end > highest ? end - highest : 0;

  return *growth <= stream->receive_window.advertised - stream->receive_window.received
    && *growth <= total->advertised - total->received;
}

static SrudpStreamResult
result_from_buffer (SrudpReceiveBufferResult result)
{
  switch (result)
    {
    case SRUDP_RECEIVE_BUFFER_OK:
      return SRUDP_STREAM_OK;
    case SRUDP_RECEIVE_BUFFER_FRAGMENTED:
      return SRUDP_STREAM_NOT_TAKEN;
    case SRUDP_RECEIVE_BUFFER_FINAL_SIZE:
    default:
      return SRUDP_STREAM_FINAL_SIZE;
    }
}

static void
note_size (SrudpStream *stream)
{
  if (stream->recv_state == SRUDP_RECV_STATE_RECV
      && stream->receive.final_size != SRUDP_FINAL_SIZE_UNKNOWN)
    {
      srudp_stream_set_recv_state (stream, SRUDP_RECV_STATE_SIZE_KNOWN);
      stream->flags &= ~(SRUDP_STREAM_PENDING_MAX_DATA | SRUDP_STREAM_PENDING_STOP);
    }
  if (stream->recv_state == SRUDP_RECV_STATE_SIZE_KNOWN && !stream->stop_sent
      && srudp_receive_buffer_is_complete (&stream->receive))
    srudp_stream_set_recv_state (stream, SRUDP_RECV_STATE_DATA_RECVD);
}

/* A gap holds back the reader, who can't be blamed for an unread window. And
 * what one stream's reader leaves unread must not take the credit of others:
 * the connection's window grows for it, as far as its memory may. */
static void
grow_windows (SrudpStreamTable *table,
              SrudpStream      *stream)
{
  SrudpReceiveWindow *window = &stream->receive_window;
  SrudpReceiveWindow *total = &table->receive_window;

  if (stream->recv_state == SRUDP_RECV_STATE_RECV
      && srudp_receive_buffer_get_available (&stream->receive) == 0
      && window->consumed >= stream->receive.read_offset
      && srudp_receive_window_press (window)
      && srudp_receive_window_is_due (window))
    stream->flags |= SRUDP_STREAM_PENDING_MAX_DATA;

  if (srudp_receive_window_press (total)
      && srudp_receive_window_is_due (total))
    table->pending |= SRUDP_CONNECTION_PENDING_MAX_DATA;
}

static SrudpStreamResult
receive_data (SrudpStreamTable *table,
              SrudpStream      *stream,
              const SrudpFrame *frame)
{
  SrudpReceiveBuffer *buffer = &stream->receive;
  guint64 end = frame->stream.offset + frame->stream.length;
  gboolean had_bytes = srudp_receive_buffer_get_available (buffer) > 0;
  gboolean was_drained = srudp_receive_buffer_is_drained (buffer);
  gboolean is_discarded = stream->stop_sent
    || stream->recv_state >= SRUDP_RECV_STATE_RESET_RECVD;
  SrudpReceiveBufferResult result;
  guint64 growth;

  if (!fits_windows (table, stream, end, &growth))
    return SRUDP_STREAM_FLOW_CONTROL;

  if (is_discarded)
    result = srudp_receive_buffer_skip (buffer, end, frame->stream.fin);
  else
    result = srudp_receive_buffer_put (buffer, frame->stream.offset,
                                       frame->stream.data, frame->stream.length,
                                       frame->stream.fin);
  if (result != SRUDP_RECEIVE_BUFFER_OK)
    return result_from_buffer (result);

  srudp_receive_window_receive (&stream->receive_window, growth);
  srudp_receive_window_receive (&table->receive_window, growth);
  note_size (stream);
  if (is_discarded)
    {
      srudp_stream_table_discard_input (table, stream);
      return SRUDP_STREAM_OK;
    }

  grow_windows (table, stream);
  if ((!had_bytes && srudp_receive_buffer_get_available (buffer) > 0)
      || (!was_drained && srudp_receive_buffer_is_drained (buffer)))
    stream->flags |= SRUDP_STREAM_EVENT_READABLE;

  return SRUDP_STREAM_OK;
}

static SrudpStreamResult
receive_reset (SrudpStreamTable *table,
               SrudpStream      *stream,
               const SrudpFrame *frame)
{
  guint64 final_size = frame->reset_stream.final_size;
  SrudpReceiveBufferResult result;
  guint64 growth;

  if (!fits_windows (table, stream, final_size, &growth))
    return SRUDP_STREAM_FLOW_CONTROL;

  result = srudp_receive_buffer_skip (&stream->receive, final_size, TRUE);
  if (result != SRUDP_RECEIVE_BUFFER_OK)
    return result_from_buffer (result);

  srudp_receive_window_receive (&stream->receive_window, growth);
  srudp_receive_window_receive (&table->receive_window, growth);

  /* RFC 9000, section 3.2: once all is here, the reset comes too late. */
  if (stream->recv_state != SRUDP_RECV_STATE_RECV
      && stream->recv_state != SRUDP_RECV_STATE_SIZE_KNOWN)
    return SRUDP_STREAM_OK;

  srudp_stream_set_recv_state (stream, SRUDP_RECV_STATE_RESET_RECVD);
  stream->peer_reset_code = frame->reset_stream.code;
  stream->flags &= ~SRUDP_STREAM_PENDING_STOP;
  srudp_stream_table_discard_input (table, stream);
  if (!stream->stop_sent)
    stream->flags |= SRUDP_STREAM_EVENT_READABLE;

  return SRUDP_STREAM_OK;
}

/* RFC 9000, section 3.5: the answer is a reset with the same code. */
static SrudpStreamResult
receive_stop (SrudpStream      *stream,
              const SrudpFrame *frame)
{
  if (stream->send_state == SRUDP_SEND_STATE_SEND
      || stream->send_state == SRUDP_SEND_STATE_DATA_SENT)
    {
      stream->peer_stop_code = frame->stop_sending.code;
      stream->flags |= SRUDP_STREAM_EVENT_STOPPED;
      srudp_stream_table_reset_stream (stream, frame->stop_sending.code);
    }

  return SRUDP_STREAM_OK;
}

/* The peer is blocked at a limit that we have raised: tell it again. */
static void
receive_stream_blocked (SrudpStream      *stream,
                        const SrudpFrame *frame)
{
  if (stream->recv_state == SRUDP_RECV_STATE_RECV && !stream->stop_sent
      && frame->limit.maximum
           < srudp_receive_window_get_limit (&stream->receive_window))
    stream->flags |= SRUDP_STREAM_PENDING_MAX_DATA;
}

/* Input alone moves a stream only when it is to be told of. */
static gboolean
stays_in_its_lists (const SrudpStream *stream,
                    const SrudpFrame  *frame)
{
  return frame->type == SRUDP_FRAME_STREAM && !stream->stop_sent
         && (stream->flags & (SRUDP_STREAM_PENDING_ANY | SRUDP_STREAM_EVENT_ANY)) == 0
         && stream->lists[SRUDP_STREAM_LIST_CONTROL] == NULL
         && stream->lists[SRUDP_STREAM_LIST_EVENT] == NULL;
}

static SrudpStreamResult
receive_on_stream (SrudpStreamTable *table,
                   guint64           stream_id,
                   const SrudpFrame *frame)
{
  SrudpStream *stream;
  SrudpStreamResult result = srudp_stream_table_resolve (table, stream_id, &stream);

  if (result != SRUDP_STREAM_OK || stream == NULL)
    return result;

  switch (frame->type)
    {
    case SRUDP_FRAME_STREAM:
      result = receive_data (table, stream, frame);
      break;
    case SRUDP_FRAME_RESET_STREAM:
      result = receive_reset (table, stream, frame);
      break;
    case SRUDP_FRAME_STOP_SENDING:
      result = receive_stop (stream, frame);
      break;
    case SRUDP_FRAME_MAX_STREAM_DATA:
      if (srudp_send_window_raise (&stream->send_window, frame->limit.maximum))
        stream->flags &= ~SRUDP_STREAM_PENDING_BLOCKED;
      break;
    default:
      receive_stream_blocked (stream, frame);
      break;
    }
  if (!stays_in_its_lists (stream, frame))
    srudp_stream_table_settle (table, stream);

  return result;
}

/* The frames about no single stream. */
static void
receive_on_connection (SrudpStreamTable *table,
                       const SrudpFrame *frame)
{
  guint64 maximum = frame->limit.maximum;

  switch (frame->type)
    {
    case SRUDP_FRAME_MAX_DATA:
      if (srudp_send_window_raise (&table->send_window, maximum))
        table->pending &= ~SRUDP_CONNECTION_PENDING_BLOCKED;
      break;
    case SRUDP_FRAME_MAX_STREAMS:
      table->remote_limit = MAX (table->remote_limit, maximum);
      if (table->next_local <= table->remote_limit)
        table->pending &= ~SRUDP_CONNECTION_PENDING_STREAMS_BLOCKED;
      break;
    case SRUDP_FRAME_DATA_BLOCKED:
      if (maximum < srudp_receive_window_get_limit (&table->receive_window))
        table->pending |= SRUDP_CONNECTION_PENDING_MAX_DATA;
      break;
    case SRUDP_FRAME_STREAMS_BLOCKED:
      if (maximum < srudp_stream_table_get_streams_limit (table))
        table->pending |= SRUDP_CONNECTION_PENDING_MAX_STREAMS;
      break;
    default:
      g_return_if_reached ();
    }
}

SrudpStreamResult
srudp_stream_table_receive (SrudpStreamTable *table,
                            gint64            now,
                            const SrudpFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_FRAME_STREAM:
      return receive_on_stream (table, frame->stream.stream_id, frame);
    case SRUDP_FRAME_RESET_STREAM:
      return receive_on_stream (table, frame->reset_stream.stream_id, frame);
    case SRUDP_FRAME_STOP_SENDING:
      return receive_on_stream (table, frame->stop_sending.stream_id, frame);
    case SRUDP_FRAME_MAX_STREAM_DATA:
    case SRUDP_FRAME_STREAM_DATA_BLOCKED:
      return receive_on_stream (table, frame->limit.stream_id, frame);
    default:
      receive_on_connection (table, frame);
      return SRUDP_STREAM_OK;
    }
}

/* --- The application's side ---------------------------------------------- */

gboolean
srudp_stream_table_read (SrudpStreamTable *table,
                         guint64           stream_id,
                         SrudpSlice       *slice)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL || stream->stop_sent
      || !srudp_receive_buffer_read (&stream->receive, slice))
    return FALSE;

  table->stream_bytes_received += slice->length;

  return TRUE;
}

void
srudp_stream_table_consume (SrudpStreamTable *table,
                            gint64            now,
                            guint64           stream_id,
                            gsize             n_bytes)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);
  SrudpReceiveWindow *window;

  if (stream == NULL)
    return;

  /* Discarded input was given back already. */
  window = &stream->receive_window;
  if (window->consumed >= stream->receive.read_offset)
    return;
  n_bytes = (gsize) MIN (n_bytes, stream->receive.read_offset - window->consumed);

  srudp_receive_window_consume (window, now, table->rtt_us, n_bytes);
  srudp_stream_table_return_credit (table, now, n_bytes);
  if (stream->recv_state == SRUDP_RECV_STATE_RECV
      && srudp_receive_window_is_due (window))
    stream->flags |= SRUDP_STREAM_PENDING_MAX_DATA;
  srudp_receive_buffer_trim (&stream->receive);
  srudp_stream_table_settle (table, stream);
}

SrudpReadState
srudp_stream_table_get_read_state (SrudpStreamTable *table,
                                   guint64           stream_id)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL)
    return SRUDP_READ_EOF;

  switch (stream->recv_state)
    {
    case SRUDP_RECV_STATE_RESET_RECVD:
      srudp_stream_set_recv_state (stream, SRUDP_RECV_STATE_RESET_READ);
      srudp_stream_table_settle (table, stream);
      return SRUDP_READ_RESET;
    case SRUDP_RECV_STATE_RESET_READ:
      return SRUDP_READ_RESET;
    case SRUDP_RECV_STATE_DATA_READ:
      return SRUDP_READ_EOF;
    case SRUDP_RECV_STATE_DATA_RECVD:
      if (!srudp_receive_buffer_is_drained (&stream->receive))
        return SRUDP_READ_OPEN;
      srudp_stream_set_recv_state (stream, SRUDP_RECV_STATE_DATA_READ);
      srudp_receive_buffer_clear (&stream->receive);
      srudp_stream_table_settle (table, stream);
      return SRUDP_READ_EOF;
    case SRUDP_RECV_STATE_RECV:
    case SRUDP_RECV_STATE_SIZE_KNOWN:
    default:
      return SRUDP_READ_OPEN;
    }
}

void
srudp_stream_table_stop_reading (SrudpStreamTable *table,
                                 guint64           stream_id,
                                 guint64           code)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL || stream->stop_sent)
    return;

  stream->stop_sent = TRUE;
  stream->stop_code = code;
  stream->flags &= ~SRUDP_STREAM_EVENT_READABLE;
  if (stream->recv_state == SRUDP_RECV_STATE_RECV)
    stream->flags |= SRUDP_STREAM_PENDING_STOP;
  srudp_stream_table_discard_input (table, stream);
  srudp_stream_table_settle (table, stream);
}
