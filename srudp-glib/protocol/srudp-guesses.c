/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-guesses.c: how fast a passphrase may be guessed
 */
#include "srudp-guesses.h"

gboolean
srudp_guesses_take (SrudpGuesses *guesses,
                    gint64        now)
{
  if (guesses->n_taken >= SRUDP_FREE_GUESSES && now < guesses->next_at)
    return FALSE;

  if (guesses->n_taken == 0)
    guesses->first_at = now;
  if (guesses->n_taken < G_MAXUINT)
    guesses->n_taken++;
  guesses->next_at = MAX (now + SRUDP_GUESS_INTERVAL_US,
                          guesses->first_at + SRUDP_FREE_GUESSES_US);

  return TRUE;
}

void
srudp_guesses_give_back (SrudpGuesses *guesses,
                         gint64        now)
{
  if (guesses->n_taken == 0)
    return;

  /* Whoever waited because of it may go on. */
  guesses->n_taken--;
  guesses->next_at = MIN (guesses->next_at, now);
}
