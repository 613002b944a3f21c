/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-session.c: sessions from their first byte to their end
 */
#include "srudp-engine-private.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

static void
connect_pair (Pipe         *pipe,
              SrudpSession *sessions[2])
{
  sessions[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  sessions[1] = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  pipe_assert_connected (sessions[0], sessions[1]);
}

static gboolean
write_text (Pipe         *pipe,
            SrudpSession *session,
            const char   *text)
{
  gsize length = strlen (text);
  SrudpSlice slice = { srudp_chunk_new (length), 0, length };

  memcpy (slice.chunk->data, text, length);

  return srudp_session_write (session, pipe->now, SRUDP_MAIN_STREAM, &slice);
}

static char *
read_text (Pipe         *pipe,
           SrudpSession *session)
{
  GString *text = g_string_new (NULL);
  SrudpSlice slice;

  while (srudp_session_read (session, SRUDP_MAIN_STREAM, &slice))
    {
      g_string_append_len (text, (const char *) srudp_slice_data (&slice),
                           (gssize) slice.length);
      srudp_session_consume (session, pipe->now, SRUDP_MAIN_STREAM, slice.length);
      srudp_slice_clear (&slice);
    }

  return g_string_free (text, FALSE);
}

static void
test_talk_and_part (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  g_autofree char *heard = NULL, *answered = NULL;
  SrudpSession *sessions[2];
  SrudpSessionStats stats;

  connect_pair (pipe, sessions);
  g_assert_true (write_text (pipe, sessions[0], "to be, "));
  g_assert_true (write_text (pipe, sessions[0], "or not to be"));
  srudp_session_finish (sessions[0], pipe->now, SRUDP_MAIN_STREAM);
  pipe_run (pipe, 100 * MS);
  heard = read_text (pipe, sessions[1]);
  g_assert_cmpstr (heard, ==, "to be, or not to be");
  g_assert_cmpint (srudp_session_get_read_state (sessions[1], SRUDP_MAIN_STREAM), ==,
                   SRUDP_READ_EOF);

  g_assert_true (write_text (pipe, sessions[1], "that is the question"));
  srudp_session_close (sessions[1], pipe->now);
  g_assert_cmpint (srudp_session_get_state (sessions[1]), ==, SRUDP_STATE_CLOSING);
  pipe_run (pipe, 100 * MS);
  answered = read_text (pipe, sessions[0]);
  g_assert_cmpstr (answered, ==, "that is the question");

  srudp_session_get_stats (sessions[0], &stats);
  g_assert_cmpuint (stats.candidates_tried, ==, 1);
  g_assert_cmpuint (stats.probes_sent, >=, 1);
  g_assert_cmpuint (stats.stream_bytes_sent, ==, strlen (heard));
  g_assert_cmpint (stats.rtt_us, >=, 2 * PIPE_DELAY_US);

  srudp_session_close (sessions[0], pipe->now);
  pipe_run (pipe, 1 * SECOND);
  g_assert_cmpint (srudp_session_get_state (sessions[0]), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_state (sessions[1]), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (sessions[1]), ==, SRUDP_REASON_NONE);
}

/* Nothing to forward to yet: every call is harmless. */
static void
test_calls_before_established (void)
{
  g_autoptr (Pipe) pipe = pipe_new (2, 2);
  SrudpSession *session = pipe_open (pipe, 0, 1, PIPE_PINNED);
  SrudpSessionStats stats;
  SrudpPath path;
  guint8 key[SRUDP_KEY_BYTES];
  guint64 id;

  g_assert_false (write_text (pipe, session, "too early"));
  g_assert_false (srudp_session_open_stream (session, &id));
  g_assert_false (srudp_session_send_datagram (session, pipe->now, key, 1));
  g_assert_cmpuint (srudp_session_get_max_datagram_size (session), ==, 0);
  g_assert_cmpuint (srudp_session_get_write_capacity (session, 0), ==, 0);
  g_assert_false (srudp_session_get_peer_key (session, key));
  g_assert_false (srudp_session_get_channel_binding (session, key));
  srudp_session_finish (session, pipe->now, 0);
  srudp_session_watch_delivered (session, 0, 1);
  srudp_session_get_path (session, &path);
  g_assert_false (srudp_address_is_set (&path.remote));
  srudp_session_get_stats (session, &stats);
  g_assert_cmpint (stats.rtt_us, ==, -1);
  g_assert_cmpstr (srudp_session_get_reason_text (session), ==, "");
}

/* Nobody reads: how much of a MiB arrives in a second? */
static guint64
measure_unread (Pipe         *pipe,
                SrudpSession *from,
                SrudpSession *to)
{
  SrudpSlice slice = { srudp_chunk_new (1 << 20), 0, 1 << 20 };
  SrudpSessionStats stats;

  memset (slice.chunk->data, 1, slice.length);
  srudp_session_write (from, pipe->now, SRUDP_MAIN_STREAM, &slice);
  pipe_run (pipe, SECOND);
  srudp_session_get_stats (to, &stats);

  return stats.unread_bytes;
}

static SrudpSession *
open_with_window (Pipe    *pipe,
                  guint    from,
                  guint    to,
                  guint64  max_window)
{
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[to],
    .n_candidates = 1,
    .expected_peer = key,
    .open_timeout_us = 20 * SECOND,
    .idle_timeout_us = 21 * SECOND,
    .max_window = max_window,
  };

  pipe_get_key (pipe, to, key);

  return srudp_engine_open (pipe->engines[from], pipe->now, &config);
}

