/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-keys.c: keys change under a running transfer
 */
#include "srudp-packet-keys.c"
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
  g_assert_cmpint (pair->ends[A].transport->phase_acked, >, 0);
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
  g_assert_cmpint (a->phase_acked, ==, -1);
}

/* Both sides update after so many packets, and exchange shares after so much
 * active time. */
static Pair *
pair_with_keys (guint64 update_packets,
                gint64  exchange_interval_us)
{
  SrudpTransportConfig configs[2];

  for (guint i = 0; i < 2; i++)
    {
      pair_init_config (&configs[i], i);
      configs[i].key_update_packets = update_packets;
      configs[i].key_exchange_interval_us = exchange_interval_us;
      configs[i].local_params.features = SRUDP_FEATURE_REKEY;
      configs[i].remote_params.features = SRUDP_FEATURE_REKEY;
    }

  return pair_new_full (g_test_rand_int (), &configs[A], &configs[B]);
}

static guint64
get_generation (Pair  *pair,
                guint  end)
{
  return pair->ends[end].transport->exchange.generation;
}

static void
assert_same_secrets (Pair *pair)
{
  for (guint i = 0; i < 2; i++)
    {
      const SrudpPacketKeys *sealing = pair->ends[i].transport->send_keys;
      const SrudpPacketKeys *opening = pair->ends[1 - i].transport->receive_keys;

      g_assert_cmpuint (sealing->phase, ==, opening->phase);
      g_assert_cmpmem (sealing->next_secret, sizeof sealing->next_secret,
                       opening->next_secret, sizeof opening->next_secret);
    }
}

/* Lets an update that has begun come to its end. */
static void
settle_keys (Pair *pair)
{
  for (guint i = 0; i < 20; i++)
    {
      pair_write (pair, A, 0, 1);
      pair_write (pair, B, 0, 1);
      pair_run (pair, 500 * MS);
    }
}

static void
test_fresh_secret_after_active_time (void)
{
  g_autoptr (Pair) pair = pair_with_keys (0, 2 * SECOND);
  g_autoptr (Pair) plain = pair_with_keys (0, 0);

  for (guint i = 0; i < 25; i++)
    {
      pair_write (pair, A, 0, 10);
      pair_run (pair, 100 * MS);
    }
  pair_run (pair, SECOND);
  pair_write (pair, A, 0, 10);
  pair_run (pair, SECOND);

  g_assert_cmpuint (get_generation (pair, A), ==, 2);
  g_assert_cmpuint (get_generation (pair, B), ==, 2);
  assert_phases (pair, 1);
  assert_same_secrets (pair);
  g_assert_cmpuint (pair->ends[B].n_read, ==, 260);

  /* The same phase without the exchange has other keys. */
  srudp_transport_update_keys (plain->ends[A].transport);
  g_assert_cmpuint (memcmp (plain->ends[A].transport->send_keys->current.iv,
                            pair->ends[A].transport->send_keys->current.iv,
                            SRUDP_AEAD_NONCE_BYTES), !=, 0);
}

/* Keepalives alone are no activity to speak of. */
static void
test_quiet_connection_rests (void)
{
  g_autoptr (Pair) pair = pair_with_keys (0, 120 * SECOND);

  pair_run (pair, 600 * SECOND);

  g_assert_cmpuint (get_generation (pair, A), ==, 1);
  g_assert_false (pair->ends[A].transport->exchange.has_own);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);
}

static void
test_without_the_feature_time_updates_plainly (void)
{
  SrudpTransportConfig a, b;
  g_autoptr (Pair) pair = NULL;

  pair_init_config (&a, A);
  pair_init_config (&b, B);
  a.key_exchange_interval_us = SECOND;
  pair = pair_new_full (g_test_rand_int (), &a, &b);
  for (guint i = 0; i < 15; i++)
    {
      pair_write (pair, A, 0, 10);
      pair_run (pair, 100 * MS);
    }

  assert_phases (pair, 1);
  g_assert_cmpuint (get_generation (pair, A), ==, 1);
}

