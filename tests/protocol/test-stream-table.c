/*
 * SPDX-License-Identifier: MIT
 *
 * test-stream-table.c: what streams may do, one rule at a time
 */
#include "srudp-stream-table.h"

#include <string.h>

#define WINDOW 1000

static SrudpStreamTable *
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

static void
free_table (SrudpStreamTable *table)
{
  srudp_stream_table_clear (table);
  g_free (table);
}

static SrudpStreamResult
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

static SrudpStreamResult
receive_limit (SrudpStreamTable *table,
               SrudpFrameType    type,
               guint64           id,
               guint64           maximum)
{
  SrudpFrame frame = { type, .limit = { id, maximum } };

  return srudp_stream_table_receive (table, 0, &frame);
}

static SrudpStreamResult
receive_reset (SrudpStreamTable *table,
               guint64           id,
               guint64           final_size)
{
  SrudpFrame frame = { SRUDP_FRAME_RESET_STREAM, .reset_stream = { id, 42, final_size } };

  return srudp_stream_table_receive (table, 0, &frame);
}

static SrudpStreamResult
receive_stop (SrudpStreamTable *table,
              guint64           id)
{
  SrudpFrame frame = { SRUDP_FRAME_STOP_SENDING, .stop_sending = { id, 43 } };

  return srudp_stream_table_receive (table, 0, &frame);
}

static void
write_bytes (SrudpStreamTable *table,
             guint64           id,
             gsize             length)
{
  SrudpSlice slice = { srudp_chunk_new (length), 0, length };

  memset (slice.chunk->data, 'x', length);
  g_assert_true (srudp_stream_table_write (table, id, &slice));
}

/* Sends one frame of stream data into a packet of that size. */
static gboolean
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

static void
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

/* Sends the control frame that waits, which must be of that type. */
static SrudpSentFrame
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

static void
assert_no_control (SrudpStreamTable *table)
{
  SrudpFrame frame;

  g_assert_false (srudp_stream_table_next_control (table, &frame));
}

static void
assert_event (SrudpStreamTable *table,
              SrudpEventType    type,
              guint64           id)
{
  SrudpEvent event;

  g_assert_true (srudp_stream_table_poll_event (table, &event));
  g_assert_cmpint (event.type, ==, type);
  g_assert_cmpuint (event.stream_id, ==, id);
}

static void
assert_no_event (SrudpStreamTable *table)
{
  SrudpEvent event;

  g_assert_false (srudp_stream_table_poll_event (table, &event));
}

/* Reads and consumes all there is. */
static gsize
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

/* --- Ids ----------------------------------------------------------------- */

static void
test_ids_tell_who_opened (void)
{
  SrudpStreamTable *initiator = make_table (TRUE);
  SrudpStreamTable *responder = make_table (FALSE);
  guint64 id;

  for (guint64 i = 1; i <= 4; i++)
    {
      g_assert_true (srudp_stream_table_open (initiator, &id));
      g_assert_cmpuint (id, ==, i * 2);
      g_assert_true (srudp_stream_table_open (responder, &id));
      g_assert_cmpuint (id, ==, i * 2 - 1);
    }
  g_assert_false (srudp_stream_table_open (initiator, &id));
  g_assert_false (srudp_stream_table_open (responder, &id));
  free_table (initiator);
  free_table (responder);
}

