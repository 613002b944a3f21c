/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-replay-window.h: each packet number is accepted at most once
 *
 * Exact over 64-bit numbers: a number is fresh if it was never accepted and is
 * not further behind the largest one than the window reaches. What is further
 * behind counts as seen. Zero-filled memory is an empty window, which owns no
 * memory; it grows with the numbers.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bits in the ring, a power of two. At 100,000 packets a second it covers 160
 * ms of reordering. */
#define SRUDP_REPLAY_RING_BITS 16384
/* One word of the ring is always in transition. */
#define SRUDP_REPLAY_WINDOW (SRUDP_REPLAY_RING_BITS - 64)

typedef struct
{
  guint64 next; /* one above the largest number accepted */
  guint64 *ring;
  gsize n_words; /* of the ring, a power of two; it holds all numbers so far
                  * until it is as large as it gets */
} SrudpReplayWindow;

void     srudp_replay_window_clear    (SrudpReplayWindow       *window);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpReplayWindow, srudp_replay_window_clear)
/* Numbers begin there; of an empty one. */
void     srudp_replay_window_start_at (SrudpReplayWindow       *window,
                                       guint64                  first);
/* A cheap look, that changes nothing. */
gboolean srudp_replay_window_is_fresh (const SrudpReplayWindow *window,
                                       guint64                  packet_number);
/* Only for an authenticated packet: TRUE if it was fresh; it no longer is. */
gboolean srudp_replay_window_accept   (SrudpReplayWindow       *window,
                                       guint64                  packet_number);

G_END_DECLS
