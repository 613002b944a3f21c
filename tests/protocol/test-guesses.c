/*
 * SPDX-License-Identifier: MIT
 *
 * test-guesses.c: how fast a passphrase may be guessed
 */
#include "srudp-guesses.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

/* Whoever tries as fast as he can: the sixth try comes 5 s after the first. */
static void
test_steady_guessing (void)
{
  SrudpGuesses guesses = { 0 };
  gint64 sixth = -1;
  guint n = 0;

  for (gint64 now = 100 * SECOND; now <= 160 * SECOND; now += MS)
    if (srudp_guesses_take (&guesses, now) && ++n == 6)
      sixth = now;

  g_assert_cmpint (sixth, ==, 105 * SECOND);
  g_assert_cmpuint (n, ==, 5 + 56);
}

static void
test_slow_guessing (void)
{
  SrudpGuesses guesses = { 0 };

  for (gint64 now = 0; now <= 100 * SECOND; now += SECOND)
    g_assert_true (srudp_guesses_take (&guesses, now));
}

/* A right one costs nothing. */
static void
test_right_ones (void)
{
  SrudpGuesses guesses = { 0 };

  for (guint i = 0; i < 1000; i++)
    {
      g_assert_true (srudp_guesses_take (&guesses, 7));
      srudp_guesses_give_back (&guesses, 7);
    }
  g_assert_cmpuint (guesses.n_taken, ==, 0);
  srudp_guesses_give_back (&guesses, 8);
  g_assert_cmpuint (guesses.n_taken, ==, 0);
}

/* While somebody guesses without a pause, who knows it still gets in. */
static void
test_no_lock_out (void)
{
  SrudpGuesses guesses = { 0 };
  guint n_wrong = 0;

  for (gint64 now = 0; now < 100 * SECOND; now += MS)
    {
      /* Each comes first half of the time. */
      if (now / MS % 2 == 0 && srudp_guesses_take (&guesses, now))
        srudp_guesses_give_back (&guesses, now);
      if (srudp_guesses_take (&guesses, now))
        n_wrong++;
    }

  g_assert_cmpuint (n_wrong, <=, 5 + 100);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guesses/five-are-free-then-one-a-second", test_steady_guessing);
  g_test_add_func ("/guesses/who-is-slow-anyway-never-waits", test_slow_guessing);
  g_test_add_func ("/guesses/the-right-one-is-given-back", test_right_ones);
  g_test_add_func ("/guesses/nobody-is-locked-out", test_no_lock_out);

  return g_test_run ();
}
