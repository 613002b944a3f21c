/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-keys.c: key update (RFC 9001, section 6)
 */
#include "srudp-transport-private.h"

/* RFC 9001, section 6.5: how long both phases are kept, and how long the next
 * update waits. */
#define UPDATE_PTOS 3

/* Begins the next phase in our direction; the peer follows. */
void
srudp_transport_update_keys (SrudpTransport *self)
{
  srudp_packet_keys_update (self->send_keys);
  self->phase_first_number
    = srudp_sent_packets_get_next (self->recovery.ledger);
  self->phase_acked = FALSE;
  self->phase_started = self->now;
  if (self->trace != NULL)
    srudp_transport_trace_keys (self, TRUE);
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
}

void
srudp_transport_note_phase_acked (SrudpTransport *self,
                                  guint64         largest_acked)
{
  if (largest_acked >= self->phase_first_number)
    self->phase_acked = TRUE;
}

void
srudp_transport_maybe_update_keys (SrudpTransport *self)
{
  gint64 wait = UPDATE_PTOS * srudp_transport_get_pto (self);

  if (srudp_packet_keys_get_sealed (self->send_keys) < SRUDP_PACKETS_SOFT_LIMIT
      || !self->phase_acked
      || self->now < self->phase_started + wait
      || srudp_packet_keys_get_phase (self->send_keys) != self->seen_phase)
    return;

  srudp_transport_update_keys (self);
}

void
srudp_transport_on_key_discard (SrudpTransport *self)
{
  srudp_packet_keys_drop_previous (self->receive_keys);
}