static void
test_opener_has_a_window_of_its_own (void)
{
  g_autoptr (Pipe) pipe = pipe_new (21, 2);
  SrudpSession *sessions[2];

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  sessions[0] = open_with_window (pipe, 0, 1, 70000);
  pipe_run (pipe, 500 * MS);
  sessions[1] = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (sessions[0], sessions[1]);
  g_assert_cmpuint (srudp_session_get_max_window (sessions[0]), ==, 70000);
  g_assert_cmpuint (srudp_session_get_max_window (sessions[1]), ==, 16 << 20);
  g_assert_cmpuint (measure_unread (pipe, sessions[1], sessions[0]), ==, 70000);
  g_assert_cmpuint (measure_unread (pipe, sessions[0], sessions[1]), ==, 1 << 20);
}

/* One of them becomes the responder, and has made its promises as such. */
static void
test_both_have_a_window_of_their_own (void)
{
  g_autoptr (Pipe) pipe = pipe_new (22, 2);
  SrudpSession *sessions[2];

  sessions[0] = open_with_window (pipe, 0, 1, 70000);
  sessions[1] = open_with_window (pipe, 1, 0, 80000);
  pipe_run (pipe, 500 * MS);
  pipe_assert_connected (sessions[0], sessions[1]);
  g_assert_cmpuint (measure_unread (pipe, sessions[1], sessions[0]), ==, 70000);
  g_assert_cmpuint (measure_unread (pipe, sessions[0], sessions[1]), ==, 80000);
}

/* Released ones go when they are done, and leave nothing. */
static void
test_release (void)
{
  g_autoptr (Pipe) pipe = pipe_new (3, 2);
  SrudpSession *sessions[2];

  connect_pair (pipe, sessions);
  g_assert_true (write_text (pipe, sessions[0], "last words"));
  srudp_session_release (sessions[0], pipe->now);
  g_assert_cmpuint (g_queue_get_length (&pipe->engines[0]->sessions), ==, 1);
  pipe_run (pipe, 200 * MS);
  {
    g_autofree char *heard = read_text (pipe, sessions[1]);

    g_assert_cmpstr (heard, ==, "last words");
  }

  srudp_session_release (sessions[1], pipe->now);
  pipe_run (pipe, 60 * SECOND);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (g_queue_get_length (&pipe->engines[i]->sessions), ==, 0);
      g_assert_cmpuint (g_hash_table_size (pipe->engines[i]->by_id), ==, 0);
      g_assert_cmpuint (g_hash_table_size (pipe->engines[i]->used), ==, 0);
      g_assert_cmpint (srudp_engine_get_deadline (pipe->engines[i]), ==, -1);
      g_assert_true (srudp_engine_is_idle (pipe->engines[i]));
    }
}

