/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-path.c: peers move, and nobody else can move them
 */
#include "transport-pair.h"

static gboolean
b_has_all (Pair *pair)
{
  return pair->ends[B].n_read == pair->ends[A].write_goal;
}

static void
move (Pair    *pair,
      guint    end,
      guint8   host,
      guint16  port)
{
  const guint8 ip[4] = { 198, 51, 100, host };

  srudp_address_init_ipv4 (&pair->ends[end].address, ip, port);
}

static void
test_new_port_in_mid_transfer (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  guint64 window;
  SrudpSessionStats stats;

  pair->network.loss[A] = pair->network.loss[B] = 0.02;
  pair->ends[A].write_goal = pair->ends[B].write_goal = 3000000;
  pair_run (pair, 150 * MS);
  srudp_transport_get_stats (pair->ends[B].transport, &stats);
  window = stats.congestion_window;
  pair->ends[A].address.port = 5555;
  pair_run (pair, 500 * MS);

  pair_assert_remote (pair, B, &pair->ends[A].address);
  g_assert_cmpuint (pair->ends[B].events[SRUDP_EVENT_PATH], ==, 1);
  srudp_transport_get_stats (pair->ends[B].transport, &stats);
  g_assert_cmpuint (stats.congestion_window, >=, window / 4);
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
}

static void
test_new_address_starts_afresh (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpSessionStats stats;

  pair->ends[A].write_goal = pair->ends[B].write_goal = 3000000;
  pair_run (pair, 150 * MS);
  pair->network.delay_us = 60 * MS;
  move (pair, A, 7, 4000);
  pair_run (pair, 800 * MS);

  pair_assert_remote (pair, B, &pair->ends[A].address);
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
  srudp_transport_get_stats (pair->ends[B].transport, &stats);
  g_assert_cmpint (stats.min_rtt_us, >=, 120 * MS);
}

