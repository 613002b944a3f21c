/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cubic.c: CUBIC (RFC 9438) with HyStart++ (RFC 9406)
 *
 * All windows are in bytes. The cubic itself is in datagrams per cubic second
 * in the RFC, hence the factor max_datagram_size.
 */
#include "srudp-cubic.h"

#include "srudp-hystart.h"
#include "srudp-queue-guard.h"

/* RFC 9438 4.1 and 4.6. */
#define CUBIC_C 0.4
#define BETA 0.7
/* RFC 9438 4.3: the additive increase that is fair to Reno. */
#define ALPHA (3.0 * (1.0 - BETA) / (1.0 + BETA))
/* RFC 9406 4.2. */
#define CSS_GROWTH_DIVISOR 4.0
/* Pacing: twice the window a round trip in slow start, so that it can double;
 * a little more than the window after (RFC 9002 7.7). */
#define SLOW_START_GAIN 2.0
#define AVOIDANCE_GAIN 1.25
/* Cuts that follow each other in this time may have one cause. */
#define ROW_RTTS 3
#define NEVER_SPURIOUS G_MAXUINT32
/* A quarter more than all windows a connection can have. */
#define NO_THRESHOLD 1e18

/* The tolerant kind. A queue that makes up less than this part of the RTT is
 * none: random loss keeps the window. */
#define NO_QUEUE_KEEP 0.87
#define JITTER_VARIANCES 2
/* What is kept beyond the part of the window that fits without a queue. */
#define KEEP_MARGIN 0.03
/* A queue that is drained goes by a tenth at least, or nothing would show. */
#define MAX_DRAIN_KEEP 0.9
/* So many samples tell the smallest RTT of a round, jitter or not. */
#define MIN_ROUND_SAMPLES 8
/* Long paths start with more, up to twelve times as much. */
#define USUAL_RTT_US 50000
#define MAX_START_FACTOR 12
/* Loss that is congestion whatever the RTT says: of so many packets more than
 * a tenth, or of one round's more than a quarter (and not just a few). */
#define LOSS_SAMPLE_PACKETS 256
#define LOSS_SAMPLE_DIVISOR 10
#define LOSS_ROUND_DIVISOR 4
#define LOSS_ROUND_MIN 8

typedef struct
{
  double window;
  double threshold;        /* of slow start */
  double w_max;            /* the plateau */
  double w_est;            /* what Reno would have */
  double prior;            /* the window before the last cut */
  double k;                /* seconds from the cut to the plateau */
  gint64 epoch_start;      /* -1: congestion avoidance has not begun */
} CubicWindow;

typedef struct
{
  guint64 n_acked, n_lost; /* packets */
} LossCount;

typedef struct
{
  SrudpCongestion parent;
  CubicWindow w;
  SrudpHystart hystart;
  gint64 limited_since;    /* application limited, -1: is not */
  /* One cut a round trip, and what it was before, to undo it. */
  gint64 recovery_start;   /* -1: never */
  CubicWindow before_cut;
  guint64 n_unproven;      /* lost around the cut, not found spurious yet */
  gint64 undo_start;       /* of the first of cuts in a row, undone as one */
  /* The tolerant kind only. */
  SrudpQueueGuard guard;
  CubicWindow before_drain;
  gint64 cut_time;         /* the last one; -1: never */
  LossCount round, sample;
  guint64 rate, last_rate; /* largest delivery rate of this round, the last */
} Cubic;

static double
get_minimum (const Cubic *self)
{
  return (double) SRUDP_MINIMUM_WINDOW_PACKETS
         * self->parent.max_datagram_size;
}

static gboolean
in_slow_start (const Cubic *self)
{
  return self->w.window < self->w.threshold;
}

static void
cubic_reset (SrudpCongestion *congestion,
             gint64           now)
{
  Cubic *self = (Cubic *) congestion;

  self->w = (CubicWindow) {
    .window = (double) SRUDP_INITIAL_WINDOW_PACKETS
              * congestion->max_datagram_size,
    .threshold = NO_THRESHOLD,
    .epoch_start = -1,
  };
  srudp_hystart_init (&self->hystart);
  srudp_queue_guard_init (&self->guard);
  self->limited_since = -1;
  self->recovery_start = -1;
  self->cut_time = -1;
  self->n_unproven = 0;
  self->round = self->sample = (LossCount) { 0 };
  self->rate = self->last_rate = 0;
}

