/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-close.c: how connections end, and what both ends know then
 */
#include "transport-pair.h"

#define MEGABYTE 1000000

static gboolean
a_is_closed (Pair *pair)
{
  return pair->ends[A].state == SRUDP_STATE_CLOSED;
}

static gboolean
both_are_closed (Pair *pair)
{
  return a_is_closed (pair) && pair->ends[B].state == SRUDP_STATE_CLOSED;
}

static gboolean
both_are_drained (Pair *pair)
{
  return srudp_transport_is_drained (pair->ends[A].transport)
         && srudp_transport_is_drained (pair->ends[B].transport);
}

static gboolean
a_drained (Pair *pair)
{
  return pair->ends[A].events[SRUDP_EVENT_DRAINED] > 0;
}

static void
assert_ends (Pair        *pair,
             SrudpReason  a,
             SrudpReason  b)
{
  g_assert_true (both_are_closed (pair));
  g_assert_cmpint (pair->ends[A].reason, ==, a);
  g_assert_cmpint (pair->ends[B].reason, ==, b);
  g_assert_cmpint (srudp_transport_get_reason (pair->ends[A].transport), ==, a);
}

static void
test_right_after_write_delivers_all (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  SrudpTransport *b = pair->ends[B].transport;

  pair->network.loss[A] = pair->network.loss[B] = 0.1;
  pair_write (pair, A, 0, MEGABYTE);
  srudp_transport_close (a, pair->now);
  g_assert_cmpint (srudp_transport_get_state (a), ==, SRUDP_STATE_CLOSING);

  g_assert_true (pair_run_until (pair, both_are_closed, 60 * SECOND));
  assert_ends (pair, SRUDP_REASON_NONE, SRUDP_REASON_PEER_CLOSED);
  g_assert_cmpuint (pair->ends[B].n_read, ==, MEGABYTE);
  g_assert_cmpint (srudp_transport_get_read_state (b, 0), ==, SRUDP_READ_EOF);
  g_assert_cmpuint (srudp_transport_get_acked_offset (a, 0), ==, MEGABYTE);
}

static void
test_bytes_can_be_read_after_the_end (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->ends[B].hold_reading = TRUE;
  pair_write (pair, A, 0, 1000);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, both_are_closed, 5 * SECOND));

  g_assert_cmpuint (pair_read (pair, B, 0, 0), ==, 1000);
  g_assert_cmpint (srudp_transport_get_read_state (pair->ends[B].transport, 0),
                   ==, SRUDP_READ_EOF);
}

static void
test_of_both_at_once_is_orderly (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair_write (pair, A, 0, 1000);
  pair_write (pair, B, 0, 1000);
  pair_run (pair, SECOND);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  srudp_transport_close (pair->ends[B].transport, pair->now);
  g_assert_true (pair_run_until (pair, both_are_closed, 5 * SECOND));

  assert_ends (pair, SRUDP_REASON_NONE, SRUDP_REASON_NONE);
}

static void
test_drains_soon_when_the_peer_answers (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair_run (pair, SECOND);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, both_are_drained, 10 * SECOND));

  pair_run (pair, 600 * SECOND);
  g_assert_cmpint (srudp_transport_get_deadline (pair->ends[A].transport),
                   ==, -1);
  g_assert_cmpint (srudp_transport_get_deadline (pair->ends[B].transport),
                   ==, -1);
}

static void
test_is_heard_through_heavy_loss (void)
{
  guint n_missed = 0;

  for (guint32 seed = 1; seed <= 200; seed++)
    {
      g_autoptr (Pair) pair = pair_new (seed);

      pair->network.loss[A] = pair->network.loss[B] = 0.3;
      pair_write (pair, A, 0, 10);
      srudp_transport_close (pair->ends[A].transport, pair->now);
      g_assert_true (pair_run_until (pair, a_is_closed, 20 * SECOND));
      g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_NONE);
      g_assert_cmpuint (pair->ends[B].n_read, ==, 10);
      pair_run (pair, 5 * SECOND);
      if (!both_are_closed (pair))
        n_missed++;
    }

  g_assert_cmpuint (n_missed, <=, 1);
}

/* However seldom a probe timeout comes, a program that ends as soon as it may has
 * told its peer: three chances to lose it would be too many. */
static void
test_is_heard_before_the_program_ends (void)
{
  guint n_missed = 0;

  for (guint32 seed = 1; seed <= 200; seed++)
    {
      g_autoptr (Pair) pair = pair_new (seed);

      pair->network.delay_us = 150 * MS;
      pair_write (pair, A, 0, 10);
      pair_run (pair, SECOND);
      pair->network.loss[A] = pair->network.loss[B] = 0.5;
      srudp_transport_close (pair->ends[A].transport, pair->now);
      g_assert_true (pair_run_until (pair, a_drained, 60 * SECOND));
      pair->network.loss[A] = 1.0;
      pair_run (pair, SECOND);
      if (!both_are_closed (pair))
        n_missed++;
    }

  g_assert_cmpuint (n_missed, <=, 1);
}

