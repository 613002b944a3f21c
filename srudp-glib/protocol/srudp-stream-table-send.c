/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-table-send.c: what the peer is told about streams
 */
#include "srudp-stream-table-private.h"

/* A scrap shorter than this is not worth its header while more waits. */
#define MIN_PIECE_BYTES 32

/* --- Control frames ------------------------------------------------------ */

static void
set_limit (SrudpFrame     *frame,
           SrudpFrameType  type,
           guint64         stream_id,
           guint64         maximum)
{
  frame->type = type;
  frame->limit.stream_id = stream_id;
  frame->limit.maximum = maximum;
}

static void
connection_control (const SrudpStreamTable *table,
                    SrudpFrame             *frame)
{
  if (table->pending & SRUDP_CONNECTION_PENDING_MAX_DATA)
    set_limit (frame, SRUDP_FRAME_MAX_DATA, 0,
               srudp_receive_window_get_limit (&table->receive_window));
  else if (table->pending & SRUDP_CONNECTION_PENDING_MAX_STREAMS)
    set_limit (frame, SRUDP_FRAME_MAX_STREAMS, 0,
               srudp_stream_table_get_streams_limit (table));
  else if (table->pending & SRUDP_CONNECTION_PENDING_BLOCKED)
    set_limit (frame, SRUDP_FRAME_DATA_BLOCKED, 0, table->send_window.limit);
  else
    set_limit (frame, SRUDP_FRAME_STREAMS_BLOCKED, 0, table->remote_limit);
}

static void
stream_control (const SrudpStream *stream,
                SrudpFrame        *frame)
{
  if (stream->flags & SRUDP_STREAM_PENDING_RESET)
    {
      frame->type = SRUDP_FRAME_RESET_STREAM;
      frame->reset_stream.stream_id = stream->id;
      frame->reset_stream.code = stream->reset_code;
      frame->reset_stream.final_size = stream->send.next_offset;
    }
  else if (stream->flags & SRUDP_STREAM_PENDING_STOP)
    {
      frame->type = SRUDP_FRAME_STOP_SENDING;
      frame->stop_sending.stream_id = stream->id;
      frame->stop_sending.code = stream->stop_code;
    }
  else if (stream->flags & SRUDP_STREAM_PENDING_MAX_DATA)
    {
      set_limit (frame, SRUDP_FRAME_MAX_STREAM_DATA, stream->id,
                 srudp_receive_window_get_limit (&stream->receive_window));
    }
  else
    {
      set_limit (frame, SRUDP_FRAME_STREAM_DATA_BLOCKED, stream->id,
                 stream->send_window.limit);
    }
}

gboolean
srudp_stream_table_next_control (SrudpStreamTable *table,
                                 SrudpFrame       *frame)
{
  if (table->pending != 0)
    connection_control (table, frame);
  else if (table->control.first != NULL)
    stream_control (table->control.first, frame);
  else
    return FALSE;

  return TRUE;
}

/* The flag of a stream's control frame; 0 for other frames. */
static SrudpStreamFlags
stream_flag (guint type)
{
  switch (type)
    {
    case SRUDP_FRAME_RESET_STREAM: return SRUDP_STREAM_PENDING_RESET;
    case SRUDP_FRAME_STOP_SENDING: return SRUDP_STREAM_PENDING_STOP;
    case SRUDP_FRAME_MAX_STREAM_DATA: return SRUDP_STREAM_PENDING_MAX_DATA;
    case SRUDP_FRAME_STREAM_DATA_BLOCKED: return SRUDP_STREAM_PENDING_BLOCKED;
    default: return 0;
    }
}

static void
connection_control_sent (SrudpStreamTable *table,
                         SrudpFrameType    type)
{
  switch (type)
    {
    case SRUDP_FRAME_MAX_DATA:
      table->pending &= ~SRUDP_CONNECTION_PENDING_MAX_DATA;
      srudp_receive_window_advertise (&table->receive_window);
      break;
    case SRUDP_FRAME_MAX_STREAMS:
      table->pending &= ~SRUDP_CONNECTION_PENDING_MAX_STREAMS;
      table->advertised_limit = srudp_stream_table_get_streams_limit (table);
      break;
    case SRUDP_FRAME_DATA_BLOCKED:
      table->pending &= ~SRUDP_CONNECTION_PENDING_BLOCKED;
      break;
    case SRUDP_FRAME_STREAMS_BLOCKED:
      table->pending &= ~SRUDP_CONNECTION_PENDING_STREAMS_BLOCKED;
      break;
    default:
      g_return_if_reached ();
    }
}

