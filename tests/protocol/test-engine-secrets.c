/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-secrets.c: who is let in by what he knows
 */
#include "srudp-engine-private.h"
#include "srudp-handshake-packet.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

/* What one node opens with; NULL: nothing. */
typedef struct
{
  PipePinning pinning;
  const char *passphrase;
  const guint8 *invitation;
  gint64 timeout_us; /* 0: the usual one */
} Open;

static const guint8 secret_of_a[SRUDP_KEY_BYTES] = { 0xA, 1, 2, 3 };
static const guint8 secret_of_b[SRUDP_KEY_BYTES] = { 0xB, 1, 2, 3 };

static SrudpSession *
open_with (Pipe       *pipe,
           guint       from,
           guint       to,
           const Open *open)
{
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[to],
    .n_candidates = 1,
    .expected_peer = open->pinning == PIPE_PINNED ? key : NULL,
    .passphrase = open->passphrase,
    .passphrase_size = open->passphrase != NULL ? strlen (open->passphrase) : 0,
    .invitation = open->invitation,
    .open_timeout_us = open->timeout_us > 0 ? open->timeout_us : 20 * SECOND,
    .idle_timeout_us = 21 * SECOND,
    .keepalive_us = 15 * SECOND,
  };

  pipe_get_key (pipe, to, key);

  return srudp_engine_open (pipe->engines[from], pipe->now, &config);
}

static void
accept_with (Pipe       *pipe,
             guint       node,
             const char *passphrase)
{
  srudp_engine_set_accepting (pipe->engines[node], TRUE);
  srudp_engine_set_passphrase (pipe->engines[node], passphrase,
                               passphrase != NULL ? strlen (passphrase) : 0);
}

static void
assert_closed (SrudpSession *session,
               SrudpReason   reason)
{
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (session), ==, reason);
}

typedef struct
{
  const char *path;
  const char *opener, *accepter;
  gboolean connects;
} OneAccepts;

static const OneAccepts one_accepts[] = {
  { "/secrets/passphrase/one-accepts/same", "pea", "pea", TRUE },
  { "/secrets/passphrase/one-accepts/differs", "pea", "bean", FALSE },
  { "/secrets/passphrase/one-accepts/opener-has-none", NULL, "bean", FALSE },
  { "/secrets/passphrase/one-accepts/accepter-has-none", "pea", NULL, FALSE },
  { "/secrets/passphrase/one-accepts/empty-is-not-none", "", NULL, FALSE },
};

static void
test_one_accepts (gconstpointer data)
{
  const OneAccepts *test = data;

  for (guint pinning = 0; pinning < 2; pinning++)
    {
      g_autoptr (Pipe) pipe = pipe_new (1 + pinning, 2);
      Open open = { pinning, test->opener, NULL };
      SrudpSession *session;

      accept_with (pipe, 1, test->accepter);
      session = open_with (pipe, 0, 1, &open);
      pipe_run (pipe, 6 * PIPE_DELAY_US + 1 * MS);
      if (test->connects)
        pipe_assert_connected (session, pipe_get_incoming (pipe, 1, 0));
      else
        {
          assert_closed (session, SRUDP_REASON_PASSPHRASE);
          pipe_run (pipe, SECOND);
          g_assert_null (pipe_get_incoming (pipe, 1, 0));
          g_assert_cmpuint (pipe_count_failures (pipe, 1, SRUDP_REASON_PASSPHRASE), ==, 1);
        }
    }
}

static PipeVerdict
lose_some_cb (Pipe       *pipe,
              PipePacket *packet,
              gpointer    user_data)
{
  return g_rand_int_range (pipe->rand, 0, 100) < 30 ? PIPE_DROP : PIPE_PASS;
}

typedef struct
{
  const char *path;
  Open opens[2];
  /* What each has given away, and whether it still knows so. */
  gboolean invites[2];
  gboolean accepting;
} BothOpen;