static void
test_release_while_opening (void)
{
  g_autoptr (Pipe) pipe = pipe_new (4, 2);

  srudp_session_release (pipe_open (pipe, 0, 1, PIPE_PINNED), pipe->now);
  g_assert_cmpuint (g_queue_get_length (&pipe->engines[0]->sessions), ==, 0);
  g_assert_cmpint (srudp_engine_get_deadline (pipe->engines[0]), ==, -1);
}

static void
test_no_event_after_release (void)
{
  g_autoptr (Pipe) pipe = pipe_new (5, 2);
  SrudpSession *session = pipe_open (pipe, 0, 1, PIPE_PINNED);
  SrudpEvent event;

  srudp_session_release (session, pipe->now);
  g_assert_false (srudp_engine_poll_event (pipe->engines[0], &event));
}

/* The peer that is already established on what we give up is told. */
static void
test_giving_up_while_securing (void)
{
  g_autoptr (Pipe) pipe = pipe_new (6, 2);
  SrudpSession *opened, *accepted;

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  opened = pipe_open (pipe, 0, 1, PIPE_PINNED);
  while (pipe_get_incoming (pipe, 1, 0) == NULL)
    pipe_run (pipe, 1 * MS);
  accepted = pipe_get_incoming (pipe, 1, 0);
  g_assert_cmpint (srudp_session_get_state (opened), ==, SRUDP_STATE_SECURING);
  srudp_session_close (opened, pipe->now);
  pipe_run (pipe, 3 * PIPE_DELAY_US);
  g_assert_cmpint (srudp_session_get_state (accepted), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (accepted), ==, SRUDP_REASON_PEER_ABORTED);
}

static void
test_close_engine (void)
{
  g_autoptr (Pipe) pipe = pipe_new (7, 3);
  SrudpSession *sessions[2], *opening, *late;
  guint n_packets;

  connect_pair (pipe, sessions);
  opening = pipe_open (pipe, 0, 2, PIPE_PINNED);
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  srudp_engine_close (pipe->engines[0], pipe->now);
  late = pipe_open (pipe, 0, 2, PIPE_PINNED);
  g_assert_cmpint (srudp_session_get_reason (opening), ==, SRUDP_REASON_ENDPOINT_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (late), ==, SRUDP_REASON_ENDPOINT_CLOSED);
  srudp_session_close (sessions[1], pipe->now);
  pipe_run (pipe, 30 * SECOND);
  g_assert_cmpint (srudp_session_get_state (sessions[0]), ==, SRUDP_STATE_CLOSED);
  g_assert_true (srudp_engine_is_idle (pipe->engines[0]));

  /* Nobody is answered any more. */
  n_packets = pipe->n_packets;
  srudp_session_release (pipe_open (pipe, 2, 0, PIPE_ANYONE), pipe->now);
  pipe_run (pipe, 1 * SECOND);
  g_assert_cmpuint (pipe->n_packets, ==, n_packets);
}

/* Another process with the same identity: the old session must show that it
 * lives, and can't. */
