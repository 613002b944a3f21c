/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-loss.c: loss detection and probe timeout (RFC 9002 section 6)
 */
#include "srudp-loss.h"

/* RFC 9002 6.1.1 and 6.1.2. Both grow when the path reorders (RFC 8985 6.2
 * has the same idea). RTT samples come from the packets that overtake others,
 * so the late ones may take several times as long. How much later they are is
 * a time of its own: it does not grow with a queue. */
#define PACKET_THRESHOLD 3
#define MAX_PACKET_THRESHOLD 1024
#define TIME_THRESHOLD_EIGHTHS 9
#define MAX_LATENESS_RTTS 3
/* How long a path is taken for a reordering one after it was. */
#define REORDERING_MEMORY_US (10 * G_USEC_PER_SEC)
/* RFC 9002 7.6.1. */
#define PERSISTENT_CONGESTION_FACTOR 3
/* RFC 9002 6.2.4: two probes, as one may be lost. */
#define N_PROBES 2
/* The back-off never passes this, so that data flows again within a second of
 * the end of a black-out: a tenth is left for the probe's way. */
#define MAX_PTO_US (900 * 1000)
/* How long a lost packet is remembered, in PTOs: a late ACK undoes. */
#define LOST_MEMORY_PTOS 3
/* A peer that talks but does not acknowledge would have us remember each ACK
 * that we send it, and each probe. What had no answer in a probe timeout is
 * given up when there are more of them than these: the first is a few round
 * trips of ACKs, the second half a minute of probes. */
#define MAX_QUIET 128
#define MAX_UNANSWERED 384
/* Packets whose loss says nothing about congestion on this path. */
#define ASIDE (SRUDP_SENT_OLD_PATH | SRUDP_SENT_MTU_PROBE | SRUDP_SENT_KNOCK)

void
srudp_loss_init (SrudpLoss        *self,
                 SrudpSentPackets *ledger,
                 SrudpRtt         *rtt)
{
  *self = (SrudpLoss) {
    .ledger = ledger,
    .rtt = rtt,
    .loss_time = -1,
    .last_eliciting_time = -1,
    .scan_from = srudp_sent_packets_get_first (ledger),
    .lost_since = -1,
    .packet_threshold = PACKET_THRESHOLD,
    .reordering_until = -1,
  };
}

void
srudp_loss_start_path (SrudpLoss *self)
{
  self->pto_count = 0;
  self->n_unanswered = 0;
  self->lost_since = -1;
  self->packet_threshold = PACKET_THRESHOLD;
  self->lateness_us = 0;
  self->reordering_until = -1;
  self->overtaken_bytes = 0;
}

static void
trim (SrudpLoss *self,
      gint64     now)
{
  gint64 memory_us = LOST_MEMORY_PTOS * srudp_rtt_get_pto (self->rtt);

  srudp_sent_packets_trim (self->ledger, now - memory_us);
}

void
srudp_loss_make_room (SrudpLoss *self,
                      gint64     now)
{
  if (srudp_sent_packets_get_n_quiet (self->ledger) > MAX_QUIET)
    trim (self, now);
}

/* Knocks don't put off the probe timeout. Nor does what goes along another path,
 * where nobody may be, while something else has no answer. */
static gboolean
starts_probe_timer (const SrudpLoss       *self,
                    const SrudpSentPacket *packet)
{
  if (!(packet->flags & SRUDP_SENT_ACK_ELICITING)
      || (packet->flags & SRUDP_SENT_KNOCK))
    return FALSE;

  return !(packet->flags & SRUDP_SENT_OLD_PATH)
         || srudp_sent_packets_get_n_eliciting (self->ledger) == 1;
}

void
srudp_loss_on_sent (SrudpLoss             *self,
                    const SrudpSentPacket *packet)
{
  if (starts_probe_timer (self, packet))
    self->last_eliciting_time = packet->sent_time;
  if ((packet->flags & SRUDP_SENT_ACK_ELICITING) && self->pto_count > 0)
    self->n_unanswered++;
}