void
srudp_stream_table_control_sent (SrudpStreamTable *table,
                                 const SrudpFrame *frame,
                                 SrudpSentFrame   *sent)
{
  SrudpStreamFlags flag = stream_flag (frame->type);
  SrudpStream *stream;

  *sent = (SrudpSentFrame) { .type = (guint8) frame->type };
  if (flag == 0)
    {
      sent->offset = frame->limit.maximum;
      connection_control_sent (table, frame->type);
      return;
    }

  /* next_control() gave the first of the list, and nothing changed since. */
  stream = table->control.first;
  g_return_if_fail (stream != NULL);

  sent->id = stream->id;
  if (flag == SRUDP_STREAM_PENDING_MAX_DATA)
    srudp_receive_window_advertise (&stream->receive_window);
  if (flag == SRUDP_STREAM_PENDING_MAX_DATA || flag == SRUDP_STREAM_PENDING_BLOCKED)
    sent->offset = frame->limit.maximum;
  stream->flags &= ~flag;
  srudp_stream_table_settle (table, stream);
}

/* --- Stream data --------------------------------------------------------- */

static SrudpStream *
first_sender (SrudpStreamTable *table)
{
  gboolean has_credit = srudp_send_window_get_credit (&table->send_window) > 0;

  while (table->first_priority < SRUDP_STREAM_PRIORITIES
         && table->send[0][table->first_priority].first == NULL
         && table->send[1][table->first_priority].first == NULL)
    table->first_priority++;

  for (guint priority = table->first_priority;
       priority < SRUDP_STREAM_PRIORITIES; priority++)
    {
      if (table->send[0][priority].first != NULL)
        return table->send[0][priority].first;
      if (table->send[1][priority].first == NULL)
        continue;
      if (has_credit)
        return table->send[1][priority].first;
      if (srudp_send_window_note_blocked (&table->send_window))
        table->pending |= SRUDP_CONNECTION_PENDING_BLOCKED;
    }

  return NULL;
}

SrudpStream *
srudp_stream_table_next_sender (SrudpStreamTable *table)
{
  return first_sender (table);
}

gboolean
srudp_stream_table_has_work (SrudpStreamTable *table)
{
  /* Asking for the sender may find out that we are blocked. */
  return first_sender (table) != NULL || table->pending != 0
    || table->control.first != NULL;
}

/* What is in flight takes no room from a writer, or a long and fast path would
 * run dry; but a peer that acknowledges all but the oldest byte holds our
 * memory, so there is a limit to both together. */
static gsize
get_write_room (const SrudpStreamTable *table,
                const SrudpStream      *stream)
{
  const SrudpStreamTableConfig *config = &table->config;
  guint64 unsent = srudp_send_buffer_get_unsent (&stream->send);
  guint64 pending = srudp_send_buffer_get_pending (&stream->send);
  guint64 room;

  if (unsent >= config->send_buffer_bytes
      || pending >= config->max_pending_bytes)
    return 0;

  room = MIN (config->send_buffer_bytes - unsent,
              config->max_pending_bytes - pending);

  return (gsize) MIN (room, srudp_send_buffer_get_left (&stream->send));
}

/* Half empty: a writer that was stopped gets something worth waking for. */
static void
wake_writer (SrudpStreamTable *table,
             SrudpStream      *stream)
{
  guint64 left = srudp_send_buffer_get_left (&stream->send);

  if (!stream->write_full || stream->send.fin != SRUDP_FIN_NONE || left == 0
      || get_write_room (table, stream)
           < MIN (table->config.send_buffer_bytes / 2, left))
    return;

  stream->write_full = FALSE;
  stream->flags |= SRUDP_STREAM_EVENT_WRITABLE;
}

/* What goes on after a piece was put into a packet. */
static void
account_piece (SrudpStreamTable     *table,
               SrudpStream          *stream,
               const SrudpSendPiece *piece)
{
  guint64 next_offset = stream->send.next_offset;
  guint64 n_fresh;

  srudp_send_buffer_mark_sent (&stream->send, piece->offset, piece->length,
                               piece->fin);
  n_fresh = stream->send.next_offset - next_offset;
  srudp_send_window_use (&stream->send_window, n_fresh);
  srudp_send_window_use (&table->send_window, n_fresh);
  table->stream_bytes_sent += n_fresh;
  table->bytes_retransmitted += piece->length - n_fresh;

  if (piece->fin && stream->send_state == SRUDP_SEND_STATE_SEND)
    srudp_stream_set_send_state (stream, SRUDP_SEND_STATE_DATA_SENT);
  wake_writer (table, stream);
}

