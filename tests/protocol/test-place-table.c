/*
 * SPDX-License-Identifier: MIT
 *
 * test-place-table.c: which connections there are with an IP address
 */
#include "srudp-place-table.h"

#define N_CONNECTIONS 200
#define N_IPS 20

static const guint8 secret[SRUDP_SIPHASH_KEY_BYTES] = "whatever";

typedef struct
{
  SrudpPlaceNode node;
  gboolean is_there;
  guint ip;
} Connection;

static SrudpAddress
make_address (guint ip,
              guint port)
{
  SrudpAddress address;
  guint8 bytes[4] = { 10, 0, 0, (guint8) ip };

  srudp_address_init_ipv4 (&address, bytes, (guint16) port);

  return address;
}

static void
compare (const SrudpPlaceTable *table,
         const Connection      *connections,
         guint                  ip)
{
  SrudpAddress address = make_address (ip, 7);
  const SrudpPlace *place = srudp_place_table_find (table, &address);
  guint n_listed = 0, n_scanned = 0;

  for (GList *l = place != NULL ? place->connections.head : NULL; l != NULL; l = l->next)
    {
      const Connection *connection = l->data;

      g_assert_true (connection->is_there);
      g_assert_cmpuint (connection->ip, ==, ip);
      n_listed++;
    }
  for (guint i = 0; i < N_CONNECTIONS; i++)
    n_scanned += connections[i].is_there && connections[i].ip == ip;
  g_assert_cmpuint (n_listed, ==, n_scanned);
  /* An empty place is none. */
  g_assert_cmpint (place != NULL, ==, n_scanned > 0);
}

static void
test_against_scan (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree Connection *connections = g_new0 (Connection, N_CONNECTIONS);
  SrudpPlaceTable table;

  srudp_place_table_init (&table, secret);
  for (guint i = 0; i < 20000; i++)
    {
      Connection *connection = &connections[g_rand_int_range (rand, 0, N_CONNECTIONS)];
      guint before = connection->ip, ip = (guint) g_rand_int_range (rand, 0, N_IPS);
      SrudpAddress address = make_address (ip, i & 0xff);

      connection->is_there = g_rand_int_range (rand, 0, 4) > 0;
      connection->ip = ip;
      if (connection->is_there)
        srudp_place_table_move (&table, &connection->node, &address, connection);
      else
        srudp_place_table_remove (&table, &connection->node);
      compare (&table, connections, before);
      compare (&table, connections, ip);
    }

  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      connections[i].is_there = FALSE;
      srudp_place_table_remove (&table, &connections[i].node);
    }
  for (guint i = 0; i < N_IPS; i++)
    compare (&table, connections, i);
  srudp_place_table_clear (&table);
}

/* The same number in another family, or of another link, is another place. */
static void
test_kinds_of_addresses (void)
{
  static const guint8 link_local[16] = { 0xfe, 0x80, [15] = 1 };
  SrudpAddress address = make_address (1, 5), other = address;
  Connection connection = { .is_there = TRUE };
  SrudpPlaceTable table;

  srudp_place_table_init (&table, secret);
  srudp_place_table_move (&table, &connection.node, &address, &connection);
  other.port = 6;
  g_assert_nonnull (srudp_place_table_find (&table, &other));
  other.family = SRUDP_FAMILY_OPAQUE;
  g_assert_null (srudp_place_table_find (&table, &other));

  srudp_address_init_ipv6 (&address, link_local, 5, 1);
  srudp_address_init_ipv6 (&other, link_local, 5, 2);
  srudp_place_table_move (&table, &connection.node, &address, &connection);
  g_assert_nonnull (srudp_place_table_find (&table, &address));
  g_assert_null (srudp_place_table_find (&table, &other));

  srudp_place_table_remove (&table, &connection.node);
  srudp_place_table_remove (&table, &connection.node);
  g_assert_null (srudp_place_table_find (&table, &address));
  srudp_place_table_clear (&table);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/place-table/against-scan", test_against_scan);
  g_test_add_func ("/place-table/kinds-of-addresses", test_kinds_of_addresses);

  return g_test_run ();
}