static void
test_peer_restarts (gconstpointer data)
{
  gboolean accepting = GPOINTER_TO_INT (data);
  g_autoptr (Pipe) pipe = pipe_new (8, 2);
  SrudpEngineConfig config = { .random = test_random_fill, .random_data = pipe->rand };
  SrudpSession *sessions[2], *again;

  connect_pair (pipe, sessions);
  srudp_engine_set_accepting (pipe->engines[0], accepting);
  memcpy (config.static_secret, pipe->engines[1]->local.keys.secret, SRUDP_KEY_BYTES);
  srudp_engine_free (pipe->engines[1]);
  pipe->engines[1] = srudp_engine_new (&config, pipe->now);
  g_array_set_size (pipe->events[1], 0);

  again = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 4 * SECOND);
  g_assert_cmpint (srudp_session_get_state (sessions[0]), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (sessions[0]), ==,
                   SRUDP_REASON_PEER_RESTARTED);
  if (accepting)
    pipe_assert_connected (again, pipe_get_incoming (pipe, 0, 0));
  else
    {
      /* Not refused: the other side opens again too, and meets it. */
      sessions[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
      pipe_run (pipe, 1 * SECOND);
      pipe_assert_connected (sessions[0], again);
    }
}

/* All connections with the old process end, also when some are gone already;
 * those with others are asked nothing. */
static void
test_peer_of_many_restarts (void)
{
  enum { N_SESSIONS = 4 };
  g_autoptr (Pipe) pipe = pipe_new (23, 3);
  SrudpEngineConfig config = { .random = test_random_fill, .random_data = pipe->rand };
  SrudpSession *sessions[N_SESSIONS], *other, *again;

  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  other = pipe_open (pipe, 2, 0, PIPE_PINNED);
  for (guint i = 0; i < N_SESSIONS; i++)
    pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, SECOND);
  for (guint i = 0, n = 0; n < N_SESSIONS; i++)
    {
      guint8 key[SRUDP_KEY_BYTES];

      sessions[n] = pipe_get_incoming (pipe, 0, i);
      g_assert_nonnull (sessions[n]);
      g_assert_true (srudp_session_get_peer_key (sessions[n], key));
      n += memcmp (key, pipe->engines[1]->local.keys.public_key, SRUDP_KEY_BYTES) == 0;
    }
  srudp_session_release (sessions[0], pipe->now);
  srudp_session_close (sessions[1], pipe->now);
  pipe_run (pipe, SECOND);
  g_assert_cmpint (srudp_session_get_state (sessions[1]), ==, SRUDP_STATE_CLOSED);

  memcpy (config.static_secret, pipe->engines[1]->local.keys.secret, SRUDP_KEY_BYTES);
  srudp_engine_free (pipe->engines[1]);
  pipe->engines[1] = srudp_engine_new (&config, pipe->now);
  again = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 4 * SECOND);

  g_assert_cmpint (srudp_session_get_reason (sessions[1]), ==, SRUDP_REASON_NONE);
  for (guint i = 2; i < N_SESSIONS; i++)
    g_assert_cmpint (srudp_session_get_reason (sessions[i]), ==,
                     SRUDP_REASON_PEER_RESTARTED);
  g_assert_cmpint (srudp_session_get_state (again), ==, SRUDP_STATE_ESTABLISHED);
  g_assert_cmpint (srudp_session_get_state (other), ==, SRUDP_STATE_ESTABLISHED);
}

/* A second connection of the same process leaves the first alone. */
static void
test_second_is_no_restart (void)
{
  g_autoptr (Pipe) pipe = pipe_new (9, 2);
  SrudpSession *sessions[2], *second;

  connect_pair (pipe, sessions);
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  second = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 5 * SECOND);
  pipe_assert_connected (second, pipe_get_incoming (pipe, 0, 0));
  pipe_assert_connected (sessions[0], sessions[1]);
}

