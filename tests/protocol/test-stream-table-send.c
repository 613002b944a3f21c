/*
 * SPDX-License-Identifier: MIT
 *
 * test-stream-table-send.c: what streams may send, one rule at a time
 */
#include "one-table.h"

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

#define ADD(path, function) g_test_add_func ("/stream-table/" path, function)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
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

  return g_test_run ();
}