static void
list_append (SrudpLoss       *self,
             SrudpSentList   *list,
             SrudpSentPacket *packet)
{
  packet->flags |= SRUDP_SENT_LISTED;
  packet->link = packet->number;
  if (list->any)
    srudp_sent_packets_lookup (self->ledger, list->tail)->link =
      packet->number;
  else
    list->head = packet->number;
  list->tail = packet->number;
  list->any = TRUE;
}

static SrudpSentPacket *
list_pop (SrudpLoss     *self,
          SrudpSentList *list)
{
  SrudpSentPacket *packet;

  if (!list->any)
    return NULL;

  packet = srudp_sent_packets_lookup (self->ledger, list->head);
  packet->flags &= (guint8) ~SRUDP_SENT_LISTED;
  list->any = list->head != list->tail;
  list->head = packet->link;

  return packet;
}

const SrudpSentPacket *
srudp_loss_next_acked (SrudpLoss *self)
{
  return list_pop (self, &self->acked);
}

const SrudpSentPacket *
srudp_loss_next_lost (SrudpLoss *self)
{
  SrudpSentPacket *packet;

  while ((packet = list_pop (self, &self->lost)) != NULL)
    {
      if (packet->state == SRUDP_SENT_LOST)
        return packet;
      /* A later ACK has found it before the caller came to take it. */
      list_append (self, &self->acked, packet);
    }

  return NULL;
}

static void
init_outcome (SrudpLossOutcome *outcome)
{
  *outcome = (SrudpLossOutcome) {
    .largest_acked_sent_time = -1,
    .rtt_sample_us = -1,
    .largest_lost_sent_time = -1,
    .spurious_lost_time = -1,
  };
}

/* How far behind the packet came tells what this path's reordering is. */
static void
adapt_to_reordering (SrudpLoss             *self,
                     gint64                 now,
                     const SrudpSentPacket *packet,
                     guint64                largest_before)
{
  gint64 age_us = now - packet->sent_time;
  gint64 rtt_us = MAX (self->rtt->smoothed_us, self->rtt->latest_us);

  if (largest_before > packet->number)
    self->packet_threshold = CLAMP (largest_before - packet->number + 1,
                                    self->packet_threshold,
                                    MAX_PACKET_THRESHOLD);
  self->lateness_us = MAX (self->lateness_us,
                           age_us - rtt_us + SRUDP_GRANULARITY_US);
  self->reordering_until = now + REORDERING_MEMORY_US;
}

static void
forget_reordering (SrudpLoss *self,
                   gint64     now)
{
  if (self->reordering_until < 0 || now < self->reordering_until)
    return;

  self->packet_threshold = (self->packet_threshold + PACKET_THRESHOLD) / 2;
  self->lateness_us = self->lateness_us > SRUDP_GRANULARITY_US
    ? self->lateness_us / 2 : 0;
  self->reordering_until =
    self->packet_threshold > PACKET_THRESHOLD
    || self->lateness_us > 0
    ? now + REORDERING_MEMORY_US : -1;
}

static void
note_spurious (SrudpLoss             *self,
               gint64                 now,
               const SrudpSentPacket *packet,
               guint64                largest_before,
               SrudpLossOutcome      *outcome)
{
  self->n_spurious++;
  self->lost_since = -1;
  if (packet->flags & ASIDE)
    return;

  adapt_to_reordering (self, now, packet, largest_before);
  outcome->n_spurious++;
  outcome->spurious_lost_time = MAX (outcome->spurious_lost_time,
                                     packet->lost_time);
}

static gboolean
is_on_its_way (const SrudpSentPacket *packet)
{
  return packet->state == SRUDP_SENT_OUTSTANDING
         && (packet->flags & SRUDP_SENT_IN_FLIGHT)
         && !(packet->flags & SRUDP_SENT_OLD_PATH);
}

