/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-chaos.c: opens of two sides that meet in every possible way
 *
 * For a while the network loses, repeats, delays, reflects and spoils packets
 * while both sides open at random times. Then it behaves, and both sides must
 * agree: each connection of one is a connection of the other, and nobody is
 * left in doubt.
 */
#include "srudp-engine-private.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC
#define MAX_OPENS 2
#define N_SEEDS 70

typedef struct
{
  const char *path;
  guint n_opens[2];
  gboolean may_accept;
  gboolean mixed; /* some opens expect nobody in particular */
  gboolean restart; /* one side starts afresh, with the same identity */
} Chaos;

static const Chaos tests[] = {
  { "/chaos/one-and-one", { 1, 1 }, FALSE, FALSE },
  { "/chaos/one-and-one-mixed", { 1, 1 }, FALSE, TRUE },
  { "/chaos/one-and-one-with-accept", { 1, 1 }, TRUE, FALSE },
  { "/chaos/one-and-one-mixed-with-accept", { 1, 1 }, TRUE, TRUE },
  { "/chaos/two-and-one", { 2, 1 }, FALSE, FALSE },
  { "/chaos/two-and-one-mixed-with-accept", { 2, 1 }, TRUE, TRUE },
  { "/chaos/two-and-two", { 2, 2 }, FALSE, FALSE },
  { "/chaos/two-and-two-mixed", { 2, 2 }, FALSE, TRUE },
  { "/chaos/two-and-two-mixed-with-accept", { 2, 2 }, TRUE, TRUE },
  { "/chaos/one-and-one-restart", { 1, 1 }, FALSE, FALSE, TRUE },
  { "/chaos/one-and-one-mixed-restart", { 1, 1 }, FALSE, TRUE, TRUE },
  { "/chaos/two-and-two-mixed-with-accept-restart", { 2, 2 }, TRUE, TRUE, TRUE },
};

static PipeVerdict
misbehave_cb (Pipe       *pipe,
              PipePacket *packet,
              gpointer    user_data)
{
  gint32 dice = g_rand_int_range (pipe->rand, 0, 100);

  if (dice < 30)
    return PIPE_DROP;
  if (dice < 45)
    return PIPE_DUPLICATE;
  if (dice < 50)
    return PIPE_REFLECT;
  if (dice < 55)
    packet->data[g_rand_int_range (pipe->rand, 0, (gint32) packet->size)] ^=
      (guint8) (1 << g_rand_int_range (pipe->rand, 0, 8));

  return PIPE_PASS;
}

typedef struct
{
  SrudpSession *sessions[16];
  guint n_sessions;
} Side;

static void
collect (Pipe  *pipe,
         guint  node,
         Side  *side)
{
  SrudpSession *incoming;

  for (guint i = 0; (incoming = pipe_get_incoming (pipe, node, i)) != NULL; i++)
    {
      gboolean known = FALSE;

      for (guint j = 0; j < side->n_sessions; j++)
        known |= side->sessions[j] == incoming;
      if (!known)
        side->sessions[side->n_sessions++] = incoming;
    }
}

static gboolean
are_same (SrudpSession *a,
          SrudpSession *b)
{
  guint8 first[SRUDP_KEY_BYTES], second[SRUDP_KEY_BYTES];

  return srudp_session_get_channel_binding (a, first) &&
         srudp_session_get_channel_binding (b, second) &&
         memcmp (first, second, SRUDP_KEY_BYTES) == 0;
}

static guint
count_alive (const Side *side,
             const Side *other)
{
  guint n_alive = 0;

  for (guint i = 0; i < side->n_sessions; i++)
    {
      SrudpSession *session = side->sessions[i];
      guint n_matches = 0;

      g_assert_cmpint (srudp_session_get_state (session), >=,
                       SRUDP_STATE_ESTABLISHED);
      if (srudp_session_get_state (session) != SRUDP_STATE_ESTABLISHED)
        {
          g_assert_cmpint (srudp_session_get_state (session), !=,
                           SRUDP_STATE_UNREACHABLE);
          continue;
        }

      for (guint j = 0; j < other->n_sessions; j++)
        if (are_same (session, other->sessions[j]))
          {
            g_assert_cmpint (srudp_session_get_state (other->sessions[j]), ==,
                             SRUDP_STATE_ESTABLISHED);
            n_matches++;
          }
      g_assert_cmpuint (n_matches, ==, 1);
      n_alive++;
    }

  return n_alive;
}

