/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stun-client.h: Binding transactions with several servers
 *
 * Sans-I/O like the engine: whoever drives it asks, gives it the datagrams
 * that arrived, sends what it wants sent, and looks for answers. A response
 * counts only with the magic cookie, the id of an outstanding transaction,
 * and the address of the server that was asked (RFC 8489, section 6.3.3).
 */
#pragma once

#include "srudp-engine.h"
#include "srudp-stun.h"

G_BEGIN_DECLS

#define SRUDP_STUN_MAX_TRANSACTIONS 16
/* RFC 8445, section 14.2, paces new transactions at Ta = 50 ms; these are few.
 * The order in which a NAT gives out ports is that of asking. */
#define SRUDP_STUN_GAP_US (20 * 1000)
/* RFC 8489, section 6.2.1, begins with 500 ms and gives up after 39.5 s. A
 * person waits for this: it begins earlier, and gives up after 2.2 s. */
#define SRUDP_STUN_RTO_US (100 * 1000)
#define SRUDP_STUN_MAX_RTO_US (500 * 1000)
#define SRUDP_STUN_MAX_REQUESTS 6

typedef struct
{
  guint token;        /* of srudp_stun_client_ask() */
  SrudpAddress server;
  gboolean answered;  /* FALSE: nothing came, or an error did */
  SrudpStunResponse response; /* if anything came */
  gint64 asked_us;    /* when it was sent first */
  gint64 rtt_us;      /* -1: not known, since it was repeated */
} SrudpStunAnswer;

typedef struct
{
  guint8 id[SRUDP_STUN_TRANSACTION_ID_BYTES];
  SrudpStunAnswer answer;
  gboolean pending; /* to be sent, or waiting */
  gboolean done;    /* nobody has looked yet */
  gint64 due_us;
  guint n_requests;
} SrudpStunTransaction;

typedef struct
{
  SrudpRandomFunc random;
  gpointer random_data;
  SrudpStunTransaction items[SRUDP_STUN_MAX_TRANSACTIONS];
  guint last_token;
  gint64 next_slot_us; /* no new transaction before this */
} SrudpStunClient;

void     srudp_stun_client_init     (SrudpStunClient    *client,
                                     SrudpRandomFunc     random,
                                     gpointer            random_data);
/* Begins to ask a server. Returns a token, never 0 unless there are too many
 * transactions, or the address is none to ask at. */
guint    srudp_stun_client_ask      (SrudpStunClient    *client,
                                     gint64              now,
                                     const SrudpAddress *server);
/* TRUE: it was the response to an outstanding transaction. */
gboolean srudp_stun_client_receive  (SrudpStunClient    *client,
                                     gint64              now,
                                     const SrudpAddress *from,
                                     const guint8       *data,
                                     gsize               size);
/* FALSE: nothing is to be sent now. */
gboolean srudp_stun_client_poll_transmit (SrudpStunClient *client,
                                          gint64           now,
                                          SrudpAddress    *to,
                                          guint8           out[SRUDP_STUN_REQUEST_BYTES]);
/* FALSE: no transaction has ended since. Each one is given once. */
gboolean srudp_stun_client_poll_answer (SrudpStunClient *client,
                                        gint64           now,
                                        SrudpStunAnswer *answer);
/* When something is to be sent or given up; -1: nothing is. */
gint64   srudp_stun_client_get_deadline (const SrudpStunClient *client);
/* Forgets it, whether it is over or not. */
void     srudp_stun_client_cancel   (SrudpStunClient    *client,
                                     guint               token);

G_END_DECLS
