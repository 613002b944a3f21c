/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-migrate.c: moves of our own, and peers that are looked for
 */
#include "srudp-transport-private.h"
#include "transport-pair.h"

static Pair *
pair_with_ids (void)
{
  SrudpTransportConfig configs[2];

  for (guint i = 0; i < 2; i++)
    {
      pair_init_config (&configs[i], i);
      configs[i].local_params.active_connection_id_limit = 4;
      configs[i].remote_params.active_connection_id_limit = 4;
    }

  return pair_new_full (g_test_rand_int (), &configs[A], &configs[B]);
}

static gboolean
b_has_all (Pair *pair)
{
  return pair->ends[B].n_read >= pair->ends[A].write_goal;
}

static gboolean
a_has_all (Pair *pair)
{
  return pair->ends[A].n_read >= pair->ends[B].write_goal;
}

static void
set_second (Pair  *pair,
            guint  end)
{
  pair->ends[end].second = pair->ends[end].address;
  pair->ends[end].second.ip[0] = 10;
}

static void
test_each_side_has_spare_ids (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();

  pair->network.loss[A] = pair->network.loss[B] = 0.3;
  pair_run (pair, 5 * SECOND);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (pair->ends[i].ids->len, ==, 4);
      g_assert_cmpuint (pair->ends[i].transport->remote_ids.n_items, ==, 4);
    }
}

/* Either end may be the one that moves. */
static void
test_move_to_another_local_address (gconstpointer data)
{
  const guint mover = GPOINTER_TO_UINT (data);
  g_autoptr (Pair) pair = pair_with_ids ();
  End *end = &pair->ends[mover];
  guint64 ids[2];

  set_second (pair, mover);
  pair->network.rate = 500000;
  pair->network.queue_bytes = 30000;
  pair->network.loss[A] = pair->network.loss[B] = 0.02;
  pair->ends[A].write_goal = pair->ends[B].write_goal = 1500000;
  pair_run (pair, 300 * MS);
  for (guint i = 0; i < 2; i++)
    ids[i] = pair->ends[i].transport->remote_id;
  g_assert_true (srudp_transport_migrate (end->transport, pair->now,
                                          &end->second));
  pair_run (pair, 2 * SECOND);

  pair_assert_remote (pair, 1 - mover, &end->second);
  g_assert_true (srudp_address_same_ip (&end->last_path.local, &end->second));
  /* Nobody can tell by the ids that it is the same connection. */
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (pair->ends[i].transport->remote_id, !=, ids[i]);
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
  g_assert_true (pair_run_until (pair, a_has_all, 60 * SECOND));
  pair_run (pair, 5 * SECOND);
  g_assert_cmpuint (pair->n_unknown_ids, ==, 0);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (pair->ends[i].transport->remote_ids.n_items, ==, 4);
}

static void
test_both_move_at_once (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpPath of_a, of_b;

  set_second (pair, A);
  set_second (pair, B);
  pair->network.rate = 500000;
  pair->network.queue_bytes = 30000;
  pair->ends[A].write_goal = pair->ends[B].write_goal = 1500000;
  pair_run (pair, 300 * MS);
  for (guint i = 0; i < 2; i++)
    srudp_transport_migrate (pair->ends[i].transport, pair->now,
                             &pair->ends[i].second);
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
  g_assert_true (pair_run_until (pair, a_has_all, 60 * SECOND));

  srudp_transport_get_path (pair->ends[A].transport, &of_a);
  srudp_transport_get_path (pair->ends[B].transport, &of_b);
  g_assert_true (srudp_address_same_ip (&of_a.local, &of_b.remote));
  g_assert_true (srudp_address_same_ip (&of_b.local, &of_a.remote));
}

static void
test_dead_address_is_not_moved_to (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpAddress nowhere = pair->ends[A].address;

  nowhere.ip[0] = 77;
  pair_run (pair, SECOND);
  pair->ends[A].second = (SrudpAddress) { 0 };
  srudp_transport_migrate (pair->ends[A].transport, pair->now, &nowhere);
  pair->network.black_out = TRUE;
  pair_run (pair, 500 * MS);
  pair->network.black_out = FALSE;
  pair->ends[A].write_goal = 100000;

  g_assert_true (pair_run_until (pair, b_has_all, 10 * SECOND));
}

