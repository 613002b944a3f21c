/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-flow-window.h: credit for bytes, both ways (RFC 9000, section 4)
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What we let the peer send. `received` and `consumed` are sums over a
 * connection, or offsets of a stream. */
typedef struct
{
  guint64 consumed;   /* the application is done with these */
  guint64 received;   /* highest the peer used */
  guint64 advertised; /* the limit the peer knows of */
  guint64 window;     /* bytes we allow beyond consumed */
  guint64 max_window;
  gint64 epoch_start_us; /* of the consumption below; -1: none yet */
  guint64 epoch_consumed;
} SrudpReceiveWindow;

void     srudp_receive_window_init     (SrudpReceiveWindow *window,
                                        guint64             initial,
                                        guint64             maximum);
/* So many bytes came and went before; only at the beginning. */
void     srudp_receive_window_start_at (SrudpReceiveWindow *window,
                                        guint64             offset);
/* How far it may grow from now on; below that, it shrinks as it is used up:
 * what was promised stays promised. */
void     srudp_receive_window_set_maximum (SrudpReceiveWindow *window,
                                           guint64             maximum);
/* The peer used n_bytes more. FALSE: beyond the limit (a PROTOCOL error),
 * nothing changed. */
gboolean srudp_receive_window_receive  (SrudpReceiveWindow *window,
                                        guint64             n_bytes);
/* The application consumed n_bytes. When it takes more than a quarter of the
 * window within a round trip, the window may be what limits the rate: it
 * doubles, up to the maximum. rtt_us -1: unknown, no growth. */
void     srudp_receive_window_consume  (SrudpReceiveWindow *window,
                                        gint64              now,
                                        gint64              rtt_us,
                                        guint64             n_bytes);
/* What is not consumed is nobody's fault, such as behind a gap. If that is a
 * quarter of the window by now, the sender may stop before it can be: the
 * window doubles, up to the maximum. Returns whether it has. */
gboolean srudp_receive_window_press    (SrudpReceiveWindow *window);
/* A MAX_* frame is worth sending: half of the window is used up. */
gboolean srudp_receive_window_is_due   (const SrudpReceiveWindow *window);
/* The limit to write into it; advertise() remembers that it was sent. */
guint64  srudp_receive_window_get_limit (const SrudpReceiveWindow *window);
void     srudp_receive_window_advertise (SrudpReceiveWindow *window);

/* What the peer lets us send. */
typedef struct
{
  guint64 used;
  guint64 limit;
  guint64 blocked_at; /* limit that a *_BLOCKED frame was made for, plus 1 */
} SrudpSendWindow;

void     srudp_send_window_init        (SrudpSendWindow *window,
                                        guint64          limit);
void     srudp_send_window_start_at    (SrudpSendWindow *window,
                                        guint64          offset);
/* TRUE: credit came that was not there before. Limits never shrink. */
gboolean srudp_send_window_raise       (SrudpSendWindow *window,
                                        guint64          limit);
void     srudp_send_window_use         (SrudpSendWindow *window,
                                        guint64          n_bytes);
guint64  srudp_send_window_get_credit  (const SrudpSendWindow *window);
/* TRUE once for each limit that stops us: say so in a *_BLOCKED frame. */
gboolean srudp_send_window_note_blocked (SrudpSendWindow *window);

G_END_DECLS
