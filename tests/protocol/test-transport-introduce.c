/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-introduce.c: introductions arrive once each, over any network
 */
#include "srudp-transport-private.h"
#include "transport-pair.h"

#include <string.h>

static SrudpIntroduction
make (guint8 number)
{
  SrudpIntroduction introduction = {
    .kind = SRUDP_INTRODUCTION_PEER,
    .peer_key = { number },
    .mapping = SRUDP_MAPPING_ENDPOINT_DEPENDENT,
    .port_delta = -number,
    .n_addresses = SRUDP_INTRODUCTION_MAX_ADDRESSES,
  };

  for (guint8 i = 0; i < introduction.n_addresses; i++)
    {
      const guint8 ip[16] = { 0x20, 0x01, [14] = number, [15] = i };

      srudp_address_init_ipv6 (&introduction.addresses[i], ip, 5000 + i, 0);
    }
  return introduction;
}

static gboolean
introduce (Pair   *pair,
           guint8  number)
{
  const SrudpIntroduction introduction = make (number);

  return srudp_transport_introduce (pair->ends[A].transport, pair->now,
                                    &introduction);
}

static void
expect (GBytes *got,
        guint8  number)
{
  const SrudpIntroduction *introduction = g_bytes_get_data (got, NULL);
  const SrudpIntroduction expected = make (number);

  g_assert_cmpuint (g_bytes_get_size (got), ==, sizeof expected);
  g_assert_cmpint (introduction->kind, ==, expected.kind);
  g_assert_cmpint (introduction->mapping, ==, expected.mapping);
  g_assert_cmpint (introduction->port_delta, ==, expected.port_delta);
  g_assert_cmpmem (introduction->peer_key, SRUDP_INTRODUCTION_KEY_BYTES,
                   expected.peer_key, SRUDP_INTRODUCTION_KEY_BYTES);
  g_assert_cmpuint (introduction->n_addresses, ==, expected.n_addresses);
  for (guint i = 0; i < expected.n_addresses; i++)
    g_assert_true (srudp_address_equal (&introduction->addresses[i],
                                        &expected.addresses[i]));
}

static void
test_arrives (gconstpointer data)
{
  const double loss = GPOINTER_TO_INT (data) / 100.0;
  g_autoptr (Pair) pair = pair_new (4711);
  GPtrArray *got = pair->ends[B].datagrams;
  gboolean seen[SRUDP_MAX_INTRODUCTIONS] = { FALSE };

  pair_run (pair, SECOND);
  pair->network.loss[A] = pair->network.loss[B] = loss;
  for (guint8 i = 0; i < SRUDP_MAX_INTRODUCTIONS; i++)
    g_assert_true (introduce (pair, i));
  pair_run (pair, 15 * SECOND);

  /* What was repeated although it had arrived may come twice. */
  g_assert_cmpuint (got->len, >=, SRUDP_MAX_INTRODUCTIONS);
  for (guint i = 0; i < got->len; i++)
    {
      const SrudpIntroduction *one =
        g_bytes_get_data (g_ptr_array_index (got, i), NULL);

      expect (g_ptr_array_index (got, i), one->peer_key[0]);
      seen[one->peer_key[0]] = TRUE;
    }
  for (guint i = 0; i < SRUDP_MAX_INTRODUCTIONS; i++)
    g_assert_true (seen[i]);
}

static void
test_bounded (void)
{
  g_autoptr (Pair) pair = pair_new (4712);

  pair_run (pair, SECOND);
  for (guint8 i = 0; i < SRUDP_MAX_INTRODUCTIONS; i++)
    g_assert_true (introduce (pair, i));
  g_assert_false (introduce (pair, 0));
  pair_run (pair, SECOND);
  g_assert_true (introduce (pair, 0));
}

/* A peer can't make us remember any number of them. */
static void
test_flood (void)
{
  g_autoptr (Pair) pair = pair_new (4713);
  guint n = 0;

  pair_run (pair, SECOND);
  for (guint i = 0; i < 400; i++)
    {
      n += introduce (pair, 1) ? 1 : 0;
      pair_run (pair, 5 * MS);
    }
  g_assert_cmpuint (n, >, 100);
  g_assert_cmpuint (pair->ends[B].datagrams->len, >, 0);
  g_assert_cmpuint (pair->ends[B].datagrams->len, <=, 3 * 32);
  g_assert_cmpint (srudp_transport_get_state (pair->ends[B].transport), ==,
                   SRUDP_STATE_ESTABLISHED);
}

static void
test_closed (void)
{
  g_autoptr (Pair) pair = pair_new (4714);

  pair_run (pair, SECOND);
  srudp_transport_close (pair->ends[A].transport, pair->now);
  g_assert_false (introduce (pair, 1));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/transport/introduce/arrives", GINT_TO_POINTER (0),
                        test_arrives);
  g_test_add_data_func ("/transport/introduce/arrives-despite-loss",
                        GINT_TO_POINTER (40), test_arrives);
  g_test_add_func ("/transport/introduce/only-so-many-at-once", test_bounded);
  g_test_add_func ("/transport/introduce/a-flood-is-dropped", test_flood);
  g_test_add_func ("/transport/introduce/not-when-closed", test_closed);
  return g_test_run ();
}