static void
test_peer_stays_within_ids (void)
{
  static const struct
  {
    gboolean initiator;
    guint64 id;
    SrudpStreamResult expected;
  } cases[] = {
    { TRUE, 0, SRUDP_STREAM_OK },      { FALSE, 0, SRUDP_STREAM_OK },
    { TRUE, 1, SRUDP_STREAM_OK },      { FALSE, 1, SRUDP_STREAM_STATE },
    { TRUE, 2, SRUDP_STREAM_STATE },   { FALSE, 2, SRUDP_STREAM_OK },
    { TRUE, 7, SRUDP_STREAM_OK },      { FALSE, 8, SRUDP_STREAM_OK },
    { TRUE, 9, SRUDP_STREAM_LIMIT },   { FALSE, 10, SRUDP_STREAM_LIMIT },
    { TRUE, SRUDP_VARINT_MAX, SRUDP_STREAM_LIMIT },
    { FALSE, SRUDP_VARINT_MAX - 1, SRUDP_STREAM_LIMIT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SrudpStreamTable *table = make_table (cases[i].initiator);

      g_assert_cmpint (receive_data (table, cases[i].id, 0, 1, FALSE), ==,
                       cases[i].expected);
      free_table (table);
    }
}

static void
test_opening_one_opens_those_below (void)
{
  SrudpStreamTable *table = make_table (TRUE);

  receive_data (table, 5, 0, 1, FALSE);
  assert_event (table, SRUDP_EVENT_STREAM_OPENED, 1);
  assert_event (table, SRUDP_EVENT_STREAM_OPENED, 3);
  assert_event (table, SRUDP_EVENT_STREAM_OPENED, 5);
  assert_event (table, SRUDP_EVENT_READABLE, 5);
  assert_no_event (table);
  free_table (table);
}

/* --- Receiving ----------------------------------------------------------- */

static void
test_flow_control_holds_on_both_levels (void)
{
  SrudpStreamTable *table = make_table (TRUE);

  g_assert_cmpint (receive_data (table, 0, 0, WINDOW + 1, FALSE), ==,
                   SRUDP_STREAM_FLOW_CONTROL);
  g_assert_cmpint (receive_data (table, 0, 0, WINDOW, FALSE), ==, SRUDP_STREAM_OK);
  g_assert_cmpint (receive_data (table, 1, 0, WINDOW, FALSE), ==, SRUDP_STREAM_OK);
  /* The same bytes again cost nothing. */
  g_assert_cmpint (receive_data (table, 1, 0, WINDOW, FALSE), ==, SRUDP_STREAM_OK);
  g_assert_cmpint (receive_data (table, 3, 0, 1, FALSE), ==,
                   SRUDP_STREAM_FLOW_CONTROL);
  g_assert_cmpint (receive_reset (table, 3, 1), ==, SRUDP_STREAM_FLOW_CONTROL);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 2 * WINDOW);
  free_table (table);
}

static void
test_credit_returns_when_consumed (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;
  SrudpSentFrame sent;
  SrudpSlice slice;

  receive_data (table, 0, 0, WINDOW, FALSE);
  g_assert_true (srudp_stream_table_read (table, 0, &slice));
  srudp_slice_clear (&slice);
  assert_no_control (table);
  srudp_stream_table_consume (table, 0, 0, WINDOW);
  assert_control (table, SRUDP_FRAME_MAX_DATA, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, 3 * WINDOW);
  sent = assert_control (table, SRUDP_FRAME_MAX_STREAM_DATA, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, 2 * WINDOW);
  assert_no_control (table);

  srudp_stream_table_lost (table, &sent);
  assert_control (table, SRUDP_FRAME_MAX_STREAM_DATA, &frame);
  g_assert_cmpint (receive_data (table, 0, WINDOW, WINDOW, FALSE), ==,
                   SRUDP_STREAM_OK);
  read_all (table, 0);
  assert_control (table, SRUDP_FRAME_MAX_DATA, &frame);
  assert_control (table, SRUDP_FRAME_MAX_STREAM_DATA, &frame);
  /* A newer limit went out: the old one needs no repeating. */
  srudp_stream_table_lost (table, &sent);
  assert_no_control (table);
  free_table (table);
}

static void
test_blocked_peer_hears_the_limit_again (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;

  receive_limit (table, SRUDP_FRAME_STREAM_DATA_BLOCKED, 0, WINDOW);
  receive_limit (table, SRUDP_FRAME_DATA_BLOCKED, 0, 2 * WINDOW);
  assert_no_control (table);
  receive_limit (table, SRUDP_FRAME_STREAM_DATA_BLOCKED, 0, WINDOW - 1);
  assert_control (table, SRUDP_FRAME_MAX_STREAM_DATA, &frame);
  receive_limit (table, SRUDP_FRAME_DATA_BLOCKED, 0, 2 * WINDOW - 1);
  assert_control (table, SRUDP_FRAME_MAX_DATA, &frame);
  receive_limit (table, SRUDP_FRAME_STREAMS_BLOCKED, 0, 3);
  assert_control (table, SRUDP_FRAME_MAX_STREAMS, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, 4);
  free_table (table);
}

