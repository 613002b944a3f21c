/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-peer-table.h: which connections there are with whom
 *
 * By the peer's key, and below it by the process that it runs in: a peer that
 * has restarted is another process. What is asked of it for each new
 * connection then takes as long with ten thousand others as with none.
 */
#pragma once

#include "srudp-crypto.h"
#include "srudp-engine.h"
#include "srudp-transport-params.h"

G_BEGIN_DECLS

typedef struct _SrudpPeer SrudpPeer;

/* One run of a peer. There is one as long as there is a connection with it. */
typedef struct
{
  SrudpPeer *peer;
  GList link; /* in the peer's processes */
  guint8 boot_id[SRUDP_BOOT_ID_BYTES];
  GQueue connections; /* their links, oldest first */
} SrudpPeerProcess;

struct _SrudpPeer
{
  guint8 tag[SRUDP_SHA256_BYTES];
  GQueue processes; /* SrudpPeerProcess, oldest first */
};

/* Part of a connection; all zero: in no table. */
typedef struct
{
  SrudpPeerProcess *process;
  GList link;
} SrudpPeerNode;

typedef struct
{
  guint8 key[SRUDP_KEY_BYTES];
  GHashTable *peers; /* tag → SrudpPeer */
} SrudpPeerTable;

/* `key` is a secret: whoever chooses his own key doesn't choose its place. */
void             srudp_peer_table_init   (SrudpPeerTable *table,
                                          const guint8    key[SRUDP_KEY_BYTES]);
/* All nodes have been removed. */
void             srudp_peer_table_clear  (SrudpPeerTable *table);
void             srudp_peer_table_add    (SrudpPeerTable *table,
                                          SrudpPeerNode  *node,
                                          const guint8    peer_key[SRUDP_KEY_BYTES],
                                          const guint8    boot_id[SRUDP_BOOT_ID_BYTES],
                                          gpointer        connection);
/* Harmless if it is in no table. */
void             srudp_peer_table_remove (SrudpPeerTable *table,
                                          SrudpPeerNode  *node);
/* NULL: there is no connection with it. */
const SrudpPeer *srudp_peer_table_find   (const SrudpPeerTable *table,
                                          const guint8          peer_key[SRUDP_KEY_BYTES]);
gboolean         srudp_peer_process_is   (const SrudpPeerProcess *process,
                                          const guint8            boot_id[SRUDP_BOOT_ID_BYTES]);

G_END_DECLS
