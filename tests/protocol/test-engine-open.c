/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-open.c: who gets connected to whom, and who is told what
 */
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

static void
assert_closed (SrudpSession *session,
               SrudpReason   reason)
{
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (session), ==, reason);
}

static void
test_one_accepts (gconstpointer data)
{
  PipePinning pinning = GPOINTER_TO_UINT (data);
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  SrudpSession *opened, *accepted;
  guint8 key[SRUDP_KEY_BYTES], seen[SRUDP_KEY_BYTES];

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  opened = pipe_open (pipe, 0, 1, pinning);
  g_assert_cmpint (srudp_session_get_state (opened), ==, SRUDP_STATE_WAITING);

  /* Two round trips: HELLO, 2, 3, HANDSHAKE_DONE. */
  pipe_run (pipe, 4 * PIPE_DELAY_US + 1 * MS);
  accepted = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (opened, accepted);
  g_assert_null (pipe_get_incoming (pipe, 1, 1));

  pipe_get_key (pipe, 0, key);
  g_assert_true (srudp_session_get_peer_key (accepted, seen));
  g_assert_cmpmem (key, sizeof key, seen, sizeof seen);
}

static void
test_steps_in_order (void)
{
  static const SrudpState expected[] = {
    SRUDP_STATE_WAITING, SRUDP_STATE_PUNCHING, SRUDP_STATE_SECURING,
    SRUDP_STATE_ESTABLISHED,
  };
  g_autoptr (Pipe) pipe = pipe_new (2, 2);
  SrudpSession *sessions[2];

  sessions[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  sessions[1] = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 1 * SECOND);
  pipe_assert_connected (sessions[0], sessions[1]);

  for (guint node = 0; node < 2; node++)
    {
      guint n_seen = 0;

      for (guint i = 0; i < pipe->events[node]->len; i++)
        {
          SrudpEvent *event = &g_array_index (pipe->events[node], SrudpEvent, i);

          if (event->type != SRUDP_EVENT_STATE)
            continue;
          g_assert_cmpuint (n_seen, <, G_N_ELEMENTS (expected));
          g_assert_cmpint (event->state, ==, expected[n_seen]);
          g_assert_true (event->session == sessions[node]);
          n_seen++;
        }
      g_assert_cmpuint (n_seen, ==, G_N_ELEMENTS (expected));
      g_assert_null (pipe_get_incoming (pipe, node, 0));
    }
}

typedef struct
{
  const char *path;
  PipePinning pinning[2];
  gboolean accepting[2];
} BothOpen;

static const BothOpen both_open[] = {
  { "/engine/both-open/neither-pins", { PIPE_ANYONE, PIPE_ANYONE }, { FALSE, FALSE } },
  { "/engine/both-open/both-pin", { PIPE_PINNED, PIPE_PINNED }, { FALSE, FALSE } },
  { "/engine/both-open/one-pins", { PIPE_PINNED, PIPE_ANYONE }, { FALSE, FALSE } },
  { "/engine/both-open/neither-pins-and-accept", { PIPE_ANYONE, PIPE_ANYONE }, { TRUE, TRUE } },
  { "/engine/both-open/both-pin-and-accept", { PIPE_PINNED, PIPE_PINNED }, { TRUE, TRUE } },
  { "/engine/both-open/one-pins-and-accept", { PIPE_PINNED, PIPE_ANYONE }, { TRUE, TRUE } },
  { "/engine/both-open/one-pins-other-accepts", { PIPE_PINNED, PIPE_ANYONE }, { FALSE, TRUE } },
  { "/engine/both-open/one-pins-and-accepts", { PIPE_PINNED, PIPE_ANYONE }, { TRUE, FALSE } },
};

static PipeVerdict
lose_some_cb (Pipe       *pipe,
              PipePacket *packet,
              gpointer    user_data)
{
  guint percent = GPOINTER_TO_UINT (user_data);

  return g_rand_int_range (pipe->rand, 0, 100) < (gint32) percent ? PIPE_DROP
                                                                  : PIPE_PASS;
}

