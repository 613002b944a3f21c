/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-recovery.c: ledger, RTT, loss, congestion and pacing as one
 */
#include "srudp-recovery.h"

/* At most a quarter of the window is granted to packets that are late, as some
 * of them turn out to be lost. */
#define LATE_DIVISOR 4

static void
take_first_rtt (SrudpRecovery *self,
                gint64         now,
                gint64         rtt_us)
{
  if (rtt_us < 0)
    return;

  srudp_rtt_update (&self->rtt, now, rtt_us, 0);
  if (self->congestion->klass->on_first_rtt != NULL)
    self->congestion->klass->on_first_rtt (self->congestion, rtt_us);
}

void
srudp_recovery_init (SrudpRecovery             *self,
                     const SrudpRecoveryConfig *config,
                     gint64                     now)
{
  const SrudpCongestionClass *klass = config->controller;

  *self = (SrudpRecovery) { .max_datagram_size = config->max_datagram_size };
  self->ledger = srudp_sent_packets_new (config->first_number,
                                         config->random);
  srudp_rtt_init (&self->rtt, config->max_ack_delay_us);
  srudp_loss_init (&self->loss, self->ledger, &self->rtt);
  self->congestion =
    srudp_congestion_new (klass != NULL ? klass
                                        : srudp_congestion_get_default (),
                          now, config->max_datagram_size);
  srudp_pacer_init (&self->pacer, now, config->max_datagram_size);
  take_first_rtt (self, now, config->first_rtt_us);
  srudp_pacer_set_rate (&self->pacer, now,
                        srudp_recovery_get_pacing_rate (self),
                        self->max_datagram_size);
}

void
srudp_recovery_clear (SrudpRecovery *self)
{
  g_clear_pointer (&self->ledger, srudp_sent_packets_free);
  g_clear_pointer (&self->congestion, srudp_congestion_free);
}

guint64
srudp_recovery_get_window (const SrudpRecovery *self)
{
  return self->congestion->klass->get_window (self->congestion);
}

guint64
srudp_recovery_get_pacing_rate (const SrudpRecovery *self)
{
  return self->congestion->klass->get_pacing_rate (self->congestion,
                                                   &self->rtt);
}

gint64
srudp_recovery_get_pto (const SrudpRecovery *self)
{
  return srudp_rtt_get_pto (&self->rtt);
}

/* A window that fits the path is too small for one where packets come late:
 * those take up room in it, but none on the way. */
static guint64
get_window_with_late (const SrudpRecovery *self)
{
  guint64 window = srudp_recovery_get_window (self);

  return window + MIN (srudp_loss_get_late_bytes (&self->loss),
                       window / LATE_DIVISOR);
}

static guint64
get_room (const SrudpRecovery *self)
{
  guint64 window = get_window_with_late (self);
  guint64 in_flight = srudp_sent_packets_get_bytes_in_flight (self->ledger);

  /* A packet may go past the window in part, but not start beyond it: less
   * than a packet's worth would else never be used. */
  return window > in_flight
    ? MAX (window - in_flight, self->max_datagram_size) : 0;
}

guint64
srudp_recovery_get_allowance (SrudpRecovery *self,
                              gint64         now)
{
  guint64 room = get_room (self);

  return room == 0 ? 0
                   : MIN (room, srudp_pacer_get_allowance (&self->pacer, now));
}

gint64
srudp_recovery_get_send_time (SrudpRecovery *self,
                              gint64         now)
{
  return get_room (self) == 0
    ? -1 : srudp_pacer_get_release_time (&self->pacer, now);
}

static void
update_pacer (SrudpRecovery *self,
              gint64         now)
{
  srudp_pacer_set_rate (&self->pacer, now,
                        srudp_recovery_get_pacing_rate (self),
                        self->max_datagram_size);
}

