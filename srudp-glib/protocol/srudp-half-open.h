/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-half-open.h: HELLOs that were answered, and wait for message 3
 *
 * The table is bounded in every way: 4 entries for each waiting open, 16 for
 * each address (an IPv6 /64 counts as one), 1,024 in all. A new entry evicts
 * the oldest of its own waiting open or address; from a full table, the oldest
 * of the address that holds most. An entry that is gone costs its initiator
 * one more round trip, since HELLO is repeated until the end.
 */
#pragma once

#include "srudp-attempt.h"
#include "srudp-table-key.h"

G_BEGIN_DECLS

#define SRUDP_HALF_OPEN_PER_OPEN 4
#define SRUDP_HALF_OPEN_PER_ADDRESS 16
#define SRUDP_HALF_OPEN_MAX 1024
/* Without any copy of its HELLO for so long an entry is given up: nobody
 * repeats more slowly than once a second. */
#define SRUDP_HALF_OPEN_LIFETIME_US (10 * G_USEC_PER_SEC)

typedef struct
{
  guint64 local_id; /* message 3 comes to it */
  guint8 hello_hash[SRUDP_SHA256_BYTES];
  SrudpTableKey hello_key; /* the same */
  guint8 initiator_e[SRUDP_KEY_BYTES];
  gpointer waiting; /* the open that message 2 names, or NULL */
  gboolean matched; /* it belongs there by tag or address, not perhaps */
  SrudpTableKey group; /* what per-address limits count */
  SrudpNoise noise;   /* message 2 is written */
  SrudpHandshakeMessage own;
  /* Ours for this answer; the invitation is the one its HELLO proved. */
  SrudpSecrets secrets;
  SrudpHelloFields peer_fields; /* as in HELLO: a hint but for the share */
  guint8 message_2_hash[SRUDP_SHA256_BYTES];
  gboolean psk_ready, psk_failed, guess_taken;
  guint8 psk[SRUDP_PSK_BYTES];
  guint64 remote_id; /* as in HELLO: a hint, authenticated by message 3 */
  guint8 message_2[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];
  gsize message_2_size;
  SrudpSentTimes sent;
  gint64 created_at, heard_at;
  gboolean rejected; /* final: the cached REJECT answers each message 3 */
  guint8 reject[SRUDP_REJECT_BYTES];
  /* An authentic message 3 came, yet the open it is for must win the other
   * way round: they end together. */
  gconstpointer blocked_by;
} SrudpHalfOpen;

typedef struct
{
  guint8 secret[SRUDP_SIPHASH_KEY_BYTES];
  GPtrArray *entries; /* oldest first */
  GHashTable *by_id;
  GHashTable *by_hash;
  gint64 next_sweep; /* -1: empty */
} SrudpHalfOpenTable;

/* `secret`: strangers fill the table, and don't choose their places. */
void           srudp_half_open_table_init  (SrudpHalfOpenTable *table,
                                            const guint8        secret[SRUDP_SIPHASH_KEY_BYTES]);
void           srudp_half_open_table_clear (SrudpHalfOpenTable *table);
SrudpHalfOpen *srudp_half_open_find_id     (SrudpHalfOpenTable *table,
                                            guint64             id);
SrudpHalfOpen *srudp_half_open_find_hash   (SrudpHalfOpenTable *table,
                                            const guint8        hash[SRUDP_SHA256_BYTES]);
/* Of one that was not inserted. */
void           srudp_half_open_free        (SrudpHalfOpen      *entry);
/* Takes the entry; `group` and `hello_key` are filled in. Returns how many
 * others were evicted. */
guint          srudp_half_open_insert      (SrudpHalfOpenTable *table,
                                            gint64              now,
                                            SrudpHalfOpen      *entry,
                                            const SrudpAddress *remote);
void           srudp_half_open_remove      (SrudpHalfOpenTable *table,
                                            SrudpHalfOpen      *entry);
/* It only answers message 3 from now on; its HELLO may begin anew. */
void           srudp_half_open_detach      (SrudpHalfOpenTable *table,
                                            SrudpHalfOpen      *entry);
/* All that one HELLO made. */
void           srudp_half_open_remove_ephemeral (SrudpHalfOpenTable *table,
                                                 const guint8        e[SRUDP_KEY_BYTES]);
/* The open is over: entries that are blocked by it go with it, others that
 * were for it belong to nothing any more. */
void           srudp_half_open_forget_waiting (SrudpHalfOpenTable *table,
                                               gconstpointer       waiting);
void           srudp_half_open_sweep       (SrudpHalfOpenTable *table,
                                            gint64              now);

/* FALSE: not now, or the share in HELLO is good for nothing. Takes a guess at
 * our passphrase the first time. */
gboolean       srudp_half_open_make_psk    (SrudpHalfOpen      *entry,
                                            gint64              now,
                                            const SrudpAddress *from);
/* The peer knows the secrets. */
void           srudp_half_open_give_back_guess (SrudpHalfOpen  *entry,
                                                gint64          now);
/* The cached message 2, with a fresh token for where it goes. */
gsize          srudp_half_open_write_2     (SrudpHalfOpen      *entry,
                                            SrudpLocal         *local,
                                            gint64              now,
                                            const SrudpAddress *to,
                                            guint64             echo_token,
                                            guint32             echo_counter,
                                            guint8              out[SRUDP_HANDSHAKE_MAX_BYTES]);

G_END_DECLS
