/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-congestion.h: what a congestion controller is
 */
#pragma once

#include "srudp-loss.h"

G_BEGIN_DECLS

/* RFC 9002 7.2: initial window of ten packets, never less than two. */
#define SRUDP_INITIAL_WINDOW_PACKETS 10
#define SRUDP_MINIMUM_WINDOW_PACKETS 2

typedef struct _SrudpCongestion SrudpCongestion;

/* One ACK that newly acknowledged packets of this path. */
typedef struct
{
  gint64 now;
  const SrudpRtt *rtt;
  const SrudpLossOutcome *outcome; /* what was acked, its rate and RTT */
  guint64 in_flight_before;        /* bytes, before this ACK */
  guint64 next_number;             /* of the packet to be sent next */
  gboolean app_limited;            /* the window was not the limit */
} SrudpAckEvent;

typedef struct
{
  gint64 now;
  const SrudpRtt *rtt;
  guint64 lost_bytes;
  guint64 n_lost;
  gint64 largest_sent_time;        /* of the newest lost, or marked, packet */
  guint64 bytes_in_flight;         /* without the lost ones */
  guint64 next_number;
} SrudpLossEvent;

/* Only `name`, `instance_size`, reset, on_ack, on_loss, get_window and
 * get_pacing_rate are required. */
typedef struct
{
  const char *name;
  gsize instance_size;

  /* The start, and a new path: forget all. */
  void    (*reset)          (SrudpCongestion      *self,
                             gint64                now);
  /* The RTT is known before the first packet, from the handshake. */
  void    (*on_first_rtt)   (SrudpCongestion      *self,
                             gint64                rtt_us);
  void    (*on_sent)        (SrudpCongestion      *self,
                             gint64                now,
                             guint                 size,
                             guint64               bytes_in_flight);
  void    (*on_ack)         (SrudpCongestion      *self,
                             const SrudpAckEvent  *event);
  void    (*on_loss)        (SrudpCongestion      *self,
                             const SrudpLossEvent *event);
  /* ECN-CE marks were reported: as a loss, but nothing is missing. */
  void    (*on_ecn)         (SrudpCongestion      *self,
                             const SrudpLossEvent *event);
  /* `n` packets declared lost at `lost_time` or before had arrived. */
  void    (*on_spurious)    (SrudpCongestion      *self,
                             gint64                now,
                             gint64                lost_time,
                             guint64               n);
  void    (*on_persistent)  (SrudpCongestion      *self,
                             gint64                now);
  void    (*on_app_limited) (SrudpCongestion      *self,
                             gint64                now,
                             guint64               bytes_in_flight);
  guint64 (*get_window)     (const SrudpCongestion *self);
  /* For traces: qlog's word for it, static. */
  const char * (*get_state) (const SrudpCongestion *self);
  /* Bytes per second. */
  guint64 (*get_pacing_rate) (const SrudpCongestion *self,
                              const SrudpRtt        *rtt);
} SrudpCongestionClass;

/* The first member of every controller. */
struct _SrudpCongestion
{
  const SrudpCongestionClass *klass;
  guint max_datagram_size;
};

SrudpCongestion *
         srudp_congestion_new        (const SrudpCongestionClass *klass,
                                      gint64                      now,
                                      guint             max_datagram_size);
void     srudp_congestion_free       (SrudpCongestion            *self);
/* The controller that meets every requirement, see docs/protocol.md. */
const SrudpCongestionClass *
         srudp_congestion_get_default (void);
/* NULL: no controller has this name. */
const SrudpCongestionClass *
         srudp_congestion_find       (const char                 *name);
void     srudp_congestion_set_max_datagram_size (SrudpCongestion *self,
                                                 guint            size);

G_END_DECLS
