/*
 * SPDX-License-Identifier: MIT
 *
 * one-table.c: a table of streams, and what a peer does to it
 */
#include "one-table.h"

#include <string.h>

SrudpStreamTable *
make_table (gboolean initiator)
{
  SrudpStreamTable *table = g_new (SrudpStreamTable, 1);
  SrudpStreamTableConfig config = {
    .initiator = initiator,
    .local_max_data = WINDOW * 2,
    .local_max_stream_data = WINDOW,
    .local_max_streams = 4,
    .remote_max_data = WINDOW * 2,
    .remote_max_stream_data = WINDOW,
    .remote_max_streams = 4,
    .max_receive_window = WINDOW * 2,
    .max_stream_receive_window = WINDOW,
    .send_buffer_bytes = 5000,
    .max_pending_bytes = 10000,
  };

  srudp_stream_table_init (table, &config);

  return table;
}

void
free_table (SrudpStreamTable *table)
{
  srudp_stream_table_clear (table);
  g_free (table);
}

SrudpStreamResult
receive_data (SrudpStreamTable *table,
              guint64           id,
              guint64           offset,
              gsize             length,
              gboolean          fin)
{
  static const guint8 bytes[4096];
  SrudpFrame frame = { SRUDP_FRAME_STREAM,
                       .stream = { id, offset, bytes, length, fin } };

  return srudp_stream_table_receive (table, 0, &frame);
}

SrudpStreamResult
receive_limit (SrudpStreamTable *table,
               SrudpFrameType    type,
               guint64           id,
               guint64           maximum)
{
  SrudpFrame frame = { type, .limit = { id, maximum } };

  return srudp_stream_table_receive (table, 0, &frame);
}

SrudpStreamResult
receive_reset (SrudpStreamTable *table,
               guint64           id,
               guint64           final_size)
{
  SrudpFrame frame = { SRUDP_FRAME_RESET_STREAM, .reset_stream = { id, 42, final_size } };

  return srudp_stream_table_receive (table, 0, &frame);
}

SrudpStreamResult
receive_stop (SrudpStreamTable *table,
              guint64           id)
{
  SrudpFrame frame = { SRUDP_FRAME_STOP_SENDING, .stop_sending = { id, 43 } };

  return srudp_stream_table_receive (table, 0, &frame);
}

void
write_bytes (SrudpStreamTable *table,
             guint64           id,
             gsize             length)
{
  SrudpSlice slice = { srudp_chunk_new (length), 0, length };

  memset (slice.chunk->data, 'x', length);
  g_assert_true (srudp_stream_table_write (table, id, &slice));
}

gboolean
send_data (SrudpStreamTable *table,
           gsize             room,
           SrudpSentFrame   *sent)
{
  guint8 packet[2000];
  SrudpWriter writer;
  SrudpStream *stream = srudp_stream_table_next_sender (table);

  srudp_writer_init (&writer, packet, room);

  return stream != NULL
    && srudp_stream_table_write_frame (table, stream, &writer, sent);
}

void
assert_sends (SrudpStreamTable *table,
              guint64           id,
              guint64           offset,
              gsize             length,
              SrudpSentFrame   *sent)
{
  g_assert_true (send_data (table, 1900, sent));
  g_assert_cmpuint (sent->id, ==, id);
  g_assert_cmpuint (sent->offset, ==, offset);
  g_assert_cmpuint (sent->length, ==, length);
}

SrudpSentFrame
assert_control (SrudpStreamTable *table,
                SrudpFrameType    type,
                SrudpFrame       *frame)
{
  SrudpSentFrame sent;

  g_assert_true (srudp_stream_table_has_work (table));
  g_assert_true (srudp_stream_table_next_control (table, frame));
  g_assert_cmpstr (srudp_frame_type_get_name (frame->type), ==,
                   srudp_frame_type_get_name (type));
  srudp_stream_table_control_sent (table, frame, &sent);

  return sent;
}

void
assert_no_control (SrudpStreamTable *table)
{
  SrudpFrame frame;

  g_assert_false (srudp_stream_table_next_control (table, &frame));
}

void
assert_event (SrudpStreamTable *table,
              SrudpEventType    type,
              guint64           id)
{
  SrudpEvent event;

  g_assert_true (srudp_stream_table_poll_event (table, &event));
  g_assert_cmpint (event.type, ==, type);
  g_assert_cmpuint (event.stream_id, ==, id);
}

void
assert_no_event (SrudpStreamTable *table)
{
  SrudpEvent event;

  g_assert_false (srudp_stream_table_poll_event (table, &event));
}

gsize
read_all (SrudpStreamTable *table,
          guint64           id)
{
  SrudpSlice slice;
  gsize n_bytes = 0;

  while (srudp_stream_table_read (table, id, &slice))
    {
      gsize length = slice.length;

      srudp_slice_clear (&slice);
      srudp_stream_table_consume (table, 0, id, length);
      n_bytes += length;
    }

  return n_bytes;
}
