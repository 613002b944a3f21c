/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-short-code.c: both sides see the same emoji, or somebody is
 * between them
 */
#include "test-pipe.h"

#define SECOND G_USEC_PER_SEC

static const guint8 secret_of_b[SRUDP_KEY_BYTES] = { 0xB, 1, 2, 3 };

typedef struct
{
  const char *path;
  gboolean both_open;
  const char *passphrase;
  gboolean invited;
  gboolean asks_for_cookies;
  guint loss_percent, repeated_percent;
} Case;

static const Case cases[] = {
  { "/short-code/equal/one-accepts" },
  { "/short-code/equal/both-open", .both_open = TRUE },
  { "/short-code/equal/invitation", .invited = TRUE },
  { "/short-code/equal/passphrase", .passphrase = "pea" },
  { "/short-code/equal/both-open-with-a-passphrase", .both_open = TRUE,
    .passphrase = "pea" },
  { "/short-code/equal/all-of-them", .both_open = TRUE, .passphrase = "pea",
    .invited = TRUE },
  { "/short-code/equal/after-a-cookie", .asks_for_cookies = TRUE },
  { "/short-code/equal/though-messages-are-lost", .loss_percent = 30 },
  { "/short-code/equal/though-messages-are-lost-of-both", .both_open = TRUE,
    .loss_percent = 30 },
  { "/short-code/equal/though-messages-are-repeated", .both_open = TRUE,
    .repeated_percent = 50 },
};

static PipeVerdict
disturb_cb (Pipe       *pipe,
            PipePacket *packet,
            gpointer    user_data)
{
  const Case *test = user_data;
  guint chance = (guint) g_rand_int_range (pipe->rand, 0, 100);

  if (chance < test->loss_percent)
    return PIPE_DROP;

  return chance < test->repeated_percent ? PIPE_DUPLICATE : PIPE_PASS;
}

static SrudpSession *
open_as (Pipe       *pipe,
         guint       from,
         const Case *test)
{
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[1 - from],
    .n_candidates = 1,
    .passphrase = test->passphrase,
    .passphrase_size = test->passphrase != NULL ? strlen (test->passphrase) : 0,
    .invitation = test->invited && from == 0 ? secret_of_b : NULL,
    .open_timeout_us = 60 * SECOND,
    .idle_timeout_us = 60 * SECOND,
    .keepalive_us = 15 * SECOND,
  };

  return srudp_engine_open (pipe->engines[from], pipe->now, &config);
}

static void
set_up_peer (Pipe       *pipe,
             const Case *test)
{
  SrudpEngine *engine = pipe->engines[1];

  if (test->invited)
    srudp_engine_add_invitation (engine, secret_of_b, -1);
  if (test->asks_for_cookies)
    srudp_engine_set_hello_limits (engine, 0, 0);
  if (test->both_open)
    return;
  srudp_engine_set_accepting (engine, TRUE);
  if (test->passphrase != NULL)
    srudp_engine_set_passphrase (engine, test->passphrase,
                                 strlen (test->passphrase));
}

static guint
count_events (Pipe         *pipe,
              guint         node,
              SrudpSession *session)
{
  guint n = 0;

  for (guint i = 0; i < pipe->events[node]->len; i++)
    {
      SrudpEvent *event = &g_array_index (pipe->events[node], SrudpEvent, i);

      n += event->type == SRUDP_EVENT_SHORT_CODE && event->session == session;
    }

  return n;
}

static void
get_code (SrudpSession *session,
          guint8        symbols[SRUDP_SHORT_CODE_SYMBOLS])
{
  g_assert_nonnull (session);
  g_assert_true (srudp_session_get_short_code (session, symbols));
  for (guint i = 0; i < SRUDP_SHORT_CODE_SYMBOLS; i++)
    g_assert_cmpuint (symbols[i], <, 64);
}

