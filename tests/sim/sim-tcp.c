/*
 * SPDX-License-Identifier: MIT
 *
 * sim-tcp.c: a model of a TCP bulk transfer, to share links with
 */
#include "sim-tcp.h"

#include <math.h>
#include <string.h>

/* A link counts 28 bytes of headers; TCP with timestamps has 24 more. */
#define SEGMENT_PAYLOAD (SIM_TCP_SEGMENT_BYTES + 24)
#define MAX_RANGES 60
#define INITIAL_WINDOW 10.0 /* RFC 6928 */
#define MIN_WINDOW 2.0
#define NO_THRESHOLD 1e18
/* RFC 9438 4.1, 4.3 and 4.6. */
#define CUBIC_C 0.4
#define BETA 0.7
#define ALPHA (3.0 * (1.0 - BETA) / (1.0 + BETA))
/* As Linux has them. */
#define MIN_TIMEOUT_US (200 * SIM_MS)
#define DELAYED_ACK_US (40 * SIM_MS)
#define HYSTART_SAMPLES 8
#define HYSTART_MIN_US (4 * SIM_MS)
#define HYSTART_MAX_US (16 * SIM_MS)
#define HYSTART_MIN_WINDOW 16.0

enum
{
  SACKED = 1 << 0,
  LOST = 1 << 1,     /* not repeated yet */
  REPEATED = 1 << 2, /* gives no RTT sample (Karn) */
};

typedef struct
{
  gint64 sent_us;
  guint8 flags;
} Segment;

typedef struct
{
  guint64 number;
  gint64 sent_us;
} DataPacket;

typedef struct
{
  guint64 next;
  gint64 echo_us;
  guint32 n_ranges;
  SrudpRange ranges[MAX_RANGES];
} AckPacket;

/* --- The receiver ----------------------------------------------------------- */

static void arm (SimTcp *tcp);

static void
send_ack (SimTcp *tcp)
{
  SimTcpReceiver *r = &tcp->receiver;
  AckPacket ack = { r->next, r->echo_us,
                    srudp_range_set_get_n_ranges (&r->received), { { 0 } } };

  /* An ACK with SACK blocks has about this size, however many are modelled. */
  G_STATIC_ASSERT (sizeof ack > 48);
  for (guint i = 0; i < ack.n_ranges; i++)
    ack.ranges[i] = *srudp_range_set_get (&r->received, i);
  r->n_unacked = 0;
  r->ack_at_us = -1;
  sim_sink_receive (tcp->way_back,
                    sim_packet_new (&tcp->to, &tcp->from, SRUDP_ECN_NOT_ECT,
                                    (const guint8 *) &ack,
                                    offsetof (AckPacket, ranges)
                                      + ack.n_ranges * sizeof ack.ranges[0]));
}

static void
advance_receiver (SimTcpReceiver *r)
{
  const SrudpRange *range = srudp_range_set_get (&r->received, 0);

  if (range == NULL || range->start > r->next)
    return;
  r->next = range->end;
  srudp_range_set_drop_first (&r->received);
}

static void
data_receive (SimSink   *sink,
              SimPacket *packet)
{
  SimTcp *tcp = (SimTcp *) sink;
  SimTcpReceiver *r = &tcp->receiver;
  DataPacket data;
  gboolean in_order;

  memcpy (&data, packet->data, sizeof data);
  sim_packet_free (packet);
  in_order = data.number == r->next
    && srudp_range_set_get_n_ranges (&r->received) == 0;
  if (r->n_unacked == 0)
    r->echo_us = data.sent_us;
  r->n_unacked++;
  /* One that has no room is lost; the next one needs none, however many gaps
   * there are. */
  if (data.number == r->next)
    r->next++;
  else if (data.number > r->next)
    srudp_range_set_add (&r->received, data.number, data.number + 1);
  advance_receiver (r);

  if (!in_order || r->n_unacked >= 2)
    send_ack (tcp);
  else
    r->ack_at_us = tcp->clock->now_us + DELAYED_ACK_US;
  arm (tcp);
}