/* Many idle sessions cost one look, and all of them are served. */
static void
test_many_sessions (void)
{
  enum { N_SESSIONS = 200 };
  g_autoptr (Pipe) pipe = pipe_new (10, 2);
  SrudpSession *sessions[N_SESSIONS];

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  srudp_engine_set_backlog (pipe->engines[1], N_SESSIONS);
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      sessions[i] = pipe_open (pipe, 0, 1, PIPE_PINNED);
      pipe_run (pipe, 5 * MS);
    }
  pipe_run (pipe, 1 * SECOND);
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      g_autofree char *text = g_strdup_printf ("session %u", i);

      g_assert_cmpint (srudp_session_get_state (sessions[i]), ==,
                       SRUDP_STATE_ESTABLISHED);
      write_text (pipe, sessions[i], text);
    }
  pipe_run (pipe, 1 * SECOND);
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      SrudpSession *accepted = pipe_get_incoming (pipe, 1, i);
      g_autofree char *heard = read_text (pipe, accepted);

      g_assert_true (g_str_has_prefix (heard, "session "));
    }
  pipe_run (pipe, 40 * SECOND);
  for (guint i = 0; i < N_SESSIONS; i++)
    g_assert_cmpint (srudp_session_get_state (sessions[i]), ==,
                     SRUDP_STATE_ESTABLISHED);
}

/* The responder has heard all it needs when the initiator's NAT gives it
 * another port: its first words go nowhere. */
static PipeVerdict
move_before_first_word_cb (Pipe       *pipe,
                           PipePacket *packet,
                           gpointer    user_data)
{
  gboolean *moved = user_data;

  if (packet->from != 1 || packet->data[0] >= 0x80 || *moved)
    return PIPE_PASS;

  *moved = TRUE;
  pipe->addresses[0].port += 1000;

  return PIPE_DROP;
}

static void
test_move_before_first_word (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  gboolean moved = FALSE;
  SrudpSession *opened, *accepted;
  SrudpPath path;

  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  pipe->filter = move_before_first_word_cb;
  pipe->filter_data = &moved;
  opened = pipe_open (pipe, 0, 1, PIPE_ANYONE);
  pipe_run (pipe, 2 * SECOND);

  g_assert_true (moved);
  accepted = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (opened, accepted);
  srudp_session_get_path (accepted, &path);
  g_assert_true (srudp_address_equal (&path.remote, &pipe->addresses[0]));
}

static void
assert_refused (Pipe         *pipe,
                SrudpSession *session)
{
  SrudpSlice slice = { srudp_chunk_new (5), 0, 5 };

  g_assert_false (srudp_session_write (session, pipe->now, SRUDP_MAIN_STREAM,
                                       &slice));
  g_assert_null (slice.chunk);
  g_assert_cmpuint (slice.length, ==, 0);
}

