/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-liveness.c: keepalive, silence, idle timeout, and what an
 * idle connection costs
 */
#include "transport-pair.h"

#include <malloc.h>

static Pair *
make_pair (gint64 idle_us,
           gint64 keepalive_us)
{
  SrudpTransportConfig a, b;

  pair_init_config (&a, A);
  pair_init_config (&b, B);
  /* No ids to tell of: nothing at all is sent at the start. */
  a.remote_params.active_connection_id_limit = 1;
  b.remote_params.active_connection_id_limit = 1;
  a.idle_timeout_us = b.idle_timeout_us = idle_us;
  a.keepalive_us = b.keepalive_us = keepalive_us;

  return pair_new_full (g_test_rand_int (), &a, &b);
}

static gboolean
a_is_unreachable (Pair *pair)
{
  return pair->ends[A].state == SRUDP_STATE_UNREACHABLE;
}

static gboolean
a_is_established (Pair *pair)
{
  return pair->ends[A].state == SRUDP_STATE_ESTABLISHED;
}

static gboolean
a_is_closed (Pair *pair)
{
  return pair->ends[A].state == SRUDP_STATE_CLOSED;
}

static void
test_keepalive_keeps_it_alive_with_few_packets (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);

  pair_run (pair, 600 * SECOND);

  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
  /* 44 silences of 13.5 s; each ends with a PING, an ACK that has one too, and
   * an ACK of that. */
  g_assert_cmpuint (pair->ends[A].packets_sent, >=, 64);
  g_assert_cmpuint (pair->ends[A].packets_sent, <=, 68);
  g_assert_cmpuint (pair->ends[A].bytes_sent, <, 68 * 60);
}

/* It may look unreachable for a moment, but it does not end. */
static void
test_keepalive_survives_loss (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);

  pair->network.loss[A] = pair->network.loss[B] = 0.3;
  pair_run (pair, 3600 * SECOND);

  g_assert_cmpint (pair->ends[A].state, !=, SRUDP_STATE_CLOSED);
  g_assert_cmpint (pair->ends[B].state, !=, SRUDP_STATE_CLOSED);
}

/* A only answers. Its answers get lost, and the way back changes: it must
 * notice, for B keeps asking the old address. */
static void
test_silent_receiver_notices_that_it_is_not_heard (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);

  pair_write (pair, A, 0, 1);
  pair_run (pair, 10 * SECOND);
  srudp_transport_ping (pair->ends[B].transport, pair->now);
  pair_run (pair, 14 * MS);
  pair->network.loss[A] = 1.0;
  pair_run (pair, 30 * MS);
  pair->network.loss[A] = 0;
  pair->ends[A].address.port = 5000;
  pair_run (pair, 2 * SECOND);

  g_assert_cmpint (srudp_transport_get_last_heard (pair->ends[B].transport), >,
                   pair->now - 2 * SECOND);
  pair_run (pair, 60 * SECOND);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_keepalive_leaves_six_seconds (void)
{
  g_autoptr (Pair) pair = make_pair (10 * SECOND, 15 * SECOND);

  pair_run (pair, 3 * SECOND);
  g_assert_cmpuint (pair->ends[A].packets_sent, ==, 0);
  pair_run (pair, 1100 * MS);
  g_assert_cmpuint (pair->ends[A].packets_sent, >, 0);
  pair_run (pair, 100 * SECOND);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_packets_heard_postpone_keepalive (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  guint n_before;

  for (guint i = 0; i < 100; i++)
    {
      pair_write (pair, B, 0, 10);
      pair_run (pair, SECOND);
    }
  n_before = pair->ends[A].packets_sent;
  /* One ACK for each, no PING. */
  g_assert_cmpuint (n_before, <=, 102);
}

/* B writes ten times a second for three seconds. */
static void
let_data_flow (Pair *pair)
{
  for (guint i = 0; i < 30; i++)
    {
      pair_write (pair, B, 0, 10);
      pair_run (pair, 100 * MS);
    }
}

/* As when a NAT in front of A has forgotten where to send what B says. */
static void
test_receiver_asks_when_a_flow_breaks_off (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  guint n_before;

  let_data_flow (pair);
  pair->network.loss[B] = 1.0;
  n_before = pair->ends[A].packets_sent;
  pair_run (pair, 1300 * MS);
  g_assert_cmpuint (pair->ends[A].packets_sent, ==, n_before);

  pair_run (pair, 300 * MS);
  g_assert_cmpuint (pair->ends[A].packets_sent, >, n_before);
}

static void
test_pause_after_a_flow_costs_one_question (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  guint n_before;

  let_data_flow (pair);
  n_before = pair->ends[A].packets_sent + pair->ends[B].packets_sent;
  pair_run (pair, 14 * SECOND);

  /* A PING and its ACK, from both sides at most. */
  g_assert_cmpuint (pair->ends[A].packets_sent + pair->ends[B].packets_sent,
                    >=, n_before + 2);
  g_assert_cmpuint (pair->ends[A].packets_sent + pair->ends[B].packets_sent,
                    <=, n_before + 4);
}

static void
test_flow_that_breaks_off_without_keepalive (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 0);
  guint n_before;

  let_data_flow (pair);
  n_before = pair->ends[A].packets_sent + pair->ends[B].packets_sent;
  pair_run (pair, 14 * SECOND);

  g_assert_cmpuint (pair->ends[A].packets_sent + pair->ends[B].packets_sent,
                    ==, n_before);
}