static void
test_readable_comes_on_edges (void)
{
  SrudpStreamTable *table = make_table (TRUE);

  receive_data (table, 0, 10, 5, FALSE);
  assert_no_event (table);
  receive_data (table, 0, 0, 10, FALSE);
  assert_event (table, SRUDP_EVENT_READABLE, 0);
  receive_data (table, 0, 15, 5, FALSE);
  assert_no_event (table);
  g_assert_cmpuint (read_all (table, 0), ==, 20);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 0), ==, SRUDP_READ_OPEN);
  receive_data (table, 0, 20, 0, TRUE);
  assert_event (table, SRUDP_EVENT_READABLE, 0);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 0), ==, SRUDP_READ_EOF);
  receive_data (table, 0, 0, 20, TRUE);
  assert_no_event (table);
  g_assert_cmpint (receive_data (table, 0, 0, 21, FALSE), ==, SRUDP_STREAM_FINAL_SIZE);
  free_table (table);
}

static void
test_end_is_not_told_before_the_last_byte (void)
{
  SrudpStreamTable *table = make_table (TRUE);

  receive_data (table, 0, 5, 5, TRUE);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 0), ==, SRUDP_READ_OPEN);
  receive_data (table, 0, 0, 5, FALSE);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 0), ==, SRUDP_READ_OPEN);
  g_assert_cmpuint (read_all (table, 0), ==, 10);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 0), ==, SRUDP_READ_EOF);
  free_table (table);
}

static void
test_reset_discards_and_returns_credit (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSlice slice;

  receive_data (table, 1, 0, 100, FALSE);
  receive_data (table, 1, 200, 100, FALSE);
  g_assert_true (srudp_stream_table_read (table, 1, &slice));
  srudp_slice_clear (&slice);
  g_assert_cmpint (receive_reset (table, 1, 299), ==, SRUDP_STREAM_FINAL_SIZE);
  g_assert_cmpint (receive_reset (table, 1, 400), ==, SRUDP_STREAM_OK);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 0);
  g_assert_cmpuint (table->receive_window.consumed, ==, 400);
  /* What was read before, and consumed only now, is not counted twice. */
  srudp_stream_table_consume (table, 0, 1, 100);
  g_assert_cmpuint (table->receive_window.consumed, ==, 400);
  g_assert_false (srudp_stream_table_read (table, 1, &slice));
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 1), ==, SRUDP_READ_RESET);
  g_assert_cmpint (receive_data (table, 1, 300, 101, FALSE), ==,
                   SRUDP_STREAM_FINAL_SIZE);
  free_table (table);
}

static void
test_reset_after_all_arrived_is_too_late (void)
{
  SrudpStreamTable *table = make_table (TRUE);

  receive_data (table, 0, 0, 100, TRUE);
  g_assert_cmpint (receive_reset (table, 0, 100), ==, SRUDP_STREAM_OK);
  g_assert_cmpuint (read_all (table, 0), ==, 100);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 0), ==, SRUDP_READ_EOF);
  free_table (table);
}

static void
test_stopped_input_costs_nothing (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;
  SrudpSentFrame sent;

  receive_data (table, 0, 0, 300, FALSE);
  srudp_stream_table_stop_reading (table, 0, 9);
  sent = assert_control (table, SRUDP_FRAME_STOP_SENDING, &frame);
  g_assert_cmpuint (frame.stop_sending.code, ==, 9);
  assert_no_event (table);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 0);
  receive_data (table, 0, 300, 300, FALSE);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 0);
  g_assert_null (table->main_stream->receive.blocks);
  assert_no_event (table);

  srudp_stream_table_lost (table, &sent);
  sent = assert_control (table, SRUDP_FRAME_STOP_SENDING, &frame);
  receive_reset (table, 0, 600);
  assert_no_event (table);
  srudp_stream_table_lost (table, &sent);
  assert_no_control (table);
  free_table (table);
}

/* --- Sending ------------------------------------------------------------- */

static void
test_turns_are_taken (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame sent;
  guint64 a, b;

  srudp_stream_table_open (table, &a);
  srudp_stream_table_open (table, &b);
  write_bytes (table, 0, 300);
  write_bytes (table, a, 300);
  write_bytes (table, b, 300);
  for (guint i = 0; i < 6; i++)
    {
      const guint64 ids[] = { 0, a, b };

      g_assert_true (send_data (table, 150, &sent));
      g_assert_cmpuint (sent.id, ==, ids[i % 3]);
    }
  srudp_stream_table_set_priority (table, b, 0);
  g_assert_true (send_data (table, 100, &sent));
  g_assert_cmpuint (sent.id, ==, b);
  free_table (table);
}