static const BothOpen both_open[] = {
  { "/secrets/both-open/passphrase", { { PIPE_ANYONE, "pea" }, { PIPE_ANYONE, "pea" } } },
  { "/secrets/both-open/passphrase-both-pin",
    { { PIPE_PINNED, "pea" }, { PIPE_PINNED, "pea" } } },
  { "/secrets/both-open/passphrase-one-pins",
    { { PIPE_PINNED, "pea" }, { PIPE_ANYONE, "pea" } } },
  { "/secrets/both-open/passphrase-and-accept",
    { { PIPE_ANYONE, "pea" }, { PIPE_ANYONE, "pea" } }, { FALSE }, TRUE },
  { "/secrets/both-open/both-pasted-invitations",
    { { PIPE_PINNED, NULL, secret_of_b }, { PIPE_PINNED, NULL, secret_of_a } },
    { TRUE, TRUE } },
  { "/secrets/both-open/one-pasted-an-invitation",
    { { PIPE_PINNED, NULL, secret_of_b }, { PIPE_PINNED, NULL, NULL } },
    { FALSE, TRUE } },
  { "/secrets/both-open/one-pasted-an-invitation-other-anyone",
    { { PIPE_PINNED, NULL, secret_of_b }, { PIPE_ANYONE, NULL, NULL } },
    { FALSE, TRUE } },
  { "/secrets/both-open/one-pasted-an-invitation-and-accept",
    { { PIPE_PINNED, NULL, secret_of_b }, { PIPE_PINNED, NULL, NULL } },
    { FALSE, TRUE }, TRUE },
  { "/secrets/both-open/one-pasted-a-forgotten-invitation",
    { { PIPE_PINNED, NULL, secret_of_b }, { PIPE_PINNED, NULL, secret_of_a } },
    { TRUE, FALSE } },
  { "/secrets/both-open/invitations-and-passphrase",
    { { PIPE_PINNED, "pea", secret_of_b }, { PIPE_PINNED, "pea", secret_of_a } },
    { TRUE, TRUE } },
};

static void
set_up_both (Pipe           *pipe,
             const BothOpen *test)
{
  for (guint i = 0; i < 2; i++)
    {
      /* As a connection gets it from its endpoint. */
      accept_with (pipe, i, test->opens[i].passphrase);
      srudp_engine_set_accepting (pipe->engines[i], test->accepting);
      if (test->invites[i])
        srudp_engine_add_invitation (pipe->engines[i],
                                     i == 0 ? secret_of_a : secret_of_b, -1);
    }
}

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
          pipe->jitter_us = 20 * MS;
        }
      set_up_both (pipe, test);
      a = open_with (pipe, 0, 1, &test->opens[0]);
      pipe_run (pipe, g_rand_int_range (pipe->rand, 0, 60) * MS);
      b = open_with (pipe, 1, 0, &test->opens[1]);
      pipe_run (pipe, 8 * SECOND);
      pipe_assert_connected (a, b);
    }
}

/* Neither waits for ever, whoever has made the mistake. */
static void
test_both_open_wrong (void)
{
  for (guint32 seed = 0; seed < 16; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      PipePinning pinning = seed % 2 == 0 ? PIPE_PINNED : PIPE_ANYONE;
      Open opens[2] = { { pinning, "pea", NULL }, { pinning, "bean", NULL } };
      SrudpSession *a, *b;

      a = open_with (pipe, 0, 1, &opens[0]);
      b = open_with (pipe, 1, 0, &opens[1]);
      pipe_run (pipe, 4 * SECOND);
      assert_closed (a, SRUDP_REASON_PASSPHRASE);
      assert_closed (b, SRUDP_REASON_PASSPHRASE);
    }
}

/* One opens with the secret of an invitation that the other has forgotten. */
static void
test_lost_invitation (void)
{
  g_autoptr (Pipe) pipe = pipe_new (3, 2);
  Open open = { PIPE_PINNED, NULL, secret_of_b };
  SrudpSession *session;

  accept_with (pipe, 1, NULL);
  session = open_with (pipe, 0, 1, &open);
  pipe_run (pipe, 200 * MS);
  assert_closed (session, SRUDP_REASON_INVITATION);
  g_assert_null (pipe_get_incoming (pipe, 1, 0));
}

/* Both open, and one with a secret that the other has forgotten, who has none to
 * show: they can't agree, but get to know why. */