/* Newton's method: GLib has no cube root, and it is needed once a cut. */
static double
cube_root (double value)
{
  double root = MAX (value, 1.0);

  if (value <= 0.0)
    return 0.0;
  for (guint i = 0; i < 100; i++)
    {
      double next = (2.0 * root + value / (root * root)) / 3.0;

      if (ABS (next - root) < 1e-9 * root)
        return next;
      root = next;
    }

  return root;
}

/* RFC 9438 4.2: from the present window along the cubic to the plateau. */
static void
start_epoch (Cubic  *self,
             gint64  now)
{
  CubicWindow *w = &self->w;

  w->epoch_start = now;
  w->w_est = w->window;
  w->w_max = MAX (w->w_max, w->window);
  w->k = cube_root ((w->w_max - w->window) / CUBIC_C
                    / self->parent.max_datagram_size);
}

static double
get_cubic (const Cubic *self,
           gint64       elapsed_us)
{
  double t = (double) elapsed_us / G_USEC_PER_SEC - self->w.k;

  return CUBIC_C * self->parent.max_datagram_size * t * t * t
         + self->w.w_max;
}

/* RFC 9438 4.2 to 4.5. */
static void
grow_avoiding (Cubic               *self,
               const SrudpAckEvent *event)
{
  CubicWindow *w = &self->w;
  double acked = (double) event->outcome->acked_bytes;
  double mss = self->parent.max_datagram_size;
  double target, alpha;
  gint64 elapsed_us;

  if (w->epoch_start < 0)
    start_epoch (self, event->now);
  elapsed_us = event->now - w->epoch_start;

  alpha = w->w_est < w->prior ? ALPHA : 1.0;
  w->w_est += alpha * mss * acked / w->window;
  if (get_cubic (self, elapsed_us) < w->w_est && w->w_est > w->window)
    {
      w->window = w->w_est;
      return;
    }

  target = CLAMP (get_cubic (self, elapsed_us + event->rtt->smoothed_us),
                  w->window, 1.5 * w->window);
  w->window += (target - w->window) * MIN (acked / w->window, 1.0);
}

static void
grow_slow_start (Cubic               *self,
                 const SrudpAckEvent *event)
{
  double acked = (double) event->outcome->acked_bytes;

  switch (self->hystart.phase)
    {
    case SRUDP_HYSTART_GROW:
      self->w.window += acked;
      break;
    case SRUDP_HYSTART_CONSERVATIVE:
      self->w.window += acked / CSS_GROWTH_DIVISOR;
      break;
    case SRUDP_HYSTART_DONE:
      self->w.threshold = self->w.window;
      break;
    }
}

/* RFC 9438 5.8: time in which the application did not use the window does not
 * count as growth. */
static gboolean
is_app_limited (Cubic               *self,
                const SrudpAckEvent *event)
{
  if (event->app_limited)
    {
      if (self->limited_since < 0)
        self->limited_since = event->now;
      return TRUE;
    }

  if (self->limited_since >= 0 && self->w.epoch_start >= 0)
    self->w.epoch_start += event->now
                           - MAX (self->limited_since, self->w.epoch_start);
  self->limited_since = -1;
  return FALSE;
}

static gboolean
note_round (Cubic               *self,
            const SrudpAckEvent *event)
{
  return srudp_hystart_on_ack (&self->hystart,
                               event->outcome->largest_newly_acked,
                               event->next_number,
                               event->outcome->rtt_sample_us);
}

static void
grow (Cubic               *self,
      const SrudpAckEvent *event)
{
  if (is_app_limited (self, event)
      || event->outcome->largest_acked_sent_time <= self->recovery_start)
    return;

  if (in_slow_start (self))
    grow_slow_start (self, event);
  else
    grow_avoiding (self, event);
}