/* Each try has an id of its own, which is given back. */
static void
test_moves_in_vain_use_up_no_ids (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  End *a = &pair->ends[A];
  SrudpAddress nowhere = a->address;
  guint64 id;

  pair_run (pair, SECOND);
  id = a->transport->remote_id;
  for (guint8 i = 0; i < 6; i++)
    {
      nowhere.ip[0] = 70 + i;
      pair->network.black_out = TRUE;
      srudp_transport_migrate (a->transport, pair->now, &nowhere);
      pair_run (pair, 8 * SECOND);
      g_assert_false (a->transport->candidate.in_use);
      pair->network.black_out = FALSE;
      pair_run (pair, 4 * SECOND);
    }
  g_assert_cmpuint (a->transport->remote_id, ==, id);

  set_second (pair, A);
  srudp_transport_migrate (a->transport, pair->now, &a->second);
  pair_run (pair, SECOND);
  pair_assert_remote (pair, B, &a->second);
  g_assert_cmpuint (a->transport->remote_id, !=, id);
}

/* Where nobody is, nobody answers; that is no reason to wait for longer. */
static void
test_challenges_in_vain_delay_no_repeat (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  const guint8 ip[4] = { 10, 0, 0, 9 };
  SrudpAddress nowhere;
  gint64 pto;

  srudp_address_init_ipv4 (&nowhere, ip, 4000);
  pair->network.delay_us = 300 * MS;
  pair->ends[A].write_goal = 1000;
  pair_run (pair, 5 * SECOND);
  srudp_transport_set_addresses (pair->ends[A].transport, pair->now, 4000, NULL,
                                 0);
  srudp_transport_add_candidate (pair->ends[A].transport, pair->now, &nowhere);
  pair->network.black_out = TRUE;
  pair->ends[A].write_goal = 2000;
  pair_run (pair, MS);
  pair->network.black_out = FALSE;

  pto = srudp_transport_get_pto (pair->ends[A].transport);
  g_assert_true (pair_run_until (pair, b_has_all, pto + 400 * MS));
}

/* A round of datagrams is lost with the network it went through; much later one
 * is lost by chance. */
static void
test_losses_elsewhere_shrink_no_packets (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpTransport *a = pair->ends[A].transport;
  g_autofree guint8 *data = g_malloc0 (2000);

  pair->network.mtu = 1472;
  pair->ends[A].write_goal = 3000000;
  g_assert_true (pair_run_until (pair, b_has_all, 60 * SECOND));
  pair_run (pair, SECOND);
  g_assert_cmpuint (srudp_pmtud_get_size (&a->pmtud), >=, 1400);

  pair->network.black_out = TRUE;
  for (guint i = 0; i < 8; i++)
    srudp_transport_send_datagram (a, pair->now, data, 1350);
  pair_run (pair, MS);
  pair->network.black_out = FALSE;
  pair->ends[A].address.ip[0] = 10;
  srudp_transport_on_network_change (a, pair->now);
  pair_run (pair, SECOND);
  g_assert_cmpuint (srudp_pmtud_get_size (&a->pmtud), ==, 1200);

  pair->network.black_out = TRUE;
  srudp_transport_send_datagram (a, pair->now, data,
                                 srudp_transport_get_max_datagram_size (a));
  pair_run (pair, MS);
  pair->network.black_out = FALSE;
  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  g_assert_cmpuint (srudp_pmtud_get_size (&a->pmtud), ==, 1200);
}

/* The address of A changes under it. */
static void
test_network_change_is_announced_at_once (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  End *a = &pair->ends[A];
  guint64 id;

  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  id = a->transport->remote_id;
  a->address.ip[0] = 10;
  srudp_transport_on_network_change (a->transport, pair->now);
  pair_run (pair, 300 * MS);

  pair_assert_remote (pair, B, &a->address);
  g_assert_true (srudp_address_same_ip (&a->last_path.local, &a->address));
  g_assert_cmpuint (a->transport->remote_id, !=, id);
  pair->ends[B].write_goal = 100000;
  g_assert_true (pair_run_until (pair, a_has_all, 10 * SECOND));
}

/* A NAT gives A another port, and while B asks whether it is A, the address of B
 * changes as well. It gives its id back, and may use it for no path any more. */
static void
test_network_change_while_the_peer_moves (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  End *a = &pair->ends[A], *b = &pair->ends[B];

  pair->network.delay_us = 100 * MS;
  pair_write (pair, A, 0, 100);
  pair_write (pair, B, 0, 100);
  pair_run (pair, SECOND);
  a->address.port = 5555;
  pair_write (pair, A, 0, 100);
  pair_run (pair, 110 * MS);
  g_assert_true (b->transport->candidate.in_use);
  srudp_transport_on_network_change (b->transport, pair->now);
  g_assert_true (srudp_remote_ids_contains (&b->transport->remote_ids,
                                            b->transport->candidate_id));
  a->write_goal = b->write_goal = 10000;
  pair_run (pair, 5 * SECOND);

  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (pair->ends[i].state, ==, SRUDP_STATE_ESTABLISHED);
  g_assert_true (b_has_all (pair));
  g_assert_true (a_has_all (pair));
  pair_assert_remote (pair, B, &a->address);
  g_assert_cmpuint (pair->n_unknown_ids, ==, 0);
}

