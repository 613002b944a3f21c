/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-table-key.c: what others choose, as a key of a hash table
 */
#include "srudp-table-key.h"

#include "srudp-writer.h"

#include <string.h>

void
srudp_table_key_init (SrudpTableKey *key,
                      const guint8   secret[SRUDP_SIPHASH_KEY_BYTES],
                      const guint8   bytes[SRUDP_TABLE_KEY_BYTES])
{
  memcpy (key->bytes, bytes, sizeof key->bytes);
  key->hash = (guint) srudp_siphash (secret, bytes, SRUDP_TABLE_KEY_BYTES);
}

void
srudp_table_key_init_address (SrudpTableKey      *key,
                              const guint8        secret[SRUDP_SIPHASH_KEY_BYTES],
                              const SrudpAddress *address)
{
  guint8 bytes[SRUDP_TABLE_KEY_BYTES] = { 0 };
  SrudpWriter writer;

  srudp_writer_init (&writer, bytes, sizeof bytes);
  srudp_writer_put_u8 (&writer, address->family);
  srudp_writer_put_bytes (&writer, address->ip, sizeof address->ip);
  srudp_writer_put_u16 (&writer, address->port);
  srudp_writer_put_u32 (&writer, address->scope_id);
  srudp_table_key_init (key, secret, bytes);
}

guint
srudp_table_key_hash (gconstpointer key)
{
  return ((const SrudpTableKey *) key)->hash;
}

gboolean
srudp_table_key_equal (gconstpointer a,
                       gconstpointer b)
{
  const SrudpTableKey *first = a, *second = b;

  return memcmp (first->bytes, second->bytes, sizeof first->bytes) == 0;
}