/* Only where packets are known to come late is it worth the search. */
static void
count_overtaken (SrudpLoss *self)
{
  guint64 n = MAX (self->overtaken_until,
                   srudp_sent_packets_get_first (self->ledger));

  if (self->lateness_us == 0)
    return;

  for (; n < self->largest_acked; n++)
    {
      SrudpSentPacket *packet = srudp_sent_packets_lookup (self->ledger, n);

      if (packet != NULL && is_on_its_way (packet))
        self->overtaken_bytes += packet->size;
    }
  self->overtaken_until = MAX (self->overtaken_until, self->largest_acked);
}

/* Before its state changes. */
static void
uncount_overtaken (SrudpLoss             *self,
                   const SrudpSentPacket *packet)
{
  if (packet->number < self->overtaken_until && is_on_its_way (packet))
    self->overtaken_bytes -= packet->size;
}

guint64
srudp_loss_get_late_bytes (const SrudpLoss *self)
{
  return self->lateness_us > 0 ? self->overtaken_bytes : 0;
}

static void
acknowledge (SrudpLoss        *self,
             gint64            now,
             SrudpSentPacket  *packet,
             guint64           largest_before,
             SrudpLossOutcome *outcome)
{
  gboolean was_lost = packet->state == SRUDP_SENT_LOST;

  if (was_lost)
    note_spurious (self, now, packet, largest_before, outcome);
  uncount_overtaken (self, packet);
  srudp_sent_packets_set_acked (self->ledger, packet, now, &outcome->rate);
  /* One that still waits in the list of lost ones changes over from there. */
  if (!(packet->flags & SRUDP_SENT_LISTED))
    list_append (self, &self->acked, packet);

  if (packet->flags & SRUDP_SENT_OLD_PATH)
    return;
  if (packet->flags & SRUDP_SENT_ECT0)
    outcome->acked_ect0++;
  outcome->n_acked++;
  if (packet->sent_time >= outcome->largest_acked_sent_time)
    {
      outcome->largest_acked_sent_time = packet->sent_time;
      outcome->largest_newly_acked = MAX (outcome->largest_newly_acked,
                                          packet->number);
    }
  if ((packet->flags & SRUDP_SENT_IN_FLIGHT) && !was_lost)
    outcome->acked_bytes += packet->size;
}

/* Packets of one range, from the newest down. What an earlier ACK has told is
 * leapt over, so that the whole costs no more than what is new. TRUE when one
 * of them was ack-eliciting. */
static gboolean
acknowledge_range (SrudpLoss           *self,
                   gint64               now,
                   const SrudpAckRange *range,
                   guint64              largest_before,
                   SrudpLossOutcome    *outcome)
{
  guint64 lowest = MAX (range->first,
                        srudp_sent_packets_get_first (self->ledger));
  SrudpSentPacket *top = srudp_sent_packets_lookup (self->ledger, range->last);
  gboolean eliciting = FALSE;

  for (guint64 n = range->last + 1; n > lowest; )
    {
      SrudpSentPacket *packet = srudp_sent_packets_lookup (self->ledger, --n);

      if (packet == NULL)
        continue;
      if (packet->state == SRUDP_SENT_ACKED)
        {
          n -= MIN (packet->run, n - lowest);
          continue;
        }
      if (packet->flags & SRUDP_SENT_ACK_ELICITING)
        eliciting = TRUE;
      acknowledge (self, now, packet, largest_before, outcome);
    }

  if (top != NULL && range->last >= lowest)
    top->run = (guint32) MIN (range->last - lowest, G_MAXUINT32);

  return eliciting;
}

