/*
 * SPDX-License-Identifier: MIT
 *
 * test-stream-table.c: how streams begin and end, one rule at a time
 */
#include "one-table.h"

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
  ADD ("closed-streams-leave-nothing", test_closed_streams_leave_nothing);
  ADD ("closed-stream-waits-for-its-last-event",
       test_closed_stream_waits_for_its_last_event);
  ADD ("closed-stream-waits-for-its-reader", test_closed_stream_waits_for_its_reader);
  ADD ("limit-grows-as-streams-end", test_limit_grows_as_streams_end);
  ADD ("open-waits-for-the-peers-limit", test_open_waits_for_the_peers_limit);
  ADD ("shut-down-still-delivers", test_shut_down_still_delivers);

  return g_test_run ();
}