static void
test_equal (gconstpointer data)
{
  const Case *test = data;
  guint8 seen[2][2][SRUDP_SHORT_CODE_SYMBOLS];

  for (guint seed = 1; seed <= 8; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *sessions[2];

      set_up_peer (pipe, test);
      pipe->filter = disturb_cb;
      pipe->filter_data = (gpointer) test;
      sessions[0] = open_as (pipe, 0, test);
      sessions[1] = test->both_open ? open_as (pipe, 1, test) : NULL;
      pipe_run (pipe, 20 * SECOND);
      if (!test->both_open)
        {
          sessions[1] = pipe_get_incoming (pipe, 1, 0);
          g_assert_nonnull (sessions[1]);
          srudp_session_claim (sessions[1]);
          pipe_run (pipe, 20 * SECOND);
        }

      pipe_assert_connected (sessions[0], sessions[1]);
      for (guint i = 0; i < 2; i++)
        {
          get_code (sessions[i], seen[seed % 2][i]);
          g_assert_cmpuint (count_events (pipe, i, sessions[i]), ==, 1);
        }
      g_assert_cmpmem (seen[seed % 2][0], SRUDP_SHORT_CODE_SYMBOLS,
                       seen[seed % 2][1], SRUDP_SHORT_CODE_SYMBOLS);
      /* Of 42 bits, two runs with different seeds share nothing. */
      if (seed > 1)
        g_assert_cmpint (memcmp (seen[0][0], seen[1][0],
                                 SRUDP_SHORT_CODE_SYMBOLS), !=, 0);
    }
}

/* Who calls a stranger doesn't learn how the code turns out, and hangs up,
 * without anybody noticing. */
static void
test_not_before_it_is_taken (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  guint8 symbols[SRUDP_SHORT_CODE_SYMBOLS];
  SrudpSession *caller, *called;

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  caller = pipe_open (pipe, 0, 1, PIPE_ANYONE);
  pipe_run (pipe, 5 * SECOND);
  called = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (caller, called);
  g_assert_false (srudp_session_get_short_code (caller, symbols));

  srudp_session_claim (called);
  pipe_run (pipe, SECOND);
  g_assert_true (srudp_session_get_short_code (caller, symbols));
}

/* A call that is met by an open of one's own is taken by that. */
static void
test_taken_by_an_open (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  guint8 symbols[SRUDP_SHORT_CODE_SYMBOLS];
  SrudpSession *caller, *called;

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  caller = pipe_open (pipe, 0, 1, PIPE_ANYONE);
  pipe_run (pipe, SECOND);
  called = pipe_open (pipe, 1, 0, PIPE_PINNED);
  g_assert_true (called == pipe_get_incoming (pipe, 1, 0));
  srudp_session_claim (called);
  pipe_run (pipe, SECOND);
  g_assert_true (srudp_session_get_short_code (caller, symbols));
  g_assert_true (srudp_session_get_short_code (called, symbols));
}

/* Two connections of the same two peers have different ones. */
static void
test_new_each_time (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  guint8 symbols[2][SRUDP_SHORT_CODE_SYMBOLS];

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  for (guint i = 0; i < 2; i++)
    {
      SrudpSession *session = pipe_open (pipe, 0, 1, PIPE_PINNED);

      pipe_run (pipe, SECOND);
      srudp_session_claim (pipe_get_incoming (pipe, 1, i));
      pipe_run (pipe, SECOND);
      get_code (session, symbols[i]);
      srudp_session_release (session, pipe->now);
      pipe_run (pipe, SECOND);
    }
  g_assert_cmpint (memcmp (symbols[0], symbols[1], SRUDP_SHORT_CODE_SYMBOLS),
                   !=, 0);
}

/* Ada takes Mallory's address for Bob's; Mallory calls Bob. */
static void
test_middle (void)
{
  enum { ADA, BOB, MALLORY };

  for (guint seed = 1; seed <= 16; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 3);
      guint8 of_ada[SRUDP_SHORT_CODE_SYMBOLS], of_bob[SRUDP_SHORT_CODE_SYMBOLS];
      SrudpSession *ada;

      srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
      srudp_engine_set_accepting (pipe->engines[MALLORY], TRUE);
      ada = pipe_open (pipe, ADA, MALLORY, PIPE_ANYONE);
      pipe_open (pipe, MALLORY, BOB, PIPE_ANYONE);
      pipe_run (pipe, SECOND);
      srudp_session_claim (pipe_get_incoming (pipe, BOB, 0));
      srudp_session_claim (pipe_get_incoming (pipe, MALLORY, 0));
      pipe_run (pipe, SECOND);
      get_code (ada, of_ada);
      get_code (pipe_get_incoming (pipe, BOB, 0), of_bob);
      g_assert_cmpint (memcmp (of_ada, of_bob, sizeof of_ada), !=, 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_equal);
  g_test_add_func ("/short-code/not-before-somebody-takes-the-call",
                   test_not_before_it_is_taken);
  g_test_add_func ("/short-code/when-an-open-of-ours-takes-the-call",
                   test_taken_by_an_open);
  g_test_add_func ("/short-code/new-with-each-connection", test_new_each_time);
  g_test_add_func ("/short-code/differs-with-a-man-in-the-middle", test_middle);

  return g_test_run ();
}
