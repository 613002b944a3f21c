/*
 * SPDX-License-Identifier: MIT
 *
 * bottleneck.c: flows of recovery modules through one link, for tests
 */
#include "bottleneck.h"

#define PACKET 1452
#define HEADERS 28
#define QUEUE_BUCKET_US 100
#define N_BUCKETS 100000
#define NS_PER_SECOND G_GUINT64_CONSTANT (1000000000)

typedef struct
{
  gint64 at;
  guint64 order;
  guint flow;
  guint64 number;
  gint64 queue_us;
  gboolean is_ack;
  guint n_ranges;
  gint64 delay_us;
  SrudpAckRange ranges[SRUDP_ACK_MAX_RANGES];
} Arrival;

typedef struct
{
  SrudpRecovery recovery;
  SrudpAckRanges ranges;
  gint64 starts;
} Flow;

typedef struct
{
  const BottleneckLink *link;
  Flow flows[BOTTLENECK_MAX_FLOWS];
  guint n_flows;
  GArray *heap;            /* of Arrival, a binary heap by time */
  guint64 n_arrivals;
  gint64 now, busy_until_ns;
  GRand *rand;
  guint32 *queue_histogram;
  BottleneckResult *result;
} Run;

static gboolean
is_before (const Arrival *a,
           const Arrival *b)
{
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
heap_push (Run     *run,
           Arrival *arrival)
{
  guint i = run->heap->len;
  Arrival *items;

  arrival->order = run->n_arrivals++;
  g_array_append_val (run->heap, *arrival);
  items = (Arrival *) (gpointer) run->heap->data;
  while (i > 0 && is_before (arrival, &items[(i - 1) / 2]))
    {
      items[i] = items[(i - 1) / 2];
      i = (i - 1) / 2;
    }
  items[i] = *arrival;
}

static Arrival
heap_pop (Run *run)
{
  Arrival *items = (Arrival *) (gpointer) run->heap->data;
  Arrival top = items[0], last = items[run->heap->len - 1];
  guint n = run->heap->len - 1, i = 0;

  while (2 * i + 1 < n)
    {
      guint child = 2 * i + 1;

      if (child + 1 < n && is_before (&items[child + 1], &items[child]))
        child++;
      if (!is_before (&items[child], &last))
        break;
      items[i] = items[child];
      i = child;
    }
  items[i] = last;
  g_array_set_size (run->heap, n);

  return top;
}

static gboolean
is_dark (const Run *run,
         gint64     at)
{
  return at >= run->link->dark_from && at < run->link->dark_until;
}

static void
transmit (Run    *run,
          guint   flow,
          guint64 number)
{
  const BottleneckLink *link = run->link;
  gint64 serialize_ns = (gint64) ((PACKET + HEADERS) * NS_PER_SECOND * 8
                                  / link->bits_per_second);
  gint64 queue_ns = MAX (run->busy_until_ns - run->now * 1000, 0);
  guint64 queued = (guint64) queue_ns / 8 * link->bits_per_second
                   / NS_PER_SECOND;
  Arrival arrival = { .flow = flow, .number = number, .queue_us = queue_ns / 1000 };

  if (queued + PACKET + HEADERS > link->queue_bytes)
    return;
  run->busy_until_ns = run->now * 1000 + queue_ns + serialize_ns;
  if (g_rand_double (run->rand) < link->loss || is_dark (run, run->now))
    return;

  arrival.at = run->busy_until_ns / 1000 + link->one_way_us;
  if (link->jitter_us > 0)
    arrival.at += g_rand_int_range (run->rand, 0, (gint32) link->jitter_us);
  heap_push (run, &arrival);
}

static void
flow_send (Run   *run,
           guint  i)
{
  SrudpRecovery *recovery = &run->flows[i].recovery;
  SrudpLossOutcome outcome;
  gint64 deadline = srudp_recovery_get_deadline (recovery);

  if (run->now < run->flows[i].starts)
    return;
  if (deadline >= 0 && deadline <= run->now)
    srudp_recovery_on_timer (recovery, run->now, &outcome);

  while (recovery->n_probes > 0
         || srudp_recovery_get_allowance (recovery, run->now) > 0)
    {
      if (srudp_sent_packets_wants_skip (recovery->ledger))
        srudp_sent_packets_skip (recovery->ledger, g_rand_int (run->rand));
      transmit (run, i, srudp_sent_packets_get_next (recovery->ledger));
      srudp_recovery_on_sent (recovery, run->now, PACKET,
                              SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_IN_FLIGHT);
      run->result->flows[i].sent_packets++;
    }
  while (srudp_recovery_next_acked (recovery) != NULL)
    continue;
  while (srudp_recovery_next_lost (recovery) != NULL)
    continue;
}

static void
send_ack (Run   *run,
          guint  i)
{
  SrudpAckRanges *ranges = &run->flows[i].ranges;
  Arrival ack = { .flow = i, .is_ack = TRUE };

  ack.n_ranges = MIN (ranges->n_ranges, G_N_ELEMENTS (ack.ranges));
  for (guint k = 0; k < ack.n_ranges; k++)
    ack.ranges[k] = ranges->ranges[k];
  ack.delay_us = srudp_ack_ranges_get_delay (ranges, run->now);
  ack.at = run->now + run->link->one_way_us;
  srudp_ack_ranges_sent (ranges);
  if (!is_dark (run, run->now))
    heap_push (run, &ack);
}

static void
arrive (Run           *run,
        const Arrival *arrival)
{
  BottleneckFlowResult *result = &run->result->flows[arrival->flow];
  Flow *flow = &run->flows[arrival->flow];
  gint64 bucket = arrival->queue_us / QUEUE_BUCKET_US;

  if (arrival->is_ack)
    {
      g_assert_true (srudp_recovery_on_ack (&flow->recovery, run->now,
                                            arrival->ranges, arrival->n_ranges,
                                            arrival->delay_us, NULL, NULL));
      return;
    }

  run->queue_histogram[MIN (bucket, N_BUCKETS - 1)]++;
  run->result->queue_max_us = MAX (run->result->queue_max_us,
                                   arrival->queue_us);
  result->received_packets++;
  result->received_bytes += PACKET;
  result->last_arrival = run->now;
  srudp_ack_ranges_add (&flow->ranges, run->now, arrival->number, TRUE,
                        SRUDP_ECN_NOT_ECT);
}

static void
consider (gint64 *next,
          gint64  at,
          gint64  now)
{
  if (at >= 0)
    *next = MIN (*next, MAX (at, now));
}

static gint64
get_next_time (Run *run)
{
  gint64 next = G_MAXINT64;

  if (run->heap->len > 0)
    consider (&next, g_array_index (run->heap, Arrival, 0).at, run->now);
  for (guint i = 0; i < run->n_flows; i++)
    {
      Flow *flow = &run->flows[i];

      if (run->now < flow->starts)
        {
          consider (&next, flow->starts, run->now);
          continue;
        }
      consider (&next, srudp_recovery_get_send_time (&flow->recovery,
                                                     run->now), run->now + 1);
      consider (&next, srudp_recovery_get_deadline (&flow->recovery),
                run->now);
      consider (&next, srudp_ack_ranges_get_deadline (&flow->ranges),
                run->now);
    }

  return next;
}

static void
step (Run *run)
{
  while (run->heap->len > 0
         && g_array_index (run->heap, Arrival, 0).at <= run->now)
    {
      Arrival arrival = heap_pop (run);
      gint64 due;

      arrive (run, &arrival);
      due = srudp_ack_ranges_get_deadline (&run->flows[arrival.flow].ranges);
      if (due >= 0 && due <= run->now)
        send_ack (run, arrival.flow);
    }
  for (guint i = 0; i < run->n_flows; i++)
    {
      gint64 due = srudp_ack_ranges_get_deadline (&run->flows[i].ranges);

      if (due >= 0 && due <= run->now)
        send_ack (run, i);
      flow_send (run, i);
    }
}

static void
finish (Run *run)
{
  guint64 total = 0, seen = 0;

  for (guint i = 0; i < N_BUCKETS; i++)
    total += run->queue_histogram[i];
  for (guint i = 0; i < N_BUCKETS && seen * 100 < total * 95; i++)
    {
      seen += run->queue_histogram[i];
      run->result->queue_p95_us = (gint64) i * QUEUE_BUCKET_US;
    }
  for (guint i = 0; i < run->n_flows; i++)
    {
      run->result->flows[i].lost_packets = run->flows[i].recovery.loss.n_lost;
      run->result->flows[i].spurious_packets =
        run->flows[i].recovery.loss.n_spurious;
      srudp_recovery_clear (&run->flows[i].recovery);
      srudp_ack_ranges_clear (&run->flows[i].ranges);
    }
}

void
bottleneck_run (const BottleneckLink              *link,
                const SrudpCongestionClass *const *controllers,
                guint                              n_flows,
                gint64                             stagger_us,
                gint64                             mark_us,
                gint64                             duration_us,
                guint32                            seed,
                BottleneckResult                  *result)
{
  g_autoptr(GArray) heap = g_array_new (FALSE, FALSE, sizeof (Arrival));
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  g_autofree guint32 *histogram = g_new0 (guint32, N_BUCKETS);
  Run run = { .link = link, .n_flows = n_flows, .heap = heap, .rand = rand,
              .queue_histogram = histogram, .result = result };
  gboolean marked = FALSE;

  *result = (BottleneckResult) { 0 };
  for (guint i = 0; i < n_flows; i++)
    {
      SrudpRecoveryConfig config = {
        .controller = controllers[i],
        .first_rtt_us = 2 * link->one_way_us,
        .max_ack_delay_us = 25000, .max_datagram_size = PACKET,
        .random = g_rand_int (rand),
      };

      srudp_recovery_init (&run.flows[i].recovery, &config, 0);
      srudp_ack_ranges_init (&run.flows[i].ranges, 25000);
      run.flows[i].starts = i * stagger_us;
    }

  for (; run.now < duration_us; run.now = get_next_time (&run))
    {
      if (!marked && run.now >= mark_us)
        {
          for (guint i = 0; i < n_flows; i++)
            result->flows[i].marked_bytes = result->flows[i].received_bytes;
          marked = TRUE;
        }
      step (&run);
    }
  finish (&run);
}