static void
take_rtt_sample (SrudpLoss           *self,
                 gint64               now,
                 const SrudpAckRange *newest,
                 gint64               ack_delay_us,
                 SrudpLossOutcome    *outcome)
{
  /* RFC 9002 5.1: only the largest acknowledged, and only when it is new. */
  if (outcome->n_acked == 0 || outcome->largest_newly_acked != newest->last)
    return;

  outcome->rtt_sample_us = MAX (now - outcome->largest_acked_sent_time, 1);
  srudp_rtt_update (self->rtt, now, outcome->rtt_sample_us, ack_delay_us);
}

static void
note_lost_in_row (SrudpLoss             *self,
                  const SrudpSentPacket *packet,
                  SrudpLossOutcome      *outcome)
{
  gint64 first_sample_time = self->rtt->first_sample_time;
  gint64 duration_us = srudp_rtt_get_pto (self->rtt)
                       * PERSISTENT_CONGESTION_FACTOR;

  /* RFC 9002 7.6.2: ack-eliciting ones, sent after the first RTT sample. */
  if (!(packet->flags & SRUDP_SENT_ACK_ELICITING) || first_sample_time < 0
      || packet->sent_time <= first_sample_time)
    return;

  if (self->lost_since < 0)
    self->lost_since = packet->sent_time;
  else if (packet->sent_time - self->lost_since > duration_us)
    {
      outcome->persistent_congestion = TRUE;
      self->lost_since = -1;
    }
}

static void
declare_lost (SrudpLoss        *self,
              gint64            now,
              SrudpSentPacket  *packet,
              SrudpLossOutcome *outcome)
{
  uncount_overtaken (self, packet);
  srudp_sent_packets_set_lost (self->ledger, packet, now);
  list_append (self, &self->lost, packet);
  self->n_lost++;
  if (packet->flags & ASIDE)
    return;

  outcome->n_lost++;
  outcome->lost_bytes += packet->size;
  outcome->largest_lost = packet->number;
  outcome->largest_lost_sent_time = packet->sent_time;
  note_lost_in_row (self, packet, outcome);
}

static gint64
get_loss_delay (const SrudpLoss *self)
{
  gint64 rtt_us = MAX (self->rtt->smoothed_us, self->rtt->latest_us);

  gint64 lateness_us = CLAMP (self->lateness_us,
                              rtt_us * TIME_THRESHOLD_EIGHTHS / 8 - rtt_us,
                              MAX_LATENESS_RTTS * rtt_us);

  return MAX (rtt_us + lateness_us, SRUDP_GRANULARITY_US);
}

/* Packets are lost in the order they were sent in: the first that isn't yet
 * ends the search, and the next one begins there. The largest that arrived is
 * looked at, too: by the next time it may be forgotten. */
static void
detect_lost (SrudpLoss        *self,
             gint64            now,
             SrudpLossOutcome *outcome)
{
  gint64 delay_us = get_loss_delay (self);
  guint64 n = MAX (self->scan_from,
                   srudp_sent_packets_get_first (self->ledger));

  self->loss_time = -1;
  for (; n <= self->largest_acked; n++)
    {
      SrudpSentPacket *packet = srudp_sent_packets_lookup (self->ledger, n);

      if (packet == NULL || packet->state == SRUDP_SENT_LOST)
        continue;
      if (packet->state == SRUDP_SENT_ACKED)
        {
          self->lost_since = -1;
          continue;
        }
      /* What goes along another path is not in flight, yet asks for an answer:
       * the probe timer runs until it is settled. */
      if (!(packet->flags & (SRUDP_SENT_IN_FLIGHT | SRUDP_SENT_ACK_ELICITING)))
        continue;
      if (n + self->packet_threshold > self->largest_acked
          && packet->sent_time + delay_us > now)
        {
          self->loss_time = packet->sent_time + delay_us;
          break;
        }
      declare_lost (self, now, packet, outcome);
    }
  self->scan_from = n;
}

static gboolean
names_unsent (const SrudpLoss     *self,
              const SrudpAckRange *ranges,
              guint                n_ranges)
{
  for (guint i = 0; i < n_ranges; i++)
    if (srudp_sent_packets_has_unsent (self->ledger, ranges[i].first,
                                       ranges[i].last))
      return TRUE;

  return FALSE;
}