static void
test_stream_credit_stops_new_bytes_only (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;
  SrudpSentFrame first, sent;

  write_bytes (table, 0, WINDOW + 10);
  assert_sends (table, 0, 0, WINDOW, &first);
  g_assert_false (send_data (table, 1900, &sent));
  assert_control (table, SRUDP_FRAME_STREAM_DATA_BLOCKED, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, WINDOW);
  assert_no_control (table);
  g_assert_false (srudp_stream_table_has_work (table));

  srudp_stream_table_lost (table, &first);
  assert_sends (table, 0, 0, WINDOW, &first);
  receive_limit (table, SRUDP_FRAME_MAX_STREAM_DATA, 0, WINDOW + 5);
  assert_sends (table, 0, WINDOW, 5, &sent);
  g_assert_cmpuint (table->bytes_retransmitted, ==, WINDOW);
  g_assert_cmpuint (table->stream_bytes_sent, ==, WINDOW + 5);
  free_table (table);
}

static void
test_connection_credit_stops_new_bytes_only (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;
  SrudpSentFrame first, sent;
  guint64 a, b;

  srudp_stream_table_open (table, &a);
  srudp_stream_table_open (table, &b);
  write_bytes (table, 0, WINDOW);
  write_bytes (table, a, WINDOW - 1);
  write_bytes (table, b, 100);
  assert_sends (table, 0, 0, WINDOW, &first);
  assert_sends (table, a, 0, WINDOW - 1, &sent);
  assert_sends (table, b, 0, 1, &sent);
  g_assert_true (srudp_stream_table_has_work (table));
  assert_control (table, SRUDP_FRAME_DATA_BLOCKED, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, 2 * WINDOW);
  g_assert_false (srudp_stream_table_has_work (table));

  srudp_stream_table_finish (table, a);
  assert_sends (table, a, WINDOW - 1, 0, &sent);
  g_assert_cmpuint (sent.flags, ==, SRUDP_STREAM_FLAG_FIN);
  srudp_stream_table_lost (table, &first);
  assert_sends (table, 0, 0, WINDOW, &first);
  receive_limit (table, SRUDP_FRAME_MAX_DATA, 0, 2 * WINDOW + 50);
  assert_sends (table, b, 1, 50, &sent);
  free_table (table);
}

/* All bytes would fit, but not with their header: the end is not yet there. */
static void
test_fin_goes_with_the_last_byte_only (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame sent;

  write_bytes (table, 0, 200);
  srudp_stream_table_finish (table, 0);
  g_assert_true (send_data (table, 201, &sent));
  g_assert_cmpuint (sent.length, ==, 199);
  g_assert_cmpuint (sent.flags, ==, 0);
  assert_sends (table, 0, 199, 1, &sent);
  g_assert_cmpuint (sent.flags, ==, SRUDP_STREAM_FLAG_FIN);
  free_table (table);
}

static void
test_scraps_wait_for_a_packet_of_their_own (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame sent;

  write_bytes (table, 0, 200);
  g_assert_false (send_data (table, 20, &sent));
  assert_sends (table, 0, 0, 200, &sent);
  write_bytes (table, 0, 5);
  g_assert_true (send_data (table, 20, &sent));
  g_assert_cmpuint (sent.length, ==, 5);
  free_table (table);
}

static void
test_writer_is_woken_at_half (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame sent;

  srudp_stream_table_set_send_buffer (table, 800);
  g_assert_cmpuint (srudp_stream_table_get_write_capacity (table, 0), ==, 800);
  write_bytes (table, 0, 800);
  g_assert_cmpuint (srudp_stream_table_get_write_capacity (table, 0), ==, 0);
  while (send_data (table, 104, &sent))
    {
      if (sent.offset + sent.length >= 400)
        break;
      assert_no_event (table);
    }
  assert_event (table, SRUDP_EVENT_WRITABLE, 0);
  assert_no_event (table);
  g_assert_cmpuint (srudp_stream_table_get_write_capacity (table, 0), >=, 400);
  free_table (table);
}

