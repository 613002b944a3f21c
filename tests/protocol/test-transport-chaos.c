/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-chaos.c: whatever happens at whatever time, bytes are exact
 * and connections end
 */
#include "transport-pair.h"

/* Enough for a second of real time; SRUDP_CHAOS_RUNS asks for more. */
#define DEFAULT_RUNS 25

static gint64
choose (Pair   *pair,
        gint64  low,
        gint64  high)
{
  return g_rand_int_range (pair->rand, (gint32) low, (gint32) high);
}

static void
change_weather (Pair *pair)
{
  static const double losses[] = { 0, 0, 0.01, 0.05, 0.2, 0.4 };
  static const guint64 rates[] = { 0, 0, 100000, 1000000, 20000000 };
  static const gsize mtus[] = { 548, 1220, 1400, 1472, 65507, 65507 };
  Network *network = &pair->network;

  for (guint i = 0; i < 2; i++)
    network->loss[i] = losses[choose (pair, 0, G_N_ELEMENTS (losses))];
  network->duplication = losses[choose (pair, 0, G_N_ELEMENTS (losses))];
  network->congestion = losses[choose (pair, 0, G_N_ELEMENTS (losses))];
  network->rate = rates[choose (pair, 0, G_N_ELEMENTS (rates))];
  network->queue_bytes = choose (pair, 3000, 100000);
  network->mtu = mtus[choose (pair, 0, G_N_ELEMENTS (mtus))];
  network->delay_us = choose (pair, 100, 150 * MS);
  network->jitter_us = choose (pair, 0, 2) * choose (pair, 1, 100 * MS);
  network->bleaches = choose (pair, 0, 4) == 0;
  network->black_out = choose (pair, 0, 8) == 0;
}

/* Always the same end: two that move before either could tell lose each
 * other. */
static void
move (Pair *pair)
{
  End *end = &pair->ends[pair->seed % 2];
  const guint8 ip[4] = { 198, 51, 100, choose (pair, 1, 3) };

  if (choose (pair, 0, 4) > 0)
    return;
  if (choose (pair, 0, 2) == 0)
    srudp_address_init_ipv4 (&end->address, ip, choose (pair, 1024, 60000));
  else
    end->address.port = choose (pair, 1024, 60000);
}

static void
use_it (Pair *pair)
{
  for (guint i = 0; i < 2; i++)
    {
      End *end = &pair->ends[i];
      guint8 data[400] = { 0 };

      if (choose (pair, 0, 2) == 0)
        end->write_goal += choose (pair, 1, 200000);
      if (choose (pair, 0, 3) == 0)
        srudp_transport_send_datagram (end->transport, pair->now, data,
                                       choose (pair, 0, sizeof data));
      end->hold_reading = choose (pair, 0, 5) == 0;
    }
}

static gboolean
everything_arrived (Pair *pair)
{
  return pair->ends[A].n_read == pair->ends[B].write_goal
         && pair->ends[B].n_read == pair->ends[A].write_goal;
}

static gboolean
both_are_drained (Pair *pair)
{
  return srudp_transport_is_drained (pair->ends[A].transport)
         && srudp_transport_is_drained (pair->ends[B].transport);
}

static void
calm_down (Pair *pair)
{
  pair->network = (Network) { .delay_us = 10 * MS,
                              .mtu = SRUDP_MAX_UDP_PAYLOAD };
  pair->ends[A].hold_reading = pair->ends[B].hold_reading = FALSE;
}

static void
run_chaos (guint32 seed)
{
  g_autoptr (Pair) pair = pair_new (seed);

  for (guint i = 0; i < 20; i++)
    {
      change_weather (pair);
      move (pair);
      use_it (pair);
      pair_run (pair, choose (pair, 1, 2 * SECOND));
    }
  calm_down (pair);
  if (!pair_run_until (pair, everything_arrived, 60 * SECOND))
    g_error ("stuck, seed %u", seed);

  srudp_transport_close (pair->ends[A].transport, pair->now);
  if (!pair_run_until (pair, both_are_drained, 60 * SECOND))
    g_error ("no end, seed %u", seed);
  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_NONE);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PEER_CLOSED);
}

static void
test_exact_and_finite (void)
{
  const char *runs = g_getenv ("SRUDP_CHAOS_RUNS");
  guint n_runs = runs != NULL ? (guint) g_ascii_strtoull (runs, NULL, 10)
                              : DEFAULT_RUNS;

  for (guint i = 0; i < n_runs; i++)
    run_chaos (g_test_rand_int ());
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/chaos/is-exact-and-finite",
                   test_exact_and_finite);

  return g_test_run ();
}