typedef struct
{
  const char *path;
  guint64 update_packets;
  gint64 exchange_interval_us;
  guint64 min_phases, min_exchanges;
} KeyWeather;

static const KeyWeather key_weathers[] = {
  { "/transport/keys/weather/update-every-100-packets", 100, 0, 5, 0 },
  { "/transport/keys/weather/exchange-every-second", 0, SECOND, 3, 3 },
  { "/transport/keys/weather/both-at-once", 100, SECOND, 6, 3 },
  { "/transport/keys/weather/as-often-as-can-be", 1, 1, 6, 3 },
};

/* That no nonce is used twice is asserted where packets are sealed. */
static void
test_keys_change_under_loss (gconstpointer data)
{
  const KeyWeather *weather = data;

  for (guint run = 0; run < 10; run++)
    {
      g_autoptr (Pair) pair = pair_with_keys (weather->update_packets,
                                              weather->exchange_interval_us);

      pair->network.loss[A] = pair->network.loss[B] = 0.05;
      pair->network.jitter_us = 5 * MS;
      pair->network.duplication = 0.05;
      pair->network.rate = 200000;
      pair->network.queue_bytes = 20000;
      pair->ends[A].write_goal = 1000000;
      pair->ends[B].write_goal = 500000;
      g_assert_true (pair_run_until (pair, both_have_all, 100 * SECOND));

      g_assert_cmpuint (get_phase (pair, A, TRUE), >=, weather->min_phases);
      g_assert_cmpuint (get_generation (pair, A), >, weather->min_exchanges);
      pair->network.loss[A] = pair->network.loss[B] = 0;
      for (guint i = 0; i < 2; i++)
        {
          pair->ends[i].transport->key_update_packets = G_MAXUINT64;
          pair->ends[i].transport->key_exchange_interval_us = G_MAXINT64;
        }
      settle_keys (pair);
      assert_same_secrets (pair);
      g_assert_cmpuint (get_generation (pair, A), ==, get_generation (pair, B));
    }
}

/* B begins an update just before it gets A's share: both must then mix into
 * the phase after that one. */
static void
test_update_and_exchange_cross (void)
{
  g_autoptr (Pair) pair = pair_with_keys (0, 0);
  SrudpTransport *a = pair->ends[A].transport;
  SrudpTransport *b = pair->ends[B].transport;

  pair_write (pair, A, 0, 100);
  pair_write (pair, B, 0, 100);
  pair_run (pair, 2 * SECOND);
  a->active_us = a->key_exchange_interval_us;
  b->key_update_packets = 1;
  pair_write (pair, A, 0, 100);
  pair_write (pair, B, 0, 100);
  pair_run (pair, MS);
  g_assert_true (a->exchange.has_own);
  g_assert_cmpuint (get_phase (pair, B, TRUE), ==, 1);
  b->key_update_packets = G_MAXUINT64;
  settle_keys (pair);

  assert_phases (pair, 2);
  g_assert_cmpuint (get_generation (pair, B), ==, 2);
  assert_same_secrets (pair);
}

static void
test_previous_keys_are_dropped (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;

  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  srudp_transport_update_keys (a);
  /* Only what arrives may still need them. */
  g_assert_null (a->send_keys->previous);
  pair_write (pair, A, 0, 100);
  pair_run (pair, 50 * MS);
  g_assert_nonnull (pair->ends[B].transport->receive_keys->previous);
  g_assert_null (pair->ends[B].transport->send_keys->previous);
  pair_run (pair, 3 * srudp_transport_get_pto (pair->ends[B].transport));
  g_assert_null (pair->ends[B].transport->receive_keys->previous);
}

static void
test_worn_out_keys_end_the_connection (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;

  pair_run (pair, SECOND);
  a->key_update_packets = G_MAXUINT64;
  a->send_keys->sealed = SRUDP_PACKETS_HARD_LIMIT - 2000;
  pair->ends[A].write_goal = 4000000;
  pair_run (pair, 20 * SECOND);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (pair->ends[i].state, ==, SRUDP_STATE_CLOSED);
      g_assert_cmpint (pair->ends[i].reason, ==, SRUDP_REASON_KEYS_EXHAUSTED);
    }
}

