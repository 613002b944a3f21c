/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-guesses.c: how fast a passphrase may be guessed
 */
#include "srudp-guesses.h"

#include <string.h>

/* Whoever has one address of a /64 has them all. */
static SrudpAddress
get_network (const SrudpAddress *address)
{
  SrudpAddress network = { .family = address->family };

  memcpy (network.ip, address->ip,
          address->family == SRUDP_FAMILY_IPV6 ? 8 : sizeof network.ip);

  return network;
}

static void
forget_guesser (SrudpGuesses *guesses,
                guint         i)
{
  guesses->n_waiting--;
  memmove (&guesses->waiting[i], &guesses->waiting[i + 1],
           (guesses->n_waiting - i) * sizeof guesses->waiting[0]);
}

static void
forget_silent (SrudpGuesses *guesses,
               gint64        now)
{
  for (guint i = guesses->n_waiting; i > 0; i--)
    if (now - guesses->waiting[i - 1].asked_at > SRUDP_GUESSER_PATIENCE_US)
      forget_guesser (guesses, i - 1);
}

/* Its place in the queue, at the end if it had none; the number of places if
 * there is none left. */
static guint
find_place (SrudpGuesses       *guesses,
            gint64              now,
            const SrudpAddress *from)
{
  SrudpAddress network = get_network (from);
  guint i;

  for (i = 0; i < guesses->n_waiting; i++)
    if (srudp_address_equal (&guesses->waiting[i].network, &network))
      break;
  if (i == SRUDP_MAX_GUESSERS)
    return i;

  guesses->waiting[i] = (SrudpGuesser) { network, now };
  guesses->n_waiting = MAX (guesses->n_waiting, i + 1);

  return i;
}

static gboolean
is_turn_of (SrudpGuesses       *guesses,
            gint64              now,
            const SrudpAddress *from)
{
  guint place;

  forget_silent (guesses, now);
  place = find_place (guesses, now, from);
  if (place > 0 || now < guesses->next_at)
    return FALSE;

  forget_guesser (guesses, place);

  return TRUE;
}

gboolean
srudp_guesses_take (SrudpGuesses       *guesses,
                    gint64              now,
                    const SrudpAddress *from)
{
  if (guesses->n_taken >= SRUDP_FREE_GUESSES && !is_turn_of (guesses, now, from))
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
