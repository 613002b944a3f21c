/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-place-table.c: which connections there are with an IP address
 */
#include "srudp-place-table.h"

#include <string.h>

void
srudp_place_table_init (SrudpPlaceTable *table,
                        const guint8     secret[SRUDP_SIPHASH_KEY_BYTES])
{
  memcpy (table->secret, secret, sizeof table->secret);
  table->places = g_hash_table_new (srudp_table_key_hash, srudp_table_key_equal);
}

void
srudp_place_table_clear (SrudpPlaceTable *table)
{
  g_assert (g_hash_table_size (table->places) == 0);
  g_clear_pointer (&table->places, g_hash_table_unref);
  srudp_crypto_wipe (table->secret, sizeof table->secret);
}

static void
make_key (const SrudpPlaceTable *table,
          const SrudpAddress    *address,
          SrudpTableKey         *key)
{
  SrudpAddress ip = *address;

  ip.port = 0;
  srudp_table_key_init_address (key, table->secret, &ip);
}

static SrudpPlace *
ensure_place (SrudpPlaceTable     *table,
              const SrudpTableKey *key)
{
  SrudpPlace *place = g_hash_table_lookup (table->places, key);

  if (place != NULL)
    return place;

  place = g_new0 (SrudpPlace, 1);
  place->key = *key;
  g_hash_table_insert (table->places, &place->key, place);

  return place;
}

void
srudp_place_table_move (SrudpPlaceTable    *table,
                        SrudpPlaceNode     *node,
                        const SrudpAddress *address,
                        gpointer            connection)
{
  SrudpTableKey key;

  make_key (table, address, &key);
  if (node->place != NULL && srudp_table_key_equal (&node->place->key, &key))
    return;

  srudp_place_table_remove (table, node);
  node->place = ensure_place (table, &key);
  node->link.data = connection;
  g_queue_push_tail_link (&node->place->connections, &node->link);
}

void
srudp_place_table_remove (SrudpPlaceTable *table,
                          SrudpPlaceNode  *node)
{
  SrudpPlace *place = g_steal_pointer (&node->place);

  if (place == NULL)
    return;

  g_queue_unlink (&place->connections, &node->link);
  if (!g_queue_is_empty (&place->connections))
    return;

  g_hash_table_remove (table->places, &place->key);
  g_free (place);
}

const SrudpPlace *
srudp_place_table_find (const SrudpPlaceTable *table,
                        const SrudpAddress    *address)
{
  SrudpTableKey key;

  make_key (table, address, &key);

  return g_hash_table_lookup (table->places, &key);
}