/* Each open is the other one's: at any skew, one connection and no more. */
static void
test_both_open (gconstpointer data)
{
  const BothOpen *test = data;

  for (guint32 seed = 0; seed < 24; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *a, *b;

      if (seed >= 8)
        {
          pipe->filter = lose_some_cb;
          pipe->filter_data = GUINT_TO_POINTER (30);
        }

      a = pipe_open (pipe, 0, 1, test->pinning[0]);
      pipe_run (pipe, (gint64) (seed % 8) * 9 * MS);
      b = pipe_open (pipe, 1, 0, test->pinning[1]);
      /* From now on only: before, an accepting side would just accept. */
      for (guint i = 0; i < 2; i++)
        srudp_engine_set_accepting (pipe->engines[i], test->accepting[i]);

      pipe_run (pipe, 5 * SECOND);
      pipe_assert_connected (a, b);
      g_assert_null (pipe_get_incoming (pipe, 0, 0));
      g_assert_null (pipe_get_incoming (pipe, 1, 0));
    }
}

/* An inbound session that nobody took is what the later open gets. */
static void
test_open_takes_from_backlog (gconstpointer data)
{
  PipePinning pinning = GPOINTER_TO_UINT (data);
  g_autoptr (Pipe) pipe = pipe_new (3, 2);
  SrudpSession *a, *b;

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  a = pipe_open (pipe, 0, 1, pinning);
  pipe_run (pipe, 1 * SECOND);
  b = pipe_open (pipe, 1, 0, pinning);
  g_assert_true (b == pipe_get_incoming (pipe, 1, 0));
  pipe_assert_connected (a, b);
}

static void
test_second_is_refused (gconstpointer data)
{
  PipePinning pinning = GPOINTER_TO_UINT (data);
  g_autoptr (Pipe) pipe = pipe_new (4, 2);
  SrudpSession *a, *b, *second;

  a = pipe_open (pipe, 0, 1, pinning);
  b = pipe_open (pipe, 1, 0, pinning);
  pipe_run (pipe, 1 * SECOND);
  pipe_assert_connected (a, b);

  second = pipe_open (pipe, 0, 1, pinning);
  pipe_run (pipe, 100 * MS);
  assert_closed (second, SRUDP_REASON_REFUSED);
  pipe_assert_connected (a, b);
}

static void
test_second_is_accepted (void)
{
  g_autoptr (Pipe) pipe = pipe_new (5, 2);
  SrudpSession *a, *b, *second;

  a = pipe_open (pipe, 0, 1, PIPE_PINNED);
  b = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 1 * SECOND);
  srudp_engine_set_accepting (pipe->engines[1], TRUE);

  second = pipe_open (pipe, 0, 1, PIPE_PINNED);
  pipe_run (pipe, 1 * SECOND);
  pipe_assert_connected (a, b);
  pipe_assert_connected (second, pipe_get_incoming (pipe, 1, 0));
}

static void
test_strangers_get_no_answer (void)
{
  g_autoptr (Pipe) pipe = pipe_new (6, 2);
  SrudpEngineCounters counters;
  SrudpSession *a = pipe_open (pipe, 0, 1, PIPE_PINNED);

  pipe_run (pipe, 21 * SECOND);
  assert_closed (a, SRUDP_REASON_OPEN_TIMEOUT);
  srudp_engine_get_counters (pipe->engines[1], &counters);
  g_assert_cmpuint (counters.datagrams_sent, ==, 0);
  g_assert_cmpuint (counters.dropped_not_accepting, >, 20);
}