const SrudpSentPacket *
srudp_recovery_on_sent (SrudpRecovery  *self,
                        gint64          now,
                        guint           size,
                        SrudpSentFlags  flags)
{
  const SrudpCongestionClass *klass = self->congestion->klass;
  const SrudpSentPacket *packet;

  srudp_loss_make_room (&self->loss, now);
  packet = srudp_sent_packets_commit (self->ledger, now, (guint16) size,
                                      flags);
  srudp_loss_on_sent (&self->loss, packet);
  if (flags & SRUDP_SENT_ECT0)
    self->n_ect0_sent++;
  /* What goes along another path does not probe this one. */
  if ((flags & SRUDP_SENT_ACK_ELICITING) && !(flags & SRUDP_SENT_OLD_PATH)
      && self->n_probes > 0)
    self->n_probes--;
  if (!(flags & SRUDP_SENT_IN_FLIGHT))
    return packet;

  self->app_limited = FALSE;
  srudp_pacer_on_sent (&self->pacer, now, size);
  if (klass->on_sent != NULL)
    klass->on_sent (self->congestion, now, size,
                    srudp_sent_packets_get_bytes_in_flight (self->ledger));

  return packet;
}

void
srudp_recovery_on_app_limited (SrudpRecovery *self,
                               gint64         now)
{
  const SrudpCongestionClass *klass = self->congestion->klass;

  self->app_limited = TRUE;
  srudp_sent_packets_set_app_limited (self->ledger);
  if (klass->on_app_limited != NULL)
    klass->on_app_limited (self->congestion, now,
                           srudp_sent_packets_get_bytes_in_flight (self->ledger));
}

static SrudpLossEvent
make_event (SrudpRecovery *self,
            gint64         now,
            gint64         largest_sent_time)
{
  return (SrudpLossEvent) {
    .now = now,
    .rtt = &self->rtt,
    .largest_sent_time = largest_sent_time,
    .bytes_in_flight = srudp_sent_packets_get_bytes_in_flight (self->ledger),
    .next_number = srudp_sent_packets_get_next (self->ledger),
  };
}

static void
tell_loss (SrudpRecovery          *self,
           gint64                  now,
           const SrudpLossOutcome *outcome)
{
  const SrudpCongestionClass *klass = self->congestion->klass;
  SrudpLossEvent event
    = make_event (self, now, outcome->largest_lost_sent_time);

  event.lost_bytes = outcome->lost_bytes;
  event.n_lost = outcome->n_lost;
  if (outcome->n_lost > 0)
    klass->on_loss (self->congestion, &event);
  if (!outcome->persistent_congestion)
    return;
  /* RFC 9002 5.2: the path may be another one by now. */
  srudp_rtt_forget_min (&self->rtt);
  if (klass->on_persistent != NULL)
    klass->on_persistent (self->congestion, now);
}

static void
tell_mark (SrudpRecovery          *self,
           gint64                  now,
           const SrudpLossOutcome *outcome)
{
  const SrudpCongestionClass *klass = self->congestion->klass;
  SrudpLossEvent event
    = make_event (self, now, outcome->largest_acked_sent_time);

  if (klass->on_ecn != NULL)
    klass->on_ecn (self->congestion, &event);
}

/* RFC 9000 13.4.2.1: the counts must account for what was acknowledged, and
 * for nothing that was never sent. */
static void
check_ecn (SrudpRecovery          *self,
           gint64                  now,
           guint64                 largest,
           const SrudpEcnCounts   *ecn,
           const SrudpLossOutcome *outcome)
{
  guint64 gained;

  if (self->ecn_failed || outcome->n_acked == 0
      || largest < self->ecn_largest_acked)
    return;
  self->ecn_largest_acked = largest;

  if (ecn == NULL)
    {
      self->ecn_failed = outcome->acked_ect0 > 0;
      return;
    }
  if (ecn->ect0 < self->ecn.ect0 || ecn->ce < self->ecn.ce
      || ecn->ect1 != self->ecn.ect1 || ecn->ect0 > self->n_ect0_sent
      || ecn->ce > self->n_ect0_sent - ecn->ect0)
    {
      self->ecn_failed = TRUE;
      return;
    }

  gained = ecn->ect0 - self->ecn.ect0 + ecn->ce - self->ecn.ce;
  self->ecn_failed = gained < outcome->acked_ect0;
  if (!self->ecn_failed && ecn->ce > self->ecn.ce)
    tell_mark (self, now, outcome);
  self->ecn = *ecn;
}

