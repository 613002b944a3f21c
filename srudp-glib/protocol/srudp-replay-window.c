/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-replay-window.c: each packet number is accepted at most once
 *
 * A ring of words in the manner of RFC 6479: moving ahead clears whole words
 * instead of shifting bits.
 */
#include "srudp-replay-window.h"

#include <string.h>

#define WORD_BITS 64
#define N_WORDS (SRUDP_REPLAY_RING_BITS / WORD_BITS)

G_STATIC_ASSERT ((N_WORDS & (N_WORDS - 1)) == 0);

static guint64 *
word_of (SrudpReplayWindow *window, guint64 packet_number)
{
  return &window->ring[packet_number / WORD_BITS % N_WORDS];
}

static guint64
bit_of (guint64 packet_number)
{
  return G_GUINT64_CONSTANT (1) << (packet_number % WORD_BITS);
}

/* Clears the words that begin at or after `next`, up to the number's own. */
static void
move_ahead (SrudpReplayWindow *window, guint64 packet_number)
{
  guint64 first = window->next / WORD_BITS + (window->next % WORD_BITS != 0);
  guint64 last = packet_number / WORD_BITS;

  if (last >= first && last - first >= N_WORDS)
    memset (window->ring, 0, sizeof window->ring);
  else
    for (guint64 i = first; i <= last; i++)
      window->ring[i % N_WORDS] = 0;

  window->next = packet_number + 1;
}

void
srudp_replay_window_init (SrudpReplayWindow *window)
{
  memset (window, 0, sizeof *window);
}

gboolean
srudp_replay_window_is_fresh (const SrudpReplayWindow *window, guint64 packet_number)
{
  /* The very last number has no successor for `next`; none ever gets there. */
  if (packet_number >= window->next)
    return packet_number != G_MAXUINT64;
  if (window->next - packet_number > SRUDP_REPLAY_WINDOW)
    return FALSE;

  return (*word_of ((SrudpReplayWindow *) window, packet_number) & bit_of (packet_number)) == 0;
}

gboolean
srudp_replay_window_accept (SrudpReplayWindow *window, guint64 packet_number)
{
  if (!srudp_replay_window_is_fresh (window, packet_number))
    return FALSE;

  if (packet_number >= window->next)
    move_ahead (window, packet_number);
  *word_of (window, packet_number) |= bit_of (packet_number);

  return TRUE;
}