static void
test_with_unread_input_still_delivers (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->ends[A].hold_reading = TRUE;
  pair_write (pair, B, 0, MEGABYTE); /* more than the window */
  pair_run (pair, SECOND);
  pair_write (pair, A, 0, MEGABYTE);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, both_are_closed, 10 * SECOND));

  assert_ends (pair, SRUDP_REASON_NONE, SRUDP_REASON_PEER_CLOSED);
  g_assert_cmpuint (pair->ends[B].n_read, ==, MEGABYTE);
  g_assert_cmpuint (pair->ends[B].events[SRUDP_EVENT_WRITE_STOPPED], ==, 1);
}

static void
test_lingers_no_longer_than_the_idle_timeout (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 start = pair->now;

  pair->ends[B].hold_reading = TRUE; /* the window closes for ever */
  pair_write (pair, A, 0, MEGABYTE);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, both_are_closed, 100 * SECOND));

  g_assert_cmpint (pair->now - start, >=, 21 * SECOND);
  g_assert_cmpint (pair->now - start, <, 22 * SECOND);
  assert_ends (pair, SRUDP_REASON_LINGER_TIMEOUT, SRUDP_REASON_PEER_ABORTED);
  pair->ends[B].n_read += pair_read (pair, B, 0, 0);
  g_assert_cmpint (srudp_transport_get_read_state (pair->ends[B].transport, 0),
                   ==, SRUDP_READ_OPEN);
}

static void
test_says_when_the_peer_knows (void)
{
  for (guint32 seed = 1; seed <= 100; seed++)
    {
      g_autoptr (Pair) pair = pair_new (seed);

      pair->network.loss[A] = pair->network.loss[B] = 0.2;
      pair_write (pair, A, 0, 10);
      srudp_transport_close (pair->ends[A].transport, pair->now);
      g_assert_true (pair_run_until (pair, a_is_closed, 20 * SECOND));
      g_assert_true (srudp_transport_is_draining (pair->ends[A].transport));
      g_assert_true (pair_run_until (pair, a_drained, 5 * SECOND));
      g_assert_false (srudp_transport_is_draining (pair->ends[A].transport));
      g_assert_true (both_are_closed (pair));

      pair_run (pair, 30 * SECOND);
      g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_DRAINED], ==, 1);
      /* The other one has heard of it, and has nothing to wait for. */
      g_assert_cmpuint (pair->ends[B].events[SRUDP_EVENT_DRAINED], ==, 0);
    }
}

static void
test_does_not_wait_for_an_answer_for_ever (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair_run (pair, SECOND);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, a_is_closed, 20 * SECOND));
  pair->network.black_out = TRUE;
  g_assert_true (pair_run_until (pair, a_drained, 1100 * MS));
}

/* Three probe timeouts of so long a path would be minutes. */
static void
test_drains_no_longer_than_the_idle_timeout (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 closed_at;

  pair->network.delay_us = 4 * SECOND;
  pair_write (pair, A, 0, 1000);
  pair_run (pair, 30 * SECOND);
  g_assert_cmpint (srudp_transport_get_pto (pair->ends[A].transport), >,
                   8 * SECOND);
  pair->network.black_out = TRUE;
  srudp_transport_abort (pair->ends[A].transport, pair->now);
  closed_at = pair->now;

  g_assert_true (pair_run_until (pair, both_are_drained, 60 * SECOND));
  g_assert_cmpint (pair->now - closed_at, <=, 22 * SECOND);
}

static void
test_to_a_dead_peer_ends_with_an_error (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 start;

  pair_run (pair, SECOND);
  pair->network.black_out = TRUE;
  pair_write (pair, A, 0, 10);
  start = pair->now;
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, a_is_closed, 100 * SECOND));

  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_LINGER_TIMEOUT);
  g_assert_cmpint (pair->now - start, <=, 21 * SECOND);
}

static void
test_abort_is_at_once (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 start = pair->now;

  pair_write (pair, A, 0, MEGABYTE);
  srudp_transport_abort (pair->ends[A].transport, pair->now);
  g_assert_true (pair_run_until (pair, both_are_closed, 5 * SECOND));

  assert_ends (pair, SRUDP_REASON_ABORTED, SRUDP_REASON_PEER_ABORTED);
  g_assert_cmpint (pair->now - start, <=, 20 * MS);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 0);
  g_assert_cmpint (srudp_transport_get_read_state (pair->ends[B].transport, 0),
                   ==, SRUDP_READ_OPEN);
}

static void
test_refusal_is_told_as_such (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  srudp_transport_fail (pair->ends[A].transport, pair->now,
                        SRUDP_REASON_REFUSED);
  g_assert_true (pair_run_until (pair, both_are_closed, 5 * SECOND));

  assert_ends (pair, SRUDP_REASON_REFUSED, SRUDP_REASON_REFUSED);
}

static gboolean
b_is_closed (Pair *pair)
{
  return pair->ends[B].state == SRUDP_STATE_CLOSED;
}

/* B has moved to another port while A's CLOSE got lost, and nobody follows any
 * more: B speaks, and is told where it speaks from. */