static void
test_refused_write_keeps_nothing (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  SrudpSession *sessions[2];

  sessions[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  assert_refused (pipe, sessions[0]);
  sessions[1] = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  pipe_assert_connected (sessions[0], sessions[1]);

  srudp_session_finish (sessions[0], pipe->now, SRUDP_MAIN_STREAM);
  assert_refused (pipe, sessions[0]);
  srudp_session_close (sessions[1], pipe->now);
  assert_refused (pipe, sessions[1]);
}

typedef struct
{
  guint n_hellos;
  guint n_greased;
} Wire;

static PipeVerdict
look_at_hello (Pipe       *pipe,
               PipePacket *packet,
               gpointer    user_data)
{
  const guint plain_bytes = SRUDP_NOISE_MESSAGE_1_OVERHEAD + 2 * SRUDP_TAG_BYTES
                            + SRUDP_HELLO_FIELDS_MAX_BYTES - SRUDP_CPACE_BYTES;
  Wire *wire = user_data;

  if (packet->data[0] == SRUDP_PACKET_HELLO)
    {
      wire->n_hellos++;
      wire->n_greased += (packet->data[1] << 8 | packet->data[2]) > (int) plain_bytes;
    }

  return PIPE_PASS;
}

/* One side also speaks a later version, and both say things that the other
 * does not know. */
static void
test_later_version_with_unknown_entries (gconstpointer data)
{
  guint newer = GPOINTER_TO_UINT (data);
  g_autoptr (Pipe) pipe = pipe_new (30 + newer, 2);
  g_autofree char *heard = NULL;
  SrudpSession *sessions[2];
  Wire wire = { 0 };

  pipe->filter = look_at_hello;
  pipe->filter_data = &wire;
  pipe->engines[newer]->local.version_max = 2;
  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  sessions[0] = pipe_open (pipe, 0, 1, PIPE_PINNED);
  pipe_run (pipe, 500 * MS);
  sessions[1] = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (sessions[0], sessions[1]);
  write_text (pipe, sessions[0], "hello, stranger");
  pipe_run (pipe, 100 * MS);
  heard = read_text (pipe, sessions[1]);

  g_assert_cmpstr (heard, ==, "hello, stranger");
  g_assert_cmpuint (wire.n_hellos, >, 0);
  g_assert_cmpuint (wire.n_greased, ==, wire.n_hellos);
}

/* Each session has a few connection ids, and gives them all back. */
static void
test_network_changes_again_and_again (void)
{
  g_autoptr (Pipe) pipe = pipe_new (40, 2);
  g_autofree char *heard = NULL;
  SrudpSession *sessions[2];

  connect_pair (pipe, sessions);
  for (guint i = 0; i < 50; i++)
    {
      guint16 *port = &pipe->addresses[i % 2].port;

      *port = (guint16) (*port + 10);
      srudp_engine_on_network_change (pipe->engines[i % 2], pipe->now);
      pipe_run (pipe, SECOND);
      g_assert_cmpuint (g_hash_table_size (pipe->engines[0]->by_id), <=,
                        1 + SRUDP_MAX_LOCAL_IDS);
    }
  write_text (pipe, sessions[0], "still here");
  pipe_run (pipe, SECOND);
  heard = read_text (pipe, sessions[1]);
  g_assert_cmpstr (heard, ==, "still here");
  g_assert_cmpuint (g_hash_table_size (pipe->engines[1]->by_id), >=, 4);

  for (guint i = 0; i < 2; i++)
    srudp_session_release (sessions[i], pipe->now);
  pipe_run (pipe, 10 * SECOND);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (g_hash_table_size (pipe->engines[i]->by_id), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/talk-and-part", test_talk_and_part);
  g_test_add_func ("/session/calls-before-established", test_calls_before_established);
  g_test_add_func ("/session/release/when-done", test_release);
  g_test_add_func ("/session/release/while-opening", test_release_while_opening);
  g_test_add_func ("/session/release/no-event-after", test_no_event_after_release);
  g_test_add_func ("/session/end/giving-up-while-securing", test_giving_up_while_securing);
  g_test_add_func ("/session/end/close-engine", test_close_engine);
  g_test_add_data_func ("/session/restart/accepting", GINT_TO_POINTER (TRUE),
                        test_peer_restarts);
  g_test_add_data_func ("/session/restart/not-accepting", GINT_TO_POINTER (FALSE),
                        test_peer_restarts);
  g_test_add_func ("/session/restart/all-with-the-old-process-end",
                   test_peer_of_many_restarts);
  g_test_add_func ("/session/restart/second-is-none", test_second_is_no_restart);
  g_test_add_func ("/session/refused-write-keeps-nothing",
                   test_refused_write_keeps_nothing);
  g_test_add_func ("/session/window-of-its-own/opener",
                   test_opener_has_a_window_of_its_own);
  g_test_add_func ("/session/window-of-its-own/both-open",
                   test_both_have_a_window_of_their_own);
  g_test_add_func ("/session/move-before-first-word",
                   test_move_before_first_word);
  g_test_add_func ("/session/many", test_many_sessions);

  g_test_add_data_func ("/session/version/initiator-is-newer",
                        GUINT_TO_POINTER (0),
                        test_later_version_with_unknown_entries);
  g_test_add_data_func ("/session/version/responder-is-newer",
                        GUINT_TO_POINTER (1),
                        test_later_version_with_unknown_entries);
  g_test_add_func ("/session/network-changes-again-and-again",
                   test_network_changes_again_and_again);

  return g_test_run ();
}
