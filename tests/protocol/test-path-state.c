/*
 * SPDX-License-Identifier: MIT
 *
 * test-path-state.c: a new path must prove itself before it gets much
 */
#include "srudp-path-state.h"

#define TIMEOUT_US 100000

static const guint8 challenge[SRUDP_PATH_CHALLENGE_BYTES] = "8 bytes";
static const guint8 wrong[SRUDP_PATH_CHALLENGE_BYTES] = "8 Bytes";

static SrudpPathState
make_unproven (void)
{
  SrudpPath addresses = { .remote = { .family = SRUDP_FAMILY_IPV4,
                                      .ip = { 192, 0, 2, 1 },
                                      .port = 4000 } };
  SrudpPathState state;

  srudp_path_state_init_unproven (&state, &addresses, challenge);

  return state;
}

static void
test_gets_three_times_what_it_sent (void)
{
  SrudpPathState state = make_unproven ();

  g_assert_cmpuint (srudp_path_state_get_budget (&state), ==, 0);
  srudp_path_state_on_received (&state, 40);
  g_assert_cmpuint (srudp_path_state_get_budget (&state), ==, 120);
  srudp_path_state_on_sent (&state, 100);
  g_assert_cmpuint (srudp_path_state_get_budget (&state), ==, 20);
  srudp_path_state_on_sent (&state, 100);
  g_assert_cmpuint (srudp_path_state_get_budget (&state), ==, 0);
}

static void
test_right_answer_proves_it (void)
{
  SrudpPathState state = make_unproven ();

  srudp_path_state_on_challenge_sent (&state, 0, TIMEOUT_US);
  g_assert_true (srudp_path_state_on_response (&state, challenge));
  g_assert_true (state.validated);
  g_assert_cmpuint (srudp_path_state_get_budget (&state), ==, G_MAXSIZE);
  g_assert_cmpint (state.deadline_us, ==, -1);
  g_assert_false (srudp_path_state_on_response (&state, challenge));
}

static void
test_wrong_or_unasked_answer_does_not (void)
{
  SrudpPathState state = make_unproven ();

  g_assert_false (srudp_path_state_on_response (&state, challenge));
  srudp_path_state_on_challenge_sent (&state, 0, TIMEOUT_US);
  g_assert_false (srudp_path_state_on_response (&state, wrong));
  g_assert_false (state.validated);
}

static void
test_delayed_challenge_comes_later (void)
{
  SrudpPathState state = make_unproven ();

  srudp_path_state_delay (&state, TIMEOUT_US);
  g_assert_false (state.challenge_due);
  g_assert_cmpint (srudp_path_state_on_timeout (&state, TIMEOUT_US - 1), ==,
                   SRUDP_PATH_WAITING);
  g_assert_cmpint (srudp_path_state_on_timeout (&state, TIMEOUT_US), ==,
                   SRUDP_PATH_REPEAT);
  g_assert_true (state.challenge_due);
}

static void
test_repeats_then_fails (void)
{
  SrudpPathState state = make_unproven ();
  SrudpPathVerdict verdict = SRUDP_PATH_REPEAT;
  gint64 now = 0;
  guint n_sent = 0;

  while (verdict == SRUDP_PATH_REPEAT)
    {
      g_assert_true (state.challenge_due);
      srudp_path_state_on_challenge_sent (&state, now, TIMEOUT_US);
      n_sent++;
      g_assert_cmpint (srudp_path_state_on_timeout (&state, now), ==,
                       SRUDP_PATH_WAITING);
      now += TIMEOUT_US;
      verdict = srudp_path_state_on_timeout (&state, now);
    }

  g_assert_cmpint (verdict, ==, SRUDP_PATH_FAILED);
  g_assert_cmpuint (n_sent, ==, 6);
  g_assert_false (state.in_use);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path-state/gets-three-times-what-it-sent",
                   test_gets_three_times_what_it_sent);
  g_test_add_func ("/path-state/right-answer-proves-it",
                   test_right_answer_proves_it);
  g_test_add_func ("/path-state/wrong-or-unasked-answer-does-not",
                   test_wrong_or_unasked_answer_does_not);
  g_test_add_func ("/path-state/delayed-challenge-comes-later",
                   test_delayed_challenge_comes_later);
  g_test_add_func ("/path-state/repeats-then-fails", test_repeats_then_fails);

  return g_test_run ();
}
