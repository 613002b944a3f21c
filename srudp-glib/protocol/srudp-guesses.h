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
 *
 * Turns go by address (an IPv6 /64 is one): who comes too early joins a queue,
 * and a guess is for the first in it. So somebody who asks a thousand times a
 * second has one turn for each of those who ask once.
 */
#pragma once

#include "srudp-address.h"

G_BEGIN_DECLS

#define SRUDP_FREE_GUESSES 5
#define SRUDP_GUESS_INTERVAL_US G_USEC_PER_SEC
#define SRUDP_FREE_GUESSES_US (SRUDP_FREE_GUESSES * SRUDP_GUESS_INTERVAL_US)
/* Addresses that may wait for their turn. */
#define SRUDP_MAX_GUESSERS 64
/* Message 3 is repeated once a second at least, and one may be lost. */
#define SRUDP_GUESSER_PATIENCE_US (2200 * (G_USEC_PER_SEC / 1000))

typedef struct
{
  SrudpAddress network;
  gint64 asked_at; /* the last time */
} SrudpGuesser;

/* All zero: nothing was guessed yet. */
typedef struct
{
  guint n_taken;   /* and not given back */
  gint64 first_at; /* when the first of them was taken */
  gint64 next_at;  /* once the free ones are gone */
  guint n_waiting;
  SrudpGuesser waiting[SRUDP_MAX_GUESSERS]; /* in their order */
} SrudpGuesses;

/* FALSE: too early, or somebody else's turn: nothing may be shown now. */
gboolean srudp_guesses_take      (SrudpGuesses       *guesses,
                                  gint64              now,
                                  const SrudpAddress *from) G_GNUC_WARN_UNUSED_RESULT;
/* It was the right one. */
void     srudp_guesses_give_back (SrudpGuesses       *guesses,
                                  gint64              now);

G_END_DECLS