/* A small packet has come from there, and challenges were answered: that is all
 * that may be sent to an address that has proven nothing. */
static void
test_unproven_path_does_not_keep_others_away (void)
{
  static const guint8 data[SRUDP_PATH_CHALLENGE_BYTES] = { 1 };
  g_autoptr (Pair) pair = pair_with_ids ();
  End *a = &pair->ends[A];
  SrudpTransport *b = pair->ends[B].transport;
  SrudpReceivedPacket packet = { 0 };
  SrudpPath path;

  pair_run (pair, SECOND);
  a->address.port = 5555;
  pair->network.loss[B] = 1.0;
  srudp_transport_ping (a->transport, pair->now);
  pair_run (pair, 11 * MS);
  g_assert_true (b->candidate.in_use);
  path = b->candidate.addresses;
  packet.path = &path;
  packet.addressed_id = b->addressed_id;
  for (guint i = 0; i < 2; i++)
    srudp_transport_queue_answer (b, &packet, data);
  pair_run (pair, MS);

  a->address.port = 6666;
  pair_run (pair, SECOND);
  pair->network.loss[B] = 0;
  a->write_goal = pair->ends[B].write_goal = 10000;
  pair_run (pair, 5 * SECOND);
  g_assert_true (a_has_all (pair));
  pair_assert_remote (pair, B, &a->address);
}

/* B wants to move, and asks A where A no longer is. */
static void
test_peer_moves_while_we_want_to (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  End *a = &pair->ends[A], *b = &pair->ends[B];
  gint64 pto;

  set_second (pair, B);
  pair->network.delay_us = 300 * MS;
  pair_write (pair, B, 0, 100);
  pair_run (pair, 5 * SECOND);
  pto = srudp_transport_get_pto (b->transport);
  g_assert_cmpint (pto, >, SECOND);

  a->address.port = 5555;
  srudp_transport_migrate (b->transport, pair->now, &b->second);
  a->write_goal = b->write_goal = 10000;
  g_assert_true (pair_run_until (pair, a_has_all, 4 * pto));
  g_assert_true (b_has_all (pair));
  pair_assert_remote (pair, B, &a->address);
}

/* B has moved without a word, and only A has anything to say. A knows the new
 * address: from the application, or from the peer in good time. */
static void
test_silent_peer_is_found (gconstpointer data)
{
  gboolean by_peer = GPOINTER_TO_INT (data);
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpAddress other = pair->ends[B].address;
  gint64 start;

  other.ip[0] = 10;
  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  if (by_peer)
    {
      SrudpFrame frame = { .type = SRUDP_FRAME_ADD_ADDRESS };
      SrudpReceivedPacket packet = { .now = pair->now };

      frame.address.address = other;
      srudp_transport_handle_frame (pair->ends[A].transport, &frame, &packet);
    }
  else
    {
      srudp_transport_add_candidate (pair->ends[A].transport, pair->now, &other);
    }
  pair->ends[B].address = other;
  start = pair->now;
  pair->ends[A].write_goal = 10000;
  g_assert_true (pair_run_until (pair, b_has_all, 10 * SECOND));

  g_assert_cmpint (pair->now - start, <, 2 * SECOND);
  pair_assert_remote (pair, A, &other);
}

/* Both have moved in the same moment; each knows where the other may be. */
static void
test_two_who_moved_find_each_other (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpAddress others[2];

  pair_run (pair, SECOND);
  for (guint i = 0; i < 2; i++)
    {
      others[i] = pair->ends[i].address;
      others[i].ip[0] = 10;
    }
  for (guint i = 0; i < 2; i++)
    {
      srudp_transport_add_candidate (pair->ends[i].transport, pair->now, &others[1 - i]);
      pair->ends[i].address = others[i];
    }
  pair->ends[A].write_goal = pair->ends[B].write_goal = 10000;
  g_assert_true (pair_run_until (pair, b_has_all, 10 * SECOND));
  g_assert_true (pair_run_until (pair, a_has_all, 10 * SECOND));

  for (guint i = 0; i < 2; i++)
    pair_assert_remote (pair, i, &others[1 - i]);
}

/* Somebody who relays both ways has drawn B to himself, and vanishes. */
static void
test_back_to_the_true_path_when_the_hijacker_is_gone (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpAddress honest = pair->ends[A].address;
  gint64 start;

  pair->ends[A].write_goal = 100000;
  pair_run (pair, SECOND);
  pair->ends[A].address.ip[0] = 203;
  pair->ends[A].write_goal = 200000;
  pair_run (pair, 3 * SECOND);
  pair_assert_remote (pair, B, &pair->ends[A].address);

  pair->ends[A].address = honest;
  start = pair->now;
  pair->ends[B].write_goal = 100000;
  g_assert_true (pair_run_until (pair, a_has_all, 10 * SECOND));
  g_assert_cmpint (pair->now - start, <=, 2 * SECOND);
  pair_assert_remote (pair, B, &honest);
}