static void
test_idle_timeout_without_keepalive (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 0);

  pair_run (pair, 20900 * MS);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
  pair_run (pair, 200 * MS);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_IDLE_TIMEOUT);
  g_assert_cmpuint (pair->ends[A].packets_sent, ==, 0);
  g_assert_true (srudp_transport_is_drained (pair->ends[A].transport));
}

static void
test_shorter_idle_timeout_counts (void)
{
  SrudpTransportConfig a, b;
  g_autoptr (Pair) pair = NULL;

  pair_init_config (&a, A);
  pair_init_config (&b, B);
  a.keepalive_us = b.keepalive_us = 0;
  a.remote_params.idle_timeout_us = 8 * SECOND;
  pair = pair_new_full (g_test_rand_int (), &a, &b);

  pair_run (pair, 8100 * MS);
  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_IDLE_TIMEOUT);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_silent_peer_is_unreachable_then_gone (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  gint64 start;

  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  pair->network.black_out = TRUE;
  start = pair->now;
  pair_write (pair, A, 0, 100);

  g_assert_true (pair_run_until (pair, a_is_unreachable, 30 * SECOND));
  g_assert_cmpint (pair->now - start, ==, 3 * SECOND);
  g_assert_true (pair_run_until (pair, a_is_closed, 30 * SECOND));
  g_assert_cmpint (pair->now - start, <=, 21 * SECOND);
  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_IDLE_TIMEOUT);
  /* About one probe a second, two packets each, and many small knocks. */
  g_assert_cmpuint (pair->ends[A].packets_sent, >, 200);
  g_assert_cmpuint (pair->ends[A].packets_sent, <, 350);
  g_assert_cmpuint (pair->ends[A].bytes_sent, <, 350 * 50);
}

static void
test_unreachable_peer_comes_back (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  gint64 back;

  pair_run (pair, SECOND);
  pair->network.black_out = TRUE;
  pair_write (pair, A, 0, 100);
  g_assert_true (pair_run_until (pair, a_is_unreachable, 30 * SECOND));
  pair_run (pair, 10 * SECOND);
  pair->network.black_out = FALSE;
  back = pair->now;

  g_assert_true (pair_run_until (pair, a_is_established, 30 * SECOND));
  /* The next knock is answered. */
  g_assert_cmpint (pair->now - back, <=, 200 * MS);
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_STATE], ==, 2);
  pair_run (pair, SECOND);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 100);
}

static void
test_ping_tells_whether_it_lives (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  SrudpTransport *a = pair->ends[A].transport;
  gint64 asked;

  pair_run (pair, 5 * SECOND);
  asked = pair->now;
  srudp_transport_ping (a, pair->now);
  pair_run (pair, 100 * MS);

  g_assert_cmpint (srudp_transport_get_last_heard (a), >, asked);
}