static void
test_peer_that_moved_is_told (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  gint64 start;

  pair_run (pair, SECOND);
  pair->ends[B].address.port = 5000;
  srudp_transport_abort (pair->ends[A].transport, pair->now);
  pair_run (pair, 100 * MS);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);

  start = pair->now;
  pair_write (pair, B, 0, 100);
  g_assert_true (pair_run_until (pair, b_is_closed, 5 * SECOND));
  g_assert_cmpint (pair->now - start, <, 100 * MS);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PEER_ABORTED);
}

static void
test_late_packets_get_few_answers (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  const guint8 ping[] = { SRUDP_FRAME_PING, 0, 0 };
  guint before;

  pair_run (pair, SECOND);
  before = pair->ends[A].packets_sent;
  pair->network.loss[A] = 1.0;
  srudp_transport_abort (pair->ends[A].transport, pair->now);
  for (guint i = 0; i < 1000; i++)
    {
      pair_inject (pair, A, ping, sizeof ping);
      pair_run (pair, MS / 2);
    }
  pair_run (pair, 10 * SECOND);

  g_assert_cmpuint (pair->ends[A].packets_sent - before, >=, 3);
  g_assert_cmpuint (pair->ends[A].packets_sent - before, <=, 12);
  g_assert_true (srudp_transport_is_drained (pair->ends[A].transport));
}

static void
test_datagrams_have_their_turn_before_it (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;

  srudp_transport_finish (a, pair->now, 0);
  srudp_transport_finish (pair->ends[B].transport, pair->now, 0);
  pair_run (pair, SECOND);
  for (guint i = 0; i < 50; i++)
    g_assert_true (srudp_transport_send_datagram (a, pair->now,
                                                  (const guint8 *) "bye", 3));
  srudp_transport_close (a, pair->now);
  g_assert_true (pair_run_until (pair, both_are_closed, 5 * SECOND));

  assert_ends (pair, SRUDP_REASON_NONE, SRUDP_REASON_PEER_CLOSED);
  g_assert_cmpuint (pair->ends[B].datagrams->len, ==, 50);
}

static void
test_nothing_is_taken_after_it (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  SrudpSlice slice = { srudp_chunk_new (1), 0, 1 };
  guint64 id;

  slice.chunk->data[0] = 'x';
  srudp_transport_close (a, pair->now);
  g_assert_false (srudp_transport_write (a, pair->now, 0, &slice));
  g_assert_false (srudp_transport_open_stream (a, &id));
  g_assert_false (srudp_transport_send_datagram (a, pair->now,
                                                 (const guint8 *) "x", 1));
  g_assert_cmpuint (srudp_transport_get_write_capacity (a, 0), ==, 0);
  g_assert_cmpuint (srudp_transport_get_max_datagram_size (a), ==, 0);
  srudp_slice_clear (&slice);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/close/right-after-write-delivers-all",
                   test_right_after_write_delivers_all);
  g_test_add_func ("/transport/close/bytes-can-be-read-after-the-end",
                   test_bytes_can_be_read_after_the_end);
  g_test_add_func ("/transport/close/of-both-at-once-is-orderly",
                   test_of_both_at_once_is_orderly);
  g_test_add_func ("/transport/close/drains-soon-when-the-peer-answers",
                   test_drains_soon_when_the_peer_answers);
  g_test_add_func ("/transport/close/says-when-the-peer-knows",
                   test_says_when_the_peer_knows);
  g_test_add_func ("/transport/close/does-not-wait-for-an-answer-for-ever",
                   test_does_not_wait_for_an_answer_for_ever);
  g_test_add_func ("/transport/close/is-heard-through-heavy-loss",
                   test_is_heard_through_heavy_loss);
  g_test_add_func ("/transport/close/is-heard-before-the-program-ends",
                   test_is_heard_before_the_program_ends);
  g_test_add_func ("/transport/close/with-unread-input-still-delivers",
                   test_with_unread_input_still_delivers);
  g_test_add_func ("/transport/close/lingers-no-longer-than-the-idle-timeout",
                   test_lingers_no_longer_than_the_idle_timeout);
  g_test_add_func ("/transport/close/drains-no-longer-than-the-idle-timeout",
                   test_drains_no_longer_than_the_idle_timeout);
  g_test_add_func ("/transport/close/to-a-dead-peer-ends-with-an-error",
                   test_to_a_dead_peer_ends_with_an_error);
  g_test_add_func ("/transport/close/abort-is-at-once", test_abort_is_at_once);
  g_test_add_func ("/transport/close/refusal-is-told-as-such",
                   test_refusal_is_told_as_such);
  g_test_add_func ("/transport/close/peer-that-moved-is-told",
                   test_peer_that_moved_is_told);
  g_test_add_func ("/transport/close/late-packets-get-few-answers",
                   test_late_packets_get_few_answers);
  g_test_add_func ("/transport/close/datagrams-have-their-turn-before-it",
                   test_datagrams_have_their_turn_before_it);
  g_test_add_func ("/transport/close/nothing-is-taken-after-it",
                   test_nothing_is_taken_after_it);

  return g_test_run ();
}
