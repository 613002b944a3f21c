/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-table-key.h: what others choose, as a key of a hash table
 *
 * Who knows where a table puts a key can choose thousands that lie in one
 * place, and make a list of it. So the place comes of a secret too (SipHash,
 * made for that), and is computed once.
 */
#pragma once

#include "srudp-address.h"
#include "srudp-crypto.h"

G_BEGIN_DECLS

#define SRUDP_TABLE_KEY_BYTES 32

typedef struct
{
  guint hash;
  guint8 bytes[SRUDP_TABLE_KEY_BYTES];
} SrudpTableKey;

void     srudp_table_key_init         (SrudpTableKey      *key,
                                       const guint8        secret[SRUDP_SIPHASH_KEY_BYTES],
                                       const guint8        bytes[SRUDP_TABLE_KEY_BYTES]);
void     srudp_table_key_init_address (SrudpTableKey      *key,
                                       const guint8        secret[SRUDP_SIPHASH_KEY_BYTES],
                                       const SrudpAddress *address);
/* For g_hash_table_new(). */
guint    srudp_table_key_hash         (gconstpointer       key);
gboolean srudp_table_key_equal        (gconstpointer       a,
                                       gconstpointer       b);

G_END_DECLS
