/*
 * SPDX-License-Identifier: MIT
 *
 * bottleneck.h: flows of recovery modules through one link, for tests
 *
 * Not a network simulator: packets are numbers and sizes, every flow has
 * always something to send, ACKs are never lost. Enough to see how a
 * controller behaves.
 */
#pragma once

#include <srudp-recovery.h>

#define BOTTLENECK_MAX_FLOWS 2

typedef struct
{
  guint64 bits_per_second;
  gint64 one_way_us;       /* each direction */
  guint64 queue_bytes;
  double loss;             /* random, of the data direction */
  gint64 jitter_us;        /* uniform; reorders when it is long */
  gint64 dark_from, dark_until; /* nothing gets through */
} BottleneckLink;

typedef struct
{
  guint64 received_packets, received_bytes; /* payload, each once */
  guint64 marked_bytes;    /* received at the mark */
  guint64 sent_packets, lost_packets, spurious_packets;
  gint64 last_arrival;
} BottleneckFlowResult;

typedef struct
{
  BottleneckFlowResult flows[BOTTLENECK_MAX_FLOWS];
  gint64 queue_p95_us;     /* delay in the queue, over arrivals */
  gint64 queue_max_us;
} BottleneckResult;

/* Runs for `duration_us`; flow i starts at i * stagger_us. The payload that
 * had arrived at `mark_us` is told apart. */
void bottleneck_run (const BottleneckLink       *link,
                     const SrudpCongestionClass *const *controllers,
                     guint                       n_flows,
                     gint64                      stagger_us,
                     gint64                      mark_us,
                     gint64                      duration_us,
                     guint32                     seed,
                     BottleneckResult           *result);