/* All but the first bytes are acknowledged. */
static void
test_bytes_in_flight_are_bounded (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame first, sent;

  table->config.max_pending_bytes = 900;
  srudp_stream_table_set_send_buffer (table, 800);
  write_bytes (table, 0, 100);
  assert_sends (table, 0, 0, 100, &first);
  while (srudp_stream_table_get_write_capacity (table, 0) > 0)
    {
      write_bytes (table, 0, 100);
      g_assert_true (send_data (table, 1900, &sent));
      srudp_stream_table_acked (table, &sent);
    }
  g_assert_cmpuint (srudp_stream_table_get_written_offset (table, 0), ==, 900);
  assert_no_event (table);
  srudp_stream_table_acked (table, &first);
  assert_event (table, SRUDP_EVENT_WRITABLE, 0);
  g_assert_cmpuint (srudp_stream_table_get_write_capacity (table, 0), ==, 800);
  free_table (table);
}

static void
test_delivery_is_told_once (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame first, second;

  write_bytes (table, 0, 100);
  assert_sends (table, 0, 0, 100, &first);
  write_bytes (table, 0, 100);
  assert_sends (table, 0, 100, 100, &second);
  srudp_stream_table_watch_delivered (table, 0, 150);
  srudp_stream_table_acked (table, &first);
  assert_no_event (table);
  srudp_stream_table_acked (table, &second);
  assert_event (table, SRUDP_EVENT_DELIVERED, 0);
  srudp_stream_table_watch_delivered (table, 0, 200);
  assert_event (table, SRUDP_EVENT_DELIVERED, 0);
  assert_no_event (table);
  free_table (table);
}

static void
test_stop_is_answered_by_reset (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSlice slice = { srudp_chunk_new (1), 0, 1 };
  SrudpFrame frame;
  SrudpSentFrame data, reset;
  SrudpEvent event;

  write_bytes (table, 0, 3000);
  assert_sends (table, 0, 0, WINDOW, &data);
  assert_control (table, SRUDP_FRAME_STREAM_DATA_BLOCKED, &frame);
  g_assert_cmpint (receive_stop (table, 0), ==, SRUDP_STREAM_OK);
  g_assert_true (srudp_stream_table_poll_event (table, &event));
  g_assert_cmpint (event.type, ==, SRUDP_EVENT_WRITE_STOPPED);
  g_assert_cmpuint (event.code, ==, 43);
  reset = assert_control (table, SRUDP_FRAME_RESET_STREAM, &frame);
  g_assert_cmpuint (frame.reset_stream.code, ==, 43);
  g_assert_cmpuint (frame.reset_stream.final_size, ==, WINDOW);
  g_assert_false (srudp_stream_table_write (table, 0, &slice));
  srudp_slice_clear (&slice);
  g_assert_cmpuint (srudp_stream_table_get_write_capacity (table, 0), ==, 0);

  srudp_stream_table_lost (table, &data);
  g_assert_false (srudp_stream_table_has_work (table));
  srudp_stream_table_lost (table, &reset);
  reset = assert_control (table, SRUDP_FRAME_RESET_STREAM, &frame);
  g_assert_false (srudp_stream_table_is_flushed (table));
  srudp_stream_table_acked (table, &reset);
  g_assert_true (srudp_stream_table_is_flushed (table));
  receive_stop (table, 0);
  assert_no_event (table);
  free_table (table);
}

/* --- Ends ---------------------------------------------------------------- */

/* One stream of the peer, from its first byte to nothing. */
static void
live_and_die (SrudpStreamTable *table,
              guint64           id)
{
  SrudpSentFrame sent;

  receive_data (table, id, 0, 10, TRUE);
  assert_event (table, SRUDP_EVENT_STREAM_OPENED, id);
  assert_event (table, SRUDP_EVENT_READABLE, id);
  srudp_stream_table_finish (table, id);
  assert_sends (table, id, 0, 0, &sent);
  srudp_stream_table_acked (table, &sent);
  g_assert_cmpuint (read_all (table, id), ==, 10);
  g_assert_cmpuint (g_hash_table_size (table->streams), ==, 1);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, id), ==, SRUDP_READ_EOF);
  g_assert_cmpuint (g_hash_table_size (table->streams), ==, 0);
}

