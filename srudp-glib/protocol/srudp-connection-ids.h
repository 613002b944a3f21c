/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-ids.h: the connection ids of both sides (RFC 9000, 5.1)
 *
 * Each side gives the other a few ids, so that a path of its own can have an
 * id of its own: who watches two networks does not see that a connection moved
 * from one to the other. Both tables are bounded whatever the peer does.
 */
#pragma once

#include "srudp-frame.h"

G_BEGIN_DECLS

/* Ids the peer may use at a time. */
#define SRUDP_CONNECTION_ID_LIMIT 4
/* Those, and as many it has just given up. */
#define SRUDP_MAX_LOCAL_IDS (2 * SRUDP_CONNECTION_ID_LIMIT)
/* RETIRE_CONNECTION_ID frames not yet acknowledged. */
#define SRUDP_MAX_RETIREMENTS 16

typedef enum
{
  SRUDP_LOCAL_ID_FREE = 0,
  SRUDP_LOCAL_ID_NEW,     /* to be announced, or on its way */
  SRUDP_LOCAL_ID_KNOWN,   /* the peer has it */
  SRUDP_LOCAL_ID_RETIRED, /* late packets may still bear it */
} SrudpLocalIdState;
#define SRUDP_N_LOCAL_ID_STATES (SRUDP_LOCAL_ID_RETIRED + 1)

typedef struct
{
  guint64 sequence;
  guint64 id;
  SrudpLocalIdState state;
  gboolean is_due; /* NEW_CONNECTION_ID is to be sent */
  gint64 retired_at;
} SrudpLocalId;

/* The ids the peer puts into packets to us. */
typedef struct
{
  SrudpLocalId items[SRUDP_MAX_LOCAL_IDS];
  guint n_in_state[SRUDP_N_LOCAL_ID_STATES]; /* asked for with each packet */
  guint64 next_sequence;
  guint limit;
} SrudpLocalIds;

/* `limit`: how many the peer keeps. */
void     srudp_local_ids_init        (SrudpLocalIds *ids,
                                      guint64        first_id,
                                      guint          limit);
/* There is room for another one: make it, and add it. */
gboolean srudp_local_ids_wants_more  (const SrudpLocalIds *ids);
void     srudp_local_ids_add         (SrudpLocalIds *ids,
                                      guint64        id);
/* The next NEW_CONNECTION_ID to send; it is due until announced. */
gboolean srudp_local_ids_next        (const SrudpLocalIds *ids,
                                      SrudpFrame          *frame);
void     srudp_local_ids_announced   (SrudpLocalIds *ids,
                                      guint64        sequence);
void     srudp_local_ids_acked       (SrudpLocalIds *ids,
                                      guint64        sequence);
void     srudp_local_ids_lost        (SrudpLocalIds *ids,
                                      guint64        sequence);
/* The peer retires one, in a packet addressed to `addressed`. FALSE: that
 * breaks the protocol. */
gboolean srudp_local_ids_retire      (SrudpLocalIds *ids,
                                      gint64         now,
                                      guint64        sequence,
                                      guint64        addressed);
gboolean srudp_local_ids_has_retired (const SrudpLocalIds *ids);
/* One that was retired at `before` or earlier and is forgotten now. */
gboolean srudp_local_ids_pop_retired (SrudpLocalIds *ids,
                                      gint64         before,
                                      guint64       *id);

typedef struct
{
  guint64 sequence;
  guint64 id;
  gboolean is_used; /* some packet has borne it */
} SrudpRemoteId;

typedef struct
{
  guint64 sequence;
  gboolean is_due;
} SrudpRetirement;

/* The ids we put into packets to the peer. */
typedef struct
{
  SrudpRemoteId items[SRUDP_CONNECTION_ID_LIMIT];
  guint n_items;
  SrudpRetirement retirements[SRUDP_MAX_RETIREMENTS];
  guint n_retirements;
  guint64 retire_prior_to;
  guint64 highest;  /* sequence number ever seen */
  guint64 seen;     /* bit i: highest - i was */
} SrudpRemoteIds;

void     srudp_remote_ids_init       (SrudpRemoteIds   *ids,
                                      guint64           first_id);
/* NEW_CONNECTION_ID. FALSE: it breaks the protocol. */
gboolean srudp_remote_ids_add        (SrudpRemoteIds   *ids,
                                      const SrudpFrame *frame);
gboolean srudp_remote_ids_contains   (const SrudpRemoteIds *ids,
                                      guint64               id);
/* One that no packet has borne yet; from now on it counts as used. */
gboolean srudp_remote_ids_take       (SrudpRemoteIds   *ids,
                                      guint64          *id);
/* We won't use it again. The last one is kept. */
void     srudp_remote_ids_retire     (SrudpRemoteIds   *ids,
                                      guint64           id);
/* The next RETIRE_CONNECTION_ID to send; it is due until sent. */
gboolean srudp_remote_ids_next       (const SrudpRemoteIds *ids,
                                      SrudpFrame           *frame);
void     srudp_remote_ids_sent       (SrudpRemoteIds   *ids,
                                      guint64           sequence);
void     srudp_remote_ids_acked      (SrudpRemoteIds   *ids,
                                      guint64           sequence);
void     srudp_remote_ids_lost       (SrudpRemoteIds   *ids,
                                      guint64           sequence);

G_END_DECLS