gboolean
srudp_loss_on_ack (SrudpLoss           *self,
                   gint64               now,
                   const SrudpAckRange *ranges,
                   guint                n_ranges,
                   gint64               ack_delay_us,
                   SrudpLossOutcome    *outcome)
{
  guint64 largest_before = self->largest_acked;
  gboolean eliciting = FALSE;

  init_outcome (outcome);
  if (n_ranges == 0 || names_unsent (self, ranges, n_ranges))
    return FALSE;

  trim (self, now);
  forget_reordering (self, now);
  if (!self->any_acked || ranges[0].last > self->largest_acked)
    self->largest_acked = ranges[0].last;
  self->any_acked = TRUE;

  for (guint i = 0; i < n_ranges; i++)
    if (acknowledge_range (self, now, &ranges[i], largest_before, outcome))
      eliciting = TRUE;

  if (eliciting)
    {
      take_rtt_sample (self, now, &ranges[0], ack_delay_us, outcome);
      self->pto_count = 0;
      self->n_unanswered = 0;
    }
  srudp_sent_packets_finish_sample (self->ledger, self->rtt->min_us,
                                    &outcome->rate);
  count_overtaken (self);
  detect_lost (self, now, outcome);

  return TRUE;
}

gint64
srudp_loss_get_pto (const SrudpLoss *self)
{
  gint64 base_us = srudp_rtt_get_pto (self->rtt);

  return MIN (base_us << MIN (self->pto_count, 16),
              MAX (MAX_PTO_US, base_us));
}

/* When the oldest packet is to be given up, as too much has gathered behind it;
 * -1: never. */
static gint64
get_overrun_time (const SrudpLoss *self)
{
  const SrudpSentPacket *oldest;

  if (srudp_sent_packets_get_n_quiet (self->ledger) <= MAX_QUIET
      && self->n_unanswered <= MAX_UNANSWERED)
    return -1;

  oldest = srudp_sent_packets_get_oldest (self->ledger);
  return oldest == NULL ? -1
    : oldest->sent_time + srudp_rtt_get_pto (self->rtt);
}

static void
give_up (SrudpLoss        *self,
         gint64            now,
         SrudpLossOutcome *outcome)
{
  gint64 sent_before = now - srudp_rtt_get_pto (self->rtt);
  SrudpSentPacket *packet;

  self->n_unanswered = 0;
  while ((packet = srudp_sent_packets_get_oldest (self->ledger)) != NULL
         && packet->sent_time <= sent_before)
    {
      declare_lost (self, now, packet, outcome);
      srudp_sent_packets_give_up (self->ledger, packet);
    }
}

static gint64
earlier (gint64 a,
         gint64 b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

gint64
srudp_loss_get_deadline (const SrudpLoss *self)
{
  gint64 overrun_time = get_overrun_time (self);

  if (self->loss_time >= 0)
    return earlier (self->loss_time, overrun_time);
  if (srudp_sent_packets_get_n_eliciting (self->ledger) == 0)
    return -1;

  return earlier (self->last_eliciting_time + srudp_loss_get_pto (self),
                  overrun_time);
}

void
srudp_loss_on_timer (SrudpLoss        *self,
                     gint64            now,
                     SrudpLossOutcome *outcome)
{
  gint64 deadline = srudp_loss_get_deadline (self);

  init_outcome (outcome);
  if (deadline < 0 || now < deadline)
    return;

  if (deadline == get_overrun_time (self))
    {
      give_up (self, now, outcome);
      return;
    }
  if (self->loss_time >= 0)
    {
      detect_lost (self, now, outcome);
      return;
    }

  outcome->n_probes = N_PROBES;
  self->pto_count++;
  /* The next one counts from here even if no probe can be sent now. */
  self->last_eliciting_time = now;
}