static void
test_lost_invitation_both_open (void)
{
  /* They try anew all the time: that would take long. */
  const Open with = { PIPE_PINNED, NULL, secret_of_b, 4 * SECOND };
  const Open without = { PIPE_PINNED, NULL, NULL, 4 * SECOND };

  for (guint32 seed = 0; seed < 8; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *a = open_with (pipe, 0, 1, &with);

      open_with (pipe, 1, 0, &without);
      pipe_run (pipe, 5 * SECOND);
      assert_closed (a, SRUDP_REASON_INVITATION);
    }
}

/* Nobody accepts: the invitation alone lets in, and only who has its secret
 * hears anything at all. */
static void
test_silence (void)
{
  g_autoptr (Pipe) pipe = pipe_new (4, 2);
  Open stranger = { PIPE_PINNED, NULL, NULL };
  Open liar = { PIPE_PINNED, NULL, secret_of_a };
  Open guest = { PIPE_PINNED, NULL, secret_of_b };
  SrudpEngineCounters counters;
  SrudpSession *session;

  srudp_engine_add_invitation (pipe->engines[1], secret_of_b, -1);
  session = open_with (pipe, 0, 1, &stranger);
  pipe_run (pipe, 2 * SECOND);
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_WAITING);
  srudp_session_release (session, pipe->now);
  session = open_with (pipe, 0, 1, &liar);
  pipe_run (pipe, 2 * SECOND);
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_WAITING);
  srudp_session_release (session, pipe->now);
  srudp_engine_get_counters (pipe->engines[1], &counters);
  g_assert_cmpuint (counters.datagrams_sent, ==, 0);
  g_assert_cmpuint (counters.dropped_not_accepting, >, 10);

  session = open_with (pipe, 0, 1, &guest);
  pipe_run (pipe, 100 * MS);
  pipe_assert_connected (session, pipe_get_incoming (pipe, 1, 0));

  /* It holds as long as its maker says. */
  srudp_engine_remove_invitation (pipe->engines[1], secret_of_b);
  srudp_session_release (session, pipe->now);
  pipe_run (pipe, 30 * SECOND);
  session = open_with (pipe, 0, 1, &guest);
  pipe_run (pipe, 2 * SECOND);
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_WAITING);
}

static SrudpSession *
come_as_guest (Pipe *pipe)
{
  Open guest = { PIPE_PINNED, NULL, secret_of_b };
  SrudpSession *session = open_with (pipe, 0, 1, &guest);

  pipe_run (pipe, 200 * MS);

  return session;
}

static void
assert_hears_nothing (Pipe         *pipe,
                      SrudpSession *guest)
{
  SrudpEngineCounters before, after;

  srudp_engine_get_counters (pipe->engines[1], &before);
  pipe_run (pipe, 2 * SECOND);
  srudp_engine_get_counters (pipe->engines[1], &after);
  g_assert_cmpint (srudp_session_get_state (guest), ==, SRUDP_STATE_WAITING);
  g_assert_cmpuint (after.datagrams_received, >, before.datagrams_received);
  g_assert_cmpuint (after.datagrams_sent, ==, before.datagrams_sent);
}

/* Once it is over its secret is wiped, and who still has it is a stranger. What
 * it has led to stays. */
static void
test_expired (void)
{
  g_autoptr (Pipe) pipe = pipe_new (12, 2);
  SrudpEngine *host = pipe->engines[1];
  gint64 day = 20000 * G_GINT64_CONSTANT (86400) * SECOND, end = pipe->now + 10 * SECOND;
  SrudpSession *early;

  srudp_engine_set_time_of_day (host, pipe->now, day);
  srudp_engine_add_invitation (host, secret_of_a, -1);
  srudp_engine_add_invitation (host, secret_of_b, day + 10 * SECOND);
  g_assert_cmpint (srudp_engine_get_deadline (host), ==, end);
  early = come_as_guest (pipe);
  pipe_assert_connected (early, pipe_get_incoming (pipe, 1, 0));
  srudp_session_claim (pipe_get_incoming (pipe, 1, 0));

  pipe_run_until (pipe, end - 1);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 2);
  pipe_run_until (pipe, end + 1);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 1);
  g_assert_cmpint (host->keyring.next_expiry, ==, -1);
  pipe_assert_connected (early, pipe_get_incoming (pipe, 1, 0));
  srudp_session_release (early, pipe->now);
  pipe_run (pipe, 30 * SECOND);
  assert_hears_nothing (pipe, come_as_guest (pipe));
}

