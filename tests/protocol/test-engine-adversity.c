/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-adversity.c: lines are cut, computers sleep, clocks jump, giants
 * and rumours come by
 */
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC
#define DAY (24 * 3600 * (gint64) SECOND)
/* Knocking at a peer that is gone, until the idle timeout. */
#define MAX_KNOCKS 400

/* Who opens, and who accepts. */
enum
{
  ADA,
  BOB,
};

#define N_PIECES 20
#define PIECE_BYTES 500

static void
say (Pipe         *pipe,
     guint         node,
     SrudpSession *session,
     gsize         size)
{
  SrudpSlice slice = { srudp_chunk_new (size), 0, size };

  memset (slice.chunk->data, 'x', size);
  if (!srudp_session_write (session, pipe_time (pipe, node), SRUDP_MAIN_STREAM,
                            &slice))
    srudp_slice_clear (&slice);
}

static gsize
hear (Pipe         *pipe,
      guint         node,
      SrudpSession *session)
{
  SrudpSlice slice = { 0 };
  gsize size = 0;

  while (srudp_session_read (session, SRUDP_MAIN_STREAM, &slice))
    {
      srudp_session_consume (session, pipe_time (pipe, node), SRUDP_MAIN_STREAM,
                             slice.length);
      size += slice.length;
      srudp_slice_clear (&slice);
    }

  return size;
}

/* Opens once more if there is a session already. */
static void
connect_both (Pipe         *pipe,
              SrudpSession *sessions[2])
{
  g_array_set_size (pipe->events[BOB], 0);
  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  sessions[ADA] = pipe_open (pipe, ADA, BOB, PIPE_PINNED);
  pipe_run (pipe, 5 * SECOND);
  sessions[BOB] = pipe_get_incoming (pipe, BOB, 0);
  pipe_assert_connected (sessions[ADA], sessions[BOB]);
  srudp_session_claim (sessions[BOB]);
}

static void
assert_they_hear_each_other (Pipe         *pipe,
                             SrudpSession *sessions[2])
{
  for (guint i = 0; i < 2; i++)
    say (pipe, i, sessions[i], 10);
  pipe_run (pipe, SECOND);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (hear (pipe, i, sessions[i]), ==, 10);
}

static void
assert_closed (SrudpSession *session,
               SrudpReason   reason)
{
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (session), ==, reason);
}

/* --- A line that is cut ------------------------------------------------------- */

typedef struct
{
  guint n_pass; /* so many packets more */
  gsize size;   /* smaller ones pass all the same */
} Cut;

static PipeVerdict
cut_cb (Pipe       *pipe,
        PipePacket *packet,
        gpointer    user_data)
{
  Cut *cut = user_data;

  if (cut->n_pass > 0)
    {
      cut->n_pass--;
      return PIPE_PASS;
    }

  return packet->size < cut->size ? PIPE_PASS : PIPE_DROP;
}

/* Returns whether the end was heard. */
static gboolean
run_cut (guint n_pass,
         gsize size)
{
  g_autoptr (Pipe) pipe = pipe_new (n_pass, 2);
  Cut cut = { n_pass, size };
  SrudpSession *sessions[2];
  SrudpReadState state;
  gsize n_heard;

  connect_both (pipe, sessions);
  pipe->filter = cut_cb;
  pipe->filter_data = &cut;
  for (guint i = 0; i < N_PIECES; i++)
    {
      say (pipe, ADA, sessions[ADA], PIECE_BYTES);
      pipe_run (pipe, MS);
    }
  srudp_session_close (sessions[ADA], pipe->now);
  pipe_run (pipe, 60 * SECOND);

  n_heard = hear (pipe, BOB, sessions[BOB]);
  state = srudp_session_get_read_state (sessions[BOB], SRUDP_MAIN_STREAM);
  if (state == SRUDP_READ_EOF)
    g_assert_cmpuint (n_heard, ==, N_PIECES * PIECE_BYTES);
  else
    {
      g_assert_cmpint (state, ==, SRUDP_READ_OPEN);
      g_assert_cmpint (srudp_session_get_state (sessions[BOB]), ==,
                       SRUDP_STATE_CLOSED);
      g_assert_cmpint (srudp_session_get_reason (sessions[BOB]), !=,
                       SRUDP_REASON_NONE);
    }

  return state == SRUDP_READ_EOF;
}

