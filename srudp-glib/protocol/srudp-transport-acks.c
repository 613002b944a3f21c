/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-acks.c: how often the peer is asked to acknowledge
 * (draft-ietf-quic-ack-frequency)
 *
 * An ACK for every second packet fills a thin way back and costs both ends a
 * wake-up each. A large window needs no more than a few in a round trip; the
 * peer's max ack delay holds in any case.
 */
#include "srudp-transport-private.h"

/* As without being asked (RFC 9000, section 13.2.2). */
#define USUAL_THRESHOLD 2
#define MAX_THRESHOLD 512
/* Enough for slow start, which takes eight RTT samples a round. */
#define ACKS_PER_WINDOW 16

static guint
choose_threshold (SrudpTransport *self)
{
  guint64 packets = srudp_recovery_get_window (&self->recovery)
                    / self->recovery.max_datagram_size;

  return (guint) CLAMP (packets / ACKS_PER_WINDOW, USUAL_THRESHOLD,
                        MAX_THRESHOLD);
}

void
srudp_transport_review_ack_frequency (SrudpTransport *self)
{
  guint threshold = choose_threshold (self);

  if (!(self->remote_params.features & SRUDP_FEATURE_ACK_FREQUENCY)
      || (threshold < 2 * self->asked_threshold
          && 2 * threshold > self->asked_threshold))
    return;

  self->asked_threshold = threshold;
  self->pending |= SRUDP_PENDING_ACK_FREQUENCY;
}

/* The next ACK of a rare kind is soon enough to tell of a gap. */
void
srudp_transport_make_ack_frequency (SrudpTransport *self,
                                    SrudpFrame     *frame)
{
  *frame = (SrudpFrame) {
    .type = SRUDP_FRAME_ACK_FREQUENCY,
    .ack_frequency = {
      .sequence = self->ack_frequency_sequence++,
      .threshold = self->asked_threshold,
      .max_ack_delay_us = (guint64) self->remote_params.max_ack_delay_us,
      .reordering_threshold
        = self->asked_threshold > USUAL_THRESHOLD ? 0 : 1,
    },
  };
}