gboolean
srudp_stream_table_write_frame (SrudpStreamTable *table,
                                SrudpStream      *stream,
                                SrudpWriter      *writer,
                                SrudpSentFrame   *sent)
{
  gsize room = srudp_writer_get_left (writer), length;
  guint64 limit = MIN (stream->send_window.limit,
                       stream->send.next_offset
                       + srudp_send_window_get_credit (&table->send_window));
  SrudpSendPiece piece;
  gboolean to_end;
  guint8 *data;

  if (!srudp_send_buffer_peek (&stream->send, room, limit, &piece)
      || !srudp_frame_fit_stream (room, stream->id, piece.offset, piece.length,
                                  &length, &to_end)
      || length < MIN (piece.length, MIN_PIECE_BYTES))
    return FALSE;

  piece.fin = piece.fin && length == piece.length;
  piece.length = length;
  srudp_frame_write_stream_header (writer, stream->id, piece.offset, length,
                                   piece.fin, to_end);
  if (!srudp_writer_reserve (writer, &data, length))
    g_return_val_if_reached (FALSE);
  srudp_send_buffer_copy (&stream->send, piece.offset, data, length);

  *sent = (SrudpSentFrame) {
    .id = stream->id,
    .offset = piece.offset,
    .length = (guint32) length,
    .type = SRUDP_FRAME_STREAM,
    .flags = piece.fin ? SRUDP_STREAM_FLAG_FIN : 0,
  };
  account_piece (table, stream, &piece);

  /* The others first, before it is its turn again. */
  if (stream->links[SRUDP_STREAM_LIST_SEND].next != NULL)
    srudp_stream_enlist (stream, SRUDP_STREAM_LIST_SEND, NULL);
  srudp_stream_table_settle (table, stream);

  return TRUE;
}

/* --- Acknowledgement and loss -------------------------------------------- */

static gboolean
is_sending (const SrudpStream *stream)
{
  return stream->send_state == SRUDP_SEND_STATE_SEND
    || stream->send_state == SRUDP_SEND_STATE_DATA_SENT;
}

static void
note_delivered (SrudpStream *stream)
{
  if (stream->watched_offset > 0
      && stream->send.acked_offset >= stream->watched_offset)
    {
      stream->watched_offset = 0;
      stream->flags |= SRUDP_STREAM_EVENT_DELIVERED;
    }
}

static void
data_acked (SrudpStreamTable     *table,
            SrudpStream          *stream,
            const SrudpSentFrame *sent)
{
  srudp_send_buffer_mark_acked (&stream->send, sent->offset, sent->length,
                                (sent->flags & SRUDP_STREAM_FLAG_FIN) != 0);
  note_delivered (stream);
  if (stream->send_state == SRUDP_SEND_STATE_DATA_SENT
      && srudp_send_buffer_is_done (&stream->send))
    srudp_stream_set_send_state (stream, SRUDP_SEND_STATE_DATA_RECVD);
  wake_writer (table, stream);
}

void
srudp_stream_table_acked (SrudpStreamTable     *table,
                          const SrudpSentFrame *sent)
{
  SrudpStream *stream;

  if (sent->type != SRUDP_FRAME_STREAM && sent->type != SRUDP_FRAME_RESET_STREAM)
    return;

  stream = srudp_stream_table_lookup (table, sent->id);
  if (stream == NULL)
    return;

  if (sent->type == SRUDP_FRAME_STREAM && is_sending (stream))
    {
      data_acked (table, stream, sent);
    }
  else if (sent->type == SRUDP_FRAME_RESET_STREAM
           && stream->send_state == SRUDP_SEND_STATE_RESET_SENT)
    {
      srudp_stream_set_send_state (stream, SRUDP_SEND_STATE_RESET_RECVD);
      stream->flags &= ~SRUDP_STREAM_PENDING_RESET;
    }
  srudp_stream_table_settle (table, stream);
}

/* Says again only what is still true, and was not said again since. */
static void
connection_lost (SrudpStreamTable     *table,
                 const SrudpSentFrame *sent)
{
  switch (sent->type)
    {
    case SRUDP_FRAME_MAX_DATA:
      if (sent->offset == table->receive_window.advertised)
        table->pending |= SRUDP_CONNECTION_PENDING_MAX_DATA;
      break;
    case SRUDP_FRAME_MAX_STREAMS:
      if (sent->offset == table->advertised_limit)
        table->pending |= SRUDP_CONNECTION_PENDING_MAX_STREAMS;
      break;
    case SRUDP_FRAME_DATA_BLOCKED:
      if (sent->offset == table->send_window.limit
          && srudp_send_window_get_credit (&table->send_window) == 0)
        table->pending |= SRUDP_CONNECTION_PENDING_BLOCKED;
      break;
    case SRUDP_FRAME_STREAMS_BLOCKED:
      if (sent->offset == table->remote_limit
          && table->next_local > table->remote_limit)
        table->pending |= SRUDP_CONNECTION_PENDING_STREAMS_BLOCKED;
      break;
    default:
      break;
    }
}