static void
test_own_identity (void)
{
  g_autoptr (Pipe) pipe = pipe_new (7, 2);
  SrudpSession *pinned = pipe_open (pipe, 0, 0, PIPE_PINNED);
  SrudpSession *blind;
  SrudpEngineCounters counters;

  assert_closed (pinned, SRUDP_REASON_OWN_IDENTITY);

  /* Its own address, accepting: still nobody to talk to. */
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  blind = pipe_open (pipe, 0, 0, PIPE_ANYONE);
  pipe_run (pipe, 3 * SECOND);
  g_assert_cmpint (srudp_session_get_state (blind), ==, SRUDP_STATE_WAITING);
  g_assert_null (pipe_get_incoming (pipe, 0, 0));
  srudp_engine_get_counters (pipe->engines[0], &counters);
  g_assert_cmpuint (counters.dropped_reflected, >, 10);
  pipe_run (pipe, 30 * SECOND);
  assert_closed (blind, SRUDP_REASON_OWN_IDENTITY);
}

static void
test_another_identity (void)
{
  g_autoptr (Pipe) pipe = pipe_new (8, 3);
  SrudpSession *session;
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[1],
    .n_candidates = 1,
    .expected_peer = key,
    .open_timeout_us = 2 * SECOND,
    .idle_timeout_us = 21 * SECOND,
  };

  /* Whom we expect is elsewhere; who is there accepts everybody. */
  pipe_get_key (pipe, 2, key);
  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  session = srudp_engine_open (pipe->engines[0], pipe->now, &config);
  pipe_run (pipe, 1900 * MS);
  g_assert_cmpint (srudp_session_get_state (session), <, SRUDP_STATE_SECURING);
  pipe_run (pipe, 200 * MS);
  assert_closed (session, SRUDP_REASON_PEER_IDENTITY);
  g_assert_null (pipe_get_incoming (pipe, 1, 0));
}

typedef struct
{
  const char *path;
  guint candidates[2], n_candidates;
  guint reflector; /* 0: none */
  SrudpReason reason;
} Reflections;

static const Reflections reflections[] = {
  { "/engine/refuse/own-address/alone", { 0 }, 1, 0, SRUDP_REASON_OWN_IDENTITY },
  { "/engine/refuse/own-address/among-others", { 0, 1 }, 2, 0,
    SRUDP_REASON_OPEN_TIMEOUT },
  { "/engine/refuse/own-address/all-came-back", { 0, 1 }, 2, 1,
    SRUDP_REASON_OWN_IDENTITY },
  { "/engine/refuse/own-address/a-reflector-among-others", { 1, 2 }, 2, 1,
    SRUDP_REASON_OPEN_TIMEOUT },
};

static PipeVerdict
reflect (Pipe       *pipe,
         PipePacket *packet,
         gpointer    user_data)
{
  guint reflector = GPOINTER_TO_UINT (user_data);

  return reflector != 0 && packet->to == reflector ? PIPE_REFLECT : PIPE_PASS;
}

/* That a HELLO came back says nothing of where the others went: both homes may
 * use the same private range. */
static void
test_reflections (gconstpointer data)
{
  const Reflections *test = data;
  g_autoptr (Pipe) pipe = pipe_new (10, 3);
  SrudpAddress candidates[2] = { pipe->addresses[test->candidates[0]],
                                 pipe->addresses[test->candidates[1]] };
  SrudpOpenConfig config = {
    .candidates = candidates,
    .n_candidates = test->n_candidates,
    .open_timeout_us = 2 * SECOND,
    .idle_timeout_us = 21 * SECOND,
  };
  SrudpSession *session;
  SrudpEngineCounters counters;

  pipe->filter = reflect;
  pipe->filter_data = GUINT_TO_POINTER (test->reflector);
  session = srudp_engine_open (pipe->engines[0], pipe->now, &config);
  pipe_run (pipe, 3 * SECOND);
  assert_closed (session, test->reason);
  srudp_engine_get_counters (pipe->engines[0], &counters);
  g_assert_cmpuint (counters.dropped_reflected, >, 10);
}