/* Nothing passes from one packet on; or only what is small, such as the end of
 * it all. */
static void
test_cut (gconstpointer data)
{
  guint n_ends = 0, n_runs = 0;

  for (guint n_pass = 0; n_pass < 80; n_pass++, n_runs++)
    n_ends += run_cut (n_pass, GPOINTER_TO_UINT (data));
  g_assert_cmpuint (n_ends, >, 0);
  g_assert_cmpuint (n_ends, <, n_runs);
}

/* --- Sleep, and clocks ----------------------------------------------------------- */

/* Shorter than the idle timeout, in the middle of a transfer. */
static void
test_short_sleep (void)
{
  for (guint sleeper = ADA; sleeper <= BOB; sleeper++)
    {
      g_autoptr (Pipe) pipe = pipe_new (sleeper, 2);
      SrudpSession *sessions[2];

      connect_both (pipe, sessions);
      say (pipe, ADA, sessions[ADA], 100000);
      pipe_run (pipe, 40 * MS);
      pipe->asleep[sleeper] = TRUE;
      pipe_run (pipe, 15 * SECOND);
      pipe_wake (pipe, sleeper, 15 * SECOND);
      pipe_run (pipe, 5 * SECOND);
      g_assert_cmpuint (hear (pipe, BOB, sessions[BOB]), ==, 100000);
      assert_they_hear_each_other (pipe, sessions);
    }
}

/* Its peer has given up long ago, and says so. */
static void
test_long_sleep (void)
{
  for (guint sleeper = ADA; sleeper <= BOB; sleeper++)
    {
      g_autoptr (Pipe) pipe = pipe_new (2 + sleeper, 2);
      SrudpSession *sessions[2];
      guint n_packets;

      connect_both (pipe, sessions);
      n_packets = pipe->n_packets;
      pipe->asleep[sleeper] = TRUE;
      pipe_run (pipe, DAY);
      assert_closed (sessions[1 - sleeper], SRUDP_REASON_IDLE_TIMEOUT);
      g_assert_cmpuint (pipe->n_packets - n_packets, <=, MAX_KNOCKS);

      pipe_wake (pipe, sleeper, DAY);
      pipe_run (pipe, 22 * SECOND);
      g_assert_cmpint (srudp_session_get_state (sessions[sleeper]), ==,
                       SRUDP_STATE_CLOSED);
      g_assert_cmpuint (pipe->n_packets - n_packets, <=, 2 * MAX_KNOCKS);
      connect_both (pipe, sessions);
      assert_they_hear_each_other (pipe, sessions);
    }
}

/* A clock that counts sleep, or that somebody has set. */
static void
test_clock_jumps (void)
{
  for (guint node = ADA; node <= BOB; node++)
    {
      g_autoptr (Pipe) pipe = pipe_new (4 + node, 2);
      SrudpSession *sessions[2];
      guint n_packets;

      connect_both (pipe, sessions);
      say (pipe, ADA, sessions[ADA], 100000);
      pipe_run (pipe, 40 * MS);
      n_packets = pipe->n_packets;
      pipe->ahead_us[node] += DAY;
      pipe_run (pipe, 30 * SECOND);
      g_assert_cmpuint (pipe->n_packets - n_packets, <=, 2 * MAX_KNOCKS);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpint (srudp_session_get_state (sessions[i]), ==,
                         SRUDP_STATE_CLOSED);
      connect_both (pipe, sessions);
      assert_they_hear_each_other (pipe, sessions);
    }
}