static void
cubic_on_ack (SrudpCongestion     *congestion,
              const SrudpAckEvent *event)
{
  Cubic *self = (Cubic *) congestion;

  note_round (self, event);
  grow (self, event);
}

/* RFC 9438 4.6 and 4.7 (fast convergence). */
static void
cut (Cubic  *self,
     gint64  now,
     double  keep)
{
  CubicWindow *w = &self->w;

  self->cut_time = now;
  w->prior = w->window;
  w->w_max = w->window < w->w_max ? w->window * (1.0 + keep) / 2.0
                                  : w->window;
  w->window = MAX (w->window * keep, get_minimum (self));
  w->threshold = w->window;
  start_epoch (self, now);
}

/* TRUE: this loss belongs to a cut that was made already. */
static gboolean
in_recovery (const Cubic          *self,
             const SrudpLossEvent *event)
{
  return event->largest_sent_time <= self->recovery_start;
}

/* Where packets come late by more than a round trip, the next ones are taken
 * for lost before these have arrived: only all together they show that nothing
 * was. */
static gboolean
is_in_a_row (const Cubic          *self,
             const SrudpLossEvent *event)
{
  return self->recovery_start >= 0 && self->n_unproven > 0
         && self->n_unproven < NEVER_SPURIOUS
         && event->now - self->recovery_start
              <= ROW_RTTS * event->rtt->smoothed_us;
}

static void
react (Cubic                *self,
       const SrudpLossEvent *event,
       double                keep)
{
  if (in_recovery (self, event))
    {
      self->n_unproven += event->n_lost;
      return;
    }

  if (!is_in_a_row (self, event))
    {
      self->before_cut = self->w;
      self->undo_start = event->now;
      self->n_unproven = 0;
    }
  self->recovery_start = event->now;
  self->n_unproven += event->n_lost;
  cut (self, event->now, keep);
}

static void
cubic_on_loss (SrudpCongestion      *congestion,
               const SrudpLossEvent *event)
{
  react ((Cubic *) congestion, event, BETA);
}

static void
cubic_on_ecn (SrudpCongestion      *congestion,
              const SrudpLossEvent *event)
{
  Cubic *self = (Cubic *) congestion;

  if (in_recovery (self, event))
    return;
  react (self, event, BETA);
  /* A mark is never spurious. */
  self->n_unproven = NEVER_SPURIOUS;
}

static void
cubic_on_spurious (SrudpCongestion *congestion,
                   gint64           now,
                   gint64           lost_time,
                   guint64          n)
{
  Cubic *self = (Cubic *) congestion;

  if (self->n_unproven == 0 || self->recovery_start < 0
      || lost_time < self->undo_start)
    return;

  self->n_unproven -= MIN (n, self->n_unproven);
  if (self->n_unproven > 0)
    return;

  /* RFC 9438 4.9: all of them had only been late. */
  if (self->before_cut.window > self->w.window)
    self->w = self->before_cut;
  self->recovery_start = -1;
  srudp_queue_guard_cancel (&self->guard);
}

/* RFC 9002 7.6.2. */
static void
cubic_on_persistent (SrudpCongestion *congestion,
                     gint64           now)
{
  Cubic *self = (Cubic *) congestion;

  self->w.window = get_minimum (self);
  self->w.epoch_start = -1;
  self->recovery_start = -1;
  self->n_unproven = 0;
  srudp_hystart_init (&self->hystart);
  srudp_queue_guard_cancel (&self->guard);
}

static const char *
cubic_get_state (const SrudpCongestion *congestion)
{
  return in_slow_start ((const Cubic *) congestion) ? "slow_start"
                                                    : "congestion_avoidance";
}

static guint64
cubic_get_window (const SrudpCongestion *congestion)
{
  return (guint64) ((const Cubic *) congestion)->w.window;
}

static guint64
cubic_get_pacing_rate (const SrudpCongestion *congestion,
                       const SrudpRtt        *rtt)
{
  const Cubic *self = (const Cubic *) congestion;
  double gain = in_slow_start (self) ? SLOW_START_GAIN : AVOIDANCE_GAIN;
  double rtt_us = (double) MAX (rtt->smoothed_us, 1);

  return (guint64) (gain * self->w.window * G_USEC_PER_SEC / rtt_us) + 1;
}