static void
test_not_one_packet_beyond_the_limit (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;

  pair_run (pair, SECOND);
  a->send_keys->sealed = SRUDP_PACKETS_HARD_LIMIT;
  pair_write (pair, A, 0, 100);
  pair_run (pair, 5 * SECOND);

  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_KEYS_EXHAUSTED);
  g_assert_cmpuint (a->send_keys->sealed, ==, SRUDP_PACKETS_HARD_LIMIT);
}

static void
test_too_many_forgeries_end_the_connection (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  SrudpTransport *a = pair->ends[A].transport;
  guint8 junk[100] = { 0x40 };
  SrudpPath path;

  srudp_transport_get_path (a, &path);
  a->receive_keys->forged = FORGED_LIMIT_CHACHA20_POLY1305 - 2;
  srudp_transport_receive (a, pair->now, &path, SRUDP_ECN_NOT_ECT, junk, 100);
  g_assert_cmpint (srudp_transport_get_state (a), ==, SRUDP_STATE_ESTABLISHED);
  srudp_transport_receive (a, pair->now, &path, SRUDP_ECN_NOT_ECT, junk, 100);
  pair_run (pair, SECOND);

  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_KEYS_EXHAUSTED);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_KEYS_EXHAUSTED);
}

typedef struct
{
  const char *path;
  guint8 generation;
  guint8 share; /* all its bytes */
  guint8 again; /* of a second one; 0: none */
} BadShare;

static const BadShare bad_shares[] = {
  { "/transport/keys/bad-share/of-low-order", 1, 0, 0 },
  { "/transport/keys/bad-share/out-of-turn", 2, 9, 0 },
  { "/transport/keys/bad-share/another-one", 1, 9, 7 },
};

static void
inject_share (Pair   *pair,
              guint8  generation,
              guint8  share)
{
  guint8 frame[3 + SRUDP_KEY_SHARE_BYTES] = { 0x40, SRUDP_FRAME_KEY_SHARE,
                                              generation };

  memset (frame + 3, share, SRUDP_KEY_SHARE_BYTES);
  pair_inject (pair, A, frame, sizeof frame);
}

static void
test_bad_share (gconstpointer data)
{
  const BadShare *bad = data;
  g_autoptr (Pair) pair = pair_with_keys (0, 0);

  inject_share (pair, bad->generation, bad->share);
  if (bad->again != 0)
    inject_share (pair, bad->generation, bad->again);
  pair_run (pair, SECOND);

  g_assert_cmpint (pair->ends[A].reason, ==, SRUDP_REASON_PROTOCOL);
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
  g_test_add_func ("/transport/keys/fresh-secret-after-active-time",
                   test_fresh_secret_after_active_time);
  g_test_add_func ("/transport/keys/quiet-connection-rests",
                   test_quiet_connection_rests);
  g_test_add_func ("/transport/keys/without-the-feature-time-updates-plainly",
                   test_without_the_feature_time_updates_plainly);
  g_test_add_func ("/transport/keys/update-and-exchange-cross",
                   test_update_and_exchange_cross);
  g_test_add_func ("/transport/keys/previous-are-dropped",
                   test_previous_keys_are_dropped);
  g_test_add_func ("/transport/keys/worn-out-ones-end-the-connection",
                   test_worn_out_keys_end_the_connection);
  g_test_add_func ("/transport/keys/not-one-packet-beyond-the-limit",
                   test_not_one_packet_beyond_the_limit);
  g_test_add_func ("/transport/keys/too-many-forgeries-end-the-connection",
                   test_too_many_forgeries_end_the_connection);
  for (guint i = 0; i < G_N_ELEMENTS (key_weathers); i++)
    g_test_add_data_func (key_weathers[i].path, &key_weathers[i],
                          test_keys_change_under_loss);
  for (guint i = 0; i < G_N_ELEMENTS (bad_shares); i++)
    g_test_add_data_func (bad_shares[i].path, &bad_shares[i], test_bad_share);

  return g_test_run ();
}