/* --- The sender ------------------------------------------------------------- */

static Segment *
get_segment (SimTcpSender *s,
             guint64       number)
{
  return &g_array_index (s->segments, Segment,
                         s->first + (guint) (number - s->unacked));
}

static guint64
get_pipe (const SimTcpSender *s)
{
  return s->next - s->unacked - s->n_sacked - s->n_lost;
}

static gint64
get_timeout (const SimTcpSender *s)
{
  gint64 base = s->srtt_us < 0 ? SIM_S
    : MAX (s->srtt_us + 4 * s->rttvar_us, MIN_TIMEOUT_US);

  return base << MIN (s->n_timeouts, 6);
}

static void
transmit (SimTcp  *tcp,
          guint64  number,
          Segment *segment)
{
  guint8 payload[SEGMENT_PAYLOAD] = { 0 };
  DataPacket data = { number, tcp->clock->now_us };

  segment->sent_us = tcp->clock->now_us;
  memcpy (payload, &data, sizeof data);
  if (tcp->sender.timeout_at_us < 0)
    tcp->sender.timeout_at_us = tcp->clock->now_us
      + get_timeout (&tcp->sender);
  sim_sink_receive (tcp->way_there,
                    sim_packet_new (&tcp->from, &tcp->to, SRUDP_ECN_NOT_ECT,
                                    payload, sizeof payload));
}

static void
repeat_lost (SimTcp *tcp)
{
  SimTcpSender *s = &tcp->sender;

  for (guint64 n = s->unacked;
       n < s->next && s->n_lost > 0 && (double) get_pipe (s) < s->window; n++)
    {
      Segment *segment = get_segment (s, n);

      if (!(segment->flags & LOST))
        continue;
      segment->flags = REPEATED;
      s->n_lost--;
      transmit (tcp, n, segment);
    }
}

static void
send_more (SimTcp *tcp)
{
  SimTcpSender *s = &tcp->sender;

  repeat_lost (tcp);
  while ((double) get_pipe (s) < s->window)
    {
      Segment segment = { 0 };

      g_array_append_val (s->segments, segment);
      s->next++;
      transmit (tcp, s->next - 1, get_segment (s, s->next - 1));
    }
  arm (tcp);
}

static void
start_epoch (SimTcpSender *s,
             gint64        now)
{
  s->epoch_us = now;
  s->w_est = s->window;
  s->w_max = MAX (s->w_max, s->window);
  s->k = cbrt ((s->w_max - s->window) / CUBIC_C);
}

/* RFC 9438 4.2 to 4.5. */
static void
grow_avoiding (SimTcpSender *s,
               gint64        now,
               double        n_acked)
{
  double t, target;

  if (s->epoch_us < 0)
    start_epoch (s, now);
  s->w_est += ALPHA * n_acked / s->window;
  t = (double) (now - s->epoch_us + s->srtt_us) / 1e6 - s->k;
  target = CLAMP (CUBIC_C * t * t * t + s->w_max, s->window, 1.5 * s->window);
  s->window = MAX (s->window + (target - s->window) / s->window * n_acked,
                   s->w_est);
}

static void
grow (SimTcpSender *s,
      gint64        now,
      guint64       n_acked)
{
  if (s->unacked <= s->recovery_end)
    return;
  if (s->window < s->threshold)
    s->window += (double) n_acked;
  else
    grow_avoiding (s, now, (double) n_acked);
}

/* RFC 9438 4.6 and 4.7. */
static void
cut (SimTcpSender *s,
     gint64        now)
{
  if (s->unacked <= s->recovery_end && s->recovery_end > 0)
    return;
  s->recovery_end = s->next;
  s->w_max = s->window < s->w_max ? s->window * (1.0 + BETA) / 2.0
                                  : s->window;
  s->window = MAX (s->window * BETA, MIN_WINDOW);
  s->threshold = s->window;
  start_epoch (s, now);
}