static void
test_idle_peer_moves_with_its_keepalive (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->network.loss[A] = pair->network.loss[B] = 0.2;
  pair_run (pair, SECOND);
  for (guint16 port = 6000; port < 6020; port++)
    {
      pair->ends[A].address.port = port;
      pair_run (pair, 40 * SECOND);
      pair_assert_remote (pair, B, &pair->ends[A].address);
    }

  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_answers_leave_where_packets_arrived (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpAddress arrived;

  pair->ends[A].write_goal = 1000;
  pair_run (pair, SECOND);
  arrived = pair->ends[B].address;
  arrived.port = 0;

  g_assert_true (srudp_address_equal (&pair->ends[B].last_path.local,
                                      &arrived));
}

static void
test_unknown_local_address_is_learned (void)
{
  SrudpTransportConfig a, b;
  g_autoptr (Pair) pair = NULL;

  pair_init_config (&a, A);
  pair_init_config (&b, B);
  b.path.local = (SrudpAddress) { 0 };
  pair = pair_new_full (g_test_rand_int (), &a, &b);
  pair->ends[A].write_goal = 1000;
  pair_run (pair, SECOND);

  g_assert_cmpuint (pair->ends[B].events[SRUDP_EVENT_PATH], ==, 1);
  g_assert_true (srudp_address_same_ip (&pair->ends[B].last_path.local,
                                        &pair->ends[B].address));
}

/* Somebody on the way delivers our packets from an address of theirs, where
 * nobody answers a challenge. */
static void
test_copied_packets_move_nobody (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpAddress honest = pair->ends[A].address;
  g_autofree guint8 *buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  SrudpTransmit transmit;
  SrudpPath forged = { 0 };
  gsize to_stranger = 0;
  gsize size;

  pair_run (pair, SECOND);
  pair_write (pair, A, 0, 10);
  size = srudp_transport_poll_transmit (pair->ends[A].transport, pair->now,
                                        &transmit, buffer, SRUDP_MAX_UDP_PAYLOAD,
                                        1);
  g_assert_cmpuint (size, >, 0);
  forged.local = pair->ends[B].address;
  forged.local.port = 0;
  forged.remote = (SrudpAddress) { .family = SRUDP_FAMILY_IPV4,
                                   .ip = { 203, 0, 113, 66 }, .port = 666 };
  srudp_transport_receive (pair->ends[B].transport, pair->now, &forged,
                           SRUDP_ECN_NOT_ECT, buffer, size);
  pair_write (pair, B, 0, 100000);

  for (guint i = 0; i < 100; i++)
    {
      gsize n;

      while ((n = srudp_transport_poll_transmit (pair->ends[B].transport,
                                                 pair->now, &transmit,
                                                 pair->buffer,
                                                 SRUDP_MAX_UDP_PAYLOAD, 1)) > 0)
        if (srudp_address_equal (&transmit.path.remote, &forged.remote))
          to_stranger += n;
      pair->now += 50 * MS;
      srudp_transport_advance (pair->ends[B].transport, pair->now);
    }

  g_assert_cmpuint (to_stranger, >, 0);
  g_assert_cmpuint (to_stranger, <=, 3 * size);
  pair_assert_remote (pair, B, &honest);
}

static void
test_moving_twice_quickly (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->ends[A].write_goal = pair->ends[B].write_goal = 3000000;
  pair_run (pair, 100 * MS);
  move (pair, A, 8, 1111);
  pair_run (pair, 15 * MS);
  move (pair, A, 9, 2222);
  pair_run (pair, 500 * MS);

  pair_assert_remote (pair, B, &pair->ends[A].address);
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
}

static void
test_both_move_one_after_the_other (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->ends[A].write_goal = pair->ends[B].write_goal = 20000000;
  pair_run (pair, 100 * MS);
  move (pair, A, 8, 1111);
  pair_run (pair, 300 * MS);
  move (pair, B, 9, 2222);

  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
  pair_assert_remote (pair, A, &pair->ends[B].address);
  pair_assert_remote (pair, B, &pair->ends[A].address);
}

/* Each began with another of two ways, as may happen where both are open. */
static void
test_two_who_disagree_settle_on_one_path (void)
{
  SrudpTransportConfig configs[2];
  g_autoptr (Pair) pair = NULL;
  SrudpPath of_a, of_b;

  for (guint i = 0; i < 2; i++)
    pair_init_config (&configs[i], i);
  configs[B].path.local.ip[0] = configs[B].path.remote.ip[0] = 10;
  pair = pair_new_full (g_test_rand_int (), &configs[A], &configs[B]);
  for (guint i = 0; i < 2; i++)
    {
      pair->ends[i].second = pair->ends[i].address;
      pair->ends[i].second.ip[0] = 10;
    }

  pair->network.rate = 1000000;
  pair->network.queue_bytes = 64000;
  pair->ends[A].write_goal = pair->ends[B].write_goal = 2000000;
  g_assert_true (pair_run_until (pair, b_has_all, 20 * SECOND));

  srudp_transport_get_path (pair->ends[A].transport, &of_a);
  srudp_transport_get_path (pair->ends[B].transport, &of_b);
  g_assert_true (srudp_address_same_ip (&of_a.local, &of_b.remote));
  g_assert_true (srudp_address_same_ip (&of_b.local, &of_a.remote));
  g_assert_cmpuint (pair->ends[A].events[SRUDP_EVENT_PATH]
                      + pair->ends[B].events[SRUDP_EVENT_PATH], <=, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/path/new-port-in-mid-transfer",
                   test_new_port_in_mid_transfer);
  g_test_add_func ("/transport/path/new-address-starts-afresh",
                   test_new_address_starts_afresh);
  g_test_add_func ("/transport/path/idle-peer-moves-with-its-keepalive",
                   test_idle_peer_moves_with_its_keepalive);
  g_test_add_func ("/transport/path/answers-leave-where-packets-arrived",
                   test_answers_leave_where_packets_arrived);
  g_test_add_func ("/transport/path/unknown-local-address-is-learned",
                   test_unknown_local_address_is_learned);
  g_test_add_func ("/transport/path/copied-packets-move-nobody",
                   test_copied_packets_move_nobody);
  g_test_add_func ("/transport/path/moving-twice-quickly",
                   test_moving_twice_quickly);
  g_test_add_func ("/transport/path/both-move-one-after-the-other",
                   test_both_move_one_after_the_other);
  g_test_add_func ("/transport/path/two-who-disagree-settle-on-one",
                   test_two_who_disagree_settle_on_one_path);

  return g_test_run ();
}
