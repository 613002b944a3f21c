/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-keys.c: key update (RFC 9001, section 6), fresh keys
 *
 * A plain update derives the next phase from this one: either side may begin
 * it, the other follows. Now and then both sides also mix a Diffie-Hellman
 * result into the next phase, so that whoever got hold of a key loses it
 * again. The two must mean the same phase by "next":
 *
 *  - who has sent its share begins no plain update any more, so the last one
 *    of each side is known to the other before that side's share arrives;
 *  - each mixes once it has both shares and both its directions are in one
 *    phase: that is the last one any of the two has begun;
 *  - only the initiator of the handshake begins the mixed phase, and not
 *    before its share and a packet of the phase before were acknowledged: the
 *    responder has then mixed.
 */
#include "srudp-transport-private.h"

#include "srudp-key-log.h"

/* RFC 9001, section 6.5: how long both phases are kept, and how long the next
 * update waits. */
#define UPDATE_PTOS 3
/* Time between packets counts as activity up to here: a keepalive now and
 * then is none. */
#define ACTIVE_GAP_US G_USEC_PER_SEC
/* So many are left for telling the peer of the end. */
#define RESERVED_PACKETS 1024

void
srudp_transport_note_active (SrudpTransport *self)
{
  self->active_us += MIN (self->now - self->last_heard, ACTIVE_GAP_US);
}

static void
finish_exchange (SrudpTransport *self)
{
  guint64 next = self->exchange.generation + 1;

  srudp_crypto_wipe (&self->exchange, sizeof self->exchange);
  self->exchange.generation = next;
  self->pending &= ~SRUDP_PENDING_KEY_SHARE;
  self->active_us = 0;
}

/* Begins the next phase in our direction; the peer follows. */
void
srudp_transport_update_keys (SrudpTransport *self)
{
  srudp_packet_keys_update (self->send_keys);
  /* Nothing is sealed with them any more; only what arrives may be late. */
  srudp_packet_keys_drop_previous (self->send_keys);
  self->phase_first_number
    = srudp_sent_packets_get_next (self->recovery.ledger);
  self->phase_acked = -1;
  if (self->exchange.mixed)
    finish_exchange (self);
  if (self->trace != NULL)
    srudp_transport_trace_keys (self, TRUE);
}

static gboolean
is_in_one_phase (SrudpTransport *self)
{
  return srudp_packet_keys_get_phase (self->send_keys)
         == srudp_packet_keys_get_phase (self->receive_keys);
}

static void
mix_when_ready (SrudpTransport *self)
{
  SrudpKeyExchange *exchange = &self->exchange;

  if (!exchange->has_peer || exchange->mixed || !is_in_one_phase (self))
    return;

  srudp_packet_keys_mix_dh (self->send_keys, exchange->shared,
                            exchange->generation, exchange->own,
                            exchange->peer);
  srudp_packet_keys_mix_dh (self->receive_keys, exchange->shared,
                            exchange->generation, exchange->own,
                            exchange->peer);
  if (self->key_log != NULL)
    srudp_key_log_add_share (self->key_log, self->key_log_id,
                             exchange->generation, exchange->shared);
  srudp_crypto_wipe (exchange->shared, sizeof exchange->shared);
  exchange->mixed = TRUE;
}

/* The peer may have begun a phase, or followed into ours. */
void
srudp_transport_follow_phase (SrudpTransport *self)
{
  guint64 phase = srudp_packet_keys_get_phase (self->receive_keys);

  if (phase == self->seen_phase)
    return;

  self->seen_phase = phase;
  if (self->trace != NULL)
    srudp_transport_trace_keys (self, FALSE);
  while (srudp_packet_keys_get_phase (self->send_keys) < phase)
    srudp_transport_update_keys (self);
  srudp_timers_set (&self->timers, SRUDP_TIMER_KEY_DISCARD,
                    self->now + UPDATE_PTOS * srudp_transport_get_pto (self));
  mix_when_ready (self);
}

void
srudp_transport_note_phase_acked (SrudpTransport *self,
                                  guint64         largest_acked)
{
  if (self->phase_acked < 0 && largest_acked >= self->phase_first_number)
    self->phase_acked = self->now;
}

/* RFC 9001, sections 6.1 and 6.5. */
static gboolean
may_update (SrudpTransport *self)
{
  return self->phase_acked >= 0 && is_in_one_phase (self)
         && self->now >= self->phase_acked
                           + UPDATE_PTOS * srudp_transport_get_pto (self);
}