/* While the computer slept its clock stood, and the days went by: it hears of
 * that before the HELLO. Or it finds out when it looks after its timers. */
static void
test_expired_in_sleep (void)
{
  g_autoptr (Pipe) pipe = pipe_new (13, 2);
  SrudpEngine *host = pipe->engines[1];
  gint64 day = 20000 * G_GINT64_CONSTANT (86400) * SECOND;
  SrudpSession *guest;

  srudp_engine_set_time_of_day (host, pipe->now, day);
  srudp_engine_add_invitation (host, secret_of_b, day + G_GINT64_CONSTANT (3600) * SECOND);
  srudp_engine_set_time_of_day (host, pipe->now, day + G_GINT64_CONSTANT (3599) * SECOND);
  g_assert_cmpint (srudp_engine_get_deadline (host), ==, pipe->now + SECOND);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 1);
  srudp_engine_set_time_of_day (host, pipe->now, day + G_GINT64_CONSTANT (3600) * SECOND);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 0);
  guest = come_as_guest (pipe);
  assert_hears_nothing (pipe, guest);
}

/* The last one said counts. */
static void
test_other_end (void)
{
  g_autoptr (Pipe) pipe = pipe_new (14, 2);
  SrudpEngine *host = pipe->engines[1];
  SrudpSession *guest;

  srudp_engine_add_invitation (host, secret_of_b, pipe->now + SECOND);
  srudp_engine_add_invitation (host, secret_of_b, pipe->now + 5 * SECOND);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 1);
  pipe_run (pipe, 4 * SECOND);
  guest = come_as_guest (pipe);
  pipe_assert_connected (guest, pipe_get_incoming (pipe, 1, 0));
  srudp_engine_add_invitation (host, secret_of_b, -1);
  pipe_run (pipe, 4 * SECOND);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 1);

  /* One that is over when it is told of never holds. */
  srudp_engine_add_invitation (host, secret_of_b, 1);
  g_assert_cmpint (srudp_engine_get_deadline (host), >=, 0);
  g_assert_cmpint (srudp_engine_get_deadline (host), <=, pipe->now);
  srudp_session_release (guest, pipe->now);
  pipe_run (pipe, 30 * SECOND);
  g_assert_cmpuint (host->keyring.invitations->len, ==, 0);
  assert_hears_nothing (pipe, come_as_guest (pipe));
}

/* The accepting side lets six be tried in no less than five seconds; who knows
 * the passphrase gets in afterwards. */
static void
test_guesses_of_openers (void)
{
  g_autoptr (Pipe) pipe = pipe_new (5, 2);
  gint64 start = pipe->now;
  Open right = { PIPE_ANYONE, "pea", NULL };
  SrudpSession *session;

  accept_with (pipe, 1, "pea");
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *guess = g_strdup_printf ("guess %u", i);
      Open open = { PIPE_ANYONE, guess, NULL };

      session = open_with (pipe, 0, 1, &open);
      while (srudp_session_get_state (session) != SRUDP_STATE_CLOSED)
        pipe_run (pipe, 10 * MS);
      assert_closed (session, SRUDP_REASON_PASSPHRASE);
    }
  g_assert_cmpint (pipe->now - start, >=, 5 * SECOND);
  g_assert_cmpint (pipe->now - start, <, 8 * SECOND);
  g_assert_cmpuint (pipe_count_failures (pipe, 1, SRUDP_REASON_PASSPHRASE), ==, 6);

  session = open_with (pipe, 0, 1, &right);
  pipe_run (pipe, 3 * SECOND);
  pipe_assert_connected (session, pipe_get_incoming (pipe, 1, 0));
}

typedef struct
{
  SrudpSession *sessions[4];
  GQueue recent; /* of GBytes: messages 3 of his */
  guint n_failures;
  gint64 due;
} Guesser;

#define N_RECENT 8

