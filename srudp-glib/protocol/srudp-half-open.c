/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-half-open.c: HELLOs that were answered, and wait for message 3
 */
#include "srudp-half-open.h"

#include "srudp-path-token.h"

#include <string.h>

void
srudp_half_open_free (SrudpHalfOpen *entry)
{
  srudp_secrets_clear (&entry->secrets);
  srudp_crypto_wipe (entry, sizeof *entry);
  g_free (entry);
}

void
srudp_half_open_table_init (SrudpHalfOpenTable *table,
                            const guint8        secret[SRUDP_SIPHASH_KEY_BYTES])
{
  memcpy (table->secret, secret, sizeof table->secret);
  table->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) srudp_half_open_free);
  table->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  table->by_hash = g_hash_table_new (srudp_table_key_hash, srudp_table_key_equal);
  table->next_sweep = -1;
}

void
srudp_half_open_table_clear (SrudpHalfOpenTable *table)
{
  g_clear_pointer (&table->by_id, g_hash_table_unref);
  g_clear_pointer (&table->by_hash, g_hash_table_unref);
  g_clear_pointer (&table->entries, g_ptr_array_unref);
  srudp_crypto_wipe (table->secret, sizeof table->secret);
}

SrudpHalfOpen *
srudp_half_open_find_id (SrudpHalfOpenTable *table,
                         guint64             id)
{
  return g_hash_table_lookup (table->by_id, &id);
}

SrudpHalfOpen *
srudp_half_open_find_hash (SrudpHalfOpenTable *table,
                           const guint8        hash[SRUDP_SHA256_BYTES])
{
  SrudpTableKey key;

  srudp_table_key_init (&key, table->secret, hash);

  return g_hash_table_lookup (table->by_hash, &key);
}

static SrudpHalfOpen *
get_entry (SrudpHalfOpenTable *table,
           guint               index)
{
  return g_ptr_array_index (table->entries, index);
}

void
srudp_half_open_remove (SrudpHalfOpenTable *table,
                        SrudpHalfOpen      *entry)
{
  srudp_half_open_detach (table, entry);
  g_hash_table_remove (table->by_id, &entry->local_id);
  g_ptr_array_remove (table->entries, entry);
}

void
srudp_half_open_detach (SrudpHalfOpenTable *table,
                        SrudpHalfOpen      *entry)
{
  if (g_hash_table_lookup (table->by_hash, &entry->hello_key) == entry)
    g_hash_table_remove (table->by_hash, &entry->hello_key);
}

/* Whoever has one address of a /64 has them all. */
static SrudpAddress
get_network (const SrudpAddress *remote)
{
  SrudpAddress network = *remote;

  network.port = 0;
  if (network.family == SRUDP_FAMILY_IPV6)
    memset (network.ip + 8, 0, 8);

  return network;
}

static gboolean
same_budget (const SrudpHalfOpen *a,
             const SrudpHalfOpen *b)
{
  if (a->matched || b->matched)
    return a->matched && b->matched && a->waiting == b->waiting;

  return srudp_table_key_equal (&a->group, &b->group);
}

/* Makes room in the new entry's own budget. */
static gboolean
evict_like (SrudpHalfOpenTable  *table,
            const SrudpHalfOpen *entry)
{
  guint limit = entry->matched ? SRUDP_HALF_OPEN_PER_OPEN
                               : SRUDP_HALF_OPEN_PER_ADDRESS;
  SrudpHalfOpen *oldest = NULL;
  guint n_like = 0;

  for (guint i = 0; i < table->entries->len; i++)
    if (same_budget (get_entry (table, i), entry))
      {
        if (oldest == NULL)
          oldest = get_entry (table, i);
        n_like++;
      }

  if (n_like < limit)
    return FALSE;

  srudp_half_open_remove (table, oldest);

  return TRUE;
}

/* The oldest entry of the address that holds most; those of waiting opens are
 * few, and not for strangers to drive out. */
static SrudpHalfOpen *
find_fullest (SrudpHalfOpenTable *table)
{
  g_autoptr (GHashTable) counts =
    g_hash_table_new (srudp_table_key_hash, srudp_table_key_equal);
  SrudpHalfOpen *fullest = NULL;
  guint most = 0;

  for (guint i = 0; i < table->entries->len; i++)
    {
      SrudpHalfOpen *entry = get_entry (table, i);
      guint count;

      if (entry->matched)
        continue;
      count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, &entry->group)) + 1;
      g_hash_table_insert (counts, &entry->group, GUINT_TO_POINTER (count));
    }

  for (guint i = 0; i < table->entries->len; i++)
    {
      SrudpHalfOpen *entry = get_entry (table, i);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, &entry->group));

      if (!entry->matched && count > most)
        {
          most = count;
          fullest = entry;
        }
    }

  return fullest;
}

