/*
 * SPDX-License-Identifier: MIT
 *
 * transport-pair.h: two transports joined by a bad network in virtual time
 */
#pragma once

#include "srudp-frame.h"
#include "srudp-transport.h"

/* Who is who; the initiator of the handshake opens even streams. */
#define A 0
#define B 1

#define MS ((gint64) 1000)
#define SECOND ((gint64) 1000000)

/* The network, changeable at any time. Rates of chance are 0.0 to 1.0. */
typedef struct
{
  double loss[2];          /* of packets sent by A, by B */
  double duplication;
  gint64 delay_us;         /* one way */
  gint64 jitter_us;        /* up to this much more: reorders */
  guint64 rate;            /* bytes per second each way; 0 = no limit */
  gsize queue_bytes;       /* what waits for the rate; the rest is dropped */
  gsize mtu;               /* longer UDP payloads vanish */
  gboolean black_out;      /* nothing passes */
  gboolean bleaches;       /* ECN marks are cleared */
  double congestion;       /* chance of a CE mark where ECN is in use */
} Network;

/* What one end has done and seen. */
typedef struct
{
  SrudpTransport *transport;
  SrudpAddress address;    /* where its packets seem to come from */
  SrudpAddress second;     /* another of its own, if set */
  guint events[SRUDP_EVENT_HANDSHAKE_FAILED + 1];
  SrudpState state;        /* of the newest STATE event */
  SrudpReason reason;
  guint64 stop_code;
  guint64 opened_stream;
  GPtrArray *datagrams;    /* of GBytes; introductions as well */
  guint packets_sent;
  guint64 bytes_sent;
  /* These three count from where the stream's offsets begin. */
  guint64 n_read;          /* stream 0: bytes read and found right */
  guint64 n_written;       /* stream 0: bytes written by pair_pump() */
  guint64 write_goal;      /* what pair_pump() writes in all */
  gboolean finish_at_goal;
  gboolean hold_reading;   /* pair_pump() leaves the input alone */
  SrudpPath last_path;     /* of the newest packet sent */
  GArray *ids;             /* of guint64: its connection ids */
  guint64 next_id;
  guint64 last_id;         /* in the newest packet sent */
} End;

typedef struct
{
  gint64 now;
  guint32 seed;
  GRand *rand;             /* the network's chance */
  GRand *secrets;          /* the transports' randomness */
  Network network;
  End ends[2];
  gint64 busy_until[2];    /* of the rate-limited link */
  GSequence *packets;      /* in flight, by arrival */
  guint64 n_packets;
  guint64 n_injected;
  guint n_unknown_ids;     /* packets dropped for want of an addressee */
  guint max_segments;
  guint8 *buffer;
} Pair;

/* A pair with 10 ms each way and no faults. Prints the seed. */
Pair    *pair_new       (guint32 seed);
/* The same, with other parameters than the default ones. */
Pair    *pair_new_full  (guint32                     seed,
                         const SrudpTransportConfig *a,
                         const SrudpTransportConfig *b);
/* The default configuration of an end, to be changed and passed on; the keys
 * are filled in by pair_new_full(). */
void     pair_init_config (SrudpTransportConfig *config,
                           guint                 end);
/* What both ends tell each other by default. */
void     pair_init_params (SrudpTransportParams *params);
void     pair_free      (Pair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* Delivers to one end a packet sealed with its peer's keys, whatever is in it.
 * Its number is beyond all that the peer really sends. */
void     pair_inject    (Pair *pair, guint to, const guint8 *payload, gsize n);
/* Lets everything happen that happens up to now + duration. */
void     pair_run       (Pair *pair, gint64 duration_us);
/* Until the condition holds; TRUE if it did within the limit. */
typedef gboolean (*PairCondition) (Pair *pair);
gboolean pair_run_until (Pair *pair, PairCondition condition, gint64 limit_us);
/* Writes towards the goals and reads what is there, checking each byte. */
void     pair_pump      (Pair *pair);

/* Where an end sends to. */
void     pair_assert_remote (Pair *pair, guint end, const SrudpAddress *address);

/* The byte every stream of these tests has at that offset. */
guint8   pattern_at     (guint64 offset);
/* Writes n bytes of the pattern, continuing at the stream's offset. */
void     pair_write     (Pair *pair, guint end, guint64 stream_id, gsize n);
/* Reads all there is of a stream, checks it from `offset`, returns how much
 * it was. */
gsize    pair_read      (Pair *pair, guint end, guint64 stream_id,
                         guint64 offset);