static PipeVerdict
note_message_3_cb (Pipe       *pipe,
                   PipePacket *packet,
                   gpointer    user_data)
{
  Guesser *guesser = user_data;

  if (packet->from == 2 && packet->data[0] == SRUDP_PACKET_MESSAGE_3)
    g_queue_push_tail (&guesser->recent, g_bytes_new (packet->data, packet->size));
  if (g_queue_get_length (&guesser->recent) > N_RECENT)
    g_bytes_unref (g_queue_pop_head (&guesser->recent));

  return PIPE_PASS;
}

static void
keep_opening (Pipe    *pipe,
              Guesser *guesser)
{
  Open wrong = { PIPE_ANYONE, "bean", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (guesser->sessions); i++)
    if (guesser->sessions[i] == NULL
        || srudp_session_get_state (guesser->sessions[i]) == SRUDP_STATE_CLOSED)
      guesser->sessions[i] = open_with (pipe, 2, 1, &wrong);
}

/* Always has guesses waiting, and sends them every millisecond when the next one
 * is due. */
static void
guess_for (Pipe    *pipe,
           Guesser *guesser,
           gint64   duration_us)
{
  gint64 end = pipe->now + duration_us;

  for (; pipe->now < end; pipe_run (pipe, 1 * MS))
    {
      guint n = pipe_count_failures (pipe, 1, SRUDP_REASON_PASSPHRASE);

      keep_opening (pipe, guesser);
      if (n > guesser->n_failures)
        guesser->due = pipe->now + SECOND - PIPE_DELAY_US - 5 * MS;
      guesser->n_failures = n;
      if (pipe->now < guesser->due || pipe->now > guesser->due + 100 * MS)
        continue;
      for (GList *l = guesser->recent.head; l != NULL; l = l->next)
        pipe_inject (pipe, 2, 1, g_bytes_get_data (l->data, NULL),
                     g_bytes_get_size (l->data));
    }
}

/* Somebody guesses from one address without a pause: the peer gets in. */
static void
test_guesser_beside_peer (void)
{
  for (guint32 seed = 40; seed < 43; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 3);
      Guesser guesser = { .recent = G_QUEUE_INIT };
      Open right = { PIPE_ANYONE, "pea", NULL };
      SrudpSession *session;

      accept_with (pipe, 1, "pea");
      srudp_engine_set_hello_limits (pipe->engines[1], 1000, 1000);
      pipe->filter = note_message_3_cb;
      pipe->filter_data = &guesser;
      guess_for (pipe, &guesser, 4 * SECOND);
      session = open_with (pipe, 0, 1, &right);
      guess_for (pipe, &guesser, 6 * SECOND);
      pipe_assert_connected (session, pipe_get_incoming (pipe, 1, 0));
      /* Five, and one a second. */
      g_assert_cmpuint (pipe_count_failures (pipe, 1, SRUDP_REASON_PASSPHRASE), >=, 5);
      g_assert_cmpuint (pipe_count_failures (pipe, 1, SRUDP_REASON_PASSPHRASE), <=, 15);
      g_queue_clear_full (&guesser.recent, (GDestroyNotify) g_bytes_unref);
    }
}

/* So does the opening side: message 3 is what an answering stranger can check
 * a guess by. */
static void
test_guesses_of_answers (void)
{
  g_autoptr (Pipe) pipe = pipe_new (6, 2);
  gint64 start = pipe->now;
  Open open = { PIPE_ANYONE, "pea", NULL };

  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *guess = g_strdup_printf ("guess %u", i);
      SrudpSession *session;

      accept_with (pipe, 1, guess);
      session = open_with (pipe, 0, 1, &open);
      while (srudp_session_get_state (session) != SRUDP_STATE_CLOSED)
        pipe_run (pipe, 10 * MS);
      assert_closed (session, SRUDP_REASON_PASSPHRASE);
    }
  g_assert_cmpint (pipe->now - start, >=, 5 * SECOND);
}

/* Right ones are never counted. */
static void
test_many_right_ones (void)
{
  g_autoptr (Pipe) pipe = pipe_new (7, 2);
  Open open = { PIPE_ANYONE, "pea", NULL };

  accept_with (pipe, 1, "pea");
  srudp_engine_set_backlog (pipe->engines[1], 100);
  for (guint i = 0; i < 20; i++)
    {
      SrudpSession *session = open_with (pipe, 0, 1, &open);

      pipe_run (pipe, 100 * MS);
      g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_ESTABLISHED);
    }
}