static void
tell_acked (SrudpRecovery          *self,
            gint64                  now,
            guint64                 in_flight_before,
            const SrudpLossOutcome *outcome)
{
  SrudpAckEvent event = {
    .now = now,
    .rtt = &self->rtt,
    .outcome = outcome,
    .in_flight_before = in_flight_before,
    .next_number = srudp_sent_packets_get_next (self->ledger),
    .app_limited = self->app_limited
                   && in_flight_before + 3 * self->max_datagram_size
                      < srudp_recovery_get_window (self),
  };

  self->congestion->klass->on_ack (self->congestion, &event);
}

gboolean
srudp_recovery_on_ack (SrudpRecovery        *self,
                       gint64                now,
                       const SrudpAckRange  *ranges,
                       guint                 n_ranges,
                       gint64                ack_delay_us,
                       const SrudpEcnCounts *ecn,
                       SrudpLossOutcome     *outcome)
{
  const SrudpCongestionClass *klass = self->congestion->klass;
  guint64 before = srudp_sent_packets_get_bytes_in_flight (self->ledger);
  SrudpLossOutcome local;

  outcome = outcome != NULL ? outcome : &local;
  /* An ACK for many packets opens the window by as many. */
  if (get_room (self) == 0)
    srudp_pacer_hold (&self->pacer, now);
  if (!srudp_loss_on_ack (&self->loss, now, ranges, n_ranges, ack_delay_us,
                          outcome))
    return FALSE;

  if (outcome->rate.bytes_per_second > 0
      && (!outcome->rate.app_limited
          || outcome->rate.bytes_per_second > self->delivery_rate))
    self->delivery_rate = outcome->rate.bytes_per_second;
  if (outcome->n_acked > 0)
    self->n_probes = 0;

  /* Undo first, so that growth and new loss start from the right window. */
  if (outcome->n_spurious > 0 && klass->on_spurious != NULL)
    klass->on_spurious (self->congestion, now, outcome->spurious_lost_time,
                        outcome->n_spurious);
  check_ecn (self, now, ranges[0].last, ecn, outcome);
  tell_loss (self, now, outcome);
  if (outcome->n_acked > 0)
    tell_acked (self, now, before, outcome);
  update_pacer (self, now);

  return TRUE;
}

gint64
srudp_recovery_get_deadline (const SrudpRecovery *self)
{
  return srudp_loss_get_deadline (&self->loss);
}

void
srudp_recovery_on_timer (SrudpRecovery    *self,
                         gint64            now,
                         SrudpLossOutcome *outcome)
{
  SrudpLossOutcome local;

  outcome = outcome != NULL ? outcome : &local;
  srudp_loss_on_timer (&self->loss, now, outcome);
  if (outcome->n_probes > 0)
    self->n_probes = outcome->n_probes;
  tell_loss (self, now, outcome);
  update_pacer (self, now);
}

const SrudpSentPacket *
srudp_recovery_next_acked (SrudpRecovery *self)
{
  return srudp_loss_next_acked (&self->loss);
}

const SrudpSentPacket *
srudp_recovery_next_lost (SrudpRecovery *self)
{
  return srudp_loss_next_lost (&self->loss);
}

void
srudp_recovery_start_path (SrudpRecovery *self,
                           gint64         now,
                           gint64         rtt_us,
                           guint          max_datagram_size)
{
  self->max_datagram_size = max_datagram_size;
  self->delivery_rate = 0;
  self->app_limited = FALSE;
  /* ECN has to prove itself again (RFC 9000 13.4.2). */
  self->ecn_failed = FALSE;
  srudp_sent_packets_start_path (self->ledger);
  srudp_rtt_init (&self->rtt, self->rtt.max_ack_delay_us);
  srudp_loss_start_path (&self->loss);
  srudp_congestion_set_max_datagram_size (self->congestion,
                                          max_datagram_size);
  self->congestion->klass->reset (self->congestion, now);
  take_first_rtt (self, now, rtt_us);
  srudp_pacer_init (&self->pacer, now, max_datagram_size);
  update_pacer (self, now);
}

void
srudp_recovery_set_max_datagram_size (SrudpRecovery *self,
                                      gint64         now,
                                      guint          size)
{
  self->max_datagram_size = size;
  srudp_congestion_set_max_datagram_size (self->congestion, size);
  update_pacer (self, now);
}