static void
note_rtt (SimTcpSender *s,
          gint64        rtt_us)
{
  s->min_rtt_us = s->min_rtt_us < 0 ? rtt_us : MIN (s->min_rtt_us, rtt_us);
  if (s->srtt_us < 0)
    {
      s->srtt_us = rtt_us;
      s->rttvar_us = rtt_us / 2;
    }
  else
    {
      s->rttvar_us += (ABS (s->srtt_us - rtt_us) - s->rttvar_us) / 4;
      s->srtt_us += (rtt_us - s->srtt_us) / 8;
    }
  s->round_rtt_us = s->round_rtt_us < 0 ? rtt_us
                                        : MIN (s->round_rtt_us, rtt_us);
  s->n_samples++;
}

static void
end_slow_start_by_delay (SimTcpSender *s)
{
  gint64 rise = CLAMP (s->last_round_rtt_us / 8, HYSTART_MIN_US,
                       HYSTART_MAX_US);

  if (s->window < s->threshold && s->window >= HYSTART_MIN_WINDOW
      && s->n_samples >= HYSTART_SAMPLES && s->last_round_rtt_us >= 0
      && s->round_rtt_us >= s->last_round_rtt_us + rise)
    s->threshold = s->window;
  if (s->unacked < s->round_end)
    return;
  s->round_end = s->next;
  s->last_round_rtt_us = s->round_rtt_us;
  s->round_rtt_us = -1;
  s->n_samples = 0;
}

static void
mark_delivered (SimTcpSender *s,
                Segment      *segment)
{
  if (segment->flags & LOST)
    s->n_lost--;
  segment->flags &= (guint8) ~LOST;
  if (!(segment->flags & REPEATED))
    s->newest_delivered_us = MAX (s->newest_delivered_us, segment->sent_us);
}

static guint64
take_ack (SimTcpSender    *s,
          const AckPacket *ack)
{
  guint64 n = 0;

  for (; s->unacked < ack->next && s->unacked < s->next; s->first++, n++)
    {
      Segment *segment = get_segment (s, s->unacked);

      if (segment->flags & SACKED)
        s->n_sacked--;
      else
        mark_delivered (s, segment);
      s->unacked++;
    }
  if (s->first > 4096 && s->first * 2 > s->segments->len)
    {
      g_array_remove_range (s->segments, 0, s->first);
      s->first = 0;
    }

  return n;
}

static void
take_sack (SimTcpSender     *s,
           const SrudpRange *range)
{
  for (guint64 n = MAX (range->start, s->unacked); n < range->end; n++)
    {
      Segment *segment = get_segment (s, n);

      if (segment->flags & SACKED)
        continue;
      mark_delivered (s, segment);
      segment->flags |= SACKED;
      s->n_sacked++;
    }
}

/* RACK: lost is what was sent before something that has arrived. */
static guint
find_lost (SimTcpSender *s)
{
  gint64 before = s->newest_delivered_us - MAX (s->min_rtt_us, 0) / 4;
  guint n = 0;

  if (s->n_sacked == 0)
    return 0;
  for (guint64 i = s->unacked; i < s->next; i++)
    {
      Segment *segment = get_segment (s, i);

      if (segment->flags & (SACKED | LOST) || segment->sent_us >= before)
        continue;
      segment->flags |= LOST;
      s->n_lost++;
      n++;
    }

  return n;
}

