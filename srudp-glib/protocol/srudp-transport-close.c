/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-close.c: the end of a connection
 *
 * CLOSE is the last word of a side. It is repeated until the other side's
 * CLOSE comes, or the drain time is over: nobody acknowledges it otherwise.
 */
#include "srudp-transport-private.h"

/* RFC 9000, section 10.2, asks for three probe timeouts; a second at the least
 * carries CLOSE through heavy loss on a short path. */
#define DRAIN_PTOS 3
#define DRAIN_MIN_US G_USEC_PER_SEC
/* Without any idle timeout. */
#define DEFAULT_LINGER_US (21 * G_USEC_PER_SEC)
/* What one end costs at the most. */
#define MAX_CLOSES 12

static SrudpCloseCode
get_close_code (SrudpReason reason)
{
  switch (reason)
    {
    case SRUDP_REASON_NONE:
    case SRUDP_REASON_PEER_CLOSED:
      return SRUDP_CLOSE_NO_ERROR;
    case SRUDP_REASON_PROTOCOL:
      return SRUDP_CLOSE_PROTOCOL;
    case SRUDP_REASON_REFUSED:
      return SRUDP_CLOSE_REFUSED;
    case SRUDP_REASON_KEYS_EXHAUSTED:
      return SRUDP_CLOSE_KEYS_EXHAUSTED;
    default:
      return SRUDP_CLOSE_ABORTED;
    }
}

/* What a CLOSE from the peer means here. */
static SrudpReason
get_reason_of_peer (SrudpTransport *self,
                    guint64         code)
{
  switch (code)
    {
    case SRUDP_CLOSE_NO_ERROR:
      if (self->state == SRUDP_STATE_CLOSING && !self->output_discarded
          && srudp_stream_table_is_flushed (&self->streams))
        return SRUDP_REASON_NONE;
      return SRUDP_REASON_PEER_CLOSED;
    case SRUDP_CLOSE_PROTOCOL:
      return SRUDP_REASON_PROTOCOL;
    case SRUDP_CLOSE_REFUSED:
      return SRUDP_REASON_REFUSED;
    case SRUDP_CLOSE_KEYS_EXHAUSTED:
      return SRUDP_REASON_KEYS_EXHAUSTED;
    default:
      return SRUDP_REASON_PEER_ABORTED;
    }
}

static void
enter_closed (SrudpTransport *self,
              SrudpReason     reason)
{
  self->reason = reason;
  srudp_transport_set_state (self, SRUDP_STATE_CLOSED);
  srudp_timers_init (&self->timers);
  srudp_datagram_queue_clear (&self->datagrams);
  self->pending = 0;
  self->n_answers = 0;
}

static gint64
get_linger_time (SrudpTransport *self)
{
  gint64 idle = srudp_transport_get_idle_timeout (self);

  return idle > 0 ? idle : DEFAULT_LINGER_US;
}

/* A round trip that took a minute, because a machine slept, keeps nobody here
 * for longer than a silent peer would. */
static gint64
get_drain_time (SrudpTransport *self)
{
  gint64 wait = DRAIN_PTOS * srudp_transport_get_pto (self);
  gint64 most = MAX (get_linger_time (self), DRAIN_MIN_US);

  return CLAMP (wait, DRAIN_MIN_US, most);
}

static void
start_drain (SrudpTransport *self)
{
  srudp_timers_set (&self->timers, SRUDP_TIMER_DRAIN,
                    self->now + get_drain_time (self));
}

/* An answer takes no longer than a probe timeout. If none has come by then,
 * packets are lost here: all that one end may cost is then spread over the time
 * that is left, for the program may be gone after it, and nobody else tells the
 * peer. */
static gint64
get_repeat_time (SrudpTransport *self)
{
  gint64 pto = srudp_transport_get_pto (self);

  if (self->n_closes_sent <= 1)
    return pto;

  return MIN (pto, get_drain_time (self) / MAX_CLOSES);
}

static void
end (SrudpTransport *self,
     SrudpReason     reason,
     const char     *text)
{
  self->close_code = get_close_code (reason);
  self->close_text = text;
  self->close_due = TRUE;
  enter_closed (self, reason);
  start_drain (self);
}

/* The peer knows, or it never will. */
void
srudp_transport_end_drain (SrudpTransport *self)
{
  SrudpEvent event = { .type = SRUDP_EVENT_DRAINED };

  if (srudp_transport_is_draining (self))
    srudp_event_queue_push (&self->events, &event);
  self->drained = TRUE;
  srudp_timers_init (&self->timers);
}

/* Nobody is there to be told. */
void
srudp_transport_end_silently (SrudpTransport *self,
                              SrudpReason     reason)
{
  if (self->state == SRUDP_STATE_CLOSED)
    {
      self->close_due = FALSE;
      return;
    }

  enter_closed (self, reason);
  self->drained = TRUE;
}

/* Always FALSE, for handlers to return. */
gboolean
srudp_transport_violate (SrudpTransport *self,
                         const char     *text)
{
  if (self->state != SRUDP_STATE_CLOSED)
    end (self, SRUDP_REASON_PROTOCOL, text);

  return FALSE;
}