/* The part of the window that fits into the path without a queue, as far as
 * the round-trip time tells. */
static double
get_keep (const Cubic    *self,
          const SrudpRtt *rtt)
{
  gint64 rtt_us = srudp_hystart_get_rtt (&self->hystart);

  return rtt_us > 0 && rtt->min_us > 0
    ? MIN ((double) rtt->min_us / (double) rtt_us, 1.0) : 1.0;
}

/* What the path has delivered of late, in one round trip without a queue: to
 * go below would leave it idle. 0: unknown. */
static double
get_path_window (const Cubic    *self,
                 const SrudpRtt *rtt)
{
  guint64 rate = MAX (self->rate, self->last_rate);

  return rtt->min_us > 0
    ? (double) rate * (double) rtt->min_us / G_USEC_PER_SEC : 0.0;
}

static gboolean
is_heavy (const LossCount *count,
          guint64          divisor)
{
  return count->n_lost * divisor > count->n_lost + count->n_acked;
}

/* Too much to be chance, whatever its cause. */
static gboolean
is_loss_heavy (Cubic *self)
{
  if (self->round.n_lost >= LOSS_ROUND_MIN
      && is_heavy (&self->round, LOSS_ROUND_DIVISOR))
    return TRUE;

  return self->sample.n_acked + self->sample.n_lost >= LOSS_SAMPLE_PACKETS
         && is_heavy (&self->sample, LOSS_SAMPLE_DIVISOR);
}

/* Where round-trip times vary by as much as the queue would be, it is none. */
static gboolean
is_jitter (const Cubic    *self,
           const SrudpRtt *rtt)
{
  return srudp_hystart_get_rtt (&self->hystart) - rtt->min_us
         < JITTER_VARIANCES * rtt->variance_us;
}

static void
tolerant_on_loss (SrudpCongestion      *congestion,
                  const SrudpLossEvent *event)
{
  Cubic *self = (Cubic *) congestion;
  double keep = get_keep (self, event->rtt);
  gboolean heavy;

  /* What was sent before the last cut says nothing about the time after. */
  if (in_recovery (self, event))
    {
      react (self, event, BETA);
      return;
    }
  self->round.n_lost += event->n_lost;
  self->sample.n_lost += event->n_lost;
  heavy = is_loss_heavy (self);
  if (!heavy && (keep > NO_QUEUE_KEEP || is_jitter (self, event->rtt)))
    return;

  srudp_queue_guard_cancel (&self->guard);
  keep = MAX (keep + KEEP_MARGIN,
              get_path_window (self, event->rtt) / self->w.window);
  react (self, event, heavy ? BETA : CLAMP (keep, BETA, 1.0));
  self->round = self->sample = (LossCount) { 0 };
}

/* To what is delivered. The RTT tells how little that can be: it shows the
 * window of a round trip ago, which in slow start was half of this one. */
static void
drain (Cubic               *self,
       const SrudpAckEvent *event)
{
  double path = get_path_window (self, event->rtt);
  double least = self->guard.keep * (in_slow_start (self) ? 0.5 : 1.0);
  double keep = CLAMP (path / self->w.window, least,
                       MAX (least, MAX_DRAIN_KEEP));

  self->before_drain = self->w;
  cut (self, event->now, keep);
  /* What is known to fit is the plateau; beyond it lies only queue. */
  self->w.w_max = self->w.window;
  start_epoch (self, event->now);
}

static void
ask_guard (Cubic               *self,
           const SrudpAckEvent *event,
           gint64               rtt_us)
{
  switch (srudp_queue_guard_on_round (&self->guard, event->now, rtt_us,
                                      event->rtt->min_us,
                                      in_slow_start (self)))
    {
    case SRUDP_QUEUE_GUARD_DRAIN:
      drain (self, event);
      break;
    case SRUDP_QUEUE_GUARD_RESTORE:
      if (self->before_drain.window > self->w.window)
        {
          self->w = self->before_drain;
          self->w.threshold = MIN (self->w.threshold, self->w.window);
        }
      break;
    case SRUDP_QUEUE_GUARD_NOTHING:
      break;
    }
}

