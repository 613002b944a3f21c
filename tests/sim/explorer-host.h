/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-host.h: one machine of an explored world
 */
#pragma once

#include "explorer.h"

G_BEGIN_DECLS

/* Of a greeting, and of each word. */
#define EX_DATA_BYTES 16

/* What a host's application knows of one session. */
typedef struct
{
  SrudpSession *session; /* NULL: of a process that is dead */
  gboolean is_open;      /* opened here, or taken over by an open */
  guint peer;            /* of an open */
  SrudpState state;
  SrudpReason reason;
  gboolean was_up;
  guint8 binding[SRUDP_KEY_BYTES], peer_key[SRUDP_KEY_BYTES];
  gsize received, written;
  gboolean wrong_data;
} ExSession;

/* Called with each packet a host sends, which is taken over. */
typedef void (*ExSendFunc) (gpointer   data,
                            SimPacket *packet);

typedef struct
{
  const ExScenario *scenario;
  guint index;
  guint64 seed;
  guint generation;
  SimRng rng;
  SrudpAddress address;
  guint8 key[SRUDP_KEY_BYTES];
  SrudpEngine *engine;
  gboolean is_started;
  GPtrArray *sessions; /* ExSession, also those of dead processes */
  guint64 history;     /* a hash of all that the engine was told */
  ExSendFunc send;
  gpointer send_data;
} ExHost;

void     ex_host_init     (ExHost           *host,
                           const ExScenario *scenario,
                           guint             index,
                           guint64           seed,
                           gint64            now);
void     ex_host_clear    (ExHost           *host);
void     ex_host_address  (guint             index,
                           SrudpAddress     *address);
/* The identity of the host with this index. */
void     ex_host_public_key (guint           index,
                             guint64         seed,
                             guint8          out[SRUDP_KEY_BYTES]);
void     ex_host_start    (ExHost           *host,
                           gint64            now);
void     ex_host_restart  (ExHost           *host,
                           gint64            now);
void     ex_host_speak    (ExHost           *host,
                           gint64            now);
void     ex_host_receive  (ExHost           *host,
                           gint64            now,
                           const SimPacket  *packet);
void     ex_host_advance  (ExHost           *host,
                           gint64            now);
gint64   ex_host_deadline (ExHost           *host);
/* Packets that no key of its sessions opened. */
guint64  ex_host_count_forged (ExHost       *host);
gboolean ex_session_is_up (const ExSession  *session);

G_END_DECLS
