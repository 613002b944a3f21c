/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-peer-table.c: which connections there are with whom
 */
#include "srudp-peer-table.h"

#include <string.h>

static guint
hash_tag (gconstpointer tag)
{
  guint value;

  memcpy (&value, tag, sizeof value);

  return value;
}

static gboolean
equal_tags (gconstpointer a,
            gconstpointer b)
{
  return memcmp (a, b, SRUDP_SHA256_BYTES) == 0;
}

/* Peers choose their keys: thousands that share their first bytes would make
 * the table a list. Two with the same tag would be a collision of SHA-256. */
static void
make_tag (const SrudpPeerTable *table,
          const guint8          peer_key[SRUDP_KEY_BYTES],
          guint8                tag[SRUDP_SHA256_BYTES])
{
  SrudpSpan spans[] = { { "peer", 4 }, { peer_key, SRUDP_KEY_BYTES } };

  srudp_hmac_sha256 (tag, table->key, SRUDP_KEY_BYTES, spans, G_N_ELEMENTS (spans));
}

void
srudp_peer_table_init (SrudpPeerTable *table,
                       const guint8    key[SRUDP_KEY_BYTES])
{
  memcpy (table->key, key, SRUDP_KEY_BYTES);
  table->peers = g_hash_table_new (hash_tag, equal_tags);
}

void
srudp_peer_table_clear (SrudpPeerTable *table)
{
  g_assert (g_hash_table_size (table->peers) == 0);
  g_clear_pointer (&table->peers, g_hash_table_unref);
  srudp_crypto_wipe (table->key, SRUDP_KEY_BYTES);
}

static SrudpPeer *
ensure_peer (SrudpPeerTable *table,
             const guint8    peer_key[SRUDP_KEY_BYTES])
{
  guint8 tag[SRUDP_SHA256_BYTES];
  SrudpPeer *peer;

  make_tag (table, peer_key, tag);
  peer = g_hash_table_lookup (table->peers, tag);
  if (peer != NULL)
    return peer;

  peer = g_new0 (SrudpPeer, 1);
  memcpy (peer->tag, tag, sizeof tag);
  g_hash_table_insert (table->peers, peer->tag, peer);

  return peer;
}

gboolean
srudp_peer_process_is (const SrudpPeerProcess *process,
                       const guint8            boot_id[SRUDP_BOOT_ID_BYTES])
{
  return memcmp (process->boot_id, boot_id, SRUDP_BOOT_ID_BYTES) == 0;
}

static SrudpPeerProcess *
ensure_process (SrudpPeer    *peer,
                const guint8  boot_id[SRUDP_BOOT_ID_BYTES])
{
  SrudpPeerProcess *process;

  for (GList *l = peer->processes.head; l != NULL; l = l->next)
    if (srudp_peer_process_is (l->data, boot_id))
      return l->data;

  process = g_new0 (SrudpPeerProcess, 1);
  process->peer = peer;
  process->link.data = process;
  memcpy (process->boot_id, boot_id, SRUDP_BOOT_ID_BYTES);
  g_queue_push_tail_link (&peer->processes, &process->link);

  return process;
}

void
srudp_peer_table_add (SrudpPeerTable *table,
                      SrudpPeerNode  *node,
                      const guint8    peer_key[SRUDP_KEY_BYTES],
                      const guint8    boot_id[SRUDP_BOOT_ID_BYTES],
                      gpointer        connection)
{
  g_assert (node->process == NULL);

  node->process = ensure_process (ensure_peer (table, peer_key), boot_id);
  node->link.data = connection;
  g_queue_push_tail_link (&node->process->connections, &node->link);
}

void
srudp_peer_table_remove (SrudpPeerTable *table,
                         SrudpPeerNode  *node)
{
  SrudpPeerProcess *process = g_steal_pointer (&node->process);
  SrudpPeer *peer;

  if (process == NULL)
    return;

  g_queue_unlink (&process->connections, &node->link);
  if (!g_queue_is_empty (&process->connections))
    return;

  peer = process->peer;
  g_queue_unlink (&peer->processes, &process->link);
  g_free (process);
  if (!g_queue_is_empty (&peer->processes))
    return;

  g_hash_table_remove (table->peers, peer->tag);
  g_free (peer);
}

const SrudpPeer *
srudp_peer_table_find (const SrudpPeerTable *table,
                       const guint8          peer_key[SRUDP_KEY_BYTES])
{
  guint8 tag[SRUDP_SHA256_BYTES];

  make_tag (table, peer_key, tag);

  return g_hash_table_lookup (table->peers, tag);
}