static PipeVerdict
spoil_message_3_cb (Pipe       *pipe,
                    PipePacket *packet,
                    gpointer    user_data)
{
  guint *n_spoilt = user_data;

  if (packet->data[0] == 0xC3 && *n_spoilt < 12)
    {
      guint8 *copy = g_memdup2 (packet->data, packet->size);

      /* The payload, behind the header and the sealed identity. */
      copy[packet->size - 1 - *n_spoilt] ^= 1;
      pipe_inject (pipe, packet->from, packet->to, copy, packet->size);
      g_free (copy);
      ++*n_spoilt;
    }

  return PIPE_PASS;
}

/* Somebody on the way changes message 3: to the accepting side that looks as
 * if the passphrase were wrong, yet the true one is still good. */
static void
test_spoilt_message_3 (void)
{
  for (guint both = 0; both < 2; both++)
    {
      g_autoptr (Pipe) pipe = pipe_new (8 + both, 2);
      Open open = { PIPE_ANYONE, "pea", NULL };
      guint n_spoilt = 0;
      SrudpSession *a, *b = NULL;

      accept_with (pipe, 1, "pea");
      pipe->filter = spoil_message_3_cb;
      pipe->filter_data = &n_spoilt;
      a = open_with (pipe, 0, 1, &open);
      if (both)
        b = open_with (pipe, 1, 0, &open);
      pipe_run (pipe, SECOND);
      g_assert_cmpuint (n_spoilt, >, 0);
      pipe_assert_connected (a, both ? b : pipe_get_incoming (pipe, 1, 0));
    }
}

/* An open takes what waits in the backlog only if that knew the same. */
static void
test_backlog (void)
{
  g_autoptr (Pipe) pipe = pipe_new (10, 2);
  Open open = { PIPE_PINNED, "pea", NULL };
  Open other = { PIPE_PINNED, "bean", NULL };
  SrudpSession *session;

  accept_with (pipe, 1, "pea");
  open_with (pipe, 0, 1, &open);
  pipe_run (pipe, 200 * MS);
  g_assert_nonnull (pipe_get_incoming (pipe, 1, 0));

  session = open_with (pipe, 1, 0, &other);
  g_assert_true (session != pipe_get_incoming (pipe, 1, 0));
  session = open_with (pipe, 1, 0, &open);
  g_assert_true (session == pipe_get_incoming (pipe, 1, 0));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (one_accepts); i++)
    g_test_add_data_func (one_accepts[i].path, &one_accepts[i], test_one_accepts);
  for (gsize i = 0; i < G_N_ELEMENTS (both_open); i++)
    g_test_add_data_func (both_open[i].path, &both_open[i], test_both_open);
  g_test_add_func ("/secrets/passphrase/both-open-and-it-differs",
                   test_both_open_wrong);
  g_test_add_func ("/secrets/passphrase/openers-guess-slowly",
                   test_guesses_of_openers);
  g_test_add_func ("/secrets/passphrase/a-guesser-keeps-nobody-out",
                   test_guesser_beside_peer);
  g_test_add_func ("/secrets/passphrase/answers-guess-slowly",
                   test_guesses_of_answers);
  g_test_add_func ("/secrets/passphrase/right-ones-are-not-counted",
                   test_many_right_ones);
  g_test_add_func ("/secrets/passphrase/a-spoilt-message-3-does-no-harm",
                   test_spoilt_message_3);
  g_test_add_func ("/secrets/passphrase/the-backlog-is-for-who-knew-it",
                   test_backlog);
  g_test_add_func ("/secrets/invitation/strangers-hear-nothing", test_silence);
  g_test_add_func ("/secrets/invitation/expires", test_expired);
  g_test_add_func ("/secrets/invitation/expires-while-the-computer-sleeps",
                   test_expired_in_sleep);
  g_test_add_func ("/secrets/invitation/expires-when-it-was-said-last", test_other_end);
  g_test_add_func ("/secrets/invitation/its-maker-has-forgotten-it",
                   test_lost_invitation);
  g_test_add_func ("/secrets/invitation/both-open-and-one-has-forgotten-it",
                   test_lost_invitation_both_open);

  return g_test_run ();
}