static void
ack_receive (SimSink   *sink,
             SimPacket *packet)
{
  SimTcp *tcp = (SimTcp *) (gpointer) ((guint8 *) sink
                                       - offsetof (SimTcp, ack_in));
  SimTcpSender *s = &tcp->sender;
  gint64 now = tcp->clock->now_us;
  AckPacket ack = { 0 };
  guint64 n_acked;

  memcpy (&ack, packet->data, packet->size);
  sim_packet_free (packet);
  note_rtt (s, now - ack.echo_us);
  n_acked = take_ack (s, &ack);
  for (guint i = 0; i < ack.n_ranges; i++)
    take_sack (s, &ack.ranges[i]);
  end_slow_start_by_delay (s);
  if (find_lost (s) > 0)
    cut (s, now);
  if (n_acked > 0)
    {
      s->n_timeouts = 0;
      s->timeout_at_us = s->unacked < s->next ? now + get_timeout (s) : -1;
      grow (s, now, n_acked);
    }
  send_more (tcp);
}

static void
time_out (SimTcp *tcp)
{
  SimTcpSender *s = &tcp->sender;

  for (guint64 n = s->unacked; n < s->next; n++)
    {
      Segment *segment = get_segment (s, n);

      if (segment->flags & (SACKED | LOST))
        continue;
      segment->flags |= LOST;
      s->n_lost++;
    }
  s->threshold = MAX (s->window * BETA, MIN_WINDOW);
  s->w_max = s->window;
  s->window = 1.0;
  s->epoch_us = -1;
  s->n_timeouts++;
  s->recovery_end = 0;
  s->timeout_at_us = tcp->clock->now_us + get_timeout (s);
  send_more (tcp);
}

static void
timer_cb (gpointer data)
{
  SimTcp *tcp = data;
  gint64 now = tcp->clock->now_us;

  if (tcp->timer_at_us != now)
    return; /* another one is set */
  tcp->timer_at_us = -1;
  if (tcp->receiver.ack_at_us >= 0 && tcp->receiver.ack_at_us <= now)
    send_ack (tcp);
  if (tcp->sender.timeout_at_us >= 0 && tcp->sender.timeout_at_us <= now)
    time_out (tcp);
  arm (tcp);
}

static void
arm (SimTcp *tcp)
{
  gint64 at = tcp->sender.timeout_at_us;

  if (at < 0 || (tcp->receiver.ack_at_us >= 0 && tcp->receiver.ack_at_us < at))
    at = tcp->receiver.ack_at_us;
  if (at < 0 || (tcp->timer_at_us >= 0 && tcp->timer_at_us <= at))
    return;
  at = MAX (at, tcp->clock->now_us);
  tcp->timer_at_us = at;
  sim_clock_schedule (tcp->clock, at, timer_cb, tcp, NULL);
}

void
sim_tcp_init (SimTcp   *tcp,
              SimClock *clock,
              guint     from_host,
              guint     to_host)
{
  *tcp = (SimTcp) {
    .data_in.receive = data_receive,
    .ack_in.receive = ack_receive,
    .clock = clock,
    .sender = { .window = INITIAL_WINDOW, .threshold = NO_THRESHOLD,
                .min_rtt_us = -1, .srtt_us = -1, .epoch_us = -1,
                .timeout_at_us = -1, .round_rtt_us = -1,
                .last_round_rtt_us = -1 },
    .receiver.ack_at_us = -1,
    .timer_at_us = -1,
  };
  sim_address (&tcp->from, from_host, 80);
  sim_address (&tcp->to, to_host, 80);
  tcp->sender.segments = g_array_new (FALSE, FALSE, sizeof (Segment));
  srudp_range_set_init (&tcp->receiver.received, MAX_RANGES);
}

void
sim_tcp_clear (SimTcp *tcp)
{
  g_clear_pointer (&tcp->sender.segments, g_array_unref);
  srudp_range_set_clear (&tcp->receiver.received);
}

void
sim_tcp_start (SimTcp *tcp)
{
  send_more (tcp);
}

guint64
sim_tcp_get_delivered (SimTcp *tcp)
{
  return tcp->receiver.next * SIM_TCP_SEGMENT_BYTES;
}