static void
test_closed_streams_leave_nothing (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;

  for (guint64 id = 1; id <= 201; id += 2)
    {
      live_and_die (table, id);
      while (srudp_stream_table_next_control (table, &frame))
        {
          SrudpSentFrame sent;

          srudp_stream_table_control_sent (table, &frame, &sent);
        }
    }
  /* Late frames about them are ignored, and late fates too. */
  g_assert_cmpint (receive_data (table, 1, 0, 10, TRUE), ==, SRUDP_STREAM_OK);
  g_assert_cmpint (receive_reset (table, 3, 10), ==, SRUDP_STREAM_OK);
  g_assert_cmpint (receive_stop (table, 5), ==, SRUDP_STREAM_OK);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, 1), ==, SRUDP_READ_EOF);
  assert_no_event (table);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 0);
  free_table (table);
}

static void
test_closed_stream_waits_for_its_last_event (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSentFrame sent;
  guint64 id;

  srudp_stream_table_open (table, &id);
  srudp_stream_table_stop_reading (table, id, 0);
  receive_reset (table, id, 0);
  write_bytes (table, id, 10);
  srudp_stream_table_finish (table, id);
  srudp_stream_table_watch_delivered (table, id, 10);
  assert_sends (table, id, 0, 10, &sent);
  srudp_stream_table_acked (table, &sent);
  g_assert_cmpuint (g_hash_table_size (table->streams), ==, 1);
  assert_event (table, SRUDP_EVENT_DELIVERED, id);
  g_assert_cmpuint (g_hash_table_size (table->streams), ==, 0);
  free_table (table);
}

static void
test_closed_stream_waits_for_its_reader (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpSlice slice;
  guint64 id;

  srudp_stream_table_open (table, &id);
  srudp_stream_table_reset (table, id, 0);
  srudp_stream_table_acked (table, &(SrudpSentFrame) { .id = id,
                                                       .type = SRUDP_FRAME_RESET_STREAM });
  receive_data (table, id, 0, 100, TRUE);
  assert_event (table, SRUDP_EVENT_READABLE, id);
  g_assert_true (srudp_stream_table_read (table, id, &slice));
  srudp_slice_clear (&slice);
  g_assert_cmpint (srudp_stream_table_get_read_state (table, id), ==, SRUDP_READ_EOF);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 100);
  srudp_stream_table_consume (table, 0, id, 100);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 0);
  g_assert_cmpuint (g_hash_table_size (table->streams), ==, 0);
  free_table (table);
}

static void
test_limit_grows_as_streams_end (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;
  SrudpSentFrame sent;

  live_and_die (table, 1);
  assert_no_control (table);
  g_assert_cmpint (receive_data (table, 9, 0, 1, FALSE), ==, SRUDP_STREAM_LIMIT);
  live_and_die (table, 3);
  sent = assert_control (table, SRUDP_FRAME_MAX_STREAMS, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, 6);
  srudp_stream_table_lost (table, &sent);
  assert_control (table, SRUDP_FRAME_MAX_STREAMS, &frame);
  g_assert_cmpint (receive_data (table, 11, 0, 1, FALSE), ==, SRUDP_STREAM_OK);
  g_assert_cmpint (receive_data (table, 13, 0, 1, FALSE), ==, SRUDP_STREAM_LIMIT);
  free_table (table);
}

static void
test_open_waits_for_the_peers_limit (void)
{
  SrudpStreamTable *table = make_table (FALSE);
  SrudpFrame frame;
  guint64 id;

  while (srudp_stream_table_open (table, &id))
    ;
  assert_control (table, SRUDP_FRAME_STREAMS_BLOCKED, &frame);
  g_assert_cmpuint (frame.limit.maximum, ==, 4);
  receive_limit (table, SRUDP_FRAME_MAX_STREAMS, 0, 3);
  g_assert_false (srudp_stream_table_open (table, &id));
  receive_limit (table, SRUDP_FRAME_MAX_STREAMS, 0, 5);
  assert_no_control (table);
  assert_event (table, SRUDP_EVENT_STREAMS_AVAILABLE, 0);
  assert_no_event (table);
  g_assert_true (srudp_stream_table_open (table, &id));
  g_assert_cmpuint (id, ==, 9);
  /* Nobody was refused since. */
  receive_limit (table, SRUDP_FRAME_MAX_STREAMS, 0, 6);
  assert_no_event (table);
  free_table (table);
}