static void
open_some (Pipe        *pipe,
           guint        node,
           const Chaos *test,
           Side        *side)
{
  PipePinning pinning = test->mixed && g_rand_boolean (pipe->rand) ? PIPE_ANYONE
                                                                   : PIPE_PINNED;

  side->sessions[side->n_sessions++] = pipe_open (pipe, node, !node, pinning);
}

static void
restart (Pipe        *pipe,
         const Chaos *test,
         Side        *side)
{
  SrudpEngineConfig config = { .random = test_random_fill, .random_data = pipe->rand };
  gboolean accepting = pipe->engines[1]->accepting;

  memcpy (config.static_secret, pipe->engines[1]->local.keys.secret, SRUDP_KEY_BYTES);
  srudp_engine_free (pipe->engines[1]);
  pipe->engines[1] = srudp_engine_new (&config, pipe->now);
  srudp_engine_set_accepting (pipe->engines[1], accepting);
  g_array_set_size (pipe->events[1], 0);
  side->n_sessions = 0;
  for (guint i = 0; i < test->n_opens[1]; i++)
    open_some (pipe, 1, test, side);
}

static guint
count_opening (const Side *side)
{
  guint n_opening = 0;

  for (guint i = 0; i < side->n_sessions; i++)
    if (srudp_session_get_state (side->sessions[i]) < SRUDP_STATE_ESTABLISHED)
      n_opening++;

  return n_opening;
}

/* A process that started while the other side was connected to the one before
 * waits for the other side to open to it. */
static void
open_once_more (Pipe *pipe,
                Side  sides[2])
{
  guint n_opening = count_opening (&sides[1]);

  g_assert_cmpuint (count_opening (&sides[0]), ==, 0);
  for (guint i = 0; i < n_opening; i++)
    sides[0].sessions[sides[0].n_sessions++] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  pipe_run (pipe, 3 * SECOND);
}

static void
run_seed (const Chaos *test,
          guint32      seed)
{
  g_autoptr (Pipe) pipe = pipe_new (seed, 2);
  gint64 times[2][MAX_OPENS];
  Side sides[2] = { 0 };
  gboolean accepts[2] = { FALSE, FALSE };
  guint n_alive;

  pipe->filter = misbehave_cb;
  pipe->jitter_us = g_rand_int_range (pipe->rand, 1, 200 * MS);
  for (guint node = 0; node < 2; node++)
    {
      accepts[node] = test->may_accept && g_rand_boolean (pipe->rand);
      srudp_engine_set_accepting (pipe->engines[node], accepts[node]);
      for (guint i = 0; i < test->n_opens[node]; i++)
        times[node][i] = pipe->now + g_rand_int_range (pipe->rand, 0, 400 * MS);
    }

  for (guint step = 0; step <= 40; step++)
    {
      pipe_run (pipe, 10 * MS);
      for (guint node = 0; node < 2; node++)
        for (guint i = 0; i < test->n_opens[node]; i++)
          if (times[node][i] >= 0 && times[node][i] <= pipe->now)
            {
              times[node][i] = -1;
              open_some (pipe, node, test, &sides[node]);
            }
    }
  if (test->restart)
    restart (pipe, test, &sides[1]);
  pipe_run (pipe, g_rand_int_range (pipe->rand, 0, SECOND));

  pipe->filter = NULL;
  pipe->jitter_us = 0;
  pipe_run (pipe, 8 * SECOND);
  if (test->restart)
    open_once_more (pipe, sides);
  for (guint node = 0; node < 2; node++)
    collect (pipe, node, &sides[node]);

  /* Whoever was connected to the process that is gone finds out. */
  n_alive = count_alive (&sides[0], &sides[1]);
  g_assert_cmpuint (count_alive (&sides[1], &sides[0]), ==, n_alive);
  if (!test->restart)
    g_assert_cmpuint (n_alive, >=, 1);
  if (!test->restart && test->n_opens[0] == 1 && test->n_opens[1] == 1 &&
      !accepts[0] && !accepts[1])
    pipe_assert_connected (sides[0].sessions[0], sides[1].sessions[0]);
}

static void
test_chaos (gconstpointer data)
{
  for (guint32 seed = 0; seed < N_SEEDS; seed++)
    run_seed (data, seed);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].path, &tests[i], test_chaos);

  return g_test_run ();
}