static void
test_forged_icmp_costs_little (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);

  for (guint i = 0; i < 1000; i++)
    {
      srudp_transport_hint_unreachable (pair->ends[A].transport, pair->now);
      pair_run (pair, 10 * MS);
    }

  g_assert_cmpuint (pair->ends[A].packets_sent, <=, 12);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_idle_connection_wakes_for_keepalive_only (void)
{
  g_autoptr (Pair) pair = make_pair (21 * SECOND, 15 * SECOND);
  gint64 deadline;

  pair_write (pair, A, 0, 100000);
  pair_run (pair, 10 * SECOND);
  deadline = srudp_transport_get_deadline (pair->ends[A].transport);

  deadline -= srudp_transport_get_last_heard (pair->ends[A].transport);
  g_assert_cmpint (deadline, >=, 13500 * MS);
  g_assert_cmpint (deadline, <=, 15 * SECOND);
}

static void
test_idle_connection_takes_little_memory (void)
{
  enum { N_PAIRS = 50 };
  Pair *pairs[N_PAIRS];
  gsize before, after;
  gsize network = sizeof (Pair) + SRUDP_MAX_UDP_PAYLOAD + 8192;

  before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  for (guint i = 0; i < N_PAIRS; i++)
    {
      pairs[i] = make_pair (21 * SECOND, 15 * SECOND);
      pair_write (pairs[i], A, 0, 100000);
      pair_run (pairs[i], 10 * SECOND);
    }
  after = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;

  g_test_message ("%" G_GSIZE_FORMAT " bytes a transport",
                  ((after - before) / N_PAIRS - network) / 2);
  g_assert_cmpuint ((after - before) / N_PAIRS, <, network + 2 * 16384);
  for (guint i = 0; i < N_PAIRS; i++)
    pair_free (pairs[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/liveness/keepalive-keeps-it-alive-with-few-packets",
                   test_keepalive_keeps_it_alive_with_few_packets);
  g_test_add_func ("/transport/liveness/keepalive-survives-loss",
                   test_keepalive_survives_loss);
  g_test_add_func ("/transport/liveness/silent-receiver-notices-that-it-is-not-heard",
                   test_silent_receiver_notices_that_it_is_not_heard);
  g_test_add_func ("/transport/liveness/keepalive-leaves-six-seconds",
                   test_keepalive_leaves_six_seconds);
  g_test_add_func ("/transport/liveness/packets-heard-postpone-keepalive",
                   test_packets_heard_postpone_keepalive);
  g_test_add_func ("/transport/liveness/receiver-asks-when-a-flow-breaks-off",
                   test_receiver_asks_when_a_flow_breaks_off);
  g_test_add_func ("/transport/liveness/pause-after-a-flow-costs-one-question",
                   test_pause_after_a_flow_costs_one_question);
  g_test_add_func ("/transport/liveness/flow-that-breaks-off-without-keepalive",
                   test_flow_that_breaks_off_without_keepalive);
  g_test_add_func ("/transport/liveness/idle-timeout-without-keepalive",
                   test_idle_timeout_without_keepalive);
  g_test_add_func ("/transport/liveness/shorter-idle-timeout-counts",
                   test_shorter_idle_timeout_counts);
  g_test_add_func ("/transport/liveness/silent-peer-is-unreachable-then-gone",
                   test_silent_peer_is_unreachable_then_gone);
  g_test_add_func ("/transport/liveness/unreachable-peer-comes-back",
                   test_unreachable_peer_comes_back);
  g_test_add_func ("/transport/liveness/ping-tells-whether-it-lives",
                   test_ping_tells_whether_it_lives);
  g_test_add_func ("/transport/liveness/forged-icmp-costs-little",
                   test_forged_icmp_costs_little);
  g_test_add_func ("/transport/liveness/idle-connection-wakes-for-keepalive-only",
                   test_idle_connection_wakes_for_keepalive_only);
  g_test_add_func ("/transport/liveness/idle-connection-takes-little-memory",
                   test_idle_connection_takes_little_memory);

  return g_test_run ();
}