guint
srudp_half_open_insert (SrudpHalfOpenTable *table,
                        gint64              now,
                        SrudpHalfOpen      *entry,
                        const SrudpAddress *remote)
{
  SrudpAddress network = get_network (remote);
  guint n_evicted = 0;

  srudp_table_key_init_address (&entry->group, table->secret, &network);
  srudp_table_key_init (&entry->hello_key, table->secret, entry->hello_hash);
  entry->created_at = entry->heard_at = now;

  if (evict_like (table, entry))
    n_evicted++;
  if (table->entries->len >= SRUDP_HALF_OPEN_MAX)
    {
      SrudpHalfOpen *fullest = find_fullest (table);

      srudp_half_open_remove (table, fullest != NULL ? fullest
                                                     : get_entry (table, 0));
      n_evicted++;
    }

  g_ptr_array_add (table->entries, entry);
  g_hash_table_insert (table->by_id, &entry->local_id, entry);
  g_hash_table_insert (table->by_hash, &entry->hello_key, entry);
  if (table->next_sweep < 0)
    table->next_sweep = now + SRUDP_HALF_OPEN_LIFETIME_US;

  return n_evicted;
}

void
srudp_half_open_remove_ephemeral (SrudpHalfOpenTable *table,
                                  const guint8        e[SRUDP_KEY_BYTES])
{
  for (guint i = table->entries->len; i > 0; i--)
    {
      SrudpHalfOpen *entry = get_entry (table, i - 1);

      if (memcmp (entry->initiator_e, e, SRUDP_KEY_BYTES) == 0)
        srudp_half_open_remove (table, entry);
    }
}

void
srudp_half_open_forget_waiting (SrudpHalfOpenTable *table,
                                gconstpointer       waiting)
{
  for (guint i = table->entries->len; i > 0; i--)
    {
      SrudpHalfOpen *entry = get_entry (table, i - 1);

      if (entry->blocked_by == waiting)
        srudp_half_open_remove (table, entry);
      else if (entry->waiting == waiting)
        {
          /* Its HELLO gets another answer, which doesn't name what is over. */
          srudp_half_open_detach (table, entry);
          entry->waiting = NULL;
          entry->matched = FALSE;
        }
    }
}

void
srudp_half_open_sweep (SrudpHalfOpenTable *table,
                       gint64              now)
{
  if (table->next_sweep < 0 || now < table->next_sweep)
    return;

  for (guint i = table->entries->len; i > 0; i--)
    {
      SrudpHalfOpen *entry = get_entry (table, i - 1);

      if (now - entry->heard_at >= SRUDP_HALF_OPEN_LIFETIME_US)
        srudp_half_open_remove (table, entry);
    }

  table->next_sweep = -1;
  if (table->entries->len > 0)
    table->next_sweep = now + SRUDP_HALF_OPEN_LIFETIME_US;
}

gboolean
srudp_half_open_make_psk (SrudpHalfOpen      *entry,
                          gint64              now,
                          const SrudpAddress *from)
{
  if (entry->psk_ready)
    return TRUE;

  entry->guess_taken = entry->secrets.passphrase != NULL &&
                       entry->peer_fields.has_cpace;
  if (entry->guess_taken &&
      !srudp_guesses_take (srudp_passphrase_get_guesses (entry->secrets.passphrase),
                           now, from))
    {
      entry->guess_taken = FALSE;
      return FALSE;
    }

  entry->psk_ready = srudp_secrets_make_psk (&entry->secrets, entry->message_2_hash,
                                             &entry->peer_fields,
                                             entry->hello_hash, entry->psk);
  if (!entry->psk_ready)
    srudp_half_open_give_back_guess (entry, now); /* nothing was learnt */

  return entry->psk_ready;
}

void
srudp_half_open_give_back_guess (SrudpHalfOpen *entry,
                                 gint64         now)
{
  if (!entry->guess_taken)
    return;

  entry->guess_taken = FALSE;
  srudp_guesses_give_back (srudp_passphrase_get_guesses (entry->secrets.passphrase),
                           now);
}

gsize
srudp_half_open_write_2 (SrudpHalfOpen      *entry,
                         SrudpLocal         *local,
                         gint64              now,
                         const SrudpAddress *to,
                         guint64             echo_token,
                         guint32             echo_counter,
                         guint8              out[SRUDP_HANDSHAKE_MAX_BYTES])
{
  guint32 counter = srudp_sent_times_add (&entry->sent, now);
  SrudpHandshakePacket packet = {
    .type = SRUDP_PACKET_MESSAGE_2,
    .destination_id = entry->remote_id,
    .echo = {
      .token = srudp_path_token_make (local->path_key, now, to, counter),
      .counter = counter,
      .echo_token = echo_token,
      .echo_counter = echo_counter,
    },
    .noise = entry->message_2,
    .noise_size = entry->message_2_size,
  };

  return srudp_handshake_packet_write (&packet, out);
}