/* A rate is known a round trip after it was reached, so a cut in the middle of
 * a ramp goes too deep. What was sent before it tells while it arrives. */
static void
mend_cut (Cubic               *self,
          const SrudpAckEvent *event)
{
  double path = get_path_window (self, event->rtt);

  if (event->outcome->largest_acked_sent_time > self->cut_time
      || path <= self->w.window)
    return;

  self->w.window = MIN (path, self->w.prior);
  self->w.threshold = self->w.window;
  self->w.w_max = MAX (self->w.w_max, self->w.window);
  start_epoch (self, event->now);
}

/* Once a round, of which enough was seen to know its smallest RTT. Slow start
 * can't wait for the round to end: the window has doubled by then. */
static void
follow_guard (Cubic               *self,
              const SrudpAckEvent *event,
              gboolean             round_ended)
{
  const SrudpHystart *hystart = &self->hystart;

  if (round_ended && hystart->last_n_samples >= MIN_ROUND_SAMPLES)
    ask_guard (self, event, hystart->last_round_rtt_us);
  else if (hystart->n_samples == MIN_ROUND_SAMPLES && in_slow_start (self)
           && !self->guard.draining)
    ask_guard (self, event, hystart->round_rtt_us);
}

/* A round trip of more than 50 ms takes the window in proportion that far at
 * the start; as it is paced, the rate is no higher than usual. */
static void
tolerant_on_first_rtt (SrudpCongestion *congestion,
                       gint64           rtt_us)
{
  Cubic *self = (Cubic *) congestion;

  self->w.window *= (double) CLAMP (rtt_us, USUAL_RTT_US,
                                    MAX_START_FACTOR * USUAL_RTT_US)
                    / USUAL_RTT_US;
}

static void
tolerant_on_ack (SrudpCongestion     *congestion,
                 const SrudpAckEvent *event)
{
  Cubic *self = (Cubic *) congestion;
  gboolean round_ended;

  if (event->outcome->largest_acked_sent_time > self->recovery_start)
    {
      self->round.n_acked += event->outcome->n_acked;
      self->sample.n_acked += event->outcome->n_acked;
    }
  if (self->sample.n_acked >= 2 * LOSS_SAMPLE_PACKETS)
    {
      self->sample.n_acked /= 2;
      self->sample.n_lost /= 2;
    }

  self->rate = MAX (self->rate, event->outcome->rate.bytes_per_second);
  round_ended = note_round (self, event);
  follow_guard (self, event, round_ended);
  mend_cut (self, event);
  if (round_ended)
    {
      self->round = (LossCount) { 0 };
      self->last_rate = self->rate;
      self->rate = 0;
    }
  grow (self, event);
}

const SrudpCongestionClass srudp_cubic = {
  .name = "cubic",
  .instance_size = sizeof (Cubic),
  .reset = cubic_reset,
  .on_ack = cubic_on_ack,
  .on_loss = cubic_on_loss,
  .on_ecn = cubic_on_ecn,
  .on_spurious = cubic_on_spurious,
  .on_persistent = cubic_on_persistent,
  .get_window = cubic_get_window,
  .get_state = cubic_get_state,
  .get_pacing_rate = cubic_get_pacing_rate,
};

const SrudpCongestionClass srudp_cubic_tolerant = {
  .name = "cubic-tolerant",
  .instance_size = sizeof (Cubic),
  .reset = cubic_reset,
  .on_first_rtt = tolerant_on_first_rtt,
  .on_ack = tolerant_on_ack,
  .on_loss = tolerant_on_loss,
  .on_ecn = cubic_on_ecn,
  .on_spurious = cubic_on_spurious,
  .on_persistent = cubic_on_persistent,
  .get_window = cubic_get_window,
  .get_state = cubic_get_state,
  .get_pacing_rate = cubic_get_pacing_rate,
};
