/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-liveness.c: keepalive, silence and idle timeout
 *
 * All three clocks start when an authentic packet is heard, except that of
 * silence, which starts with the first packet that wants an answer after it.
 */
#include "srudp-transport-private.h"

/* A keepalive leaves this much of the idle timeout for its own repetition. */
#define KEEPALIVE_MARGIN_US (6 * G_USEC_PER_SEC)
/* Silence is called so after three probe timeouts, but not too soon. */
#define SILENCE_PTOS 3
#define SILENCE_MIN_US (3 * G_USEC_PER_SEC)
/* Packets that kept coming for as long as FLOW_US, with no pause of that length,
 * and then stop, are asked for after this time, or a probe timeout. It is
 * longer than FLOW_US, so that the answer does not pass for more of the flow. */
#define FLOW_US G_USEC_PER_SEC
#define FLOW_BROKE_OFF_US (1500 * 1000)
/* Packets get lost, but not all of those in so long a time, nor more than so
 * many in a row. */
#define IN_VAIN_US G_USEC_PER_SEC
#define CHANCE_PACKETS 3
/* How long after a silence another port has to do with it. */
#define NEW_PORT_US (5 * G_USEC_PER_SEC)
/* ICMP may be forged: listen to it this often. */
#define HINT_INTERVAL_US G_USEC_PER_SEC

/* The shorter of both ends counts (RFC 9000, section 10.1); 0 is none. */
gint64
srudp_transport_get_idle_timeout (SrudpTransport *self)
{
  gint64 own = self->idle_timeout_us;
  gint64 remote = self->remote_params.idle_timeout_us;

  if (own <= 0 || remote <= 0)
    return MAX (MAX (own, remote), 0);

  return MIN (own, remote);
}

/* A NAT that keeps ports makes the same mapping again. With another port, two
 * sides that both let only the old one in would never meet again. */
static gboolean
may_try_longer (SrudpTransport *self)
{
  return self->active.addresses.socket == 0 && self->local_port != 0
         && self->observed.port == self->local_port;
}

static gint64
get_keepalive_interval (SrudpTransport *self)
{
  gint64 idle = srudp_transport_get_idle_timeout (self);
  gint64 limit = self->keepalive_us;

  if (limit <= 0)
    return limit;
  if (idle > 0)
    limit = MIN (limit, MAX (idle - KEEPALIVE_MARGIN_US, idle / 3));
  if (!may_try_longer (self))
    limit = MIN (limit, SRUDP_KEEPALIVE_FIRST_US);

  return srudp_keepalive_get_wait (&self->keepalive, self->now, limit);
}

/* When a NAT forgets the mapping of a side that only receives, the sender
 * talks to nobody: it is on the receiver to make a new one. Its sign is that a
 * flow breaks off; one PING tells whether the peer just has paused. */
static gint64
get_patience (SrudpTransport *self)
{
  gint64 keepalive = get_keepalive_interval (self);

  if (keepalive <= 0 || self->last_heard - self->heard_since < FLOW_US)
    return keepalive;

  return MIN (keepalive,
              MAX (FLOW_BROKE_OFF_US, srudp_transport_get_pto (self)));
}

void
srudp_transport_arm_liveness (SrudpTransport *self)
{
  gint64 idle = srudp_transport_get_idle_timeout (self);
  gint64 keepalive = get_patience (self);

  self->was_heard = FALSE;
  if (self->state == SRUDP_STATE_CLOSED)
    return;

  srudp_timers_set (&self->timers, SRUDP_TIMER_IDLE,
                    idle > 0 ? self->last_heard + idle : -1);
  srudp_timers_set (&self->timers, SRUDP_TIMER_KEEPALIVE,
                    keepalive > 0 ? self->last_heard + keepalive : -1);
}

void
srudp_transport_set_timeouts (SrudpTransport *self,
                              gint64          now,
                              gint64          idle_timeout_us,
                              gint64          keepalive_us)
{
  srudp_transport_set_now (self, now);
  self->idle_timeout_us = idle_timeout_us;
  self->keepalive_us = keepalive_us;
  srudp_transport_arm_liveness (self);
}

static void
end_silence (SrudpTransport *self)
{
  SrudpSilence *silence = &self->silence;

  silence->is_judged = FALSE;
  silence->has_asked = self->unanswered_since >= 0;
  silence->asked_at = self->unanswered_since;
  silence->n_timeouts = self->recovery.loss.pto_count;
  silence->ended_at = self->now;
  silence->own_us = silence->has_asked ? silence->asked_us
                                       : self->now - self->last_sent;
  silence->peers_us = self->now - self->last_heard;
}

