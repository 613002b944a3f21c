/*
 * SPDX-License-Identifier: MIT
 *
 * test-stream-table-receive.c: what streams may receive, one rule at a time
 */
#include "one-table.h"

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

#define ADD(path, function) g_test_add_func ("/stream-table/" path, function)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
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

  return g_test_run ();
}