static void
test_shut_down_still_delivers (void)
{
  SrudpStreamTable *table = make_table (TRUE);
  SrudpFrame frame;
  SrudpSentFrame main_data, stream_data;
  guint64 id;

  srudp_stream_table_open (table, &id);
  write_bytes (table, 0, 100);
  write_bytes (table, id, 100);
  receive_data (table, 0, 0, 50, FALSE);
  srudp_stream_table_shut_down (table);
  assert_control (table, SRUDP_FRAME_STOP_SENDING, &frame);
  assert_control (table, SRUDP_FRAME_STOP_SENDING, &frame);
  assert_sends (table, 0, 0, 100, &main_data);
  assert_sends (table, id, 0, 100, &stream_data);
  g_assert_cmpuint (main_data.flags, ==, SRUDP_STREAM_FLAG_FIN);
  srudp_stream_table_acked (table, &main_data);
  g_assert_false (srudp_stream_table_is_flushed (table));
  srudp_stream_table_acked (table, &stream_data);
  g_assert_true (srudp_stream_table_is_flushed (table));
  g_assert_false (srudp_stream_table_open (table, &id));

  /* A stream that comes now ends at once, and nobody hears of it. */
  g_assert_cmpint (receive_data (table, 1, 0, 10, FALSE), ==, SRUDP_STREAM_OK);
  assert_no_event (table);
  assert_control (table, SRUDP_FRAME_STOP_SENDING, &frame);
  g_assert_cmpuint (frame.stop_sending.stream_id, ==, 1);
  g_assert_cmpuint (srudp_stream_table_get_unread (table), ==, 0);
  free_table (table);
}

#define ADD(path, function) g_test_add_func ("/stream-table/" path, function)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("ids-tell-who-opened", test_ids_tell_who_opened);
  ADD ("peer-stays-within-ids", test_peer_stays_within_ids);
  ADD ("opening-one-opens-those-below", test_opening_one_opens_those_below);
  ADD ("flow-control-holds-on-both-levels", test_flow_control_holds_on_both_levels);
  ADD ("credit-returns-when-consumed", test_credit_returns_when_consumed);
  ADD ("blocked-peer-hears-the-limit-again", test_blocked_peer_hears_the_limit_again);
  ADD ("readable-comes-on-edges", test_readable_comes_on_edges);
  ADD ("end-is-not-told-before-the-last-byte",
       test_end_is_not_told_before_the_last_byte);
  ADD ("reset-discards-and-returns-credit", test_reset_discards_and_returns_credit);
  ADD ("reset-after-all-arrived-is-too-late",
       test_reset_after_all_arrived_is_too_late);
  ADD ("stopped-input-costs-nothing", test_stopped_input_costs_nothing);
  ADD ("turns-are-taken", test_turns_are_taken);
  ADD ("stream-credit-stops-new-bytes-only", test_stream_credit_stops_new_bytes_only);
  ADD ("connection-credit-stops-new-bytes-only",
       test_connection_credit_stops_new_bytes_only);
  ADD ("fin-goes-with-the-last-byte-only", test_fin_goes_with_the_last_byte_only);
  ADD ("scraps-wait-for-a-packet-of-their-own",
       test_scraps_wait_for_a_packet_of_their_own);
  ADD ("writer-is-woken-at-half", test_writer_is_woken_at_half);
  ADD ("bytes-in-flight-are-bounded", test_bytes_in_flight_are_bounded);
  ADD ("delivery-is-told-once", test_delivery_is_told_once);
  ADD ("stop-is-answered-by-reset", test_stop_is_answered_by_reset);
  ADD ("closed-streams-leave-nothing", test_closed_streams_leave_nothing);
  ADD ("closed-stream-waits-for-its-last-event",
       test_closed_stream_waits_for_its_last_event);
  ADD ("closed-stream-waits-for-its-reader", test_closed_stream_waits_for_its_reader);
  ADD ("limit-grows-as-streams-end", test_limit_grows_as_streams_end);
  ADD ("open-waits-for-the-peers-limit", test_open_waits_for_the_peers_limit);
  ADD ("shut-down-still-delivers", test_shut_down_still_delivers);

  return g_test_run ();
}
