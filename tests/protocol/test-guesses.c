/*
 * SPDX-License-Identifier: MIT
 *
 * test-guesses.c: how fast a passphrase may be guessed
 */
#include "srudp-guesses.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

static SrudpAddress
make_address (guint8 n)
{
  const guint8 ip[4] = { 192, 0, 2, n };
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, ip, 1000);

  return address;
}

/* Whoever tries as fast as he can: the sixth try comes 5 s after the first. */
static void
test_steady_guessing (void)
{
  SrudpGuesses guesses = { 0 };
  const SrudpAddress somebody = make_address (1);
  gint64 sixth = -1;
  guint n = 0;

  for (gint64 now = 100 * SECOND; now <= 160 * SECOND; now += MS)
    if (srudp_guesses_take (&guesses, now, &somebody) && ++n == 6)
      sixth = now;

  g_assert_cmpint (sixth, ==, 105 * SECOND);
  g_assert_cmpuint (n, ==, 5 + 56);
}

static void
test_slow_guessing (void)
{
  SrudpGuesses guesses = { 0 };
  const SrudpAddress somebody = make_address (1);

  for (gint64 now = 0; now <= 100 * SECOND; now += SECOND)
    g_assert_true (srudp_guesses_take (&guesses, now, &somebody));
}

/* A right one costs nothing. */
static void
test_right_ones (void)
{
  SrudpGuesses guesses = { 0 };
  const SrudpAddress somebody = make_address (1);

  for (guint i = 0; i < 1000; i++)
    {
      g_assert_true (srudp_guesses_take (&guesses, 7, &somebody));
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
  const SrudpAddress somebody = make_address (1);
  guint n_wrong = 0;

  for (gint64 now = 0; now < 100 * SECOND; now += MS)
    {
      /* Each comes first half of the time. */
      if (now / MS % 2 == 0 && srudp_guesses_take (&guesses, now, &somebody))
        srudp_guesses_give_back (&guesses, now);
      if (srudp_guesses_take (&guesses, now, &somebody))
        n_wrong++;
    }

  g_assert_cmpuint (n_wrong, <=, 5 + 100);
}

/* So many addresses ask without a pause, each with another port every time; who
 * knows the passphrase comes once a second, as message 3 does. Until when? */
static gint64
find_turn_among (guint n_others)
{
  SrudpGuesses guesses = { 0 };
  SrudpAddress true_peer = make_address (200);
  gint64 now;

  for (now = 0; now < 200 * SECOND; now += MS)
    {
      for (guint i = 0; i < n_others; i++)
        {
          SrudpAddress other = make_address ((guint8) i);

          other.port = (guint16) (now / MS);
          if (srudp_guesses_take (&guesses, now, &other))
            g_assert_cmpuint (guesses.n_taken, <=, 5 + now / SECOND);
        }
      if (now >= 10 * SECOND && now % SECOND == 0
          && srudp_guesses_take (&guesses, now, &true_peer))
        break;
    }

  return now - 10 * SECOND;
}

static void
test_turns_go_by_address (void)
{
  g_assert_cmpint (find_turn_among (0), ==, 0);
  g_assert_cmpint (find_turn_among (1), <=, 3 * SECOND);
  g_assert_cmpint (find_turn_among (10), <=, 12 * SECOND);
  g_assert_cmpint (find_turn_among (SRUDP_MAX_GUESSERS - 1), <=,
                   (SRUDP_MAX_GUESSERS + 1) * SECOND);
}

/* A /64 has one place, whatever comes from it. */
static void
test_networks_have_one_turn (void)
{
  SrudpGuesses guesses = { .n_taken = SRUDP_FREE_GUESSES, .next_at = SECOND };

  for (guint8 i = 0; i < 200; i++)
    {
      guint8 ip[16] = { 0x20, 0x01, 0x0d, 0xb8, [8] = i, [15] = i };
      SrudpAddress address;

      srudp_address_init_ipv6 (&address, ip, i, 0);
      g_assert_false (srudp_guesses_take (&guesses, 0, &address));
    }
  g_assert_cmpuint (guesses.n_waiting, ==, 1);
}

/* Those who ask no more, or only to be first, hold nobody up for long. */
static void
test_silent_ones_lose_their_turn (void)
{
  SrudpGuesses guesses = { .n_taken = SRUDP_FREE_GUESSES, .next_at = SECOND };
  SrudpAddress true_peer = make_address (200);
  gint64 now;

  for (guint8 i = 0; i < SRUDP_MAX_GUESSERS - 1; i++)
    {
      SrudpAddress other = make_address (i);

      g_assert_false (srudp_guesses_take (&guesses, 0, &other));
    }
  for (now = 0; !srudp_guesses_take (&guesses, now, &true_peer); now += 500 * MS)
    g_assert_cmpint (now, <, 10 * SECOND);
  g_assert_cmpint (now, <=, SRUDP_GUESSER_PATIENCE_US + 500 * MS);
}

/* More than there are places for: those in them have theirs. */
static void
test_more_than_places (void)
{
  SrudpGuesses guesses = { .n_taken = SRUDP_FREE_GUESSES, .first_at = -10 * SECOND,
                           .next_at = SECOND };
  guint n = 0;

  for (gint64 now = 0; now <= 10 * SECOND; now += 100 * MS)
    for (guint8 i = 0; i < SRUDP_MAX_GUESSERS + 20; i++)
      {
        SrudpAddress other = make_address (i);

        n += srudp_guesses_take (&guesses, now, &other);
        g_assert_cmpuint (guesses.n_waiting, <=, SRUDP_MAX_GUESSERS);
      }
  g_assert_cmpuint (n, ==, 10);
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
  g_test_add_func ("/guesses/turns-go-by-address", test_turns_go_by_address);
  g_test_add_func ("/guesses/a-network-has-one-turn", test_networks_have_one_turn);
  g_test_add_func ("/guesses/who-is-silent-loses-his-turn",
                   test_silent_ones_lose_their_turn);
  g_test_add_func ("/guesses/more-addresses-than-places", test_more_than_places);

  return g_test_run ();
}