/* --- Giants ------------------------------------------------------------------- */

static void
send_giants (Pipe  *pipe,
             guint  to)
{
  g_autofree guint8 *giant = g_malloc (SRUDP_MAX_UDP_PAYLOAD);

  for (guint first = 0; first < 256; first++)
    {
      test_random_fill (pipe->rand, giant, SRUDP_MAX_UDP_PAYLOAD);
      giant[0] = (guint8) first;
      pipe_inject (pipe, 1 - to, to, giant, SRUDP_MAX_UDP_PAYLOAD);
    }
}

static PipeVerdict
grow_cb (Pipe       *pipe,
         PipePacket *packet,
         gpointer    user_data)
{
  g_autofree guint8 *giant = g_malloc0 (SRUDP_MAX_UDP_PAYLOAD);

  memcpy (giant, packet->data, packet->size);
  pipe_inject (pipe, packet->from, packet->to, giant, SRUDP_MAX_UDP_PAYLOAD);

  return PIPE_PASS;
}

/* 65,507 bytes, the most that UDP carries: all sorts of noise, and a giant copy
 * before each packet. */
static void
test_giants (void)
{
  g_autoptr (Pipe) pipe = pipe_new (6, 2);
  SrudpSession *sessions[2];

  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  send_giants (pipe, BOB);
  pipe_run (pipe, SECOND);
  g_assert_cmpuint (pipe->n_packets, ==, 0);

  pipe->filter = grow_cb;
  connect_both (pipe, sessions);
  for (guint i = 0; i < 2; i++)
    send_giants (pipe, i);
  assert_they_hear_each_other (pipe, sessions);
}

/* --- Rumours ------------------------------------------------------------------- */

/* ICMP says all the time that nobody is there: while both open, while they
 * talk, and while they are silent. */
static void
run_with_rumours (Pipe   *pipe,
                  gint64  duration_us)
{
  for (gint64 end = pipe->now + duration_us; pipe->now < end;)
    {
      for (guint i = 0; i < 2; i++)
        srudp_engine_hint_unreachable (pipe->engines[i], pipe->now,
                                       &pipe->addresses[1 - i]);
      pipe_run (pipe, MS);
    }
}

static void
test_rumours (void)
{
  g_autoptr (Pipe) pipe = pipe_new (7, 2);
  SrudpSession *sessions[2];
  guint n_packets;

  for (guint i = 0; i < 2; i++)
    sessions[i] = pipe_open (pipe, i, 1 - i, PIPE_PINNED);
  run_with_rumours (pipe, 5 * SECOND);
  pipe_assert_connected (sessions[0], sessions[1]);

  say (pipe, ADA, sessions[ADA], 100000);
  run_with_rumours (pipe, 2 * SECOND);
  g_assert_cmpuint (hear (pipe, BOB, sessions[BOB]), ==, 100000);

  n_packets = pipe->n_packets;
  run_with_rumours (pipe, 20 * SECOND);
  pipe_assert_connected (sessions[0], sessions[1]);
  g_assert_cmpuint (pipe->n_packets - n_packets, <=, 100);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/adversity/cut-line/is-no-clean-end", GUINT_TO_POINTER (0),
                        test_cut);
  g_test_add_data_func ("/adversity/cut-line/only-small-packets-pass",
                        GUINT_TO_POINTER (200), test_cut);
  g_test_add_func ("/adversity/sleep/shorter-than-the-idle-timeout",
                   test_short_sleep);
  g_test_add_func ("/adversity/sleep/of-a-day", test_long_sleep);
  g_test_add_func ("/adversity/clock/jumps-a-day", test_clock_jumps);
  g_test_add_func ("/adversity/giant-datagrams", test_giants);
  g_test_add_func ("/adversity/rumours-by-icmp", test_rumours);

  return g_test_run ();
}