/* Both open, and a NAT has given the one that is not expected another port. */
static void
test_another_identity_at_another_port (void)
{
  g_autoptr (Pipe) pipe = pipe_new (9, 3);
  SrudpAddress elsewhere = pipe->addresses[1];
  SrudpSession *session;
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &elsewhere,
    .n_candidates = 1,
    .expected_peer = key,
    .open_timeout_us = 3 * SECOND,
    .idle_timeout_us = 21 * SECOND,
  };

  elsewhere.port++;
  pipe_get_key (pipe, 2, key);
  session = srudp_engine_open (pipe->engines[0], pipe->now, &config);
  pipe_open (pipe, 1, 0, PIPE_ANYONE);
  pipe_run (pipe, 4 * SECOND);
  assert_closed (session, SRUDP_REASON_PEER_IDENTITY);
}

typedef struct
{
  const char *path;
  const char *protocols[2];
  gboolean both_open;
} Applications;

static const Applications applications[] = {
  { "/engine/application-protocol/accepted-differs", { "a/1", "b/1" }, FALSE },
  { "/engine/application-protocol/accepted-has-none", { "a/1", NULL }, FALSE },
  { "/engine/application-protocol/opener-has-none", { NULL, "b/1" }, FALSE },
  { "/engine/application-protocol/both-open", { "a/1", "b/1" }, TRUE },
};

static void
test_application_protocol (gconstpointer data)
{
  const Applications *test = data;
  g_autoptr (Pipe) pipe = pipe_new (9, 2);
  SrudpSession *a, *b = NULL;

  for (guint i = 0; i < 2; i++)
    srudp_engine_set_application_protocol (pipe->engines[i], test->protocols[i]);
  srudp_engine_set_accepting (pipe->engines[1], !test->both_open);
  a = pipe_open (pipe, 0, 1, PIPE_ANYONE);
  if (test->both_open)
    b = pipe_open (pipe, 1, 0, PIPE_ANYONE);

  pipe_run (pipe, 500 * MS);
  assert_closed (a, SRUDP_REASON_APPLICATION_PROTOCOL);
  if (b != NULL)
    assert_closed (b, SRUDP_REASON_APPLICATION_PROTOCOL);
  g_assert_null (pipe_get_incoming (pipe, 1, 0));
}

static void
test_both_end_soon (void)
{
  g_autoptr (Pipe) pipe = pipe_new (12, 2);
  SrudpSession *a, *b;

  a = pipe_open (pipe, 0, 1, PIPE_PINNED);
  b = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  pipe_assert_connected (a, b);

  srudp_engine_close (pipe->engines[0], pipe->now);
  srudp_engine_close (pipe->engines[1], pipe->now);
  pipe_run (pipe, 250 * MS);
  g_assert_true (srudp_engine_is_idle (pipe->engines[0]));
  g_assert_true (srudp_engine_is_idle (pipe->engines[1]));
}

/* What is kept of a refused open, in case its answer speaks after all, has
 * nothing to deliver. */