/* The peer, whose turn it was, would have repeated itself. */
static gboolean
has_tried (const SrudpSilence *silence)
{
  return silence->n_missed > CHANCE_PACKETS;
}

/* What the peer went on to send did not come in, until we spoke up. */
static gboolean
was_flow_lost (const SrudpSilence *silence)
{
  return silence->has_asked && silence->n_timeouts == 0 && has_tried (silence);
}

/* A packet of the peer's own that is no answer to ours: either both were on
 * their way at the same time, or ours got lost until it spoke up. */
void
srudp_transport_judge_silence (SrudpTransport            *self,
                               const SrudpReceivedPacket *packet)
{
  SrudpSilence *silence = &self->silence;
  SrudpKeepalive *keepalive = &self->keepalive;
  gboolean is_answer = self->last_proof == self->now;
  gboolean at_once = self->now - silence->asked_at < IN_VAIN_US;

  silence->is_judged = TRUE;
  if (!silence->has_asked)
    srudp_keepalive_on_reached (keepalive, silence->own_us);
  else if (is_answer)
    srudp_keepalive_on_answered (keepalive, silence->own_us,
                                 at_once && !has_tried (silence));
  else if (silence->n_timeouts == 0)
    srudp_keepalive_on_crossed (keepalive);
  else if (packet->ack_eliciting && !at_once)
    srudp_keepalive_on_lost (keepalive, self->now, silence->own_us);

  if (at_once && was_flow_lost (silence))
    srudp_transport_note_mapping_lost (self, self->now - silence->peers_us,
                                       silence->asked_at);
}

/* Who has moved of its own accord has another one for that reason. */
void
srudp_transport_note_new_port (SrudpTransport *self,
                               gboolean        is_ours)
{
  const SrudpSilence *silence = &self->silence;

  if (self->now - silence->ended_at < NEW_PORT_US
      && !(is_ours && self->now - self->moved_at < NEW_PORT_US))
    srudp_keepalive_on_lost (&self->keepalive, self->now,
                             is_ours ? silence->own_us : silence->peers_us);
}

/* An authentic packet came. */
void
srudp_transport_note_heard (SrudpTransport *self)
{
  srudp_transport_note_active (self);
  if (self->now - self->last_heard >= FLOW_US)
    {
      self->heard_since = self->now;
      end_silence (self);
    }
  self->last_heard = self->now;
  self->unanswered_since = -1;
  srudp_timers_stop (&self->timers, SRUDP_TIMER_UNREACHABLE);
  self->was_heard = TRUE;

  if (self->state == SRUDP_STATE_UNREACHABLE)
    srudp_transport_set_state (self, SRUDP_STATE_ESTABLISHED);
}

/* A packet went out that the peer must answer. */
void
srudp_transport_note_asked (SrudpTransport *self)
{
  gint64 patience;

  if (self->unanswered_since >= 0 || self->state == SRUDP_STATE_CLOSED)
    return;

  patience = MAX (SILENCE_MIN_US, SILENCE_PTOS * srudp_transport_get_pto (self));
  self->unanswered_since = self->now;
  self->silence.asked_us = self->now - self->last_sent;
  srudp_timers_set (&self->timers, SRUDP_TIMER_UNREACHABLE,
                    self->now + patience);
}

void
srudp_transport_on_keepalive (SrudpTransport *self)
{
  self->pending |= SRUDP_PENDING_PING;
}

void
srudp_transport_on_silence (SrudpTransport *self)
{
  if (self->state == SRUDP_STATE_ESTABLISHED)
    srudp_transport_set_state (self, SRUDP_STATE_UNREACHABLE);
}

void
srudp_transport_on_idle (SrudpTransport *self)
{
  srudp_transport_end_silently (self, self->state == SRUDP_STATE_CLOSING
                                        ? SRUDP_REASON_LINGER_TIMEOUT
                                        : SRUDP_REASON_IDLE_TIMEOUT);
}

/* Somebody on the way says that the peer is not there. Anybody could say so:
 * it only makes us ask. */
void
srudp_transport_hint_unreachable (SrudpTransport *self,
                                  gint64          now)
{
  srudp_transport_set_now (self, now);
  if (self->state == SRUDP_STATE_CLOSED
      || (self->last_hint >= 0 && self->now < self->last_hint + HINT_INTERVAL_US))
    return;

  self->last_hint = self->now;
  self->pending |= SRUDP_PENDING_PING;
}