static void
begin_exchange (SrudpTransport *self)
{
  SrudpKeyExchange *exchange = &self->exchange;

  srudp_transport_get_random (self, exchange->secret, sizeof exchange->secret);
  srudp_x25519_public_key (exchange->own, exchange->secret);
  exchange->has_own = TRUE;
  self->pending |= SRUDP_PENDING_KEY_SHARE;
}

static gboolean
is_update_due (SrudpTransport *self)
{
  return srudp_packet_keys_get_sealed (self->send_keys)
         >= self->key_update_packets;
}

/* RFC 9000, section 12.3: nor is any packet number used twice. */
static gboolean
is_used_up (SrudpTransport *self)
{
  return srudp_packet_keys_get_sealed (self->send_keys)
           >= SRUDP_PACKETS_HARD_LIMIT - RESERVED_PACKETS
         || srudp_sent_packets_get_next (self->recovery.ledger)
              > SRUDP_PACKET_NUMBER_MAX - RESERVED_PACKETS;
}

void
srudp_transport_maybe_update_keys (SrudpTransport *self)
{
  const SrudpKeyExchange *exchange = &self->exchange;
  gboolean is_time = self->active_us >= self->key_exchange_interval_us;

  if (is_used_up (self))
    {
      srudp_transport_fail (self, self->now, SRUDP_REASON_KEYS_EXHAUSTED);
    }
  else if (exchange->has_own)
    {
      if (self->initiator && exchange->mixed && exchange->own_acked
          && may_update (self))
        srudp_transport_update_keys (self);
    }
  else if (is_time && (self->remote_params.features & SRUDP_FEATURE_REKEY))
    {
      begin_exchange (self);
    }
  else if ((is_time || is_update_due (self)) && may_update (self))
    {
      srudp_transport_update_keys (self);
      if (is_time)
        self->active_us = 0;
    }
}

gboolean
srudp_transport_handle_key_share (SrudpTransport   *self,
                                  const SrudpFrame *frame)
{
  SrudpKeyExchange *exchange = &self->exchange;

  if (frame->key_share.generation < exchange->generation)
    return TRUE; /* a repetition of one that is over */
  if (frame->key_share.generation > exchange->generation)
    return srudp_transport_violate (self, "key share out of turn");
  if (exchange->has_peer)
    return srudp_crypto_equal (exchange->peer, frame->key_share.share,
                               sizeof exchange->peer)
           || srudp_transport_violate (self, "another key share");

  if (!exchange->has_own)
    begin_exchange (self);
  if (!srudp_x25519 (exchange->shared, exchange->secret, frame->key_share.share))
    return srudp_transport_violate (self, "bad key share");

  memcpy (exchange->peer, frame->key_share.share, sizeof exchange->peer);
  exchange->has_peer = TRUE;
  srudp_crypto_wipe (exchange->secret, sizeof exchange->secret);
  mix_when_ready (self);

  return TRUE;
}

void
srudp_transport_put_key_share (SrudpTransport     *self,
                               SrudpPacketBuilder *builder)
{
  const SrudpKeyExchange *exchange = &self->exchange;
  SrudpFrame frame = { .type = SRUDP_FRAME_KEY_SHARE };
  const SrudpSentFrame sent = { .type = SRUDP_FRAME_KEY_SHARE,
                                .id = exchange->generation };

  frame.key_share.generation = exchange->generation;
  memcpy (frame.key_share.share, exchange->own, sizeof exchange->own);
  if (!srudp_frame_write (&builder->writer, &frame))
    return;

  srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
  self->pending &= ~SRUDP_PENDING_KEY_SHARE;
  builder->ack_eliciting = TRUE;
}

void
srudp_transport_key_share_acked (SrudpTransport *self,
                                 guint64         generation)
{
  if (generation != self->exchange.generation)
    return;

  self->exchange.own_acked = TRUE;
  self->pending &= ~SRUDP_PENDING_KEY_SHARE;
}

void
srudp_transport_key_share_lost (SrudpTransport *self,
                                guint64         generation)
{
  if (generation == self->exchange.generation && !self->exchange.own_acked)
    self->pending |= SRUDP_PENDING_KEY_SHARE;
}

void
srudp_transport_on_key_discard (SrudpTransport *self)
{
  srudp_packet_keys_drop_previous (self->receive_keys);
}
