/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-guesses.h: how fast a passphrase may be guessed
 *
 * Each handshake that shows a stranger whether a guess is right is counted
 * before it does so, and given back if it was. Five are free; the next comes
 * 5 s after the first at the earliest, each further one 1 s after the one
 * before. Nobody is ever locked out: who knows the passphrase repeats the
 * handshake until it is his turn.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_FREE_GUESSES 5
#define SRUDP_GUESS_INTERVAL_US G_USEC_PER_SEC
#define SRUDP_FREE_GUESSES_US (SRUDP_FREE_GUESSES * SRUDP_GUESS_INTERVAL_US)

/* All zero: nothing was guessed yet. */
typedef struct
{
  guint n_taken;   /* and not given back */
  gint64 first_at; /* when the first of them was taken */
  gint64 next_at;  /* once the free ones are gone */
} SrudpGuesses;

/* FALSE: too early, nothing may be shown now. */
gboolean srudp_guesses_take      (SrudpGuesses *guesses,
                                  gint64        now) G_GNUC_WARN_UNUSED_RESULT;
/* It was the right one. */
void     srudp_guesses_give_back (SrudpGuesses *guesses,
                                  gint64        now);

G_END_DECLS
