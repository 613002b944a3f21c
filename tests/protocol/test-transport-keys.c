/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-keys.c: keys change under a running transfer
 */
#include "srudp-transport-private.h"
#include "transport-pair.h"

static gboolean
both_have_all (Pair *pair)
{
  return pair->ends[A].n_read == pair->ends[B].write_goal
         && pair->ends[B].n_read == pair->ends[A].write_goal;
}

static guint64
get_phase (Pair     *pair,
           guint     end,
           gboolean  sending)
{
  SrudpTransport *transport = pair->ends[end].transport;

  return srudp_packet_keys_get_phase (sending ? transport->send_keys
                                              : transport->receive_keys);
}

static void
assert_phases (Pair    *pair,
               guint64  phase)
{
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (get_phase (pair, i / 2, i % 2), ==, phase);
}

static void
test_peer_follows (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  srudp_transport_update_keys (pair->ends[A].transport);
  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);

  assert_phases (pair, 1);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 200);
  g_assert_true (pair->ends[A].transport->phase_acked);
}

static void
test_bytes_survive_updates_in_bad_weather (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair->network.loss[A] = pair->network.loss[B] = 0.05;
  pair->network.jitter_us = 30 * MS;
  pair->network.duplication = 0.1;
  pair->network.rate = 400000;
  pair->network.queue_bytes = 40000;
  pair->ends[A].write_goal = pair->ends[B].write_goal = 3000000;
  for (guint i = 0; i < 10; i++)
    {
      pair_run (pair, 400 * MS);
      srudp_transport_update_keys (pair->ends[i % 2].transport);
    }
  g_assert_true (pair_run_until (pair, both_have_all, 100 * SECOND));
  pair_write (pair, A, 0, 1);
  pair_write (pair, B, 0, 1);
  pair_run (pair, SECOND);

  assert_phases (pair, 10);
}

static void
test_both_at_once_is_one_update (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());

  pair_run (pair, SECOND);
  srudp_transport_update_keys (pair->ends[A].transport);
  srudp_transport_update_keys (pair->ends[B].transport);
  pair_write (pair, A, 0, 100);
  pair_write (pair, B, 0, 100);
  pair_run (pair, SECOND);

  assert_phases (pair, 1);
  g_assert_cmpuint (pair->ends[A].n_read, ==, 100);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 100);
}

static void
test_an_unconfirmed_phase_is_not_left (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;

  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  srudp_transport_update_keys (a);
  pair->now += 100 * SECOND;
  srudp_transport_set_now (a, pair->now);
  srudp_transport_maybe_update_keys (a);

  g_assert_cmpuint (get_phase (pair, A, TRUE), ==, 1);
  g_assert_false (a->phase_acked);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/keys/peer-follows", test_peer_follows);
  g_test_add_func ("/transport/keys/bytes-survive-updates-in-bad-weather",
                   test_bytes_survive_updates_in_bad_weather);
  g_test_add_func ("/transport/keys/both-at-once-is-one-update",
                   test_both_at_once_is_one_update);
  g_test_add_func ("/transport/keys/an-unconfirmed-phase-is-not-left",
                   test_an_unconfirmed_phase_is_not_left);

  return g_test_run ();
}
