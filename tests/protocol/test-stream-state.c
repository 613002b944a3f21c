/*
 * SPDX-License-Identifier: MIT
 *
 * test-stream-state.c: a stream takes only the ways its state diagrams show
 */
#include "srudp-stream-state.h"

/* Row: from, column: to. RFC 9000, figures 2 and 3. */
static const gboolean send_edges[5][5] = {
  [SRUDP_SEND_STATE_SEND] = { 0, 1, 0, 1, 0 },
  [SRUDP_SEND_STATE_DATA_SENT] = { 0, 0, 1, 1, 0 },
  [SRUDP_SEND_STATE_DATA_RECVD] = { 0, 0, 0, 0, 0 },
  [SRUDP_SEND_STATE_RESET_SENT] = { 0, 0, 0, 0, 1 },
  [SRUDP_SEND_STATE_RESET_RECVD] = { 0, 0, 0, 0, 0 },
};

static const gboolean recv_edges[6][6] = {
  [SRUDP_RECV_STATE_RECV] = { 0, 1, 0, 0, 1, 0 },
  [SRUDP_RECV_STATE_SIZE_KNOWN] = { 0, 0, 1, 0, 1, 0 },
  [SRUDP_RECV_STATE_DATA_RECVD] = { 0, 0, 0, 1, 0, 0 },
  [SRUDP_RECV_STATE_DATA_READ] = { 0, 0, 0, 0, 0, 0 },
  [SRUDP_RECV_STATE_RESET_RECVD] = { 0, 0, 0, 0, 0, 1 },
  [SRUDP_RECV_STATE_RESET_READ] = { 0, 0, 0, 0, 0, 0 },
};

static void
test_send_edges (void)
{
  for (SrudpSendState from = 0; from < G_N_ELEMENTS (send_edges); from++)
    for (SrudpSendState to = 0; to < G_N_ELEMENTS (send_edges); to++)
      {
        SrudpStream *stream = srudp_stream_new (2, 0, 0, 0);

        stream->send_state = from;
        if (!send_edges[from][to])
          g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*edges*");
        srudp_stream_set_send_state (stream, to);
        g_test_assert_expected_messages ();
        g_assert_cmpint (stream->send_state, ==, send_edges[from][to] ? to : from);
        srudp_stream_free (stream);
      }
}

static void
test_recv_edges (void)
{
  for (SrudpRecvState from = 0; from < G_N_ELEMENTS (recv_edges); from++)
    for (SrudpRecvState to = 0; to < G_N_ELEMENTS (recv_edges); to++)
      {
        SrudpStream *stream = srudp_stream_new (2, 0, 0, 0);

        stream->recv_state = from;
        if (!recv_edges[from][to])
          g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*edges*");
        srudp_stream_set_recv_state (stream, to);
        g_test_assert_expected_messages ();
        g_assert_cmpint (stream->recv_state, ==, recv_edges[from][to] ? to : from);
        srudp_stream_free (stream);
      }
}

static void
test_lists_hold_a_stream_once (void)
{
  SrudpStreamList list = { NULL }, other = { NULL };
  SrudpStream *a = srudp_stream_new (2, 0, 0, 0);
  SrudpStream *b = srudp_stream_new (4, 0, 0, 0);
  SrudpStream *c = srudp_stream_new (6, 0, 0, 0);

  srudp_stream_enlist (a, SRUDP_STREAM_LIST_SEND, &list);
  srudp_stream_enlist (b, SRUDP_STREAM_LIST_SEND, &list);
  srudp_stream_enlist (c, SRUDP_STREAM_LIST_SEND, &list);
  srudp_stream_enlist (b, SRUDP_STREAM_LIST_EVENT, &other);
  srudp_stream_enlist (a, SRUDP_STREAM_LIST_SEND, &list);
  g_assert_true (list.first == b && list.last == a);
  srudp_stream_free (c);
  g_assert_true (b->links[SRUDP_STREAM_LIST_SEND].next == a);
  srudp_stream_enlist (b, SRUDP_STREAM_LIST_SEND, NULL);
  g_assert_true (list.first == a && list.last == a);
  g_assert_true (other.first == b && other.last == b);
  srudp_stream_free (a);
  srudp_stream_free (b);
  g_assert_null (list.first);
  g_assert_null (list.last);
  g_assert_null (other.first);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream-state/takes-only-the-send-edges", test_send_edges);
  g_test_add_func ("/stream-state/takes-only-the-receive-edges", test_recv_edges);
  g_test_add_func ("/stream-state/lists-hold-a-stream-once", test_lists_hold_a_stream_once);

  return g_test_run ();
}
