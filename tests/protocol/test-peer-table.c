/*
 * SPDX-License-Identifier: MIT
 *
 * test-peer-table.c: which connections there are with whom
 */
#include "srudp-peer-table.h"

#include <string.h>

#define N_CONNECTIONS 300
#define N_PEERS 20
#define N_PROCESSES 3

static const guint8 secret[SRUDP_KEY_BYTES] = "whatever";

typedef struct
{
  SrudpPeerNode node;
  gboolean is_there;
  gint64 since; /* a number that grows */
  guint peer, process;
} Connection;

/* All keys begin with the same bytes. */
static void
make_key (guint  n,
          guint8 key[SRUDP_KEY_BYTES])
{
  memset (key, 7, SRUDP_KEY_BYTES);
  key[SRUDP_KEY_BYTES - 1] = (guint8) n;
}

static void
add (SrudpPeerTable *table,
     Connection     *connection,
     guint           peer,
     guint           process)
{
  guint8 key[SRUDP_KEY_BYTES], boot_id[SRUDP_BOOT_ID_BYTES] = { (guint8) process };

  make_key (peer, key);
  connection->peer = peer;
  connection->process = process;
  connection->is_there = TRUE;
  srudp_peer_table_add (table, &connection->node, key, boot_id, connection);
}

static void
remove_one (SrudpPeerTable *table,
            Connection     *connection)
{
  connection->is_there = FALSE;
  srudp_peer_table_remove (table, &connection->node);
}

static guint
count_scanned (const Connection *connections,
               guint             peer,
               guint             process)
{
  guint n = 0;

  for (guint i = 0; i < N_CONNECTIONS; i++)
    n += connections[i].is_there && connections[i].peer == peer
         && connections[i].process == process;

  return n;
}

static guint
count_in_process (const SrudpPeerProcess *process,
                  guint                   peer,
                  guint                   number)
{
  gint64 last = -1;
  guint n = 0;

  for (GList *l = process->connections.head; l != NULL; l = l->next, n++)
    {
      const Connection *connection = l->data;

      g_assert_true (connection->is_there);
      g_assert_cmpuint (connection->peer, ==, peer);
      g_assert_cmpuint (connection->process, ==, number);
      g_assert_cmpint (connection->since, >, last);
      last = connection->since;
    }

  return n;
}

static void
compare_peer (const SrudpPeerTable *table,
              const Connection     *connections,
              guint                 number)
{
  guint counted[N_PROCESSES] = { 0 };
  guint8 key[SRUDP_KEY_BYTES];
  const SrudpPeer *peer;

  make_key (number, key);
  peer = srudp_peer_table_find (table, key);
  for (GList *l = peer != NULL ? peer->processes.head : NULL; l != NULL; l = l->next)
    {
      const SrudpPeerProcess *process = l->data;
      guint i = process->boot_id[0];

      g_assert_cmpuint (counted[i], ==, 0);
      counted[i] = count_in_process (process, number, i);
      g_assert_cmpuint (counted[i], >, 0);
    }
  for (guint i = 0; i < N_PROCESSES; i++)
    g_assert_cmpuint (counted[i], ==, count_scanned (connections, number, i));
}

static void
test_against_scan (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree Connection *connections = g_new0 (Connection, N_CONNECTIONS);
  SrudpPeerTable table;

  srudp_peer_table_init (&table, secret);
  for (guint i = 0; i < 20000; i++)
    {
      Connection *connection = &connections[g_rand_int_range (rand, 0, N_CONNECTIONS)];
      guint peer = (guint) g_rand_int_range (rand, 0, N_PEERS);

      if (connection->is_there)
        remove_one (&table, connection);
      else
        {
          connection->since = i;
          add (&table, connection, peer, (guint) g_rand_int_range (rand, 0, N_PROCESSES));
        }
      compare_peer (&table, connections, connection->peer);
      compare_peer (&table, connections, peer);
    }

  for (guint i = 0; i < N_CONNECTIONS; i++)
    remove_one (&table, &connections[i]);
  for (guint i = 0; i < N_PEERS; i++)
    compare_peer (&table, connections, i);
  srudp_peer_table_clear (&table);
}

static void
test_in_no_table (void)
{
  SrudpPeerNode node = { NULL };
  guint8 key[SRUDP_KEY_BYTES];
  SrudpPeerTable table;

  make_key (1, key);
  srudp_peer_table_init (&table, secret);
  srudp_peer_table_remove (&table, &node);
  g_assert_null (srudp_peer_table_find (&table, key));
  srudp_peer_table_clear (&table);
}

/* Somebody else's table has them elsewhere. */
static void
test_places_are_secret (void)
{
  Connection connections[2] = { 0 };
  const SrudpPeer *peers[2];
  SrudpPeerTable tables[2];
  guint8 other[SRUDP_KEY_BYTES] = "something else", key[SRUDP_KEY_BYTES];

  make_key (1, key);
  srudp_peer_table_init (&tables[0], secret);
  srudp_peer_table_init (&tables[1], other);
  for (guint i = 0; i < 2; i++)
    {
      add (&tables[i], &connections[i], 1, 0);
      peers[i] = srudp_peer_table_find (&tables[i], key);
    }
  g_assert_cmpint (memcmp (peers[0]->tag, peers[1]->tag, sizeof peers[0]->tag), !=, 0);
  for (guint i = 0; i < 2; i++)
    {
      remove_one (&tables[i], &connections[i]);
      srudp_peer_table_clear (&tables[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer-table/finds-what-a-scan-finds", test_against_scan);
  g_test_add_func ("/peer-table/to-be-in-none-is-harmless", test_in_no_table);
  g_test_add_func ("/peer-table/peers-do-not-choose-their-place", test_places_are_secret);

  return g_test_run ();
}