static void
test_silent_path_costs_few_packets (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  guint n_before;

  pair_write (pair, A, 0, 100);
  pair_run (pair, SECOND);
  for (guint8 i = 0; i < 100; i++)
    {
      const guint8 ip[4] = { 10, 0, 0, i };
      SrudpAddress address;

      srudp_address_init_ipv4 (&address, ip, 4000);
      srudp_transport_add_candidate (pair->ends[A].transport, pair->now, &address);
    }
  n_before = pair->ends[A].packets_sent;
  pair->network.black_out = TRUE;
  pair_write (pair, A, 0, 100);
  pair_run (pair, 15 * SECOND);

  /* A dozen addresses a second, the probes and the knocks. */
  g_assert_cmpuint (pair->ends[A].packets_sent - n_before, <,
                    15 * 16 + 60 + 15 * 17);
  g_assert_cmpuint (pair->ends[A].packets_sent - n_before, >, 100);
}

static void
test_ids_that_are_called_back_are_replaced (void)
{
  g_autoptr (Pair) pair = pair_with_ids ();
  SrudpTransport *b = pair->ends[B].transport;
  SrudpFrame frame = { .type = SRUDP_FRAME_NEW_CONNECTION_ID };
  SrudpReceivedPacket packet = { 0 };

  pair_run (pair, SECOND);
  frame.connection_id.sequence = frame.connection_id.retire_prior_to = 4;
  frame.connection_id.connection_id = 0x2077;
  g_assert_true (srudp_transport_handle_frame (b, &frame, &packet));
  pair_write (pair, B, 0, 100);
  pair_run (pair, MS);

  g_assert_cmpuint (pair->ends[B].last_id, ==, 0x2077);
  g_assert_cmpuint (b->remote_ids.n_items, ==, 1);
  g_assert_cmpuint (b->remote_ids.n_retirements, ==, 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/migrate/each-side-has-spare-ids",
                   test_each_side_has_spare_ids);
  g_test_add_data_func ("/transport/migrate/initiator-moves",
                        GUINT_TO_POINTER (A), test_move_to_another_local_address);
  g_test_add_data_func ("/transport/migrate/responder-moves",
                        GUINT_TO_POINTER (B), test_move_to_another_local_address);
  g_test_add_func ("/transport/migrate/both-move-at-once",
                   test_both_move_at_once);
  g_test_add_func ("/transport/migrate/dead-address-is-not-moved-to",
                   test_dead_address_is_not_moved_to);
  g_test_add_func ("/transport/migrate/moves-in-vain-use-up-no-ids",
                   test_moves_in_vain_use_up_no_ids);
  g_test_add_func ("/transport/migrate/challenges-in-vain-delay-no-repeat",
                   test_challenges_in_vain_delay_no_repeat);
  g_test_add_func ("/transport/migrate/losses-elsewhere-shrink-no-packets",
                   test_losses_elsewhere_shrink_no_packets);
  g_test_add_func ("/transport/migrate/network-change-is-announced-at-once",
                   test_network_change_is_announced_at_once);
  g_test_add_func ("/transport/migrate/network-change-while-the-peer-moves",
                   test_network_change_while_the_peer_moves);
  g_test_add_func ("/transport/migrate/unproven-path-keeps-no-others-away",
                   test_unproven_path_does_not_keep_others_away);
  g_test_add_func ("/transport/migrate/peer-moves-while-we-want-to",
                   test_peer_moves_while_we_want_to);
  g_test_add_data_func ("/transport/migrate/silent-peer-is-found",
                        GINT_TO_POINTER (FALSE), test_silent_peer_is_found);
  g_test_add_data_func ("/transport/migrate/silent-peer-is-where-it-said",
                        GINT_TO_POINTER (TRUE), test_silent_peer_is_found);
  g_test_add_func ("/transport/migrate/two-who-moved-find-each-other",
                   test_two_who_moved_find_each_other);
  g_test_add_func ("/transport/migrate/back-when-the-hijacker-is-gone",
                   test_back_to_the_true_path_when_the_hijacker_is_gone);
  g_test_add_func ("/transport/migrate/silent-path-costs-few-packets",
                   test_silent_path_costs_few_packets);
  g_test_add_func ("/transport/migrate/ids-that-are-called-back-are-replaced",
                   test_ids_that_are_called_back_are_replaced);

  return g_test_run ();
}
