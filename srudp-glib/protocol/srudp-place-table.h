/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-place-table.h: which connections there are with an IP address
 *
 * So that what a stranger asks for costs as little with ten thousand
 * connections as with none.
 */
#pragma once

#include "srudp-table-key.h"

G_BEGIN_DECLS

/* One IP address. There is one as long as there is a connection with it. */
typedef struct
{
  SrudpTableKey key;
  GQueue connections; /* in no certain order */
} SrudpPlace;

/* Part of a connection; all zero: in no table. */
typedef struct
{
  SrudpPlace *place;
  GList link;
} SrudpPlaceNode;

typedef struct
{
  guint8 secret[SRUDP_SIPHASH_KEY_BYTES];
  GHashTable *places; /* key → SrudpPlace */
} SrudpPlaceTable;

void              srudp_place_table_init   (SrudpPlaceTable    *table,
                                            const guint8        secret[SRUDP_SIPHASH_KEY_BYTES]);
/* All nodes have been removed. */
void              srudp_place_table_clear  (SrudpPlaceTable    *table);
/* From wherever it was before. */
void              srudp_place_table_move   (SrudpPlaceTable    *table,
                                            SrudpPlaceNode     *node,
                                            const SrudpAddress *address,
                                            gpointer            connection);
/* Harmless if it is in no table. */
void              srudp_place_table_remove (SrudpPlaceTable    *table,
                                            SrudpPlaceNode     *node);
/* Whatever the port. NULL: there is no connection with it. */
const SrudpPlace *srudp_place_table_find   (const SrudpPlaceTable *table,
                                            const SrudpAddress    *address);

G_END_DECLS