void
srudp_transport_fail (SrudpTransport *self,
                      gint64          now,
                      SrudpReason     reason)
{
  srudp_transport_set_now (self, now);
  if (self->state == SRUDP_STATE_CLOSED)
    return;

  if (reason == SRUDP_REASON_IDLE_TIMEOUT
      || reason == SRUDP_REASON_PEER_RESTARTED)
    srudp_transport_end_silently (self, reason);
  else
    end (self, reason, "");
}

void
srudp_transport_abort (SrudpTransport *self,
                       gint64          now)
{
  srudp_transport_fail (self, now, SRUDP_REASON_ABORTED);
}

void
srudp_transport_close (SrudpTransport *self,
                       gint64          now)
{
  srudp_transport_set_now (self, now);
  if (!srudp_transport_is_open (self))
    return;

  srudp_transport_set_state (self, SRUDP_STATE_CLOSING);
  srudp_stream_table_shut_down (&self->streams);
  srudp_timers_set (&self->timers, SRUDP_TIMER_LINGER,
                    self->now + get_linger_time (self));
  srudp_transport_check_flushed (self);
}

/* CLOSE follows once the peer has everything, and datagrams had their turn. */
void
srudp_transport_check_flushed (SrudpTransport *self)
{
  if (self->state != SRUDP_STATE_CLOSING
      || !srudp_datagram_queue_is_empty (&self->datagrams)
      || !srudp_stream_table_is_flushed (&self->streams))
    return;

  end (self, self->output_discarded ? SRUDP_REASON_PEER_CLOSED
                                    : SRUDP_REASON_NONE, "");
}

void
srudp_transport_on_linger (SrudpTransport *self)
{
  end (self, SRUDP_REASON_LINGER_TIMEOUT, "");
}

static void
keep_reason_text (SrudpTransport   *self,
                  const SrudpFrame *frame)
{
  if (frame->close.reason_length > 0)
    self->reason_text
      = g_utf8_make_valid ((const char *) frame->close.reason,
                           (gssize) frame->close.reason_length);
}

/* The peer's last word. If ours was said before, both know; else it is said
 * now, for the peer waits to hear it. */
void
srudp_transport_handle_close (SrudpTransport   *self,
                              const SrudpFrame *frame,
                              const SrudpPath  *path)
{
  self->close_path = *path;
  if (self->state == SRUDP_STATE_CLOSED)
    {
      if (self->peer_closed)
        self->close_due = TRUE; /* our answer was lost */
      else
        srudp_transport_end_drain (self);
      return;
    }

  self->peer_closed = TRUE;
  keep_reason_text (self, frame);
  enter_closed (self, get_reason_of_peer (self, frame->close.code));
  self->close_code = SRUDP_CLOSE_NO_ERROR;
  self->close_text = "";
  self->close_due = TRUE;
  start_drain (self);
}

/* The peer has not heard: say it again, the less often the more it sends
 * (RFC 9000, section 10.2.1). It may have moved, and nobody follows any more,
 * so it is told where it speaks from. */
void
srudp_transport_on_late_packet (SrudpTransport  *self,
                                const SrudpPath *path)
{
  self->n_late_packets++;
  /* All CLOSEs may have been lost; but where none was sent, none shall be. */
  if ((self->drained && self->n_closes_sent == 0)
      || (self->n_late_packets & (self->n_late_packets - 1)) != 0)
    return;

  self->close_due = TRUE;
  self->close_path = *path;
}

/* Our CLOSE was not answered in time. */
void
srudp_transport_on_close_timer (SrudpTransport *self)
{
  if (!self->peer_closed && !self->drained)
    self->close_due = TRUE;
}

gsize
srudp_transport_send_close (SrudpTransport *self,
                            SrudpTransmit  *transmit,
                            guint8         *buffer)
{
  SrudpPacketBuilder builder;
  SrudpFrame frame = { .type = SRUDP_FRAME_CLOSE };
  gsize size;

  if (!self->close_due)
    return 0;

  self->close_due = FALSE;
  if (self->n_closes_sent++ >= MAX_CLOSES)
    return 0;

  frame.close.code = self->close_code;
  frame.close.reason = (const guint8 *) self->close_text;
  frame.close.reason_length = strlen (self->close_text);
  srudp_packet_builder_begin (&builder, self, buffer, SRUDP_PMTUD_MINIMUM);
  srudp_packet_builder_put_ack (&builder, self);
  if (!srudp_frame_write (&builder.writer, &frame))
    {
      srudp_packet_builder_drop_ack (&builder);
      srudp_frame_write (&builder.writer, &frame);
    }
  size = srudp_packet_builder_finish (&builder, self, 0);
  transmit->segment_size = size;
  if (srudp_address_is_set (&self->close_path.remote))
    transmit->path = self->close_path;
  self->close_path = (SrudpPath) { 0 };
  if (!self->drained && !self->peer_closed)
    srudp_timers_set (&self->timers, SRUDP_TIMER_LOSS,
                      self->now + get_repeat_time (self));

  return size;
}