static void
test_refused_close_at_once (void)
{
  g_autoptr (Pipe) pipe = pipe_new (11, 3);
  SrudpSession *stranger;
  guint8 key[SRUDP_KEY_BYTES];

  pipe_get_key (pipe, 1, key);
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  srudp_engine_allow_peer (pipe->engines[0], key);
  stranger = pipe_open (pipe, 2, 0, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  assert_closed (stranger, SRUDP_REASON_REFUSED);

  srudp_engine_close (pipe->engines[2], pipe->now);
  g_assert_true (srudp_engine_is_idle (pipe->engines[2]));
  g_assert_true (srudp_engine_is_idle (pipe->engines[0]));
}

static void
test_allowed_peers (void)
{
  g_autoptr (Pipe) pipe = pipe_new (10, 3);
  SrudpSession *friend, *stranger;
  guint8 key[SRUDP_KEY_BYTES];

  pipe_get_key (pipe, 1, key);
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  srudp_engine_allow_peer (pipe->engines[0], key);
  friend = pipe_open (pipe, 1, 0, PIPE_PINNED);
  stranger = pipe_open (pipe, 2, 0, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  pipe_assert_connected (friend, pipe_get_incoming (pipe, 0, 0));
  assert_closed (stranger, SRUDP_REASON_REFUSED);
  g_assert_null (pipe_get_incoming (pipe, 0, 1));

  srudp_engine_forget_peer (pipe->engines[0], key);
  stranger = pipe_open (pipe, 2, 0, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  pipe_assert_connected (stranger, pipe_get_incoming (pipe, 0, 1));
}

static void
test_backlog_is_bounded (void)
{
  g_autoptr (Pipe) pipe = pipe_new (11, 2);
  SrudpSession *sessions[3];

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  srudp_engine_set_backlog (pipe->engines[1], 2);
  for (guint i = 0; i < 3; i++)
    {
      sessions[i] = pipe_open (pipe, 0, 1, PIPE_PINNED);
      pipe_run (pipe, 500 * MS);
    }
  g_assert_cmpint (srudp_session_get_state (sessions[1]), ==, SRUDP_STATE_ESTABLISHED);
  g_assert_cmpint (srudp_session_get_state (sessions[2]), ==, SRUDP_STATE_WAITING);

  srudp_session_claim (pipe_get_incoming (pipe, 1, 0));
  pipe_run (pipe, 2 * SECOND);
  pipe_assert_connected (sessions[2], pipe_get_incoming (pipe, 1, 2));
}

/* Two opens and an accept on one port. */
static void
test_many_on_one_port (void)
{
  g_autoptr (Pipe) pipe = pipe_new (12, 4);
  SrudpSession *out[2], *in[3];

  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  out[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  out[1] = pipe_open (pipe, 0, 2, PIPE_ANYONE);
  for (guint i = 0; i < 3; i++)
    in[i] = pipe_open (pipe, i + 1, 0, i == 1 ? PIPE_PINNED : PIPE_ANYONE);
  pipe_run (pipe, 2 * SECOND);

  pipe_assert_connected (out[0], in[0]);
  pipe_assert_connected (out[1], in[1]);
  pipe_assert_connected (pipe_get_incoming (pipe, 0, 0), in[2]);
  g_assert_null (pipe_get_incoming (pipe, 0, 1));
}

/* Several opens of the same peer, both ways: as many connections as opens. */
static void
test_pairs_of_opens (void)
{
  for (guint32 seed = 0; seed < 16; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *a[2], *b[2];
      guint n_matches = 0;

      for (guint i = 0; i < 2; i++)
        {
          a[i] = pipe_open (pipe, 0, 1, PIPE_PINNED);
          b[i] = pipe_open (pipe, 1, 0, PIPE_PINNED);
        }
      pipe_run (pipe, 3 * SECOND);

      for (guint i = 0; i < 2; i++)
        for (guint j = 0; j < 2; j++)
          {
            guint8 first[SRUDP_KEY_BYTES], second[SRUDP_KEY_BYTES];

            if (srudp_session_get_channel_binding (a[i], first) &&
                srudp_session_get_channel_binding (b[j], second) &&
                memcmp (first, second, SRUDP_KEY_BYTES) == 0)
              {
                pipe_assert_connected (a[i], b[j]);
                n_matches++;
              }
          }
      g_assert_cmpuint (n_matches, ==, 2);
    }
}

static void
test_gives_up (void)
{
  g_autoptr (Pipe) pipe = pipe_new (13, 2);
  SrudpSession *closed = pipe_open (pipe, 0, 1, PIPE_PINNED);
  SrudpSession *aborted = pipe_open (pipe, 0, 1, PIPE_PINNED);
  guint n_packets;

  pipe_run (pipe, 100 * MS);
  srudp_session_close (closed, pipe->now);
  srudp_session_abort (aborted, pipe->now);
  assert_closed (closed, SRUDP_REASON_NONE);
  assert_closed (aborted, SRUDP_REASON_ABORTED);
  n_packets = pipe->n_packets;
  pipe_run (pipe, 1 * SECOND);
  g_assert_cmpuint (pipe->n_packets, ==, n_packets);
  g_assert_true (srudp_engine_is_idle (pipe->engines[0]));
}

static void
test_opens_for_ever (void)
{
  g_autoptr (Pipe) pipe = pipe_new (14, 2);
  SrudpSession *a, *b;
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[1],
    .n_candidates = 1,
    .open_timeout_us = 0,
    .idle_timeout_us = 21 * SECOND,
  };

  a = srudp_engine_open (pipe->engines[0], pipe->now, &config);
  pipe_run (pipe, (gint64) 3600 * SECOND);
  g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_WAITING);
  b = pipe_open (pipe, 1, 0, PIPE_ANYONE);
  pipe_run (pipe, 1 * SECOND);
  pipe_assert_connected (a, b);
}

/* Nearly a third of all packets is lost, each way. */
static void
test_lossy_one_way (void)
{
  for (guint32 seed = 0; seed < 100; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *session;

      pipe->filter = lose_some_cb;
      pipe->filter_data = GUINT_TO_POINTER (30);
      srudp_engine_set_accepting (pipe->engines[1], TRUE);
      session = pipe_open (pipe, 0, 1, PIPE_PINNED);
      pipe_run (pipe, 3 * SECOND);
      pipe_assert_connected (session, pipe_get_incoming (pipe, 1, 0));
      g_assert_null (pipe_get_incoming (pipe, 1, 1));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/engine/open/one-accepts", GUINT_TO_POINTER (PIPE_ANYONE),
                        test_one_accepts);
  g_test_add_data_func ("/engine/open/one-accepts-pinned", GUINT_TO_POINTER (PIPE_PINNED),
                        test_one_accepts);
  g_test_add_func ("/engine/open/steps-in-order", test_steps_in_order);
  for (gsize i = 0; i < G_N_ELEMENTS (both_open); i++)
    g_test_add_data_func (both_open[i].path, &both_open[i], test_both_open);
  g_test_add_data_func ("/engine/merge/open-takes-from-backlog",
                        GUINT_TO_POINTER (PIPE_ANYONE), test_open_takes_from_backlog);
  g_test_add_data_func ("/engine/merge/pinned-open-takes-from-backlog",
                        GUINT_TO_POINTER (PIPE_PINNED), test_open_takes_from_backlog);
  g_test_add_data_func ("/engine/merge/second-is-refused",
                        GUINT_TO_POINTER (PIPE_ANYONE), test_second_is_refused);
  g_test_add_data_func ("/engine/merge/second-pinned-is-refused",
                        GUINT_TO_POINTER (PIPE_PINNED), test_second_is_refused);
  g_test_add_func ("/engine/merge/second-is-accepted", test_second_is_accepted);
  g_test_add_func ("/engine/refuse/strangers-get-no-answer", test_strangers_get_no_answer);
  g_test_add_func ("/engine/refuse/own-identity", test_own_identity);
  g_test_add_func ("/engine/refuse/another-identity", test_another_identity);
  g_test_add_func ("/engine/refuse/another-identity-at-another-port",
                   test_another_identity_at_another_port);
  for (gsize i = 0; i < G_N_ELEMENTS (reflections); i++)
    g_test_add_data_func (reflections[i].path, &reflections[i],
                          test_reflections);
  for (gsize i = 0; i < G_N_ELEMENTS (applications); i++)
    g_test_add_data_func (applications[i].path, &applications[i],
                          test_application_protocol);
  g_test_add_func ("/engine/refuse/all-but-allowed-peers", test_allowed_peers);
  g_test_add_func ("/engine/refuse/both-end-soon",
                   test_both_end_soon);
  g_test_add_func ("/engine/refuse/a-refused-opener-closes-at-once",
                   test_refused_close_at_once);
  g_test_add_func ("/engine/refuse/over-the-backlog", test_backlog_is_bounded);
  g_test_add_func ("/engine/many/two-opens-and-an-accept", test_many_on_one_port);
  g_test_add_func ("/engine/many/pairs-of-opens", test_pairs_of_opens);
  g_test_add_func ("/engine/end/gives-up", test_gives_up);
  g_test_add_func ("/engine/end/opens-for-ever", test_opens_for_ever);
  g_test_add_func ("/engine/loss/one-way", test_lossy_one_way);

  return g_test_run ();
}
