/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-flow-window.c: credit for bytes, both ways (RFC 9000, section 4)
 */
#include "srudp-flow-window.h"

#include "srudp-writer.h"

/* On very short paths the round trip is not what limits an application: it is
 * woken that late at times. */
#define MIN_EPOCH_US 1000
/* A window takes so many round trips at the rate of now: in slow start the
 * sender has doubled it twice by the time a new limit reaches it, and a queue
 * or the repeat of a lost packet takes as much in the steady state. */
#define WINDOW_EPOCHS 4

void
srudp_receive_window_init (SrudpReceiveWindow *window,
                           guint64             initial,
                           guint64             maximum)
{
  *window = (SrudpReceiveWindow) {
    .advertised = initial,
    .window = initial,
    .max_window = MAX (initial, maximum),
    .epoch_start_us = -1,
  };
}

/* RFC 9000, section 4.5: no limit is beyond the largest offset. */
static guint64
cap (guint64 limit)
{
  return MIN (limit, SRUDP_VARINT_MAX);
}

void
srudp_receive_window_start_at (SrudpReceiveWindow *window,
                               guint64             offset)
{
  window->consumed = window->received = offset;
  window->advertised = cap (offset + window->window);
}

void
srudp_receive_window_set_maximum (SrudpReceiveWindow *window,
                                  guint64             maximum)
{
  window->max_window = maximum;
  window->window = MIN (window->window, maximum);
}

gboolean
srudp_receive_window_receive (SrudpReceiveWindow *window,
                              guint64             n_bytes)
{
  if (n_bytes > window->advertised - window->received)
    return FALSE;

  window->received += n_bytes;

  return TRUE;
}

void
srudp_receive_window_consume (SrudpReceiveWindow *window,
                              gint64              now,
                              gint64              rtt_us,
                              guint64             n_bytes)
{
  if (window->epoch_start_us < 0
      || now - window->epoch_start_us > MAX (rtt_us, MIN_EPOCH_US))
    {
      window->epoch_start_us = now;
      window->epoch_consumed = 0;
    }

  window->consumed += n_bytes;
  window->epoch_consumed += n_bytes;
  if (rtt_us < 0 || window->epoch_consumed < window->window / WINDOW_EPOCHS)
    return;

  window->window = MIN (window->window * 2, window->max_window);
  window->epoch_start_us = now;
  window->epoch_consumed = 0;
}

gboolean
srudp_receive_window_press (SrudpReceiveWindow *window)
{
  if (window->received - window->consumed <= window->window / WINDOW_EPOCHS
      || window->window >= window->max_window)
    return FALSE;

  window->window = MIN (window->window * 2, window->max_window);

  return TRUE;
}

guint64
srudp_receive_window_get_limit (const SrudpReceiveWindow *window)
{
  return MAX (cap (window->consumed + window->window), window->advertised);
}

gboolean
srudp_receive_window_is_due (const SrudpReceiveWindow *window)
{
  guint64 gain = srudp_receive_window_get_limit (window) - window->advertised;

  return gain > 0 && gain >= window->window / 2;
}

void
srudp_receive_window_advertise (SrudpReceiveWindow *window)
{
  window->advertised = srudp_receive_window_get_limit (window);
}

void
srudp_send_window_init (SrudpSendWindow *window,
                        guint64          limit)
{
  *window = (SrudpSendWindow) { .limit = limit };
}

void
srudp_send_window_start_at (SrudpSendWindow *window,
                            guint64          offset)
{
  window->used = offset;
  window->limit = cap (offset + window->limit);
}

gboolean
srudp_send_window_raise (SrudpSendWindow *window,
                         guint64          limit)
{
  if (limit <= window->limit)
    return FALSE;

  window->limit = limit;

  return TRUE;
}

void
srudp_send_window_use (SrudpSendWindow *window,
                       guint64          n_bytes)
{
  g_return_if_fail (n_bytes <= srudp_send_window_get_credit (window));

  window->used += n_bytes;
}

guint64
srudp_send_window_get_credit (const SrudpSendWindow *window)
{
  return window->limit - window->used;
}

gboolean
srudp_send_window_note_blocked (SrudpSendWindow *window)
{
  if (window->used < window->limit || window->blocked_at == window->limit + 1)
    return FALSE;

  window->blocked_at = window->limit + 1;

  return TRUE;
}
