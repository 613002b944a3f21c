/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-short-code.c: nonces are revealed, and make the short code
 */
#include "srudp-transport-private.h"

#include <string.h>

void
srudp_transport_reveal (SrudpTransport *self)
{
  if (srudp_short_code_is_wanted (&self->short_code)
      && !self->short_code.is_revealed)
    self->pending |= SRUDP_PENDING_REVEAL;
}

gboolean
srudp_transport_handle_reveal (SrudpTransport   *self,
                               const SrudpFrame *frame)
{
  const SrudpEvent event = { .type = SRUDP_EVENT_SHORT_CODE };
  gboolean was_known = self->short_code.is_known;

  if (!srudp_short_code_take (&self->short_code, frame->sas_reveal.nonce))
    return srudp_transport_violate (self, "not what was committed to");
  if (!was_known)
    srudp_event_queue_push (&self->events, &event);

  return TRUE;
}

void
srudp_transport_put_reveal (SrudpTransport     *self,
                            SrudpPacketBuilder *builder)
{
  const SrudpSentFrame sent = { .type = SRUDP_FRAME_SAS_REVEAL };
  SrudpFrame frame = { .type = SRUDP_FRAME_SAS_REVEAL };

  G_STATIC_ASSERT (SRUDP_SAS_REVEAL_BYTES == SRUDP_SAS_BYTES);

  memcpy (frame.sas_reveal.nonce, self->short_code.own, SRUDP_SAS_BYTES);
  if (!srudp_frame_write (&builder->writer, &frame))
    return;

  srudp_sent_packets_add_frame (self->recovery.ledger, &sent);
  self->pending &= ~SRUDP_PENDING_REVEAL;
  builder->ack_eliciting = TRUE;
}

void
srudp_transport_reveal_acked (SrudpTransport *self)
{
  self->pending &= ~SRUDP_PENDING_REVEAL;
  srudp_short_code_set_revealed (&self->short_code);
}

gboolean
srudp_transport_get_short_code (SrudpTransport *self,
                                guint8          out[SRUDP_SHORT_CODE_SYMBOLS])
{
  if (self->short_code.is_known)
    memcpy (out, self->short_code.symbols, SRUDP_SHORT_CODE_SYMBOLS);

  return self->short_code.is_known;
}
