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
#define MIN_WORDS 8
#define MAX_WORDS (SRUDP_REPLAY_RING_BITS / WORD_BITS)

G_STATIC_ASSERT ((MAX_WORDS & (MAX_WORDS - 1)) == 0);

static guint64 *
word_of (const SrudpReplayWindow *window, guint64 packet_number)
{
  return &window->ring[packet_number / WORD_BITS & (window->n_words - 1)];
}

static guint64
bit_of (guint64 packet_number)
{
  return G_GUINT64_CONSTANT (1) << (packet_number % WORD_BITS);
}

/* Until it is full grown, the ring has a word for each number from 0 on. */
static void
make_room (SrudpReplayWindow *window, guint64 packet_number)
{
  gsize n_words = MAX (window->n_words, MIN_WORDS);

  while (n_words < MAX_WORDS && packet_number / WORD_BITS >= n_words)
    n_words *= 2;
  if (n_words == window->n_words)
    return;

  window->ring = g_renew (guint64, window->ring, n_words);
  memset (window->ring + window->n_words, 0,
          (n_words - window->n_words) * sizeof window->ring[0]);
  window->n_words = n_words;
}

/* Clears the words that begin at or after `next`, up to the number's own. */
static void
move_ahead (SrudpReplayWindow *window, guint64 packet_number)
{
  guint64 first = window->next / WORD_BITS + (window->next % WORD_BITS != 0);
  guint64 last = packet_number / WORD_BITS;

  if (last >= first && last - first >= window->n_words)
    memset (window->ring, 0, window->n_words * sizeof window->ring[0]);
  else
    for (guint64 i = first; i <= last; i++)
      window->ring[i & (window->n_words - 1)] = 0;

  window->next = packet_number + 1;
}

void
srudp_replay_window_clear (SrudpReplayWindow *window)
{
  g_clear_pointer (&window->ring, g_free);
  window->n_words = 0;
  window->next = 0;
}

void
srudp_replay_window_start_at (SrudpReplayWindow *window, guint64 first)
{
  if (first > 0)
    make_room (window, first - 1);
  window->next = first;
}

gboolean
srudp_replay_window_is_fresh (const SrudpReplayWindow *window, guint64 packet_number)
{
  /* The very last number has no successor for `next`; none ever gets there. */
  if (packet_number >= window->next)
    return packet_number != G_MAXUINT64;
  if (window->next - packet_number > SRUDP_REPLAY_WINDOW)
    return FALSE;

  return (*word_of (window, packet_number) & bit_of (packet_number)) == 0;
}

gboolean
srudp_replay_window_accept (SrudpReplayWindow *window, guint64 packet_number)
{
  if (!srudp_replay_window_is_fresh (window, packet_number))
    return FALSE;

  if (packet_number >= window->next)
    {
      make_room (window, packet_number);
      move_ahead (window, packet_number);
    }
  *word_of (window, packet_number) |= bit_of (packet_number);

  return TRUE;
}