static void
stream_lost (SrudpStream          *stream,
             const SrudpSentFrame *sent)
{
  gboolean again = FALSE;

  switch (sent->type)
    {
    case SRUDP_FRAME_STREAM:
      if (is_sending (stream))
        srudp_send_buffer_mark_lost (&stream->send, sent->offset, sent->length,
                                     (sent->flags & SRUDP_STREAM_FLAG_FIN) != 0);
      break;
    case SRUDP_FRAME_RESET_STREAM:
      again = stream->send_state == SRUDP_SEND_STATE_RESET_SENT;
      break;
    case SRUDP_FRAME_STOP_SENDING:
      again = stream->recv_state == SRUDP_RECV_STATE_RECV;
      break;
    case SRUDP_FRAME_MAX_STREAM_DATA:
      again = stream->recv_state == SRUDP_RECV_STATE_RECV && !stream->stop_sent
        && sent->offset == stream->receive_window.advertised;
      break;
    case SRUDP_FRAME_STREAM_DATA_BLOCKED:
      again = is_sending (stream) && sent->offset == stream->send_window.limit
        && srudp_send_window_get_credit (&stream->send_window) == 0;
      break;
    default:
      break;
    }
  if (again)
    stream->flags |= stream_flag (sent->type);
}

void
srudp_stream_table_lost (SrudpStreamTable     *table,
                         const SrudpSentFrame *sent)
{
  SrudpStream *stream;

  if (sent->type != SRUDP_FRAME_STREAM && stream_flag (sent->type) == 0)
    {
      connection_lost (table, sent);
      return;
    }

  stream = srudp_stream_table_lookup (table, sent->id);
  if (stream == NULL)
    return;

  stream_lost (stream, sent);
  srudp_stream_table_settle (table, stream);
}

/* --- The application's side ---------------------------------------------- */

gboolean
srudp_stream_table_write (SrudpStreamTable *table,
                          guint64           stream_id,
                          SrudpSlice       *slice)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL || stream->send_state != SRUDP_SEND_STATE_SEND
      || !srudp_send_buffer_write (&stream->send, slice))
    return FALSE;

  srudp_stream_table_settle (table, stream);

  return TRUE;
}

gsize
srudp_stream_table_get_write_capacity (SrudpStreamTable *table,
                                       guint64           stream_id)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);
  gsize room;

  if (stream == NULL || stream->send_state != SRUDP_SEND_STATE_SEND
      || stream->send.fin != SRUDP_FIN_NONE)
    return 0;

  room = get_write_room (table, stream);
  if (room == 0)
    stream->write_full = TRUE;

  return room;
}

void
srudp_stream_table_finish (SrudpStreamTable *table,
                           guint64           stream_id)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL || stream->send_state != SRUDP_SEND_STATE_SEND)
    return;

  srudp_send_buffer_finish (&stream->send);
  srudp_stream_table_settle (table, stream);
}

void
srudp_stream_table_reset_stream (SrudpStream *stream,
                                 guint64      code)
{
  if (!is_sending (stream))
    return;

  srudp_stream_set_send_state (stream, SRUDP_SEND_STATE_RESET_SENT);
  stream->reset_code = code;
  stream->flags |= SRUDP_STREAM_PENDING_RESET;
  stream->flags &= ~(SRUDP_STREAM_PENDING_BLOCKED | SRUDP_STREAM_EVENT_WRITABLE);
  srudp_send_buffer_clear (&stream->send);
}

void
srudp_stream_table_reset (SrudpStreamTable *table,
                          guint64           stream_id,
                          guint64           code)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL)
    return;

  srudp_stream_table_reset_stream (stream, code);
  srudp_stream_table_settle (table, stream);
}

void
srudp_stream_table_set_priority (SrudpStreamTable *table,
                                 guint64           stream_id,
                                 guint             priority)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL)
    return;

  stream->priority = (guint8) MIN (priority, SRUDP_STREAM_PRIORITIES - 1);
  srudp_stream_table_settle (table, stream);
}

guint64
srudp_stream_table_get_written_offset (SrudpStreamTable *table,
                                       guint64           stream_id)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  return stream == NULL ? 0 : stream->send.written_offset;
}

guint64
srudp_stream_table_get_acked_offset (SrudpStreamTable *table,
                                     guint64           stream_id)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  return stream == NULL ? 0 : stream->send.acked_offset;
}

void
srudp_stream_table_watch_delivered (SrudpStreamTable *table,
                                    guint64           stream_id,
                                    guint64           offset)
{
  SrudpStream *stream = srudp_stream_table_lookup (table, stream_id);

  if (stream == NULL)
    return;

  stream->watched_offset = offset;
  if (stream->send.acked_offset >= offset)
    {
      stream->watched_offset = 0;
      stream->flags |= SRUDP_STREAM_EVENT_DELIVERED;
    }
  srudp_stream_table_settle (table, stream);
}
